package sheet

import (
	"strconv"
	"strings"
)

// Helvetica is one of the fonts that every reader of PDFs has (ISO 32000-1, 9.6.2.2): what it can write is written as
// text, a few bytes a line, sharp at any size. These are the widths of its letters, in thousandths of its size, by their
// codes in WinAnsiEncoding from the space on (Adobe Font Metrics, Helvetica and Helvetica-Bold). They stand in the file
// too, so that a reader with another font keeps to them. 0: we do not write it.
const (
	helvetica = `278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278
584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944
667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500
278 556 500 722 500 500 500 334 260 334 584 0 556 0 0 0 0 1000 0 0 0 0 0 0 0 0 0 0
0 222 222 333 333 350 556 1000 0 1000 0 0 0 0 0 0 278 333 556 556 556 556 260 556 333 737 370 556
584 0 737 333 400 584 333 333 333 556 537 278 333 333 365 556 834 834 834 611 667 667 667 667 667 667 1000 722
667 667 667 667 278 278 278 278 722 722 778 778 778 778 778 584 778 722 722 722 722 667 667 611 556 556 556 556
556 556 889 500 556 556 556 556 278 278 278 278 556 556 556 556 556 556 556 584 611 556 556 556 556 500 556 500`
	helveticaBold = `278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333
584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944
667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556
333 611 556 778 556 556 500 389 280 389 584 0 556 0 0 0 0 1000 0 0 0 0 0 0 0 0 0 0
0 278 278 500 500 350 556 1000 0 1000 0 0 0 0 0 0 278 333 556 556 556 556 280 556 333 737 370 556
584 0 737 333 400 584 333 333 333 611 556 278 333 333 365 556 834 834 834 611 722 722 722 722 722 722 1000 722
667 667 667 667 278 278 278 278 722 722 778 778 778 778 778 584 778 722 722 722 722 667 667 611 556 556 556 556
556 556 889 556 556 556 556 556 278 278 278 278 611 611 611 611 611 611 611 584 611 611 611 611 611 556 611 556`
)

// above are the letters of WinAnsiEncoding between 0x80 and 0x9F that we write.
var above = map[rune]byte{'€': 0x80, '…': 0x85, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97, '™': 0x99}

// metric is how wide the letters of a font are, by code less 32.
type metric []int

func measures(table string) (m metric) {
	for _, s := range strings.Fields(table) {
		n, _ := strconv.Atoi(s) // a constant of ours
		m = append(m, n)
	}
	return m
}

// code is how a letter is written in WinAnsiEncoding. False: Helvetica cannot.
func code(r rune) (byte, bool) {
	if r >= ' ' && r <= '~' || r >= 0xa0 && r <= 0xff && r != 0xad {
		return byte(r), true
	}
	c, ok := above[r]
	return c, ok
}

// plain says whether Helvetica can write all of a text.
func plain(s string) bool {
	for _, r := range s {
		if _, ok := code(r); !ok {
			return false
		}
	}
	return true
}

// width of a plain text, in points.
func (m metric) width(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		if c, ok := code(r); ok {
			sum += m[c-' ']
		}
	}
	return float64(sum) * size / 1000
}

// literal is a plain text as a string of a content stream (7.3.4.2).
func literal(s string) string {
	var b strings.Builder
	b.WriteByte('(')
	for _, r := range s {
		c, ok := code(r)
		if !ok {
			continue
		}
		if c == '(' || c == ')' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	b.WriteByte(')')
	return b.String()
}
