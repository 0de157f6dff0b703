package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
)

// A code that was made for a counter can be shown without unlocking, if the person asks for it for that one link: it lies
// open on this device until the link ends. What lies there is what the code itself shows to everybody who sees it, and
// when it ends; no name, and nothing of what the link holds. Whoever holds the phone can show the code, photograph it
// and open the link, which is why it is asked for each time, and why it goes by every way there is: the link ends, is
// paused or taken back; its person is hidden, put aside or erased; the wallet is wiped; the person says so.
//
// A link that has ended must leave nothing behind on a phone that is not opened again. So the page that shows it
// (web/ready.js) takes away what is over, and so does the program when it starts, unlocked or not.

// ReadyBoard is a Board that can be read back: what is over is taken away before the wallet is unlocked.
type ReadyBoard interface {
	Board
	// Read returns what lies there, "" where nothing does.
	Read(ctx context.Context) (string, error)
}

// ReadyCode is what lies open, apart from the words of a language.
type ReadyCode struct {
	Link  string    // what the code holds
	Until time.Time // when it ends, by this device's clock
}

// ErrNotReady: this link cannot be shown without unlocking, since it cannot be opened now.
var ErrNotReady = errors.New("the link cannot be opened now")

// docReady names the link of which the person has said so.
const docReady = "ready"

// keptReady is that, as it is kept. A backup carries it to other devices, on which nobody has agreed to anything.
type keptReady struct {
	Share  string `json:"share"`
	Device string `json:"device"`
}

// readied is what lies on the Board for codes, as far as this program knows.
type readied struct {
	mu    sync.Mutex
	body  string    // "" nothing, or not known
	until time.Time // of it
	owed  bool      // something has to go, and has not gone yet
}

// SetReady has the code of a link shown without unlocking on this device, or no longer; there is one such code at a
// time. Errors: ErrNoShare, ErrNotReady, ErrLocked, those of MayShowCard.
func (w *Wallet) SetReady(ctx context.Context, id string, on bool) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if !on {
		return w.unready(ctx, v)
	}
	s, err := w.share(id)
	if err != nil {
		return err
	}
	if err := w.mayShow(ctx, s.Profile); err != nil {
		return err
	}
	if w.d.Ready == nil || !w.mayLie(w.Snapshot(), &s) {
		return ErrNotReady
	}
	if err := putJSON(ctx, v, docReady, keptReady{Share: id, Device: v.Ring().Keys().Device}); err != nil {
		return err
	}
	w.publish(func(snap *Snapshot) { snap.Ready = id })
	w.mark(v)
	return w.postReady(ctx)
}

// unready covers the code, forgets which it was, and takes it away: whoever is stopped in between has it covered.
func (w *Wallet) unready(ctx context.Context, v *vault.Vault) error {
	if w.d.Ready == nil {
		return nil
	}
	w.readied.mu.Lock()
	covered := w.coverReady()
	w.readied.mu.Unlock()
	kept := v.PutDocs(ctx, map[string][]byte{docReady: nil})
	if kept == nil {
		w.publish(func(snap *Snapshot) { snap.Ready = "" })
	}
	if gone := w.unpostReady(ctx); gone != nil || kept != nil {
		return errors.Join(covered, kept, gone)
	}
	return nil
}

// mayLie says whether the code of a link may lie open now.
func (w *Wallet) mayLie(snap *Snapshot, s *share.Share) bool {
	return !snap.Demo && !snap.concealed(s.Profile) && s.State(w.d.Now()) == share.StateLive
}

// loadReady is the link of this device that may lie open, "" for none.
func loadReady(ctx context.Context, v *vault.Vault) string {
	var k keptReady
	if getJSON(ctx, v, docReady, &k) != nil || k.Device != v.Ring().Keys().Device {
		return ""
	}
	return k.Share
}

// postReady lays open what is to lie open, and takes away what is not. It is called after whatever may have changed
// that. A link that may not lie open any more is not laid open again by itself: unhiding somebody is no yes.
func (w *Wallet) postReady(ctx context.Context) error {
	r := &w.readied
	r.mu.Lock()
	defer r.mu.Unlock()
	snap := w.Snapshot()
	v, err := w.open()
	if w.d.Ready == nil || snap.Phase != PhaseOpen || err != nil || snap.Demo {
		return nil
	}
	id := loadReady(ctx, v) // not that of the snapshot: another tab may have turned it off
	s, err := w.share(id)
	if err == nil {
		switch err = w.mayShow(ctx, s.Profile); {
		case errors.Is(err, ErrLocked):
			return err
		case err == nil && !w.mayLie(snap, &s):
			err = ErrNotReady
		}
	}
	if id != "" && err == nil {
		return w.layReady(ctx, &s)
	}
	if now, err := w.open(); err != nil || now != v {
		return nil // locked in between: what could not be looked up was not taken back
	}
	if id != "" {
		_ = w.coverReady()
		_ = v.PutDocs(ctx, map[string][]byte{docReady: nil}) // what stays is looked at again at the next start
	}
	if id != "" || snap.Ready != "" {
		w.publish(func(snap *Snapshot) { snap.Ready = "" })
	}
	return w.clearReady(ctx)
}

// layReady lays a code open, unless it lies there. readied.mu must be held.
func (w *Wallet) layReady(ctx context.Context, s *share.Share) error {
	c := ReadyCode{Link: s.Link().Prefixed(w.d.Viewer), Until: s.Ends()}
	key := c.Link + " " + strconv.FormatInt(c.Until.Unix(), 10) + " " + w.Snapshot().Settings.Language
	if key == w.readied.body && !w.readied.owed {
		return nil
	}
	body, err := w.d.ReadyView(ctx, c)
	if err != nil {
		return err
	}
	if err := w.d.Ready.Put(ctx, body); err != nil {
		return err
	}
	w.readied.body, w.readied.until, w.readied.owed = key, c.Until, false
	return nil
}

// clearReady takes away what lies there. readied.mu must be held.
func (w *Wallet) clearReady(ctx context.Context) error {
	if w.readied.body == none && !w.readied.owed {
		return nil
	}
	w.readied.owed = true
	if err := w.d.Ready.Clear(ctx); err != nil {
		return err
	}
	w.readied.body, w.readied.until, w.readied.owed = none, time.Time{}, false
	return nil
}

// none in readied.body: it is known that nothing lies there.
const none = "-"

// coverReady hides what lies there at once, whatever the disk does. readied.mu must be held.
func (w *Wallet) coverReady() error {
	w.readied.owed = true
	return w.d.Ready.Cover()
}

// unpostReady takes everything away, whether or not the wallet is open.
func (w *Wallet) unpostReady(ctx context.Context) error {
	if w.d.Ready == nil {
		return nil
	}
	w.readied.mu.Lock()
	defer w.readied.mu.Unlock()
	_ = w.coverReady()
	return w.clearReady(ctx)
}

// coverReadyOf covers the Board for somebody who is about to be hidden, if the code there is theirs.
func (w *Wallet) coverReadyOf(id record.ProfileID) error {
	s, err := w.share(w.Snapshot().Ready)
	if err != nil || s.Profile != id || w.d.Ready == nil {
		return nil
	}
	w.readied.mu.Lock()
	defer w.readied.mu.Unlock()
	return w.coverReady()
}

// watchReady keeps the Board in line with the ledger, and with who is shown.
func (w *Wallet) watchReady() {
	var mu sync.Mutex
	var last string
	w.Subscribe(func(s *Snapshot) {
		now := s.standingReady(w.d.Now())
		mu.Lock()
		changed := last != now
		last = now
		mu.Unlock()
		if changed && now != "" {
			go w.keepReady()
		}
	})
}

// standingReady is all that decides which code lies open; "" while the wallet is not open.
func (s *Snapshot) standingReady(now time.Time) (text string) {
	if s.Phase != PhaseOpen {
		return ""
	}
	text = "open " + s.Ready + " " + s.Settings.Language
	for _, sh := range s.Shares {
		if sh.ID == s.Ready {
			text += string(sh.State(now)) + strconv.FormatInt(sh.Ends().Unix(), 10)
		}
	}
	for id := range s.Hidden {
		text += " -" + string(id)
	}
	for _, p := range s.People {
		if s.concealed(p.ID) {
			text += " " + string(p.ID)
		}
	}
	return text + string(s.Current)
}

// keepReady posts until it succeeds: a code that was taken back must not stay because the disk was busy.
func (w *Wallet) keepReady() {
	for wait := firstWait; w.postReady(context.Background()) != nil && w.Snapshot().Phase == PhaseOpen; wait = min(2*wait, lastWait) {
		time.Sleep(wait)
	}
}

// sweepReady takes away what is over, or cannot be read: at the start, and each time the clock is looked at. The keys are
// not needed for that.
func (w *Wallet) sweepReady(ctx context.Context) {
	r := &w.readied
	if w.d.Ready == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.body == "" { // not looked at yet
		text, err := w.d.Ready.Read(ctx)
		if err != nil {
			return
		}
		if r.body = none; text != "" {
			var c struct {
				Until int64 `json:"until"` // milliseconds
			}
			_ = json.Unmarshal([]byte(text), &c) // what cannot be read ended in 1970
			r.body, r.until = text, time.UnixMilli(c.Until)
		}
	}
	if r.owed || r.body != none && !w.d.Now().Before(r.until) {
		_ = w.clearReady(ctx) // tried again at the next look
	}
}
