package find

import (
	"unicode"
	"unicode/utf8"
)

// Fold writes a text as the words that are compared, each after a space: without
// accents and capitals, numbers in ASCII digits. What is written together but
// made of several words ("x-ray", "E11.9") comes as its words, and after the end
// of its line once more as one ("xray", "e119"). A number keeps what stands
// between its digits ("13.2", "2025-02-01", "120-80"). Line ends stay, so that
// nothing reads across them.
func Fold(s string) []byte {
	f := folder{out: make([]byte, 0, len(s)+16)}
	each(s, f.run, func() { f.out = append(f.out, '\n') })
	if len(f.whole) > 0 {
		f.out = append(append(f.out, '\n'), f.whole...)
	}
	return f.out
}

type folder struct{ out, whole []byte }

func (f *folder) run(r run) {
	for _, w := range r.words {
		f.out = append(append(f.out, ' '), w.text...)
	}
	for _, w := range []string{r.joined, r.second} {
		if w != "" {
			f.whole = append(append(f.whole, ' '), w...)
		}
	}
}

// run is what is written without a space.
type run struct {
	from, to int // in the text
	words    []word
	joined   string // all of them as one, if there are several
	second   string // the lower value of a blood pressure
}

// word is one word of a run.
type word struct {
	text     string // folded
	from, to int
}

// piece is a part of a run: letters and digits, or a sign between them.
type piece struct {
	text     []byte
	from, to int
	before   rune // the sign before it; 0: none
	digits   bool // and nothing else
}

// Longest words. What is longer is no word that anybody types.
const (
	maxWord   = 48
	maxPieces = 16
)

// each calls f for each run of s, and line for each line end.
func each(s string, f func(run), line func()) {
	var pieces []piece
	flush := func() {
		if len(pieces) > 0 {
			f(runOf(pieces))
			pieces = pieces[:0]
		}
	}
	sign, start := rune(0), true // a run begins
	for i := 0; i < len(s); {
		p, next := readPiece(s, i)
		if len(p.text) > 0 {
			if start || len(pieces) >= maxPieces {
				flush()
				sign = 0
			}
			p.before = sign
			pieces = append(pieces, split(p)...)
			sign, start, i = 0, false, next
			continue
		}
		if next > i { // nothing but marks
			i = next
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !joins(r) || sign != 0 {
			start = true
		}
		sign = r
		i += n
		if r == '\n' {
			flush()
			line()
		}
	}
	flush()
}

// joins says whether a sign between two words makes one of them.
func joins(r rune) bool {
	switch r {
	case '-', '.', ',', '/', ':', '_', '\'', '’', '&', '+', '‐', '‑', '–', '·':
		return true
	}
	return false
}

// readPiece reads letters and digits from i on, folded, and says what comes after.
func readPiece(s string, i int) (piece, int) {
	p := piece{from: i, digits: true}
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case 'a' <= c && c <= 'z':
				p.digits = false
			case 'A' <= c && c <= 'Z':
				p.digits, c = false, c+'a'-'A'
			case '0' <= c && c <= '9':
			default:
				p.to = i
				return p, i
			}
			p.text = append(p.text, c)
			i++
			continue
		}
		before := len(p.text)
		n := 0
		if p.text, n = appendRune(p.text, s[i:]); n == 0 {
			break
		}
		for _, c := range p.text[before:] {
			p.digits = p.digits && '0' <= c && c <= '9'
		}
		i += n
	}
	p.to = i
	return p, i
}

// split parts a number from the unit behind it: "500mg" is two words.
func split(p piece) []piece {
	n := 0
	for n < len(p.text) && '0' <= p.text[n] && p.text[n] <= '9' {
		n++
	}
	if n == 0 || n == len(p.text) || p.to-p.from != len(p.text) { // digits of other scripts are not as long as ours
		return []piece{p}
	}
	for _, c := range p.text[n:] {
		if c < 'a' || c > 'z' {
			return []piece{p}
		}
	}
	number := piece{text: p.text[:n:n], from: p.from, to: p.from + n, before: p.before, digits: true}
	return []piece{number, {text: p.text[n:], from: p.from + n, to: p.to}}
}

// runOf makes the words of a run.
func runOf(pieces []piece) run {
	r := run{from: pieces[0].from, to: pieces[len(pieces)-1].to}
	signs := 0 // between words
	var whole []byte
	for i, p := range pieces {
		whole = append(whole, p.text...)
		if i == 0 || !p.digits || !pieces[i-1].digits || !numeral(p.before) {
			r.words = append(r.words, word{text: clip(p.text), from: p.from, to: p.to})
			signs += bit(p.before != 0)
			continue
		}
		w := &r.words[len(r.words)-1]
		switch {
		case p.before == '.':
			w.text += "." + clip(p.text)
		case p.before == ',':
			w.text += clip(p.text) // 1,50,000
		default:
			w.text += "-" + clip(p.text)
			r.second = clip(p.text)
		}
		w.text, w.to = clip([]byte(w.text)), p.to
	}
	if len(pieces) != 2 || len(r.words) != 1 {
		r.second = ""
	}
	if len(r.words) > 1 && signs > 0 && len(whole) <= maxWord {
		r.joined = string(whole)
	}
	return r
}

// numeral says whether a sign between digits makes one number of them.
func numeral(r rune) bool {
	switch r {
	case '.', ',', '-', '/', ':', '‐', '‑', '–':
		return true
	}
	return false
}

func clip(b []byte) string {
	if len(b) > maxWord {
		b = b[:maxWord]
		for len(b) > 0 && !utf8.FullRune(b[lastRune(b):]) {
			b = b[:lastRune(b)]
		}
	}
	return string(b)
}

func lastRune(b []byte) int {
	n := len(b) - 1
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}

// appendRune folds the first character of s, with what belongs to it, and says
// how many bytes it was; 0: it is of no word.
func appendRune(b []byte, s string) ([]byte, int) {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r >= 0x0900 && r < 0x0d80:
		return appendIndic(b, s, r, n)
	case r == utf8.RuneError:
		return b, 0
	case invisible(r):
		return b, n
	case r >= 0xc0 && r < 0x180:
		return appendLatin(b, r, latin1[r-0xc0]), n * bit(r != '×' && r != '÷')
	case r >= 0x1e00 && r < 0x1f00:
		return appendLatin(b, r, latin2[r-0x1e00]), n
	case r >= 0x0600 && r < 0x0700:
		return appendArabic(b, r, n)
	case r == 'µ' || r == 'μ': // as UCUM writes it
		return append(b, 'u'), n
	case r == '²' || r == '³':
		return append(b, '0'+byte(r&3)), n
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		return utf8.AppendRune(b, unicode.ToLower(r)), n
	}
	return b, 0
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

// invisible are combining accents, and what guides how letters join or where
// lines break.
func invisible(r rune) bool {
	return r >= 0x300 && r < 0x370 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r == 0x2060 || r == 0xad || r == 0xfeff
}

// The letters from U+00C0 and from U+1E00 on without accents, as Unicode takes
// them apart (NFKD); a dot: see appendLatin.
const (
	latin1 = "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.yaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkklllllllllln" +
		"nnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
	latin2 = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzz" +
		"htwyassssdaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyllvvyy"
)

func appendLatin(b []byte, r rune, as byte) []byte {
	switch r {
	case '×', '÷':
		return b
	case 'ß', 'ẞ':
		return append(b, "ss"...)
	case 'Æ', 'æ':
		return append(b, "ae"...)
	case 'Œ', 'œ':
		return append(b, "oe"...)
	case 'Þ', 'þ':
		return append(b, "th"...)
	case 'Ĳ', 'ĳ':
		return append(b, "ij"...)
	}
	return append(b, as)
}

// appendArabic makes one of letters that are typed either way in Urdu, and
// leaves vowel signs out.
func appendArabic(b []byte, r rune, n int) ([]byte, int) {
	switch {
	case r >= 0x64b && r <= 0x65f, r == 0x670, r == 0x640:
		return b, n
	case r >= 0x660 && r <= 0x669:
		return append(b, '0'+byte(r-0x660)), n
	case r >= 0x6f0 && r <= 0x6f9:
		return append(b, '0'+byte(r-0x6f0)), n
	case r == 'ي' || r == 'ى':
		r = 'ی'
	case r == 'ك':
		r = 'ک'
	case r == 'أ' || r == 'إ' || r == 'آ':
		r = 'ا'
	case !unicode.IsLetter(r):
		return b, 0
	}
	return utf8.AppendRune(b, r), n
}
