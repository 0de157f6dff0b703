//go:build unix

package relay_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"potli/relay/storetest"
	"potli/relay/storetest/postgres"
	"potli/relay/wire"
)

// cluster is several relay processes over one PostgreSQL, behind what a balancer
// does: each request goes to the next of them.
type cluster struct {
	storetest.Client
	url  string // of the database
	mu   sync.Mutex
	all  []*process
	turn atomic.Int64
}

const clusterURL = "http://relay.test"

func newCluster(t *testing.T, url string) *cluster {
	t.Helper()
	c := &cluster{url: url, all: []*process{startOne(t, url), startOne(t, url)}}
	direct := &http.Transport{MaxConnsPerHost: 200, MaxIdleConnsPerHost: 200}
	t.Cleanup(direct.CloseIdleConnections)
	c.Client = storetest.Client{Base: clusterURL, App: appOrigin, HTTP: &http.Client{Transport: inTurn{c, direct}}, Now: time.Now}
	return c
}

func startOne(t *testing.T, url string) *process {
	t.Helper()
	return start(t, url, envURL+"="+clusterURL)
}

// kill ends one of the relays as a power cut does; start puts another in its place.
func (c *cluster) kill(n int) { c.at(n).kill() }

func (c *cluster) at(n int) *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[n%len(c.all)]
}

func (c *cluster) start(t *testing.T, n int) {
	t.Helper()
	p := startOne(t, c.url)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[n] = p
}

type inTurn struct {
	c      *cluster
	direct http.RoundTripper
}

func (i inTurn) RoundTrip(r *http.Request) (*http.Response, error) {
	to := r.Clone(r.Context())
	to.URL.Host = strings.TrimPrefix(i.c.at(int(i.c.turn.Add(1))).Base, "http://")
	return i.direct.RoundTrip(to)
}

// TestPostgresHTTP: a relay on PostgreSQL is the same from outside, and two are
// like one.
func TestPostgresHTTP(t *testing.T) {
	server := postgres.Start(t)
	t.Run("one", func(t *testing.T) { storetest.RunHTTP(t, start(t, server.Database(t)).Client) })
	t.Run("two", func(t *testing.T) { storetest.RunHTTP(t, newCluster(t, server.Database(t)).Client) })
}

// TestT9_TwoProcesses: 10,000 guesses at once, to two relays in turn, are
// answered with exactly five 401; and as many readers get exactly the uses.
func TestT9_TwoProcesses(t *testing.T) {
	c := newCluster(t, postgres.Start(t).Database(t))
	locked := c.Create(t, "locked", "P", guarded)
	codes := c.atOnce(t, 10_000, func(int) (storetest.Answer, error) {
		return c.Try("POST", wire.LinkPath+locked.ID, wire.ManifestRequest{Recipient: "x", Passcode: "wrong"}, nil)
	})
	if codes[401] != 5 || codes[404] != 9_995 {
		t.Errorf("got %v, want 5 × 401 and 9995 × 404", codes)
	}
	status(t, c.Post(t, locked.ID, wire.ManifestRequest{Recipient: "x", Passcode: "secret"}), http.StatusNotFound)

	const uses = 100
	opened := c.Create(t, "opened", "U", func(w *wire.Create) { w.Uses = uses })
	codes = c.atOnce(t, 2_000, func(i int) (storetest.Answer, error) {
		return c.Try("GET", fmt.Sprintf("%s%s?recipient=%d", wire.LinkPath, opened.ID, i), nil, nil)
	})
	if codes[200] != uses || codes[404] != 2_000-uses {
		t.Errorf("got %v, want %d × 200, all else 404", codes, uses)
	}
	if st := opened.Status(t); st.UsesLeft != 0 || st.Receipts != wire.MaxReceipts {
		t.Errorf("got %+v, want no uses left and %d receipts", st, wire.MaxReceipts)
	}
	same := c.Create(t, "same", "U", func(w *wire.Create) { w.Uses = uses })
	codes = c.atOnce(t, 500, func(int) (storetest.Answer, error) {
		return c.Try("GET", wire.LinkPath+same.ID+"?recipient=one", nil, nil)
	})
	// All in a moment; should the window have ended in between, that is one more.
	if left := same.Status(t).UsesLeft; codes[200] != 500 || left < uses-2 {
		t.Errorf("one reader, 500 times: %v and %d of %d uses left", codes, left, uses)
	}
}

// atOnce counts the answers to n requests at the same time.
func (c *cluster) atOnce(t *testing.T, n int, try func(i int) (storetest.Answer, error)) map[int]int {
	t.Helper()
	codes := map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			a, err := try(i)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			codes[a.Status]++
		})
	}
	wg.Wait()
	return codes
}

// diary is what one owner was told of her links, and so may rely on.
type diary struct {
	c       *cluster
	name    string
	made    []*entry
	unclear int // answers that never came
}

// entry is one link. The counts are of what was answered; what was done without an
// answer may be more.
type entry struct {
	*storetest.Owned
	guarded          bool
	served, refused  int
	revoked, unclear bool // whether the revocation was answered, or only asked for
	left             int  // remainingAttempts, as last heard
}

// write makes links, opens and guesses and revokes them, until stop.
func (d *diary) write(t *testing.T, stop *atomic.Bool) {
	for n := 0; !stop.Load(); n++ {
		e := &entry{guarded: n%2 == 0, left: 5}
		seed := fmt.Sprint(d.name, n)
		e.Owned = &storetest.Owned{Client: d.c.Client, ID: storetest.ID(t.Name() + seed), Token: storetest.ID("token " + t.Name() + seed)}
		create := storetest.NewCreate(e.Token, map[bool]string{true: "P", false: "U"}[e.guarded])
		if e.guarded {
			guarded(&create)
		}
		a, err := d.c.Try("PUT", wire.ControlPath+e.ID, create, storetest.Headers{"If-None-Match", "*"})
		if err != nil || a.Status != http.StatusCreated {
			d.unclear++
			time.Sleep(10 * time.Millisecond) // as a client would, or nobody else gets a turn
			continue
		}
		d.made = append(d.made, e)
		for i := range 3 {
			e.ask(t, i)
		}
		if n%4 >= 2 {
			e.revoke()
		}
	}
}

func (e *entry) ask(t *testing.T, i int) {
	if !e.guarded {
		a, err := e.Try("GET", fmt.Sprintf("%s%s?recipient=%d", wire.LinkPath, e.ID, i), nil, nil)
		if err == nil && a.Status == http.StatusOK {
			e.served++
		}
		return
	}
	a, err := e.Try("POST", wire.LinkPath+e.ID, wire.ManifestRequest{Passcode: "wrong"}, nil)
	if err != nil || a.Status != http.StatusUnauthorized {
		return
	}
	e.refused++
	p := storetest.Decode[wire.Problem](t, a, http.StatusUnauthorized)
	if p.RemainingAttempts == nil || *p.RemainingAttempts >= e.left {
		t.Errorf("after %d were left, %v are: one was given back", e.left, p.RemainingAttempts)
		return
	}
	e.left = *p.RemainingAttempts
}

func (e *entry) revoke() {
	e.unclear = true
	a, err := e.Try("DELETE", wire.ControlPath+e.ID, nil, storetest.Headers{"Authorization", "Bearer " + e.Token, wire.SequenceHeader, "1"})
	e.revoked = err == nil && a.Status == http.StatusNoContent
}

// check holds the database to what was answered.
func (e *entry) check(t *testing.T) {
	t.Helper()
	st := e.Status(t)
	if e.revoked && st.Expires != 0 {
		t.Errorf("a revoked link has the end %d", st.Expires)
	}
	if e.revoked {
		status(t, e.Get(t, e.ID, "late"), http.StatusNotFound)
		return
	}
	if e.unclear {
		return
	}
	if e.guarded && (5-st.AttemptsLeft < e.refused || st.AttemptsLeft > e.left) {
		t.Errorf("%d guesses were answered and %d said to be left; %d are", e.refused, e.left, st.AttemptsLeft)
	}
	if !e.guarded && 10-st.UsesLeft < e.served {
		t.Errorf("%d openings were answered, %d uses of 10 are left", e.served, st.UsesLeft)
	}
	if !e.guarded && st.Receipts < e.served {
		t.Errorf("%d openings were answered, %d receipts are kept", e.served, st.Receipts)
	}
}

// TestT9_PostgresKilled kills a relay, or the database under both, or all, in
// the midst of work. What was answered holds afterwards.
func TestT9_PostgresKilled(t *testing.T) {
	rounds := 9
	if testing.Short() {
		rounds = 3
	}
	server := postgres.Start(t)
	c := newCluster(t, server.Database(t))
	answered, unclear, revoked := 0, 0, 0
	for round := range rounds {
		var stop atomic.Bool
		var wg sync.WaitGroup
		diaries := make([]*diary, 6)
		for i := range diaries {
			diaries[i] = &diary{c: c, name: fmt.Sprint(round, "-", i, "-")}
			wg.Go(func() { diaries[i].write(t, &stop) })
		}
		time.Sleep(time.Duration(200+rand.IntN(600)) * time.Millisecond)
		relayToo, serverToo := round%3 != 1, round%3 != 0
		if serverToo {
			server.Kill()
		}
		if relayToo {
			c.kill(round % 2)
		}
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond) // let some of it run into the wall
		if serverToo {
			server.Run(t)
		}
		if relayToo {
			c.start(t, round%2)
		}
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond) // and go on afterwards
		stop.Store(true)
		wg.Wait()
		for _, d := range diaries {
			unclear += d.unclear
			for _, e := range d.made {
				e.check(t)
				answered++
				if e.revoked {
					revoked++
				}
			}
		}
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	if answered == 0 || revoked == 0 {
		t.Errorf("%d links were made, %d revoked: nothing was tested", answered, revoked)
	}
	t.Logf("%d rounds: %d links, %d revoked, %d creates without an answer", rounds, answered, revoked, unclear)
}
