// Package scantest draws codes as a camera sees them: turned, tilted, dim, in
// shadow, out of focus, grainy. The tests of the decoder look at such pictures,
// and those of the whole scanner hold a film of them in front of a browser.
package scantest

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"potli/app/qr"
)

// Pose is how a code is held in front of the camera, and how good that one is.
type Pose struct {
	Fill   float64 // of the picture's shorter side that the code with its border takes; 0: 0.7
	Turn   float64 // degrees in the plane of the picture
	Tilt   float64 // degrees away from the camera, which is two widths off
	Ink    uint8   // how light the black is
	Paper  uint8   // how dark the white is; 0: white
	Shadow float64 // of the light that is missing at the right edge
	Blur   int     // radius in pixels
	Grain  float64 // standard deviation of the noise
	Seed   uint64  // of the noise
}

// Draw takes one picture.
func Draw(c qr.Code, width, height int, p Pose) *image.Gray {
	if p.Fill == 0 {
		p.Fill = 0.7
	}
	if p.Paper == 0 {
		p.Paper = 255
	}
	m := image.NewGray(image.Rect(0, 0, width, height))
	look := p.camera(c, width, height)
	for y := range height {
		for x := range width {
			light := 1 - p.Shadow*float64(x)/float64(width)
			m.SetGray(x, y, color.Gray{Y: uint8(light * look(float64(x), float64(y)))})
		}
	}
	return grain(blur(m, p.Blur), p)
}

// camera returns what a pixel sees: the mean of four rays through it, each from
// the eye to the sheet on which the code stands.
func (p Pose) camera(c qr.Code, width, height int) func(x, y float64) float64 {
	const away = 2.0 // widths of the code
	scale := p.Fill * float64(min(width, height)) * away
	sinR, cosR := math.Sincos(p.Turn * math.Pi / 180)
	sinT, cosT := math.Sincos(p.Tilt * math.Pi / 180)
	ray := func(x, y float64) float64 {
		dx, dy := (x-float64(width)/2)/scale, (y-float64(height)/2)/scale
		reach := away * cosT / (cosT - dy*sinT)
		px, py, pz := reach*dx, reach*dy, reach-away
		along := py*cosT + pz*sinT
		return p.sheet(c, px*cosR+along*sinR+0.5, along*cosR-px*sinR+0.5)
	}
	return func(x, y float64) float64 {
		return (ray(x-.25, y-.25) + ray(x+.25, y-.25) + ray(x-.25, y+.25) + ray(x+.25, y+.25)) / 4
	}
}

// sheet is the grey of a point of the sheet; the code with its border is 0 to 1.
// What lies around it is a table.
func (p Pose) sheet(c qr.Code, u, v float64) float64 {
	if u < 0 || v < 0 || u >= 1 || v >= 1 {
		return float64(p.Ink) + float64(p.Paper-p.Ink)*(0.45+0.1*math.Sin(7*u)*math.Cos(5*v))
	}
	x, y := int(u*float64(c.Size()))-qr.Quiet, int(v*float64(c.Size()))-qr.Quiet
	if x >= 0 && y >= 0 && x < len(c.Modules) && y < len(c.Modules) && c.Modules[y][x] {
		return float64(p.Ink)
	}
	return float64(p.Paper)
}

// blur is the mean over a square.
func blur(m *image.Gray, radius int) *image.Gray {
	if radius == 0 {
		return m
	}
	b := m.Bounds()
	out := image.NewGray(b)
	for y := range b.Dy() {
		for x := range b.Dx() {
			sum, n := 0, 0
			for j := max(0, y-radius); j <= min(b.Dy()-1, y+radius); j++ {
				for i := max(0, x-radius); i <= min(b.Dx()-1, x+radius); i++ {
					sum += int(m.Pix[j*m.Stride+i])
					n++
				}
			}
			out.Pix[y*out.Stride+x] = uint8(sum / n)
		}
	}
	return out
}

func grain(m *image.Gray, p Pose) *image.Gray {
	if p.Grain == 0 {
		return m
	}
	r := rand.New(rand.NewPCG(p.Seed, 1))
	for i, v := range m.Pix {
		m.Pix[i] = uint8(min(255, max(0, float64(v)+r.NormFloat64()*p.Grain)))
	}
	return m
}

// RGBA is a picture as a canvas hands it out: its middle square.
func RGBA(m *image.Gray) []byte {
	b := m.Bounds()
	side := min(b.Dx(), b.Dy())
	left, top := (b.Dx()-side)/2, (b.Dy()-side)/2
	out := make([]byte, 0, 4*side*side)
	for y := range side {
		for x := range side {
			v := m.Pix[(top+y)*m.Stride+left+x]
			out = append(out, v, v, v, 255)
		}
	}
	return out
}
