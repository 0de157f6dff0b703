package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
)

func keep(g *consent.Grant) { g.After = consent.Keep }

var hospital = consent.Party{Name: "Another Hospital", Key: "hospital"}

// told is what Today says, in one line a provider.
func told(list []ledger.Holding) string {
	var lines []string
	for _, h := range list {
		line := h.Party.Name + ":"
		for _, r := range h.Live {
			line += fmt.Sprintf(" runs %s×%d", strings.TrimLeft(r.Newest().ID, "0"), r.Deliveries)
		}
		for _, d := range h.Has {
			line += fmt.Sprintf(" has %d bytes", d.Bytes)
			if d.Kept {
				line += " kept"
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

func TestToday(t *testing.T) {
	view, kept := grant(1, clinic), grant(2, clinic, keep)
	other := grant(3, hospital, keep)
	narrowed := *kept
	narrowed.After = consent.View
	widened := *view
	widened.After = consent.Keep
	short := *view
	short.Until = now.Add(time.Hour)
	whole := entry(consent.Revoked, view, 5)
	whole.Consent = ""
	for name, c := range map[string]struct {
		entries []ledger.Entry
		after   time.Duration
		want    string
	}{
		"nothing":                     {nil, 0, ""},
		"asked only":                  {[]ledger.Entry{entry(consent.Requested, view, 0)}, 0, ""},
		"refused":                     {[]ledger.Entry{entry(consent.Requested, view, 0), entry(consent.Refused, view, 1)}, 0, ""},
		"granted":                     {[]ledger.Entry{entry(consent.Granted, view, 0)}, 0, "Sample Clinic: runs 1A×0"},
		"given":                       {[]ledger.Entry{entry(consent.Granted, view, 0), delivered(view, 1, "a")}, 0, "Sample Clinic: runs 1A×1 has 1 bytes"},
		"given twice":                 {[]ledger.Entry{entry(consent.Granted, view, 0), delivered(view, 1, "a"), delivered(view, 2, "a", "bb")}, 0, "Sample Clinic: runs 1A×2 has 1 bytes has 2 bytes"},
		"to look at, revoked":         {[]ledger.Entry{entry(consent.Granted, view, 0), delivered(view, 1, "a"), entry(consent.Revoked, view, 2)}, 0, ""},
		"to look at, request revoked": {[]ledger.Entry{entry(consent.Granted, view, 0), delivered(view, 1, "a"), whole}, 0, ""},
		"to look at, over":            {[]ledger.Entry{entry(consent.Granted, view, 0), delivered(view, 1, "a")}, 24 * time.Hour, ""},
		"narrowed, over":              {[]ledger.Entry{entry(consent.Granted, view, 0), entry(consent.Narrowed, &short, 1)}, 2 * time.Hour, ""},
		"to keep, revoked":            {[]ledger.Entry{entry(consent.Granted, kept, 0), delivered(kept, 1, "a"), entry(consent.Revoked, kept, 2)}, 0, "Sample Clinic: has 1 bytes kept"},
		"to keep, over":               {[]ledger.Entry{entry(consent.Granted, kept, 0), delivered(kept, 1, "a")}, 25 * time.Hour, "Sample Clinic: has 1 bytes kept"},
		"to keep, then only to look at": {[]ledger.Entry{entry(consent.Granted, kept, 0), delivered(kept, 1, "a"), entry(consent.Narrowed, &narrowed, 2), delivered(&narrowed, 3, "bb"),
			entry(consent.Revoked, kept, 4)}, 0, "Sample Clinic: has 1 bytes kept"},
		"narrowed twice at once, over":                {[]ledger.Entry{entry(consent.Granted, view, 0), entry(consent.Narrowed, &short, 1), entry(consent.Narrowed, view, 2)}, 2 * time.Hour, ""},
		"to look at, then to keep, by nobody's leave": {[]ledger.Entry{entry(consent.Granted, view, 0), entry(consent.Narrowed, &widened, 1), delivered(view, 2, "a"), entry(consent.Revoked, view, 3)}, 0, ""},
		"two providers":                               {[]ledger.Entry{entry(consent.Granted, view, 0), entry(consent.Granted, other, 1), entry(consent.Granted, kept, 2)}, 0, "Another Hospital: runs 3A×0; Sample Clinic: runs 1A×0 runs 2A×0"},
		"those that run come first": {[]ledger.Entry{entry(consent.Granted, view, 0), entry(consent.Granted, other, 1), delivered(other, 2, "a"), entry(consent.Revoked, other, 3)}, 0,
			"Sample Clinic: runs 1A×0; Another Hospital: has 1 bytes kept"},
		"granted by nobody": {[]ledger.Entry{func() ledger.Entry { e := entry(consent.Granted, view, 0); e.By = ""; return e }()}, 0, ""},
	} {
		if got := told(ledger.Today(c.entries, now.Add(time.Hour/2).Add(c.after))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestRevokeAll(t *testing.T) {
	one, two, over, ended, elsewhere := grant(1, clinic), grant(2, clinic, keep), grant(3, clinic), grant(4, clinic), grant(5, hospital)
	over.Until = now.Add(time.Minute)
	begins := grant(6, clinic, func(g *consent.Grant) { g.Begin, g.Until = now.Add(48*time.Hour), now.Add(72*time.Hour) })
	less := *two
	less.Kinds = less.Kinds[:1]
	less.Until = now.Add(12 * time.Hour)
	var entries []ledger.Entry
	for _, g := range []*consent.Grant{one, two, over, ended, elsewhere, begins} {
		entries = append(entries, entry(consent.Granted, g, 0))
	}
	entries = append(entries, entry(consent.Revoked, ended, 1), entry(consent.Narrowed, &less, 2))
	got := ledger.RevokeAll(entries, clinic, now.Add(time.Hour))
	if !slices.Equal(got, []*consent.Grant{one, &less, begins}) {
		t.Errorf("%d grants", len(got))
	}
	// Once they are revoked, nothing is left there, and nothing elsewhere was touched.
	for _, g := range got {
		entries = append(entries, entry(consent.Revoked, g, 3))
	}
	if again := ledger.RevokeAll(entries, clinic, now.Add(time.Hour)); len(again) != 0 {
		t.Errorf("%d are left", len(again))
	}
	if got := told(ledger.Today(entries, now.Add(time.Hour))); got != "Another Hospital: runs 5A×0" {
		t.Error(got)
	}
}

func TestSearch(t *testing.T) {
	view, other := grant(1, clinic), grant(2, hospital, func(g *consent.Grant) { g.Purpose.Text = "A knee" })
	noted := entry(consent.Opened, other, 4)
	noted.Note = "By the Night Desk"
	entries := []ledger.Entry{entry(consent.Requested, view, 0), entry(consent.Granted, view, 1), entry(consent.Granted, other, 2), entry(consent.Revoked, view, 3), noted}
	at := func(m int) time.Time { return now.Add(time.Duration(m) * time.Minute) }
	for name, c := range map[string]struct {
		q    ledger.Query
		want string
	}{
		"all, newest first": {ledger.Query{}, "opened revoked granted granted requested"},
		"kinds":             {ledger.Query{Kinds: []consent.EventKind{consent.Granted, consent.Revoked}}, "revoked granted granted"},
		"a provider":        {ledger.Query{Party: &hospital}, "opened granted"},
		"a consent":         {ledger.Query{Consent: view.ID}, "revoked granted requested"},
		"days":              {ledger.Query{From: at(1), To: at(3)}, "granted granted"},
		"a name":            {ledger.Query{Words: "SAMPLE clinic"}, "revoked granted requested"},
		"a purpose":         {ledger.Query{Words: "knee"}, "granted"},
		"a kind of record":  {ledger.Query{Words: "diagnosticreport cough"}, "granted"},
		"a note":            {ledger.Query{Words: "night"}, "opened"},
		"nothing":           {ledger.Query{Words: "nothing"}, ""},
	} {
		var kinds []string
		for _, e := range ledger.Search(entries, c.q) {
			kinds = append(kinds, string(e.Kind))
		}
		if got := strings.Join(kinds, " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Two devices, one of them with a yes that came after a no: what was ended stays so.
func TestMerge(t *testing.T) {
	g := grant(1, clinic)
	mother, father := newLog(t, "phone", 0), newLog(t, "aaa", 0)
	for _, e := range []ledger.Entry{entry(consent.Granted, g, 0), entry(consent.Revoked, g, 10)} {
		if err := mother.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []ledger.Entry{entry(consent.Opened, g, 0), entry(consent.Granted, g, 20)} {
		if err := father.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	all := ledger.Merge(mother, father)
	var kinds []consent.EventKind
	for _, e := range all {
		kinds = append(kinds, e.Kind)
	}
	if !slices.Equal(kinds, []consent.EventKind{consent.Opened, consent.Granted, consent.Revoked, consent.Granted}) {
		t.Errorf("%v", kinds)
	}
	if got := ledger.Today(all, now.Add(time.Hour)); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
