package consent_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/record"
	"potli/crypto/jose/josetest"
)

const grantID = "BBBBBBBBBBBBBBBBBBBBBA"

// option is one value of a dimension: what it changes, and the reasons it gives for
// a record to stay, none when it lets it go.
type option struct {
	name string
	set  func(*scene)
	why  []consent.Reason
}

// scene is what is asked of Yields.
type scene struct {
	terms   consent.Grant
	given   *consent.Grant // what is handed to Yields, where it is not the terms
	history []consent.Event
	record  consent.Record
	at      consent.Occasion
	// facts of it that only together give a reason
	once, delivered, breaks, hand, sensitive, twoAgreed, adolescent bool
}

func (s *scene) event(e consent.Event) {
	if e.Consent == "" {
		e.Consent = grantID
	}
	e.Asked, e.At = "h", now
	s.history = append(s.history, e)
}

func terms() consent.Grant {
	return consent.Grant{ID: grantID, Request: "q", Asked: "h", Profile: "child", To: consent.Party{Name: "Clinic", Key: "k"},
		Purpose: consent.Purpose{Code: consent.Care}, Kinds: []consent.Kind{consent.Report, consent.Prescription, "vital"},
		Dates: consent.Dates{From: "2026-01-01", To: "2026-06-30"}, Begin: now, Until: now.Add(24 * time.Hour), Repeat: consent.Follow, After: consent.View}
}

// The dimensions in the order in which they are set: terms, then what happened, then
// what is asked.
var dimensions = [][]option{
	{
		{"care", func(*scene) {}, nil},
		{"emergency", func(s *scene) { s.terms.Purpose.Code, s.breaks = consent.BreakGlass, true }, nil},
	},
	{
		{"follow", func(*scene) {}, nil},
		{"once", func(s *scene) { s.terms.Repeat, s.once = consent.Once, true }, nil},
	},
	{
		{"all records", func(*scene) {}, nil},
		{"this record", func(s *scene) { s.terms.Records = []record.ID{"r", "s"} }, nil},
		{"other records", func(s *scene) { s.terms.Records = []record.ID{"s"} }, []consent.Reason{consent.NotChosen}},
	},
	{
		{"an adult", func(*scene) {}, nil},
		{"an adolescent", func(s *scene) { s.terms.Person, s.adolescent = "child", true }, nil},
	},
	{
		{"granted", yes("mother"), nil},
		{"granted by two", func(s *scene) { yes("mother")(s); yes("child")(s); s.twoAgreed = true }, nil},
		{"granted twice by one", func(s *scene) { yes("mother")(s); yes("mother")(s) }, nil},
		{"granted by the person alone", yes("child"), nil},
		{"nothing", func(*scene) {}, []consent.Reason{consent.Unagreed}},
		{"requested", func(s *scene) { s.event(consent.Event{Kind: consent.Requested}) }, []consent.Reason{consent.Unagreed}},
		{"granted by nobody", yes(""), []consent.Reason{consent.Unagreed}},
		{"granted without terms", func(s *scene) { s.event(consent.Event{Kind: consent.Granted, By: "mother"}) }, []consent.Reason{consent.Unagreed}},
		{"granted to another", func(s *scene) {
			g := s.terms
			g.To.Key = "another"
			s.event(consent.Event{Kind: consent.Granted, By: "mother", Terms: &g})
		}, []consent.Reason{consent.Unagreed}},
		{"another consent granted", func(s *scene) {
			g := s.terms
			g.ID = "another"
			s.event(consent.Event{Kind: consent.Granted, By: "mother", Terms: &g})
			s.event(consent.Event{Kind: consent.Granted, Consent: "another", By: "mother", Terms: &g})
		}, []consent.Reason{consent.Unagreed}},
	},
	{
		{"not narrowed", func(*scene) {}, nil},
		{"narrowed, and within", narrow(func(g *consent.Grant) { g.Kinds = []consent.Kind{consent.Report} }), nil},
		{"narrowed in kinds", narrow(func(g *consent.Grant) { g.Kinds = []consent.Kind{consent.Prescription} }), []consent.Reason{consent.OtherKind}},
		{"narrowed in dates", narrow(func(g *consent.Grant) { g.Dates.From = "2026-06-01" }), []consent.Reason{consent.OtherDates}},
		{"narrowed in time", narrow(func(g *consent.Grant) { g.Until = now }), []consent.Reason{consent.Expired}},
		{"narrowed away", narrow(func(g *consent.Grant) { g.Records = []record.ID{"s"} }), []consent.Reason{consent.NotChosen}},
		{"widened by somebody", narrow(func(g *consent.Grant) { g.Kinds = consent.Kinds; g.Dates = consent.Dates{} }), nil},
		// A phone that was off the network narrowed the first terms, which were narrowed already.
		{"narrowed twice at once", func(s *scene) {
			narrow(func(g *consent.Grant) { g.Records = []record.ID{"s"} })(s)
			narrow(func(g *consent.Grant) { g.Until = now.Add(2 * time.Hour) })(s)
		}, []consent.Reason{consent.NotChosen}},
	},
	{
		{"nothing since", func(*scene) {}, nil},
		{"opened", func(s *scene) { s.event(consent.Event{Kind: consent.Opened}) }, nil},
		{"delivered", func(s *scene) {
			s.event(consent.Event{Kind: consent.Delivered, Records: []record.ID{"s"}})
			s.delivered = true
		}, nil},
		{"another delivered and revoked", func(s *scene) {
			s.event(consent.Event{Kind: consent.Delivered, Consent: "another"})
			s.event(consent.Event{Kind: consent.Revoked, Consent: "another"})
			s.history = append(s.history, consent.Event{Kind: consent.Refused, Asked: "another"}, consent.Event{Kind: consent.Refused})
		}, nil},
		{"refused", func(s *scene) { s.event(consent.Event{Kind: consent.Refused}) }, []consent.Reason{consent.IsRefused}},
		{"lapsed", func(s *scene) { s.event(consent.Event{Kind: consent.Ended}) }, []consent.Reason{consent.IsLapsed}},
		{"revoked", func(s *scene) { s.event(consent.Event{Kind: consent.Revoked}) }, []consent.Reason{consent.IsRevoked}},
		{"the request revoked", func(s *scene) {
			s.history = append(s.history, consent.Event{Kind: consent.Revoked, Asked: "h", At: now})
		}, []consent.Reason{consent.IsRevoked}},
		{"revoked, granted again", func(s *scene) { s.event(consent.Event{Kind: consent.Revoked}); yes("mother")(s) }, []consent.Reason{consent.IsRevoked}},
		{"written after the end", func(s *scene) {
			s.history = append(s.history, consent.Event{Kind: consent.Told, Consent: grantID, At: now.Add(25 * time.Hour)})
		}, []consent.Reason{consent.Expired}},
	},
	{
		{"at the beginning", func(s *scene) { s.at.Now = now }, nil},
		{"in time", func(s *scene) { s.at.Now = now.Add(30 * time.Second) }, nil},
		{"too early", func(s *scene) { s.at.Now = now.Add(-time.Second) }, []consent.Reason{consent.NotBegun}},
		{"at the end", func(s *scene) { s.at.Now = now.Add(24 * time.Hour) }, []consent.Reason{consent.Expired}},
	},
	{
		{"a report", func(*scene) {}, nil},
		{"of results alone", func(s *scene) { s.record.Type, s.record.Kinds = "", []consent.Kind{"result"} }, nil},
		{"of results and an allergy", func(s *scene) { s.record.Type, s.record.Kinds = "", []consent.Kind{"result", "allergy"} }, []consent.Reason{consent.OtherKind}},
		{"of nothing known", func(s *scene) { s.record.Type, s.record.Kinds = "", nil }, []consent.Reason{consent.OtherKind}},
		{"a sensitive report", func(s *scene) { s.record.Sensitive, s.sensitive = true, true }, nil},
		{"of another person", func(s *scene) { s.record.Profile = "mother" }, []consent.Reason{consent.OtherPerson}},
		{"of nobody", func(s *scene) { s.record.Profile = "" }, []consent.Reason{consent.OtherPerson}},
		{"of last year", func(s *scene) { s.record.Date = "2025-12-31" }, []consent.Reason{consent.OtherDates}},
		{"of some year", func(s *scene) { s.record.Date = "2026" }, []consent.Reason{consent.OtherDates}},
		{"of no date", func(s *scene) { s.record.Date = "" }, []consent.Reason{consent.OtherDates}},
	},
	{
		{"by itself", func(*scene) {}, nil},
		{"by hand", func(s *scene) { s.at.ByHand, s.hand = true, true }, nil},
	},
}

func yes(by string) func(*scene) {
	return func(s *scene) {
		g := s.terms
		s.event(consent.Event{Kind: consent.Granted, By: by, Terms: &g})
	}
}

func narrow(change func(*consent.Grant)) func(*scene) {
	return func(s *scene) {
		g := s.terms
		change(&g)
		s.event(consent.Event{Kind: consent.Narrowed, By: "mother", Terms: &g})
	}
}

// together are the reasons that only several facts give.
func (s *scene) together() (why []consent.Reason) {
	if s.once && s.delivered {
		why = append(why, consent.UsedUp)
	}
	if s.breaks && (!s.hand || s.delivered) {
		why = append(why, consent.NeedsHand)
	}
	if s.adolescent && s.sensitive && !s.twoAgreed {
		why = append(why, consent.NeedsTwo)
	}
	return why
}

// Every combination of every dimension: a record goes when nothing speaks against
// it, and the reason for one that stays is one of those that do.
func TestYieldsEveryCombination(t *testing.T) {
	total, step := 1, 1
	if few {
		step = 61 // of which no dimension is a multiple, so that all pairs are met
	}
	for _, d := range dimensions {
		total *= len(d)
	}
	count := map[bool]int{}
	seen := map[consent.Reason]bool{}
	for n := 0; n < total; n += step {
		s := scene{terms: terms(), record: consent.Record{ID: "r", Profile: "child", Type: consent.Report, Kinds: []consent.Kind{"result", "document"}, Date: "2026-05"}}
		var why []consent.Reason
		rest := n
		for _, d := range dimensions {
			o := d[rest%len(d)]
			rest /= len(d)
			o.set(&s)
			why = append(why, o.why...)
		}
		why = append(why, s.together()...)
		got, reason := consent.Yields(&s.terms, s.history, s.record, s.at)
		if got != (len(why) == 0) || !got && !slices.Contains(why, reason) || got && reason != "" {
			t.Fatalf("%s:\n got %v, %q; what speaks against it: %q", names(n), got, reason, why)
		}
		count[got]++
		seen[reason] = true
	}
	if count[true] < 50 || len(seen) != len(consent.Reasons)+1 {
		t.Errorf("%d went and %d stayed, for %d reasons", count[true], count[false], len(seen)-1)
	}
}

// names are those of the nth combination.
func names(n int) (s string) {
	for _, d := range dimensions {
		s += ", " + d[n%len(d)].name
		n /= len(d)
	}
	return s
}

// What is handed to Yields has to be terms that somebody agreed to.
func TestYieldsOnlyWhatWasAgreed(t *testing.T) {
	agreed := terms()
	history := []consent.Event{{Kind: consent.Granted, Consent: grantID, By: "mother", Terms: &agreed, At: now}}
	r := consent.Record{ID: "r", Profile: "child", Type: consent.Report, Date: "2026-05-01"}
	if ok, why := consent.Yields(&agreed, history, r, consent.Occasion{Now: now}); !ok {
		t.Fatal(why)
	}
	for name, change := range map[string]func(*consent.Grant){
		"longer":         func(g *consent.Grant) { g.Until = g.Until.Add(time.Hour) },
		"shorter":        func(g *consent.Grant) { g.Until = g.Until.Add(-time.Hour) },
		"to another":     func(g *consent.Grant) { g.To.Key = "x" },
		"for another":    func(g *consent.Grant) { g.Purpose.Text = "x" },
		"another child":  func(g *consent.Grant) { g.Profile = "x" },
		"another time":   func(g *consent.Grant) { g.Begin = g.Begin.Add(-1) },
		"more kinds":     func(g *consent.Grant) { g.Kinds = append(slices.Clone(g.Kinds), "allergy") },
		"no dates":       func(g *consent.Grant) { g.Dates = consent.Dates{} },
		"to be kept":     func(g *consent.Grant) { g.After = consent.Keep },
		"one record":     func(g *consent.Grant) { g.Records = []record.ID{"r"} },
		"two people":     func(g *consent.Grant) { g.Person = "child" },
		"other asked":    func(g *consent.Grant) { g.Asked = "x" },
		"another's name": func(g *consent.Grant) { g.ID = "x" },
	} {
		g := agreed
		change(&g)
		if ok, why := consent.Yields(&g, history, r, consent.Occasion{Now: now}); ok || why != consent.Unagreed {
			t.Errorf("%s: %v, %q", name, ok, why)
		}
	}
}

// The state machine: every state, every event.
func TestStates(t *testing.T) {
	want := map[consent.State]map[consent.EventKind]consent.State{
		consent.None:    {consent.Requested: consent.Waiting, consent.Granted: consent.Live, consent.Refused: consent.WasRefused, consent.Ended: consent.WasLapsed, consent.Revoked: consent.WasRevoked},
		consent.Waiting: {consent.Granted: consent.Live, consent.Refused: consent.WasRefused, consent.Ended: consent.WasLapsed, consent.Revoked: consent.WasRevoked},
		consent.Live:    {consent.Refused: consent.WasRefused, consent.Ended: consent.WasLapsed, consent.Revoked: consent.WasRevoked},
	}
	for _, s := range consent.States {
		for _, e := range consent.EventKinds {
			next, ok := want[s][e]
			if !ok {
				next = s
			}
			if got := s.After(e); got != next {
				t.Errorf("%s, %s: %s, want %s", s, e, got, next)
			}
			if s.Over() != (want[s] == nil) {
				t.Errorf("%s is over: %v", s, s.Over())
			}
		}
	}
}

func TestAllowAndNarrow(t *testing.T) {
	q, err := consent.Parse(written(t, asked(), josetest.EdDSA("clinic")), now)
	if err != nil {
		t.Fatal(err)
	}
	g, err := q.Allow(grantID, "child", consent.Choice{}, "", now)
	if err != nil {
		t.Fatal(err)
	}
	if g.To.Key != josetest.EdDSA("clinic").Public().Thumbprint() || g.Asked != q.Hash() || !g.Begin.Equal(now) || !g.Until.Equal(q.Until) {
		t.Errorf("%+v", g)
	}
	for _, id := range []string{"", "x", grantID + "A"} {
		if _, err := q.Allow(id, "child", consent.Choice{}, "", now); !errors.Is(err, &consent.Fault{Code: consent.Damaged, Field: "id"}) {
			t.Errorf("with the id %q: %v", id, err)
		}
	}
	half := &consent.Dates{From: "2026-01-01", To: "2026-06-30"}
	n, err := g.Narrow(consent.Choice{Kinds: []consent.Kind{consent.Report}, Dates: half, Records: []record.ID{"b", "a", "b"},
		Until: now.Add(time.Hour), Repeat: consent.Once, After: consent.View})
	if err != nil || n.WiderThan(g) != "" || g.WiderThan(n) == "" {
		t.Fatalf("%+v, %v", n, err)
	}
	if !slices.Equal(n.Records, []record.ID{"a", "b"}) || n.Hash() == g.Hash() || g.Records != nil {
		t.Errorf("%+v", n)
	}
	for name, c := range map[string]struct {
		from   *consent.Grant
		choice consent.Choice
		code   consent.Code
		field  string
	}{
		"another kind":      {g, consent.Choice{Kinds: []consent.Kind{"allergy"}}, consent.Wider, "kinds"},
		"a kind back":       {n, consent.Choice{Kinds: g.Kinds}, consent.Wider, "kinds"},
		"no kind":           {g, consent.Choice{Kinds: []consent.Kind{}}, consent.Nothing, "kinds"},
		"earlier":           {g, consent.Choice{Dates: &consent.Dates{From: "2024-12-31", To: "2026-01-01"}}, consent.Wider, "dates"},
		"open":              {g, consent.Choice{Dates: &consent.Dates{}}, consent.Wider, "dates"},
		"without end":       {g, consent.Choice{Dates: &consent.Dates{From: "2025-01-01"}}, consent.Wider, "dates"},
		"without beginning": {g, consent.Choice{Dates: &consent.Dates{To: "2026-12-31"}}, consent.Wider, "dates"},
		"back to front":     {g, consent.Choice{Dates: &consent.Dates{From: "2026-02-02", To: "2026-02-01"}}, consent.Damaged, "dates"},
		"all records again": {n, consent.Choice{Records: []record.ID{"a", "c"}}, consent.Wider, "records"},
		"no records":        {g, consent.Choice{Records: []record.ID{}}, consent.Nothing, "records"},
		"longer":            {g, consent.Choice{Until: q.Until.Add(time.Second)}, consent.Wider, "until"},
		"since yesterday":   {g, consent.Choice{Begin: now.Add(-24 * time.Hour)}, consent.Wider, "begin"},
		"ends at once":      {g, consent.Choice{Until: now}, consent.Nothing, "until"},
		"again and again":   {n, consent.Choice{Repeat: consent.Follow}, consent.Wider, "repeat"},
		"a word":            {g, consent.Choice{Repeat: "always"}, consent.Wider, "repeat"},
		"to be kept":        {n, consent.Choice{After: consent.Keep}, consent.Wider, "after"},
		"records by number": {g, consent.Choice{Records: make201()}, consent.TooBig, "records"},
	} {
		if got, err := c.from.Narrow(c.choice); !errors.Is(err, &consent.Fault{Code: c.code, Field: c.field}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func make201() (ids []record.ID) {
	for i := range 201 {
		ids = append(ids, record.ID(rune('a'+i)))
	}
	return ids
}

// Nobody can answer an emergency once for all.
func TestBreakGlassIsOnce(t *testing.T) {
	q := asked()
	q.Purpose = consent.Purpose{Code: consent.BreakGlass}
	q, err := consent.Parse(written(t, q, nil), now)
	if err != nil || !q.Purpose.BreaksGlass() {
		t.Fatal(err)
	}
	g, err := q.Allow(grantID, "child", consent.Choice{}, "", now)
	if err != nil || g.Repeat != consent.Once {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := q.Allow(grantID, "child", consent.Choice{Repeat: consent.Follow}, "", now); !errors.Is(err, &consent.Fault{Code: consent.Wider, Field: "repeat"}) {
		t.Errorf("to follow: %v", err)
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		dates consent.Dates
		date  string
		want  bool
	}{
		{consent.Dates{}, "", true},
		{consent.Dates{}, "whenever", true},
		{consent.Dates{From: "2026-01-01"}, "", false},
		{consent.Dates{From: "2026-01-01"}, "2026", true},
		{consent.Dates{From: "2026-01-02"}, "2026", false},
		{consent.Dates{To: "2026-12-31"}, "2026", true},
		{consent.Dates{To: "2026-12-30"}, "2026", false},
		{consent.Dates{To: "2026-02-28"}, "2026-02", true},
		{consent.Dates{To: "2024-02-28"}, "2024-02", false},
		{consent.Dates{To: "2024-02-29"}, "2024-02", true},
		{consent.Dates{To: "2026-02-28"}, "2026-03", false},
		{consent.Dates{From: "2026-02-28", To: "2026-02-28"}, "2026-02-28T23:59:59+05:30", true},
		{consent.Dates{From: "2026-02-28", To: "2026-02-28"}, "2026-03-01", false},
		{consent.Dates{From: "2026-02-28", To: "2026-02-28"}, "2026-2-28", false},
		{consent.Dates{From: "2026-02-28"}, "x9999-01-01", false},
	} {
		g := terms()
		g.Dates = c.dates
		history := []consent.Event{{Kind: consent.Granted, Consent: grantID, By: "m", Terms: &g}}
		r := consent.Record{ID: "r", Profile: "child", Type: consent.Report, Date: c.date}
		if got, why := consent.Yields(&g, history, r, consent.Occasion{Now: now}); got != c.want {
			t.Errorf("%+v %s: %v %s", c.dates, c.date, got, why)
		}
	}
}
