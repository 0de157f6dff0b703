package shape_test

import (
	"bytes"
	"math"
	"testing"

	"potli/relay/shape"
)

// log2Tail is the binary logarithm of P(X >= k) for X binomial of n and p.
func log2Tail(n, k int, p float64) float64 {
	lg := func(x int) float64 { l, _ := math.Lgamma(float64(x + 1)); return l }
	sum := 0.0
	for i := k; i <= n; i++ {
		sum += math.Exp(lg(n) - lg(i) - lg(n-i) + float64(i)*math.Log(p) + float64(n-i)*math.Log(1-p))
	}
	return math.Log2(sum)
}

// TestRL9_HonestCiphertextPasses adds up with what probability a ciphertext is
// refused, for every length, by the thresholds that the check shows.
func TestRL9_HonestCiphertextPasses(t *testing.T) {
	most, printable := 0, map[int]int{} // the smallest counts that are refused
	for n := 1; n <= 258; n++ {
		// n bytes of which k are the same, all others different and not printable.
		for k := 1; k <= n && (most == 0 || k < most); k++ {
			b := bytes.Repeat([]byte{0xff}, k)
			for i := range n - k {
				b = append(b, 0x80+byte(i%100))
			}
			if n-k <= 100*(k-1) && !shape.LooksRandom(b) {
				most = k
			}
		}
		for k := 1; k <= n && printable[n] == 0; k++ {
			b := make([]byte, n)
			for i := range b {
				if b[i] = 0x80 + byte(i%100); i < k {
					b[i] = ' ' + byte(i%95)
				}
			}
			if !shape.LooksRandom(b) {
				printable[n] = k
			}
		}
	}
	if most < 10 || most > 30 || printable[258] < 100 || printable[40] != 0 {
		t.Fatalf("%d the same, %d printable of 258, %d of 40", most, printable[258], printable[40])
	}
	worst := 0.0
	for n := 1; n <= 258; n++ {
		p := 256 * math.Exp2(log2Tail(n, most, 1.0/256))
		if k := printable[n]; k > 0 {
			p += math.Exp2(log2Tail(n, k, 98.0/256))
		}
		worst = max(worst, 8*p)
	}
	if got := math.Log2(worst); got > -60 {
		t.Errorf("ciphertext is refused with a probability of 2^%.1f, want below 2^-60", got)
	} else {
		t.Logf("ciphertext is refused with a probability below 2^%.1f", got)
	}
}
