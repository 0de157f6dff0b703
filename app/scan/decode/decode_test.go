package decode_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"potli/app/qr"
	"potli/app/scan/decode"
	"potli/app/scan/scantest"
)

// texts are one of each that the wallet reads, in the lengths in which they come.
var texts = map[string]string{
	"pair":  "POTLI-PAIR-1:" + strings.Repeat("ABCD2345", 7),
	"kit":   "AGE-SECRET-KEY-PQ-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQAE0WQE",
	"link":  "https://viewer.example/#shlink:/" + strings.Repeat("eyJ1cmwiOiJodHRwczovL3JlbGF5", 8),
	"card":  "shc:/" + strings.Repeat("56762909510950603511292437", 18),
	"abha":  `{"hidn":"12-3456-7890-1237","hid":"asha.example@abdm","name":"Asha Devi","gender":"F","dob":"7/9/1990"}`,
	"hindi": "आशा देवी",
}

// poses are the ways in which people hold a phone. Each was read by the phones'
// own readers; ours has to read it too.
var poses = map[string]scantest.Pose{
	"straight":  {},
	"far":       {Fill: 0.5},
	"near":      {Fill: 0.97},
	"turned":    {Turn: 30},
	"on a side": {Turn: 90},
	"head over": {Turn: 178},
	"turned 45": {Turn: 45, Fill: 0.66},
	"tilted":    {Tilt: 10},
	"tilted up": {Tilt: -20, Grain: 3},
	"aslant":    {Tilt: 25, Grain: 3},
	"dim":       {Ink: 20, Paper: 70},
	"dim grain": {Ink: 25, Paper: 90, Grain: 6},
	"faded":     {Ink: 130, Paper: 230},
	"shadow":    {Shadow: 0.7},
	"blurred":   {Blur: 1},
	"grainy":    {Grain: 20},
	"all":       {Turn: 12, Tilt: 15, Ink: 30, Paper: 170, Shadow: 0.3, Blur: 1, Grain: 6, Fill: 0.85},
}

func encode(t testing.TB, text string) qr.Code {
	t.Helper()
	c, err := qr.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCorpus: every text in every pose, as the camera of a cheap phone gives it. A hand moves: what the first picture does
// not yield, one of half a second's has to.
func TestCorpus(t *testing.T) {
	if raced {
		t.Skip("thousands of pictures in one thread: natively and without the race detector")
	}
	all, first := 0, 0
	for name, text := range texts {
		code := encode(t, text)
		for pose, p := range poses {
			shake := 0
			for ; shake < 6 && !reads(p, shake, code, text); shake++ {
			}
			if all++; shake == 0 {
				first++
			}
			if shake == 6 {
				t.Errorf("%s %s, version %d: never read", name, pose, code.Version)
			}
		}
	}
	t.Logf("%d of %d were read from the first picture", first, all)
	if 10*first < 9*all {
		t.Errorf("only %d of %d were read from the first picture", first, all)
	}
}

// reads takes the picture after the hand has moved so often.
func reads(p scantest.Pose, shake int, code qr.Code, text string) bool {
	p.Turn += 4 * float64(shake)
	p.Seed = uint64(shake)
	got, err := decode.Read(scantest.RGBA(scantest.Draw(code, 640, 640, p)))
	return err == nil && got == text
}

// TestEverySize: the largest codes that we show, straight and still on a screen, in every size at which a picture of them
// comes. There is no hand to shake.
func TestEverySize(t *testing.T) {
	if raced {
		t.Skip("hundreds of pictures in one thread: natively and without the race detector")
	}
	all, got := 0, 0
	for seed := range uint64(6) {
		text := "https://viewer.example/ask#z." + noise(seed, 560)
		code := encode(t, text)
		for side := 400; side <= 640; side += 20 {
			all++
			if read, err := decode.Read(scantest.RGBA(scantest.Draw(code, side, side, scantest.Pose{Fill: 1}))); err == nil && read == text {
				got++
			}
		}
	}
	t.Logf("%d of %d were read", got, all)
	if 20*got < 19*all {
		t.Errorf("only %d of %d were read", got, all)
	}
}

// noise is n bytes as sealed ones look, in letters.
func noise(seed uint64, n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(seed)}).Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func TestNothing(t *testing.T) {
	code := encode(t, texts["link"])
	for name, p := range map[string]scantest.Pose{
		"out of focus": {Blur: 12},
		"too far":      {Fill: 0.08},
		"cut off":      {Fill: 1.6},
		"dark":         {Ink: 1, Paper: 2},
	} {
		if got, err := decode.Read(scantest.RGBA(scantest.Draw(code, 320, 320, p))); !errors.Is(err, decode.ErrNothing) || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestSide(t *testing.T) {
	for n, want := range map[int]int{
		4 * 64 * 64: 64, 4 * 640 * 640: 640, 4 * 1024 * 1024: 1024,
		0: 0, 1: 0, -4: 0, 4: 0, 4 * 63 * 63: 0, 4 * 1025 * 1025: 0, 4*640*640 + 1: 0, 4 * 640 * 480: 0, 1 << 40: 0,
	} {
		side, err := decode.Side(n)
		if side != want || (want == 0) != errors.Is(err, decode.ErrPicture) {
			t.Errorf("%d bytes: side %d, %v, want %d", n, side, err, want)
		}
	}
}

// A picture of a stranger's making never ends the program, and what it says is
// bounded text.
func FuzzRead(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 4*decode.Least*decode.Least))
	for i, text := range []string{"a", texts["pair"]} {
		c := encode(f, text)
		f.Add(scantest.RGBA(scantest.Draw(c, 160, 160, scantest.Pose{Fill: 1, Turn: float64(i)})))
	}
	f.Fuzz(func(t *testing.T, rgba []byte) {
		text, err := decode.Read(rgba)
		if (err == nil) == (text == "") || len(text) > 4*decode.MaxText || strings.ToValidUTF8(text, "") != text {
			t.Errorf("%d bytes of text, %v", len(text), err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	code := encode(b, texts["link"])
	for name, p := range map[string]scantest.Pose{"code": poses["all"], "none": {Fill: 0.05, Grain: 20}} {
		rgba := scantest.RGBA(scantest.Draw(code, 640, 640, p))
		b.Run(fmt.Sprintf("%s %d px", name, 640), func(b *testing.B) {
			for b.Loop() {
				_, _ = decode.Read(rgba)
			}
		})
	}
}
