package emergency

import "strings"

// Latin writes Devanagari in plain Latin letters, as names are written in passports: "मीरा" is "Mira". Everything else
// stays. It follows Hunterian transliteration without its accents, and drops the vowel that is not spoken at the end of a
// word. A person can write it otherwise; no rule knows how a family spells its name.
func Latin(s string) string {
	letters := []rune(s)
	var b strings.Builder
	for i, r := range letters {
		next := rune(0)
		if i+1 < len(letters) {
			next = letters[i+1]
		}
		switch text, consonant := consonants[r]; {
		case consonant:
			if next == '़' && dotted[r] != "" {
				text = dotted[r]
			}
			b.WriteString(capital(text, first(letters, i)))
			if vowelFollows(letters, i, next) {
				b.WriteByte('a')
			}
		case signs[r] != "":
			b.WriteString(sign(r, letters, i))
		case vowels[r] != "":
			b.WriteString(capital(vowels[r], first(letters, i)))
		case r >= '०' && r <= '९':
			b.WriteRune('0' + r - '०')
		case r == '्' || r == '़' || r == '\u200c' || r == '\u200d' || r == 'ऽ':
		case r == '।' || r == '॥':
			b.WriteByte('.')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// vowelFollows says whether a consonant is followed by its own "a": not before a sign, nor as the last of its word, unless
// the word is one letter or ends in two consonants.
func vowelFollows(letters []rune, i int, next rune) bool {
	if next == '़' && i+2 < len(letters) {
		next = letters[i+2]
	}
	switch {
	case next == '्':
		return false
	case isVowelSign(next):
		return false
	case devanagari(next):
		return true
	}
	return first(letters, i) || i > 0 && letters[i-1] == '्'
}

func isVowelSign(r rune) bool { return r >= 'ा' && r <= 'ौ' }

// sign is a vowel sign or a nasal. At the end of a word "ā" and "ī" are the same letters as anywhere.
func sign(r rune, letters []rune, i int) string {
	if (r == 'ं' || r == 'ँ') && i+1 < len(letters) && strings.ContainsRune("पफबभम", letters[i+1]) {
		return "m"
	}
	return signs[r]
}

// first says whether a letter begins a word.
func first(letters []rune, i int) bool { return i == 0 || !devanagari(letters[i-1]) }

func devanagari(r rune) bool { return r >= 0x0900 && r <= 0x097f && r != '।' && r != '॥' }

func capital(s string, yes bool) string {
	if !yes || s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

var consonants = map[rune]string{
	'क': "k", 'ख': "kh", 'ग': "g", 'घ': "gh", 'ङ': "n", 'च': "ch", 'छ': "chh", 'ज': "j", 'झ': "jh", 'ञ': "n",
	'ट': "t", 'ठ': "th", 'ड': "d", 'ढ': "dh", 'ण': "n", 'त': "t", 'थ': "th", 'द': "d", 'ध': "dh", 'न': "n",
	'प': "p", 'फ': "ph", 'ब': "b", 'भ': "bh", 'म': "m", 'य': "y", 'र': "r", 'ल': "l", 'ळ': "l", 'व': "v",
	'श': "sh", 'ष': "sh", 'स': "s", 'ह': "h",
	'\u0958': "q", '\u0959': "kh", '\u095a': "gh", '\u095b': "z", '\u095c': "r", '\u095d': "rh", '\u095e': "f", '\u095f': "y",
}

// dotted are consonants under which a dot is set apart.
var dotted = map[rune]string{'क': "q", 'ज': "z", 'ड': "r", 'ढ': "rh", 'फ': "f"}

var vowels = map[rune]string{'अ': "a", 'आ': "a", 'इ': "i", 'ई': "i", 'उ': "u", 'ऊ': "u", 'ऋ': "ri", 'ए': "e", 'ऐ': "ai", 'ऑ': "o", 'ओ': "o", 'औ': "au", 'ॐ': "om"}

var signs = map[rune]string{'ा': "a", 'ि': "i", 'ी': "i", 'ु': "u", 'ू': "u", 'ृ': "ri", 'े': "e", 'ै': "ai", 'ॉ': "o", 'ो': "o", 'ौ': "au", 'ं': "n", 'ँ': "n", 'ः': "h"}
