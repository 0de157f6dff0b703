package e2e_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/conform"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/share"
	paper "potli/app/sheet"
)

var exportedAt = time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)

// given on: a document as a record, and what of it can be.
func givenOn(d document) ([]share.Source, []share.Item) {
	src := []share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatFHIR, Added: exportedAt}, Body: d.body}}
	return src, share.ChooseOnly(src, exportedAt)
}

func exportOf(d document, form share.Form) ([]byte, error) {
	src, items := givenOn(d)
	if form == share.FormOriginals {
		items = share.Whole(src, exportedAt)
	}
	words := func(m fhir.Message) string { return m.Key }
	b, err := share.Export(form, share.Person{Name: "A Sample"}, src, items, words, exportedAt, rand.Reader)
	if err == nil && form == share.FormKTC {
		b, err = share.RenderFile(b, words, "en", nil)
		if errors.Is(err, paper.ErrPen) || errors.Is(err, paper.ErrPages) {
			err = nil // no browser is here to draw with, or it is a life's record
		}
	}
	return b, err
}

// sameKinds are the kinds that a summary has to bring back fact by fact. A plan or the use of a device may be called by the words of
// a reference, and those do not leave: what they name was not chosen.
var sameKinds = []fhir.Kind{fhir.KindCondition, fhir.KindAllergy, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult, fhir.KindVital}

// facts are what was given on, as a person would compare them: what, how much, when. Of a report the results are facts of
// their own.
func facts(items []share.Item) (all []string) {
	for _, it := range items {
		if !slices.Contains(sameKinds, it.Kind) {
			continue
		}
		s := string(it.Kind) + " | " + it.Title + " | " + it.Date
		for _, v := range it.Detail {
			if it.Type != "DiagnosticReport" && v.Text != "unknown" { // that a laboratory gave no value has to be said
				s += " | " + v.Text + " " + v.Unit
			}
		}
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// unlike lists what only one of two has.
func unlike(got, want []string) (out string) {
	for _, s := range got {
		if !slices.Contains(want, s) {
			out += "\n  new:  " + s
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			out += "\n  gone: " + s
		}
	}
	return out
}

// exportSums is what became of the examples.
type exportSums struct{ documents, files, facts, size int }

// TestExportExamples gives every example on in every form: what claims to be a summary or a collection keeps its rules, the
// originals are in their bundle byte for byte, and what comes back from a summary is what was given.
func TestExportExamples(t *testing.T) {
	sums := exportSums{}
	for _, d := range examples(t) {
		if !strings.HasPrefix(d.name, "ips/") && len(d.body) > 400_000 {
			continue // asked in app/share, where they are read anyway
		}
		exportExample(t, d, &sums)
	}
	t.Logf("%d documents, %d files, %d facts back, %d kB", sums.documents, sums.files, sums.facts, sums.size/1000)
	if sums.documents < 300 {
		t.Errorf("only %d documents", sums.documents)
	}
}

func exportExample(t *testing.T, d document, sums *exportSums) {
	t.Helper()
	original, err := exportOf(d, share.FormOriginals)
	if err != nil || !bytes.Contains(original, bytes.TrimSpace(bytes.TrimPrefix(d.body, []byte("\xef\xbb\xbf")))) {
		t.Errorf("%s: not as it came: %v", d.name, err)
	}
	_, items := givenOn(d)
	if len(items) == 0 {
		return // about somebody's office, or entered in error
	}
	sums.documents++
	want := facts(items)
	for _, form := range []share.Form{share.FormIPS, share.FormKTC} {
		out, err := exportOf(d, form)
		if err != nil {
			var broken *share.FaultError
			errors.As(err, &broken)
			t.Errorf("%s as %s: %v", d.name, form, err)
			if broken != nil {
				t.Errorf("%+v", broken.Faults)
			}
			continue
		}
		if found := conform.Check(conform.Kind(form), out); len(found) > 0 {
			t.Errorf("%s as %s: %+v", d.name, form, found)
		}
		_, back := givenOn(document{body: out})
		if got := facts(back); form == share.FormIPS && !slices.Equal(got, want) {
			t.Errorf("%s as %s came back otherwise: %s", d.name, form, unlike(got, want))
		}
		sums.files, sums.facts, sums.size = sums.files+1, sums.facts+len(facts(back)), sums.size+len(out)
	}
}

// TestPeerOpensExports: an independent reader gets from a link just what was exported as a file, as summary and as collection.
func TestPeerOpensExports(t *testing.T) {
	t.Parallel()
	relay := startPotli(t, "").Relay
	for _, d := range examples(t) {
		if d.name != "ips/Bundle-bundle-ips-all-sections.json" && d.name != "ips/Bundle-bundle-minimal.json" {
			continue
		}
		for form, o := range map[share.Form]share.Options{share.FormIPS: share.SendLink(), share.FormKTC: share.Counter()} {
			out, err := exportOf(d, form)
			if errors.Is(err, share.ErrNothing) {
				continue
			}
			if err != nil {
				t.Fatalf("%s as %s: %v", d.name, form, err)
			}
			client := relayclient.New(relay, netHTTP{}, rand.Reader)
			s, up, err := share.New(o, "p", nil, out, client, time.Now(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Create(t.Context(), s.Ref, up); err != nil {
				t.Fatal(err)
			}
			got := peerOpens(t, s.Link().String(), "", "")
			if n := len(renderings(t, out)); form == share.FormKTC && n != 1 {
				t.Errorf("%s: %d renderings", d.name, n)
			}
			if !got.OK || len(got.Resources) != 1 || !sameJSON(t, got.Resources[0], out) {
				t.Errorf("%s as %s: the peer says %s %s", d.name, form, got.Error, got.Message)
			}
			var bundle struct{ Type string }
			if err := json.Unmarshal(got.Resources[0], &bundle); err != nil || bundle.Type != map[share.Form]string{share.FormIPS: "document", share.FormKTC: "collection"}[form] {
				t.Errorf("%s as %s is a %q, %v", d.name, form, bundle.Type, err)
			}
		}
	}
}

// TestFiguresConform prints what our rules find in the summaries of others (IPS-10: they are read all the same), and what
// exporting takes.
func TestFiguresConform(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("figures are printed by make bench")
	}
	var fig figures
	for _, d := range examples(t) {
		if !strings.HasPrefix(d.name, "ips/") && !strings.HasPrefix(d.name, "shared/ips/") || !bytes.Contains(d.body, []byte(`"document"`)) {
			continue
		}
		f, err := fhir.Parse(d.body)
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, fault := range conform.Check(conform.IPS, d.body) {
			count[fault.Rule]++
		}
		fig.add("rules broken by "+d.name[strings.LastIndexByte(d.name, '/')+1:], fmt.Sprintf("%v of %d entries", count, len(f.Entries)), "all read")
	}
	fig.print()
}
