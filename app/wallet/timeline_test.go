package wallet_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
	"potli/app/wallet"
)

// vault opens the vault of the bench beside the wallet, to fill it.
func (b *bench) vault() *vault.Vault {
	b.t.Helper()
	return b.vaultOf(words)
}

// keep puts a record with an outline of the test's own into the vault.
func (b *bench) keep(v *vault.Vault, who record.ProfileID, name string, o fhir.Outline) record.ID {
	b.t.Helper()
	m, err := v.Add(b.t.Context(), record.Meta{
		Profile: who, Format: record.FormatFHIR, Outline: o, Source: record.Source{How: "file", Name: name},
	}, []byte(string(who)+name))
	if err != nil {
		b.t.Fatal(err)
	}
	return m.ID
}

// reports fills the wallet with n reports of some results each, and locks it. Eight
// are about a kilobyte of JSON.
func (b *bench) reports(n, results int) {
	b.t.Helper()
	who := b.Snapshot().Current
	v := b.vault()
	for i := range n {
		o := fhir.Outline{Title: fmt.Sprintf("Report %d", i), Type: "Bundle", Date: fmt.Sprintf("20%02d-0%d-1%d", i%25, 1+i%9, i%7)}
		for j := range results {
			o.Lines = append(o.Lines, fhir.Line{
				Entry: j, Kind: fhir.KindResult, Type: "Observation", Title: fmt.Sprintf("Haemoglobin in blood %d", j), Date: "2026-05-01",
				Detail: []fhir.Value{{Type: fhir.ValueQuantity, Text: fmt.Sprint(i % 97), Unit: "g/dL"}},
			})
		}
		b.keep(v, who, fmt.Sprintf("report %d.json", i), o)
	}
	b.restart()
}

func TestTimelineSearch(t *testing.T) {
	b := newBench(t).create()
	who := b.Snapshot().Current
	v := b.vault()
	line := func(k fhir.Kind, title, date string) fhir.Line {
		return fhir.Line{Kind: k, Title: title, Date: date, Detail: []fhir.Value{{Text: "13.2", Unit: "g/dL"}, {Text: "Normal"}}}
	}
	b.keep(v, who, "Scan_ÄRZTIN.json", fhir.Outline{Title: "Blood Count", Author: "City Lab", Date: "2025-02-01", Lines: []fhir.Line{
		line(fhir.KindResult, "Haemoglobin", "2025-02-01"), line(fhir.KindResult, "Platelets", "2025-02-02"), line(fhir.KindVisit, "Visit", ""),
	}})
	b.keep(v, who, "old.json", fhir.Outline{Title: "रक्त जांच", Date: "2019", Lines: []fhir.Line{line(fhir.KindResult, "हीमोग्लोबिन", "2019")}})
	b.keep(v, who, "scan.pdf", fhir.Outline{Title: "Discharge"}) // added in 2026, no date of its own
	r, err := v.Ring().AddProfile("somebody else")
	if err == nil {
		err = v.SetRing(t.Context(), r)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.keep(v, "somebody else", "x.json", fhir.Outline{Title: "Blood Count", Lines: []fhir.Line{line(fhir.KindResult, "Haemoglobin", "")}})
	b.restart()
	b.unlock()
	for _, tt := range []struct {
		text string
		kind fhir.Kind
		want string // groups, and the lines of each
		all  int    // of all kinds
	}{
		{"", "", "Discharge Blood Count[Haemoglobin Platelets Visit] रक्त जांच[हीमोग्लोबिन]", 5},
		{"", fhir.KindResult, "Blood Count[Haemoglobin Platelets] रक्त जांच[हीमोग्लोबिन]", 5},
		{"", fhir.KindDocument, "Discharge", 5},
		{"HAEMOGLOBIN", "", "Blood Count[Haemoglobin] रक्त जांच[हीमोग्लोबिन]", 2},
		{"haemoglobn", "", "Blood Count[Haemoglobin] रक्त जांच[हीमोग्लोबिन]", 2}, // nothing is spelt like that
		{"city haemo", "", "Blood Count[Haemoglobin]", 1},
		{"city lab", "", "Blood Count[Haemoglobin Platelets Visit]", 3},
		{"city lab", fhir.KindVisit, "Blood Count[Visit]", 3},
		{"ärztin", "", "Blood Count[Haemoglobin Platelets Visit]", 3},
		{"haemoglobin platelets", "", "", 0}, // no line has both
		{"g/dl 2025-02-02", "", "Blood Count[Platelets]", 1},
		{"13.2", "", "Blood Count[Haemoglobin Platelets Visit] रक्त जांच[हीमोग्लोबिन]", 4},
		{"हीमो", "", "रक्त जांच[हीमोग्लोबिन]", 1},
		{"discharge", "", "Discharge", 1},
		{"discharge", fhir.KindResult, "", 1},
		{"discharge x", "", "", 0},
		{"nothing", "", "", 0},
	} {
		t.Run(tt.text+"/"+string(tt.kind), func(t *testing.T) {
			got := b.Timeline(wallet.Query{Text: tt.text, Kinds: kinds(tt.kind)})
			var words []string
			for _, g := range got.Groups {
				w := g.Title
				if len(g.Lines) > 0 {
					var lines []string
					for _, l := range g.Lines {
						lines = append(lines, l.Title)
					}
					w += "[" + strings.Join(lines, " ") + "]"
				}
				words = append(words, w)
			}
			all := 0
			for _, n := range got.Kinds {
				all += n
			}
			if s := strings.Join(words, " "); s != tt.want || all != tt.all || got.More {
				t.Errorf("%s, %d in all, more %v; want %s, %d", s, all, got.More, tt.want, tt.all)
			}
		})
	}
	if b.Snapshot().Records != 3 {
		t.Errorf("%d records", b.Snapshot().Records)
	}
	for offset, want := range map[int]string{0: "Discharge", 1: "Blood Count", 2: "रक्त जांच", 3: "", 9: ""} {
		got := b.Timeline(wallet.Query{Offset: offset, Limit: 1})
		found := b.Timeline(wallet.Query{Text: "13.2", Offset: offset, Limit: 1})
		if got.Total != 3 || got.More != (offset < 2) || len(got.Groups) > 1 || len(got.Groups) == 1 != (want != "") ||
			want != "" && got.Groups[0].Title != want {
			t.Errorf("from %d: %+v", offset, got)
		}
		if found.Total != 2 || found.More != (offset < 1) || len(found.Groups) != max(0, min(1, 2-offset)) {
			t.Errorf("found, from %d: %+v", offset, found)
		}
	}
	if got := b.Timeline(wallet.Query{Limit: 2}); len(got.Groups) != 2 || !got.More {
		t.Errorf("%d groups, more %v", len(got.Groups), got.More)
	}
	if got := b.Timeline(wallet.Query{Text: "13.2", Limit: 1}); len(got.Groups) != 1 || !got.More || got.Kinds[fhir.KindResult] != 3 {
		t.Errorf("%d groups, more %v, %v", len(got.Groups), got.More, got.Kinds)
	}
}

// kinds is the filter of one kind; "" lets all through.
func kinds(k fhir.Kind) []fhir.Kind {
	if k == "" {
		return nil
	}
	return []fhir.Kind{k}
}

// What a person sees follows every change, for each person.
func TestTimelineFollowsChanges(t *testing.T) {
	b := newBench(t).create()
	meera := b.Snapshot().Current
	ravi, err := b.AddPerson(t.Context(), wallet.Person{Name: "Ravi"})
	if err != nil {
		t.Fatal(err)
	}
	want := func(when string, n int) {
		t.Helper()
		if got := len(b.Timeline(wallet.Query{}).Groups); got != n || b.Snapshot().Records != n {
			t.Errorf("%s: %d groups, %d records; want %d", when, got, b.Snapshot().Records, n)
		}
	}
	id := b.importOne(file("a.json", []byte(allergy)))
	b.importOne(file("b.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Milk"))))
	want("two of hers", 2)
	b.Choose(ravi.ID)
	want("none of his", 0)
	b.importOne(file("c.json", []byte(allergy)))
	want("one of his", 1)
	b.Choose(meera)
	want("hers again", 2)
	if err := b.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	want("one deleted", 1)
	b.Undelete()
	want("taken back", 2)
	b.Choose("nobody")
	want("still hers", 2)
	b.restart()
	b.unlock()
	want("opened again", 2)
}

// benchOf is a locked wallet of ten thousand reports.
func benchOf(t testing.TB) *bench {
	t.Helper()
	b := newBench(t).create()
	b.reports(10_000, 8)
	return b
}

// BenchmarkUnlock10000 opens a wallet (the key derivation left out) up to its
// first timeline.
func BenchmarkUnlock10000(t *testing.B) {
	b := benchOf(t)
	t.ReportAllocs()
	for t.Loop() {
		b.restart()
		b.unlock()
		if got := b.Timeline(wallet.Query{}); len(got.Groups) != 50 || b.Snapshot().Records != 10_000 {
			t.Fatal("records are missing")
		}
	}
}

func BenchmarkTimeline10000(t *testing.B) {
	b := benchOf(t).unlock()
	for name, q := range map[string]wallet.Query{"all": {}, "kind": {Kinds: kinds(fhir.KindResult)}, "few": {Text: "report 77"}, "every": {Text: "haemoglobin"}, "none": {Text: "zzz"}} {
		t.Run(name, func(t *testing.B) {
			t.ReportAllocs()
			for t.Loop() {
				b.Timeline(q)
			}
		})
	}
}

// BenchmarkImportInto10000 is one file more, up to the new timeline.
func BenchmarkImportInto10000(t *testing.B) {
	b := benchOf(t).unlock()
	t.ReportAllocs()
	for i := 0; t.Loop(); i++ {
		b.importOne(file("x.json", []byte(strings.ReplaceAll(allergy, "Peanut", fmt.Sprint("Peanut ", i)))))
	}
}

// A file of years is a group for each visit and for each day without one, and
// each shows its own lines.
func TestTimelineOfAFileOfYears(t *testing.T) {
	b := newBench(t).create()
	v := b.vault()
	b.keep(v, b.Snapshot().Current, "years.json", fhir.Outline{Title: "Years", Type: "searchset", Lines: []fhir.Line{
		{Entry: 0, Kind: fhir.KindVisit, Title: "Visit one", Date: "2021-01-01"},
		{Entry: 1, Kind: fhir.KindResult, Title: "at one", Visit: 1, Date: "2021-01-01"},
		{Entry: 2, Kind: fhir.KindResult, Title: "at none", Date: "2022-02-02T10:00:00Z"},
		{Entry: 3, Kind: fhir.KindVisit, Title: "Visit two", Date: "2023-01-01"},
		{Entry: 4, Kind: fhir.KindResult, Title: "at two", Visit: 4, Date: "2023-01-01"},
		{Entry: 5, Kind: fhir.KindMedicine, Title: "that day too", Date: "2022-02-02T11:00:00Z"},
	}})
	b.restart()
	b.unlock()
	show := func(q wallet.Query) string {
		var s []string
		for _, g := range b.Timeline(q).Groups {
			s = append(s, fmt.Sprintf("%s/%d:", g.Title, g.Total))
			for _, l := range g.Lines {
				s = append(s, l.Title)
			}
		}
		return strings.Join(s, " ")
	}
	for _, tt := range []struct {
		q    wallet.Query
		want string
	}{
		{wallet.Query{}, "Visit two/2: Visit two at two /2: at none that day too Visit one/2: Visit one at one"},
		{wallet.Query{Kinds: kinds(fhir.KindMedicine)}, "/2: that day too"},
		{wallet.Query{Text: "at"}, "Visit two/2: at two /2: at none Visit one/2: at one"},
	} {
		if got := show(tt.q); got != tt.want {
			t.Errorf("%+v: %s\nwant %s", tt.q, got, tt.want)
		}
	}
}

// What is asked for soon is there before the lines of the records have been read: all of
// the list or, of what needs them, that it is still to come; never a part as if it were
// the whole.
func TestTimelineSoon(t *testing.T) {
	b := newBench(t).create()
	v := b.vault()
	who := b.Snapshot().Current
	visit := func(date string) fhir.Line { return fhir.Line{Entry: 1, Kind: fhir.KindVisit, Date: date} }
	b.keep(v, who, "years", fhir.Outline{Type: "collection", Lines: []fhir.Line{visit("2019-02-01"), {Entry: 2, Kind: fhir.KindVisit, Date: "2011-05-01"}}})
	b.keep(v, who, "no date", fhir.Outline{Title: "No date", Lines: []fhir.Line{{Kind: fhir.KindAllergy, Title: "Penicillin"}}})
	b.reports(40, 3)
	b.unlock()

	all, soon := wallet.Query{Limit: 400}, wallet.Query{Limit: 400, Soon: true}
	kind, kindSoon := wallet.Query{Kinds: []fhir.Kind{fhir.KindAllergy}}, wallet.Query{Kinds: []fhir.Kind{fhir.KindAllergy}, Soon: true}
	early, allergies := b.Timeline(soon), b.Timeline(kindSoon)
	if n := len(early.Groups); n != 43 || early.Total != n {
		t.Errorf("soon there are %d of %d groups, want 43", n, early.Total)
	}
	if early.Pending != (len(early.Kinds) == 0) || allergies.Pending != (allergies.Total == 0) {
		t.Errorf("soon: pending %v with %v, and %v with %d allergies", early.Pending, early.Kinds, allergies.Pending, allergies.Total)
	}
	if got := b.Timeline(kind); got.Pending || got.Total != 1 {
		t.Errorf("who does not ask for it soon finds %d allergies, pending %v", got.Total, got.Pending)
	}
	whole := b.Timeline(all)
	if whole.Pending || whole.Kinds[fhir.KindResult] != 120 || !reflect.DeepEqual(whole.Groups, early.Groups) {
		t.Errorf("the whole list is pending %v with %v, or not the early one", whole.Pending, whole.Kinds)
	}
	if late := b.Timeline(soon); !reflect.DeepEqual(late, whole) {
		t.Errorf("soon, when all has been read: %d groups, %v, pending %v", late.Total, late.Kinds, late.Pending)
	}
}

// A brief list is finished by itself, and a new snapshot says so.
func TestTimelineIsFinished(t *testing.T) {
	b := newBench(t).create()
	b.reports(20, 3)
	b.unlock()
	b.until(func(*wallet.Snapshot) bool { return !b.Timeline(wallet.Query{Soon: true}).Pending })
	if got := b.Timeline(wallet.Query{Soon: true}).Kinds[fhir.KindResult]; got != 60 {
		t.Errorf("%d results, want 60", got)
	}
}
