package passkey

// The four kinds of CBOR items (RFC 8949) that an identity string has, with
// lengths of up to 16 bits and each written in the shortest way.
const (
	cborUint  = 0 << 5
	cborBytes = 2 << 5
	cborText  = 3 << 5
	cborArray = 4 << 5
)

// appendHead writes the head of an item: its kind, and its value or length.
func appendHead(b []byte, kind byte, n int) []byte {
	switch {
	case n < 24:
		return append(b, kind|byte(n))
	case n < 1<<8:
		return append(b, kind|24, byte(n))
	}
	return append(b, kind|25, byte(n>>8), byte(n))
}

func appendString(b []byte, kind byte, s string) []byte {
	return append(appendHead(b, kind, len(s)), s...)
}

// reader takes items off. The first that is not as asked makes it bad, and all
// that follow empty.
type reader struct {
	rest []byte
	bad  bool
}

// take returns the next n bytes.
func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return make([]byte, 0)
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// head reads the head of an item of a kind, and returns its value or length.
func (r *reader) head(kind byte) int {
	b := r.take(1)
	if r.bad || b[0]&^31 != kind {
		r.bad = true
		return 0
	}
	switch short := int(b[0] & 31); {
	case short < 24:
		return short
	case short == 24:
		if b = r.take(1); !r.bad {
			return int(b[0])
		}
	case short == 25:
		if b = r.take(2); !r.bad {
			return int(b[0])<<8 | int(b[1])
		}
	}
	r.bad = true
	return 0
}

// bytes reads a string of up to most bytes.
func (r *reader) bytes(kind byte, most int) []byte {
	n := r.head(kind)
	if n > most {
		r.bad = true
		return nil
	}
	return r.take(n)
}

// count reads the head of an array of up to most items.
func (r *reader) count(most int) int {
	n := r.head(cborArray)
	if n > most {
		r.bad = true
	}
	if r.bad {
		return 0
	}
	return n
}
