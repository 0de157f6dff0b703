// Package sheet makes documents of paper and for paper: it finds the sheet in a photograph, straightens it, and binds pages
// into a PDF; and it writes text of any script on pages of A4. It decodes and encodes no pictures and shapes no letters (a
// browser does both better), and never looks at what a photograph shows.
package sheet

import (
	"errors"
	"math"
)

// Errors.
var (
	ErrPixels  = errors.New("not the pixels of a picture")
	ErrCorners = errors.New("the corners are not those of a sheet")
)

// MaxSide is how many pixels a picture has at a side, at most: at 210 mm a letter of
// 2 mm still has 20 of them.
const MaxSide = 2400

// Pixels is a picture: four bytes a pixel (red, green, blue, anything), row by row.
type Pixels struct {
	Width, Height int
	RGBA          []byte
}

// Sane says whether there are as many bytes as pixels, and not too many.
func (p Pixels) Sane() bool {
	return p.Width > 0 && p.Height > 0 && p.Width <= MaxSide && p.Height <= MaxSide && len(p.RGBA) == 4*p.Width*p.Height
}

// Point is a place in a picture: 0, 0 is its upper left and 1, 1 its lower right.
type Point struct{ X, Y float64 }

// Corners of a sheet: upper left, upper right, lower right, lower left, as it is to be read.
type Corners [4]Point

// Whole are the corners of the picture itself.
var Whole = Corners{{0, 0}, {1, 0}, {1, 1}, {0, 1}}

// sides of a sheet are a twentieth of the picture at least: what is smaller was a slip.
const least = 0.05

// Sheet says whether c goes once around something that has four sides, clockwise.
func (c Corners) Sheet() bool {
	for i, a := range c {
		b, d := c[(i+1)%4], c[(i+2)%4]
		if !(a.X >= 0 && a.X <= 1 && a.Y >= 0 && a.Y <= 1) {
			return false // also what is no number
		}
		if math.Hypot(b.X-a.X, b.Y-a.Y) < least {
			return false
		}
		if (b.X-a.X)*(d.Y-b.Y)-(b.Y-a.Y)*(d.X-b.X) <= 0 {
			return false
		}
	}
	return true
}

// Turned are the corners of the same sheet, read after a quarter turn to the right:
// what was lower left is upper left.
func (c Corners) Turned() Corners { return Corners{c[3], c[0], c[1], c[2]} }

// Straighten returns what lies between the corners as if it had been photographed from
// straight above. Its sides are as long as the longer ones of the sheet were in the
// picture. Errors: ErrPixels, ErrCorners.
func Straighten(p Pixels, c Corners) (Pixels, error) {
	if !p.Sane() {
		return Pixels{}, ErrPixels
	}
	if !c.Sheet() {
		return Pixels{}, ErrCorners
	}
	for i := range c {
		c[i].X *= float64(p.Width)
		c[i].Y *= float64(p.Height)
	}
	out := Pixels{Width: side(c[0], c[1], c[3], c[2]), Height: side(c[0], c[3], c[1], c[2])}
	out.RGBA = make([]byte, 4*out.Width*out.Height)
	m := squareTo(c)
	for y := range out.Height {
		for x := range out.Width {
			at := m.of((float64(x)+.5)/float64(out.Width), (float64(y)+.5)/float64(out.Height))
			p.blend(at.X-.5, at.Y-.5, out.RGBA[4*(y*out.Width+x):])
		}
	}
	return out, nil
}

// side is the length in pixels of the longer of two opposite sides.
func side(a, b, c, d Point) int {
	long := max(math.Hypot(b.X-a.X, b.Y-a.Y), math.Hypot(d.X-c.X, d.Y-c.Y))
	return min(max(int(math.Round(long)), 1), MaxSide)
}

// blend writes the colour between four pixels.
func (p Pixels) blend(x, y float64, to []byte) {
	x, y = min(max(x, 0), float64(p.Width-1)), min(max(y, 0), float64(p.Height-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, p.Width-1), min(y0+1, p.Height-1)
	fx, fy := int(256*(x-float64(x0))), int(256*(y-float64(y0)))
	a, b := p.RGBA[4*(y0*p.Width+x0):], p.RGBA[4*(y0*p.Width+x1):]
	c, d := p.RGBA[4*(y1*p.Width+x0):], p.RGBA[4*(y1*p.Width+x1):]
	for i := range 3 {
		above := int(a[i])*(256-fx) + int(b[i])*fx
		below := int(c[i])*(256-fx) + int(d[i])*fx
		to[i] = byte((above*(256-fy) + below*fy + 1<<15) >> 16)
	}
	to[3] = 255
}

// projection takes the unit square to a quadrilateral.
type projection struct{ a, b, c, d, e, f, g, h float64 }

// squareTo is the projection that takes the corners of the unit square to those of q.
// Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), section 2.2.3.
func squareTo(q Corners) projection {
	sx := q[0].X - q[1].X + q[2].X - q[3].X
	sy := q[0].Y - q[1].Y + q[2].Y - q[3].Y
	dx1, dx2 := q[1].X-q[2].X, q[3].X-q[2].X
	dy1, dy2 := q[1].Y-q[2].Y, q[3].Y-q[2].Y
	den := dx1*dy2 - dx2*dy1 // not 0: Corners.Sheet
	g, h := (sx*dy2-dx2*sy)/den, (dx1*sy-sx*dy1)/den
	return projection{
		a: q[1].X - q[0].X + g*q[1].X, b: q[3].X - q[0].X + h*q[3].X, c: q[0].X,
		d: q[1].Y - q[0].Y + g*q[1].Y, e: q[3].Y - q[0].Y + h*q[3].Y, f: q[0].Y,
		g: g, h: h,
	}
}

func (m projection) of(x, y float64) Point {
	w := m.g*x + m.h*y + 1
	return Point{(m.a*x + m.b*y + m.c) / w, (m.d*x + m.e*y + m.f) / w}
}

// Brighten takes shadows off a page: what is as light as the paper around it becomes
// white, and ink keeps its colour. The picture is changed in place. Error: ErrPixels.
func Brighten(p Pixels) error {
	if !p.Sane() {
		return ErrPixels
	}
	const cells = 32
	light := p.lights(cells)
	for y := range p.Height {
		for x := range p.Width {
			i := 4 * (y*p.Width + x)
			l := max(between(light, cells, float64(x)/float64(p.Width), float64(y)/float64(p.Height)), 40)
			for j := range 3 {
				p.RGBA[i+j] = byte(min(int(p.RGBA[i+j])*248/l, 255))
			}
		}
	}
	return nil
}

// lights is how light the paper is in each cell: what nine tenths of it do not exceed,
// smoothed with the cells around it, since a cell may be all ink.
func (p Pixels) lights(cells int) []int {
	raw := make([]int, cells*cells)
	for cy := range cells {
		for cx := range cells {
			var count [256]int
			n := 0
			for y := cy * p.Height / cells; y < (cy+1)*p.Height/cells; y += 2 {
				for x := cx * p.Width / cells; x < (cx+1)*p.Width/cells; x += 2 {
					count[p.grey(x, y)]++
					n++
				}
			}
			raw[cy*cells+cx] = quantile(&count, n*9/10)
		}
	}
	smooth := make([]int, len(raw))
	for cy := range cells {
		for cx := range cells {
			best := 0
			for y := max(cy-1, 0); y <= min(cy+1, cells-1); y++ {
				for x := max(cx-1, 0); x <= min(cx+1, cells-1); x++ {
					best = max(best, raw[y*cells+x])
				}
			}
			smooth[cy*cells+cx] = best
		}
	}
	return smooth
}

func quantile(count *[256]int, n int) int {
	for v, c := range count {
		if n -= c; n < 0 {
			return v
		}
	}
	return 255
}

// between is the light at a place, blended from the middles of the cells around it.
func between(light []int, cells int, x, y float64) int {
	fx, fy := min(max(x*float64(cells)-.5, 0), float64(cells-1)), min(max(y*float64(cells)-.5, 0), float64(cells-1))
	x0, y0 := int(fx), int(fy)
	x1, y1 := min(x0+1, cells-1), min(y0+1, cells-1)
	fx, fy = fx-float64(x0), fy-float64(y0)
	above := float64(light[y0*cells+x0])*(1-fx) + float64(light[y0*cells+x1])*fx
	below := float64(light[y1*cells+x0])*(1-fx) + float64(light[y1*cells+x1])*fx
	return int(above*(1-fy) + below*fy)
}

// grey is how light a pixel is, 0 to 255.
func (p Pixels) grey(x, y int) int {
	i := 4 * (y*p.Width + x)
	return (299*int(p.RGBA[i]) + 587*int(p.RGBA[i+1]) + 114*int(p.RGBA[i+2])) / 1000
}
