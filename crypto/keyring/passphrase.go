package keyring

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
)

// The EFF large word list, 7,776 words, by the Electronic Frontier Foundation,
// CC BY 3.0 US. The credit stands at the top of the file too.
//
//go:embed words.txt
var wordFile string

// words returns the list and a set of it, read when first asked for.
var words = sync.OnceValues(func() ([]string, map[string]bool) {
	list := make([]string, 0, 7776)
	set := make(map[string]bool, 7776)
	for line := range strings.Lines(wordFile) {
		if word := strings.TrimSpace(line); word != "" && word[0] != '#' {
			list = append(list, word)
			set[word] = true
		}
	}
	return list, set
})

// Words of a generated passphrase: six for every wallet we make. Five are
// 64.6 bits, six 77.5.
const Words = 6

// GeneratePassphrase returns n words of the EFF large list joined with "-". Each
// word is equally likely: numbers that would favour some are thrown away.
// That exact string is the age passphrase.
func GeneratePassphrase(rand io.Reader, n int) (string, error) {
	if n < 1 {
		return "", errors.New("a passphrase has at least one word")
	}
	list, _ := words()
	picked := make([]string, 0, n)
	for len(picked) < n {
		var b [2]byte
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return "", fmt.Errorf("no randomness for a passphrase: %w", err)
		}
		if v := int(binary.BigEndian.Uint16(b[:])); v < bound(list) {
			picked = append(picked, list[v%len(list)])
		}
	}
	return strings.Join(picked, "-"), nil
}

// bound is the first number of two bytes that would favour some words of a list.
func bound(list []string) int { return 1 << 16 / len(list) * len(list) }

// Normalize maps what a person types to the passphrase. Four words or more of
// the list, in any case, parted by spaces, hyphens, commas or full stops, become
// the generated form; anything else loses the white space around it and is
// written in Unicode's Normalization Form C. Lock and Unlock apply it, so that
// both sides of a passphrase agree; it is idempotent.
func Normalize(s string) string { return generated(nfc(strings.TrimSpace(s))) }

// generated writes words of the list in the form in which they are generated,
// and leaves everything else.
func generated(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool {
		return r == '-' || r == ',' || r == '.' || unicode.IsSpace(r) || r == '‐' || r == '‑' || r == '–'
	})
	_, set := words()
	count := 0
	for i := 0; i < len(parts); i++ {
		parts[i] = strings.ToLower(parts[i])
		if !set[parts[i]] {
			// "yo-yo" and three others have a hyphen of their own.
			if i+1 == len(parts) || !set[parts[i]+"-"+strings.ToLower(parts[i+1])] {
				return s
			}
			i++
			parts[i] = strings.ToLower(parts[i])
		}
		count++
	}
	if count < 4 {
		return s
	}
	return strings.Join(parts, "-")
}
