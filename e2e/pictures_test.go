package e2e_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pictured is what README shows: pages of the sample family, side by side, as a phone has them.
var pictured = map[string][]struct {
	place, waits string
	look         look
}{
	"family": {
		{"/", "#timeline .group", look{"", "en", "light", 360, 0, 16}},
		{"/add", "main a", look{"", "ta", "light", 360, 0, 16}},
		{"/counter", "#counter-show", look{"", "hi", "dark", 360, 0, 16}},
	},
}

// TestPictures makes the pictures of README anew, in e2e/shots, and in .docs where POTLI_GOLDEN=write asks for it; and README
// names no other.
func TestPictures(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.there("#try")
	w.click("#try")
	w.there("#timeline .group")
	for name, pages := range pictured {
		var side []image.Image
		for _, at := range pages {
			w.wear(at.look)
			w.to("/settings")
			w.speak(at.look.lang)
			w.to(at.place)
			w.there(at.waits)
			js[bool](w, `(scrollTo(0, 0), true)`)
			shot, err := png.Decode(bytes.NewReader(w.picture("readme-" + name)))
			if err != nil {
				t.Fatal(err)
			}
			side = append(side, shot)
		}
		var file bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, beside(side)); err != nil {
			t.Fatal(err)
		}
		folders := []string{"shots"}
		if os.Getenv("POTLI_GOLDEN") == "write" {
			folders = append(folders, "../.docs")
		}
		for _, folder := range folders {
			if err := os.WriteFile(filepath.Join(folder, name+".png"), file.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.quiet()
}

// beside puts pictures next to each other, with a gap that is see-through.
func beside(pictures []image.Image) image.Image {
	const gap = 16
	var size image.Point
	for _, p := range pictures {
		size.X += p.Bounds().Dx() + gap
		size.Y = max(size.Y, p.Bounds().Dy())
	}
	out := image.NewNRGBA(image.Rect(0, 0, size.X-gap, size.Y))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Transparent), image.Point{}, draw.Src)
	x := 0
	for _, p := range pictures {
		draw.Draw(out, p.Bounds().Sub(p.Bounds().Min).Add(image.Pt(x, 0)), p, p.Bounds().Min, draw.Src)
		x += p.Bounds().Dx() + gap
	}
	return out
}

// TestPicturesOfReadme: each picture that README shows is one that TestPictures makes, lies there, and is small.
func TestPicturesOfReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`!\[[^\]]+\]\(([^)]+)\)`).FindAllSubmatch(text, -1)
	if len(shown) != len(pictured) {
		t.Errorf("README shows %d pictures, the test makes %d", len(shown), len(pictured))
	}
	for _, s := range shown {
		place := string(s[1])
		name, made := strings.CutPrefix(strings.TrimSuffix(place, ".png"), ".docs/")
		if _, known := pictured[name]; !made || !known {
			t.Errorf("%s is made by no test", place)
		}
		if info, err := os.Stat("../" + place); err != nil || info.Size() > 400<<10 {
			t.Errorf("%s: %v, or more than 400 KiB", place, err)
		}
	}
}
