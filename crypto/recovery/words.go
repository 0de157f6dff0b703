package recovery

import (
	"crypto/sha256"
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// The English list of BIP 39, 2,048 words, by Marek Palatinus, Pavol Rusnak,
// Aaron Voisine and Sean Bowe, from the reference implementation, MIT licence,
// which stands at the top of the file. It is sorted, and no two words begin with
// the same four letters.
//
//go:embed words.txt
var wordFile string

const (
	wordCount = 24 // 256 bits and 8 of checksum, 11 a word
	wordBits  = 11
	listSize  = 1 << wordBits
	unique    = 4 // letters that tell two words apart
)

// list holds the words; places finds them by the whole word and by the first
// four letters.
type list struct {
	words  []string
	places map[string]int
}

// words is read when first asked for.
var words = sync.OnceValue(func() list {
	l := list{words: make([]string, 0, listSize), places: make(map[string]int, 2*listSize)}
	for line := range strings.Lines(wordFile) {
		word := strings.TrimSpace(line)
		if word == "" || word[0] == '#' {
			continue
		}
		l.places[word] = len(l.words)
		if len(word) > unique {
			l.places[word[:unique]] = len(l.words)
		}
		l.words = append(l.words, word)
	}
	return l
})

// find returns the place of a word in the list: the whole word, or its beginning
// from the fourth letter on, in any case. What goes wrong after the fourth letter
// is not forgiven: who writes "recieve" did not mean "recipe", and must be told
// which word it is, not that something is wrong somewhere.
func (l list) find(typed string) (int, bool) {
	typed = strings.ToLower(typed)
	at, ok := l.places[typed]
	if !ok && len(typed) > unique {
		at, ok = l.places[typed[:unique]]
	}
	return at, ok && strings.HasPrefix(l.words[at], typed)
}

// Words are the kit as 24 words of the English list of BIP 39: the secret, then
// the first byte of its SHA-256, eleven bits a word. Any tool for that standard
// turns them into the same 32 bytes, as "entropy".
func (k *Kit) Words() []string {
	sum := sha256.Sum256(k.secret[:])
	bits := append(k.secret[:len(k.secret):len(k.secret)], sum[0])
	l, out := words(), make([]string, 0, wordCount)
	for i := range wordCount {
		at := 0
		for bit := i * wordBits; bit < (i+1)*wordBits; bit++ {
			at = at<<1 | int(bits[bit/8]>>(7-bit%8)&1)
		}
		out = append(out, l.words[at])
	}
	return out
}

// fromWords reads 24 words out of whatever stands between them.
func fromWords(text string) (*Kit, error) {
	typed := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	var unknown []int
	places := make([]int, 0, wordCount)
	for i, word := range typed {
		at, ok := words().find(word)
		if !ok {
			unknown = append(unknown, i+1)
		}
		places = append(places, at)
	}
	switch {
	case 2*len(unknown) >= len(typed):
		return nil, ErrNotKit // some other text, or none
	case len(unknown) > 0:
		return nil, &WordError{Places: unknown}
	case len(typed) != wordCount:
		return nil, ErrWordCount
	}
	return fromPlaces(places)
}

// fromPlaces packs 24 numbers of eleven bits and checks the last eight.
func fromPlaces(places []int) (*Kit, error) {
	var bits [secretSize + 1]byte
	for i, at := range places {
		for j := range wordBits {
			if at>>(wordBits-1-j)&1 == 1 {
				bit := i*wordBits + j
				bits[bit/8] |= 1 << (7 - bit%8)
			}
		}
	}
	secret := [secretSize]byte(bits[:secretSize])
	if sum := sha256.Sum256(secret[:]); sum[0] != bits[secretSize] {
		return nil, ErrChecksum
	}
	return from(secret)
}
