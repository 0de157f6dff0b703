package summary_test

import (
	"testing"

	"potli/app/summary"
)

// TestDenials: an allergy that is denied in other words than it is named in stands in one
// place with its denial, or under a notice, and is never taken away by it.
func TestDenials(t *testing.T) {
	const finding, substance = "http://snomed.info/sct|91936005", "http://snomed.info/sct|764146007"
	penicillin := doc("a", "2020", allergy("Penicillin", status("active"), danger))
	for _, c := range []struct {
		name string
		docs []summary.Document
		want string
	}{
		{"refuted under another name", []summary.Document{penicillin, doc("b", "2022", allergy("Allergy to penicillin", status("active"), not))}, "Penicillin danger [b a] split"},
		{"refuted under another code", []summary.Document{doc("a", "2020", allergy("Penicillin allergy", status("active"), code(finding))), doc("b", "2022", allergy("Penicillin (substance)", not, code(substance)))},
			"Penicillin allergy [b a] split"},
		{"over under another code", []summary.Document{doc("a", "2023", allergy("Penicillin allergy", status("active"), code(finding))), doc("b", "2022", allergy("Penicillin", over, code(substance)))},
			"Penicillin allergy [a b] split"},
		{"two codes and no denial stay two", []summary.Document{doc("a", "2020", allergy("Drug allergy", status("active"), code(finding))), doc("b", "2022", allergy("Drug allergy", status("active"), code(substance)))},
			"Drug allergy [b], Drug allergy [a]"},
		{"refuted beside another", []summary.Document{doc("a", "2020", allergy("Penicillin", status("active")), allergy("Milk", not))}, "Penicillin [a] | Milk [a]"},
		{"an intolerance is no allergy", []summary.Document{doc("a", "2020", allergy("Milk intolerance", status("active"))), doc("b", "2022", allergy("Milk allergy", not))}, "Milk intolerance [a] | Milk allergy [b]"},

		{"denied in words", []summary.Document{penicillin, doc("b", "2022", allergy("No known allergy to penicillin"))}, "Penicillin danger [b a] split"},
		{"denied in words, older", []summary.Document{penicillin, doc("b", "2019", allergy("Not allergic to Penicillin", status("active")))}, "Penicillin danger [a b] split"},
		{"denied in words alone", []summary.Document{doc("b", "2022", allergy("No penicillin allergy"))}, "No penicillin allergy [b]"},
		{"denied in words, and none known", []summary.Document{doc("b", "2022", allergy("No penicillin allergy"), allergy("NKA"))}, "No penicillin allergy [b] / none: b"},
		{"a denial that was taken back", []summary.Document{penicillin, doc("b", "2022", allergy("No allergy to penicillin", not))}, "Penicillin danger [a] | No allergy to penicillin [b]"},
		{"a sentence that says more", []summary.Document{penicillin, doc("b", "2022", allergy("No allergy to eggs but penicillin"))}, "Penicillin danger [a], No allergy to eggs but penicillin [b]"},

		{"none known, in words", []summary.Document{doc("b", "2022", allergy("No known allergies"))}, "/ none: b"},
		{"none known, in words, and one", []summary.Document{penicillin, doc("b", "2022", allergy("No Known Allergies.", status("active")))}, "Penicillin danger [a] / none: b doubted"},
		{"NKA", []summary.Document{doc("a", "2020", allergy("Dust")), doc("b", "2022", allergy("NKA"))}, "Dust [a] / none: b doubted"},
		{"in Hindi", []summary.Document{penicillin, doc("b", "2022", allergy("कोई ज्ञात एलर्जी नहीं"))}, "Penicillin danger [a] / none: b doubted"},
		{"NKDA and penicillin", []summary.Document{penicillin, doc("b", "2022", allergy("NKDA"))}, "Penicillin danger [a] / none: b doubted"},
		{"NKDA and sulfa", []summary.Document{doc("a", "2020", allergy("Sulfa drugs")), doc("b", "2022", allergy("N.K.D.A."), allergy("No known drug allergy"))}, "Sulfa drugs [a] / none: b doubted"},
		{"NKDA and a code of medicines", []summary.Document{doc("a", "2020", allergy("Foo", code("http://www.nlm.nih.gov/research/umls/rxnorm|7980"))), doc("b", "2022", allergy("NKDA"))}, "Foo [a] / none: b doubted"},
		{"NKDA and nuts", []summary.Document{doc("a", "2020", allergy("Peanut")), doc("b", "2022", allergy("NKDA"))}, "Peanut [a] / none: b"},
		{"no food allergy and nuts", []summary.Document{doc("a", "2020", allergy("Peanut")), doc("b", "2022", allergy("No known food allergies"), allergy("NKDA"))}, "Peanut [a] / none: b doubted"},
		{"no food allergy and penicillin", []summary.Document{penicillin, doc("b", "2022", allergy("no food allergy"))}, "Penicillin danger [a] / none: b"},
		{"NKDA but", []summary.Document{doc("b", "2022", allergy("NKDA except penicillin"))}, "NKDA except penicillin [b]"},
		{"a word beside", []summary.Document{doc("b", "2022", allergy("No known allergies, penicillin"))}, "No known allergies, penicillin [b]"},
		{"not known is not none", []summary.Document{doc("b", "2022", allergy("Allergies not known"), allergy("Unknown"))}, "Allergies not known [b], Unknown [b]"},
		{"none known, taken back", []summary.Document{doc("b", "2022", allergy("No known allergies", not), allergy("NKDA", over), allergy("None", danger))},
			"None danger [b] | NKDA [b], No known allergies [b]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := said(summarise(c.docs...).Chapter(summary.Allergies)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestWhatIsSaidOfNone: what is quoted is what the documents disagree on.
func TestWhatIsSaidOfNone(t *testing.T) {
	c := summarise(doc("a", "2020", allergy("Penicillin")), doc("b", "2021", allergy("NKDA")), doc("c", "2022", allergy("No food allergies"))).Chapter(summary.Allergies)
	if !c.Doubt || c.NoneSay != "known.none.drugallergy" || len(c.None) != 2 {
		t.Errorf("%+v", c)
	}
	c = summarise(doc("b", "2021", allergy("NKDA")), doc("c", "2022", allergy("No food allergies"), allergy("NKDA"))).Chapter(summary.Allergies)
	if c.Doubt || c.NoneSay != "known.none.drugallergy" || len(c.None) != 2 {
		t.Errorf("%+v", c)
	}
}

// FuzzDenials: words never take away what a document says is so.
func FuzzDenials(f *testing.F) {
	for _, s := range []string{"No known allergies", "NKDA", "No allergy to penicillin", "Not allergic to penicillin", "कोई एलर्जी नहीं", "no no", "allergy", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, title string) {
		c := summarise(doc("a", "2020", allergy("Penicillin", status("active"), danger)), doc("b", "2022", allergy(title))).Chapter(summary.Allergies)
		for _, fact := range c.Now {
			for _, s := range fact.Sources {
				if s.Record == "a" && fact.Line.Alert == "danger" {
					return
				}
			}
		}
		t.Errorf("%q takes an allergy away: %s", title, said(c))
	})
}
