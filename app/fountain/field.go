package fountain

// The field of 256 elements with x⁸+x⁴+x³+x²+1. Every element but 0 is a power of x.
var powers, logs = tables()

func tables() (powers [510]byte, logs [256]int) {
	x := 1
	for i := range 255 {
		powers[i], powers[i+255] = byte(x), byte(x)
		logs[x] = i
		if x <<= 1; x > 255 {
			x ^= 0x11d
		}
	}
	return powers, logs
}

// inverse of c, which is not 0.
func inverse(c byte) byte { return powers[255-logs[c]] }

// scale multiplies b by c, which is not 0.
func scale(b []byte, c byte) {
	if c == 1 {
		return
	}
	for i, v := range b {
		if v != 0 {
			b[i] = powers[logs[v]+logs[c]]
		}
	}
}

// add adds c times b to sum. In this field that also takes it away.
func add(sum, b []byte, c byte) {
	if c == 0 {
		return
	}
	log := logs[c]
	for i, v := range b {
		if v != 0 {
			sum[i] ^= powers[logs[v]+log]
		}
	}
}

// mixture are the coefficients of frame n, as the package comment states them.
func mixture(session uint32, n, count int) []byte {
	x := session ^ uint32(n)*0x9e3779b1
	if x == 0 {
		x = 1
	}
	next := func() byte {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		return byte(x * 0x2c9277b5 >> 24)
	}
	for range 4 {
		next()
	}
	out := make([]byte, count)
	for i := range out {
		out[i] = next()
	}
	return out
}
