package find

import "unicode/utf8"

// near calls f for each word that is at most k slips from q, or, if beginnings
// count too, begins with something that is. A slip is a letter too many, too few
// or wrong, or two neighbours exchanged; no letter is moved twice (optimal string
// alignment).
//
// The words are walked in their order as the tree of beginnings that they are. A
// row of the usual table is made once for a beginning and used for all words that
// have it, and words whose beginning is already too far off are skipped together.
func (o *ordered) near(q string, k int, beginnings bool, f func(word uint32)) {
	w := walk{q: []rune(q), k: k}
	w.rows = append(w.rows, make([]int, len(w.q)+1))
	for j := range w.rows[0] {
		w.rows[0][j] = j
	}
	for i := 0; i < len(o.list); {
		switch at, what := w.step(o.list[i].key, beginnings); what {
		case near:
			f(o.list[i].word)
			i++
		case far:
			i = o.past(i, o.list[i].key[:at])
		case within:
			end := o.past(i, o.list[i].key[:at])
			for ; i < end; i++ {
				f(o.list[i].word)
			}
		default:
			i++
		}
	}
}

// walk is the way from the root of the tree to where it stands.
type walk struct {
	q    []rune
	k    int
	path []rune  // letters
	at   []int   // bytes up to and with each letter
	rows [][]int // slips between each beginning of the path and of q; one more than letters
}

type verdict uint8

const (
	apart  verdict = iota // the word is too far off
	near                  // it is not
	far                   // nor is any that begins with its first bytes
	within                // all that begin with its first bytes are near
)

// step goes to a word, as far as need be, and says how many bytes that was.
func (w *walk) step(key string, beginnings bool) (int, verdict) {
	w.back(key)
	from := 0
	if n := len(w.at); n > 0 {
		from = w.at[n-1]
	}
	if v := w.look(beginnings); v != near && v != apart {
		return from, v
	}
	for i, r := range key[from:] {
		w.down(r)
		end := from + i + utf8.RuneLen(r)
		w.at = append(w.at, end)
		if v := w.look(beginnings); v != near && v != apart {
			return end, v
		}
	}
	return len(key), w.look(false)
}

// back goes up to what the path has in common with a word.
func (w *walk) back(key string) {
	n, from := 0, 0
	for n < len(w.path) {
		r, size := utf8.DecodeRuneInString(key[from:])
		if size == 0 || r != w.path[n] {
			break
		}
		n, from = n+1, from+size
	}
	w.path, w.at = w.path[:n], w.at[:n]
}

// down makes the row of one letter more.
func (w *walk) down(r rune) {
	d := len(w.path) + 1
	w.path = append(w.path, r)
	if len(w.rows) == d {
		w.rows = append(w.rows, make([]int, len(w.q)+1))
	}
	row, above := w.rows[d], w.rows[d-1]
	row[0] = d
	for j, c := range w.q {
		cost := 1
		if c == r {
			cost = 0
		}
		row[j+1] = min(above[j]+cost, above[j+1]+1, row[j]+1)
		if d > 1 && j > 0 && c == w.path[d-2] && w.q[j-1] == r {
			row[j+1] = min(row[j+1], w.rows[d-2][j-1]+1)
		}
	}
}

// look judges where the path stands. An exchange reaches over a row, so that it
// is far only when the row above is, too.
func (w *walk) look(beginnings bool) verdict {
	row := w.rows[len(w.path)]
	switch slips := row[len(w.q)]; {
	case slips <= w.k && beginnings:
		return within
	case slips <= w.k:
		return near
	}
	if smallest(row) > w.k && (len(w.path) == 0 || smallest(w.rows[len(w.path)-1]) >= w.k) {
		return far
	}
	return apart
}

func smallest(row []int) int {
	m := row[0]
	for _, n := range row {
		m = min(m, n)
	}
	return m
}

// misspelt says the same of one word: for marking what was found.
func misspelt(q, word string, beginnings bool) bool {
	k := slips(q)
	if k == 0 || digits(word) {
		return false
	}
	found := false
	o := ordered{list: []keyed{{key: word}}}
	o.near(q, k, beginnings, func(uint32) { found = true })
	return found
}
