package share

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"potli/app/fhir"
	"potli/app/record"
)

// A brief is a summary that is small enough for one code: text in UTF-8, a line each, fields apart by tabs.
//
//	2026-11-22	hi                                when it was made, and the language of its words
//	p	Meera Sample	1988-03-04	female            the person
//	a	Peanut	severe	2019                          an allergy: what, details, date
//	c	Asthma		2015-06                           a condition
//	m	Salbutamol inhaler	two puffs as needed	2024    a medicine
//	v	Tetanus		2021-02-01                        a vaccination
//
// Codes are left out: a name is what a person at a counter reads. ReadBrief makes a document again of it; the clinic's
// page does the same (web/viewer/brief.js). The letters are for ever; lines of other letters are for later releases, and
// passed over.
const (
	mostBrief     = 60 // lines
	mostBriefText = 160
)

// ErrBrief: this is no brief.
var ErrBrief = errors.New("not a brief summary")

// briefSections in the order of a document: letter, kind, message of the title, LOINC code.
var briefSections = []struct {
	letter, key, loinc string
	kind               fhir.Kind
}{
	{"c", "share.section.problems", "11450-4", fhir.KindCondition},
	{"a", "share.section.allergies", "48765-2", fhir.KindAllergy},
	{"m", "share.section.medicines", "10160-0", fhir.KindMedicine},
	{"v", "share.section.immunizations", "11369-6", fhir.KindImmunization},
}

// InBrief says whether a brief can hold an item: allergies, conditions, medicines and vaccinations that are there and in
// force. That there is none, or that something is over, needs more than a line.
func InBrief(it Item) bool {
	return it.Entry >= 0 && !it.Negated && !it.Inactive && briefLetter(it.Kind) != "" && it.Title != ""
}

func briefLetter(k fhir.Kind) string {
	for _, s := range briefSections {
		if s.kind == k {
			return s.letter
		}
	}
	return ""
}

// Brief writes one, or says that it cannot hold what was chosen.
func Brief(who Person, chosen []Item, lang string, words Words, now time.Time) ([]byte, bool) {
	if len(chosen) == 0 || len(chosen) > mostBrief || slices.ContainsFunc(chosen, func(it Item) bool { return !InBrief(it) }) {
		return nil, false
	}
	var b strings.Builder
	line := func(fields ...string) {
		for i, f := range fields {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(briefText(f))
		}
		b.WriteByte('\n')
	}
	line(now.Format(time.DateOnly), lang)
	line("p", who.Name, who.BirthDate, who.Gender)
	for _, it := range chosen {
		line(briefLetter(it.Kind), it.Title, joined(it.Detail, words), it.Date)
	}
	return []byte(b.String()), true
}

// briefText is a field on one line, cut to what a line takes.
func briefText(s string) string {
	s = record.Tidy(s)
	if letters := []rune(s); len(letters) > mostBriefText {
		s = strings.TrimSpace(string(letters[:mostBriefText-1])) + "…"
	}
	return s
}

// briefLine is one line, its fields cut and cleaned: whoever drew the code wrote them.
type briefLine [4]string

func readBrief(b []byte) (date, lang string, who Person, lines []briefLine, err error) {
	if !utf8.Valid(b) {
		return "", "", Person{}, nil, ErrBrief
	}
	all := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	head := strings.Split(all[0], "\t")
	if len(head) < 2 || !briefDate(head[0]) || len(all) > mostBrief+2 {
		return "", "", Person{}, nil, ErrBrief
	}
	for _, text := range all[1:] {
		var l briefLine
		for i, f := range strings.Split(text, "\t") {
			if i < len(l) {
				l[i] = briefText(f)
			}
		}
		switch {
		case l[0] == "p" && who.Name == "":
			who = Person{Name: l[1], BirthDate: dated(l[2]), Gender: l[3]}
		case l[1] != "" && knownLetter(l[0]):
			lines = append(lines, l)
		}
	}
	if who.Name == "" || len(lines) == 0 {
		return "", "", Person{}, nil, ErrBrief
	}
	return head[0], briefLang(head[1]), who, lines, nil
}

func knownLetter(letter string) bool {
	for _, s := range briefSections {
		if s.letter == letter {
			return true
		}
	}
	return false
}

// briefDate knows a year, a month or a day as FHIR writes them.
func briefDate(s string) bool {
	_, ok := fhir.ParseDay(s)
	return ok
}

// dated is the day of a date or time, or nothing.
func dated(s string) string {
	if s, _, _ = strings.Cut(s, "T"); briefDate(s) {
		return s
	}
	return ""
}

func briefLang(s string) string {
	if len(s) > 12 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		return ""
	}
	return s
}

// ReadBrief makes a document of a brief, of the shape of an International Patient Summary, with the lines as a person
// wrote them and no codes. The same brief gives the same bytes, so that one that came twice is noticed. Error: ErrBrief.
func ReadBrief(b []byte, words Words) ([]byte, error) {
	date, lang, who, lines, err := readBrief(b)
	if err != nil {
		return nil, err
	}
	bundle := briefBundle(uuids{seed: sha256.Sum256(b)}, date, who, lines, words)
	if lang != "" {
		bundle["language"] = lang
	}
	return writeJSON(bundle), nil
}

func briefBundle(ids uuids, date string, who Person, lines []briefLine, words Words) object {
	patient, composition := ids.next(), ids.next()
	subject := object{"reference": patient}
	entries := []any{object{"fullUrl": patient, "resource": briefPatient(who)}}
	var sections []any
	for _, s := range briefSections {
		var refs []any
		for _, l := range lines {
			if l[0] != s.letter {
				continue
			}
			id := ids.next()
			refs = append(refs, object{"reference": id})
			entries = append(entries, object{"fullUrl": id, "resource": briefResource(l, subject)})
		}
		if len(refs) > 0 {
			sections = append(sections, object{"title": words(fhir.Message{Key: s.key}), "code": concept(loinc, s.loinc), "entry": refs})
		}
	}
	c := object{"resourceType": "Composition", "status": "final", "type": concept(loinc, "60591-5"), "subject": subject, "date": date,
		"author": []any{subject}, "title": words(fhir.Message{Key: "share.title"}), "section": sections}
	bundle := object{"resourceType": "Bundle", "type": "document", "timestamp": date + "T00:00:00Z",
		"identifier": object{"system": "urn:ietf:rfc:3986", "value": ids.next()},
		"entry":      append([]any{object{"fullUrl": composition, "resource": c}}, entries...)}
	if len(date) < len(time.DateOnly) {
		delete(bundle, "timestamp")
	}
	return bundle
}

func briefPatient(who Person) object {
	p := object{"resourceType": "Patient", "name": []any{object{"text": who.Name}}}
	if who.BirthDate != "" {
		p["birthDate"] = who.BirthDate
	}
	if slices.Contains([]string{"female", "male", "other", "unknown"}, who.Gender) {
		p["gender"] = who.Gender
	}
	return p
}

// briefResource is one line as FHIR R4 has it.
func briefResource(l briefLine, subject object) object {
	name, detail, date := object{"text": l[1]}, l[2], dated(l[3])
	note := func(r object) object {
		if detail != "" {
			r["note"] = []any{object{"text": detail}}
		}
		return r
	}
	on := func(r object, member string) object {
		if date != "" {
			r[member] = date
		}
		return r
	}
	switch l[0] {
	case "a":
		return on(note(object{"resourceType": "AllergyIntolerance", "patient": subject, "code": name,
			"clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active")}), "recordedDate")
	case "c":
		return on(note(object{"resourceType": "Condition", "subject": subject, "code": name,
			"clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active")}), "recordedDate")
	case "m":
		r := object{"resourceType": "MedicationStatement", "status": "active", "subject": subject, "medicationCodeableConcept": name}
		if detail != "" {
			r["dosage"] = []any{object{"text": detail}}
		}
		if date == "" {
			r["_effectiveDateTime"] = absent()
		}
		return on(r, "effectiveDateTime")
	}
	r := note(object{"resourceType": "Immunization", "status": "completed", "patient": subject, "vaccineCode": name})
	if date == "" {
		r["_occurrenceDateTime"] = absent()
	}
	return on(r, "occurrenceDateTime")
}

// Screen is the preset of what is shown as codes that hold it all, where there is no network.
func Screen() Options { return Options{Preset: PresetScreen, Shape: ShapeIPS} }

// Shown makes the ledger entry of what was shown so: no link and no relay are in it. It has ended as it begins, since
// there is nothing to open later, and nothing to take back. Error: that of rand.
func Shown(o Options, profile record.ProfileID, items []Item, now time.Time, rand io.Reader) (*Share, error) {
	var id [32]byte
	if _, err := io.ReadFull(rand, id[:]); err != nil {
		return nil, fmt.Errorf("noting what was shown: %w", err)
	}
	now = now.UTC().Truncate(time.Second)
	return &Share{ID: base64.RawURLEncoding.EncodeToString(id[:]), Profile: profile, Created: now, Preset: PresetScreen, Shape: o.Shape,
		For: o.For, Items: slices.Clone(items), Status: Status{Expires: now, AttemptsLeft: -1}, Checked: now, Ended: true}, nil
}
