// Package bech32 writes bytes as text that survives being read aloud and typed:
// 32 letters and digits that are hard to confuse, and a checksum that finds up
// to four wrong characters wherever they stand.
//
//	AGE-SECRET-KEY-PQ-1QQQSYQCYQ5RQWZQF…   prefix ‖ "1" ‖ five bits a character ‖ six characters of checksum
//
// It is the encoding of BIP 173 as age uses it for keys: any prefix, no limit
// of 90 characters, all in one case. age keeps its own to itself, and without it
// 32 bytes can be made neither an identity nor out of one. Nothing here depends
// on a secret being one, and nothing here is cryptography.
//
// Beyond 89 characters the checksum finds fewer errors than it promises.
package bech32

import (
	"errors"
	"strings"
)

// MaxText is the longest text that Decode reads. A hybrid recipient has 1,959.
const MaxText = 4096

// ErrMalformed: not Bech32, or mistyped. What was read is not quoted: it may be
// a secret.
var ErrMalformed = errors.New("not Bech32, or mistyped")

const (
	charset   = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	separator = '1'
	sumLen    = 6
)

// Encode writes data under a prefix. In capitals when the prefix is, which a QR
// holds in fewer modules. It panics when the prefix is empty, of mixed case or
// not of printable ASCII: prefixes are constants.
func Encode(prefix string, data []byte) string {
	lower := strings.ToLower(prefix)
	if !printable(prefix) || lower != prefix && strings.ToUpper(prefix) != prefix {
		panic("bech32: a prefix that can not be written")
	}
	groups := split(data)
	sum := begin(lower)
	for _, g := range groups {
		sum = sum.add(g)
	}
	for range sumLen {
		sum = sum.add(0)
	}
	sum ^= 1
	var b strings.Builder
	b.WriteString(lower)
	b.WriteByte(separator)
	for _, g := range groups {
		b.WriteByte(charset[g])
	}
	for i := sumLen - 1; i >= 0; i-- {
		b.WriteByte(charset[sum>>(5*i)&31])
	}
	if lower != prefix {
		return strings.ToUpper(b.String())
	}
	return b.String()
}

// Decode returns the prefix as it was written, and the data. Error: ErrMalformed.
func Decode(text string) (prefix string, data []byte, err error) {
	if len(text) > MaxText || !printable(text) {
		return "", nil, ErrMalformed
	}
	lower := strings.ToLower(text)
	at := strings.LastIndexByte(text, separator)
	if at < 1 || len(text)-at-1 < sumLen || lower != text && strings.ToUpper(text) != text {
		return "", nil, ErrMalformed
	}
	sum := begin(lower[:at])
	groups := make([]byte, 0, len(lower)-at-1)
	for _, c := range []byte(lower[at+1:]) {
		g := strings.IndexByte(charset, c)
		if g < 0 {
			return "", nil, ErrMalformed
		}
		sum = sum.add(byte(g))
		groups = append(groups, byte(g))
	}
	data, whole := join(groups[:len(groups)-sumLen])
	if sum != 1 || !whole {
		return "", nil, ErrMalformed
	}
	return text[:at], data, nil
}

func printable(s string) bool {
	for _, c := range []byte(s) {
		if c < 33 || c > 126 {
			return false
		}
	}
	return s != ""
}

// checksum is the BCH code of BIP 173, one group of five bits after the other.
type checksum uint32

var generator = [5]checksum{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}

func (c checksum) add(group byte) checksum {
	top := c >> 25
	c = c&0x1ffffff<<5 ^ checksum(group)
	for i, g := range generator {
		if top>>i&1 == 1 {
			c ^= g
		}
	}
	return c
}

// begin covers the prefix, so that a key can not be taken for one of another kind.
func begin(prefix string) checksum {
	c := checksum(1)
	for _, b := range []byte(prefix) {
		c = c.add(b >> 5)
	}
	c = c.add(0)
	for _, b := range []byte(prefix) {
		c = c.add(b & 31)
	}
	return c
}

// split cuts bytes into groups of five bits, the last filled with zeros.
func split(data []byte) []byte {
	groups := make([]byte, 0, (len(data)*8+4)/5)
	var held, bits uint
	for _, b := range data {
		held, bits = held<<8|uint(b), bits+8
		for bits >= 5 {
			bits -= 5
			groups = append(groups, byte(held>>bits&31))
		}
		held &= 1<<bits - 1
	}
	if bits > 0 {
		groups = append(groups, byte(held<<(5-bits)&31))
	}
	return groups
}

// join is the reverse of split; whole says that the groups are what split makes,
// so that bytes have one way to be written.
func join(groups []byte) (data []byte, whole bool) {
	data = make([]byte, 0, len(groups)*5/8)
	var held, bits uint
	for _, g := range groups {
		held, bits = held<<5|uint(g), bits+5
		if bits >= 8 {
			bits -= 8
			data = append(data, byte(held>>bits))
		}
		held &= 1<<bits - 1
	}
	return data, bits < 5 && held == 0
}
