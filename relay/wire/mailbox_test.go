package wire_test

import (
	"testing"

	"potli/relay/wire"
)

// TestSizeClass compares with the counts and bounds that security.md gives of
// Padmé (section 6).
func TestSizeClass(t *testing.T) {
	for _, tt := range []struct{ n, want int }{
		{-1, 1024}, {0, 1024}, {1, 1024}, {1024, 1024}, {1025, 1088}, {4095, 4096}, {4096, 4096}, {4097, 4352}, {100_000, 100_352}, {1 << 20, 1 << 20},
	} {
		if got := wire.SizeClass(tt.n); got != tt.want {
			t.Errorf("SizeClass(%d) = %d, want %d", tt.n, got, tt.want)
		}
	}
	classes := func(to int) (count int) {
		for n := 4 << 10; n <= to; n = wire.SizeClass(n + 1) {
			count++
		}
		return count
	}
	for to, want := range map[int]int{1 << 20: 193, 5 << 20: 265, 25 << 20: 339} {
		if got := classes(to); got != want {
			t.Errorf("%d sizes from 4 KiB to %d, want %d", got, to, want)
		}
	}
	for n := 0; n < 1<<18; n++ {
		got := wire.SizeClass(n)
		if got < n || wire.SizeClass(got) != got || n > 0 && got < wire.SizeClass(n-1) {
			t.Fatalf("SizeClass(%d) = %d", n, got)
		}
		if n >= 4<<10 && got-n >= (n+15)/16 && got != n || n >= 64<<10 && got-n >= (n+31)/32 && got != n {
			t.Errorf("SizeClass(%d) = %d adds too much", n, got)
		}
	}
}
