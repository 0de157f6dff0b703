//go:build js

package browser_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"syscall/js"
	"testing"

	"potli/wasm/browser"
)

func photo(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			m.Set(x, y, color.RGBA{uint8(x), uint8(y), 128, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a PNG that says it is w by h and holds next to nothing.
func bomb(w, h uint32) []byte {
	ihdr := append([]byte("IHDR"), 0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0)
	binary.BigEndian.PutUint32(ihdr[4:], w)
	binary.BigEndian.PutUint32(ihdr[8:], h)
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	b = append(b, ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

func TestPictureRefuses(t *testing.T) {
	var d browser.Device
	for name, b := range map[string][]byte{
		"nothing":     nil,
		"svg":         []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"gif":         []byte("GIF89a\x01\x00\x01\x00"),
		"html":        []byte("<!doctype html>"),
		"png bomb":    bomb(60000, 60000),
		"overflow":    bomb(0xffffffff, 0xffffffff),
		"no width":    bomb(0, 10),
		"half a png":  []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIH"),
		"jpeg header": {0xff, 0xd8, 0xff, 0xe0, 0, 16},
		"jpeg loop":   append([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 0}, make([]byte, 64)...),
		"webp header": []byte("RIFF\x00\x00\x00\x00WEBPVP8 "),
	} {
		if url, release, err := d.Picture(t.Context(), b); !errors.Is(err, browser.ErrPicture) || url != "" || release == nil {
			t.Errorf("%s: got %q, %v; want ErrPicture", name, url, err)
		}
		if got, err := d.Portrait(t.Context(), b); !errors.Is(err, browser.ErrPicture) || got != nil {
			t.Errorf("%s as a portrait: got %d bytes, %v; want ErrPicture", name, len(got), err)
		}
	}
}

func FuzzPictureHeader(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03"))
	f.Add(bomb(1, 1))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if browser.OnPage() {
			t.Skip("only the header is of interest")
		}
		var d browser.Device
		d.Picture(t.Context(), b) // must not panic; without a page it always ends in an error
	})
}

// What is shown was drawn by us: other bytes, the same picture, no metadata.
func TestPictureIsDrawnAnew(t *testing.T) {
	onPage(t)
	var d browser.Device
	jpg := photo(t, 320, 200)
	exif := "Exif\x00\x00CANARY-GPS"
	marked := append([]byte("\xff\xd8\xff\xe1\x00"+string(rune(len(exif)+2))+exif), jpg[2:]...)
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewNRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	webp, _ := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	for name, c := range map[string]struct {
		b       []byte
		w, h    int
		typ     string
		maximum int
	}{
		"jpeg":  {marked, 320, 200, "image/jpeg", 0},
		"png":   {buf.Bytes(), 40, 30, "image/png", 0},
		"webp":  {webp, 1, 1, "image/png", 0},
		"large": {photo(t, 4000, 100), 3000, 75, "image/jpeg", 0},
	} {
		t.Run(name, func(t *testing.T) {
			url, release, err := d.Picture(t.Context(), c.b)
			if err != nil || !strings.HasPrefix(url, "blob:") {
				t.Fatalf("got %q, %v", url, err)
			}
			typ, got := blob(t, url)
			if typ != c.typ || bytes.Contains(got, []byte("CANARY")) {
				t.Errorf("got type %s, canary %v", typ, bytes.Contains(got, []byte("CANARY")))
			}
			m, _, err := image.DecodeConfig(bytes.NewReader(got))
			if err != nil || m.Width != c.w || m.Height != c.h {
				t.Errorf("got %dx%d, %v; want %dx%d", m.Width, m.Height, err, c.w, c.h)
			}
			release()
			release()
		})
	}
}

// What is kept of a photo is its middle, square and small, whatever came in.
func TestPortraitIsSquare(t *testing.T) {
	onPage(t)
	var d browser.Device
	var clear bytes.Buffer
	if err := png.Encode(&clear, image.NewNRGBA(image.Rect(0, 0, 40, 90))); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"wide": photo(t, 640, 200), "high": photo(t, 200, 640), "tiny": photo(t, 3, 2), "large": photo(t, 4000, 3000), "transparent": clear.Bytes()} {
		got, err := d.Portrait(t.Context(), b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m, format, err := image.Decode(bytes.NewReader(got))
		if err != nil || format != "jpeg" || m.Bounds() != image.Rect(0, 0, 320, 320) || len(got) > 128<<10 {
			t.Errorf("%s: %s of %d bytes, %v", name, format, len(got), err)
			continue
		}
		if r, g, b, _ := m.At(160, 160).RGBA(); name == "transparent" && min(r, g, b) < 0xf000 {
			t.Errorf("what is transparent became %x %x %x", r, g, b)
		}
	}
}

// blob returns what a blob: URL stands for. The page's policy lets nothing read
// such an address but an image, so probe.js keeps the objects.
func blob(t *testing.T, url string) (typ string, b []byte) {
	t.Helper()
	v := js.Global().Call("blobOf", url)
	if !v.Truthy() {
		t.Fatal("no such blob")
	}
	done := make(chan []byte, 1)
	v.Call("arrayBuffer").Call("then", function(t, func(_ js.Value, args []js.Value) any {
		a := js.Global().Get("Uint8Array").New(args[0])
		b := make([]byte, a.Length())
		js.CopyBytesToGo(b, a)
		done <- b
		return nil
	}))
	return v.Get("type").String(), <-done
}
