package family_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones, whatever the machine has

	"potli/app/family"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestComesOfAge(t *testing.T) {
	for _, tt := range []struct {
		birth string
		age   int
		want  string // "" for not known
	}{
		{"2010-05-01", 18, "2028-05-01"},
		{"2008-02-29", 18, "2026-03-01"}, // 2026 has no 29 February
		{"2008-02-29", 20, "2028-02-29"}, // 2028 has
		{"2008-02-28", 18, "2026-02-28"},
		{"2000-02-29", 100, "2100-03-01"}, // no leap year, though divisible by four
		{"2009-12-31", 18, "2027-12-31"},
		{"2010-01-01", 16, "2026-01-01"},
		{"2010", 18, ""},
		{"2010-05", 18, ""},
		{"", 18, ""},
		{"2010-02-30", 18, ""},
		{"yesterday", 18, ""},
	} {
		y, m, d, ok := family.ComesOfAge(tt.birth, tt.age)
		got := ""
		if ok {
			got = fmt.Sprintf("%04d-%02d-%02d", y, m, d)
		}
		if got != tt.want {
			t.Errorf("born %s, %d: %s, want %s", tt.birth, tt.age, got, tt.want)
		}
	}
}

// The first moment of the day where the person lives.
func TestOffsetOn(t *testing.T) {
	for _, tt := range []struct {
		birth, zone string
		want        int
		at          string
	}{
		{"2010-05-01", "Asia/Kolkata", 330, "2028-04-30T18:30:00Z"},
		{"2010-05-01", "Asia/Kathmandu", 345, "2028-04-30T18:15:00Z"},
		{"2010-07-01", "Europe/Berlin", 120, "2028-06-30T22:00:00Z"},
		{"2010-01-01", "Europe/Berlin", 60, "2027-12-31T23:00:00Z"},
		{"2008-02-29", "America/New_York", -300, "2026-03-01T05:00:00Z"},
		{"2010-05-01", "Pacific/Kiritimati", 840, "2028-04-30T10:00:00Z"},
		{"1999-10-15", "America/Sao_Paulo", -180, "2017-10-15T03:00:00Z"}, // no midnight: the day began at one
		{"2000-02-17", "America/Sao_Paulo", -120, "2018-02-17T02:00:00Z"},
		{"2000-02-18", "America/Sao_Paulo", -180, "2018-02-18T03:00:00Z"}, // the day before had two elevens at night
		{"1993-12-30", "Pacific/Apia", -600, "2011-12-30T10:00:00Z"},      // the island had no such day
	} {
		got, ok := family.OffsetOn(tt.birth, 18, zone(t, tt.zone))
		y, m, d, _ := family.ComesOfAge(tt.birth, 18)
		if at := time.Date(y, m, d, 0, -got, 0, 0, time.UTC).Format(time.RFC3339); !ok || got != tt.want || at != tt.at {
			t.Errorf("born %s in %s: %d minutes, %s; want %d, %s", tt.birth, tt.zone, got, at, tt.want, tt.at)
		}
	}
	if _, ok := family.OffsetOn("2010", 18, time.UTC); ok {
		t.Error("a year alone has a day")
	}
}

func TestLaws(t *testing.T) {
	if l := family.Laws[family.DefaultLaw]; l.Age != 18 || l.Offset != 330 {
		t.Errorf("India: %+v", l)
	}
	for name, l := range family.Laws {
		if l.Age < 16 || l.Age > 21 || l.Source == "" || !strings.ContainsAny(l.Source, "0123456789") {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

// child founds the history of somebody born on that day.
func child(t testing.TB, birth string) *house {
	t.Helper()
	return newHouse(t, family.Found{Fields: family.Fields{family.FieldBirth: birth}})
}

// T27: notices, the day itself, and a clock that goes back.
func TestT27_TheDay(t *testing.T) {
	for _, tt := range []struct {
		birth string
		law   *family.SetMajority
		at    string
	}{
		{"2010-05-01", nil, "2028-04-30T18:30:00Z"},
		{"2012-02-29", nil, "2030-02-28T18:30:00Z"}, // 1 March in India
		{"2012-02-29", &family.SetMajority{Law: "NZ", Age: 20, Offset: 780}, "2032-02-28T11:00:00Z"},
		{"2012-02-29", &family.SetMajority{Law: "GB-SCT", Age: 16, Offset: 0}, "2028-02-29T00:00:00Z"},
		{"2010-07-01", &family.SetMajority{Law: "DE", Age: 18, Offset: 120}, "2028-06-30T22:00:00Z"},
	} {
		w := child(t, tt.birth)
		if tt.law != nil {
			w.mother.write(tt.law)
		}
		s := w.mother.state()
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if !s.Majority.Applies || !s.Majority.At.Equal(at) {
			t.Fatalf("born %s: %+v, want %s", tt.birth, s.Majority, tt.at)
		}
		for _, n := range []struct {
			before time.Duration
			days   int
			due    bool
		}{
			{91 * 24 * time.Hour, 0, false}, {90*24*time.Hour + time.Second, 0, false}, {90 * 24 * time.Hour, 90, true},
			{31 * 24 * time.Hour, 90, true}, {30 * 24 * time.Hour, 30, true}, {time.Second, 30, true}, {0, 0, true}, {-400 * 24 * time.Hour, 0, true},
		} {
			days, due := s.Notice(at.Add(-n.before))
			if days != n.days || due != n.due {
				t.Errorf("born %s, %v before: notice %d %v", tt.birth, n.before, days, due)
			}
		}
		for _, p := range []*phone{w.mother, w.uncle, w.granny} {
			before, after := s.RoleAt(p.id(), at.Add(-time.Second)), s.RoleAt(p.id(), at)
			if before != role(s, p) || after != family.Reader {
				t.Errorf("born %s: %s is %v, then %v", tt.birth, p.name, before, after)
			}
			if s.MayShare(p.id(), at) || s.MayShare(p.id(), at.Add(-time.Second)) != (p != w.granny) {
				t.Errorf("born %s: %s shares", tt.birth, p.name)
			}
		}
	}
}

// What caregivers write says of itself that it is from after the day, and is void;
// and so it stays, whoever meets it when.
func TestT27_CaregiversAfterTheDay(t *testing.T) {
	w := child(t, "2010-05-01")
	w.now = w.mother.state().Majority.At.Add(-time.Hour)
	w.mother.write(named("r1"))
	w.now = w.now.Add(time.Hour)
	for _, a := range []family.Act{
		named("r2"), &family.Details{Fields: family.Fields{"name": "x"}}, &family.Retitle{ID: "r1"},
		&family.Add{User: w.stranger.id(), Role: family.Admin, Public: w.stranger.public(), From: 1},
		&family.Add{User: w.stranger.id(), Role: family.Reader, Public: w.stranger.public(), From: 2}, &family.Remove{User: w.granny.id()},
		&family.SetMajority{Law: "IN", Age: 18, Offset: -600},
	} {
		w.mother.refused(a, family.ErrOfAge)
		c := w.mother.apart()
		h := c.force(a)
		is(t, string(a.Kind()), why(meet(t, c, w.father), h), family.ErrOfAge)
		w.father.h = w.mother.copy()
	}
	// Their own affairs go on.
	w.granny.roll()
	w.uncle.write(&family.Remove{User: w.uncle.id()})
}

// Whom the day means nothing to.
func TestGrownPeople(t *testing.T) {
	for name, f := range map[string]family.Found{
		"a parent":     {Fields: family.Fields{family.FieldBirth: "1950-01-01"}},
		"oneself":      {Fields: family.Fields{family.FieldBirth: "1990-01-01"}, Self: true},
		"oneself, 17":  {Fields: family.Fields{family.FieldBirth: "2009-01-01"}, Self: true},
		"a year alone": {Fields: family.Fields{family.FieldBirth: "2010"}},
		"no birth":     {Fields: family.Fields{}},
	} {
		w := newHouse(t, f)
		w.now = w.now.AddDate(30, 0, 0)
		w.uncle.write(named("r1"))
		if _, due := w.uncle.state().Notice(w.now); due || w.uncle.state().RoleAt(w.uncle.id(), w.now) != family.Admin {
			t.Errorf("%s comes of age", name)
		}
	}
}

// The date is brought nearer by any caregiver who may write, and put off by an owner
// alone, and not from the first notice on.
func TestT27_PuttingTheDayOff(t *testing.T) {
	for name, tt := range map[string]struct {
		act   family.Act
		admin error
		late  error // of an owner, within the last 90 days
	}{
		"the day before":   {&family.Details{Fields: family.Fields{family.FieldBirth: "2010-04-30"}}, nil, nil},
		"the same day":     {&family.Details{Fields: family.Fields{family.FieldBirth: "2010-05-01"}}, nil, nil},
		"the day after":    {&family.Details{Fields: family.Fields{family.FieldBirth: "2010-05-02"}}, family.ErrMajority, family.ErrMajority},
		"no day":           {&family.Details{Fields: family.Fields{family.FieldBirth: ""}}, family.ErrMajority, family.ErrMajority},
		"the year":         {&family.Details{Fields: family.Fields{family.FieldBirth: "2010"}}, family.ErrMajority, family.ErrMajority},
		"another field":    {&family.Details{Fields: family.Fields{"name": "x"}}, nil, nil},
		"an earlier law":   {&family.SetMajority{Law: "GB-SCT", Age: 16}, nil, nil},
		"a later law":      {&family.SetMajority{Law: "TH", Age: 20, Offset: 420}, family.ErrMajority, family.ErrMajority},
		"a western offset": {&family.SetMajority{Law: "IN", Age: 18, Offset: 0}, family.ErrMajority, family.ErrMajority},
		"an eastern one":   {&family.SetMajority{Law: "IN", Age: 18, Offset: 400}, nil, nil},
	} {
		w := child(t, "2010-05-01")
		at := w.mother.state().Majority.At
		is(t, name+", by an admin", w.mother.state().Allowed(w.uncle.id(), tt.act, w.now), tt.admin)
		is(t, name+", by an owner", w.mother.state().Allowed(w.father.id(), tt.act, w.now), nil)
		is(t, name+", late", w.mother.state().Allowed(w.father.id(), tt.act, at.Add(-90*24*time.Hour)), tt.late)
	}
	w := child(t, "")
	is(t, "a day, at last, by an admin", w.mother.state().Allowed(w.uncle.id(), &family.Details{Fields: family.Fields{family.FieldBirth: "2010-05-01"}}, w.now), nil)
}

// A clock that is put back makes nobody younger; one that ran ahead makes nobody
// older once another one is heard.
func TestT27_Clock(t *testing.T) {
	day := 24 * time.Hour
	var c family.Clock
	tick := func(now, elsewhere, want time.Time) {
		t.Helper()
		var got time.Time
		if c, got = c.Tick(now, elsewhere); !got.Equal(want) {
			t.Errorf("%v, and elsewhere %v: %v, want %v", now, elsewhere, got, want)
		}
	}
	var none time.Time
	tick(noon, none, noon)
	tick(noon.Add(-400*day), none, noon)                              // put back
	tick(noon.Add(-400*day), noon.Add(day), noon)                     // and heard of another
	tick(noon.Add(day), noon.Add(day), noon.Add(day))                 // right again
	tick(noon.Add(9000*day), noon.Add(2*day), noon.Add(2*day))        // ahead, contradicted at once
	tick(noon.Add(9000*day), none, noon.Add(9000*day))                // ahead, with nobody to say so
	tick(noon.Add(3*day), none, noon.Add(9000*day))                   // it stays
	tick(noon.Add(3*day), noon.Add(3*day+time.Hour), noon.Add(3*day)) // until somebody says so
	tick(noon.Add(4*day), noon.Add(3*day), noon.Add(4*day))           // two days are nothing

	w := child(t, "2010-05-01")
	s := w.mother.state()
	c, now := family.Clock{}.Tick(s.Majority.At, none)
	if _, now = c.Tick(s.Majority.At.Add(-365*day), none); s.RoleAt(w.mother.id(), now) != family.Reader {
		t.Error("the clock was put back, and the child is one again")
	}
}
