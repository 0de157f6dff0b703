package keyring

import (
	"math"
	"strings"
	"unicode"
)

// MinStrength is what a person's own passphrase needs, in bits.
const MinStrength = 60

// What a piece of a passphrase is worth, in bits. The letters follow NIST SP
// 800-63-1 appendix A (4 bits for the first, 2 for the next seven, 1.5 up to
// the twentieth, then 1); the others are chosen to stay below what a guesser
// who knows these habits must try.
const (
	bitsListWord = 12.92 // log2 7,776, rounded down
	bitsFunction = 3.0   // the, of, and, hai …
	bitsCommon   = 6.0   // what leaked passwords are made of
	bitsAgain    = 1.0   // something that was there already
	bitsRun      = 4.0   // 1234, abcd, qwerty, aaaa
	bitsYear     = 5.0   // 1900 to 2049
	bitsDigit    = 2.5
	maxDigits    = 20.0 // telephone numbers, dates, card numbers
	bitsSymbol   = 4.0
	bitsCapital  = 1.0
)

// Strength estimates the entropy of a passphrase in bits, from below. It takes
// the passphrase apart into runs of letters, digits and signs and adds up what
// each is worth, next to nothing for what came before, for runs along the
// alphabet or the keyboard and for words that people use in passwords. Hyphens
// and spaces are worth nothing. Words of the generator's list count in full: a
// phrase that was generated scores what it has, log2 7,776 for each word.
//
// It can not see a famous sentence in words it does not know, nor what is
// public about a person; that is why MinStrength is not lower.
func Strength(passphrase string) float64 {
	s := Normalize(passphrase)
	if unit, times := period(s); times > 1 {
		return Strength(unit) + math.Log2(float64(times))
	}
	e := estimate{seen: make(map[string]bool)}
	for r := []rune(s); len(r) > 0; {
		r = r[e.take(r):]
	}
	return e.bits
}

// estimate adds up the pieces of one passphrase.
type estimate struct {
	bits float64
	seen map[string]bool
}

// add counts a piece: in full at first sight, hardly when it comes again.
func (e *estimate) add(piece string, bits float64) {
	if e.seen[piece] {
		bits = min(bits, bitsAgain)
	}
	e.seen[piece] = true
	e.bits += bits
}

// take counts the piece at the start of r and returns its length.
func (e *estimate) take(r []rune) int {
	switch {
	case r[0] == '-' || unicode.IsSpace(r[0]):
		return 1
	case letter(r[0]):
		n := span(r, letter)
		if m := n + 1 + span(r[min(n+1, len(r)):], letter); m <= len(r) && inList(r[:m]) {
			n = m // "yo-yo" is one word of the list
		}
		e.letters(r[:n])
		return n
	case unicode.IsDigit(r[0]):
		n := span(r, unicode.IsDigit)
		e.digits(r[:n])
		return n
	default:
		e.add(string(r[0]), bitsSymbol)
		return 1
	}
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

func span(r []rune, is func(rune) bool) int {
	n := 0
	for n < len(r) && is(r[n]) {
		n++
	}
	return n
}

func inList(r []rune) bool {
	_, set := words()
	return set[strings.ToLower(string(r))]
}

// letters counts one run of letters.
func (e *estimate) letters(r []rune) {
	low := strings.ToLower(string(r))
	// One capital at the start is habit; others are a choice, of which two count.
	inner := 0
	for _, c := range r[1:] {
		if unicode.IsUpper(c) {
			inner++
		}
	}
	if inner < len(r)-1 {
		e.bits += bitsCapital * float64(min(inner, 2))
	}
	switch {
	case inList(r):
		e.add(low, bitsListWord)
	case functionWords[low]:
		e.add(low, bitsFunction)
	default:
		e.unknown([]rune(low))
	}
}

// unknown counts letters that are no word of the list, after taking out what is
// easy: words of leaked passwords and runs of the alphabet or the keyboard.
func (e *estimate) unknown(r []rune) {
	rest := make([]rune, 0, len(r))
	for len(r) > 0 {
		if n := easyWord(r); n > 0 {
			e.add(string(r[:n]), bitsCommon)
			r = r[n:]
		} else if n := run(r); n > 2 {
			e.add(string(r[:n]), bitsRun)
			r = r[n:]
		} else {
			rest = append(rest, r[0])
			r = r[1:]
		}
	}
	if unit, times := period(string(rest)); times > 1 {
		e.bits += math.Log2(float64(times))
		rest = []rune(unit)
	}
	e.add(string(rest), letterBits(len(rest)))
}

func letterBits(n int) float64 {
	first, next, more := min(n, 1), min(max(n-1, 0), 7), min(max(n-8, 0), 12)
	return 4*float64(first) + 2*float64(next) + 1.5*float64(more) + float64(max(n-20, 0))
}

// digits counts one run of digits.
func (e *estimate) digits(r []rune) {
	s, bits := string(r), 0.0
	switch {
	case run(r) == len(r) && len(r) > 2:
		bits = bitsRun
	case len(r) == 4 && s >= "1900" && s < "2050":
		bits = bitsYear
	default:
		bits = min(bitsDigit*float64(len(r)), maxDigits)
		if unit, times := period(s); times > 1 {
			bits = min(bits, bitsDigit*float64(len(unit))+math.Log2(float64(times)))
		}
	}
	e.add(s, bits)
}

// easyWord is the length of the longest common password word at the start of r.
func easyWord(r []rune) int {
	for n := min(len(r), longestCommon); n > 2; n-- {
		if commonWords[string(r[:n])] {
			return n
		}
	}
	return 0
}

// rows are what fingers and children run along.
var rows = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp"}

// run is the length of the longest run at the start of r: the same character,
// or along one of the rows in either direction.
func run(r []rune) int {
	longest := 1
	for longest < len(r) && r[longest] == r[0] {
		longest++
	}
	for _, row := range rows {
		at := strings.IndexRune(row, r[0])
		if at < 0 {
			continue
		}
		for _, step := range []int{1, -1} {
			n := 1
			for n < len(r) && at+n*step >= 0 && at+n*step < len(row) && rune(row[at+n*step]) == r[n] {
				n++
			}
			longest = max(longest, n)
		}
	}
	return longest
}

// period finds the shortest unit of which s is a repetition.
func period(s string) (unit string, times int) {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && s == strings.Repeat(s[:n], len(s)/n) {
			return s[:n], len(s) / n
		}
	}
	return s, 1
}

// functionWords carry little in any sentence: English, and Hindi in Latin letters.
var functionWords = set(`a i an as at be by do go he if in is it me my no of on or so to up us we am are and but for not
the you all any can had has have her him his how its let may new now off old one our out own she too two use was way
who why yes yet get got did say see man day that this with from they them then than what when will your been were more
some time very into only also just like know make over such take come here there their which would could should about
love life good best home baby mom dad god hai hain ka ki ke ko se mein main tu tum aap hum mera meri mere tera teri
aur kya nahi nahin yeh woh ek bhi par ho tha thi raha rahi`)

// commonWords are what lists of leaked passwords are made of, with those of
// India. Words of the generator's list do not reach this table.
var commonWords = set(`password passwd pass passw0rd qwerty azerty iloveyou welcome letmein monkey dragon master login
admin administrator root guest test user hello shadow sunshine princess football baseball cricket superman batman
michael jordan charlie daniel thomas jessica ashley whatever trustno flower summer winter spring autumn monday sunday
friday january february march april june july august september october november december secret computer internet
google facebook whatsapp samsung apple nokia mobile india indian bharat hindustan mumbai delhi chennai kolkata
bangalore bengaluru hyderabad pune jaipur krishna radha hanuman ganesh ganesha ganpati shiva shivay mahadev bholenath
sairam saibaba omsairam omnamah jaimata jaihind jaishree shriram shri ram sita lakshmi laxmi durga saraswati rahul
rohit sachin virat dhoni kohli priya pooja neha anjali amit sunil rajesh ramesh suresh vijay ajay sanjay deepak kumar
singh sharma verma gupta patel khan reddy mummy papa maa jaan janu sweety sweetie lovely angel darling babu chocolate
lovely family friends forever happy lucky horse correct staple battery potli wallet health doctor hospital medicine`)

var longestCommon = func() (n int) {
	for w := range commonWords {
		n = max(n, len(w))
	}
	return n
}()

func set(s string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
