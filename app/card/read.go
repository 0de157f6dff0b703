package card

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// maxTogether is what the bundles of all cards may have: as much as app/fhir reads.
const maxTogether = 25 << 20

// Marks of the carriers.
const (
	scheme   = "shc:/"
	deepLink = "/SMARTHealthCard/#"
)

// Read takes the cards out of whatever carries them: the JSON of a
// .smart-health-card file, the text of codes (several cards, and the deprecated
// codes of one card in parts, in any order, among other words), or a deep link.
// A card with faults is in the list, and Verify says which; an error means that
// there is nothing to show: ErrNotCard, ErrMalformed, ErrPart, ErrTooBig.
func Read(b []byte) ([]*Card, error) {
	if len(b) > MaxBytes {
		return nil, ErrTooBig
	}
	texts, err := credentials(string(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))))
	if err != nil {
		return nil, err
	}
	if len(texts) > MaxCards {
		return nil, ErrTooBig
	}
	var cards []*Card
	var first error
	readable, size := false, 0
	for _, t := range texts {
		c, err := parse(t)
		if c != nil {
			size += len(c.bundle)
		}
		if size > maxTogether {
			return nil, ErrTooBig // together, as they are read
		}
		cards, readable = append(cards, c), readable || err == nil
		if first == nil {
			first = err
		}
	}
	if !readable {
		return nil, first
	}
	return cards, nil
}

// Open returns what the cards in b say: Read, then FHIR. Errors: those of Read.
func Open(b []byte) ([]byte, error) {
	cards, err := Read(b)
	if err != nil {
		return nil, err
	}
	return FHIR(cards), nil
}

// credentials returns the JWS of every card in a text.
func credentials(text string) ([]string, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") {
		return file(text)
	}
	if _, fragment, ok := strings.Cut(text, deepLink); ok {
		plain, err := url.PathUnescape(fragment)
		if err != nil {
			return nil, fmt.Errorf("%w: its link is damaged", ErrMalformed)
		}
		return file(plain[:strings.LastIndexByte(plain, '}')+1]) // words may follow a link
	}
	return codes(strings.ToLower(text)) // some readers of codes shout
}

// file reads {"verifiableCredential":["…"]}; other members are not ours to judge.
func file(text string) ([]string, error) {
	var list []string
	o := objectOf([]byte(text))
	switch {
	case o["verifiableCredential"] == nil:
		return nil, ErrNotCard
	case json.Unmarshal(o["verifiableCredential"], &list) != nil || len(list) == 0:
		return nil, fmt.Errorf("%w: no list of credentials", ErrMalformed)
	}
	return list, nil
}

// codes reads every shc:/ in a text. Those with "n/of/" before their digits are
// the parts of one card: the standard has no way to name a second one beside it.
func codes(text string) ([]string, error) {
	var whole []string
	var parts []string
	for {
		_, rest, ok := strings.Cut(text, scheme)
		if !ok {
			break
		}
		body := rest[:digits(rest)]
		text = rest[len(body):]
		n, of, numerals, err := split(body)
		if err != nil {
			return nil, err
		}
		jws, err := letters(numerals)
		switch {
		case err != nil:
			return nil, err
		case of == 0:
			whole = append(whole, jws)
			continue
		case parts == nil:
			parts = make([]string, of)
		}
		if len(parts) != of || parts[n-1] != "" && parts[n-1] != jws {
			return nil, fmt.Errorf("%w: codes of several cards in parts", ErrMalformed)
		}
		parts[n-1] = jws
	}
	switch {
	case slices.Contains(parts, ""):
		return nil, ErrPart
	case parts != nil:
		whole = append(whole, strings.Join(parts, ""))
	case whole == nil:
		return nil, ErrNotCard
	}
	return whole, nil
}

// digits is how many bytes of s are the digits and slashes of a code.
func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789/")) }

// split takes "2/3/" off the digits of a part; of is 0 for a card in one code.
func split(body string) (n, of int, numerals string, err error) {
	steps := strings.Split(body, "/")
	if len(steps) == 1 {
		return 0, 0, body, nil
	}
	if len(steps) != 3 {
		return 0, 0, "", fmt.Errorf("%w: a code of an unknown form", ErrMalformed)
	}
	n, of = small(steps[0]), small(steps[1])
	switch {
	case of > MaxParts:
		return 0, 0, "", ErrTooBig
	case n < 1 || of < 1 || n > of:
		return 0, 0, "", fmt.Errorf("%w: a part that is none of its card", ErrMalformed)
	}
	return n, of, steps[2], nil
}

// small reads a number of up to three digits, without zeros before it; else 0.
func small(s string) (n int) {
	if len(s) > 3 || strings.HasPrefix(s, "0") {
		return 0
	}
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}

// letters makes text of a code's digits: two for each character, its ASCII
// number less 45, so that a code of digits alone holds it.
func letters(numerals string) (string, error) {
	if len(numerals) == 0 || len(numerals)%2 != 0 {
		return "", fmt.Errorf("%w: an odd number of digits", ErrMalformed)
	}
	out := make([]byte, len(numerals)/2)
	for i := range out {
		n := 10*(numerals[2*i]-'0') + numerals[2*i+1] - '0'
		if n > 'z'-'-' {
			return "", fmt.Errorf("%w: digits that mean no letter", ErrMalformed)
		}
		out[i] = '-' + n
	}
	return string(out), nil
}
