package kill_test

import (
	crypto "crypto/rand"
	"database/sql"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/app/sync"
	"potli/app/vault"
	"potli/crypto/recovery"
	"potli/relay"
	"potli/relay/sqlstore"
)

// peer is another wallet that cares for the same person: it is never killed, and
// adds records between the browser's rounds. What it has by sync is what the
// browser has said, to it and to the relay, that it is safe.
type peer struct {
	t          *testing.T
	v          *vault.Vault
	keeper     *history.Keeper
	engine     *sync.Engine
	invitation *history.Invitation // nil until the browser said who it is
	joined     bool                // the browser has taken it
	n          int
	own        map[string]record.ID // by the hash of their bytes
}

// withPeer gives a life a relay and a peer.
func (l *life) withPeer() {
	l.relay = newRelay(l.t, l.url)
	kit, err := recovery.New(crypto.Reader)
	if err != nil {
		l.t.Fatal(err)
	}
	p := &peer{t: l.t, v: newVault(l.t, kit), own: map[string]record.ID{}}
	p.keeper = history.Open(p.v, time.Now, nil)
	r := p.v.Ring()
	p.engine = sync.New(sync.Options{
		Mail: relayclient.New(l.relay, direct.HTTP{}, crypto.Reader).Mail(), Store: p.keeper,
		Device: r.Device(), Signer: r.Signer(), Now: time.Now, Rand: crypto.Reader,
	})
	if err := p.keeper.Found(l.t.Context(), "p", nil); err != nil {
		l.t.Fatal(err)
	}
	l.peer = p
}

// newRelay starts a real relay, for pages of one origin, and returns its own.
func newRelay(t *testing.T, app string) string {
	t.Helper()
	db, err := sql.Open("sqlite", sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db")))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close(); db.Close() })
	s := httptest.NewUnstartedServer(nil)
	at := "http://" + s.Listener.Addr().String()
	all := relay.Rate{PerMinute: -1}
	s.Config.Handler, err = relay.New(relay.Options{
		Store: store, Key: [32]byte{1}, PublicURL: at, AppOrigin: app, Limits: relay.Limits{Data: all, Control: all},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(s.Close)
	return at
}

// came takes note of what a browser has: who it is, and what of the peer's has
// reached it, which it must have from then on.
func (l *life) came(got report) {
	p := l.peer
	if p.invitation == nil && got.Public != nil {
		i, err := p.keeper.Invite(p.t.Context(), "p", got.Public, family.Admin, true)
		if err != nil {
			p.t.Errorf("inviting: %v", err)
			return
		}
		p.invitation = &i
	}
	for id, sum := range got.Records {
		if p.own[sum] != id {
			continue
		}
		l.sure.records[sum] = id
		if l.perhaps != nil {
			l.perhaps.records[sum] = id
		}
	}
	if l.ending && l.pending.Do == "round" && got.Err == "" {
		l.level(got)
	}
}

// level closes even when both have the same.
func (l *life) level(got report) {
	l.peer.round()
	if len(l.peer.v.Entries()) != len(got.Records) {
		return
	}
	for id, sum := range got.Records {
		body, _, err := l.peer.v.Original(l.t.Context(), id)
		if err != nil || sumOf(string(body)) != sum {
			return
		}
	}
	select {
	case <-l.even:
	default:
		close(l.even)
	}
}

// works adds records and has a round, or does neither.
func (p *peer) works(r *rand.Rand) {
	for range min(r.IntN(3), many-p.n) {
		p.n++
		body := paper(r, -p.n)
		m, err := p.v.Add(p.t.Context(), pdf, []byte(body))
		if err != nil {
			p.t.Errorf("the peer: %v", err)
			return
		}
		p.own[sumOf(body)] = m.ID
	}
	if r.IntN(2) == 0 {
		p.round()
	}
}

// round is one of the peer's. To it too, the device that was killed is one device.
func (p *peer) round() {
	err := p.keeper.Tidy(p.t.Context(), "p")
	var st sync.State
	if err == nil {
		st, err = p.engine.Round(p.t.Context(), "p")
	}
	if err == nil {
		err = p.keeper.Tidy(p.t.Context(), "p")
	}
	if err != nil || st.Twin || len(st.Forked) > 0 || st.Damaged > 0 || len(p.v.Faults()) > 0 {
		p.t.Errorf("the peer: %v, %+v, %d faults", err, st, len(p.v.Faults()))
	}
}
