package qr_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"potli/app/qr"
	"potli/app/share"
)

// link returns a link with a url of n characters and a label of m.
func link(n, m int) share.Link {
	base := "https://relay.example.org/l/"
	return share.Link{URL: base + strings.Repeat("x", n-len(base)), Key: bytes.Repeat([]byte{7}, 32), Flag: "U",
		Expires: time.Unix(1_790_000_000, 0), Label: strings.Repeat("l", m)}
}

// The table of smart-health.md §6: what a link of a given length needs at level M.
func TestVersions(t *testing.T) {
	viewer := "https://viewer.example.org/#" // 28 characters
	for _, c := range []struct {
		name    string
		text    string
		version int
	}{
		{"259 characters", "shlink:/" + strings.Repeat("a", 251), 12},
		{"288 characters, prefixed", viewer + "shlink:/" + strings.Repeat("a", 252), 13},
		{"420 characters", "shlink:/" + strings.Repeat("a", 412), 16},
		{"449 characters, prefixed", viewer + "shlink:/" + strings.Repeat("a", 413), 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := qr.Encode(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got.Version != c.version {
				t.Errorf("version %d, want %d", got.Version, c.version)
			}
			if want := 17 + 4*c.version; len(got.Modules) != want {
				t.Errorf("%d modules, want %d", len(got.Modules), want)
			}
		})
	}
}

// Q2: the code at the counter stays within version 13; Q3: its modules are at least 4 CSS pixels wide at 360.
func TestQ2CounterCode(t *testing.T) {
	l := link(len("https://relay.potli.example/l/")+43, 20)
	c, err := qr.Encode(l.Prefixed("https://clinic.potli.example/"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Version > 13 {
		t.Errorf("version %d is more than poor cameras read", c.Version)
	}
	if width := 360 / float64(c.Size()); width < 4 {
		t.Errorf("a module is %.1f px wide", width)
	}
}

// The longest link that may be written still makes a code.
func TestLongestLegalLink(t *testing.T) {
	l := link(share.MaxURL, share.MaxLabel)
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	if c, err := qr.Encode(l.Prefixed("https://viewer.example.org/")); err != nil || c.Version > 17 {
		t.Errorf("version %d, %v", c.Version, err)
	}
}

func TestTooLong(t *testing.T) {
	if _, err := qr.Encode(strings.Repeat("a", 2332)); !errors.Is(err, qr.ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
}

// A request of a clinic is up to 1,800 characters long; on a screen of 700 pixels a module of it is 4 of them wide.
func TestLongRequest(t *testing.T) {
	c, err := qr.EncodeLong("https://viewer.example.org/ask#" + strings.Repeat("eyJh", 442))
	if err != nil || c.Version > 31 {
		t.Errorf("version %d, %v", c.Version, err)
	}
	if m, err := qr.Encode(strings.Repeat("eyJh", 450)); err != nil || m.Version <= c.Version {
		t.Errorf("level M has version %d, %v", m.Version, err)
	}
	if _, err := qr.EncodeLong(strings.Repeat("a", 2954)); !errors.Is(err, qr.ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
}

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// draw rasterises the path, independently of the modules.
func draw(t *testing.T, c qr.Code) *image.Gray {
	t.Helper()
	const scale = 6
	img := image.NewGray(image.Rect(0, 0, c.Size()*scale, c.Size()*scale))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	path := c.Path()
	if rest := run.ReplaceAllString(path, ""); rest != "" {
		t.Fatalf("not understood in the path: %q", rest)
	}
	for _, m := range run.FindAllStringSubmatch(path, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		w, _ := strconv.Atoi(m[3])
		if m[3] != m[4] {
			t.Fatalf("a run that does not close: %s", m[0])
		}
		for py := y * scale; py < (y+1)*scale; py++ {
			for px := x * scale; px < (x+w)*scale; px++ {
				img.SetGray(px, py, color.Gray{})
			}
		}
	}
	return img
}

// Q1: a quiet zone of four modules on all sides, and black right behind it in the corners that have a finder.
func TestQ1QuietZone(t *testing.T) {
	c, err := qr.Encode(link(73, 10).String())
	if err != nil {
		t.Fatal(err)
	}
	img := draw(t, c)
	b := img.Bounds()
	quiet := 4 * 6
	for y := range b.Dy() {
		for x := range b.Dx() {
			inside := x >= quiet && y >= quiet && x < b.Dx()-quiet && y < b.Dy()-quiet
			if !inside && img.GrayAt(x, y).Y == 0 {
				t.Fatalf("black at %d,%d in the quiet zone", x, y)
			}
		}
	}
	for _, p := range []image.Point{{quiet, quiet}, {b.Dx() - quiet - 1, quiet}, {quiet, b.Dy() - quiet - 1}} {
		if img.GrayAt(p.X, p.Y).Y != 0 {
			t.Errorf("no finder at %v", p)
		}
	}
}

func TestScanned(t *testing.T) {
	zbarimg, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg is not installed (package zbar-tools)")
	}
	for _, l := range []share.Link{link(73, 0), link(73, 20), link(share.MaxURL, share.MaxLabel)} {
		want := l.Prefixed("https://viewer.example.org/")
		c, err := qr.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "code.png")
		var b bytes.Buffer
		if err := png.Encode(&b, draw(t, c)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := exec.Command(zbarimg, "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
		if err != nil {
			t.Fatalf("zbarimg: %v", err)
		}
		if strings.TrimSuffix(string(got), "\n") != want {
			t.Errorf("version %d: scanned text differs", c.Version)
		}
	}
}
