// Package decode finds a QR code in a picture and reads it. It is what runs in
// the worker beside the page (wasm/scanner), where the browser has no reader of
// its own; the wallet itself does not hold it.
//
// A picture is one square of a film, as a canvas hands it out. Whoever holds up
// a code decides what is in it: a text is bounded, a picture is of a known size
// or refused, and no picture ends the program.
package decode

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
)

const (
	// Least and Most are the sides of a square in pixels. A code of version 13
	// with its border has 77 modules and needs about three pixels for each.
	Least = 64
	Most  = 1024
	// MaxText is what the largest code holds: 7,089 digits (ISO/IEC 18004, table 7).
	MaxText = 7089
)

var (
	// ErrPicture: these bytes are no square of pixels.
	ErrPicture = errors.New("no square of pixels")
	// ErrNothing: the picture holds no code that can be read. The next one may.
	ErrNothing = errors.New("no code in the picture")
)

// Side is the side of a square that has n bytes of RGBA, four for each pixel.
// Error: ErrPicture.
func Side(n int) (int, error) {
	for side := Least; side <= Most && 4*side*side <= n; side++ {
		if 4*side*side == n {
			return side, nil
		}
	}
	return 0, ErrPicture
}

// Read reads the QR code in a square of RGBA, row by row from the top left. It
// takes a code at any angle, mirrored, and a few modules damaged. Errors:
// ErrPicture, ErrNothing.
func Read(rgba []byte) (string, error) {
	side, err := Side(len(rgba))
	if err != nil {
		return "", err
	}
	grey := luminance(rgba)
	for _, threshold := range thresholds {
		if text, err := read(grey, side, threshold); err == nil {
			return text, nil
		}
	}
	return "", ErrNothing
}

// thresholds are the ways to tell black from white. The first looks around each
// pixel, and copes with shadow; the second looks at rows, and copes with blur
// and with small pictures. It costs a third of the first.
var thresholds = []func(gozxing.LuminanceSource) gozxing.Binarizer{
	gozxing.NewHybridBinarizer,
	gozxing.NewGlobalHistgramBinarizer,
}

// luminance weighs green double, as an eye does.
func luminance(rgba []byte) []byte {
	grey := make([]byte, len(rgba)/4)
	for i := range grey {
		p := rgba[4*i : 4*i+4 : 4*i+4]
		grey[i] = byte((uint(p[0]) + 2*uint(p[1]) + uint(p[2])) / 4)
	}
	return grey
}

// read tries one threshold. The library was not written for pictures that mean
// it ill: a panic of it is a picture without a code.
func read(grey []byte, side int, threshold func(gozxing.LuminanceSource) gozxing.Binarizer) (text string, err error) {
	defer func() {
		if recover() != nil {
			text, err = "", ErrNothing
		}
	}()
	source, err := gozxing.NewPlanarYUVLuminanceSource(grey, side, side, 0, 0, side, side, false)
	if err != nil {
		return "", ErrNothing
	}
	picture, err := gozxing.NewBinaryBitmap(threshold(source))
	if err != nil {
		return "", ErrNothing
	}
	black, err := picture.GetBlackMatrix()
	if err != nil {
		return "", ErrNothing
	}
	found, err := detector.NewDetector(black).DetectWithoutHints()
	if err != nil {
		return "", ErrNothing
	}
	result, err := decoder.NewDecoder().DecodeWithoutHint(found.GetBits())
	if err != nil {
		return "", ErrNothing
	}
	return clean(result.GetText())
}

// clean bounds what a code may say.
func clean(text string) (string, error) {
	if text == "" || len(text) > 4*MaxText || utf8.RuneCountInString(text) > MaxText {
		return "", ErrNothing
	}
	return strings.ToValidUTF8(text, "\uFFFD"), nil
}
