package emergency

import (
	"slices"
	"strings"
	"time"

	"potli/app/record"
)

// heading begins the words, so that no phone takes the code for an address, and no finder for anything else.
const heading = "EMERGENCY CARD"

// Words are the card for whoever finds it: a line for each chosen field, named in English and written in Latin letters
// where it can be, and when the card was made. There is no "://" in them, so that no phone takes one for an address.
func (c Card) Words() []string {
	lines := []string{heading}
	for _, f := range c.Chosen() {
		lines = append(lines, line(f))
	}
	return append(lines, c.dated())
}

func line(f Field) string {
	text := record.Tidy(f.Latin)
	if text == "" {
		text = Latin(record.Tidy(f.Text))
	}
	return labels[f.ID] + ": " + strings.ReplaceAll(text, "://", " ")
}

func (c Card) dated() string { return "Made: " + c.Made.Format(time.DateOnly) }

// Code is the text of the QR: the Words, MaxCode bytes of them at most. What does not fit is left out whole, the least
// needed first, and the code says what: a list of medicines that ends somewhere would be taken for all of them.
func (c Card) Code() string {
	text, _ := c.fitted()
	return text
}

// Left are the chosen fields that the code has no room for.
func (c Card) Left() []FieldID {
	_, left := c.fitted()
	return left
}

// fitted takes fields in, in the order in which they are needed, as long as all that is said of the rest has room too.
func (c Card) fitted() (text string, left []FieldID) {
	chosen := c.Chosen()
	for _, f := range chosen {
		left = append(left, f.ID)
	}
	for _, f := range chosen {
		rest := slices.DeleteFunc(slices.Clone(left), func(id FieldID) bool { return id == f.ID })
		if len(c.code(chosen, rest)) <= MaxCode {
			left = rest
		}
	}
	return c.code(chosen, left), left
}

// code is the text without the fields that are left.
func (c Card) code(chosen []Field, left []FieldID) string {
	lines := []string{heading}
	for _, f := range chosen {
		if !slices.Contains(left, f.ID) {
			lines = append(lines, line(f))
		}
	}
	if len(left) > 0 {
		names := make([]string, len(left))
		for i, id := range left {
			names[i] = labels[id]
		}
		lines = append(lines, "On the card only: "+strings.Join(names, ", "))
	}
	return strings.Join(append(lines, c.dated()), "\n")
}
