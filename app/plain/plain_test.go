package plain_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"potli/app/plain"
)

// languages are those that have sentences here.
var languages = func() (tags []string) {
	for _, tag := range []string{"en", "hi", "bn", "mr", "te", "ta", "gu", "kn", "ml", "pa", "or", "as", "ur"} {
		if _, err := os.Stat("../../web/plain/" + tag + ".json"); err == nil {
			tags = append(tags, tag)
		}
	}
	return tags
}()

// lengths are how many words a sentence may have. English and Hindi are held to the rule; a translation of 20 words may need
// more, and the languages of the south write in one word what English says in three.
func lengths(tag string) (least, most int) {
	if tag == "en" || tag == "hi" {
		return 3, 20
	}
	return 2, 28
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../web/plain/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sentences(t testing.TB, tag string) map[string]string {
	t.Helper()
	var m map[string]string
	if err := json.Unmarshal(file(t, tag+".json"), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func terms(t testing.TB) map[string]struct{ Codes, Names []string } {
	t.Helper()
	var m map[string]struct{ Codes, Names []string }
	if err := json.Unmarshal(file(t, "terms.json"), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func book(t testing.TB, tag string) *plain.Book {
	t.Helper()
	b, err := plain.Read(file(t, "terms.json"), file(t, tag+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSentences: every term has its sentence in every language, of at most 20 words, one
// only, that tells nobody what they have or what to do.
func TestSentences(t *testing.T) {
	known := terms(t)
	advice := []string{"you ", "your ", "should", "must take", "normal is", "consult", "see a doctor", "danger", "आपको", "चाहिए", "सलाह", "डॉक्टर को दिखा", "ख़तर"}
	for _, tag := range languages {
		all := sentences(t, tag)
		if len(all) != len(known) {
			t.Errorf("%s: %d sentences for %d terms", tag, len(all), len(known))
		}
		for id, s := range all {
			if _, ok := known[id]; !ok {
				t.Errorf("%s: %s is no term", tag, id)
			}
			least, most := lengths(tag)
			if n := len(strings.Fields(s)); n > most || n < least {
				t.Errorf("%s %s: %d words", tag, id, n)
			}
			if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "।") && !strings.HasSuffix(s, "۔") {
				t.Errorf("%s %s: %q has no end", tag, id, s)
			}
			if strings.Count(s, ". ")+strings.Count(s, "। ")+strings.Count(s, "۔ ") > 0 {
				t.Errorf("%s %s: more than one sentence", tag, id)
			}
			for _, bad := range advice {
				if strings.Contains(strings.ToLower(s), bad) {
					t.Errorf("%s %s: %q", tag, id, bad)
				}
			}
		}
	}
}

// TestTerms: a code or name means one thing, and there are enough of them.
func TestTerms(t *testing.T) {
	count := map[string]int{}
	codes, names := map[string]string{}, map[string]string{}
	for id, term := range terms(t) {
		sort, _, _ := strings.Cut(id, ".")
		count[sort]++
		if len(term.Codes)+len(term.Names) == 0 {
			t.Errorf("%s can never be found", id)
		}
		for _, c := range term.Codes {
			if codes[c] != "" {
				t.Errorf("%s is %s and %s", c, codes[c], id)
			}
			codes[c] = id
		}
		group := map[string]string{"vital": "test", "unit": "short"}[sort]
		if group == "" {
			group = sort
		}
		for _, n := range term.Names {
			if key := group + " " + n; names[key] != "" {
				t.Errorf("%q is %s and %s", n, names[key], id)
			} else {
				names[key] = id
			}
		}
	}
	for sort, least := range map[string]int{"test": 80, "vital": 8, "vaccine": 20, "section": 50, "short": 30, "unit": 15} {
		if count[sort] < least {
			t.Errorf("%d of %s, want %d", count[sort], sort, least)
		}
	}
	t.Logf("explained: %d tests, %d vitals, %d vaccines, %d sections, %d abbreviations, %d units", count["test"], count["vital"], count["vaccine"], count["section"], count["short"], count["unit"])
}

// TestSay: names as they are written on papers, and those that could mean another thing.
func TestSay(t *testing.T) {
	b, all := book(t, "en"), sentences(t, "en")
	for _, c := range []struct {
		sort       plain.Sort
		code, name string
		want       string
	}{
		{plain.Test, "http://loinc.org|718-7", "", "test.hb"},
		{plain.Test, "http://loinc.org|99999-9", "Hb", "test.hb"},
		{plain.Test, "", "HAEMOGLOBIN (Hb)", "test.hb"},
		{plain.Test, "", "Hb%", "test.hb"},
		{plain.Test, "", "Hemoglobin [Mass/volume] in Blood", "test.hb"},
		{plain.Test, "", "Hemoglobin A1c/Hemoglobin.total in Blood", "test.hba1c"},
		{plain.Test, "", "Total Leucocyte Count (TLC)", "test.wbc"},
		{plain.Test, "", "S. Creatinine", "test.creatinine"},
		{plain.Test, "", "Creatinine, Serum", "test.creatinine"},
		{plain.Test, "", "SGPT (ALT)", "test.alt"},
		{plain.Test, "", "SGOT / AST", "test.ast"},
		{plain.Test, "", "Vitamin D (25-OH)", "test.vitd"},
		{plain.Test, "", "Blood Sugar (Fasting)", "test.fbs"},
		{plain.Test, "", "TSH", "test.tsh"},
		{plain.Test, "", "Glucose in Urine", "test.uglucose"},
		{plain.Test, "", "Glucose (CSF)", ""},
		{plain.Test, "", "Protein (Pleural fluid)", ""},
		{plain.Test, "", "Creatinine (Urine)", ""},
		{plain.Test, "", "Creatinine clearance", ""},
		{plain.Test, "", "Iron deficiency", ""},
		{plain.Test, "", "", ""},
		{plain.Test, "http://loinc.org|48765-2", "", ""}, // a section, not a test
		{plain.Vaccine, "http://hl7.org/fhir/sid/cvx|19", "", "vaccine.bcg"},
		{plain.Vaccine, "", "Pentavalent-1", "vaccine.penta"},
		{plain.Vaccine, "", "COVISHIELD", "vaccine.covid"},
		{plain.Vaccine, "", "Hepatitis B (birth dose)", "vaccine.hepb"},
		{plain.Section, "http://loinc.org|48765-2", "Allergies", "section.allergies"},
		{plain.Section, "http://snomed.info/sct|422843007", "", "section.complaint"},
		{plain.Section, "", "ChiefComplaints", "section.complaint"},
		{plain.Section, "", "Physical Activity", "section.activity"},
		{plain.Section, "", "Something else", ""},
	} {
		want := all[c.want]
		if c.want != "" && want == "" {
			t.Fatal(c.want)
		}
		if got := b.Say(c.sort, c.code, c.name); got != want {
			t.Errorf("%s %q: got %q, want %q", c.code, c.name, got, want)
		}
	}
}

// TestSayOf: names that are another test in another sample, or another thing altogether.
func TestSayOf(t *testing.T) {
	b, all := book(t, "en"), sentences(t, "en")
	for _, c := range []struct{ where, code, name, want string }{
		{"Complete blood count", "", "PCT", ""},
		{"Scan", "", "CT", ""},
		{"Malaria card", "", "ICT", ""},
		{"ECG", "", "PR", ""},
		{"CT scan", "", "CT scan", "test.ctscan"},
		{"", "", "Protein", "test.protein"},
		{"Liver function test Serum", "", "Protein", "test.protein"},
		{"Urine routine", "", "Protein", "test.uprotein"},
		{"Report URINE, spot", "", "Glucose", "test.uglucose"},
		{"Urine R/M", "", "Albumin", "test.uprotein"},
		{"Urine R/M", "", "Bilirubin", "test.ubili"},
		{"Urine R/M", "", "RBC", "test.urbc"},
		{"Urine R/M", "", "Pus cells", "test.upus"},
		{"Urine R/M", "", "Urine sugar", "test.uglucose"},
		{"Urine R/M", "", "Sodium", ""},
		{"मूत्र जाँच", "", "Protein", "test.uprotein"},
		{"Semen analysis", "", "Pus cells", ""},
		{"Panel", "", "Pus cells", ""},
		{"Stool routine", "", "RBC", ""},
		{"CSF analysis", "", "Protein", ""},
		{"CSF analysis", "", "Glucose", ""},
		{"Pleural fluid", "", "Albumin", ""},
		{"Urine R/M", "http://loinc.org|718-7", "Hb", "test.hb"}, // a code says what it is of
	} {
		want := all[c.want]
		if c.want != "" && want == "" {
			t.Fatal(c.want)
		}
		if got := b.SayOf(c.where, c.code, c.name); got != want {
			t.Errorf("%s, %s: got %q, want %q", c.where, c.name, got, want)
		}
	}
}

// TestSayAlone: without its report a row of a urine test is not taken for one of blood.
func TestSayAlone(t *testing.T) {
	b, all := book(t, "en"), sentences(t, "en")
	for _, c := range []struct{ code, name, want string }{
		{"", "Protein", ""}, {"", "GLUCOSE", ""}, {"", "RBC", ""}, {"", "Albumin", ""}, {"", "Bilirubin", ""},
		{"", "Total protein", "test.protein"}, {"", "Blood glucose", "test.glucose"}, {"", "Hemoglobin", "test.hb"},
		{"http://loinc.org|718-7", "Protein", "test.hb"},
	} {
		if got := b.SayAlone(c.code, c.name); got != all[c.want] {
			t.Errorf("%s: got %q, want %q", c.name, got, all[c.want])
		}
	}
}

// TestMedicine: the letters of a brand are no illness.
func TestMedicine(t *testing.T) {
	b, all := book(t, "en"), sentences(t, "en")
	for _, c := range []struct{ name, said, want string }{
		{"Benadryl DM", "10 ml TDS", "unit.ml short.tds"},
		{"NAD 500 mg", "", "unit.mg"},
		{"Tab CAD-10 URI", "for URTI", "short.tab short.urti"},
		{"Inj. Insulin 10 IU s/c", "BD", "short.inj unit.iu short.sc short.bd"},
		{"GTT", "before GTT", ""},
		{"", "D/D viral", ""},
		{"Tab X", "1-0-0-1", "short.tab short.pattern4"},
		{"Tab X", "1-1-1-1", "short.tab short.pattern4"},
		{"", "k/c/o HTN h/o TB", "short.kco short.htn short.ho"},
		{"", "60 mL/min", ""},
		{"", "4 mEq/L", ""},
	} {
		var ids []string
		for _, id := range strings.Fields(c.want) {
			ids = append(ids, all[id])
		}
		if got := strings.Join(b.Medicine(c.name, c.said), "|"); got != strings.Join(ids, "|") {
			t.Errorf("%q, %q: %q", c.name, c.said, got)
		}
	}
}

// TestHindiFacts: words that name another illness in Hindi.
func TestHindiFacts(t *testing.T) {
	all := sentences(t, "hi")
	for id, never := range map[string]string{"vaccine.varicella": "चेचक", "vaccine.mmrv": "चेचक", "vaccine.zoster": "दाद", "vaccine.menin": "रोगाणु (मेनिन्जाइटिस)"} {
		if strings.Contains(all[id], never) {
			t.Errorf("%s: %s", id, all[id])
		}
	}
	if !strings.Contains(all["test.smoking"], "या नहीं") {
		t.Error("a status is not a smoker")
	}
}

// TestShorts: abbreviations in a line of a prescription.
func TestShorts(t *testing.T) {
	b, all := book(t, "en"), sentences(t, "en")
	for text, want := range map[string]string{
		"Tab PCM 500 mg BD":            "short.tab unit.mg short.bd",
		"Tab. PCM 500mg 1-0-1 p.c.":    "short.tab unit.mg short.pattern short.pc",
		"Inj. Insulin 10 IU s/c stat.": "short.inj unit.iu short.sc short.stat",
		"one tablet as needed":         "",
		"Body, sosial, bdellium":       "",
		"BD BD BD":                     "short.bd",
		"Cap A OD HS SOS AC PC TDS":    "short.cap short.od short.hs short.sos short.ac",
	} {
		var ids []string
		for _, id := range strings.Fields(want) {
			ids = append(ids, all[id])
		}
		if got := strings.Join(b.Shorts(text), "|"); got != strings.Join(ids, "|") {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestNoBook: before the sentences have come there are none.
func TestNoBook(t *testing.T) {
	var b *plain.Book
	if b.Say(plain.Test, "", "Hb") != "" || b.SayOf("Urine", "", "Hb") != "" || b.SayAlone("", "Hb") != "" || b.Shorts("BD") != nil {
		t.Error("something out of nothing")
	}
	for _, bad := range [][2]string{{"{", "{}"}, {"{}", "["}, {`{"test.x":{}}`, "{}"}, {`{"odd.x":{}}`, `{"odd.x":"X."}`}} {
		if _, err := plain.Read([]byte(bad[0]), []byte(bad[1])); err == nil {
			t.Errorf("%v is no book", bad)
		}
	}
}

// FuzzSay: whatever a document calls things.
func FuzzSay(f *testing.F) {
	for _, s := range []string{"Hb", "Haemoglobin (Hb)", "[", "](", "a [b] c (d", "Tab 1-0-1", "अ (आ)"} {
		f.Add(s)
	}
	b := book(f, "en")
	f.Fuzz(func(t *testing.T, s string) {
		b.Say(plain.Test, s, s)
		if len(b.Shorts(s)) > 5 {
			t.Error("more than a line")
		}
	})
}
