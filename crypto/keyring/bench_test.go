package keyring_test

import (
	"fmt"
	"testing"

	"potli/crypto/keyring"
)

// The user file by how many devices it has, each with a recovery key.
func BenchmarkUser(b *testing.B) {
	for _, devices := range []int{1, 3, 10} {
		p := phones(b, devices-1, identity(b))
		u, d := p[0].user, p[0].d
		file := must(u.Seal())(b)
		b.Run(fmt.Sprint("open/", devices), func(b *testing.B) {
			for b.Loop() {
				must(keyring.OpenUser(file, d.Identity, keyring.Pin{}))(b)
			}
			b.ReportMetric(float64(len(file)), "bytes")
		})
		b.Run(fmt.Sprint("seal/", devices), func(b *testing.B) {
			for b.Loop() {
				must(u.Seal())(b)
			}
		})
		b.Run(fmt.Sprint("roll/", devices), func(b *testing.B) {
			for b.Loop() {
				must(u.Roll(d, morning))(b)
			}
		})
	}
}

// A user of twenty epochs and five profiles of twenty, as a device opens them.
func BenchmarkRing(b *testing.B) {
	d := fresh(b)
	u := must(keyring.NewUser(d, "first", identity(b), morning))(b)
	for range 19 {
		u = must(u.Roll(d, morning))(b)
	}
	r := ring(b, d, u)
	var copies [][]byte
	for i := range 5 {
		profile := fmt.Sprint("profile ", i)
		r = must(r.AddProfile(profile))(b)
		for range 19 {
			r = roll(b, r, profile)
		}
		copies = append(copies, must(r.Copy(profile))(b))
	}
	file := must(u.Seal())(b)
	sealed := sealTo(b, r, "profile 0", "x")
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			r := ring(b, d, must(keyring.OpenUser(file, d.Identity, keyring.Pin{}))(b))
			for _, c := range copies {
				r = must(r.WithCopy(c))(b)
			}
		}
		b.ReportMetric(float64(len(file)), "bytes")
	})
	b.Run("record/by epoch", func(b *testing.B) {
		o := r.Opener("profile 0", 20)
		for b.Loop() {
			if _, _, err := o.Open(sealed, expect("x")); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("record/by trying all 120", func(b *testing.B) {
		// The last that would be tried.
		sealed := sealTo(b, r, "profile 4", "x")
		o := r.OpenerOfAll()
		for b.Loop() {
			if _, _, err := o.Open(sealed, expect("x")); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPublic(b *testing.B) {
	p := phones(b, 2, nil)
	u := p[0].user
	for range 19 {
		u = must(u.Roll(p[0].d, morning))(b)
	}
	text := must(must(u.Public(p[0].d, morning))(b).Marshal())(b)
	for b.Loop() {
		must(keyring.ParsePublic(text))(b)
	}
	b.ReportMetric(float64(len(text)), "bytes")
}
