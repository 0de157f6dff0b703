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
	"math"
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

// read tries one threshold. The library was not written for pictures that mean it ill: a panic of it is a picture without
// a code.
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
	corners, err := detector.NewFinderPatternFinder(black, nil).Find(nil)
	if err != nil {
		return "", ErrNothing
	}
	if found, err := detector.NewDetector(black).ProcessFinderPatternInfo(corners); err == nil {
		if result, err := decoder.NewDecoder().DecodeWithoutHint(found.GetBits()); err == nil {
			return clean(result.GetText())
		}
	}
	return count(black, corners)
}

// count is for large codes whose modules are a little more or less than a number of whole pixels: the library then counts
// some too many or too few from corner to corner. Of codes of 770 letters, straight and sharp, it read all in
// one size and hardly one in another. So a code is tried with the numbers around that one, each with the small mark in its last
// corner where there is one, and without: what is not the right one fails its own checksums.
func count(black *gozxing.BitMatrix, corners *detector.FinderPatternInfo) (string, error) {
	left, right, below := corners.GetTopLeft(), corners.GetTopRight(), corners.GetBottomLeft()
	module := (left.GetEstimatedModuleSize() + right.GetEstimatedModuleSize() + below.GetEstimatedModuleSize()) / 3
	way := (gozxing.ResultPoint_Distance(left, right) + gozxing.ResultPoint_Distance(left, below)) / 2
	version := int(math.Round((way/module + 7 - 17) / 4))
	for _, off := range []int{0, -1, 1, -2, 2} {
		if v := version + off; v >= 1 && v <= 40 {
			for _, mark := range []*detector.AlignmentPattern{nil, lastCorner(black, corners, module, 4*v+17)} {
				if text, err := sample(black, corners, mark, 4*v+17); err == nil {
					return text, nil
				}
			}
		}
	}
	return "", ErrNothing
}

// lastCorner looks for the mark three modules from the corner that has no large one, nil where none is found.
func lastCorner(black *gozxing.BitMatrix, corners *detector.FinderPatternInfo, module float64, modules int) *detector.AlignmentPattern {
	left, right, below := corners.GetTopLeft(), corners.GetTopRight(), corners.GetBottomLeft()
	share := 1 - 3/float64(modules-7)
	x := int(left.GetX() + share*(right.GetX()-2*left.GetX()+below.GetX()))
	y := int(left.GetY() + share*(right.GetY()-2*left.GetY()+below.GetY()))
	around := int(8 * module)
	x0, y0 := max(0, x-around), max(0, y-around)
	x1, y1 := min(black.GetWidth()-1, x+around), min(black.GetHeight()-1, y+around)
	if x1 <= x0 || y1 <= y0 {
		return nil
	}
	mark, err := detector.NewAlignmentPatternFinder(black, x0, y0, x1-x0, y1-y0, module, nil).Find()
	if err != nil {
		return nil
	}
	return mark
}

// sample reads a code of so many modules a side. Error: ErrNothing.
func sample(black *gozxing.BitMatrix, corners *detector.FinderPatternInfo, mark *detector.AlignmentPattern, modules int) (string, error) {
	to := detector.Detector_createTransform(corners.GetTopLeft(), corners.GetTopRight(), corners.GetBottomLeft(), mark, modules)
	bits, err := detector.Detector_sampleGrid(black, to, modules)
	if err != nil {
		return "", ErrNothing
	}
	result, err := decoder.NewDecoder().DecodeWithoutHint(bits)
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
