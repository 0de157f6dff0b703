package sheet

// Find looks for a sheet of paper that is lighter than what it lies on. It is a
// suggestion: the person sees it and may move each corner. False: none was found, or
// it fills the picture anyway.
//
// The picture is made small, parted into light and dark where the two differ most
// (Otsu 1979), and the corners are the outermost points of the largest light piece
// along both diagonals.
func Find(p Pixels) (Corners, bool) {
	if !p.Sane() || p.Width < 32 || p.Height < 32 {
		return Whole, false
	}
	s := shrink(p, 160)
	level, clear := otsu(s)
	if !clear {
		return Whole, false
	}
	piece := s.largest(level)
	if piece == nil {
		return Whole, false
	}
	c := s.outermost(piece)
	if !c.Sheet() || !s.filled(piece, c) {
		return Whole, false
	}
	return c, true
}

// small is a picture in shades of grey.
type small struct {
	w, h int
	grey []uint8
}

// shrink makes a picture small, each pixel the mean of those it stands for.
func shrink(p Pixels, side int) small {
	scale := max(1, max(p.Width, p.Height)/side)
	s := small{w: p.Width / scale, h: p.Height / scale}
	s.grey = make([]uint8, s.w*s.h)
	for y := range s.h {
		for x := range s.w {
			sum := 0
			for dy := range scale {
				for dx := range scale {
					sum += p.grey(x*scale+dx, y*scale+dy)
				}
			}
			s.grey[y*s.w+x] = uint8(sum / (scale * scale))
		}
	}
	return s
}

// otsu is the level that parts light from dark best; clear says that they differ.
func otsu(s small) (level int, clear bool) {
	var count [256]int
	sum := 0
	for _, g := range s.grey {
		count[g]++
		sum += int(g)
	}
	n, below, sumBelow, best := len(s.grey), 0, 0, 0.0
	var low, high float64
	for v := range 255 {
		below += count[v]
		sumBelow += v * count[v]
		if below == 0 || below == n {
			continue
		}
		dark, light := float64(sumBelow)/float64(below), float64(sum-sumBelow)/float64(n-below)
		if between := float64(below) * float64(n-below) * (light - dark) * (light - dark); between > best {
			best, level, low, high = between, v, dark, light
		}
	}
	return level, high-low > 40
}

// largest is the largest connected piece above a level, as a mark for each pixel. Nil:
// it is too small for a sheet.
func (s small) largest(level int) []bool {
	seen := make([]bool, len(s.grey))
	var best []int
	for start := range s.grey {
		if seen[start] || int(s.grey[start]) <= level {
			continue
		}
		seen[start] = true
		piece := []int{start}
		for at := 0; at < len(piece); at++ {
			for _, next := range s.beside(piece[at]) {
				if !seen[next] && int(s.grey[next]) > level {
					seen[next] = true
					piece = append(piece, next)
				}
			}
		}
		if len(piece) > len(best) {
			best = piece
		}
	}
	if len(best) < len(s.grey)/10 {
		return nil
	}
	mark := make([]bool, len(s.grey))
	for _, i := range best {
		mark[i] = true
	}
	return mark
}

// beside are the up to four pixels next to one.
func (s small) beside(i int) []int {
	list := make([]int, 0, 4)
	x, y := i%s.w, i/s.w
	if x > 0 {
		list = append(list, i-1)
	}
	if x < s.w-1 {
		list = append(list, i+1)
	}
	if y > 0 {
		list = append(list, i-s.w)
	}
	if y < s.h-1 {
		list = append(list, i+s.w)
	}
	return list
}

// outermost are the points of a piece that lie farthest out along the diagonals.
func (s small) outermost(piece []bool) Corners {
	var at [4][2]int
	var far [4]int
	first := true
	for i, in := range piece {
		if !in {
			continue
		}
		x, y := i%s.w, i/s.w
		for k, v := range [4]int{-x - y, x - y, x + y, y - x} {
			if first || v > far[k] {
				far[k], at[k] = v, [2]int{x, y}
			}
		}
		first = false
	}
	var c Corners
	for k, p := range at {
		c[k] = Point{(float64(p[0]) + edge[k].X) / float64(s.w), (float64(p[1]) + edge[k].Y) / float64(s.h)}
	}
	return c
}

// edge is the outer corner of a pixel, seen from each corner of the sheet.
var edge = Whole

// filled says whether a piece is most of what its corners enclose, and they do not
// enclose the whole picture.
func (s small) filled(piece []bool, c Corners) bool {
	in := 0
	for _, m := range piece {
		if m {
			in++
		}
	}
	area := 0.0
	for i, a := range c {
		b := c[(i+1)%4]
		area += (a.X*b.Y - b.X*a.Y) / 2
	}
	share := float64(in) / float64(len(piece))
	return share > 0.8*area && share < 1.15*area && area < 0.97
}
