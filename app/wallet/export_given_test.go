package wallet_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/share"
	"potli/app/wallet"
)

// names are what left, the newest first.
func (b *bench) names() (names []string) {
	b.t.Helper()
	list, err := b.Given(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, g := range list {
		names = append(names, g.Name)
	}
	return names
}

func (b *bench) print(title string) {
	b.t.Helper()
	if err := b.Printed(b.t.Context(), b.toExport(false), title); err != nil {
		b.t.Fatal(err)
	}
}

// TestGivenLosesNothing: more than any page holds, and what a release before pages noted, are all there; also in a backup.
func TestGivenLosesNothing(t *testing.T) {
	b := newBench(t).family()
	who := b.Snapshot().Current
	b.PutDoc(t, "given/20250101T080000.000000000c29tZWlk", `{"time":"2025-01-01T08:00:00Z","person":"`+string(who)+`","form":"ips","name":"old","items":3}`)
	p := b.toExport(false)
	const many = 110
	for i := range many {
		b.clock.add(time.Second)
		if err := b.Printed(t.Context(), p, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	got := b.names()
	if len(got) != many+1 || got[0] != fmt.Sprint(many-1) || got[many-1] != "0" || got[many] != "old" {
		t.Fatalf("%d notes: %q", len(got), got)
	}
	kit := b.onPaper()
	_, backup, err := b.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := newBench(t)
	if _, err := other.Restore(t.Context(), backup, []string{kit.Code()}, otherWords); err != nil {
		t.Fatal(err)
	}
	if restored := other.names(); !slices.Equal(restored, got) {
		t.Errorf("of a backup: %d notes", len(restored))
	}
}

// givenEverywhere: all devices of a wallet know what left on each of them, also what left on two at once; and forget
// it with the person.
func givenEverywhere(t *testing.T, phone, tablet *bench) {
	ravi := phone.add(wallet.Person{Name: "Ravi Sample"})
	phone.Choose(ravi.ID)
	phone.importOne(file("allergy.json", []byte(allergy)))
	exchange(4, phone, tablet)
	tablet.Choose(ravi.ID)
	phone.print("on the phone")
	tablet.print("on the tablet")
	exchange(4, phone, tablet)
	for _, b := range []*bench{phone, tablet} {
		got := b.names()
		if slices.Sort(got); !slices.Equal(got, []string{"on the phone", "on the tablet"}) {
			t.Errorf("got %q", got)
		}
	}
	wantErr(t, "aside", phone.SetAside(t.Context(), ravi.ID), nil)
	wantErr(t, "erasing", phone.EraseProfile(t.Context(), ravi.ID), nil)
	exchange(4, phone, tablet)
	if a, b := phone.names(), tablet.names(); len(a)+len(b) > 0 {
		t.Errorf("left after the person is gone: %q and %q", a, b)
	}
}

// TestJoinGiven: a page that was written twice keeps every note of both, in whatever order they meet.
func TestJoinGiven(t *testing.T) {
	note := func(day, name string) string {
		return `{"time":"2026-01-0` + day + `T00:00:00Z","person":"p","form":"` + string(share.FormIPS) + `","name":"` + name + `","items":1}`
	}
	a := []byte("[" + note("1", "both") + "," + note("2", "a") + "]")
	b := []byte("[" + note("1", "both") + "," + note("3", "b") + "]")
	want := "[" + strings.Join([]string{note("1", "both"), note("2", "a"), note("3", "b")}, ",") + "]"
	for _, got := range []string{string(wallet.JoinGiven(a, b)), string(wallet.JoinGiven(b, a)), string(wallet.JoinGiven([]byte(want), a))} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := wallet.JoinGiven([]byte("damaged"), a); string(got) != string(a) {
		t.Errorf("beside a damaged one: %s", got)
	}
}
