package consent_test

import (
	"slices"
	"testing"

	"potli/app/consent"
)

// What has no effect on where a consent stands.
func TestStand(t *testing.T) {
	g, other := terms(), terms()
	other.ID = "another"
	yes := consent.Event{Kind: consent.Granted, Consent: grantID, By: "mother", Terms: &g, At: now}
	revoked := consent.Event{Kind: consent.Revoked, Consent: grantID, At: now}
	told := consent.Event{Kind: consent.Told, Consent: grantID, At: now}
	foreign := yes
	foreign.Terms = &other
	late := yes
	late.By = "father"
	for name, c := range map[string]struct {
		history []consent.Event
		state   consent.State
		terms   int
		yes     []string
		told    bool
	}{
		"nothing":                   {nil, consent.None, 0, nil, false},
		"a yes":                     {[]consent.Event{yes}, consent.Live, 1, []string{"mother"}, false},
		"the same yes again":        {[]consent.Event{yes, yes}, consent.Live, 2, []string{"mother"}, false},
		"to another consent":        {[]consent.Event{foreign}, consent.None, 0, nil, false},
		"after the end":             {[]consent.Event{yes, revoked, late}, consent.WasRevoked, 1, []string{"mother"}, false},
		"told before the end":       {[]consent.Event{yes, told, revoked}, consent.WasRevoked, 1, []string{"mother"}, false},
		"told":                      {[]consent.Event{yes, revoked, told}, consent.WasRevoked, 1, []string{"mother"}, true},
		"an end of no consent":      {[]consent.Event{yes, {Kind: consent.Revoked, At: now}}, consent.Live, 1, []string{"mother"}, false},
		"an end of the request":     {[]consent.Event{yes, {Kind: consent.Refused, Asked: "h", At: now}}, consent.WasRefused, 1, []string{"mother"}, false},
		"an end of another consent": {[]consent.Event{yes, {Kind: consent.Revoked, Consent: "another", Asked: "h", At: now}}, consent.Live, 1, []string{"mother"}, false},
		"of a kind not known yet":   {[]consent.Event{yes, {Kind: "pondered", Consent: grantID, At: now}}, consent.Live, 1, []string{"mother"}, false},
	} {
		s := consent.Stand(grantID, "h", c.history)
		if s.State != c.state || len(s.Terms) != c.terms || !slices.Equal(s.Yes, c.yes) || s.Told != c.told {
			t.Errorf("%s: %+v", name, s)
		}
	}
	// A request without a hash is not every request without one.
	if s := consent.Stand(grantID, "", []consent.Event{yes, {Kind: consent.Revoked, At: now}}); s.State != consent.Live {
		t.Errorf("%+v", s)
	}
}

// What is empty matches nothing, also where both sides are.
func TestNobodyIsNobody(t *testing.T) {
	for name, change := range map[string]func(*consent.Grant, *consent.Record){
		"a record of nobody":      func(g *consent.Grant, r *consent.Record) { g.Profile, r.Profile = "", "" },
		"a record without a type": func(g *consent.Grant, r *consent.Record) { g.Kinds, r.Type = []consent.Kind{""}, "" },
	} {
		g, r := terms(), consent.Record{ID: "r", Profile: "child", Type: consent.Report, Date: "2026-05-01"}
		change(&g, &r)
		history := []consent.Event{{Kind: consent.Granted, Consent: grantID, By: "mother", Terms: &g, At: now}}
		if ok, _ := consent.Yields(&g, history, r, consent.Occasion{Now: now}); ok {
			t.Error(name)
		}
	}
}
