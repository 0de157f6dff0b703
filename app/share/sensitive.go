package share

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"potli/app/fhir/tree"
	"potli/app/record"
)

// Groups of what people may want to keep to themselves, in the order in which they are shown.
var groupNames = []string{"hiv", "mental", "reproductive", "substance"}

// mark is a set of groups: bit i is groupNames[i].
type mark uint8

func (m mark) names() []string {
	var names []string
	for i, n := range groupNames {
		if m&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

// sensitiveJSON holds the lists and where they come from. They are over-inclusive on purpose: to hold back too much costs
// a tap, to let out too much cannot be undone.
//
//go:embed sensitive.json
var sensitiveJSON []byte

// rules are the lists, made ready to be asked quickly.
type rules struct {
	codes    map[string]map[string]mark // system → code
	prefixes map[string][]prefix        // system → beginnings of codes
	words    map[string][]phrase        // first two letters of the first word → phrases
	excepted map[string][]phrase        // the same of phrases that only look sensitive
	known    map[string]mark            // texts already judged: records say the same things over and over
}

type prefix struct {
	text string
	mark mark
}

// phrase is one or more words in a row; open: the last one is the beginning of a word.
type phrase struct {
	words []string
	open  bool
	mark  mark
}

type sensitiveFile struct {
	Groups map[string]struct {
		Codes  map[string][]string `json:"codes"`
		Words  []string            `json:"words"`
		Except []string            `json:"except"`
	} `json:"groups"`
}

// parsed once; newRules gives each caller its own memory of texts, so that none is kept after the work is done and calls
// from several goroutines do not meet.
var parsed = sync.OnceValue(parseRules)

func newRules() *rules {
	r := *parsed()
	r.known = map[string]mark{}
	return &r
}

func parseRules() *rules {
	var f sensitiveFile
	if err := json.Unmarshal(sensitiveJSON, &f); err != nil {
		panic("share: sensitive.json: " + err.Error())
	}
	r := &rules{codes: map[string]map[string]mark{}, prefixes: map[string][]prefix{}, words: map[string][]phrase{},
		excepted: map[string][]phrase{}}
	for i, name := range groupNames {
		g, bit := f.Groups[name], mark(1)<<i
		for system, codes := range g.Codes {
			for _, c := range codes {
				r.addCode(system, c, bit)
			}
		}
		for _, w := range g.Words {
			addPhrase(r.words, w, bit)
		}
		for _, w := range g.Except {
			addPhrase(r.excepted, w, bit)
		}
	}
	return r
}

func (r *rules) addCode(system, code string, m mark) {
	if start, ok := strings.CutSuffix(code, "*"); ok {
		r.prefixes[system] = append(r.prefixes[system], prefix{start, m})
		return
	}
	if r.codes[system] == nil {
		r.codes[system] = map[string]mark{}
	}
	r.codes[system][code] |= m
}

func addPhrase(to map[string][]phrase, s string, m mark) {
	s, open := strings.CutSuffix(s, "*")
	words := tokens(s)
	if len(words) == 0 {
		return
	}
	k := initial(words[0])
	to[k] = append(to[k], phrase{words, open, m})
}

// initial is the key under which phrases are filed: the first two letters. One-letter words are filed under themselves.
func initial(word string) string {
	n := 0
	for i := range word {
		if n == 2 {
			return word[:i]
		}
		n++
	}
	return word
}

// tokens splits text into lower-case words. Marks belong to words: in Devanagari the vowels are marks. What cannot be seen
// (soft hyphens, joiners), wide letters and the full stops of an abbreviation do not make another word: "H.I.V." is "hiv".
func tokens(s string) []string {
	return strings.FieldsFunc(strings.ToLower(initials(strings.Map(visible, s))), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	})
}

func visible(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r):
		return -1
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFF01 + '!'
	}
	return r
}

// initials takes the full stops out between single letters.
func initials(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	runes := []rune(s)
	letter := func(i int) bool { return i >= 0 && i < len(runes) && unicode.IsLetter(runes[i]) }
	single := func(i int) bool { return letter(i) && !letter(i-1) && !letter(i+1) }
	kept := make([]rune, 0, len(runes))
	for i, r := range runes {
		if r != '.' || !single(i-1) || !single(i+1) {
			kept = append(kept, r)
		}
	}
	return string(kept)
}

// ofText judges a text.
func (r *rules) ofText(s string) mark {
	m, ok := r.known[s]
	if !ok {
		m = r.ofWords(tokens(s))
		r.known[s] = m
	}
	return m
}

func (r *rules) ofWords(words []string) mark {
	var m mark
	for i := 0; i < len(words); i++ {
		if n, except := match(r.excepted, words[i:]); except != 0 {
			// "hearing aid" is passed over for the group that "aid" would mean, not for others.
			for j := range n {
				_, found := match(r.words, words[i+j:])
				m |= found &^ except
			}
			i += n - 1
			continue
		}
		_, found := match(r.words, words[i:])
		m |= found
	}
	return m
}

// match returns the groups whose phrases begin at the first word, and the length of the longest of these phrases.
func match(in map[string][]phrase, words []string) (longest int, m mark) {
	for _, p := range in[initial(words[0])] {
		if p.begins(words) {
			m |= p.mark
			longest = max(longest, len(p.words))
		}
	}
	return longest, m
}

func (p phrase) begins(words []string) bool {
	if len(words) < len(p.words) {
		return false
	}
	last := len(p.words) - 1
	for i, w := range p.words {
		if i == last && p.open {
			return strings.HasPrefix(words[i], w)
		}
		if words[i] != w {
			return false
		}
	}
	return true
}

// systemName reduces the many ways of naming a code system to the names used in the lists.
func systemName(s string) string {
	s = strings.ToLower(s)
	for _, known := range []struct{ part, name string }{
		{"snomed.info/sct", "snomed"}, {"2.16.840.1.113883.6.96", "snomed"},
		{"loinc.org", "loinc"}, {"2.16.840.1.113883.6.1", "loinc"},
		{"icd-10", "icd10"}, {"icd10", "icd10"}, {"2.16.840.1.113883.6.90", "icd10"}, {"2.16.840.1.113883.6.3", "icd10"},
		{"icd-11", "icd11"}, {"icd11", "icd11"}, {"icd/release/11", "icd11"},
		{"icd-9", "icd9"}, {"icd9", "icd9"}, {"2.16.840.1.113883.6.103", "icd9"},
		{"umls/rxnorm", "rxnorm"}, {"whocc.no/atc", "atc"}, {"2.16.840.1.113883.6.73", "atc"},
		{"v3-actcode", "act"}, {"2.16.840.1.113883.5.4", "act"}, {"v3-observationvalue", "value"},
	} {
		// An OID is a whole; the longer ones begin with the shorter.
		if strings.HasSuffix(s, known.part) || !strings.HasPrefix(known.part, "2.") && strings.Contains(s, known.part) {
			return known.name
		}
	}
	return ""
}

func (r *rules) ofCode(system, code string) mark {
	code = strings.ToUpper(strings.TrimSpace(code))
	name := systemName(system)
	if name == "" {
		name = shapeName(system, code)
	}
	if name == "" || code == "" {
		return 0
	}
	if name == "icd10" || name == "icd9" {
		code = strings.ReplaceAll(code, ".", "")
	}
	m := r.codes[name][code]
	for _, p := range r.prefixes[name] {
		if strings.HasPrefix(code, p.text) {
			m |= p.mark
		}
	}
	return m
}

// shapeName guesses the system of a code whose system is not said, or is one's own, by its shape.
func shapeName(system, code string) string {
	digits := strings.Trim(code, "0123456789") == ""
	number, check, _ := strings.Cut(code, "-")
	switch {
	case digits && len(code) >= 6:
		return "snomed"
	case len(check) == 1 && number != "" && strings.Trim(number+check, "0123456789") == "":
		return "loinc"
	case system == "" && len(code) >= 3 && code[0] >= 'A' && code[0] <= 'Z' && strings.Trim(code[1:3], "0123456789") == "":
		return "icd10"
	}
	return ""
}

// notWords are members whose text says nothing to a person: addresses, content, and the narrative, which is never shared.
var notWords = map[string]bool{
	"system": true, "url": true, "reference": true, "fullUrl": true, "data": true, "div": true, "profile": true,
	"contentType": true, "id": true, "resourceType": true, "language": true, "versionId": true, "lastUpdated": true,
}

// ofTree judges everything a resource says, contained resources and display texts of references included.
func (r *rules) ofTree(v any, name string) mark {
	var m mark
	switch v := v.(type) {
	case string:
		if !notWords[name] {
			m = r.ofText(v)
		}
	case []any:
		for _, e := range v {
			m |= r.ofTree(e, name)
		}
	case object:
		m = r.ofCode(tree.Text(v["system"]), tree.Text(v["code"])) | r.ofWords(tokens(writing(v)))
		for k, e := range v {
			m |= r.ofTree(e, k)
		}
	}
	return m
}

// maxWriting is how much of a text inside an attachment is read.
const maxWriting = 1 << 20

// writing returns the text that an Attachment or a Binary carries, where it carries one: a letter as plain text or HTML
// says all that a coded resource would.
func writing(o object) string {
	data := tree.Text(o["data"])
	if data == "" || o["origin"] != nil { // a curve of measurements is no text
		return ""
	}
	data = strings.TrimRight(tidyBase64(data), "=")
	data = data[:min(len(data), maxWriting/3*4)]
	b, err := base64.RawStdEncoding.DecodeString(data)
	if err != nil {
		return ""
	}
	return readable(b)
}

// readable returns what is text, also where it was cut in the middle of a letter; "" of anything else.
func readable(b []byte) string {
	if bytes.IndexByte(b, 0) >= 0 || bytes.HasPrefix(b, []byte("%PDF")) {
		return ""
	}
	b = b[:len(b)-cutRune(b)]
	if !utf8.Valid(b) {
		return ""
	}
	return string(b)
}

// cutRune is how many bytes at the end of b begin a character that was cut.
func cutRune(b []byte) int {
	for n := 1; n <= min(3, len(b)); n++ {
		if utf8.RuneStart(b[len(b)-n]) {
			if utf8.FullRune(b[len(b)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// markAll judges the entries of a file. An entry counts as what it says itself, what the entries say that it refers to (a
// medicine given for HIV is about HIV), and, for a part of a report, what the report says of itself.
func (r *rules) markAll(o *opened) []mark {
	own := make([]mark, len(o.trees))
	for i, t := range o.trees {
		own[i] = r.ofTree(t, "")
	}
	marks := append([]mark(nil), own...)
	links := make([][]int, len(o.trees))
	for i, t := range o.trees {
		links[i] = o.reveals(i, t)
		for _, name := range []string{"result", "hasMember"} {
			for _, ref := range tree.List(t[name]) {
				if n, ok := o.file.Resolve(i, tree.Text(tree.Obj(ref)["reference"])); ok {
					marks[n] |= own[i]
				}
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for i := range links {
			for _, n := range links[i] {
				if marks[i]|marks[n] != marks[i] {
					marks[i] |= marks[n]
					changed = true
				}
			}
		}
	}
	return marks
}

// circumstances are entries that many others refer to without being about the same thing: a blood pressure taken during a
// visit to a psychiatrist does not come with the visit.
var circumstances = map[string]bool{
	"Patient": true, "Encounter": true, "EpisodeOfCare": true, "Composition": true, "Coverage": true, "Account": true,
	"Appointment": true, "CareTeam": true, "RelatedPerson": true, "Provenance": true, "List": true,
}

// reveals lists the entries of the file that entry i speaks of.
func (o *opened) reveals(i int, t object) []int {
	var to []int
	tree.Each(t, "", func(name string, ref object) {
		s := tree.Text(ref["reference"])
		if s == "" && isAttachment(name, ref) {
			s = tree.Text(ref["url"]) // of the Binary that it would be sent with
		}
		if s == "" {
			return
		}
		if n, ok := o.file.Resolve(i, s); ok && n != i && !circumstances[o.typ(n)] {
			to = append(to, n)
		}
	})
	return to
}

// ofDocument judges a PDF or a picture by the only words there are, and what is written as text by all of it.
func (r *rules) ofDocument(s Source) mark {
	m := r.ofText(s.Meta.Title) | r.ofText(s.Meta.Outline.Title) | r.ofText(s.Meta.Source.Name)
	if s.Meta.Format == record.FormatPDF || isPicture(s.Meta.Format) || s.Meta.Format.FHIR() {
		return m
	}
	return m | r.ofWords(tokens(readable(s.Body[:min(len(s.Body), maxWriting)])))
}

// Groups lists the sensitive groups.
func Groups() []string { return append([]string(nil), groupNames...) }
