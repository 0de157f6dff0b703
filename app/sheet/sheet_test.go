package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"potli/app/sheet"
)

// table is a dark picture with a light sheet on it, lit unevenly, with a black mark near
// the sheet's upper left.
func table(w, h int, c sheet.Corners) sheet.Pixels {
	p := sheet.Pixels{Width: w, Height: h, RGBA: make([]byte, 4*w*h)}
	for y := range h {
		for x := range w {
			at := sheet.Point{X: (float64(x) + .5) / float64(w), Y: (float64(y) + .5) / float64(h)}
			v := 40 + (x*7+y*13)%23
			if inside(c, at) {
				v = 190 + 50*x/w
			}
			if mark := (sheet.Point{X: c[0].X + .06, Y: c[0].Y + .06}); math.Hypot(at.X-mark.X, at.Y-mark.Y) < .02 {
				v = 10
			}
			for j := range 3 {
				p.RGBA[4*(y*w+x)+j] = byte(v)
			}
			p.RGBA[4*(y*w+x)+3] = 255
		}
	}
	return p
}

func inside(c sheet.Corners, p sheet.Point) bool {
	for i, a := range c {
		b := c[(i+1)%4]
		if (b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X) < 0 {
			return false
		}
	}
	return true
}

var slanted = sheet.Corners{{X: .2, Y: .12}, {X: .85, Y: .2}, {X: .8, Y: .9}, {X: .12, Y: .8}}

func TestFind(t *testing.T) {
	for name, c := range map[string]sheet.Corners{
		"slanted": slanted, "straight": {{X: .1, Y: .1}, {X: .9, Y: .1}, {X: .9, Y: .9}, {X: .1, Y: .9}},
		"small": {{X: .3, Y: .3}, {X: .75, Y: .32}, {X: .7, Y: .8}, {X: .28, Y: .78}},
	} {
		got, ok := sheet.Find(table(900, 1200, c))
		if !ok {
			t.Errorf("%s: nothing found", name)
			continue
		}
		for i := range c {
			if math.Hypot(got[i].X-c[i].X, got[i].Y-c[i].Y) > .03 {
				t.Errorf("%s: corner %d at %v, not %v", name, i, got[i], c[i])
			}
		}
	}
	plain := table(400, 400, sheet.Corners{{X: .5, Y: .5}, {X: .51, Y: .5}, {X: .51, Y: .51}, {X: .5, Y: .51}})
	if c, ok := sheet.Find(plain); ok {
		t.Errorf("found %v on a bare table", c)
	}
	if c, ok := sheet.Find(table(400, 400, sheet.Whole)); ok {
		t.Errorf("found %v where all is paper", c)
	}
	if _, ok := sheet.Find(sheet.Pixels{Width: 100, Height: 100}); ok {
		t.Error("found a sheet in no picture")
	}
}

func TestStraighten(t *testing.T) {
	in := table(900, 1200, slanted)
	out, err := sheet.Straighten(in, slanted)
	if err != nil {
		t.Fatal(err)
	}
	if want := int(math.Round(math.Hypot(.68*900, .1*1200))); math.Abs(float64(out.Width-want)) > 2 {
		t.Errorf("%d wide, want %d", out.Width, want)
	}
	dark := 0
	for y := range out.Height {
		for x := range out.Width {
			border := x < 3 || y < 3 || x > out.Width-4 || y > out.Height-4
			if v := out.RGBA[4*(y*out.Width+x)]; !border && v < 150 {
				dark++
				if x > out.Width/3 || y > out.Height/3 {
					t.Fatalf("dark at %d, %d of %d × %d: not the sheet", x, y, out.Width, out.Height)
				}
			}
		}
	}
	if dark == 0 {
		t.Error("the mark is gone")
	}
	// Upside down, the mark is at the lower right.
	turned, err := sheet.Straighten(in, slanted.Turned().Turned())
	if err != nil || turned.Width != out.Width || turned.Height != out.Height {
		t.Fatal(turned.Width, turned.Height, err)
	}
	for y := range turned.Height / 2 {
		for x := 3; x < turned.Width-3; x++ {
			if y > 3 && turned.RGBA[4*(y*turned.Width+x)] < 150 {
				t.Fatalf("dark at %d, %d after two turns", x, y)
			}
		}
	}
}

// TestStraightenWhole: the corners of the picture give the picture, pixel by pixel.
func TestStraightenWhole(t *testing.T) {
	in := table(64, 48, slanted)
	out, err := sheet.Straighten(in, sheet.Whole)
	if err != nil || out.Width != 64 || out.Height != 48 || !bytes.Equal(out.RGBA, in.RGBA) {
		t.Errorf("%d × %d, %v", out.Width, out.Height, err)
	}
}

func TestStraightenRefuses(t *testing.T) {
	good := table(64, 48, slanted)
	nan := math.NaN()
	for name, c := range map[string]sheet.Corners{
		"crossed": {{0, 0}, {1, 1}, {1, 0}, {0, 1}}, "the other way round": {{0, 0}, {0, 1}, {1, 1}, {1, 0}},
		"a point": {{.5, .5}, {.5, .5}, {.5, .5}, {.5, .5}}, "a line": {{0, 0}, {.5, .5}, {1, 1}, {.2, .2}},
		"outside": {{-1, 0}, {1, 0}, {1, 1}, {0, 1}}, "no number": {{nan, 0}, {1, 0}, {1, 1}, {0, 1}}, "dented": {{0, 0}, {1, 0}, {.1, .1}, {0, 1}},
	} {
		if _, err := sheet.Straighten(good, c); !errors.Is(err, sheet.ErrCorners) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, p := range map[string]sheet.Pixels{
		"nothing": {}, "short": {Width: 4, Height: 4, RGBA: make([]byte, 63)}, "huge": {Width: 1 << 20, Height: 1 << 20}, "negative": {Width: -1, Height: -1, RGBA: make([]byte, 4)},
	} {
		if _, err := sheet.Straighten(p, sheet.Whole); !errors.Is(err, sheet.ErrPixels) {
			t.Errorf("%s: %v", name, err)
		}
		if err := sheet.Brighten(p); !errors.Is(err, sheet.ErrPixels) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBrighten(t *testing.T) {
	p := table(600, 800, sheet.Whole)
	if err := sheet.Brighten(p); err != nil {
		t.Fatal(err)
	}
	for _, x := range []int{20, 300, 580} {
		if v := p.RGBA[4*(400*600+x)]; v < 240 {
			t.Errorf("paper at %d is %d", x, v)
		}
	}
	if v := p.RGBA[4*(48*600+36)]; v > 40 {
		t.Errorf("ink is %d", v)
	}
}

func picture(t testing.TB, w, h int, grey bool) []byte {
	t.Helper()
	var m image.Image = image.NewGray(image.Rect(0, 0, w, h))
	if !grey {
		c := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range c.Pix {
			c.Pix[i] = byte(i * 7)
		}
		c.Set(0, 0, color.White)
		m = c
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBind(t *testing.T) {
	pages := [][]byte{picture(t, 300, 400, false), picture(t, 400, 300, true)}
	b, err := sheet.Bind("रिपोर्ट (2)", pages)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range pages {
		if !bytes.Contains(b, p) {
			t.Errorf("page %d is not there as it was", i)
		}
	}
	text := string(b)
	for _, want := range []string{"/Count 2", "/DeviceRGB", "/DeviceGray", "/MediaBox [ 0 0 595.28 841.89 ]", "/MediaBox [ 0 0 841.89 595.28 ]", "<FEFF0930093F"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	// The table of what lies where is right: readers go by it.
	xref, _ := strconv.Atoi(regexp.MustCompile(`startxref\n(\d+)`).FindStringSubmatch(text)[1])
	rows := strings.Split(text[xref:], "\n")[2:]
	for i, row := range rows {
		if !strings.HasSuffix(row, " n ") {
			if i < 10 && !strings.HasSuffix(row, " f ") {
				break
			}
			continue
		}
		at, _ := strconv.Atoi(row[:10])
		if want := fmt.Sprintf("%d 0 obj\n", i); !strings.HasPrefix(text[at:], want) {
			t.Errorf("object %d is not at %d", i, at)
		}
	}
	again, _ := sheet.Bind("रिपोर्ट (2)", pages)
	if !bytes.Equal(b, again) {
		t.Error("the same pages give other bytes")
	}
}

func TestBindRefuses(t *testing.T) {
	good := picture(t, 30, 40, false)
	for name, pages := range map[string][][]byte{
		"none": nil, "empty": {nil}, "no JPEG": {[]byte("%PDF-1.4")}, "cut": {good[:12]}, "one is bad": {good, []byte("x")},
		"CMYK": {bytes.Replace(good, []byte{0x11, 0x08, 0, 40, 0, 30, 3}, []byte{0x11, 0x08, 0, 40, 0, 30, 4}, 1)},
	} {
		if _, err := sheet.Bind("t", pages); !errors.Is(err, sheet.ErrJPEG) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzBind(f *testing.F) {
	f.Add(picture(f, 3, 4, false))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xff, 0xff, 0xc0, 0, 17, 8, 0, 1, 0, 1, 3})
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := sheet.Bind("t", [][]byte{b})
		if (err == nil) != (out != nil) {
			t.Error("half a result")
		}
	})
}

func FuzzStraighten(f *testing.F) {
	f.Add(0., 0., 1., 0., 1., 1., 0., 1.)
	f.Add(.2, .1, .8, .2, .9, .9, .1, .8)
	f.Add(math.Inf(1), 0., 1., 0., 1., 1., 0., 1.)
	p := table(40, 30, slanted)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i float64) {
		out, err := sheet.Straighten(p, sheet.Corners{{a, b}, {c, d}, {e, g}, {h, i}})
		if err == nil && !out.Sane() {
			t.Errorf("%d × %d", out.Width, out.Height)
		}
	})
}

func BenchmarkStraighten(b *testing.B) {
	p := table(1800, 2400, slanted)
	for b.Loop() {
		if _, err := sheet.Straighten(p, slanted); err != nil {
			b.Fatal(err)
		}
	}
}
