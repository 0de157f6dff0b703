package emergency

import (
	"maps"
	"slices"
	"strings"
	"time"

	"potli/app/record"
)

// Told is what of a card is told to others who care for the person, by name: what is chosen, the languages and the day.
// What is not chosen, and whether the card may lie open, stays on the device.
//
//	<field>   the text, and after a line end the text in Latin letters where the person wrote it otherwise
//	langs     tags, with commas
//	made      RFC 3339
//	facts     what Facts holds as a Sum
type Told map[string]string

const (
	toldLangs = "langs"
	toldMade  = "made"
	toldFacts = "facts"
	// maxSaid is above what a field may weigh: a history keeps a kilobyte of each (package family).
	maxSaid = 1000
)

// Tell is what is told of a card: nothing where nothing is chosen.
func (c Card) Tell() Told {
	t := Told{}
	for _, f := range c.Chosen() {
		t[string(f.ID)] = f.Text
		if f.Latin != "" && f.Latin != f.Text {
			t[string(f.ID)] += "\n" + f.Latin
		}
	}
	if len(t) == 0 {
		return nil
	}
	t[toldMade] = c.Made.UTC().Format(time.RFC3339)
	if len(c.Langs) > 0 {
		t[toldLangs] = strings.Join(c.Langs, ",")
	}
	facts := c.Facts
	if len(facts) > 0 && !strings.HasPrefix(facts[0], sumPrefix) {
		facts = Sum(facts)
	}
	if len(facts) == 1 {
		t[toldFacts] = facts[0]
	}
	return t
}

// Hear is the card as it is told, where gone are names that were told before and are not any more. A field that is here
// and was never told stays; what cannot be kept is not taken.
func (c Card) Hear(t Told, gone []string) Card {
	for _, id := range Fields {
		value, told := t[string(id)]
		old := c.Field(id)
		switch {
		case told:
			text, latin, _ := strings.Cut(value, "\n")
			c = c.hear(Field{ID: id, On: true, Text: text, Latin: latin})
		case slices.Contains(gone, string(id)):
			old.On = false
			c = c.With(old)
		}
	}
	if made, err := time.Parse(time.RFC3339, t[toldMade]); err == nil {
		c.Made = made
	}
	if langs, told := t[toldLangs]; told {
		c.Langs = Languages(strings.Split(langs, ","))
	}
	if len(t) > 0 {
		c.Facts = nil
		if sum := record.Tidy(t[toldFacts]); sum != "" {
			c.Facts = []string{sum}
		}
	}
	return c
}

func (c Card) hear(f Field) Card {
	if one, err := (Card{Fields: []Field{f}}).Checked(); err == nil {
		return c.With(one.Fields[0])
	}
	return c
}

// Languages are tags as a card keeps them: no more than MaxLangs, none twice.
func Languages(tags []string) (out []string) {
	for _, tag := range tags {
		if tag != "" && len(tag) <= 12 && len(out) < MaxLangs && !slices.Contains(out, tag) && !strings.ContainsFunc(tag, notTag) {
			out = append(out, tag)
		}
	}
	return out
}

func notTag(r rune) bool {
	return r != '-' && !(r >= '0' && r <= '9') && !(r >= 'a' && r <= 'z') && !(r >= 'A' && r <= 'Z')
}

// Same says whether two cards tell the same.
func (t Told) Same(o Told) bool { return maps.Equal(t, o) }

// SameWords says whether two cards say the same, whenever they were made and of whatever they were made.
func (t Told) SameWords(o Told) bool {
	words := func(t Told) Told {
		t = maps.Clone(t)
		maps.DeleteFunc(t, func(name, _ string) bool { return name == toldMade || name == toldFacts })
		return t
	}
	return words(t).Same(words(o))
}
