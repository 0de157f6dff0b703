package wallet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/wallet"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// add adds somebody and returns them as they were kept.
func (b *bench) add(p wallet.Person) wallet.Person {
	b.t.Helper()
	p, err := b.AddPerson(b.t.Context(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *bench) person(id record.ProfileID) wallet.Person {
	b.t.Helper()
	for _, p := range b.Snapshot().People {
		if p.ID == id {
			return p
		}
	}
	b.t.Fatalf("nobody is called %s", id)
	return wallet.Person{}
}

// stored lists what lies in storage; whatever changes gets another name.
func (b *bench) stored() []string {
	b.t.Helper()
	names, err := b.deps.Blobs.List(b.t.Context(), "")
	if err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func ids(people []wallet.Person) (list []record.ProfileID) {
	for _, p := range people {
		list = append(list, p.ID)
	}
	return list
}

func TestPersonIsKeptTidy(t *testing.T) {
	b := newBench(t).create()
	got := b.add(wallet.Person{
		Name: "  Ravi\t \u202eKumar\x00 ", Kin: wallet.KinChild, Relation: " my  nephew ", BirthDate: "2014-05", Gender: "male", Blood: "Oh",
		ABHANumber: "९१ 1111 2222 3333", ABHA: " Ravi.Kumar@ABDM ", Numbers: []wallet.Number{{" City hospital ", " 77/3 "}, {" ", ""}},
		Photo: "forged", Aside: b.clock.now(), Guardian: &wallet.Guardianship{},
	})
	want := wallet.Person{
		ID: got.ID, Since: b.clock.now(), Name: "Ravi Kumar", Kin: wallet.KinChild, Relation: "my nephew", BirthDate: "2014-05", Gender: "male", Blood: "Oh", Colour: 1,
		ABHANumber: "91-1111-2222-3333", ABHA: "ravi.kumar@abdm", Numbers: []wallet.Number{{"City hospital", "77/3"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	b.restart()
	b.unlock()
	if kept := b.person(got.ID); !reflect.DeepEqual(kept, want) {
		t.Errorf("kept %+v", kept)
	}
}

func TestPersonIsRefusedWithAReason(t *testing.T) {
	b := newBench(t).create() // it is 12 June 2026
	for name, tt := range map[string]struct {
		p    wallet.Person
		want error
	}{
		"no name":            {wallet.Person{Name: " \u200f\t"}, wallet.ErrName},
		"name of 80 letters": {wallet.Person{Name: strings.Repeat("र", 80)}, nil},
		"name too long":      {wallet.Person{Name: strings.Repeat("र", 81)}, wallet.ErrNameLong},
		"a year":             {wallet.Person{Name: "A", BirthDate: "1958"}, nil},
		"a month":            {wallet.Person{Name: "A", BirthDate: "1958-12"}, nil},
		"a leap day":         {wallet.Person{Name: "A", BirthDate: "2024-02-29"}, nil},
		"no leap day":        {wallet.Person{Name: "A", BirthDate: "2023-02-29"}, wallet.ErrBirthDate},
		"month 13":           {wallet.Person{Name: "A", BirthDate: "2023-13"}, wallet.ErrBirthDate},
		"a day, no month":    {wallet.Person{Name: "A", BirthDate: "1990--05"}, wallet.ErrBirthDate},
		"no year":            {wallet.Person{Name: "A", BirthDate: "-05-01"}, wallet.ErrBirthDate},
		"with a time":        {wallet.Person{Name: "A", BirthDate: "1990-05-01T10:00:00Z"}, wallet.ErrBirthDate},
		"a word":             {wallet.Person{Name: "A", BirthDate: "unknown"}, wallet.ErrBirthDate},
		"Methuselah":         {wallet.Person{Name: "A", BirthDate: "1875"}, wallet.ErrBirthDate},
		"this year":          {wallet.Person{Name: "A", BirthDate: "2026"}, nil},
		"born today":         {wallet.Person{Name: "A", BirthDate: "2026-06-12"}, nil},
		"a time zone ahead":  {wallet.Person{Name: "A", BirthDate: "2026-06-13"}, nil},
		"not born yet":       {wallet.Person{Name: "A", BirthDate: "2026-06-14"}, wallet.ErrBirthFuture},
		"next year":          {wallet.Person{Name: "A", BirthDate: "2027"}, wallet.ErrBirthFuture},
		"a gender of ours":   {wallet.Person{Name: "A", Gender: "F"}, wallet.ErrDetails},
		"a blood group":      {wallet.Person{Name: "A", Blood: "C"}, wallet.ErrDetails},
		"kin":                {wallet.Person{Name: "A", Kin: "king"}, wallet.ErrDetails},
		"many numbers":       {wallet.Person{Name: "A", Numbers: make([]wallet.Number, 13)}, wallet.ErrDetails},
	} {
		before := len(b.Snapshot().People)
		_, err := b.AddPerson(t.Context(), tt.p)
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
		if added := len(b.Snapshot().People) - before; (added == 1) != (tt.want == nil) {
			t.Errorf("%s: %d people were added", name, added)
		}
		self := b.Snapshot().People[0]
		tt.p.ID = self.ID
		if err := b.EditPerson(t.Context(), tt.p); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s, edited: got %v, want %v", name, err, tt.want)
		}
	}
	if err := b.EditPerson(t.Context(), wallet.Person{ID: "nobody", Name: "A"}); !errors.Is(err, wallet.ErrNoPerson) {
		t.Errorf("editing nobody: %v", err)
	}
}

func TestBirthDateFromItsParts(t *testing.T) {
	for _, tt := range []struct{ year, month, day, want string }{
		{"2014", "5", "1", "2014-05-01"}, {" २०१४ ", "५", "", "2014-05"}, {"1958", "", "", "1958"}, {"", "", "", ""},
		{"1990", "", "5", "1990--05"}, {"", "5", "1", "-05-01"}, {"58", "", "", "58"}, {"௧௯௯௦", "", "", "1990"},
	} {
		got := wallet.BirthDate(tt.year, tt.month, tt.day)
		if got != tt.want {
			t.Errorf("%q %q %q: got %q, want %q", tt.year, tt.month, tt.day, got, tt.want)
		}
	}
	for _, date := range []string{"2014-05-01", "2014-05", "2014", ""} {
		if got := wallet.BirthDate(wallet.BirthParts(date)); got != date {
			t.Errorf("%q taken apart and put together is %q", date, got)
		}
	}
}

// TestDoubtsNeverBlock: what looks like a slip is said, and kept all the same.
func TestDoubtsNeverBlock(t *testing.T) {
	b, c := newBench(t).create(), newBench(t).create()
	for name, tt := range map[string]struct {
		p    wallet.Person
		want []wallet.Doubt
	}{
		"nothing":            {wallet.Person{Name: "A"}, nil},
		"a right number":     {wallet.Person{Name: "A", ABHANumber: "91-1234-5678-9015"}, nil},
		"written otherwise":  {wallet.Person{Name: "A", ABHANumber: " ९१ १२३४५६७८ ९०१५ "}, nil},
		"a wrong digit":      {wallet.Person{Name: "A", ABHANumber: "91-1234-5678-9018"}, []wallet.Doubt{wallet.DoubtABHADigit}},
		"digits changed":     {wallet.Person{Name: "A", ABHANumber: "91-1234-5687-9015"}, []wallet.Doubt{wallet.DoubtABHADigit}},
		"too short":          {wallet.Person{Name: "A", ABHANumber: "91-1234"}, []wallet.Doubt{wallet.DoubtABHALength}},
		"letters":            {wallet.Person{Name: "A", ABHANumber: "ABHA"}, []wallet.Doubt{wallet.DoubtABHALength}},
		"a right address":    {wallet.Person{Name: "A", ABHA: "Ravi.kumar_9@abdm"}, nil},
		"no realm":           {wallet.Person{Name: "A", ABHA: "ravi.kumar"}, []wallet.Doubt{wallet.DoubtABHA}},
		"an e-mail":          {wallet.Person{Name: "A", ABHA: "r@x@y"}, []wallet.Doubt{wallet.DoubtABHA}},
		"a dot at the end":   {wallet.Person{Name: "A", ABHA: "ravikumar.@abdm"}, []wallet.Doubt{wallet.DoubtABHA}},
		"a strange sign":     {wallet.Person{Name: "A", ABHA: "ravi kumar@abdm"}, []wallet.Doubt{wallet.DoubtABHA}},
		"somebody's name":    {wallet.Person{Name: " meera  SAMPLE"}, []wallet.Doubt{wallet.DoubtTwin}},
		"one thing and more": {wallet.Person{Name: "Meera Sample", ABHA: "x"}, []wallet.Doubt{wallet.DoubtABHA, wallet.DoubtTwin}},
	} {
		if got := b.Snapshot().Doubts(tt.p); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
		if p, err := c.AddPerson(t.Context(), tt.p); err != nil || (tt.p.ABHANumber != "") != (p.ABHANumber != "") {
			t.Errorf("%s: not kept: %v", name, err)
		}
	}
}

// TestToldApart (F3): a new person gets a colour that nobody wears, as long as there is one.
func TestToldApart(t *testing.T) {
	b := newBench(t).create()
	worn := map[int]int{b.Snapshot().Person().Colour: 1}
	for range 7 {
		worn[b.add(wallet.Person{Name: "A", Colour: 0}).Colour]++
	}
	if len(worn) != 8 {
		t.Errorf("8 people wear %d colours", len(worn))
	}
	if c := b.add(wallet.Person{Name: "A"}).Colour; c < 0 || c > 7 {
		t.Errorf("the ninth wears %d", c)
	}
}

func TestOneSelf(t *testing.T) {
	b := newBench(t)
	if err := b.Create(t.Context(), words, wallet.Person{Name: "Meera", Kin: wallet.KinSelf}); err != nil {
		t.Fatal(err)
	}
	meera := b.Snapshot().Person()
	ravi := b.add(wallet.Person{Name: "Ravi", Kin: wallet.KinChild})
	if s := b.Snapshot(); s.Acting(meera.ID) || !s.Acting(ravi.ID) || s.Acting("nobody") {
		t.Error("who acts for whom")
	}
	ravi.Kin = wallet.KinSelf
	if err := b.EditPerson(t.Context(), ravi); err != nil {
		t.Fatal(err)
	}
	if self, ok := b.Snapshot().Self(); !ok || self.ID != ravi.ID || b.person(meera.ID).Kin != wallet.KinOther {
		t.Errorf("the wallet belongs to %+v", b.Snapshot().People)
	}
	b.restart()
	b.unlock()
	if b.Snapshot().Current != ravi.ID {
		t.Error("it does not open with whom it belongs to")
	}
}

// TestWhoAmI: a family of an earlier release is asked once which of them one is; "none" is an answer.
func TestWhoAmI(t *testing.T) {
	old := []wallet.Person{{ID: "a", Name: "Meera"}, {ID: "b", Name: "Ravi"}, {ID: "c", Name: "Sita", Kin: wallet.KinParent}}
	for _, tt := range []struct {
		say    record.ProfileID
		acting []bool // for each of them, after the answer
	}{{"a", []bool{false, true, true}}, {"", []bool{true, true, true}}} {
		b := newBench(t).create()
		b.SetPeople(t, old)
		if !b.Snapshot().AsksSelf() {
			t.Error("it is not asked")
		}
		if err := b.SetSelf(t.Context(), tt.say); err != nil {
			t.Fatal(err)
		}
		b.restart()
		b.unlock()
		if b.Snapshot().AsksSelf() {
			t.Errorf("after %q it is asked again", tt.say)
		}
		for i, p := range old {
			if got := b.Snapshot().Acting(p.ID); got != tt.acting[i] {
				t.Errorf("after %q: acting for %s: %v", tt.say, p.Name, got)
			}
		}
		if err := b.SetSelf(t.Context(), "nobody"); !errors.Is(err, wallet.ErrNoPerson) {
			t.Errorf("nobody: %v", err)
		}
	}
	one := newBench(t).create()
	if one.Snapshot().AsksSelf() {
		t.Error("somebody who is alone is asked")
	}
}

// TestSelfOfAnotherWallet: whoever says "me" in a backup of somebody else's wallet is another in this one.
func TestSelfOfAnotherWallet(t *testing.T) {
	theirs, ours := newBench(t), newBench(t)
	for name, b := range map[string]*bench{"Sita": theirs, "Meera": ours} {
		if err := b.Create(t.Context(), words, wallet.Person{Name: name, Kin: wallet.KinSelf}); err != nil {
			t.Fatal(err)
		}
	}
	recovery, err := theirs.RecoveryText(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	_, backup, err := theirs.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Restore(t.Context(), backup, []string{recovery}, ""); err != nil {
		t.Fatal(err)
	}
	s := ours.Snapshot()
	if self, _ := s.Self(); len(s.People) != 2 || self.Name != "Meera" || !s.Acting(theirs.Snapshot().Current) {
		t.Errorf("got %+v", s.People)
	}
}

func TestAsideAndBack(t *testing.T) {
	b := newBench(t).create()
	ctx, meera := t.Context(), b.Snapshot().Person()
	if err := b.SetAside(ctx, meera.ID); !errors.Is(err, wallet.ErrLastPerson) {
		t.Errorf("the last person: %v", err)
	}
	if err := b.SetAside(ctx, "nobody"); !errors.Is(err, wallet.ErrNoPerson) {
		t.Errorf("nobody: %v", err)
	}
	ravi := b.add(wallet.Person{Name: "Ravi"})
	b.Choose(ravi.ID)
	id := b.importOne(file("a.json", []byte(allergy)))
	if err := b.SetAside(ctx, ravi.ID); err != nil {
		t.Fatal(err)
	}
	gone := func() {
		t.Helper()
		s := b.Snapshot()
		if s.Current != meera.ID || !slices.Equal(ids(s.Shown()), []record.ProfileID{meera.ID}) || !slices.Equal(ids(s.PutAside()), []record.ProfileID{ravi.ID}) {
			t.Errorf("shown %v, aside %v, current %s", ids(s.Shown()), ids(s.PutAside()), s.Current)
		}
		if _, ok := b.Record(id); ok {
			t.Error("a record of somebody who was put aside is shown")
		}
		if b.Choose(ravi.ID); b.Snapshot().Current != meera.ID {
			t.Error("somebody who was put aside is chosen")
		}
	}
	gone()
	b.restart()
	b.unlock()
	gone()
	if err := b.BringBack(ctx, ravi.ID); err != nil {
		t.Fatal(err)
	}
	b.Choose(ravi.ID)
	if _, _, body, err := b.Original(ctx, id); err != nil || string(body) != allergy || b.Snapshot().Records != 1 {
		t.Errorf("the record did not come back: %v", err)
	}
}

func TestAsideIsTakenBack(t *testing.T) {
	b := newBench(t).create()
	ravi := b.add(wallet.Person{Name: "Ravi"})
	if err := b.SetAside(t.Context(), ravi.ID); err != nil {
		t.Fatal(err)
	}
	if u := b.Snapshot().Undo; u == nil || u.What != wallet.UndoAside || u.Title != "Ravi" {
		t.Fatalf("offered: %+v", u)
	}
	if err := b.Undo(t.Context()); err != nil || len(b.Snapshot().Shown()) != 2 || b.Snapshot().Undo != nil {
		t.Errorf("undo: %v, %+v", err, b.Snapshot().Undo)
	}
}

// TestErase: a person goes for good only from aside, and not while a link shows their records.
func TestErase(t *testing.T) {
	b := newBench(t).create()
	ctx, meera := t.Context(), b.Snapshot().Person()
	mine := b.importOne(file("mine.json", []byte(allergy)))
	ravi := b.add(wallet.Person{Name: "Ravi"})
	b.Choose(ravi.ID)
	b.importOne(file("a.json", []byte(allergy)))
	b.importOne(file("h.json", []byte(hiv)))
	if err := b.SetPhoto(ctx, ravi.ID, picture(t)); err != nil {
		t.Fatal(err)
	}
	p, err := b.PrepareCounter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	link := b.share(p)
	if err := b.EraseProfile(ctx, ravi.ID); !errors.Is(err, wallet.ErrNotAside) {
		t.Errorf("not put aside: %v", err)
	}
	if err := b.SetAside(ctx, ravi.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseProfile(ctx, ravi.ID); !errors.Is(err, wallet.ErrOpenLinks) || b.CountRecords(ravi.ID) != 2 {
		t.Errorf("with an open link: %v, %d records", err, b.CountRecords(ravi.ID))
	}
	if err := b.Revoke(ctx, link.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseProfile(ctx, ravi.ID); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.unlock()
	if s := b.Snapshot(); !slices.Equal(ids(s.People), []record.ProfileID{meera.ID}) || len(s.Shares) != 0 {
		t.Errorf("left: %v, %d links", ids(s.People), len(s.Shares))
	}
	if names, _ := b.deps.Blobs.List(ctx, "rec/"); len(names) != 1 {
		t.Errorf("%d records in storage, want 1", len(names))
	}
	if _, ok := b.Record(mine); !ok {
		t.Error("somebody else's record went too")
	}
	if err := b.EraseProfile(ctx, ravi.ID); !errors.Is(err, wallet.ErrNoPerson) {
		t.Errorf("again: %v", err)
	}
}

// TestHide (F7): until it is unlocked again nothing of a person is to be had, and nothing is written down of it.
func TestHide(t *testing.T) {
	b := newBench(t).create()
	ctx, meera := t.Context(), b.Snapshot().Person()
	if err := b.Hide(meera.ID); !errors.Is(err, wallet.ErrLastPerson) {
		t.Errorf("the last person: %v", err)
	}
	ravi := b.add(wallet.Person{Name: "Ravi"})
	if err := b.SetPhoto(ctx, ravi.ID, picture(t)); err != nil {
		t.Fatal(err)
	}
	b.Choose(ravi.ID)
	id := b.importOne(file("a.json", []byte(allergy)))
	p, err := b.PrepareLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	link := b.share(p)
	stored := b.stored()
	if err := b.Hide(ravi.ID); err != nil {
		t.Fatal(err)
	}
	s := b.Snapshot()
	if s.Current != meera.ID || len(s.Shown()) != 1 || len(s.PutAside()) != 0 || len(s.Shares) != 0 || s.Import != nil {
		t.Errorf("still there: %+v", s)
	}
	if _, ok := b.Record(id); ok {
		t.Error("a record can be seen")
	}
	if _, _, _, err := b.Original(ctx, id); !errors.Is(err, wallet.ErrNoRecord) {
		t.Errorf("a record can be read: %v", err)
	}
	if _, err := b.Photo(ctx, ravi.ID); !errors.Is(err, wallet.ErrNoPerson) {
		t.Errorf("the photo can be seen: %v", err)
	}
	if b.Choose(ravi.ID); b.Snapshot().Current != meera.ID {
		t.Error("can be chosen")
	}
	if !slices.Equal(b.stored(), stored) {
		t.Error("hiding left a trace in storage")
	}
	// What goes on unseen goes on: all links are ended, also those that are not shown.
	if err := b.RevokeAll(ctx); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.unlock()
	if s := b.Snapshot(); len(s.Shown()) != 2 || len(s.Shares) != 1 {
		t.Errorf("after unlocking: %d people, %d links", len(s.Shown()), len(s.Shares))
	}
	if got := b.ledger(link.ID); got.Revoked.IsZero() {
		t.Error("a hidden link was not taken back with all others")
	}
}

func TestHideWhatIsBeingBroughtIn(t *testing.T) {
	b := newBench(t).create()
	other := `{"resourceType":"Patient","name":[{"text":"Somebody Else"}],"birthDate":"1950-01-01"}`
	b.add(wallet.Person{Name: "Ravi"})
	b.Import(t.Context(), []wallet.File{file("x.json", []byte(other))})
	if err := b.Hide(b.Snapshot().Current); err != nil {
		t.Fatal(err)
	}
	if err := b.Settle(t.Context(), 0, b.Snapshot().Current); !errors.Is(err, wallet.ErrNoRecord) {
		t.Errorf("what waited for an answer still does: %v", err)
	}
}

// TestFits (F4): near-miss names. Whom a document surely is not about is not offered as fitting.
func TestFits(t *testing.T) {
	b := newBench(t).create()
	asha := b.add(wallet.Person{Name: "Asha Devi", BirthDate: "1990-04-12"})
	twin := b.add(wallet.Person{Name: "Asha Devi", BirthDate: "1962"})
	aside := b.add(wallet.Person{Name: "Asha Devi"})
	if err := b.SetAside(t.Context(), aside.ID); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		subject fhir.Person
		want    []record.ProfileID
	}{
		"the name, a day":        {fhir.Person{Name: "Smt. Devi Asha", BirthDate: "1990-04-12"}, []record.ProfileID{asha.ID}},
		"the name, another year": {fhir.Person{Name: "Asha Devi", BirthDate: "1962-08-01"}, []record.ProfileID{twin.ID}},
		"the name alone":         {fhir.Person{Name: "A. Devi"}, []record.ProfileID{asha.ID, twin.ID}},
		"one letter off":         {fhir.Person{Name: "Usha Devi", BirthDate: "1990-04-12"}, nil},
		"one day off":            {fhir.Person{Name: "Asha Devi", BirthDate: "1990-04-13"}, nil},
		"nothing":                {fhir.Person{}, nil},
	} {
		if got := ids(b.Snapshot().Fits(tt.subject)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestAddSubject(t *testing.T) {
	b := newBench(t).create()
	for name, tt := range map[string]struct{ subject, want fhir.Person }{
		"all good":        {fhir.Person{Name: "Sita", BirthDate: "1950", Gender: "female"}, fhir.Person{Name: "Sita", BirthDate: "1950", Gender: "female"}},
		"a time of birth": {fhir.Person{Name: "Sita", BirthDate: "1950-01-01T00:00:00"}, fhir.Person{Name: "Sita"}},
		"a strange sex":   {fhir.Person{Name: "Sita", Gender: "W"}, fhir.Person{Name: "Sita"}},
		"a long name":     {fhir.Person{Name: strings.Repeat("a ", 90)}, fhir.Person{Name: strings.TrimSpace(strings.Repeat("a ", 40))}},
	} {
		p, err := b.AddSubject(t.Context(), tt.subject)
		if got := (fhir.Person{Name: p.Name, BirthDate: p.BirthDate, Gender: p.Gender}); err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// --- photos ---

// picture is a small JPEG, as a canvas makes it.
func picture(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		img.Set(i%64, i/64, color.RGBA{uint8(i), uint8(i / 64 * 4), 90, 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// told puts a segment behind the start of a JPEG, as cameras and some browsers do.
func told(b []byte, marker byte, text string) []byte {
	n := len(text) + 2
	return slices.Concat(b[:2], []byte{0xff, marker, byte(n >> 8), byte(n)}, []byte(text), b[2:])
}

func TestPhoto(t *testing.T) {
	b := newBench(t).create()
	ctx, id, bare := t.Context(), b.Snapshot().Current, picture(t)
	const place = "GPS 22.57 N 88.36 E"
	full := append(told(told(told(bare, 0xe1, "Exif\x00\x00"+place), 0xfe, place), 0xe2, place), place...)
	if err := b.SetPhoto(ctx, id, full); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.unlock()
	got, err := b.Photo(ctx, id)
	if err != nil || !bytes.Equal(got, bare) {
		t.Errorf("kept %d bytes, %v; want the %d of the picture alone", len(got), err, len(bare))
	}
	if _, err := jpeg.Decode(bytes.NewReader(got)); err != nil {
		t.Errorf("what was kept is no picture: %v", err)
	}
	// Correcting a name does not take the photo away, and it is no record.
	if err := b.EditPerson(ctx, wallet.Person{ID: id, Name: "Meera"}); err != nil || b.person(id).Photo == "" {
		t.Errorf("after editing: %v, %+v", err, b.person(id))
	}
	if b.Snapshot().Records != 0 || b.CountRecords(id) != 0 {
		t.Error("the photo is counted as a record")
	}
	for name, bad := range map[string][]byte{
		"nothing": {}, "text": []byte("hello"), "a PNG": []byte("\x89PNG\r\n\x1a\n0000"), "cut short": bare[:len(bare)/2],
		"too large": told(bare, 0xdb, strings.Repeat("x", 60000)), "no picture inside": bare[:20],
	} {
		if name == "too large" {
			for range 2 {
				bad = told(bad, 0xdb, strings.Repeat("x", 60000))
			}
		}
		if err := b.SetPhoto(ctx, id, bad); !errors.Is(err, wallet.ErrPhoto) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := b.Photo(ctx, id); err != nil || !bytes.Equal(got, bare) {
		t.Errorf("what was refused took the place of the photo: %v", err)
	}
	if err := b.SetPhoto(ctx, "nobody", bare); !errors.Is(err, wallet.ErrNoPerson) {
		t.Errorf("of nobody: %v", err)
	}
	if err := b.SetPhoto(ctx, id, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Photo(ctx, id); !errors.Is(err, wallet.ErrNoPerson) || b.person(id).Photo != "" {
		t.Errorf("after it was taken away: %v", err)
	}
}

func TestPhotoGoesWithABackup(t *testing.T) {
	b := newBench(t).create()
	ctx, id := t.Context(), b.Snapshot().Current
	if err := b.SetPhoto(ctx, id, picture(t)); err != nil {
		t.Fatal(err)
	}
	recovery, err := b.RecoveryText(ctx, words)
	if err != nil {
		t.Fatal(err)
	}
	_, backup, err := b.Export(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c := newBench(t)
	if _, err := c.Restore(ctx, backup, []string{recovery}, words); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Photo(ctx, id); err != nil || !bytes.Equal(got, picture(t)) {
		t.Errorf("after restoring: %v", err)
	}
}

// FuzzJPEG: what a stranger's file makes of a photo never panics, never grows, and comes out the same a second time.
func FuzzJPEG(f *testing.F) {
	bare := picture(f)
	f.Add(bare)
	f.Add(told(bare, 0xe1, "Exif"))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xda, 0, 2})
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		once, ok := wallet.BareJPEG(b)
		if !ok {
			return
		}
		twice, ok := wallet.BareJPEG(once)
		if len(once) > len(b) || !ok || !bytes.Equal(once, twice) {
			t.Errorf("%d bytes became %d, then %d", len(b), len(once), len(twice))
		}
	})
}

// --- what was kept is read for ever ---

// golden writes a file where there is none and it was asked for, and reads it.
func goldenFile(t *testing.T, name string, made []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", name)
	if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
		if err := os.WriteFile(path, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGoldenPeople(t *testing.T) {
	made := time.Date(2026, 6, 12, 10, 0, 0, 0, time.UTC)
	for name, want := range map[string][]wallet.Person{
		// As the first release wrote it: names, dates, colours.
		"people-1.json": {{ID: "p1", Name: "Meera Sample", BirthDate: "1990-03-04", Gender: "female", Colour: 2}, {ID: "p2", Name: "आरव नमूना", Colour: 1}},
		"people-2.json": {{
			ID: "p1", Name: "आरव नमूना", BirthDate: "2019-02", Gender: "male", Colour: 3, Kin: wallet.KinChild, Relation: "मेरा भांजा", Blood: "AB-",
			ABHANumber: "91-1234-5678-9015", ABHA: "aarav.sample@abdm", Numbers: []wallet.Number{{"City hospital", "77"}}, Photo: strings.Repeat("ab", 32),
			Guardian: &wallet.Guardianship{As: wallet.BondMother, Proof: wallet.ProofBirth, Record: "r1", SHA256: strings.Repeat("cd", 32), Since: "2019", Noted: made},
			Aside:    made,
		}},
	} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		golden := goldenFile(t, name, b)
		var got []wallet.Person
		if err := json.Unmarshal(golden, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read %+v, %v", name, got, err)
		}
		if !bytes.Equal(b, bytes.TrimSpace(golden)) {
			t.Errorf("%s would be written otherwise now: %s", name, b)
		}
	}
}

func TestGoldenPhoto(t *testing.T) {
	jpeg := goldenFile(t, "photo.jpg", picture(t))
	body, sum, err := wallet.PackPhoto(jpeg)
	if err != nil {
		t.Fatal(err)
	}
	golden := goldenFile(t, "photo-1.json", body)
	if got, err := wallet.OpenPhoto(golden, sum); err != nil || !bytes.Equal(got, jpeg) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := wallet.OpenPhoto(golden, strings.Repeat("00", 32)); !errors.Is(err, record.ErrDamaged) {
		t.Errorf("another picture than the person's: %v", err)
	}
	for _, bad := range []string{"", "{}", `{"version":"potli-photo/2","type":"image/jpeg","data":""}`, `{"version":"potli-photo/1","type":"image/jpeg","data":"%"}`} {
		if got, err := wallet.OpenPhoto([]byte(bad), sum); err == nil {
			t.Errorf("%q opened: %d bytes", bad, len(got))
		}
	}
}
