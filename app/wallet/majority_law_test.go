package wallet_test

import (
	"testing"
	"time"
	_ "time/tzdata" // zones, whatever the machine has

	"potli/app/family"
	"potli/app/wallet"
)

// TestLaws: India comes first, and every law that is offered is one that can be kept.
func TestLaws(t *testing.T) {
	list := wallet.Laws()
	if len(list) != len(family.Laws) || list[0] != (wallet.Law{Place: "IN", Age: 18}) || list[1].Place > list[2].Place {
		t.Errorf("got %v", list)
	}
}

// TestLawHasTheClockOfItsPlace: the first moment of the day is that of the place, summer time included, against the table
// of time zones.
func TestLawHasTheClockOfItsPlace(t *testing.T) {
	zones := map[string]string{
		"IN": "Asia/Kolkata", "BD": "Asia/Dhaka", "PK": "Asia/Karachi", "LK": "Asia/Colombo", "DE": "Europe/Berlin", "FR": "Europe/Paris",
		"GB-EAW": "Europe/London", "GB-SCT": "Europe/London", "JP": "Asia/Tokyo", "KR": "Asia/Seoul", "NZ": "Pacific/Auckland",
		"TH": "Asia/Bangkok", "US-AL": "America/Chicago", "US-MS": "America/Chicago",
	}
	for _, law := range wallet.Laws() {
		zone, err := time.LoadLocation(zones[law.Place])
		if err != nil {
			t.Fatal(err)
		}
		for born := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC); born.Year() < 2016; born = born.AddDate(0, 0, 1) {
			date := born.Format(time.DateOnly)
			want, _ := family.OffsetOn(date, law.Age, zone)
			if got := wallet.LawOf(wallet.Person{Law: law.Place, BirthDate: date}); got.Law != law.Place || got.Age != law.Age || got.Offset != want {
				t.Fatalf("%s, born %s: %+v, want %d minutes", law.Place, date, got, want)
			}
		}
	}
	if got := wallet.LawOf(wallet.Person{BirthDate: "2010"}); got.Law != "IN" || got.Offset != 330 {
		t.Errorf("without a day: %+v", got)
	}
}

// TestNoticeByLaw: the day is that of the law that was chosen for the person.
func TestNoticeByLaw(t *testing.T) {
	for _, tt := range []struct {
		law  string
		want time.Time
	}{
		{"", time.Date(2028, time.June, 30, 18, 30, 0, 0, time.UTC)},
		{"GB-SCT", time.Date(2026, time.June, 30, 23, 0, 0, 0, time.UTC)},
		{"NZ", time.Date(2030, time.June, 30, 12, 0, 0, 0, time.UTC)},
	} {
		b := newBench(t).create()
		p := b.add(wallet.Person{Name: "Aarav " + tt.law, Kin: wallet.KinChild, BirthDate: "2010-07-01", Law: tt.law})
		b.at(tt.want.Add(-time.Second))
		if got, _ := b.notice(p.ID); got != 30 {
			t.Errorf("%q, a second before: %d", tt.law, got)
		}
		b.at(tt.want)
		if got, _ := b.notice(p.ID); got != 0 {
			t.Errorf("%q, on the day: %d", tt.law, got)
		}
	}
	b := newBench(t).create()
	wantErr(t, "a law nobody knows", b.EditPerson(t.Context(), wallet.Person{ID: b.Snapshot().Current, Name: "x", Law: "XX"}), wallet.ErrDetails)
}

// TestLawIsTold: what one caregiver chooses holds for all; who may not put the day off is told so.
func TestLawIsTold(t *testing.T) {
	h := newHome(t, ist(2030, time.June, 1, 10, 0))
	ctx := t.Context()
	choose := func(b *bench, law string) error {
		p := b.person(h.child)
		p.Law = law
		return b.EditPerson(ctx, p)
	}
	if err := choose(h.mother, "JP"); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if p := h.father.person(h.child); p.Law != "JP" {
		t.Fatalf("he was not told: %q", p.Law)
	}
	n := h.father.entries(h.child)
	h.settle(t)
	if again := h.father.entries(h.child); again != n {
		t.Errorf("%d entries, then %d: it is told again and again", n, again)
	}
	wantErr(t, "put off by an admin", choose(h.father, "TH"), wallet.ErrPutOff)
	wantErr(t, "brought nearer by an admin", choose(h.father, "GB-SCT"), nil)
	h.settle(t)
	if p := h.mother.person(h.child); p.Law != "GB-SCT" {
		t.Errorf("she was not told: %q", p.Law)
	}
	st, err := h.mother.Histories(t).State(ctx, h.child)
	if err != nil || st.Majority.Age != 16 || st.Majority.Law != "GB-SCT" {
		t.Errorf("%+v, %v", st.Majority, err)
	}
	// From the first notice on nobody puts it off.
	h.at(time.Date(2036, time.February, 1, 0, 0, 0, 0, time.UTC))
	wantErr(t, "late, by an owner", choose(h.mother, "IN"), wallet.ErrPutOff)
	p := h.mother.person(h.child)
	p.BirthDate = "2021-02-28"
	wantErr(t, "a later birthday", h.mother.EditPerson(ctx, p), wallet.ErrPutOff)
}
