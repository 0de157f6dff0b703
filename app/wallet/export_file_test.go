package wallet_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/conform"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/wallet"
)

const sugar = `{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}],"text":"Blood sugar"},` +
	`"effectiveDateTime":"2026-05-01","valueQuantity":{"value":6.10,"unit":"mmol/L"},"subject":{"reference":"Patient/p"}}`

// family imports the documents that a test is about.
func (b *bench) family() *bench {
	b.t.Helper()
	b.create()
	ips, err := os.ReadFile(filepath.Join("..", "fhir", "testdata", "ips-synthetic.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	for name, body := range map[string][]byte{"a.json": []byte(allergy), "h.json": []byte(hiv), "o.json": []byte(sugar), "ips.json": ips} {
		b.bring(name, body)
	}
	return b
}

// bring imports a document, also one about somebody of another name.
func (b *bench) bring(name string, body []byte) {
	b.t.Helper()
	r := b.Import(b.t.Context(), []wallet.File{file(name, body)})
	if f := r.Files[0]; f.Waiting {
		if err := b.Settle(b.t.Context(), 0, b.Snapshot().Current); err != nil {
			b.t.Fatal(err)
		}
	} else if f.Err != nil {
		b.t.Fatal(f.Err)
	}
	b.DismissImport()
}

func (b *bench) toExport(whole bool, only ...record.ID) *wallet.Preview {
	b.t.Helper()
	p, err := b.PrepareExport(b.t.Context(), whole, only...)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *bench) takeOut(p *wallet.Preview, form share.Form) (name string, body []byte) {
	b.t.Helper()
	taken, err := b.TakeOut(b.t.Context(), p, wallet.Order{Form: form, Title: "Meera: summary"})
	if err != nil {
		b.t.Fatalf("%s: %v", form, err)
	}
	return taken.Name, taken.Body
}

// suggested is what the summary says, fact by fact.
func suggested(p *wallet.Preview) (facts []string) {
	for _, it := range p.Selected() {
		facts = append(facts, fmt.Sprint(it.Kind, it.Title, it.Date, it.Detail, it.Inactive, it.Negated))
	}
	slices.Sort(facts)
	return facts
}

// TestSummaryComesBack: taken out as a summary, or as a collection, and brought into an empty wallet, it is the same summary.
func TestSummaryComesBack(t *testing.T) {
	b := newBench(t).family()
	want := suggested(b.toExport(false))
	kinds := map[fhir.Kind]bool{}
	for _, it := range b.toExport(false).Selected() {
		kinds[it.Kind] = true
	}
	for _, k := range []fhir.Kind{fhir.KindCondition, fhir.KindAllergy, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult} {
		if !kinds[k] {
			t.Errorf("the summary has no %s to compare", k)
		}
	}
	for _, form := range []share.Form{share.FormIPS, share.FormKTC} {
		name, body := b.takeOut(b.toExport(false), form)
		if name != "2026-06-12 Meera summary.json" {
			t.Errorf("it is called %q", name)
		}
		if found := conform.Check(conform.Kind(form), body); len(found) > 0 {
			t.Errorf("%s: %+v", form, found)
		}
		empty := newBench(t).create()
		empty.importOne(file(name, body))
		if got := suggested(empty.toExport(false)); !slices.Equal(got, want) {
			t.Errorf("%s: came back as\n%s\nwas\n%s", form, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestTakeOutWholeRecords: originals leave byte for byte, and those with something that was left out do not.
func TestTakeOutWholeRecords(t *testing.T) {
	b := newBench(t).family()
	p := b.toExport(true)
	if len(p.Items) != 4 || len(p.Selected()) != 4 || !slices.Contains(p.Groups, "hiv") {
		t.Fatalf("%d items, %d chosen, groups %v", len(p.Items), len(p.Selected()), p.Groups)
	}
	_, body := b.takeOut(p.Exclude("hiv"), share.FormOriginals)
	if !bytes.Contains(body, []byte(allergy)) || !bytes.Contains(body, []byte(sugar)) || bytes.Contains(body, []byte(canary)) {
		t.Error("not the originals that were chosen")
	}
	empty := newBench(t).create()
	empty.bring("all.json", body)
	if got := len(empty.toExport(false).Items); got != len(b.toExport(false).Exclude("hiv").Items)-1 {
		t.Errorf("%d entries came back", got)
	}
}

func TestTakeOutNumbers(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	b.importOne(file("o.json", []byte(sugar)))
	name, body := b.takeOut(b.toExport(false).Narrow(wallet.Range{All: true, Kinds: []fhir.Kind{fhir.KindResult}, Since: "2026-01-01"}), share.FormCSV)
	if name != "2026-06-12 Meera summary.csv" {
		t.Errorf("it is called %q", name)
	}
	if want := "date,name,code,value,comparator,unit,low,high,flag,source\r\n2026-05-01,Blood sugar,http://loinc.org|2339-0,6.10,,mmol/L,,,,Blood sugar\r\n"; string(body) != want {
		t.Errorf("got  %q\nwant %q", body, want)
	}
	only := b.toExport(false).Narrow(wallet.Range{Kinds: []fhir.Kind{fhir.KindAllergy}})
	if _, err := b.TakeOut(t.Context(), only, wallet.Order{Form: share.FormCSV}); !errors.Is(err, share.ErrNothing) {
		t.Errorf("allergies as numbers: %v", err)
	}
}

func TestNarrow(t *testing.T) {
	p := &wallet.Preview{Groups: []string{"hiv"}, Items: []share.Item{
		{Title: "allergy", Kind: fhir.KindAllergy, Suggested: true},
		{Title: "old", Kind: fhir.KindResult, Date: "2019-05-01", Suggested: true},
		{Title: "new", Kind: fhir.KindResult, Date: "2026-05-01T10:00:00Z", Suggested: true},
		{Title: "month", Kind: fhir.KindResult, Date: "2026-01"},
		{Title: "hiv", Kind: fhir.KindCondition, Date: "2026-05-01", Suggested: true, Sensitive: []string{"hiv"}},
	}, Chosen: make([]bool, 5)}
	p = p.Include("hiv")
	for name, tt := range map[string]struct {
		r    wallet.Range
		out  bool
		want string
	}{
		"the summary":     {wallet.Range{}, false, "allergy old new hiv"},
		"everything":      {wallet.Range{All: true}, false, "allergy old new month hiv"},
		"one kind":        {wallet.Range{All: true, Kinds: []fhir.Kind{fhir.KindResult}}, false, "old new month"},
		"of late":         {wallet.Range{All: true, Since: "2026-01-15"}, false, "allergy new month hiv"},
		"without a group": {wallet.Range{All: true}, true, "allergy old new month"},
	} {
		q := p
		if tt.out {
			q = p.Exclude("hiv")
		}
		var got []string
		for _, it := range q.Narrow(tt.r).Selected() {
			got = append(got, it.Title)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
}

// TestGivenIsNoted: what left as a file or on paper stands in the ledger, the newest first; what failed does not.
func TestGivenIsNoted(t *testing.T) {
	b := newBench(t).family()
	p := b.toExport(false)
	b.takeOut(p, share.FormIPS)
	b.clock.add(time.Minute)
	if err := b.Printed(t.Context(), p, "Vaccinations"); err != nil {
		t.Fatal(err)
	}
	none := p.Narrow(wallet.Range{Since: "2099-01-01", Kinds: []fhir.Kind{fhir.KindBill}})
	if _, err := b.TakeOut(t.Context(), none, wallet.Order{Form: share.FormIPS}); !errors.Is(err, wallet.ErrNothing) {
		t.Errorf("nothing chosen: %v", err)
	}
	b.restart()
	b.unlock()
	list, err := b.Given(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("%d notes, %v", len(list), err)
	}
	if g := list[0]; g.Form != wallet.FormPaper || g.Name != "Vaccinations" || g.Items != len(p.Selected()) || g.Person != b.Snapshot().Current {
		t.Errorf("%+v", g)
	}
	if g := list[1]; g.Form != string(share.FormIPS) || g.Name != "2026-06-12 Meera summary.json" || !g.Time.Equal(b.clock.now().Add(-time.Minute)) {
		t.Errorf("%+v", g)
	}
	if err := b.Hide(b.Snapshot().Current); err == nil {
		if list, err := b.Given(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("of somebody hidden: %+v, %v", list, err)
		}
	}
}

// TestGivenIsErased: with a person goes what is noted of what left of them, name and all.
func TestGivenIsErased(t *testing.T) {
	b := newBench(t).family()
	b.takeOut(b.toExport(false), share.FormIPS)
	first := b.Snapshot().Current
	ravi, err := b.AddPerson(t.Context(), wallet.Person{Name: "Ravi Sample"})
	if err != nil {
		t.Fatal(err)
	}
	b.Choose(ravi.ID)
	b.importOne(file("r.json", []byte(sugar)))
	b.takeOut(b.toExport(false), share.FormCSV)
	if err := b.SetAside(t.Context(), ravi.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseProfile(t.Context(), ravi.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Given(t.Context()); err != nil || len(list) != 1 || list[0].Person != first {
		t.Errorf("left after the person is gone: %+v, %v", list, err)
	}
}

func TestFactsForPaper(t *testing.T) {
	b := newBench(t).family()
	p := b.toExport(false).Narrow(wallet.Range{Kinds: []fhir.Kind{fhir.KindImmunization}})
	facts, err := b.Facts(t.Context(), p)
	if err != nil || len(facts) == 0 || len(facts) != len(p.Selected()) {
		t.Fatalf("%d facts of %d, %v", len(facts), len(p.Selected()), err)
	}
	if f := facts[0]; f.View.Type != "Immunization" || f.View.Title != f.Item.Title || len(f.View.Fields) == 0 {
		t.Errorf("%+v", f)
	}
}

// TestFaultsCrossTheWorker with what is to be said of them.
func TestFaultsCrossTheWorker(t *testing.T) {
	sent := &share.FaultError{Faults: []share.Fault{{Rule: "IPS-04", Path: "Composition.section:10160-0"}, {Rule: "FHIR-03", Title: "Asthma"}}}
	var got *share.FaultError
	if !errors.As(wallet.DecodeError(wallet.EncodeError(sent)), &got) || !slices.Equal(got.Faults, sent.Faults) {
		t.Errorf("came back as %+v", got)
	}
	if err := wallet.DecodeError("faults\x00no JSON"); err == nil || errors.As(err, &got) && len(got.Faults) == 0 {
		t.Errorf("a broken one came back as %v", err)
	}
}
