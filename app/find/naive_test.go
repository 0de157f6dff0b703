package find_test

import (
	"fmt"
	"strings"
	"testing"

	"potli/app/find"
)

// chance is a sequence that is the same in every run (PCG, O'Neill 2014).
type chance uint64

func (c *chance) n(n int) int {
	*c = *c*6364136223846793005 + 1442695040888963407
	x := uint64(*c)
	return int((((x >> 18) ^ x) >> 27) % uint64(n))
}

func pick(c *chance, list []string) string { return list[c.n(len(list))] }

// slip makes a typing error, or none.
func slip(c *chance, w string) string {
	r := []rune(w)
	if len(r) < 2 {
		return w
	}
	switch i := c.n(len(r) - 1); c.n(5) {
	case 0:
		return string(r[:i]) + string(r[i+1:])
	case 1:
		return string(r[:i]) + "e" + string(r[i:])
	case 2:
		r[i], r[i+1] = r[i+1], r[i]
	case 3:
		r[i] = 'a'
	}
	return string(r)
}

// TestAsOneWouldLook compares the index with a look at every word of every text.
func TestAsOneWouldLook(t *testing.T) {
	var words []string
	for _, list := range same {
		words = append(words, list...)
	}
	words = append(words, "blood", "bloods", "count", "counts", "counted", "sugar", "x-ray", "E11.9", "13.2", "120/80", "g/dL", "500mg", "B12", "2025-02-01", "a", "of")
	c := chance(7)
	for range 6 {
		x := find.New()
		texts := map[find.Place]string{}
		for range 1 + c.n(60) {
			var lines []string
			for range 1 + c.n(4) {
				var line []string
				for range c.n(5) {
					line = append(line, slip(&c, pick(&c, words)))
				}
				lines = append(lines, strings.Join(line, " "))
			}
			at := x.Add(lines[0], lines[1:]...)
			for i, l := range lines {
				texts[at+find.Place(i)] = l
			}
			x.Search(find.Parse("a")) // settles what waits, between others
		}
		for range 25 {
			var typed []string
			for range 1 + c.n(2) {
				w := slip(&c, slip(&c, pick(&c, words)))
				if r := []rune(w); c.n(2) == 0 {
					w = string(r[:1+c.n(len(r))])
				}
				typed = append(typed, w)
			}
			s := strings.Join(typed, " ")
			h := x.Search(find.Parse(s))
			for at, text := range texts {
				if got, want := h.Head(at), look(typed, text); got != want {
					t.Fatalf("%q in %q: %v, want %v", s, text, got, want)
				}
			}
		}
	}
}

// look says how well all that was typed is found in a text, word by word.
func look(typed []string, text string) find.Rank {
	there := strings.Fields(string(find.Fold(text)))
	best := find.Exact
	for _, w := range typed {
		r := find.Missing
		folded := strings.Split(string(find.Fold(w)), "\n")
		if strings.TrimSpace(folded[0]) == "" {
			continue
		}
		parts := strings.Fields(folded[0])
		joined := ""
		if len(folded) > 1 && len(parts) > 1 {
			joined = strings.Fields(folded[1])[0]
		}
		if together(parts, there) {
			r = find.Exact
		}
		for _, other := range there {
			switch {
			case len(parts) == 1:
				r = max(r, lookOne(parts[0], other))
			case joined != "":
				r = max(r, lookOne(joined, other)&^boolRank(soundOnly(joined, other)))
			}
		}
		if best = min(best, r); best == find.Missing {
			return best
		}
	}
	return best
}

func boolRank(on bool) find.Rank {
	if on {
		return 3
	}
	return 0
}

// soundOnly says that two words have nothing in common but their sound, which does
// not count for what is made of several.
func soundOnly(a, b string) bool {
	return !strings.HasPrefix(b, a) && !close(a, b)
}

func together(parts, there []string) bool {
	for i, p := range parts {
		found := false
		for _, w := range there {
			found = found || w == p || i == len(parts)-1 && strings.HasPrefix(w, p)
		}
		if !found {
			return false
		}
	}
	return true
}

func lookOne(typed, there string) find.Rank {
	switch {
	case strings.HasPrefix(there, typed):
		return find.Exact
	case likeSound(typed, there) && block(typed) != block(there):
		return find.Sound
	case likeSound(typed, there) && block(typed) != 0, close(typed, there):
		return find.Near
	}
	return find.Missing
}

// block of a word: 0 Latin, else that of its script.
func block(w string) rune {
	for _, r := range w {
		if r >= 0x900 {
			return r &^ 0x7f
		}
	}
	return 0
}

func likeSound(a, b string) bool {
	for _, s := range find.Sounds(a) {
		for _, z := range find.Sounds(b) {
			if block(a) == 0x0b80 || block(b) == 0x0b80 {
				s, z = find.Coarsen(s), find.Coarsen(z)
			}
			if s == z || len(s) >= 3 && strings.HasPrefix(z, s) {
				return true
			}
		}
	}
	return false
}

func close(typed, there string) bool {
	k := find.Slips(typed)
	if k == 0 || strings.ContainsAny(there, "0123456789") {
		return false
	}
	r := []rune(there)
	if distance([]rune(typed), r) <= k {
		return true
	}
	for i := range r {
		if find.Unfinished(typed) && distance([]rune(typed), r[:i]) <= k {
			return true
		}
	}
	return false
}

// distance as its definition says.
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// family is a wallet of ten thousand documents of six lines.
func family(documents int) (*find.Index, []find.Place) {
	c := chance(1)
	var words []string
	for _, list := range same {
		words = append(words, list...)
	}
	syllables := []string{"ka", "ro", "mi", "ta", "phen", "ol", "ine", "zo", "pra", "xi", "cli", "den", "sul", "vo"}
	for len(words) < 20_000 {
		w := ""
		for range 2 + c.n(4) {
			w += pick(&c, syllables)
		}
		words = append(words, w)
	}
	x := find.New()
	places := make([]find.Place, documents)
	for i := range places {
		head := fmt.Sprintf("%s %s report %d\nDr %s\n%s", pick(&c, words), pick(&c, words[:200]), i, pick(&c, words[:2000]), pick(&c, words[:300]))
		var lines []string
		for j := range 6 {
			lines = append(lines, fmt.Sprintf("%s %s in blood\n%d.%d mg/dL\n20%02d-%02d-%02d\n%d-%d\n%s", pick(&c, words[:3000]), pick(&c, words), c.n(300), c.n(10), c.n(27), 1+c.n(12), 1+c.n(28), 1000+c.n(9000), j, pick(&c, words)))
		}
		places[i] = x.Add(head, lines...)
	}
	return x, places
}

// The index fits into a phone: 18 MB for ten thousand documents, as
// BenchmarkBuild says; a fifth of them, with the same words, are told here.
func TestMemory(t *testing.T) {
	x, _ := family(2_000)
	if n := x.Memory(); n > 12e6 || n < 2e6 {
		t.Errorf("%.1f MB", float64(n)/1e6)
	}
}

func BenchmarkSearch(b *testing.B) {
	x, places := family(10_000)
	for _, typed := range []string{"p", "para", "paracetamol", "paracetmol", "blood", "पैरासिटामोल", "பாராசிட்டமால்", "report 77", "2025-0", `"in blood"`, "zzzzzzzz", "para blod report"} {
		b.Run(typed, func(b *testing.B) {
			q := find.Parse(typed)
			for b.Loop() {
				h, n := x.Search(q), 0
				for _, p := range places {
					if h.Touches(p, 6) {
						for i := range 6 {
							if h.Line(p, i) != find.Missing {
								n++
							}
						}
					}
				}
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	x, _ := family(10_000)
	for b.Loop() {
		x.Add("Discharge summary\nCity Hospital", "Paracetamol 500 mg\ntwice a day", "Haemoglobin\n13.2 g/dL")
	}
}

func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		x, _ := family(10_000)
		b.ReportMetric(float64(x.Memory())/1e6, "MB")
	}
}
