// Package qr turns text into the modules of a QR code and those into one SVG path.
//
// It draws nothing itself: a path scales without blur on every screen and printer, needs no image element, and a code
// can be rebuilt from its text at any time, so that no picture of it is ever stored. Reading codes is not its business.
//
// The error correction level is M, as "SMART Health Cards and Links" 1.0.0 recommends for links: level H would cost four
// to five versions, and small modules are what poor cameras fail on. Requests of clinics, on a large screen without a
// crease or a stain, are long and have level L.
package qr

import (
	"errors"
	"strconv"

	qrcode "github.com/skip2/go-qrcode"
)

// Quiet is the width of the white border in modules that a scanner needs (ISO/IEC 18004).
const Quiet = 4

// ErrTooLong: no code holds the text: of level M 2,331 bytes, of level L 2,953.
var ErrTooLong = errors.New("too long for a QR code")

// Code is a square of modules without quiet zone; true is black.
type Code struct {
	Version int
	Modules [][]bool
}

// Encode returns the smallest code at level M that holds s. Errors: ErrTooLong.
func Encode(s string) (Code, error) { return encode(s, qrcode.Medium) }

// EncodeLong is Encode at level L: for what is long and shown large. Errors: ErrTooLong.
func EncodeLong(s string) (Code, error) { return encode(s, qrcode.Low) }

func encode(s string, level qrcode.RecoveryLevel) (Code, error) {
	q, err := qrcode.New(s, level)
	if err != nil {
		// The library fails for length alone; its message is not passed on, so that no part of a link ever is.
		return Code{}, ErrTooLong
	}
	q.DisableBorder = true
	return Code{Version: q.VersionNumber, Modules: q.Bitmap()}, nil
}

// Size is the width in modules with the quiet zone.
func (c Code) Size() int { return len(c.Modules) + 2*Quiet }

// Path is the black modules as one SVG path in a viewBox of Size() with a quiet zone of Quiet. Each run of black modules
// in a row is one rectangle, drawn with relative commands: "M4 4h7v1h-7z…".
func (c Code) Path() string {
	var b []byte
	for y, row := range c.Modules {
		for x := 0; x < len(row); {
			if !row[x] {
				x++
				continue
			}
			start := x
			for x < len(row) && row[x] {
				x++
			}
			b = appendRun(b, start+Quiet, y+Quiet, x-start)
		}
	}
	return string(b)
}

func appendRun(b []byte, x, y, width int) []byte {
	w := int64(width)
	b = strconv.AppendInt(append(b, 'M'), int64(x), 10)
	b = strconv.AppendInt(append(b, ' '), int64(y), 10)
	b = strconv.AppendInt(append(b, 'h'), w, 10)
	b = append(b, "v1h-"...)
	b = strconv.AppendInt(b, w, 10)
	return append(b, 'z')
}
