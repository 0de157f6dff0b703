package history_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/family"
	"potli/app/history"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// notebook is the documents that devices share, for tests: a map.
type notebook map[string][]byte

func (n notebook) Docs(context.Context) (map[string][]byte, error) { return maps.Clone(n), nil }

func (n notebook) Seeds(context.Context) (map[string][]byte, error) { return nil, nil }

func (n notebook) Put(_ context.Context, docs map[string][]byte) error {
	for name, body := range docs {
		if n[name] = body; body == nil {
			delete(n, name)
		}
	}
	return nil
}

// pair is two devices of one user, who have a child and a notebook each.
func pair(t *testing.T) (h *house, phone, tablet *device, books map[*device]notebook, meet func(int, ...*device)) {
	h = newHouse(t)
	phone = h.phone("phone")
	phone.child(asha)
	h.check(phone.k.Found(ctx, asha, nil))
	tablet = phone.second("tablet")
	h.now = h.now.Add(25 * time.Hour) // a device that is new removes none
	books = map[*device]notebook{phone: {}, tablet: {}}
	own := map[*device]func(){}
	for _, d := range []*device{phone, tablet} {
		desk := d.k.Own(books[d])
		own[d] = func() {
			t.Helper()
			h.check(d.engine.OwnRound(ctx, desk))
			d.round(asha)
		}
	}
	return h, phone, tablet, books, func(n int, all ...*device) {
		t.Helper()
		for range n {
			for _, d := range all {
				own[d]()
			}
			h.now = h.now.Add(20 * time.Minute)
		}
	}
}

// TestOwn: a new person, a document, a change of it and the end of it reach the
// other device, and when all is told nothing more is sent.
func TestOwn(t *testing.T) {
	h, phone, tablet, books, meet := pair(t)
	books[phone]["people/1"] = []byte(`{"name":"Asha"}`)
	meet(3, phone, tablet)
	if got := books[tablet]["people/1"]; string(got) != `{"name":"Asha"}` {
		t.Fatalf("the tablet has %q", got)
	}
	phone.child("ravi")
	h.check(phone.k.Found(ctx, "ravi", family.Fields{"name": "Ravi"}))
	books[tablet]["people/1"] = []byte(`{"name":"Asha S"}`)
	books[tablet]["photo/1"] = []byte("a picture")
	meet(3, tablet, phone)
	delete(books[phone], "photo/1")
	h.check(phone.v.PutDocs(ctx, map[string][]byte{"photo/1": nil, "x": []byte("documents are in the vault")}))
	meet(3, phone, tablet)
	if !maps.EqualFunc(books[phone], books[tablet], slices.Equal) || len(books[phone]) != 1 || string(books[phone]["people/1"]) != `{"name":"Asha S"}` {
		t.Errorf("%q and %q", books[phone], books[tablet])
	}
	if !slices.Contains(tablet.v.Ring().Profiles(), "ravi") {
		t.Error("the tablet has no keys of Ravi")
	}
	if ok, err := tablet.k.Has(ctx, "ravi"); !ok || err != nil {
		t.Errorf("the tablet does not know Ravi's history: %v", err)
	}
	seq := phone.v.Seq()
	meet(2, phone, tablet)
	if got := phone.v.Seq(); got != seq {
		t.Errorf("%d commits when nothing happened", got-seq)
	}
}

// TestOwnAtOnce: both change the same at once. One of them stands, on both.
func TestOwnAtOnce(t *testing.T) {
	_, phone, tablet, books, meet := pair(t)
	books[phone]["doc"], books[tablet]["doc"] = []byte("of the phone"), []byte("of the tablet")
	books[phone]["a"], books[tablet]["b"] = []byte("a"), []byte("b")
	meet(4, phone, tablet)
	if !maps.EqualFunc(books[phone], books[tablet], slices.Equal) || len(books[phone]) != 3 {
		t.Errorf("%q and %q", books[phone], books[tablet])
	}
}

// TestOwnDeviceRemoved: a device is lost and shut out. The others walk on to the new
// keys, whatever they had missed, and it stays outside.
func TestOwnDeviceRemoved(t *testing.T) {
	h, phone, tablet, books, meet := pair(t)
	lost := phone.second("lost")
	h.now = h.now.Add(25 * time.Hour)
	desk := lost.k.Own(notebook{})
	h.check(lost.engine.OwnRound(ctx, desk))
	meet(3, phone, tablet)
	h.check(phone.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		u, err := r.User().RemoveDevice(r.Keys(), lost.v.Ring().Device(), h.now)
		if err != nil {
			return vault.Change{}, err
		}
		next, err := r.WithUser(u, h.now)
		if err != nil {
			return vault.Change{}, err
		}
		next, _, err = next.Roll(string(asha), 0)
		return vault.Change{Ring: next}, err
	}))
	phone.add(asha, "after it was lost")
	books[phone]["doc"] = []byte("secret")
	meet(1, phone)
	h.check(lost.engine.OwnRound(ctx, desk))
	if err := lost.k.Trouble(ctx); err != keyring.ErrRemoved {
		t.Errorf("the lost device is told: %v", err)
	}
	meet(6, tablet, phone)
	if got := tablet.has(asha); !slices.Equal(got, []string{"after it was lost"}) {
		t.Errorf("the tablet has %q, %+v", got, tablet.round(asha))
	}
	if string(books[tablet]["doc"]) != "secret" {
		t.Error("the tablet has not the document")
	}
	before := len(lost.v.Ring().Epochs(""))
	for range 3 {
		h.check(lost.engine.OwnRound(ctx, desk))
		h.check(lost.k.Tidy(ctx, asha))
		if _, err := lost.engine.Round(ctx, string(asha)); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(time.Hour)
	}
	if len(lost.v.Ring().Epochs("")) != before || len(lost.has(asha)) > 0 || len(lost.v.Ring().Epochs(string(asha))) > 1 {
		t.Error("the lost device has learned something")
	}
	// It can still write to where it could, and nobody believes it.
	lost.child("intruder")
	h.check(lost.engine.OwnRound(ctx, lost.k.Own(notebook{"doc": []byte("forged"), "doc2": []byte("forged")})))
	meet(3, phone, tablet)
	if string(books[phone]["doc"]) != "secret" || books[phone]["doc2"] != nil || slices.Contains(phone.v.Ring().Profiles(), "intruder") {
		t.Error("the lost device was believed")
	}
}

// TestOwnForked: two devices change the user at once, each removing nothing; they
// come together again.
func TestOwnForked(t *testing.T) {
	h, phone, tablet, _, meet := pair(t)
	meet(2, phone, tablet)
	roll := func(d *device) {
		h.check(d.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
			u, err := r.User().Roll(r.Keys(), h.now)
			if err != nil {
				return vault.Change{}, err
			}
			next, err := r.WithUser(u, h.now)
			return vault.Change{Ring: next}, err
		}))
	}
	roll(phone)
	roll(tablet)
	phone.add(asha, "one")
	meet(8, phone, tablet)
	if a, b := phone.v.Ring().User().Pin(), tablet.v.Ring().User().Pin(); a != b {
		t.Fatalf("%+v and %+v, %v, %v", a, b, phone.k.Trouble(ctx), tablet.k.Trouble(ctx))
	}
	if got := tablet.has(asha); !slices.Equal(got, []string{"one"}) {
		t.Errorf("the tablet has %q", got)
	}
}

// TestOwnRolledAtOnce: two devices each make new keys for everything at once, because
// each was told of another loss, and write with them before they meet.
func TestOwnRolledAtOnce(t *testing.T) {
	_, phone, tablet, _, meet := pair(t)
	meet(2, phone, tablet)
	for _, d := range []*device{phone, tablet} {
		d.loses(0)
		d.add(asha, "of the "+d.name)
	}
	meet(10, phone, tablet)
	for _, d := range []*device{phone, tablet} {
		d.add(asha, "later, of the "+d.name)
	}
	meet(4, phone, tablet)
	for _, d := range []*device{phone, tablet} {
		if got := d.has(asha); len(got) != 4 {
			t.Errorf("the %s has %q", d.name, got)
		}
	}
}

// TestOwnSplit: two devices shut each other out at once. Each is told, also after a
// restart; and a device that is out can not tell the other one that it is.
func TestOwnSplit(t *testing.T) {
	for name, both := range map[string]bool{"each other": true, "one, and it answers": false} {
		t.Run(name, func(t *testing.T) {
			h, phone, tablet, _, meet := pair(t)
			meet(3, phone, tablet)
			shutOut := func(d, other *device) {
				h.check(d.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
					u, err := r.User().RemoveDevice(r.Keys(), other.v.Ring().Device(), h.now)
					if err != nil {
						return vault.Change{}, err
					}
					next, err := r.WithUser(u, h.now)
					return vault.Change{Ring: next}, err
				}))
			}
			shutOut(phone, tablet)
			if both {
				shutOut(tablet, phone)
				meet(2, tablet, phone)
			} else {
				meet(1, phone, tablet)
				if err := tablet.k.Trouble(ctx); err != keyring.ErrRemoved {
					t.Errorf("the tablet is told: %v", err)
				}
				shutOut(tablet, phone)
				meet(2, tablet, phone)
			}
			for range 2 {
				if err := phone.k.Trouble(ctx); err != history.ErrSplit {
					t.Errorf("the phone is told: %v", err)
				}
				if err := tablet.k.Trouble(ctx); both && err != history.ErrSplit || err == nil {
					t.Errorf("the tablet is told: %v", err)
				}
				phone.restart()
				tablet.restart()
			}
			h.check(phone.k.DropTrouble(ctx))
			phone.restart()
			if err := phone.k.Trouble(ctx); err != nil {
				t.Errorf("it was dropped: %v", err)
			}
		})
	}
}

// later is a notebook of a release that knows of nothing that begins with "new".
type later struct{ notebook }

func (l later) Put(ctx context.Context, docs map[string][]byte) error {
	return l.notebook.Put(ctx, maps.Collect(func(yield func(string, []byte) bool) {
		for name, body := range docs {
			if !strings.HasPrefix(name, "new") && !yield(name, body) {
				return
			}
		}
	}))
}

// TestOwnOfALaterRelease: what this release can not use, it neither takes away nor
// changes back.
func TestOwnOfALaterRelease(t *testing.T) {
	h := newHouse(t)
	phone := h.phone("phone")
	tablet := phone.second("tablet")
	book, old := notebook{"new": []byte("a"), "old": []byte("b")}, notebook{}
	first, second := phone.k.Own(book), tablet.k.Own(later{old})
	turn := func(n int) {
		for range n {
			h.check(phone.engine.OwnRound(ctx, first))
			h.check(tablet.engine.OwnRound(ctx, second))
			h.now = h.now.Add(20 * time.Minute)
		}
	}
	turn(3)
	old["old"] = []byte("c")
	h.check(tablet.v.PutDocs(ctx, map[string][]byte{"x": []byte("something is written")}))
	turn(3)
	if string(book["new"]) != "a" || string(book["old"]) != "c" {
		t.Errorf("the phone has %q", book)
	}
	book["new"] = []byte("aa")
	h.check(phone.v.PutDocs(ctx, map[string][]byte{"x": []byte("something is written")}))
	turn(3)
	if string(book["new"]) != "aa" || len(old) != 1 {
		t.Errorf("the phone has %q, the tablet %q", book, old)
	}
	seq := phone.v.Seq()
	if turn(3); phone.v.Seq() != seq {
		t.Errorf("%d commits when nothing happened", phone.v.Seq()-seq)
	}
}
