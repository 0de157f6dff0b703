package wallet_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/wallet"
)

// titles are those of the groups that a question finds.
func (b *bench) titles(q wallet.Query) string {
	var s []string
	for _, g := range b.Timeline(q).Groups {
		s = append(s, g.Title)
	}
	return strings.Join(s, " ")
}

func lab(title, value, low, high, date string) fhir.Line {
	return fhir.Line{Kind: fhir.KindResult, Type: "Observation", Title: title, Date: date, Measures: []fhir.Measure{{Name: title, Value: value, Low: low, High: high}}}
}

func TestTimelineFilters(t *testing.T) {
	b := newBench(t).create()
	who := b.Snapshot().Current
	v := b.vault()
	b.keep(v, who, "a", fhir.Outline{Title: "A", Author: "Dr Rao, City Lab", Date: "2024-03-01", Lines: []fhir.Line{
		lab("Haemoglobin", "9.1", "12", "16", "2024-03-01"), lab("Sodium", "140", "135", "145", "2023-12-31"),
	}})
	b.keep(v, who, "b", fhir.Outline{Title: "B", Author: "City Lab", Date: "2025-06-15", Lines: []fhir.Line{
		lab("Haemoglobin", "13", "12", "16", ""), {Kind: fhir.KindMedicine, Title: "Iron", Alert: "danger"},
	}})
	b.keep(v, who, "c", fhir.Outline{Title: "C", Date: "2025", Lines: []fhir.Line{{Kind: fhir.KindVital, Title: "Pulse", Alert: "caution"}}})
	if _, err := v.Add(t.Context(), record.Meta{
		Profile: who, Format: record.FormatFHIR, Source: record.Source{How: wallet.HowHand},
		Outline: fhir.Outline{Title: "D", Author: "Meera", Date: "2025-07-01", Lines: []fhir.Line{{Kind: fhir.KindVital, Title: "Weight"}}},
	}, []byte("d")); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.unlock()
	for name, tt := range map[string]struct {
		q    wallet.Query
		want string
	}{
		"nothing":             {wallet.Query{}, "D B C A"},
		"two kinds":           {wallet.Query{Kinds: []fhir.Kind{fhir.KindMedicine, fhir.KindVital}}, "D B C"},
		"a kind that is not":  {wallet.Query{Kinds: []fhir.Kind{fhir.KindBill}}, ""},
		"a place":             {wallet.Query{Author: "City Lab"}, "B A"},
		"a person":            {wallet.Query{Author: "Dr Rao"}, "A"},
		"nobody":              {wallet.Query{Author: "City"}, ""},
		"a year":              {wallet.Query{From: "2025", To: "2025"}, "D B C"},
		"a month":             {wallet.Query{From: "2025-06", To: "2025-06"}, "B C"}, // C is of some day of 2025
		"a day of a line":     {wallet.Query{From: "2023-12-31", To: "2023-12-31"}, "A"},
		"from":                {wallet.Query{From: "2025-06-16"}, "D C"},
		"to":                  {wallet.Query{To: "2024"}, "A"},
		"no date":             {wallet.Query{From: "yesterday"}, "D B C A"},
		"abnormal":            {wallet.Query{Abnormal: true}, "C A"},
		"abnormal haemo":      {wallet.Query{Abnormal: true, Text: "haemo"}, "A"},
		"abnormal sodium":     {wallet.Query{Abnormal: true, Text: "sodium"}, ""},
		"by hand":             {wallet.Query{Self: true}, "D"},
		"by hand, of a place": {wallet.Query{Self: true, Author: "City Lab"}, ""},
		"words and a year":    {wallet.Query{Text: "haemoglobin", From: "2025"}, "B"},
		"the code of no one":  {wallet.Query{Text: "zzz", Kinds: []fhir.Kind{fhir.KindResult}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := b.titles(tt.q); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
	b.counted(t)
}

// counted checks that each count of a filter is what choosing it finds.
func (b *bench) counted(t *testing.T) {
	questions := []wallet.Query{
		{}, {Text: "haemo"}, {Abnormal: true}, {Author: "City Lab"}, {From: "2025"}, {Self: true}, {Kinds: []fhir.Kind{fhir.KindResult}},
		{Text: "haemo", Abnormal: true, From: "2024", To: "2025"}, {Kinds: []fhir.Kind{fhir.KindVital}, Self: true},
	}
	for _, q := range questions {
		is := b.Timeline(q)
		check := func(what string, n int, change func(*wallet.Query)) {
			t.Helper()
			p := q
			change(&p)
			if got := b.Timeline(p).Total; got != n {
				t.Errorf("%+v: %d of %s, and %d when it is chosen", q, n, what, got)
			}
		}
		for _, a := range is.Authors {
			check(a.Name, a.N, func(q *wallet.Query) { q.Author = a.Name })
		}
		for y, n := range is.Years {
			if q.From == "" {
				check(y, n-years(is, y), func(q *wallet.Query) { q.From, q.To = y, y })
			}
		}
		check("marked", is.Abnormal, func(q *wallet.Query) { q.Abnormal = true })
		check("by hand", is.Self, func(q *wallet.Query) { q.Self = true })
		for k, n := range is.Kinds {
			p := q
			p.Kinds = []fhir.Kind{k}
			lines := 0
			for _, g := range b.Timeline(p).Groups {
				lines += max(len(g.Lines), 1)
			}
			if lines != n {
				t.Errorf("%+v: %d of %s, and %d when it is chosen", q, n, k, lines)
			}
		}
		if q.Author == "" && !slices.ContainsFunc(is.Authors, func(c wallet.Count) bool { return c.Name == "City Lab" }) && q.Text == "haemo" {
			t.Errorf("%+v: nobody is offered: %v", q, is.Authors)
		}
	}
}

// years is what a count of a year leaves out: nothing, but a record of another
// precision counts for its own.
func years(wallet.Timeline, string) int { return 0 }

// The sentences of a document are found, also after it was packed and read again.
func TestTimelineFindsNotes(t *testing.T) {
	b := newBench(t).create()
	who := b.Snapshot().Current
	v := b.vault()
	b.keep(v, who, "a", fhir.Outline{Title: "Letter", Words: "Please avoid groundnuts\nReview in March", Lines: []fhir.Line{
		{Kind: fhir.KindResult, Title: "Haemoglobin", Code: "http://loinc.org|718-7", Words: "sample was haemolysed", Date: "2025-01-01T10:00:00Z"},
		{Kind: fhir.KindResult, Title: "Sodium"},
	}})
	b.keep(v, who, "b", fhir.Outline{Title: "Other", Lines: []fhir.Line{{Kind: fhir.KindResult, Title: "Report", Measures: []fhir.Measure{{Name: "Ferritin", Value: "7", Unit: "ng/mL"}}}}})
	b.restart()
	b.unlock()
	for text, want := range map[string]string{
		"groundnut": "Letter/2", "haemolysed": "Letter/1", "718-7": "Letter/1", "ferritin": "Other/1", `"in march"`: "Letter/2",
		`"groundnuts review"`: "", "2025-01-01": "Letter/1", "loinc": "",
	} {
		got := ""
		for _, g := range b.Timeline(wallet.Query{Text: text}).Groups {
			got += fmt.Sprintf("%s/%d", g.Title, len(g.Lines))
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// What is spelt nearly so comes only when it is wanted, or when nothing else is.
func TestTimelineForgives(t *testing.T) {
	b := newBench(t).create()
	who := b.Snapshot().Current
	v := b.vault()
	for _, title := range []string{"Paracetamol", "Paracetmol", "पैरासिटामोल", "Iron"} {
		b.keep(v, who, title, fhir.Outline{Title: title, Date: "2025-01-0" + fmt.Sprint(len(title)%9+1)})
	}
	b.restart()
	b.unlock()
	for _, tt := range []struct {
		q     wallet.Query
		total int
		near  int
		slips bool
	}{
		{wallet.Query{Text: "paracetamol"}, 2, 1, false},
		{wallet.Query{Text: "paracetamol", Near: true}, 3, 0, false},
		{wallet.Query{Text: "पैरासिटामोल"}, 3, 0, false},
		{wallet.Query{Text: "parecetamal"}, 2, 0, false}, // as पैरासिटामोल sounds,
		{wallet.Query{Text: "irno"}, 1, 1, true},
		{wallet.Query{Text: "potassium"}, 0, 0, false},
	} {
		if got := b.Timeline(tt.q); got.Total != tt.total || !got.Slips && got.Near != tt.near || got.Slips != tt.slips {
			t.Errorf("%+v: %d found, %d near, slips %v", tt.q, got.Total, got.Near, got.Slips)
		}
	}
}

func TestTimelineOfEveryone(t *testing.T) {
	b := newBench(t).create()
	meera := b.Snapshot().Current
	ravi, err := b.AddPerson(t.Context(), wallet.Person{Name: "Ravi"})
	if err != nil {
		t.Fatal(err)
	}
	b.importOne(file("a.json", []byte(allergy)))
	b.Choose(ravi.ID)
	b.importOne(file("b.json", []byte(strings.ReplaceAll(allergy, "2019", "2021"))))
	b.Choose(meera)
	all := wallet.Query{Text: "peanut", People: []record.ProfileID{meera, ravi.ID}}
	b.until(func(*wallet.Snapshot) bool { return b.Timeline(all).Total == 2 })
	got := b.Timeline(all)
	if got.Groups[0].Person == got.Groups[1].Person || got.People[meera] != 1 || got.People[ravi.ID] != 1 || got.Pending {
		t.Errorf("%+v", got)
	}
	if !slices.IsSortedFunc(got.Groups, func(a, b wallet.Group) int { return strings.Compare(b.Date, a.Date) }) {
		t.Error("not by date")
	}
	if got := b.Timeline(wallet.Query{Text: "peanut"}); got.Total != 1 || got.Groups[0].Person != meera {
		t.Errorf("%d found of hers", got.Total)
	}
	if err := b.Hide(ravi.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.Timeline(all); got.Total != 1 {
		t.Errorf("%d found, and one is hidden", got.Total)
	}
}

// The words follow the records, while they are read and afterwards.
func TestWordsFollowChanges(t *testing.T) {
	b := newBench(t).create()
	b.reports(300, 3)
	b.unlock()
	b.until(func(*wallet.Snapshot) bool {
		l := b.Timeline(wallet.Query{Text: "haemoglobin"})
		return l.Total == 300 && !l.Pending
	})
	id := b.importOne(file("a.json", []byte(allergy)))
	b.until(func(*wallet.Snapshot) bool { return b.Timeline(wallet.Query{Text: "peanut"}).Total == 1 })
	if err := b.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.until(func(*wallet.Snapshot) bool { return b.Timeline(wallet.Query{Text: "peanut"}).Total == 0 })
	b.Undelete()
	b.until(func(*wallet.Snapshot) bool { return b.Timeline(wallet.Query{Text: "peanut"}).Total == 1 })
	if got := b.Timeline(wallet.Query{Text: "haemoglobin", Offset: 290}); got.Total != 300 || len(got.Groups) != 10 {
		t.Errorf("%d, %d shown", got.Total, len(got.Groups))
	}
	b.Lock()
	if got := b.Timeline(wallet.Query{Text: "haemoglobin"}); got.Total != 0 {
		t.Errorf("%d found in a locked wallet", got.Total)
	}
}

// A page asks about parts of one list, and another part is no other question.
func TestTimelineInParts(t *testing.T) {
	b := newBench(t).create()
	b.reports(30, 2)
	b.unlock()
	whole := b.Timeline(wallet.Query{Text: "report", Limit: 100})
	for from := 0; from < 35; from += 7 {
		part := b.Timeline(wallet.Query{Text: "report", Offset: from, Limit: 7})
		if part.Total != 30 || !maps.Equal(part.Kinds, whole.Kinds) {
			t.Errorf("from %d: %d of %v", from, part.Total, part.Kinds)
		}
		for i, g := range part.Groups {
			if g.Record != whole.Groups[from+i].Record {
				t.Errorf("from %d: another at %d", from, i)
			}
		}
	}
}
