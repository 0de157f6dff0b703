package find

import "strings"

// A word is compared with one of another script by its sound: its consonants in
// classes that all scripts keep apart, vowels left out but one at the beginning,
// a sound that comes twice written once. "paracetamol" and पैरासिटामोल are both
// PRSTML. Letters that are said in two ways give a word two sounds.
//
//	A  a vowel, at the beginning     K G C S T D N F M R L H  as they look
//	P  p        B  b, v, w           S  also z, j, sh and soft c and g
//
// The classes and the rules for English spelling are ours, chosen on the names of
// medicines, illnesses and people in sound_test.go.

// maxSounds is how many sounds one word is given.
const maxSounds = 4

// sounds are those of a folded word; none for numbers, codes, scripts that are
// not Indian, and what has fewer than two.
func sounds(word string) []string {
	var list []string
	switch s := scriptOf(word); {
	case s == other || digits(word):
		return nil
	case s == latin:
		list = latinSounds(word)
	case s == tamil:
		list = []string{coarsen(indicSound(word))}
	default:
		list = []string{indicSound(word)}
	}
	kept := list[:0]
	for _, k := range list {
		if len(k) > 1 {
			kept = append(kept, k)
		}
	}
	return kept
}

// coarsen makes of a sound what the Tamil script can tell apart, which writes
// voiced and unvoiced, and s and ch, with one letter.
func coarsen(sound string) string {
	var k sounding
	for _, c := range []byte(sound) {
		k = k.say(coarse[c&0x7f])
	}
	return string(k)
}

var coarse = func() (t [128]byte) {
	for c := range t {
		t[c] = byte(c)
	}
	for i, c := range []byte("GDBFC") {
		t[c] = "KTPPS"[i]
	}
	return t
}()

// cutCoarse cuts from a sound what is prefix when it is coarsened, without making
// it so: there are as many as words.
func cutCoarse(sound, prefix string) (rest string, found bool) {
	last := byte(0)
	for i := range len(sound) {
		c := coarse[sound[i]&0x7f]
		switch {
		case c == last:
			continue
		case prefix == "":
			return sound[i:], true
		case prefix[0] != c:
			return "", false
		}
		prefix, last = prefix[1:], c
	}
	return "", prefix == ""
}

// sounding is a sound being made.
type sounding []byte

// say appends a class, unless it is what was said last.
func (k sounding) say(c byte) sounding {
	if n := len(k); n > 0 && k[n-1] == c {
		return k
	}
	return append(k, c)
}

// vowel notes one at the beginning.
func (k sounding) vowel() sounding {
	if len(k) == 0 {
		return append(k, 'A')
	}
	return k
}

// consonants are the classes from ka to ha: see the places of a block.
const consonants = "KKGGNCCSSNTTDDNTTDDNNPFBBMYRRLLLBSSSH"

func indicSound(word string) string {
	var k sounding
	runes := []rune(word)
	for i := 0; i < len(runes); i++ {
		at := byte(runes[i] & 0x7f)
		next := byte(none)
		if i+1 < len(runes) {
			next = byte(runes[i+1] & 0x7f)
		}
		switch {
		case runes[i] < 0x0900: // Latin letters among them
		case at == anusvara && next >= 0x2a && next <= 0x2d:
			k = k.say('M')
		case at == anusvara:
			k = k.say('N')
		case at == 0x0b || at == 0x43:
			k = k.say('R')
		case at == 0x1c && next == 0x1e: // ज्ञ is said gya
			k, i = k.say('G'), i+1
		case at < 0x15 || at > 0x39 || at == 0x2f:
			k = k.vowel()
		case at == 0x39 && len(k) > 0: // an h that is not the first is not written everywhere
		default:
			k = k.say(consonants[at-0x15])
		}
	}
	return string(k)
}

// latinSounds are the ways in which a word in Latin letters may be said.
func latinSounds(word string) []string {
	ways := []sounding{nil}
	for i := 0; i < len(word); {
		n, a, b := letter(word, i)
		i += n
		if b != "" && b != a && len(ways)*2 <= maxSounds {
			for _, k := range ways {
				ways = append(ways, append(sounding{}, k...).speak(b))
			}
			for j := range ways[:len(ways)/2] {
				ways[j] = ways[j].speak(a)
			}
			continue
		}
		for j := range ways {
			ways[j] = ways[j].speak(a)
		}
	}
	list := make([]string, 0, len(ways))
	for _, k := range ways {
		if s := string(k); len(list) == 0 || s != list[len(list)-1] {
			list = append(list, s)
		}
	}
	return list
}

// speak says classes one after the other; 'A' is a vowel.
func (k sounding) speak(classes string) sounding {
	for _, c := range []byte(classes) {
		if c == 'A' {
			k = k.vowel()
		} else {
			k = k.say(c)
		}
	}
	return k
}

// plain are letters that are said as they look.
var plain = map[byte]string{'b': "B", 'd': "D", 'f': "F", 'j': "S", 'k': "K", 'l': "L", 'm': "M", 'p': "P", 'q': "K", 'r': "R", 'v': "B", 'z': "S"}

// letter says how the letter at i is said, in one or two ways, with how many
// letters.
func letter(w string, i int) (n int, a, b string) {
	at := func(j int) byte {
		if j < 0 || j >= len(w) {
			return 0
		}
		return w[j]
	}
	rest, next := w[i:], at(i+1)
	soft := next == 'e' || next == 'i' || next == 'y' || strings.HasPrefix(rest[1:], "ae") || strings.HasPrefix(rest[1:], "oe")
	if i == 0 {
		for _, mute := range []string{"ps", "pn", "kn", "gn", "wr", "mn", "pt"} {
			if strings.HasPrefix(w, mute) {
				return 1, "", ""
			}
		}
	}
	switch c := w[i]; c {
	case 'c':
		switch {
		case next == 'h':
			return 2, "C", "K"
		case next == 'c' && (at(i+2) == 'e' || at(i+2) == 'i'):
			return 2, "KS", ""
		case next == 'k':
			return 2, "K", ""
		case soft:
			return 1, "S", ""
		}
		return 1, "K", ""
	case 'g':
		switch {
		case next == 'h' && i > 0 && (at(i+2) == 0 || at(i+2) == 't'):
			return 2, "", "G"
		case soft && next != 'a' && next != 'o':
			return 1, "S", "G"
		}
		return 1, "G", ""
	case 'h':
		if i == 0 {
			return 1, "H", ""
		}
		return 1, "", ""
	case 'n':
		if strings.IndexByte("pb", next) >= 0 && next != 0 {
			return 1, "M", ""
		}
		return 1, "N", ""
	case 'p':
		if next == 'h' {
			return 2, "F", ""
		}
	case 'q':
		if next == 'u' {
			return 2, "KB", "K"
		}
	case 's':
		if next == 'c' && (at(i+2) == 'e' || at(i+2) == 'i' || at(i+2) == 'y') {
			return 2, "S", ""
		}
		return 1, "S", ""
	case 't':
		switch {
		case strings.HasPrefix(rest, "tion"):
			return 4, "SN", ""
		case strings.HasPrefix(rest, "ture"):
			return 4, "CR", ""
		case strings.HasPrefix(rest, "tch"):
			return 3, "C", ""
		}
		return 1, "T", ""
	case 'w':
		if next != 0 && strings.IndexByte("aeiouhy", next) >= 0 {
			return 1, "B", ""
		}
		return 1, "A", ""
	case 'x':
		if i == 0 {
			return 1, "S", "AKS" // xylene; x-ray
		}
		return 1, "KS", ""
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return 1, "A", ""
	}
	return 1, plain[w[i]], ""
}
