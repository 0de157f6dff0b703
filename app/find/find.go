// Package find looks words up in the timeline of a family.
//
// It answers while a person types. A word is found by its beginning, whatever
// its accents and capitals are; an Indian word whatever its nukta, its joiners
// and the length of its vowels are; and by its sound from one script to another:
// "paracetamol" finds पैरासिटामोल and the other way. Small slips of typing are
// forgiven, after everything that is there as typed, and never in a number or a
// code. Several words are all needed; those in quotation marks stand together.
//
//	text ── Fold ──> words ──> vocabulary, sorted ── beginnings, slips ─┐
//	                   │                                                ├─> places
//	                   └─────> sounds, sorted ────── other scripts ─────┘
//
// An Index is kept in memory and nowhere else. It is made of what the wallet
// has unsealed anyway, and is gone with the keys.
package find

import (
	"slices"
	"strings"
	"sync"
)

// Index holds the words of documents. A document is a head, whose words count
// for all of it, and lines. Safe for concurrent use.
type Index struct {
	mu     sync.Mutex // owns everything below
	known  map[string]uint32
	words  []string   // by number, folded
	places [][]uint32 // of each word, in growing order
	sorted ordered    // the words
	sounds ordered    // of words that are not Tamil
	coarse ordered    // of Tamil words: see coarsen
	text   text
	gone   []uint64 // bits of places
	lost   int      // how many
}

// Place is where something stands: the head of a document, and behind it each
// of its lines.
type Place uint32

// New returns an empty index.
func New() *Index {
	return &Index{known: map[string]uint32{}, text: text{ends: []uint32{0}}}
}

// Add puts a document into the index and says where its head stands; line i is
// at that + 1 + i. Parts of a text that do not belong together, the fields of a
// line, are parted by line ends.
func (x *Index) Add(head string, lines ...string) Place {
	x.mu.Lock()
	defer x.mu.Unlock()
	first := Place(len(x.text.ends) - 1)
	x.put(head)
	for _, l := range lines {
		x.put(l)
	}
	return first
}

// More gives the document that was added last further lines, for who cannot add a long
// one in one go.
func (x *Index) More(lines ...string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, l := range lines {
		x.put(l)
	}
}

// put appends one text at the next place.
func (x *Index) put(s string) {
	at := uint32(len(x.text.ends) - 1)
	folded := x.text.add(s)
	for i := 0; i < len(folded); {
		end := i
		for end < len(folded) && folded[end] > ' ' {
			end++
		}
		if end > i {
			x.post(folded[i:end], at)
		}
		i = end + 1
	}
}

// post notes that a word stands at a place.
func (x *Index) post(word []byte, at uint32) {
	n, ok := x.known[string(word)]
	if !ok {
		n = x.learn(string(word))
	}
	list := x.places[n]
	if len(list) > 0 && list[len(list)-1] == at {
		return
	}
	if len(list) == cap(list) && len(list) > 64 { // Go would take a quarter more than this for the long ones
		list = slices.Grow(list, len(list)/4)
	}
	x.places[n] = append(list, at)
}

func (x *Index) learn(word string) uint32 {
	n := uint32(len(x.words))
	x.known[word] = n
	x.words = append(x.words, word)
	x.places = append(x.places, nil)
	x.sorted.add(word, n)
	for _, s := range sounds(word) {
		if scriptOf(word) == tamil {
			x.coarse.add(s, n)
		} else {
			x.sounds.add(s, n)
		}
	}
	return n
}

// Remove takes a document of so many lines out. Its room is given back only with
// the whole index: see Lost.
func (x *Index) Remove(first Place, lines int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for at := int(first); at <= int(first)+lines && at < len(x.text.ends)-1; at++ {
		for len(x.gone) <= at/64 {
			x.gone = append(x.gone, 0)
		}
		if b := uint64(1) << (at % 64); x.gone[at/64]&b == 0 {
			x.gone[at/64] |= b
			x.lost++
		}
	}
}

// Lost says how many of how many places belong to documents that were removed.
// An index that has lost half of them is better made anew.
func (x *Index) Lost() (lost, of int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.lost, len(x.text.ends) - 1
}

// Memory is about how many bytes the index takes.
func (x *Index) Memory() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	const header = 24 // of a slice
	n := cap(x.words)*16 + cap(x.places)*header + cap(x.gone)*8 + x.text.memory() + x.sorted.memory() + x.sounds.memory() + x.coarse.memory()
	n += len(x.known) * (16 + 4 + 1) * 16 / 10 // a map is filled to five eighths or so
	for i, w := range x.words {
		n += len(w) + cap(x.places[i])*4
	}
	for _, o := range []*ordered{&x.sounds, &x.coarse} {
		for _, e := range o.list {
			n += len(e.key)
		}
	}
	return n
}

// text keeps folded texts one after the other, in pieces of which none is ever
// moved: one that grows would be copied whole, with the screen waiting.
type text struct {
	pieces [][]byte
	ends   []uint32 // of each place, counted through all pieces; the first is 0
}

const pieceSize = 1 << 17

// add folds s and keeps it. A text is never torn between two pieces, and one
// that is longer than a piece is cut.
func (t *text) add(s string) []byte {
	folded := Fold(s)
	if len(folded) > pieceSize {
		folded = folded[:strings.LastIndexByte(string(folded[:pieceSize]), ' ')+1]
	}
	n := len(t.pieces)
	if n == 0 || len(t.pieces[n-1])+len(folded) > pieceSize {
		t.pieces = append(t.pieces, make([]byte, 0, pieceSize))
		n++
	}
	p := append(t.pieces[n-1], folded...)
	t.pieces[n-1] = p
	t.ends = append(t.ends, uint32((n-1)*pieceSize+len(p)))
	return p[len(p)-len(folded):]
}

// at is the folded text of a place.
func (t *text) at(place int) []byte {
	from, to := t.ends[place], t.ends[place+1]
	if from == to {
		return nil
	}
	piece := (to - 1) / pieceSize
	if from/pieceSize != piece { // it began a new piece
		from = piece * pieceSize
	}
	return t.pieces[piece][from%pieceSize : to-piece*pieceSize]
}

func (t *text) memory() int { return len(t.pieces)*pieceSize + cap(t.ends)*4 }

// ordered keeps keys in order. New ones wait at its end until there are so many
// that moving the others is worth it.
type ordered struct {
	list   []keyed // the first done of them in order
	done   int
	buffer []keyed
}

type keyed struct {
	key  string
	word uint32
}

func compareKeyed(a, b keyed) int { return strings.Compare(a.key, b.key) }

func (o *ordered) add(key string, word uint32) {
	o.list = append(o.list, keyed{key, word})
	if len(o.list)-o.done > 512 {
		o.settle()
	}
}

// settle puts what waits into its place, from behind: each key that was in order
// is moved once, in blocks.
func (o *ordered) settle() {
	waiting := len(o.list) - o.done
	if waiting == 0 {
		return
	}
	o.buffer = append(o.buffer[:0], o.list[o.done:]...)
	slices.SortFunc(o.buffer, compareKeyed)
	to, from := len(o.list), o.done
	for i := waiting - 1; i >= 0; i-- {
		n, _ := slices.BinarySearchFunc(o.list[:from], o.buffer[i], compareKeyed)
		copy(o.list[to-(from-n):to], o.list[n:from])
		to -= from - n + 1
		from = n
		o.list[to] = o.buffer[i]
	}
	o.done = len(o.list)
}

// from is the first index whose key is not before key.
func (o *ordered) from(key string) int {
	n, _ := slices.BinarySearchFunc(o.list, keyed{key: key}, compareKeyed)
	return n
}

// past is the first index from i on whose key does not begin with prefix.
func (o *ordered) past(i int, prefix string) int {
	low, step := i, 1
	for low+step < len(o.list) && strings.HasPrefix(o.list[low+step].key, prefix) {
		low, step = low+step, step*2
	}
	rest := o.list[low:min(low+step, len(o.list))]
	n, _ := slices.BinarySearchFunc(rest, prefix, func(e keyed, p string) int {
		if strings.HasPrefix(e.key, p) {
			return -1
		}
		return 1
	})
	return low + n
}

func (o *ordered) memory() int { return (cap(o.list) + cap(o.buffer)) * 24 }
