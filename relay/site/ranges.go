package site

import (
	"strconv"
	"strings"
)

// from reads a Range and its If-Range (RFC 9110, section 14): the bytes of body from
// the first that is asked for to the last, and false where the whole is to be sent.
// Clients whose download was cut ask for the rest that way, and for one range only.
// It is of what is sent: of a compressed file, of its compressed bytes, whose tag it
// must name. Browsers ask so for fonts and pictures, and for nothing compressed, which
// is why the program comes in pieces (wasm/site_pieces.go).
func from(ranges, ifRange, tag string, size int) (first, end int, ok bool) {
	if ifRange != "" && ifRange != tag {
		return 0, 0, false
	}
	spec, isBytes := strings.CutPrefix(ranges, "bytes=")
	a, b, two := strings.Cut(spec, "-")
	first, err := strconv.Atoi(a)
	if !isBytes || !two || err != nil || first < 0 || first >= size {
		return 0, 0, false
	}
	if b == "" {
		return first, size, true
	}
	last, err := strconv.Atoi(b)
	if err != nil || last < first {
		return 0, 0, false
	}
	return first, min(last+1, size), true
}
