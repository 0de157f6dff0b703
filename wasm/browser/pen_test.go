//go:build js

package browser_test

import (
	"testing"

	"potli/app/wallet"
	"potli/wasm/browser"
)

// Where there is no canvas there is no pen, and nobody is told that there is one.
func TestNoPen(t *testing.T) {
	if browser.OnPage() {
		t.Skip("a page has a canvas")
	}
	if p := browser.NewPen(); p != nil {
		t.Errorf("a pen without a canvas: %v", p)
	}
}

// What the pen draws is black on white, where it was to stand and as wide as it said; letters of India are joined.
func TestPenDraws(t *testing.T) {
	onPage(t)
	p := browser.NewPen()
	if p == nil {
		t.Fatal("no pen")
	}
	const scale = 2.0
	word := wallet.Run{Text: "क्षत्रिय दवा", X: 20, Y: 40, Size: 12}
	word.Width = p.Width(word.Text, word.Size, false)
	if twice := p.Width(word.Text, 2*word.Size, false); word.Width < 20 || word.Width > 120 || twice < 1.9*word.Width || twice > 2.1*word.Width {
		t.Errorf("%.1f points wide, %.1f at twice the size", word.Width, twice)
	}
	if joined, apart := p.Width("क्ष", 12, false), p.Width("क", 12, false)+p.Width("ष", 12, false); joined >= apart {
		t.Errorf("क्ष is %.1f wide, its letters %.1f: not joined", joined, apart)
	}
	const w, h = 400, 120
	grey, err := p.Draw(w, h, scale, []wallet.Run{word})
	if err != nil || len(grey) != w*h {
		t.Fatalf("%d pixels, %v", len(grey), err)
	}
	dark := 0
	for i, g := range grey {
		x, y := float64(i%w)/scale, float64(i/w)/scale
		if g < 128 {
			dark++
			if x < word.X-2 || x > word.X+word.Width+2 || y < word.Y-14 || y > word.Y+6 {
				t.Fatalf("ink at %.0f, %.0f", x, y)
			}
		}
	}
	if dark < 100 {
		t.Errorf("%d dark pixels", dark)
	}
}
