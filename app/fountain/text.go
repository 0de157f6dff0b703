package fountain

import "strings"

// alphabet of base45 (RFC 9285): the letters of a QR code's alphanumeric mode, in which two bytes take 16½ bits. Scanners
// hand back text, so that bytes as such would not come through.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

func base45(b []byte) string {
	out := make([]byte, 0, len(b)/2*3+2)
	for ; len(b) >= 2; b = b[2:] {
		n := int(b[0])<<8 | int(b[1])
		out = append(out, alphabet[n%45], alphabet[n/45%45], alphabet[n/45/45])
	}
	if len(b) == 1 {
		out = append(out, alphabet[b[0]%45], alphabet[b[0]/45])
	}
	return string(out)
}

func fromBase45(s string) (b []byte, ok bool) {
	for ; len(s) >= 2; s = s[min(3, len(s)):] {
		n, factor := 0, 1
		for i := range min(3, len(s)) {
			v := strings.IndexByte(alphabet, s[i])
			if v < 0 {
				return nil, false
			}
			n, factor = n+v*factor, factor*45
		}
		switch {
		case len(s) == 2 && n < 1<<8:
			b = append(b, byte(n))
		case len(s) > 2 && n < 1<<16:
			b = append(b, byte(n>>8), byte(n))
		default:
			return nil, false
		}
	}
	return b, s == ""
}

// widths are how many decimal digits one to seven bytes take.
var widths = [8]int{0, 3, 5, 8, 10, 13, 15, 17}

// decimal writes seven bytes as 17 digits, and what is left over as fewer. A QR code packs digits so tightly that this
// loses one bit in a hundred, and an address may hold them anywhere.
func decimal(b []byte) string {
	var out []byte
	for len(b) > 0 {
		part := b[:min(7, len(b))]
		b = b[len(part):]
		var n uint64
		for _, v := range part {
			n = n<<8 | uint64(v)
		}
		at := len(out)
		out = append(out, make([]byte, widths[len(part)])...)
		for i := len(out) - 1; i >= at; i-- {
			out[i] = byte('0' + n%10)
			n /= 10
		}
	}
	return string(out)
}

func fromDecimal(s string) (b []byte, ok bool) {
	for s != "" {
		part := s[:min(17, len(s))]
		s = s[len(part):]
		size := 0
		for i, w := range widths {
			if w == len(part) {
				size = i
			}
		}
		var n uint64
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return nil, false
			}
			n = n*10 + uint64(c-'0')
		}
		if size == 0 || n>>(8*size) != 0 {
			return nil, false
		}
		for i := size - 1; i >= 0; i-- {
			b = append(b, byte(n>>(8*i)))
		}
	}
	return b, true
}
