package ui_test

import (
	"strings"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/wallet"
)

// banner is what every page shows of whom one acts for.
type banner struct {
	acting bool   // the large one
	name   string // that can be seen
	photo  bool
	spoken string // read aloud with the heading
}

func bannerOf(t *testing.T, page *element) (b banner) {
	t.Helper()
	page.walk(func(e *element) {
		classes := " " + e.attrs["class"] + " "
		if e.tag == "header" && strings.Contains(classes, " top ") || strings.Contains(classes, " code-who ") {
			b.acting = strings.Contains(classes, " top-acting ") || strings.Contains(classes, " code-acting ")
			b.name, b.photo = e.words(), len(e.all("img")) > 0
		}
	})
	if h1 := page.all("h1"); len(h1) == 1 {
		if about := page.id(h1[0].attrs["aria-describedby"]); about != nil {
			b.spoken = about.words()
		}
	}
	return b
}

// TestBannerEverywhere (F1): on every page of an open wallet stands whose records these are; for somebody else than
// oneself large, with the photo, and read aloud with the page's heading.
func TestBannerEverywhere(t *testing.T) {
	for _, path := range paths {
		if path == "/code/none" {
			continue // there is nothing on it
		}
		own, _ := draw(t, world(same), "en", path)
		if b := bannerOf(t, own); b.acting || b.spoken != "" || !strings.Contains(b.name, "Asha Devi") {
			t.Errorf("%s for oneself: %+v", path, b)
		}
		other, _ := draw(t, acting(same), "en", path)
		if b := bannerOf(t, other); !b.acting || !b.photo || !strings.Contains(b.name, "Ravi Kumar") || b.spoken != "You are acting for Ravi Kumar.\n" {
			t.Errorf("%s for another: %+v", path, b)
		}
	}
}

// TestWhoIsSelf: where nobody said who they are, everybody is somebody else, but for one who is alone.
func TestWhoIsSelf(t *testing.T) {
	for _, tt := range []struct {
		name   string
		people []wallet.Person
		want   bool // the banner for p1
	}{
		{"oneself", []wallet.Person{{ID: "p1", Kin: wallet.KinSelf}, {ID: "p2"}}, false},
		{"a child", []wallet.Person{{ID: "p1", Kin: wallet.KinChild}}, true},
		{"of an earlier release, alone", []wallet.Person{{ID: "p1"}}, false},
		{"of an earlier release, two", []wallet.Person{{ID: "p1"}, {ID: "p2"}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := world(same)
			for i := range tt.people {
				tt.people[i].Name = "Asha Devi"
			}
			d.snap.People = tt.people
			page, _ := draw(t, d, "en", "/")
			if b := bannerOf(t, page); b.acting != tt.want {
				t.Errorf("got %+v", b)
			}
		})
	}
}

// TestWhoAmI: a family of an earlier release is asked which of them one is, where the banner is met first.
func TestWhoAmI(t *testing.T) {
	for _, path := range []string{"/", "/settings/people"} {
		d := world(same)
		if page, _ := draw(t, d, "en", path); page.id("who-am-i") != nil {
			t.Errorf("%s asks what is known", path)
		}
		d.snap.People[0].Kin, d.snap.People[1].Kin = "", ""
		page, _ := draw(t, d, "en", path)
		if ask := page.id("who-am-i"); ask == nil || !strings.Contains(ask.words(), "Asha Devi") || !strings.Contains(ask.words(), "None of them") || strings.Contains(ask.words(), "Sita") {
			t.Errorf("%s does not ask", path)
		}
	}
}

// TestNameIsConfirmed (F1): the button by which something leaves for somebody else says their name, and beside it stand
// photo and year of birth. One's own goes in as few words as before.
func TestNameIsConfirmed(t *testing.T) {
	for _, path := range []string{"/code/s3", "/shared/s3"} { // the same once more
		if page, _ := draw(t, acting(same), "en", path); !strings.Contains(page.id("renew").words(), "Ravi Kumar") {
			t.Errorf("%s: the button does not say whose it is", path)
		}
	}
	for path, id := range map[string]string{"/show": "show-go", "/send": "send-go", "/show/r1": "show-go", "/send/r1": "send-go"} {
		page, _ := draw(t, acting(same), "en", path)
		button, beside := page.id(id), parentOf(page, id)
		if button == nil || !strings.Contains(button.words(), "Yes, this is Ravi Kumar.") {
			t.Errorf("%s: the button does not say whose it is", path)
			continue
		}
		if words := beside.words(); !strings.Contains(words, "Ravi Kumar") || !strings.Contains(words, "Born 2014") || len(beside.all("img")) == 0 {
			t.Errorf("%s: photo, name and year do not stand beside the button: %q", path, words)
		}
		own, _ := draw(t, world(same), "en", path)
		if words := own.id(id).words(); strings.Contains(words, "Asha") {
			t.Errorf("%s: for oneself the button says %q", path, words)
		}
		if words := parentOf(own, id).words(); !strings.Contains(words, "Asha Devi") || !strings.Contains(words, "Born 1990") {
			t.Errorf("%s: for oneself there stands %q", path, words)
		}
	}
}

func parentOf(page *element, id string) (parent *element) {
	page.walk(func(e *element) {
		for _, c := range e.children {
			if c.attrs["id"] == id {
				parent = e
			}
		}
	})
	return parent
}

// TestHiddenIsNowhere (F7): of somebody who is hidden nothing is on any page, not even that there is somebody.
func TestHiddenIsNowhere(t *testing.T) {
	for _, path := range paths {
		d := world(same)
		d.snap.Hidden = map[record.ProfileID]bool{"p2": true}
		for i := range d.snap.Shares {
			d.snap.Shares[i].Profile = "p1"
		}
		page, _ := draw(t, d, "en", path)
		if words := page.words(); strings.Contains(words, "Ravi") || strings.Contains(words, "my nephew") {
			t.Errorf("%s shows who is hidden", path)
		}
	}
}

// TestLockedInOneTap (F7): the button that locks is on every page of an open wallet.
func TestLockedInOneTap(t *testing.T) {
	for _, path := range paths {
		if page, _ := draw(t, world(same), "en", path); page.id("lock") == nil {
			t.Errorf("%s: no button locks", path)
		}
	}
}

// TestPutAsideIsNotOffered: who was put aside is on the page of the people alone, under a heading of their own.
func TestPutAsideIsNotOffered(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/settings/people")
	if aside := page.id("aside"); aside == nil || !strings.Contains(aside.words(), "Sita Devi") {
		t.Error("who was put aside cannot be found")
	}
	for _, path := range []string{"/", "/add", "/show", "/record/r1"} {
		if page, _ := draw(t, world(same), "en", path); strings.Contains(page.words(), "Sita Devi") {
			t.Errorf("%s offers somebody who was put aside", path)
		}
	}
	page, _ = draw(t, world(same), "en", "/settings/people/p3")
	if page.id("aside-back") == nil || page.id("erase-go") == nil || page.id("erase-yes") != nil {
		t.Error("the page of who was put aside does not bring them back, or erases without a question")
	}
}

// TestGuardFits (F4): of those to whom a document can be moved, whom it fits is marked.
func TestGuardFits(t *testing.T) {
	d := world(same)
	d.snap.People[1].Name, d.snap.People[1].BirthDate = "Sita", "1950-01-01"
	page, _ := draw(t, d, "en", "/add")
	if words := page.id("report").words(); !strings.Contains(words, "Move it to Sita") || !strings.Contains(words, "Name and date of birth fit") {
		t.Errorf("the report says %q", words)
	}
	d.snap.People[1].BirthDate = "1951"
	if page, _ = draw(t, d, "en", "/add"); strings.Contains(page.id("report").words(), "Name and date of birth fit") {
		t.Error("another year of birth fits")
	}
}

// TestUndoSaysWhat: each thing that can be taken back is called by its name.
func TestUndoSaysWhat(t *testing.T) {
	for want, u := range map[string]wallet.Undo{
		"Deleted: Old report":         {Title: "Old report"},
		"The record is deleted.":      {},
		"Moved to Ravi: Old report":   {What: wallet.UndoMove, Title: "Old report", To: "Ravi"},
		"Moved to Ravi.":              {What: wallet.UndoMove, To: "Ravi"},
		"Ravi is put aside. The reco": {What: wallet.UndoAside, Title: "Ravi"},
	} {
		d := world(same)
		u.Until = now.Add(time.Minute)
		d.snap.Undo = &u
		page, _ := draw(t, d, "en", "/")
		if words := page.id("undo").words(); !strings.HasPrefix(words, want) {
			t.Errorf("got %q, want %q", words, want)
		}
	}
}

// TestComingOfAge (F2): each notice in plain words, on the timeline until it was read, and on the person's own page.
func TestComingOfAge(t *testing.T) {
	for want, c := range map[string]wallet.Coming{
		"Ravi Kumar turns 18 on 1 July 2026\nFrom that day": {Notice: 90, Days: 60},
		"Ravi Kumar turns 18 on 1 July 2026\n19 days are":   {Notice: 30, Days: 19},
		"Ravi Kumar turns 18 on 1 July 2026\n1 day is":      {Notice: 30, Days: 1},
		"Ravi Kumar is 18 now\nThe records belong":          {Notice: 0},
	} {
		c.Person, c.Day, c.Age = "p2", "2026-07-01", 18
		for _, path := range []string{"/", "/settings/people/p2"} {
			d := world(same)
			d.snap.Coming = []wallet.Coming{c}
			page, _ := draw(t, d, "en", path)
			if words := page.words(); !strings.Contains(words, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
		c.Read = true
		d := world(same)
		d.snap.Coming = []wallet.Coming{c}
		if page, _ := draw(t, d, "en", "/"); strings.Contains(page.words(), "Ravi Kumar turns 18") {
			t.Error("what was read comes up again")
		}
		if page, _ := draw(t, d, "en", "/settings/people/p2"); !strings.Contains(page.words(), want) {
			t.Error("what was read is gone from their own page")
		}
	}
}

// TestCarers (F5): who may see the records, and what each of them may do, in words.
func TestCarers(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/settings/people/p2")
	card := page.id("carers")
	if card == nil {
		t.Fatal("nobody is named")
	}
	words := card.words()
	for _, want := range []string{"You\nMother\nDecides everything.", "Arjun\nSees everything and changes nothing.", "Somebody whose name is not known here\nSees nothing."} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not in %q", want, words)
		}
	}
}
