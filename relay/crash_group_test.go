package relay_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"potli/relay/sqlstore"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// life is one link in the eyes of its owner: what was asked of the relay, and
// what it said it had done.
type life struct {
	id, token           string
	asked, told         int // openings
	created             bool
	addAsked, addTold   bool
	killAsked, killTold bool // the revocation
}

// live leads one link from its creation to its revocation, and reports whether
// the relay was there to the end.
func (l *life) live(p *process) bool {
	ask := func(method, path, sequence string, body any, want int) bool {
		h := storetest.Headers{"Authorization", "Bearer " + l.token}
		if method == "PUT" {
			h = append(h, "If-None-Match", "*")
		}
		if sequence != "" {
			h = append(h, wire.SequenceHeader, sequence)
		}
		a, err := p.Try(method, path, body, h)
		return err == nil && a.Status == want
	}
	if l.created = ask("PUT", wire.ControlPath+l.id, "", storetest.NewCreate(l.token, "U"), http.StatusCreated); !l.created {
		return false
	}
	for range 3 {
		l.asked++
		if !ask("GET", wire.LinkPath+l.id+"?recipient="+fmt.Sprint(l.asked), "", nil, http.StatusOK) {
			return false
		}
		l.told++
	}
	l.addAsked = true
	if l.addTold = ask("PATCH", wire.ControlPath+l.id, "1", `{"addUses":100}`, http.StatusOK); !l.addTold {
		return false
	}
	l.killAsked = true
	l.killTold = ask("DELETE", wire.ControlPath+l.id, "2", nil, http.StatusNoContent)
	return l.killTold
}

// check compares what was told with what is there.
func (l *life) check(t *testing.T, p *process) {
	o := &storetest.Owned{Client: p.Client, ID: l.id, Token: l.token}
	a := o.Call(t, "GET", "", nil)
	if a.Status == http.StatusNotFound && !l.created {
		return
	}
	st := storetest.Decode[wire.Status](t, a, http.StatusOK)
	added := 0
	if st.UsesLeft > 10 {
		added = 100
	}
	if counted := 10 + added - st.UsesLeft; counted < l.told || counted > l.asked {
		t.Errorf("%d openings are counted, %d were answered and %d asked for", counted, l.told, l.asked)
	}
	list, _ := o.Receipts(t)
	if len(list) < l.told || len(list) > l.asked {
		t.Errorf("%d receipts are kept, %d openings were answered and %d asked for", len(list), l.told, l.asked)
	}
	if l.addTold && added == 0 || !l.addAsked && added > 0 {
		t.Errorf("uses added %v, told %v, asked %v", added > 0, l.addTold, l.addAsked)
	}
	revoked := st.Expires == 0
	if l.killTold && !revoked || !l.killAsked && revoked {
		t.Errorf("revoked %v, told %v, asked %v", revoked, l.killTold, l.killAsked)
	}
	a = p.Get(t, l.id, "after")
	if revoked != (a.Status == http.StatusNotFound) {
		t.Errorf("revoked %v, and a reader gets %d", revoked, a.Status)
	}
	if want := storetest.NewCreate("", "U").File.JWE; !revoked && string(a.Body) != want {
		t.Error("a link without its whole file is served")
	}
}

// TestT9_KillAmidGroups kills a relay while many clients wait for the same
// commits. What was acknowledged to each is there; what was not is there whole or
// not at all.
func TestT9_KillAmidGroups(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	path := filepath.Join(t.TempDir(), "relay.db")
	for round := range rounds {
		p := start(t, path)
		p.HTTP.Transport = &http.Transport{MaxIdleConnsPerHost: 32}
		lives := make([][]*life, 32)
		var done atomic.Int64
		enough := make(chan struct{})
		var once sync.Once
		var wg sync.WaitGroup
		for k := range lives {
			wg.Go(func() {
				for n := 0; ; n++ {
					seed := fmt.Sprint("life ", round, k, n)
					l := &life{id: storetest.ID(seed), token: storetest.ID("token of " + seed)}
					lives[k] = append(lives[k], l)
					if !l.live(p) {
						return
					}
					// In the midst of the work, at another place each round.
					if done.Add(1) >= int64(40+13*round) {
						once.Do(func() { close(enough) })
					}
				}
			})
		}
		go func() { // should all of them have failed before
			wg.Wait()
			once.Do(func() { close(enough) })
		}()
		<-enough
		p.kill()
		wg.Wait()
		sound(t, path)
		p = start(t, path)
		told := 0
		for _, each := range lives {
			for _, l := range each {
				l.check(t, p)
				told += l.told
			}
		}
		if told < 100 {
			t.Errorf("round %d: only %d openings were answered", round, told)
		}
		p.kill()
	}
}

// sound lets SQLite check its own file.
func sound(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", sqlstore.DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&got); err != nil || got != "ok" {
		t.Errorf("the file is %q, %v", got, err)
	}
}
