// Package qr turns text into the modules of a QR code, level M.
package qr

// Code is a square of modules without quiet zone; true is black.
type Code struct {
	Version int
	Modules [][]bool
}

// Encode returns the smallest code at level M that holds s.
func Encode(s string) (Code, error) { panic("stub") }

// Path is the black modules as one SVG path in a viewBox of Size() with a quiet zone of 4.
func (c Code) Path() string { panic("stub") }

// Size is the width in modules with the quiet zone.
func (c Code) Size() int { panic("stub") }
