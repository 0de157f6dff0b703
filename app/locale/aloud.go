package locale

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// Run is a piece of a text in one language, short enough to be spoken in one breath. At is where it begins in the text, in
// the units of UTF-16 that a browser counts in.
type Run struct {
	Text, Tag string
	At        int
}

// breath is how many letters are spoken at once: phones stop in the middle of what is much longer.
const breath = 180

// Runs cuts a text in the language own where its script changes and where sentences end. A voice reads the letters of its
// own language and no others. What stands in the script of own is taken to be in own; another script is that of the
// language most often written in it here. Signs, numbers and spaces go with the letters before them. Together the runs are
// the text.
func Runs(text, own string) []Run {
	var list []Run
	from, at, tag, n := 0, 0, "", 0
	cut := func(to int, next string) {
		if to > from {
			list = append(list, Run{text[from:to], pick(tag, own), at})
			at += Units(text[from:to])
		}
		from, tag, n = to, next, 0
	}
	for i, r := range text {
		t := tongue(r, own)
		switch {
		case t != "" && tag != "" && t != tag:
			cut(i, t)
		case n >= breath/2 && ended(text[:i]), n >= breath && unicode.IsSpace(r):
			cut(i, tag)
		}
		if t != "" {
			tag = t
		}
		n++
	}
	cut(len(text), "")
	return list
}

// ended says whether a sentence, or a line, has just ended.
func ended(s string) bool {
	for _, end := range []string{". ", "! ", "? ", "; ", "।", "॥", "۔", "؟", "\n"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

// blocks are the languages most often written in the nine scripts of India that follow one another in Unicode from U+0900,
// 128 letters each.
var blocks = [...]string{"hi", "bn", "pa", "gu", "or", "ta", "te", "kn", "ml"}

// kin are the languages that share a script with one of blocks.
var kin = map[string]string{"mr": "hi", "ne": "hi", "kok": "hi", "mai": "hi", "sa": "hi", "as": "bn"}

// tongue is the language a letter is taken to be in, "" for what belongs to all.
func tongue(r rune, own string) string {
	t := ""
	switch {
	case r == '।' || r == '॥' || !unicode.IsLetter(r) && !unicode.IsMark(r):
	case r >= 0x900 && r < 0x900+0x80*rune(len(blocks)):
		t = blocks[(r-0x900)/0x80]
	case r >= 0x600 && r < 0x780, r >= 0xfb50 && r < 0xff00:
		t = "ur"
	case r < 0x250:
		t = "en"
	}
	if primary := Primary(own); t != "" && (t == kin[primary] || t == "en" && latin(primary)) {
		return own
	}
	if t == Primary(own) {
		return own
	}
	return t
}

// latin tells the languages that are not of the scripts above: they are taken to be written like English.
func latin(primary string) bool {
	if primary == "" || primary == "ur" || primary == "ar" || kin[primary] != "" {
		return false
	}
	for _, b := range blocks {
		if b == primary {
			return false
		}
	}
	return true
}

// Primary is the language of a tag without its region: "hi" of "hi-IN" and of "hi_IN", as phones write it.
func Primary(tag string) string {
	primary, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	return strings.ToLower(primary)
}

func pick(tag, own string) string {
	if tag == "" {
		return own
	}
	return tag
}

// Units is how long a text is in the units of UTF-16 that a browser counts in.
func Units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
