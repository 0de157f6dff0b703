package ccda_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"potli/app/ccda"
	"potli/app/fhir"
)

var update = flag.Bool("update", false, "write the golden files again")

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, b []byte) *fhir.File {
	t.Helper()
	out, err := ccda.FHIR(b)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fhir.Parse(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return f
}

// told is what a person sees of a document, as lines.
func told(f *fhir.File) string {
	var out strings.Builder
	d := f.Document()
	fmt.Fprintf(&out, "%s | %s | %s | %+v\n", d.Title, d.Date, d.Author, d.Subject)
	for _, s := range d.Sections {
		fmt.Fprintf(&out, "%s# %s%s %s %s\n", strings.Repeat("  ", s.Level), s.Title, s.Kind, s.Code, s.Empty)
		for _, l := range strings.Split(fhir.NarrativeText(s.Narrative), "\n") {
			if l != "" {
				fmt.Fprintf(&out, "    > %s\n", l)
			}
		}
		for _, i := range s.Entries {
			v := d.Views[i]
			fmt.Fprintf(&out, "    - %s %q %s", v.Type, v.Title, v.Date)
			for _, mark := range []struct {
				is   bool
				name string
			}{{v.Void, "void"}, {v.Inactive, "inactive"}, {v.Negated, "negated"}, {v.Alert != "", "alert " + v.Alert}} {
				if mark.is {
					fmt.Fprintf(&out, " [%s]", mark.name)
				}
			}
			for _, x := range v.Detail {
				fmt.Fprintf(&out, " | %s", strings.TrimSpace(x.Text+" "+x.Unit))
				for _, m := range x.Messages {
					fmt.Fprintf(&out, " %s%v", m.Key, m.Args)
				}
			}
			for _, r := range v.Results {
				if r.Range+r.Flag != "" {
					fmt.Fprintf(&out, " | %s %s %s", r.Name, r.Range, r.Flag)
				}
			}
			for _, a := range v.Attachments {
				fmt.Fprintf(&out, " | %s, %d bytes", a.ContentType, a.Size)
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// TestDocuments reads documents of every sort against what a person should see.
func TestDocuments(t *testing.T) {
	for _, name := range []string{"ccd", "discharge", "ugly", "file"} {
		t.Run(name, func(t *testing.T) {
			b := sample(t, name+".xml")
			if !ccda.Is(b) {
				t.Fatal("not recognised")
			}
			got := told(read(t, b))
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(sample(t, name+".golden")); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			again, _ := ccda.FHIR(b)
			if first, _ := ccda.FHIR(b); !bytes.Equal(first, again) {
				t.Error("two readings differ")
			}
		})
	}
}

// TestNothingVoidIsFact: what a document takes back has no line that could be
// taken for a fact.
func TestNothingVoidIsFact(t *testing.T) {
	o := read(t, sample(t, "ccd.xml")).Outline()
	facts := map[string]bool{}
	for _, l := range o.Lines {
		if !l.Negated && !l.Inactive {
			facts[l.Title] = true
		}
	}
	for _, not := range []string{"Shellfish", "Sulfonamide", "Warfarin", "Stroke", "Td", "Colonoscopy", "Pregnant", "Amoxicillin", "Pneumonia"} {
		if facts[not] {
			t.Errorf("%s stands there as a fact", not)
		}
	}
	for _, is := range []string{"Penicillin V", "Type 2 diabetes mellitus", "Atorvastatin 10 mg", "Influenza, seasonal", "Blood pressure", "Follow-up visit"} {
		if !facts[is] {
			t.Errorf("%s is missing", is)
		}
	}
}

// TestNegated: what is said not to be is told as such for every sort of statement,
// by the word and by the digit; an attribute of another vocabulary says nothing.
func TestNegated(t *testing.T) {
	const drug = `<consumable><manufacturedProduct><manufacturedMaterial><code code="1" displayName="Thing"/></manufacturedMaterial></manufacturedProduct></consumable>`
	for name, c := range map[string]struct{ section, statement string }{
		"allergy":       {"48765-2", `<observation classCode="OBS" moodCode="EVN" NOT><code code="ASSERTION"/><participant><participantRole><playingEntity><code code="1" displayName="Thing"/></playingEntity></participantRole></participant></observation>`},
		"vaccine":       {"11369-6", `<substanceAdministration moodCode="EVN" NOT>` + drug + `</substanceAdministration>`},
		"medicine":      {"10160-0", `<substanceAdministration moodCode="EVN" NOT>` + drug + `</substanceAdministration>`},
		"problem":       {"11450-4", `<observation moodCode="EVN" NOT><code code="ASSERTION"/><value xsi:type="CD" code="1" displayName="Thing"/></observation>`},
		"concern":       {"11450-4", `<act moodCode="EVN" NOT><entryRelationship><observation moodCode="EVN"><code code="ASSERTION"/><value xsi:type="CD" code="1" displayName="Thing"/></observation></entryRelationship></act>`},
		"procedure":     {"47519-4", `<procedure moodCode="EVN" NOT><code code="1" displayName="Thing"/></procedure>`},
		"finding":       {"30954-2", `<observation moodCode="EVN" NOT><code code="1" displayName="Thing"/><value xsi:type="PQ" value="1" unit="g"/></observation>`},
		"visit":         {"46240-8", `<encounter moodCode="EVN" NOT><code code="1" displayName="Thing"/></encounter>`},
		"family":        {"10157-6", `<observation moodCode="EVN" NOT><code code="1" displayName="Thing"/><value xsi:type="CD" code="1" displayName="Thing"/></observation>`},
		"device, given": {"46264-8", `<supply moodCode="EVN" NOT><participant><participantRole><playingDevice><code code="1" displayName="Thing"/></playingDevice></participantRole></participant></supply>`},
	} {
		t.Run(name, func(t *testing.T) {
			for not, negated := range map[string]bool{"": false, `negationInd="false"`: false, `negationInd="0"`: false, `foo:negationInd="true"`: false,
				`negationInd="true"`: true, `negationInd="1"`: true, `negationInd=" 1 "`: true} {
				doc := `<ClinicalDocument><component><structuredBody><component><section><code code="` + c.section + `"/><entry>` + strings.Replace(c.statement, "NOT", not, 1) + `</entry></section></component></structuredBody></component></ClinicalDocument>`
				fact := false
				for _, l := range read(t, []byte(doc)).Outline().Lines {
					fact = fact || l.Title == "Thing" && !l.Negated && !l.Inactive
				}
				if fact == negated {
					t.Errorf("%q: told as a fact: %v", not, fact)
				}
			}
		})
	}
}

// TestBooleans: a digit says what the word says, wherever an xs:boolean stands.
func TestBooleans(t *testing.T) {
	finding := func(value string) string {
		return `<ClinicalDocument><component><structuredBody><component><section><code code="30954-2"/><entry><observation moodCode="EVN"><code code="1" displayName="Thing"/>` + value + `</observation></entry></section></component></structuredBody></component></ClinicalDocument>`
	}
	relative := func(dead string) string {
		return `<ClinicalDocument><component><structuredBody><component><section><code code="10157-6"/><entry><organizer moodCode="EVN"><subject><relatedSubject><code code="MTH" displayName="Mother"/><subject><deceasedInd value="` + dead + `"/></subject></relatedSubject></subject><component><observation moodCode="EVN"><code code="1"/><value xsi:type="CD" code="1" displayName="Thing"/></observation></component></organizer></entry></section></component></structuredBody></component></ClinicalDocument>`
	}
	for doc, want := range map[string]string{
		finding(`<value xsi:type="IVL_PQ"><high value="5" unit="mg/L" inclusive="0"/></value>`):     `"comparator":"<","`,
		finding(`<value xsi:type="IVL_PQ"><high value="5" unit="mg/L" inclusive="false"/></value>`): `"comparator":"<","`,
		finding(`<value xsi:type="IVL_PQ"><high value="5" unit="mg/L" inclusive="1"/></value>`):     `"comparator":"<=","`,
		finding(`<value xsi:type="IVL_PQ"><high value="5" unit="mg/L"/></value>`):                   `"comparator":"<=","`,
		finding(`<value xsi:type="IVL_PQ"><high value="5" unit="mg/L" inclusive="odd"/></value>`):   `"comparator":"<=","`,
		finding(`<value xsi:type="IVL_PQ"><low value="200" unit="mg/L" inclusive=" 0 "/></value>`):  `"comparator":">","`,
		finding(`<value xsi:type="IVL_PQ"><low value="200" unit="mg/L" inclusive="true"/></value>`): `"comparator":">=","`,
		finding(`<value xsi:type="BL" value="1"/>`):                                                 `"valueBoolean":true`,
		finding(`<value xsi:type="BL" value="0"/>`):                                                 `"valueBoolean":false`,
		finding(`<value xsi:type="BL" value="true"/>`):                                              `"valueBoolean":true`,
		relative("true"): `"deceasedBoolean":true`,
		relative("1"):    `"deceasedBoolean":true`,
	} {
		out, err := ccda.FHIR([]byte(doc))
		plain := strings.ReplaceAll(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(out)), " ", "")
		if err != nil || !strings.Contains(plain, want) {
			t.Errorf("%s: %v, no %s in\n%s", doc, err, want, plain)
		}
	}
	for _, alive := range []string{"false", "0", "", "odd"} {
		if out, _ := ccda.FHIR([]byte(relative(alive))); bytes.Contains(out, []byte("deceased")) {
			t.Errorf("%q is told as dead: %s", alive, out)
		}
	}
}

// TestNarrative: every word of every narrative is shown, but what was struck out.
func TestNarrative(t *testing.T) {
	d := read(t, sample(t, "ccd.xml")).Document()
	var all strings.Builder
	for _, s := range d.Sections {
		all.WriteString(fhir.NarrativeText(s.Narrative) + "\n")
	}
	for _, want := range []string{"What she must not have", "severe", "[1] Said by her daughter", "one tablet twice a day with food", "No stroke", "https://insurer.example/"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not in\n%s", want, &all)
		}
	}
	if strings.Contains(all.String(), "and eggs") {
		t.Error("what was struck out is shown")
	}
}

// encoded are forms in which one document arrives.
func encoded(b []byte) map[string][]byte {
	text := strings.Replace(string(b), ` encoding="UTF-8"`, ` encoding="UTF-16"`, 1)
	units := utf16.Encode([]rune(text))
	le, be := []byte{}, []byte{}
	for _, u := range units {
		le = append(le, byte(u), byte(u>>8))
		be = append(be, byte(u>>8), byte(u))
	}
	return map[string][]byte{
		"mark": append([]byte("\xef\xbb\xbf"), b...), "utf-16le": append([]byte{0xff, 0xfe}, le...), "utf-16be": append([]byte{0xfe, 0xff}, be...),
		"utf-16 without a mark": le,
	}
}

func TestEncodings(t *testing.T) {
	b := sample(t, "discharge.xml")
	want := told(read(t, b))
	for name, e := range encoded(b) {
		if !ccda.Is(e) {
			t.Errorf("%s: not recognised", name)
		}
		if got := told(read(t, e)); got != want {
			t.Errorf("%s: got\n%s", name, got)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"20240612143005+0530": "2024-06-12T14:30:05+05:30", "20240612143005.123-0800": "2024-06-12T14:30:05-08:00", "202406121430+05": "2024-06-12T14:30:00+05:00",
		"20240612": "2024-06-12", "202406": "2024-06", "2024": "2024", "20240612143005": "2024-06-12", "20240231": "2024-02", "20240229": "2024-02-29",
		"202413": "2024", "": "", "hello": "", "00000000": "", "20240612990000+0530": "2024-06-12",
	} {
		doc := `<ClinicalDocument><effectiveTime value="` + in + `"/></ClinicalDocument>`
		if got := read(t, []byte(doc)).Document().Date; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestRefuse(t *testing.T) {
	defer ccda.LimitNodes(1000)()
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"other":      {"<html/>", ccda.ErrNotCDA},
		"cut":        {"<ClinicalDocument><title>x", ccda.ErrDamaged},
		"two roots":  {"<ClinicalDocument/><ClinicalDocument/>", ccda.ErrDamaged},
		"deep":       {"<ClinicalDocument>" + strings.Repeat("<section>", 300), ccda.ErrTooDeep},
		"many":       {"<ClinicalDocument>" + strings.Repeat("<a/>", 500) + "</ClinicalDocument>", ccda.ErrTooBig},
		"long":       {"<ClinicalDocument>" + strings.Repeat(" ", ccda.MaxBytes) + "</ClinicalDocument>", ccda.ErrTooBig},
		"unreadable": {"<?xml version='1.0' encoding='koi8-r'?><ClinicalDocument>\xc1</ClinicalDocument>", ccda.ErrDamaged},
	} {
		if _, err := ccda.FHIR([]byte(c.in)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	for _, in := range []string{"", "<html>ClinicalDocument</html>", "<!-- <ClinicalDocument> --><a/>", "ClinicalDocument", "<a><ClinicalDocument/></a>"} {
		if ccda.Is([]byte(in)) {
			t.Errorf("%q is taken for a document", in)
		}
	}
}

// TestHostile: a small document cannot become a large one, nor a slow one.
func TestHostile(t *testing.T) {
	long := strings.Repeat("word ", 20_000)
	refs := strings.Repeat(`<entry><observation><code><originalText><reference value="#x"/></originalText></code><value xsi:type="ED"><reference value="#x"/></value></observation></entry>`, 3_000)
	out, err := ccda.FHIR([]byte(`<ClinicalDocument><component><structuredBody><component><section><text ID="x">` + long + `</text>` + refs + `</section></component></structuredBody></component></ClinicalDocument>`))
	if err != nil || len(out) > 16<<20 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	ring := `<footnote ID="a">one <footnoteRef IDREF="b"/></footnote><footnote ID="b">two <footnoteRef IDREF="a"/></footnote>`
	if _, err := ccda.FHIR([]byte(`<ClinicalDocument><component><structuredBody><component><section><text>` + ring + `</text></section></component></structuredBody></component></ClinicalDocument>`)); err != nil {
		t.Error(err)
	}
}

// FuzzFHIR: whatever is read is FHIR that can be read.
func FuzzFHIR(f *testing.F) {
	for _, name := range []string{"ccd", "discharge", "ugly", "file"} {
		f.Add(sample(f, name+".xml"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ccda.Is(b)
		out, err := ccda.FHIR(b)
		if err != nil {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("no JSON: %s", out)
		}
		file, err := fhir.Parse(out)
		if err != nil && !errors.Is(err, fhir.ErrTooMany) && !errors.Is(err, fhir.ErrTooDeep) {
			t.Fatalf("%v: %s", err, out)
		}
		if err == nil {
			file.Document()
			file.Outline()
		}
	})
}

func BenchmarkFHIR(b *testing.B) {
	body := sample(b, "ccd.xml")
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := ccda.FHIR(body); err != nil {
			b.Fatal(err)
		}
	}
}
