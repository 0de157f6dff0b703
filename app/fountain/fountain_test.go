package fountain_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"potli/app/fountain"
	"potli/app/qr"
)

var update = flag.Bool("update", false, "write testdata anew")

// coin is a generator for tests: splitmix64, from a seed.
type coin uint64

func (c *coin) next(n int) int {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

func noise(seed, n int) []byte {
	c := coin(seed)
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(c.next(256))
	}
	return b
}

func sender(t testing.TB, payload []byte, size int) *fountain.Sender {
	t.Helper()
	s, err := fountain.New(payload, size)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// film hands frames to a receiver until it has the payload, and counts them. order says which frame comes next, -1 for
// one that the camera missed.
func film(t testing.TB, s *fountain.Sender, order func(i int) int) (payload []byte, taken int) {
	t.Helper()
	var r fountain.Receiver
	for i := range 100 * (s.Blocks() + 10) {
		n := order(i)
		if n < 0 {
			continue
		}
		taken++
		got, p, err := r.Add(s.Frame(n))
		if err != nil {
			t.Fatal(err)
		}
		if p.Need != s.Blocks() || p.Have > p.Need || p.Have == p.Need && got == nil {
			t.Fatalf("after %d frames: %+v", taken, p)
		}
		if got != nil {
			return got, taken
		}
	}
	t.Fatal("never complete")
	return nil, 0
}

// TestLoss is Q9: three of ten frames are lost and the others come shuffled. It prints how many frames are needed.
func TestLoss(t *testing.T) {
	for _, size := range []int{1, 60, 363, 1_500, 3_700, 13_000, 30_000} {
		payload := noise(size, size)
		s := sender(t, payload, fountain.MaxFrame)
		total, most, runs := 0, 0, 10
		for run := range runs {
			c := coin(1000*size + run)
			var window []int // shuffled ten at a time, and over
			got, taken := film(t, s, func(i int) int {
				if len(window) == 0 {
					for n := range 10 {
						window = append(window, i/10*10+n)
					}
				}
				at := c.next(len(window))
				n := window[at]
				window = append(window[:at], window[at+1:]...)
				if c.next(10) < 3 {
					return -1
				}
				return n
			})
			if !bytes.Equal(got, payload) {
				t.Fatalf("%d bytes: another payload", size)
			}
			total, most = total+taken, max(most, taken)
		}
		mean := float64(total) / float64(runs*s.Blocks())
		t.Logf("%6d bytes, %3d blocks: %.3f times as many frames on average, %d more at the most", size, s.Blocks(), mean, most-s.Blocks())
		if mean > 1.25 || most > s.Blocks()+3 {
			t.Errorf("%d bytes: %.2f times on average, %d more at the most; want 1.25 and 3", size, mean, most-s.Blocks())
		}
	}
}

// TestMixturesOnly joins late: not one plain block is seen. Were the generator linear, 32 blocks would be the end of it.
func TestMixturesOnly(t *testing.T) {
	for _, size := range []int{300, 20_000} {
		payload := noise(7, size)
		s := sender(t, payload, 200)
		got, taken := film(t, s, func(i int) int { return s.Blocks() + 3*i })
		if !bytes.Equal(got, payload) || taken > s.Blocks()+2 {
			t.Errorf("%d frames for %d blocks", taken, s.Blocks())
		}
	}
}

// TestFrameSize: what a frame weighs, and that its code is one that cameras read.
func TestFrameSize(t *testing.T) {
	for size, version := range map[int]int{188: 10, 300: 13, 380: 15} {
		s := sender(t, noise(1, 9_000), size)
		for _, n := range []int{0, s.Blocks() - 1, s.Blocks(), 1 << 20} {
			text := s.Frame(n)
			if bytes := (len(text) - len(fountain.Prefix)) * 2 / 3; bytes > size {
				t.Errorf("a frame of %d bytes, want %d at the most", bytes, size)
			}
			if code, err := qr.Encode(text); err != nil || code.Version > version {
				t.Errorf("%d bytes: version %d, %v; want %d", size, code.Version, err, version)
			}
		}
	}
}

// TestRefused: what is no frame changes nothing; what belongs to another sequence begins anew.
func TestRefused(t *testing.T) {
	s := sender(t, noise(3, 2_000), 300)
	var r fountain.Receiver
	if _, _, err := r.Add(s.Frame(0)); err != nil {
		t.Fatal(err)
	}
	good := s.Frame(1)
	for i := len(fountain.Prefix); i < len(good); i += 7 { // any letter changed
		other := byte('A')
		if good[i] == other {
			other = 'B'
		}
		if _, p, err := r.Add(good[:i] + string(other) + good[i+1:]); !errors.Is(err, fountain.ErrFrame) || p.Have != 1 {
			t.Fatalf("letter %d changed: %+v, %v", i, p, err)
		}
	}
	for _, bad := range []string{"", fountain.Prefix, good[1:], good[:len(good)-1], good + "A", fountain.Prefix + strings.Repeat("9", 9_000), strings.ToLower(good)} {
		if _, p, err := r.Add(bad); !errors.Is(err, fountain.ErrFrame) || p.Have != 1 {
			t.Errorf("%.20q: %+v, %v", bad, p, err)
		}
	}
	if _, p, _ := r.Add(s.Frame(0)); p.New || p.Have != 1 {
		t.Errorf("the same again: %+v", p)
	}
	if _, p, err := r.Add(sender(t, noise(4, 2_000), 300).Frame(5)); err != nil || !p.Anew || p.Have != 1 {
		t.Errorf("another sequence: %+v, %v", p, err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct{ payload, size int }{{0, 300}, {fountain.MaxPayload + 1, 400}, {100, fountain.MinFrame - 1}, {100, fountain.MaxFrame + 1}, {fountain.MaxPayload, fountain.MinFrame}} {
		if _, err := fountain.New(make([]byte, c.payload), c.size); !errors.Is(err, fountain.ErrSize) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestForged: frames with good checksums that were made to contradict one another end in ErrDamaged, and the next try
// begins from nothing.
func TestForged(t *testing.T) {
	payload := noise(5, 900)
	good := sender(t, payload, 200)
	var r fountain.Receiver
	var err error
	for n := 0; err == nil && n < good.Blocks(); n++ {
		text := good.Frame(n)
		if n == 2 {
			text = fountain.Forge(text, 0x55)
		}
		_, _, err = r.Add(text)
	}
	if !errors.Is(err, fountain.ErrDamaged) {
		t.Fatalf("got %v", err)
	}
	for n := range good.Blocks() {
		if got, _, _ := r.Add(good.Frame(n)); got != nil && !bytes.Equal(got, payload) {
			t.Error("another payload")
		}
	}
}

// golden are frames and parcels of the first release. Every later one, and the clinic's page, must read them.
func TestGolden(t *testing.T) {
	const path = "testdata/frames.txt"
	payload := noise(42, 1_000)
	s := sender(t, payload, 188)
	var b strings.Builder
	for _, n := range []int{0, 3, 1, s.Blocks() - 1, s.Blocks(), s.Blocks() + 1, s.Blocks() + 2, 70_000, 1<<24 - 1} {
		fmt.Fprintln(&b, s.Frame(n))
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Error("the frames are not those of the first release")
	}
	var r fountain.Receiver
	for text := range strings.Lines(string(want)) {
		got, _, err := r.Add(text)
		if err != nil {
			t.Fatal(err)
		}
		if got != nil && bytes.Equal(got, payload) {
			return
		}
	}
	t.Error("the golden frames do not give the payload")
}

func TestParcel(t *testing.T) {
	content := []byte("2026-11-22\ten\nP\tMeera Sample\t1988\tfemale\na\tPeanut\t\t\n")
	parcel, err := fountain.Pack(fountain.Brief, content)
	if err != nil {
		t.Fatal(err)
	}
	link := fountain.Link("https://view.potli.example/", parcel)
	for _, text := range []string{link, "Look: " + link + "\n", fountain.LinkPrefix + strings.SplitAfter(link, fountain.LinkPrefix)[1]} {
		got, err := fountain.FromLink(text)
		if err != nil || !bytes.Equal(got, parcel) {
			t.Errorf("%.30q: %v", text, err)
		}
	}
	kind, got, err := fountain.Open(parcel)
	if err != nil || kind != fountain.Brief || !bytes.Equal(got, content) {
		t.Errorf("%c %q %v", kind, got, err)
	}
	if p := fountain.Phrase(parcel); len(p) != 6 || strings.Trim(p, "0123456789") != "" {
		t.Errorf("phrase %q", p)
	}
	for n := range 40 { // every length of what is left over
		b := noise(n, n+3)
		if got, err := fountain.FromLink(fountain.Link("", b)); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestParcelRefused(t *testing.T) {
	bomb, err := fountain.Pack(fountain.FHIR, make([]byte, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"nothing": {}, "no content": {1, 'b'}, "later version": {2, 'b', 3, 0}, "unknown kind": {1, 'x', 3, 0},
		"no DEFLATE": {1, 'b', 0xff, 0xff}, "cut": bomb[:len(bomb)/2], "bomb": bomb,
	} {
		if _, _, err := fountain.Open(b); !errors.Is(err, fountain.ErrParcel) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"", "https://view.potli.example/#", fountain.LinkPrefix, fountain.LinkPrefix + "99999999999999999", fountain.LinkPrefix + "12a45", fountain.LinkPrefix + "1234"} {
		if _, err := fountain.FromLink(text); !errors.Is(err, fountain.ErrParcel) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzAdd: whoever holds up a screen decides what is in a code.
func FuzzAdd(f *testing.F) {
	s, err := fountain.New(noise(1, 500), 100)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Frame(0), s.Frame(1), s.Frame(9))
	f.Add(fountain.Prefix, "", "POTLI-FILM-1:000")
	f.Add(fountain.Forge(s.Frame(2), 1), s.Frame(2), s.Frame(20))
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var r fountain.Receiver
		for _, text := range []string{a, b, c, a} {
			payload, p, err := r.Add(text)
			if p.Have > p.Need || p.Have < 0 || len(payload) > fountain.MaxPayload || err != nil && payload != nil {
				t.Fatalf("%+v, %d bytes, %v", p, len(payload), err)
			}
		}
	})
}

// FuzzParcel: an address is typed, pasted or filmed by anybody.
func FuzzParcel(f *testing.F) {
	parcel, err := fountain.Pack(fountain.FHIR, []byte(`{"resourceType":"Bundle"}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(fountain.Link("https://view.potli.example/", parcel))
	f.Add(fountain.LinkPrefix + "00000000000000001")
	f.Fuzz(func(t *testing.T, text string) {
		parcel, err := fountain.FromLink(text)
		if err != nil {
			return
		}
		if again, err := fountain.FromLink(fountain.Link("", parcel)); err != nil || !bytes.Equal(again, parcel) {
			t.Fatalf("%q is not the same again: %v", text, err)
		}
		if _, content, err := fountain.Open(parcel); err == nil && len(content) > 100*len(parcel) {
			t.Fatalf("%d bytes became %d", len(parcel), len(content))
		}
	})
}

func ExampleSender() {
	s, _ := fountain.New([]byte("what the clinic is to see"), fountain.MaxFrame)
	var r fountain.Receiver
	payload, p, _ := r.Add(s.Frame(0))
	fmt.Println(p.Have, "of", p.Need, string(payload))
	// Output: 1 of 1 what the clinic is to see
}

func BenchmarkReceive(b *testing.B) {
	payload := noise(9, 13_000)
	s := sender(b, payload, 380)
	frames := 0
	for b.Loop() {
		_, frames = film(b, s, func(i int) int { return i + s.Blocks()/3 })
	}
	b.ReportMetric(math.Round(float64(frames)), "frames")
}
