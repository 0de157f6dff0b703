package worker_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// known is what clients were told of one link. A call whose answer was lost may
// have happened or not.
type known struct {
	*storetest.Owned
	refused int  // attempts that were said to be spent
	opened  int  // uses that were
	revoked bool // said to be
	unsure  bool // a revoke was sent, and not answered
}

// TestKill: the process is killed at random moments, ten times. Nothing that was
// acknowledged is lost, no attempt and no use comes back, what was revoked stays so.
func TestKill(t *testing.T) {
	s := start(t, program(t), "SHARDS=4")
	c := s.client()
	var (
		mu    sync.Mutex // guards links
		links []*known
	)
	for round := range 10 {
		stop := make(chan struct{})
		var all sync.WaitGroup
		for worker := range 6 {
			all.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					k := live(c, fmt.Sprintf("kill %d %d %d", round, worker, i))
					if k == nil {
						return // the relay is dead
					}
					k.use(t, c)
					mu.Lock()
					links = append(links, k)
					mu.Unlock()
				}
			})
		}
		time.Sleep(time.Duration(200+rand.IntN(700)) * time.Millisecond) // the moment is what is random
		s.kill()
		close(stop)
		all.Wait()
		s.begin()
		for _, k := range links {
			k.check(t)
		}
	}
	if len(links) < 20 {
		t.Errorf("only %d links were made: too few to tell", len(links))
	}
	t.Logf("%d links", len(links))
}

// live creates a link that is known to exist.
func live(c storetest.Client, seed string) *known {
	o := &storetest.Owned{Client: c, ID: storetest.ID(seed), Token: storetest.ID("token of " + seed)}
	flag := "U"
	if strings.HasSuffix(seed, "0") || strings.HasSuffix(seed, "5") {
		flag = "P"
	}
	create := storetest.NewCreate(o.Token, flag)
	if flag == "P" {
		guarded(&create)
	}
	a, err := c.Try("PUT", wire.ControlPath+o.ID, create, storetest.Headers{"If-None-Match", "*"})
	if err != nil || a.Status != http.StatusCreated {
		return nil
	}
	return &known{Owned: o}
}

// use does to a link what one does, and notes what is acknowledged.
func (k *known) use(t *testing.T, c storetest.Client) {
	for i := range 2 {
		a, err := c.Try("POST", wire.LinkPath+k.ID, wire.ManifestRequest{Recipient: fmt.Sprint(i), Passcode: "wrong"}, nil)
		if err != nil {
			return
		}
		switch a.Status {
		case http.StatusUnauthorized:
			k.refused++
		case http.StatusOK:
			k.opened++
		}
	}
	if rand.IntN(3) == 0 {
		k.unsure = true
		a, err := c.Try("DELETE", wire.ControlPath+k.ID, nil, storetest.Headers{"Authorization", "Bearer " + k.Token, wire.SequenceHeader, "1"})
		if k.revoked = err == nil && a.Status == http.StatusNoContent; k.revoked {
			k.unsure = false
		}
	}
}

func (k *known) check(t *testing.T) {
	t.Helper()
	a := k.Do(t, "GET", wire.ControlPath+k.ID, nil, storetest.Headers{"Authorization", "Bearer " + k.Token})
	got := storetest.Decode[wire.Status](t, a, http.StatusOK)
	if got.AttemptsLeft >= 0 && wire.MaxAttempts-got.AttemptsLeft < k.refused {
		t.Errorf("%d attempts were refused and %d are left", k.refused, got.AttemptsLeft)
	}
	if got.AttemptsLeft < 0 && storetest.NewCreate("", "U").Uses-got.UsesLeft < k.opened {
		t.Errorf("%d uses were served and %d are left", k.opened, got.UsesLeft)
	}
	if k.revoked && got.Expires != 0 {
		t.Error("a revoked link lives")
	}
	if !k.revoked && !k.unsure && got.Expires == 0 {
		t.Error("a link was revoked that nobody revoked")
	}
	if k.revoked {
		if a := k.Do(t, "POST", wire.LinkPath+k.ID, wire.ManifestRequest{Recipient: "late", Passcode: "secret"}, nil); a.Status != http.StatusNotFound {
			t.Errorf("a revoked link answers %d", a.Status)
		}
	}
}
