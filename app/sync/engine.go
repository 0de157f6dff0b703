package sync

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"
	stdsync "sync"
	"time"

	"filippo.io/age"

	"potli/crypto/chain"
)

// How long the engine waits for others, by its own clock.
const (
	patience = 15 * time.Minute    // for what a device said it would send; before a report is said again
	askAgain = time.Hour           // before the same is asked for again
	turn     = 20 * time.Second    // for the device whose turn it is to answer: the others ask the relay that often
	presence = 24 * time.Hour      // between two reports when there is nothing to tell
	stale    = 7 * 24 * time.Hour  // silent for so long, a device no longer keeps a full mailbox full
	renew    = 60 * 24 * time.Hour // a mailbox that lives for less is prolonged
)

// Options of an Engine. All are needed.
type Options struct {
	Mail   Mail
	Store  Store
	Device string             // this device's id
	Signer ed25519.PrivateKey // of reports, and of the entries this device writes
	Now    func() time.Time
	Rand   io.Reader
}

// Engine is the sync of one unlocked device. Safe for concurrent use; it does one
// thing at a time.
type Engine struct {
	o    Options
	self string // the signer's key, as in a chain.Tip

	mu       stdsync.Mutex // held for the whole of a Round
	profiles map[string]*line
	opened   map[string]int64 // the user's own mailboxes, and when they were opened

	seal func([]item, *age.HybridRecipient) (string, error) // sealFrame, but in tests that need thousands
	open func(string, *age.HybridIdentity) ([]item, error)  // openFrame
}

// New returns an engine that has done nothing yet.
func New(o Options) *Engine {
	return &Engine{
		o: o, self: b64.EncodeToString(o.Signer.Public().(ed25519.PublicKey)), profiles: map[string]*line{}, opened: map[string]int64{},
		seal: sealFrame, open: openFrame,
	}
}

// line is one profile in memory. What must outlive it is in notes.
type line struct {
	e       *Engine
	profile string
	n       *notes
	log     *chain.Log // nil while nothing is known of the history
	v       View
	names   []string         // of the mailboxes of v.Epochs: Box.short
	boxes   map[string]int   // their places
	moved   map[string]int   // how many mailboxes of an epoch are closed, by the first one's ID
	opened  map[string]int64 // when a mailbox was opened in this session
	unknown []heard          // reports by devices that the chain does not name yet
	wants   map[string]*want // what others asked for and nobody was seen to send, by device
	recent  map[string]sent  // what was sent lately, by mailbox and ref.key
	queued  map[string]bool  // what is in n.Queue, by mailbox and ref.key; nil: to be made again
	due     time.Time        // when it is this device's turn to answer; zero: nobody waits
	dirty   bool             // notes differ from what is kept
	failed  error            // the last round's, of Mail
	lastID  string           // the record read last, and
	last    []byte           // its sealed bytes
}

// Round takes in all there is for a profile and sends all there is to send, once.
// The State it returns is right also when the error is of Mail (ErrOffline and
// the others); any other error is of the Store or of ctx.
func (e *Engine) Round(ctx context.Context, profile string) (State, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.line(ctx, profile)
	if err != nil {
		return State{Profile: profile}, err
	}
	err = p.round(ctx)
	p.failed = nil
	if isMail(err) {
		p.failed = err
	}
	if err == nil || p.failed != nil {
		if kept := p.save(ctx); kept != nil {
			err = kept
		}
	}
	if err != nil && !isMail(err) {
		// What is in memory may be ahead of what is durable, and is not to become so.
		delete(e.profiles, profile)
	}
	return p.state(), err
}

// isMail says whether an error is one of Mail.
func isMail(err error) bool {
	for _, m := range []error{ErrOffline, ErrGone, ErrClosed, ErrFull, ErrRefused} {
		if errors.Is(err, m) {
			return true
		}
	}
	return false
}

// line returns what is known of a profile, and looks at what the wallet has written
// since. A history that was begun again has nothing in common with the one before.
func (e *Engine) line(ctx context.Context, profile string) (*line, error) {
	v, err := e.o.Store.View(ctx, profile)
	if err != nil {
		return nil, err
	}
	p := e.profiles[profile]
	if p == nil || p.log != nil && p.log.Root() != v.Root {
		kept, err := e.o.Store.Notes(ctx, profile)
		if err != nil {
			return nil, err
		}
		n, err := readNotes(kept, e.o.Device)
		if err != nil {
			return nil, err
		}
		p = &line{e: e, profile: profile, n: n, moved: map[string]int{}, opened: map[string]int64{}, wants: map[string]*want{}, recent: map[string]sent{}}
	}
	if err := p.look(ctx); err != nil {
		return nil, err
	}
	e.profiles[profile] = p
	return p, nil
}

// look reads from the Store what has changed there.
func (p *line) look(ctx context.Context) (err error) {
	n := 0
	if p.log != nil {
		n = p.log.Len()
	}
	entries, err := p.e.o.Store.Entries(ctx, p.profile, n)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if p.log == nil {
			p.log = chain.NewLog(p.profile, e.Hash())
		}
		if _, err := p.log.Add(e); err != nil {
			return fmt.Errorf("reading the history: %w", err)
		}
	}
	if p.v, err = p.e.o.Store.View(ctx, p.profile); err != nil {
		return err
	}
	p.name()
	p.forget()
	p.hearAgain()
	return nil
}

// box is the mailbox of an epoch: the first that nobody has closed.
func (p *line) box(i int) Box {
	id := p.v.Epochs[i].Identity
	return boxOf(p.profile, id, p.moved[BoxOf(p.profile, id).ID])
}

// name notes what the mailboxes of the epochs are called.
func (p *line) name() {
	p.names, p.boxes = nil, map[string]int{}
	for i := range p.v.Epochs {
		name := p.box(i).short()
		p.names, p.boxes[name] = append(p.names, name), i
		if i == 0 {
			continue
		}
		if b := p.n.box(p.names[i-1]); b.Ended == 0 {
			b.Told, b.Ended, p.dirty = b.Read, p.now(), true
		}
	}
}

// mail is the relay, whose errors are all of those that Mail names.
func (p *line) mail() Mail { return named{p.e.o.Mail} }

func (p *line) now() int64 { return p.e.o.Now().Unix() }

// within says whether something was less than d ago. What lies in the future was at
// a time when the clock was wrong: long ago.
func (e *Engine) within(at int64, d time.Duration) bool {
	ago := e.o.Now().Unix() - at
	return ago >= 0 && ago < int64(d/time.Second)
}

// save keeps the notes when something in them changed that came with no item.
func (p *line) save(ctx context.Context) error {
	if !p.dirty {
		return nil
	}
	return p.keep(ctx, Arrival{})
}

// keep puts away what arrived, with the notes as they are now.
func (p *line) keep(ctx context.Context, a Arrival) (err error) {
	if a.Notes, err = p.n.write(); err != nil {
		return err
	}
	if err := p.e.o.Store.Keep(ctx, p.profile, a); err != nil {
		return fmt.Errorf("keeping what arrived: %w", err)
	}
	p.dirty = false
	return nil
}

func (p *line) round(ctx context.Context) error {
	p.due = time.Time{}
	if len(p.v.Epochs) == 0 {
		return nil // no mailbox can be found yet
	}
	if p.alone() {
		if err := p.farewell(ctx); err != nil {
			return err
		}
		p.skip()
		return nil
	}
	if err := p.receive(ctx); err != nil {
		return err
	}
	if p.v.Removed || len(p.v.Epochs) == 0 {
		return p.goodbye(ctx) // what there was to learn is learned; nobody listens any more
	}
	p.back()
	p.answer()
	if err := p.send(ctx); err != nil {
		return err
	}
	return p.acknowledge(ctx)
}

// alone says whether nobody else reads this profile, so that nothing has to leave
// this device. Who knows nothing of the history yet is not alone.
func (p *line) alone() bool {
	return p.log != nil && len(p.v.Readers) == 1 && p.v.Readers[0].Device == p.e.o.Device
}

// skip passes over what was written while nobody else was there. Whoever joins
// asks for what they lack.
func (p *line) skip() {
	if n := p.own(); n != p.n.Sent || len(p.n.Queue) > 0 || p.n.Flight != nil {
		p.n.Sent, p.n.Queue, p.n.Flight, p.dirty = n, nil, nil, true
	}
}

// forget drops what was known of devices that read no longer.
func (p *line) forget() {
	for device := range p.n.Peers {
		if !slices.ContainsFunc(p.v.Readers, func(r Reader) bool { return r.Device == device }) {
			delete(p.n.Peers, device)
			delete(p.n.Knows, device)
			p.dirty = true
		}
	}
	for key, s := range p.recent {
		if !p.e.within(s.at, patience) {
			delete(p.recent, key)
		}
	}
}

// own is the counter of the newest entry of this device.
func (p *line) own() (n uint64) {
	if p.log == nil {
		return 0
	}
	for _, t := range p.log.Summary() {
		if t.Key == p.e.self {
			n = max(n, t.N)
		}
	}
	return n
}
