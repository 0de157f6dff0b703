package e2e_test

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"testing"

	"github.com/chromedp/chromedp"

	"potli/app/scan/decode"
)

// The code on the desk's screen is the link beside it, and the reader that old telephones get can read it.
func TestDeskCode(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	desk := opensDesk(t, p, "City Clinic")
	link := desk.asks("today", "Token 12")
	desk.there("svg.qr[width]")
	b, err := chromedp.Run(desk.ctx, chromedp.Screenshot(chromedp.CSS(".qr-holder")))
	if err != nil {
		t.Fatal(err)
	}
	shot, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	side := max(shot.Bounds().Dx(), shot.Bounds().Dy())
	square := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(square, square.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(square, shot.Bounds(), shot, image.Point{}, draw.Src)
	got, err := decode.Read(square.Pix)
	if err != nil || got != link {
		t.Errorf("the code of %d pixels reads %q, %v; want %q", side, got, err, link)
	}
}
