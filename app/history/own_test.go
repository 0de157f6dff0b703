package history_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"potli/app/family"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// notebook is the documents that devices share, for tests: a map.
type notebook map[string][]byte

func (n notebook) Docs(context.Context) (map[string][]byte, error) { return maps.Clone(n), nil }

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
	if err := lost.k.Trouble(); err != keyring.ErrRemoved {
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
		t.Fatalf("%+v and %+v, %v, %v", a, b, phone.k.Trouble(), tablet.k.Trouble())
	}
	if got := tablet.has(asha); !slices.Equal(got, []string{"one"}) {
		t.Errorf("the tablet has %q", got)
	}
}
