package consent_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/record"
	"potli/crypto/jose/josetest"
)

// Under the race detector and as wasm everything here takes ten times as long: fewer
// runs there, all of them without.
const few = raced || runtime.GOOS == "js"

// dice are reproducible chance (SplitMix64, Steele and others, 2014).
type dice uint64

func (d *dice) n(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

func (d *dice) maybe() bool { return d.n(2) == 0 }

// The world of the histories: days are numbers, kinds are bits, and what may go is a
// table of booleans. Nothing of it is computed by the package that it judges.
var worldKinds = []consent.Kind{consent.Prescription, consent.Report, consent.Discharge, "vital"}

type thing struct {
	kind, day int
	sensitive bool
	profile   record.ProfileID
}

const people = "child"

var things = func() (list []thing) {
	for i := range 16 {
		p := record.ProfileID(people)
		if i == 15 {
			p = "mother"
		}
		list = append(list, thing{kind: i % 4, day: i * 3 % 20, sensitive: i%5 == 0, profile: p})
	}
	return list
}()

func (th thing) record(i int) consent.Record {
	return consent.Record{ID: id(i), Profile: th.profile, Type: worldKinds[th.kind], Date: dayText(th.day), Sensitive: th.sensitive}
}

func id(i int) record.ID               { return record.ID(fmt.Sprintf("r%02d", i)) }
func dayText(d int) string             { return fmt.Sprintf("2026-03-%02d", d+1) }
func hour(h int) time.Time             { return now.Add(time.Duration(h) * time.Hour) }
func key(name string) string           { return josetest.EdDSA(name).Public().Thumbprint() }
func party() consent.Party             { return consent.Party{Name: "Clinic", Key: clinicKey} }
func newID(n int) string               { return fmt.Sprintf("%021dA", n) }
func pick[T any](d *dice, list ...T) T { return list[d.n(len(list))] }

var clinicKey = key("clinic")

// model is what one consent may give, kept by hand.
type model struct {
	open            [16]bool // within all that was agreed
	begin, end      int      // hours
	once, emergency bool
	adolescent      bool
	yes             map[string]bool
	over            bool // refused, lapsed, revoked
	sent            bool
	latest          int
}

func (m *model) yields(i, hourNow int, byHand bool) bool {
	switch {
	case !m.open[i] || m.over || len(m.yes) == 0 || hourNow < m.begin || max(hourNow, m.latest) >= m.end:
		return false
	case m.once && m.sent, m.emergency && !byHand:
		return false
	case things[i].sensitive && m.adolescent:
		return m.yes[people] && len(m.yes) > 1
	}
	return true
}

// life is one consent as a wallet lives it.
type life struct {
	t       *testing.T
	d       *dice
	q       *consent.Request
	grant   *consent.Grant
	older   []*consent.Grant // terms that were agreed before
	history []consent.Event
	m       model
	clock   int
}

func (l *life) event(e consent.Event) {
	e.Consent, e.Asked, e.At = l.grant.ID, l.grant.Asked, hour(l.clock)
	l.history = append(l.history, e)
	l.m.latest = l.clock
}

// narrower draws a choice and what it does to the model; often one that is wider
// than it may be.
func (l *life) narrower() (consent.Choice, func(*model)) {
	d := l.d
	switch d.n(6) {
	case 0:
		bits := 1 + d.n(15)
		var kinds []consent.Kind
		for i, k := range worldKinds {
			if bits>>i&1 == 1 {
				kinds = append(kinds, k)
			}
		}
		return consent.Choice{Kinds: kinds}, keep(func(i int) bool { return bits>>things[i].kind&1 == 1 })
	case 1:
		from := d.n(20)
		to := from + d.n(20-from)
		return consent.Choice{Dates: &consent.Dates{From: dayText(from), To: dayText(to)}}, keep(func(i int) bool { return things[i].day >= from && things[i].day <= to })
	case 2:
		var ids []record.ID
		for i := range things {
			if d.maybe() {
				ids = append(ids, id(i))
			}
		}
		if len(ids) == 0 {
			ids = []record.ID{id(0)}
		}
		return consent.Choice{Records: ids}, keep(func(i int) bool { return slices.Contains(ids, id(i)) })
	case 3:
		end := d.n(60)
		return consent.Choice{Until: hour(end)}, func(m *model) { m.end = min(m.end, end) }
	case 4:
		return consent.Choice{Repeat: consent.Once}, func(m *model) { m.once = true }
	}
	begin := l.clock + d.n(3)
	return consent.Choice{Begin: hour(begin)}, func(m *model) { m.begin = max(m.begin, begin) }
}

func keep(f func(int) bool) func(*model) {
	return func(m *model) {
		for i := range m.open {
			m.open[i] = m.open[i] && f(i)
		}
	}
}

// step is one thing that happens.
func (l *life) step() {
	d := l.d
	switch d.n(12) {
	case 0, 1, 2:
		l.clock += d.n(6)
	case 3, 4:
		by := pick(d, "mother", "father", people, "")
		l.event(consent.Event{Kind: consent.Granted, By: by, Terms: l.grant})
		if by != "" && !l.m.over {
			l.m.yes[by] = true
		}
	case 5, 6:
		choice, then := l.narrower()
		g, err := l.grant.Narrow(choice)
		if err != nil {
			return
		}
		from := l.grant
		if d.n(4) == 0 && len(l.older) > 0 { // a device that has not heard of the last
			from = pick(d, l.older...)
			if g, err = from.Narrow(choice); err != nil {
				return
			}
		}
		l.older = append(l.older, l.grant)
		l.grant = g
		l.event(consent.Event{Kind: consent.Narrowed, By: "mother", Terms: g})
		then(&l.m)
	case 7:
		if d.n(3) == 0 {
			l.event(consent.Event{Kind: pick(d, consent.Refused, consent.Ended, consent.Revoked)})
			l.m.over = true
		}
	case 8:
		l.event(consent.Event{Kind: consent.Delivered, By: "mother"})
		l.m.sent = true
	case 9:
		l.event(consent.Event{Kind: pick(d, consent.Requested, consent.Opened, consent.Told)})
	case 10: // of somebody else's consent
		g := *l.grant
		g.ID, g.Asked = newID(9), newID(8)
		for _, k := range []consent.EventKind{consent.Granted, consent.Revoked, consent.Delivered} {
			l.history = append(l.history, consent.Event{Kind: k, Consent: g.ID, Asked: g.Asked, By: "mother", Terms: &g, At: hour(l.clock)})
		}
	case 11:
		if d.n(4) == 0 { // the whole request, by a device that knows no grant of it
			l.history = append(l.history, consent.Event{Kind: consent.Revoked, Asked: l.grant.Asked, At: hour(l.clock)})
			l.m.over, l.m.latest = true, l.clock
		}
	}
}

func begin(t *testing.T, seed int) *life {
	d := dice(seed)
	l := &life{t: t, d: &d, q: asked()}
	l.q.From, l.q.Kinds, l.q.Dates = party(), worldKinds, consent.Dates{From: dayText(0), To: dayText(19)}
	l.q.Until, l.q.Repeat = hour(1+d.n(50)), pick(&d, consent.Once, consent.Follow)
	l.m = model{end: int(l.q.Until.Sub(now) / time.Hour), once: l.q.Repeat == consent.Once, yes: map[string]bool{}}
	for i, th := range things {
		l.m.open[i] = th.profile == people
	}
	person := ""
	if l.m.adolescent = d.maybe(); l.m.adolescent {
		person = people
	}
	if d.n(4) == 0 {
		l.q.Purpose.Code = consent.BreakGlass
		l.m.emergency, l.m.once = true, true
	}
	var err error
	if l.grant, err = l.q.Allow(newID(seed), people, consent.Choice{}, person, now); err != nil {
		t.Fatal(err)
	}
	return l
}

// look asks for one record, by the newest terms or by some that were agreed before,
// and returns whether it went.
func (l *life) look() bool {
	i, byHand := l.d.n(len(things)), l.d.maybe()
	g := l.grant
	if len(l.older) > 0 && l.d.maybe() {
		g = pick(l.d, l.older...)
	}
	got, why := consent.Yields(g, l.history, things[i].record(i), consent.Occasion{Now: hour(l.clock), ByHand: byHand})
	want := l.m.yields(i, l.clock, byHand)
	// Terms that nobody said yes to yet yield nothing, which the model does not know.
	if got && !want || !got && want && why != consent.Unagreed {
		l.t.Fatalf("record %d at hour %d, by hand %v: got %v %q, want %v\n%+v\n%+v", i, l.clock, byHand, got, why, want, l.m, l.history)
	}
	return got
}

// A consent that has expired, was narrowed or revoked never yields a document: random
// histories, a clock that is told, and a model that shares no code with the package.
func TestHistories(t *testing.T) {
	runs := 100_000
	if few {
		runs = 3000
	}
	went := 0
	for seed := range runs {
		l := begin(t, seed)
		for range 4 + l.d.n(10) {
			l.step()
			if l.look() {
				went++
			}
		}
	}
	if went < runs/20 {
		t.Errorf("only %d records went in %d histories", went, runs)
	}
	t.Logf("%d histories, %d records went", runs, went)
}
