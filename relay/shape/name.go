package shape

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"potli/relay/wire"
)

// Name makes a stranger's claim of a name safe to keep and to show:
// at most wire.MaxRecipient characters, no controls, no characters that turn
// the direction of the text around it, single spaces, nothing invalid.
func Name(s string) string {
	var b strings.Builder
	n := 0
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = n > 0
			continue
		case r == utf8.RuneError, !keepable(r): // invalid bytes come out as RuneError
			continue
		}
		if space {
			space = false
			b.WriteByte(' ')
			n++
		}
		if n >= wire.MaxRecipient {
			break
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSuffix(b.String(), " ")
}

// keepable drops controls, formats, private and unassigned characters; the two
// joiners stay, because Indian scripts are spelt with them.
func keepable(r rune) bool {
	const zwnj, zwj = '\u200c', '\u200d'
	return r == zwnj || r == zwj || unicode.IsGraphic(r)
}
