// Package plain says in one sentence what a test, a vaccine, the heading of a document or
// an abbreviation is. The sentences are data, one file for each language under web/plain,
// and terms.json beside them says by which codes and names a thing is known.
//
// A sentence says what is measured or meant. It never says what a value means for
// somebody, and gives no advice. Where a name could mean two things nothing is said: a
// wrong explanation is worse than none.
package plain

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Sort is what is asked about.
type Sort string

// Sorts of things with an explanation. Names are looked up within one sort: "PT" is a
// test, and a plan is no vaccine.
const (
	Test    Sort = "test" // also measurements such as the pulse
	Vaccine Sort = "vaccine"
	Section Sort = "section"
	short   Sort = "short" // abbreviations and units
)

// Book holds the sentences of one language. It is never changed, so safe for concurrent
// use. The nil Book knows nothing.
type Book struct {
	codes map[string]string          // "system|code": id
	names map[Sort]map[string]string // normal name: id; of abbreviations the name as written
	words map[string]string          // id: sentence
}

// systems are the short names of code systems in terms.json.
var systems = map[string]string{"loinc": "http://loinc.org", "cvx": "http://hl7.org/fhir/sid/cvx", "snomed": "http://snomed.info/sct"}

// sortOf is the sort of an id, by what stands before its dot.
var sortOf = map[string]Sort{"test": Test, "vital": Test, "vaccine": Vaccine, "section": Section, "short": short, "unit": short}

// Read makes a Book of terms.json and of a language's sentences.
func Read(terms, words []byte) (*Book, error) {
	var known map[string]struct{ Codes, Names []string }
	b := &Book{codes: map[string]string{}, names: map[Sort]map[string]string{}}
	if err := json.Unmarshal(terms, &known); err != nil {
		return nil, fmt.Errorf("reading terms: %w", err)
	}
	if err := json.Unmarshal(words, &b.words); err != nil {
		return nil, fmt.Errorf("reading sentences: %w", err)
	}
	for id, t := range known {
		prefix, _, _ := strings.Cut(id, ".")
		sort, ok := sortOf[prefix]
		if !ok || b.words[id] == "" {
			return nil, errors.New("no sentence for " + id)
		}
		for _, c := range t.Codes {
			system, code, _ := strings.Cut(c, "|")
			b.codes[systems[system]+"|"+code] = id
		}
		if b.names[sort] == nil {
			b.names[sort] = map[string]string{}
		}
		for _, n := range t.Names {
			if sort != short {
				n = normal(n)
			}
			b.names[sort][n] = id
		}
	}
	return b, nil
}

// Say explains what goes by the code ("system|code", may be "") or else by the name; ""
// when nothing is certain.
func (b *Book) Say(s Sort, code, name string) string {
	if b == nil {
		return ""
	}
	if id := b.codes[code]; id != "" && sortOf[id[:strings.IndexByte(id, '.')]] == s {
		return b.words[id]
	}
	for _, n := range spellings(name) {
		if id := b.names[s][n]; id != "" {
			return b.words[id]
		}
	}
	return ""
}

// SayOf is Say of a row that stands in a report, or is of a sample, called where. Of a
// sample that is not blood only a name that is known of that sample is explained: protein
// in the urine is not protein in the blood.
func (b *Book) SayOf(where, code, name string) string {
	sample := sampleOf(where)
	if b == nil || sample == "" || b.codes[code] != "" {
		return b.Say(Test, code, name)
	}
	bare := normal(name)
	if sampleOf(bare) == sample {
		return b.Say(Test, "", name)
	}
	for _, n := range []string{sample + " " + bare, bare + " " + sample} {
		if id := b.names[Test][n]; id != "" {
			return b.words[id]
		}
	}
	return ""
}

// SayAlone is Say of a result that stands without its report, so that nobody knows what it
// was measured in: a name that is as common in reports of urine is not explained.
func (b *Book) SayAlone(code, name string) string {
	if b == nil || b.codes[code] == "" && slices.Contains(twofold, normal(name)) {
		return ""
	}
	return b.Say(Test, code, name)
}

var twofold = []string{"protein", "glucose", "albumin", "bilirubin", "rbc", "red blood cells", "erythrocytes", "wbc", "leukocytes", "leucocytes"}

// samples are words for what is not blood, with the one by which terms.json has it. Of
// those it has nothing of, it is enough to know that they are another.
var samples = map[string]string{
	"urine": "urine", "urinary": "urine", "urinalysis": "urine", "cue": "urine", "मूत्र": "urine", "पेशाब": "urine",
	"stool": "stool", "faeces": "stool", "feces": "stool", "faecal": "stool", "fecal": "stool", "मल": "stool",
	"csf": "csf", "cerebrospinal": "csf", "spinal": "csf", "sputum": "sputum", "semen": "semen", "seminal": "semen", "saliva": "saliva",
	"fluid": "fluid", "pleural": "fluid", "ascitic": "fluid", "peritoneal": "fluid", "synovial": "fluid", "amniotic": "fluid",
	"pus": "pus", "swab": "swab", "aspirate": "aspirate", "tissue": "tissue", "sweat": "sweat",
}

// sampleOf is the sample that a text speaks of, "" where that is blood or not said.
func sampleOf(text string) string {
	for _, word := range strings.Fields(normal(text)) {
		if s := samples[word]; s != "" {
			return s
		}
	}
	return ""
}

// Shorts explains the abbreviations in a text, each once, in their order. At most five:
// it is a line, not a page.
func (b *Book) Shorts(text string) []string { return b.Medicine("", text) }

// Medicine is Shorts of a medicine's name and of what is said beside it. In names only
// what says form, way, dose and unit is explained: brands have letters that elsewhere mean
// an illness.
func (b *Book) Medicine(name, said string) []string {
	if b == nil {
		return nil
	}
	var ids, out []string
	for i, text := range []string{name, said} {
		for _, word := range strings.FieldsFunc(text, parts) {
			id := b.short(word)
			if id != "" && !slices.Contains(ids, id) && len(ids) < 5 && (i > 0 || inNames(id)) {
				ids = append(ids, id)
				out = append(out, b.words[id])
			}
		}
	}
	return out
}

// short is the id of an abbreviation.
func (b *Book) short(word string) string {
	return cmp.Or(b.names[short][word], b.names[short][strings.TrimRight(word, ".:")],
		b.names[short][strings.TrimLeft(word, "0123456789.,½")]) // 500mg
}

// inNames says whether an abbreviation is one of a form, a way, a dose or a unit.
func inNames(id string) bool {
	name, isShort := strings.CutPrefix(id, "short.")
	return !isShort || slices.Contains(dosing, name)
}

var dosing = []string{"abf", "ac", "bbf", "bd", "cap", "gtt", "hs", "im", "inj", "iv", "la", "od", "oint", "pattern", "pattern4", "pc", "po",
	"pr", "prn", "qh", "qid", "qod", "sc", "sl", "sos", "stat", "susp", "syp", "tab", "tds"}

// parts are what stands between words, and never inside an abbreviation.
func parts(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;()\"'", r) }

// normal is a name as names are compared: in lower case, its letters, digits, + and %
// alone.
func normal(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '+' && r != '%'
	})
	return strings.Join(words, " ")
}

// elsewhere are samples of which a test is another test: sugar in the urine is not sugar
// in the blood. A name with one of them counts only as a whole.
var elsewhere = []string{"urine", "urinary", "csf", "cerebral", "spinal", "stool", "fluid", "sputum", "semen", "saliva", "pleural", "ascitic", "24", "cord", "post", "fasting",
	"clearance", "antibody", "antibodies", "ratio", "ionized", "ionised", "free", "direct", "indirect"}

// spellings are the ways in which a name may be listed, the surest first: as it stands,
// without what LOINC adds ("[Mass/volume] in Blood"), without what stands in brackets,
// and what stands there ("Haemoglobin (Hb)").
func spellings(name string) []string {
	whole := normal(name)
	out := []string{whole}
	if len(name) > 160 || whole == "" {
		return out
	}
	bare := cutAll(name, "[", "]")
	lower := strings.ToLower(bare)
	for _, in := range []string{" in serum or plasma", " in serum", " in blood", " in venous blood", " in plasma", " in arterial blood", " in capillary blood", " by "} {
		if at := strings.Index(lower, in); at > 0 && in != " by " || at > 0 && strings.Contains(name, "[") {
			bare, lower = bare[:at], lower[:at]
		}
	}
	out = append(out, normal(bare))
	open, end := strings.IndexByte(name, '('), strings.IndexByte(name, ')')
	for _, word := range strings.Fields(whole) {
		for _, e := range elsewhere {
			if word == e {
				return out
			}
		}
	}
	if open > 0 && end > open {
		out = append(out, normal(cutAll(bare, "(", ")")), normal(name[open+1:end]))
	}
	for _, head := range []string{"serum ", "s ", "sr ", "plasma ", "blood "} {
		if rest, ok := strings.CutPrefix(normal(cutAll(bare, "(", ")")), head); ok {
			out = append(out, rest)
		}
	}
	return out
}

// cutAll takes out what stands between open and end, with them.
func cutAll(s, open, end string) string {
	for {
		at := strings.Index(s, open)
		to := strings.Index(s[max(at, 0):], end)
		if at < 0 || to < 0 {
			return s
		}
		s = s[:at] + " " + s[at+to+len(end):]
	}
}
