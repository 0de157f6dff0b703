package fhir

import "strings"

// The longest prose an index keeps, in bytes: of one line, of what belongs to the
// whole document, and of all of them together. It is what a search reads beside
// titles and values, so of a long letter its beginning is enough.
const (
	maxLineWords = 512
	maxWords     = 2048
	maxAllWords  = 6144
)

// Note adds text of the document to Words, as far as there is room.
func (o *Outline) Note(text string) { o.Words = addWords(o.Words, text, maxWords) }

// addWords joins texts by line ends, cut at a word.
func addWords(have, text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || strings.Contains(have, text) {
		return have
	}
	if have != "" {
		have += "\n"
	}
	if room := most - len(have); room < 8 {
		return strings.TrimSuffix(have, "\n")
	} else if len(text) > room {
		text = cut(text, room-len("…"))
	}
	return have + text
}

// proses are members in which people write sentences, best first.
var proses = []map[string]bool{
	set("note conclusion conclusionCode comment description contentString valueString valueMarkdown patientInstruction summary reasonCode " +
		"instruction additionalInstruction details problem payload answer manifestation reaction outcome valueCodeableConcept additionalText"),
	set("text title"), set("display div"),
}

// prose is what a resource says in sentences beyond its line: notes, conclusions,
// messages, answers, and at last its narrative, which often says the rest again.
func prose(e element, l Line) string {
	said := l.Title
	for _, v := range l.Detail {
		said += "\n" + v.Text
	}
	words := ""
	for level := range proses {
		gather(e, level, false, func(text string) bool {
			if !strings.Contains(said, text) {
				words = addWords(words, text, maxLineWords)
			}
			return len(words) < maxLineWords-16
		})
	}
	return words
}

// persons are members that name people. Who a record is about stands in all of
// them.
var persons = set("subject patient beneficiary identifier meta extension modifierExtension")

// gather gives f the strings under members of a level, those of narratives as
// text, until f has enough.
func gather(e element, level int, inside bool, f func(string) bool) bool {
	for _, c := range e.children() {
		key := ""
		if e.is(kindObject) {
			key = c.key()
		}
		if persons[key] {
			continue
		}
		within := inside && (key == "" || key == "text" || key == "display" || c.is(kindObject) || c.is(kindArray))
		hit := proses[level][key] || within
		switch {
		case c.is(kindString):
			if !hit {
				continue
			}
			text := c.peek()
			if key == "div" {
				text = textOf(Narrative(text))
			}
			if !f(text) {
				return false
			}
		case !gather(c, level, hit, f):
			return false
		}
	}
	return true
}

// textOf is the text of a narrative, blocks parted by spaces.
func textOf(nodes []Node) string {
	var b strings.Builder
	var walk func([]Node)
	walk = func(nodes []Node) {
		for _, n := range nodes {
			if n.Tag == "" {
				b.WriteString(n.Text)
				continue
			}
			walk(n.Children)
			if allowed[n.Tag] != inline {
				b.WriteByte(' ')
			}
		}
	}
	walk(nodes)
	return b.String()
}

// addProse gives an outline the words of its resources and of the sections of its
// Composition.
func (f *File) addProse(o *Outline) {
	if c := f.composition(); c >= 0 && f.Entries[c].Type == "Composition" {
		for level := range proses {
			gather(f.at[c], level, false, func(text string) bool {
				if text != o.Title {
					o.Note(text)
				}
				return len(o.Words) < maxWords-16
			})
		}
	}
	all := len(o.Words)
	for i := range o.Lines {
		words := prose(f.at[o.Lines[i].Entry], o.Lines[i])
		if all += len(words); all > maxAllWords {
			return
		}
		o.Lines[i].Words = words
	}
}
