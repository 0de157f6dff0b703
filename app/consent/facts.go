package consent

import (
	"encoding/json"
	"slices"
	"time"

	"potli/app/fhir"
	"potli/app/record"
)

// types are the codes of ABDM's documents (SNOMED CT, NRCES profiles); the two
// without a code are told by their words.
var types = map[string]Kind{
	"371530004": Consultation, "440545006": Prescription, "721981007": Report, "373942005": Discharge,
	"41000179103": Vaccination, "419891008": HealthPaper, "Wellness Record": Wellness, "Invoice Record": Invoice,
}

// aside are resources that say about whom, by whom and where, and nothing of how
// somebody is.
var aside = []string{"Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization", "Location", "Endpoint", "Provenance", "Composition"}

// Describe is what Yields has to know of a record, out of the record itself: all
// that is in it counts, also what was entered in error and what an index leaves
// out. sensitive is the wallet's own mark. An error means that it cannot be told
// what is in it; such a record does not go.
func Describe(m record.Meta, body []byte, sensitive bool) (Record, error) {
	r := Record{ID: m.ID, Profile: m.Profile, Date: dateOf(m), Sensitive: sensitive}
	if !m.Format.FHIR() {
		for _, l := range m.Outline.Lines {
			r.addKind(l.Kind)
		}
		return r, nil
	}
	b, err := record.FHIR(m.Format, body)
	if err != nil {
		return Record{}, err
	}
	f, err := fhir.Parse(b)
	if err != nil {
		return Record{}, err
	}
	r.Type = typeOf(f)
	for i := range f.Entries {
		if !slices.Contains(aside, f.Entries[i].Type) {
			r.addKind(f.View(i).Kind)
		}
	}
	for _, s := range f.Document().Sections {
		if len(s.Narrative) > 0 && len(s.Entries) == 0 { // words alone may say anything
			r.addKind(fhir.KindDocument)
		}
	}
	return r, nil
}

func (r *Record) addKind(k fhir.Kind) {
	if !slices.Contains(r.Kinds, Kind(k)) {
		r.Kinds = append(r.Kinds, Kind(k))
	}
}

// dateOf is the date by which the wallet shows a record.
func dateOf(m record.Meta) string {
	switch {
	case m.Date != "":
		return m.Date
	case m.Outline.Date != "":
		return m.Outline.Date
	case !m.Added.IsZero():
		return m.Added.Format(time.DateOnly)
	}
	return ""
}

// typeOf is the document type that a document Bundle says it is of, "" for none
// that is known. What says two is of none.
func typeOf(f *fhir.File) (kind Kind) {
	if f.BundleType != "document" || len(f.Entries) == 0 || f.Entries[0].Type != "Composition" {
		return ""
	}
	var c struct {
		Type struct {
			Coding []struct{ Code string }
			Text   string
		}
	}
	if json.Unmarshal(f.Entries[0].Raw, &c) != nil {
		return ""
	}
	words := []string{c.Type.Text}
	for _, coding := range c.Type.Coding {
		words = append(words, coding.Code)
	}
	for _, w := range words {
		switch k := types[w]; {
		case k == "" || k == kind:
		case kind != "":
			return ""
		default:
			kind = k
		}
	}
	return kind
}
