package relay_test

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/keys"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// turned starts another relay over w's store, as a restart with other keys does.
func (w *world) turned(t *testing.T, current [32]byte, old ...[32]byte) *world {
	t.Helper()
	other := newWorld(t, func(o *relay.Options) {
		o.Store, o.Now, o.Key, o.OldKeys = w.store, w.clock.now, current, old
	})
	other.store, other.clock, other.Now = w.store, w.clock, w.clock.now
	return other
}

// exec changes w's database behind its back.
func (w *world) exec(t *testing.T, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", sqlstore.DSN(w.path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// with lets the owner speak to another relay.
func with(o *storetest.Owned, w *world) *storetest.Owned {
	c := *o
	c.Client = w.Client
	return &c
}

// keyring is what a relay with this secret has.
func keyring(t testing.TB, secret [32]byte) keys.Ring {
	t.Helper()
	r, err := keys.New(secret, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var k1, k2, k3 = [32]byte{1}, [32]byte{2}, [32]byte{3}

// TestKeys: a link opens, and counts its attempts, for as long as the key it was
// made under is among the old ones.
func TestKeys(t *testing.T) {
	w := newWorld(t, nil)
	long := func(c *wire.Create) { guarded(c); c.Life = int64(wire.MaxLife / time.Second) }
	first := w.Create(t, "first", "P", long)
	open := w.Create(t, "open", "", func(c *wire.Create) { c.Life = int64(wire.MaxLife / time.Second) })
	second := w.turned(t, k2, k1)
	after := second.Create(t, "after", "P", long)
	third := w.turned(t, k3, k2, k1)
	w.clock.move(29 * 24 * time.Hour)
	for name, tt := range map[string]struct {
		relay       *world
		link        *storetest.Owned
		wrong, good int
	}{
		"the key it was made under":       {w, first, 401, 200},
		"made under the last":             {second, first, 401, 200},
		"made under the last but one":     {third, first, 401, 200},
		"made under the middle one":       {third, after, 401, 200},
		"made under a key not yet here":   {w, after, 404, 404},
		"made under a key thrown away":    {w.turned(t, k3, k2), first, 404, 404},
		"the only key is another":         {w.turned(t, k3), after, 404, 404},
		"no passcode, whatever the key":   {w.turned(t, [32]byte{9}), open, 200, 200},
		"old keys in another order still": {w.turned(t, k2, k3, k1), first, 401, 200},
	} {
		before := with(tt.link, tt.relay).Status(t)
		for passcode, want := range map[string]int{"wrong": tt.wrong, "secret": tt.good} {
			a := tt.relay.Post(t, tt.link.ID, wire.ManifestRequest{Recipient: name, Passcode: passcode})
			if a.Status != want {
				t.Errorf("%s, %s: %d %s, want %d", name, passcode, a.Status, a.Body, want)
			}
		}
		spent := before.AttemptsLeft - with(tt.link, tt.relay).Status(t).AttemptsLeft
		if want := map[int]int{401: 1}[tt.wrong]; spent != want {
			t.Errorf("%s: %d attempts spent, want %d", name, spent, want)
		}
	}
	w.clock.move(24 * time.Hour)
	status(t, third.Post(t, first.ID, wire.ManifestRequest{Recipient: "x", Passcode: "secret"}), http.StatusNotFound)
}

// Rows of before they said under which key they were made are of the oldest one.
func TestKeys_RowsWithoutANumber(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "P", guarded)
	w.exec(t, `UPDATE links SET kid = 0`)
	for name, tt := range map[string]struct {
		relay *world
		want  int
	}{"alone": {w, 200}, "after one": {w.turned(t, k2, k1), 200}, "after two": {w.turned(t, k3, k2, k1), 200}, "another": {w.turned(t, k1, k2), 401}} {
		a := tt.relay.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", Passcode: "secret"})
		if a.Status != tt.want {
			t.Errorf("%s: %d, want %d", name, a.Status, tt.want)
		}
	}
}

// A ticket, or a challenge, of the old key holds for the five minutes it may
// have left. Then who stole that key cannot make any.
func TestKeys_RL18_OldTicketsHoldFiveMinutes(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "", nil)
	path := location(t, w, w.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
	w.clock.move(time.Minute)
	second := w.turned(t, k2, k1)
	status(t, second.Do(t, "GET", path, nil, nil), 200)
	fresh := location(t, second, second.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
	status(t, second.Do(t, "GET", fresh, nil, nil), 200)
	status(t, w.Do(t, "GET", fresh, nil, nil), 404) // it knows no such key yet

	link, file, ok := keyring(t, k1).ReadTicket(strings.TrimPrefix(path, wire.FilePath), w.clock.now())
	if !ok {
		t.Fatal("the ticket is none")
	}
	forged := func() string {
		return wire.FilePath + keyring(t, k1).Ticket(link, file, w.clock.now().Add(time.Minute))
	}
	w.clock.move(wire.TicketLife - time.Second)
	status(t, second.Do(t, "GET", forged(), nil, nil), 200)
	w.clock.move(time.Second)
	status(t, second.Do(t, "GET", forged(), nil, nil), 404)
	status(t, w.Do(t, "GET", forged(), nil, nil), 200) // where it is still the key
}

func TestKeys_RL8_OldChallengesHoldFiveMinutes(t *testing.T) {
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 201}, {wire.WorkLife - time.Second, 201}, {wire.WorkLife, 428}} {
		w := newWorld(t, few(1))
		second := newWorld(t, func(o *relay.Options) {
			o.Limits.Creates, o.Store, o.Now, o.Key, o.OldKeys = 1, w.store, w.clock.now, k2, [][32]byte{k1}
		})
		w.clock.move(tt.after)
		for _, r := range []*world{w, second} {
			r.Create(t, r.Base+"1", "U", nil)
			r.Create(t, r.Base+"2", "U", nil)
		}
		id := storetest.ID("x")
		a := status(t, second.put(t, id, solve(asked(t, w.put(t, id, "")), id)), tt.want)
		if tt.want == 428 {
			status(t, second.put(t, id, solve(asked(t, a), id)), 201)
		}
	}
}

func TestKeys_AreToldApart(t *testing.T) {
	options := func(current [32]byte, old ...[32]byte) relay.Options {
		return relay.Options{Store: openStore(t, t.TempDir()+"/relay.db"), Key: current, OldKeys: old, PublicURL: "https://r.example", AppOrigin: appOrigin}
	}
	// Of 23 random keys some two have one number with a probability of 63 %; of
	// 400 all.
	var keys [][32]byte
	for i := range 400 {
		keys = append(keys, [32]byte{byte(i), byte(i >> 8), 1})
	}
	for name, o := range map[string]relay.Options{"twice the same": options(k1, k2, k1), "the same at once": options(k1, k1), "400": options(k1, keys...),
		"an old one of zeros": options(k1, [32]byte{})} {
		if _, err := relay.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := relay.New(options(k3, k2, k1)); err != nil {
		t.Error(err)
	}
}

// The scrypt is that of the link's own key, whatever else has happened.
func TestKeys_ARightPasscodeIsNeverTurnedAway(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "P", guarded)
	for i := byte(2); i < 6; i++ {
		old := [][32]byte{}
		for j := i - 1; j >= 1; j-- {
			old = append(old, [32]byte{j})
		}
		h, err := relay.New(relay.Options{Store: w.store, Now: w.clock.now, Key: [32]byte{i}, OldKeys: old, PublicURL: w.Base, AppOrigin: appOrigin})
		if err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		body := `{"recipient":"x","passcode":"secret"}`
		h.ServeHTTP(rec, httptest.NewRequest("POST", wire.LinkPath+o.ID, strings.NewReader(body)))
		if rec.Code != http.StatusOK {
			t.Errorf("after %d turns: %d", i-1, rec.Code)
		}
	}
}
