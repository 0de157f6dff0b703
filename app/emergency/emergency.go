// Package emergency is the card for the day on which its person cannot speak: a few fields, each there only if the person
// chose it, as words on paper or on a screen and as the plain text of a QR code.
//
// What is on a card is told to others who care for the person (Told), and is the same on everybody's phone. That it may be
// read without unlocking is each phone's own.
//
// The code holds no address and needs no program of ours, no network and no server: whatever reads QR codes shows its
// words. Others' cards put name and illnesses into the query of a web address, so that every scan tells a server
// (ux.md E2). It is kept small (MaxCode), because such a card is read from scratched plastic by an old phone; a Devanagari
// letter weighs three bytes, so the code is written in Latin letters where it can be.
//
// The package decides nothing about where a card is kept. It knows no medicine either: what the wallet holds is offered by
// the caller, and the words are the person's.
package emergency

import (
	"errors"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"potli/app/record"
)

// FieldID names a field. It is kept in sealed documents: for ever.
type FieldID string

// Fields, in the order in which somebody who helps needs them.
const (
	Name       FieldID = "name"
	Born       FieldID = "born"
	Sex        FieldID = "sex"
	Blood      FieldID = "blood"
	Allergies  FieldID = "allergies"
	Conditions FieldID = "conditions"
	Medicines  FieldID = "medicines"
	Implants   FieldID = "implants"
	Contact    FieldID = "contact"
	Phone      FieldID = "phone"
	Doctor     FieldID = "doctor"
	Insurance  FieldID = "insurance"
	Directive  FieldID = "directive"
	Language   FieldID = "language"
)

// Fields is every field in its order.
var Fields = []FieldID{Name, Born, Sex, Blood, Allergies, Conditions, Medicines, Implants, Contact, Phone, Doctor, Insurance, Directive, Language}

// labels are how the words name the fields: in English, which who helps abroad reads too.
var labels = map[FieldID]string{
	Name: "Name", Born: "Born", Sex: "Sex", Blood: "Blood", Allergies: "ALLERGIES", Conditions: "Conditions", Medicines: "Medicines",
	Implants: "Implants", Contact: "Call", Phone: "Own phone", Doctor: "Doctor", Insurance: "Insurance", Directive: "Wishes", Language: "Speaks",
}

const (
	// MaxCode is the most bytes of a code that an old phone still reads at the size of a card: version 13 at level M
	// (ux.md §4).
	MaxCode = 331
	// MaxText is how many letters a field may have.
	MaxText = 160
)

// FieldError is ErrField of one field that a person can put right: it is too long.
type FieldError struct{ Field FieldID }

func (e *FieldError) Error() string {
	return "a field of an emergency card is too long: " + string(e.Field)
}

// Is says that it is an ErrField.
func (e *FieldError) Is(target error) bool { return target == ErrField }

// ErrField: a field that is not known here, given twice, or too long.
var ErrField = errors.New("a field of an emergency card that cannot be kept")

// Field is one of a card. Off, it is kept for the day it is wanted, and shown nowhere.
type Field struct {
	ID    FieldID `json:"id"`
	On    bool    `json:"on"`
	Text  string  `json:"text"`
	Latin string  `json:"latin,omitempty"` // for the code; "": Latin(Text)
}

// MaxLangs is how many languages a card is shown in, beside the words of the code.
const MaxLangs = 2

// Card is a person's card, kept sealed.
type Card struct {
	Person record.ProfileID `json:"person"`
	Fields []Field          `json:"fields"`
	Made   time.Time        `json:"made"`
	// Langs are the languages in which its fields are named, as BCP 47 tags, the one the person reads first.
	Langs []string `json:"langs,omitempty"`
	// Facts are the allergies, conditions and medicines that the wallet held when the card was made, or one sum of them
	// (Sum): see Stale.
	Facts []string `json:"facts,omitempty"`
	// Open is set when the person has agreed that View is kept unsealed on this device, to be shown without unlocking.
	Open bool `json:"open,omitempty"`
	View View `json:"view"`
}

// View is a card ready to be shown, in words of the person's languages. It is all that is ever kept unsealed.
type View struct {
	Lang  string   `json:"lang"`
	Title string   `json:"title"`
	Also  *Also    `json:"also,omitempty"` // the second language
	Rows  []Row    `json:"rows"`
	Made  string   `json:"made"`
	Words []string `json:"words,omitempty"` // Card.Words, for whoever finds it and reads none of the languages
	Code  string   `json:"code"`            // of the QR: a path in a square of Size modules
	Size  int      `json:"size"`
	Says  string   `json:"says"` // what the code is, for whoever does not see it
}

// Also is what a View says in a second language.
type Also struct {
	Lang  string `json:"lang"`
	Title string `json:"title"`
	Made  string `json:"made"`
}

// Row is one line of a View.
type Row struct {
	Label string `json:"label"`
	Also  string `json:"also,omitempty"` // Label in the second language
	Text  string `json:"text"`
	Alert bool   `json:"alert,omitempty"` // shown first to the eye: allergies
}

// Field finds a field; a card that has it not has it empty and off.
func (c Card) Field(id FieldID) Field {
	for _, f := range c.Fields {
		if f.ID == id {
			return f
		}
	}
	return Field{ID: id}
}

// With returns a copy with one field changed.
func (c Card) With(f Field) Card {
	fields := make([]Field, 0, len(Fields))
	for _, id := range Fields {
		old := c.Field(id)
		if id == f.ID {
			old = f
		}
		if old.On || old.Text != "" || old.Latin != "" {
			fields = append(fields, old)
		}
	}
	c.Fields = fields
	return c
}

// Chosen are the fields that are shown, in their order.
func (c Card) Chosen() (out []Field) {
	for _, id := range Fields {
		if f := c.Field(id); f.On && strings.TrimSpace(f.Text) != "" {
			out = append(out, f)
		}
	}
	return out
}

// Checked returns the card tidied up, as it is kept. Only what is chosen can be too long: the rest is shown nowhere.
// Errors: ErrField, *FieldError.
func (c Card) Checked() (Card, error) {
	seen := map[FieldID]bool{}
	out := c
	out.Fields = nil
	for _, f := range c.Fields {
		f.Text, f.Latin = record.Tidy(f.Text), record.Tidy(f.Latin)
		long := utf8.RuneCountInString(f.Text) > MaxText || utf8.RuneCountInString(f.Latin) > MaxText
		switch {
		case !slices.Contains(Fields, f.ID), seen[f.ID]:
			return c, ErrField
		case f.On && (long || len(f.Text)+len(f.Latin) >= maxSaid):
			return c, &FieldError{f.ID}
		}
		seen[f.ID] = true
		out.Fields = append(out.Fields, f)
	}
	return out, nil
}

// Fitted joins items with commas to a text that a field can hold: whole items in their order, and what more(n) says of
// the n that do not fit. An item too long for a field by itself is cut when nothing else fits.
func Fitted(items []string, more func(n int) string) string {
	fits := func(s string) bool { return utf8.RuneCountInString(record.Tidy(s)) <= MaxText }
	all := strings.Join(items, ", ")
	if fits(all) {
		return all
	}
	for n := len(items) - 1; n > 0; n-- {
		if text := strings.Join(items[:n], ", ") + ", " + more(len(items)-n); fits(text) {
			return text
		}
	}
	end := "…"
	if len(items) > 1 {
		end += ", " + more(len(items)-1)
	}
	room := MaxText - utf8.RuneCountInString(end)
	return string([]rune(record.Tidy(items[0]))[:max(0, min(room, utf8.RuneCountInString(record.Tidy(items[0]))))]) + end
}

// Stale says whether what the wallet holds now is not what it held when the card was made.
func (c Card) Stale(facts []string) bool {
	return !slices.Equal(c.Facts, Sum(facts)) && !slices.Equal(sorted(c.Facts), sorted(facts))
}

// Sum is what a card remembers of facts: enough to see that they have changed, and nothing that could be read. It is a
// list of one, none for no facts.
func Sum(facts []string) []string {
	if facts = sorted(facts); len(facts) == 0 {
		return nil
	}
	h := fnv.New64a()
	for _, f := range facts {
		io.WriteString(h, f+"\n")
	}
	return []string{sumPrefix + strconv.FormatUint(h.Sum64(), 16)}
}

const sumPrefix = "fnv1a:"

func sorted(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(record.Tidy(s))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
