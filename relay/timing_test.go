//go:build !race

package relay_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// Timing as dudect measures it (Reparaz, Balasch, Verbauwhede, "Dude, is my code
// constant time?", 2017): requests of all classes in random order, so that
// whatever else the machine does falls on all alike, and Welch's t between every
// two classes. Twice over: of all answers as they are, as whoever asks from
// outside has them, and of what lies below several percentiles of all, because a
// scheduler's pauses would bury a difference of a microsecond. Where an id lies in
// a tree takes some 100 ns more or less, of every class, so that what is compared
// there are the means of the links and not each answer. That sees a branch which a
// processor guesses wrong because fewer rows take it, some 20 ns, whatever is
// read; what is called a leak is therefore also a part of the answer's time. The
// race detector changes every time there is, so this is built without it.
const (
	timingSamples = 100_000 // of each class
	timingLimit   = 5       // |t|; dudect calls above 10 proven and below 10 likely
	timingRounds  = 3       // a leak shows in every one, of the same two and the same way; chance does not

	// A two-hundredth, 150 ns of 30 µs: behind a network that wavers by 20 µs it
	// takes most of a million answers about one link to see it, which one network
	// gets in two days.
	timingPart = 1.0 / 200
)

// class is requests that must not be told apart from those of other classes.
type class struct {
	name string
	ask  []func()
}

// random is xorshift64: only the order of requests hangs on it.
type random uint64

func (r *random) below(n int) int {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return int(uint64(*r) % uint64(n))
}

// timings returns about n nanoseconds of each class, by request.
func timings(classes []class, n int) [][][]float64 {
	r := random(time.Now().UnixNano() | 1)
	all := make([][][]float64, len(classes))
	order := make([]int, len(classes))
	for i, c := range classes {
		order[i] = i
		all[i] = make([][]float64, len(c.ask))
	}
	for round := range n + n/20 {
		for i := len(order) - 1; i > 0; i-- {
			j := r.below(i + 1)
			order[i], order[j] = order[j], order[i]
		}
		for _, c := range order {
			which := r.below(len(classes[c].ask))
			begun := time.Now()
			classes[c].ask[which]()
			took := time.Since(begun)
			if round >= n/20 { // the first ones warm up
				all[c][which] = append(all[c][which], float64(took))
			}
		}
	}
	return all
}

// welch is Welch's t of two samples.
func welch(a, b []float64) float64 {
	ma, va := moments(a)
	mb, vb := moments(b)
	return (ma - mb) / math.Sqrt(va/float64(len(a))+vb/float64(len(b)))
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, variance
}

// finding is that answers of class slow take longer than those of fast.
type finding struct{ slow, fast string }

// worst returns what is found, and says the largest t of either kind.
func worst(t *testing.T, classes []class, all [][][]float64) map[finding]bool {
	found := map[finding]bool{}
	judge := func(kind string, part float64, of [][]float64) {
		var most float64
		var line string
		for i, a := range of {
			for j, b := range of {
				v := welch(a, b)
				if v > most {
					most, line = v, fmt.Sprintf("%s: t = %.1f of %s over %s (medians %.0f and %.0f ns)", kind, v, classes[i].name, classes[j].name, middle(a), middle(b))
				}
				ma, _ := moments(a)
				mb, _ := moments(b)
				if v >= timingLimit && ma-mb >= part*mb {
					found[finding{classes[i].name, classes[j].name}] = true
				}
			}
		}
		t.Log(line)
	}
	raw := make([][]float64, len(all))
	for i, requests := range all {
		raw[i] = slices.Concat(requests...)
	}
	judge("all answers", 0, raw)
	pooled := slices.Concat(raw...)
	slices.Sort(pooled)
	for _, percent := range []float64{99, 95, 90, 75, 50, 25} {
		limit := pooled[int(percent/100*float64(len(pooled)-1))]
		means := make([][]float64, len(all))
		for i, requests := range all {
			for _, x := range requests {
				if below := slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return v > limit }); len(below) > 0 {
					mean, _ := moments(below)
					means[i] = append(means[i], mean)
				}
			}
		}
		judge(fmt.Sprintf("links below percentile %.0f", percent), timingPart, means)
	}
	return found
}

func middle(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

// silent measures until nothing is left that every round has shown, and returns
// what is. Each round is of classes made anew: what hangs on where rows and
// requests happen to lie, in one of them, would show in every round of the same.
func silent(t *testing.T, anew func() []class, n int) (leaks map[finding]bool) {
	t.Helper()
	for round := range timingRounds {
		classes := anew()
		found := worst(t, classes, timings(classes, n))
		if round == 0 {
			leaks = found
		}
		maps.DeleteFunc(leaks, func(f finding, _ bool) bool { return !found[f] })
		if len(leaks) == 0 {
			break
		}
	}
	return leaks
}

func hashOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// goneLinks makes links that are gone for every reason, and returns the ids.
func goneLinks(t *testing.T, w *world, each int) map[string][]string {
	t.Helper()
	ids := map[string][]string{}
	makers := map[string]func(name string) string{
		"unknown": func(name string) string { return storetest.ID(name) },
		"expired": func(name string) string {
			return w.Create(t, name, "U", func(c *wire.Create) { c.Life = 60 }).ID
		},
		"paused": func(name string) string {
			o := w.Create(t, name, "U", nil)
			status(t, o.Call(t, "PATCH", "", `{"paused":true}`), 200)
			return o.ID
		},
		"revoked": func(name string) string {
			o := w.Create(t, name, "U", nil)
			status(t, o.Call(t, "DELETE", "", nil), 204)
			return o.ID
		},
		"revoked when read": func(name string) string {
			o := w.Create(t, name, "U", nil)
			status(t, w.Get(t, o.ID, "x"), 200)
			status(t, o.Call(t, "DELETE", "", nil), 204)
			return o.ID
		},
		"exhausted": func(name string) string {
			o := w.Create(t, name, "U", func(c *wire.Create) { c.Uses = 1 })
			status(t, w.Get(t, o.ID, "x"), 200)
			return o.ID
		},
		"locked": func(name string) string {
			o := w.Create(t, name, "U", nil)
			w.exec(t, fmt.Sprintf(`UPDATE links SET attempts_left = 0 WHERE id_hash = '%s'`, hashOf(o.ID)))
			return o.ID
		},
		"not gone": func(name string) string { return w.Create(t, name, "U", nil).ID }, // what all live among
	}
	// In random order, or where a row lies in its page would tell the classes apart.
	r := random(time.Now().UnixNano() | 1)
	var todo []string
	for why := range makers {
		todo = append(todo, slices.Repeat([]string{why}, each)...)
	}
	for i := len(todo) - 1; i > 0; i-- {
		j := r.below(i + 1)
		todo[i], todo[j] = todo[j], todo[i]
	}
	for i, why := range todo {
		ids[why] = append(ids[why], makers[why](fmt.Sprint(why, i)))
	}
	delete(ids, "not gone")
	w.clock.move(10 * time.Minute)
	return ids
}

// wired returns a request as bytes over a connection that stays open, and the
// answer to it, of which every byte is waited for.
func wired(t *testing.T, c net.Conn, request, in []byte) func() {
	return func() {
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
		for n := 0; ; {
			m, err := c.Read(in[n:])
			if err != nil {
				t.Fatal(err)
			}
			if n += m; bytes.HasSuffix(in[:n], []byte("}")) {
				break
			}
		}
		if !bytes.HasPrefix(in, []byte("HTTP/1.1 404 ")) {
			t.Fatalf("%.30q", in)
		}
	}
}

func gets(t *testing.T, base string, ids map[string][]string) (classes []class) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	in := make([]byte, 4096)
	for name, list := range ids {
		c := class{name: name}
		for _, id := range list {
			c.ask = append(c.ask, wired(t, conn, []byte("GET "+wire.LinkPath+id+"?recipient=another HTTP/1.1\r\nHost: x\r\n\r\n"), in))
		}
		classes = append(classes, c)
	}
	slices.SortFunc(classes, func(a, b class) int { return cmp.Compare(a.name, b.name) })
	return classes
}

// TestT10_RL3_WhyItIsGoneDoesNotShow: nobody tells by the clock whether a link
// never was, or has expired, or was ended, used up, paused or locked.
func TestT10_RL3_WhyItIsGoneDoesNotShow(t *testing.T) {
	if leaks := silent(t, func() []class {
		w := newWorld(t, nil)
		return gets(t, w.Base, goneLinks(t, w, 512))
	}, timingSamples); len(leaks) > 0 {
		t.Errorf("the time an answer takes tells why a link is gone: %v", leaks)
	}
}

// slowed is a store that takes a little longer over some links: a leak.
type slowed struct {
	relay.Store
	by    time.Duration
	links map[string]bool
}

func (s *slowed) Live(ctx context.Context, r relay.Reader) (relay.Link, error) {
	if s.links[r.ID] {
		for begun := time.Now(); time.Since(begun) < s.by; {
		}
	}
	return s.Store.Live(ctx, r)
}

// TestT10_TheTestSees: a leak of a microsecond is found, in every round, of the class that has it. Beside which of the
// others it shows hangs on the machine.
func TestT10_TheTestSees(t *testing.T) {
	by := time.Microsecond
	leaks := silent(t, func() []class {
		w := newWorld(t, nil)
		ids := goneLinks(t, w, 100)
		s := &slowed{Store: w.store, by: by, links: map[string]bool{}}
		for _, id := range ids["expired"] {
			s.links[hashOf(id)] = true
		}
		leaky := newWorld(t, func(o *relay.Options) { o.Store, o.Now = s, w.clock.now })
		return gets(t, leaky.Base, ids)
	}, timingSamples/5)
	seen := 0
	for f := range leaks {
		if f.slow == "expired" {
			seen++
		}
	}
	if seen == 0 {
		t.Errorf("a leak of %v is not seen: %v", by, leaks)
	}
}

// TestT10_WrongPasscodesAreAlike: what the store compares is a MAC under a key
// that nobody has. One that begins like the right one takes no longer to refuse
// than one that differs at once, and no guess makes one that does.
func TestT10_WrongPasscodesAreAlike(t *testing.T) {
	w := newWorld(t, nil)
	right := keyring(t, k1).PassMAC("x", nil) // 64 hexadecimal digits
	other := func(i int) string {             // that differs at i
		return right[:i] + string("0123456789abcdef"[(strings.IndexByte("0123456789abcdef", right[i])+1)%16]) + right[i+1:]
	}
	var classes []class
	for _, at := range []int{0, 32, 63} {
		c := class{name: fmt.Sprintf("wrong from digit %d on", at)}
		for i := range 50 {
			l := relay.Link{ID: hashOf(fmt.Sprint(at, i)), Flag: "P", Expires: w.clock.now().Unix() + 3600, UsesLeft: 1, AttemptsLeft: 1 << 30,
				PassMAC: right, Salt: make([]byte, 16), ReceiptKey: make([]byte, wire.MaxReceiptKey)}
			if made, err := w.store.Create(t.Context(), l, []byte("x"), w.clock.now().Unix()); err != nil || !made {
				t.Fatal(made, err)
			}
			mac, reader := other(at), relay.Reader{ID: l.ID, Now: w.clock.now().Unix(), By: hashOf("reader")}
			c.ask = append(c.ask, func() {
				if got, err := w.store.Charge(t.Context(), reader, mac); err != nil || got.Open {
					t.Fatal(got, err)
				}
			})
		}
		classes = append(classes, c)
	}
	if leaks := silent(t, func() []class { return classes }, timingSamples/25); len(leaks) > 0 {
		t.Errorf("the time a refusal takes tells how much of a MAC was right: %v", leaks)
	}
}

// TestT10_MACsCannotBeSteered: passcodes that begin alike, on one link, have MACs
// that begin no more alike than chance has it.
func TestT10_MACsCannotBeSteered(t *testing.T) {
	counts := map[int]int{} // of leading digits in common
	const guesses = 20_000
	ring := keyring(t, k1)
	right := ring.PassMAC("x", []byte("right"))
	for i := range guesses {
		mac := ring.PassMAC("x", fmt.Append(nil, "righ", i))
		n := 0
		for n < len(mac) && mac[n] == right[n] {
			n++
		}
		counts[min(n, 2)]++
	}
	// Of 20,000, 1/16 have one digit in common or more: 1,250, give or take 34.
	if got := counts[1] + counts[2]; got < 1000 || got > 1500 || counts[2] > 160 {
		t.Errorf("%v share 0, 1, 2 or more digits with the right one", counts)
	}
}
