package wallet

import (
	"context"
	"errors"
	"sync"
	"time"

	"potli/app/pair"
	"potli/app/record"
	"potli/crypto/pairing"
)

// How a pairing of two devices can end, besides well. After each of them a new
// code is needed: one code is one try.
var (
	ErrPairExpired  = pairing.ErrExpired
	ErrPairTampered = pairing.ErrTampered
	ErrPairDeclined = pairing.ErrDeclined
	ErrPairUsed     = pairing.ErrUsed
	ErrPairVersion  = pairing.ErrVersion
	ErrPairCode     = pairing.ErrNotCode
	ErrPairGone     = pair.ErrGone
	ErrPairOffline  = pair.ErrOffline
	// ErrPairPurpose: a code for the other purpose: it links a device, or invites.
	ErrPairPurpose = errors.New("a code for another purpose")
	// ErrPairContent: what the other device said of itself, or gave, is not what
	// is exchanged for this purpose.
	ErrPairContent = errors.New("the other device said something else")
	// ErrPairSelf: the invitation was read by a device of the same wallet.
	ErrPairSelf = errors.New("a device of the same wallet")
	// ErrPairDemo: the sample family lives in memory, and is nobody's.
	ErrPairDemo = errors.New("the sample family pairs with nobody")
	// ErrNoPairing: there is nothing to say yes to.
	ErrNoPairing = errors.New("no pairing is going on")
)

// PairPurpose is what two devices pair for.
type PairPurpose string

// Purposes of a pairing.
const (
	PairLink   PairPurpose = "link"   // a second device of the same person
	PairInvite PairPurpose = "invite" // somebody who cares for a person
)

var pairPurposes = map[PairPurpose]pairing.Purpose{PairLink: pairing.Link, PairInvite: pairing.Invite}

// PairStage is how far a pairing has come.
type PairStage string

// Stages of a pairing, in their order; each may be followed by PairFailed.
const (
	PairCode    PairStage = "code"    // the code stands on this screen
	PairMeeting PairStage = "meeting" // this device read a code and waits for the other
	PairCompare PairStage = "compare" // both show six digits
	PairWorking PairStage = "working" // both people said yes
	PairDone    PairStage = "done"
	PairFailed  PairStage = "failed" // Err says why
)

// Pairing is how a pairing stands on this device, for the pages to show.
type Pairing struct {
	Purpose PairPurpose
	Shows   bool // this device shows the code; else it reads one
	Stage   PairStage
	Err     error

	Code  string    // what the QR code holds, at PairCode
	Typed string    // the same for people
	Long  bool      // the code is there to be typed, and lives longer
	Until time.Time // when the code, or the attempt, ends

	Digits string // from PairCompare on
	Other  string // what the other device, or its person, is called by itself
	Mine   bool   // the person here said that the digits match
	Theirs bool   // the person there did; only the device that shows the code knows
	Given  bool   // keys have left this device, or may have

	Invite Invite // for PairInvite
}

// Invite is to what somebody is invited.
type Invite struct {
	Profile record.ProfileID
	Name    string // of the person, as the one who joins is told
	By      string // what the one who joins is told of who invites
	Role    string // RoleReader or RoleAdmin
	History bool   // with all there is; false: what is written from now on
	Subject bool   // they are the person themselves, who is to take the records over: RoleReader, with history
}

// What somebody may be invited as.
const (
	RoleReader = "reader" // sees everything, changes nothing
	RoleAdmin  = "admin"  // adds and changes, and lets readers in
)

// ceremony is one pairing. It lives until its goroutine ends.
type ceremony struct {
	w      *Wallet
	ctx    context.Context // ends with the pairing, the lock, the page
	cancel context.CancelFunc
	yes    chan struct{} // closed when the person here said yes
	agreed sync.Once     // closes yes
	over   sync.Once     // tells how it ended

	show *pair.Show // one of the two, set before anybody else sees it
	scan *pair.Scan
}

// giver is what the side that shows the code does with what it is told.
type giver struct {
	meet func(offer []byte) (other string, err error) // reads it, before anybody compares; changes nothing
	give func(ctx context.Context, offer []byte) (answer []byte, err error)
}

// taker takes what the side that read the code is given, and stores it.
type taker func(ctx context.Context, answer []byte) (Pairing, error)

func (w *Wallet) pairDeps() pair.Deps {
	return pair.Deps{Mail: w.d.Pair, Now: w.d.Now, Sleep: w.d.Sleep, Rand: w.d.Rand}
}

// newCeremony ends whatever pairing there is, and begins another.
func (w *Wallet) newCeremony() *ceremony {
	w.DropPairing()
	c := &ceremony{w: w, yes: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// stands makes c the pairing that is shown, as p.
func (c *ceremony) stands(p Pairing) {
	c.w.mu.Lock()
	c.w.pairing = c
	c.w.mu.Unlock()
	c.w.publish(func(s *Snapshot) { s.Pairing = &p })
}

// tell changes what is shown of c, unless it is over.
func (c *ceremony) tell(change func(*Pairing)) {
	c.w.mu.Lock()
	current := c.w.pairing == c
	c.w.mu.Unlock()
	if !current {
		return
	}
	c.w.publish(func(s *Snapshot) {
		if s.Pairing == nil {
			return
		}
		p := *s.Pairing
		change(&p)
		s.Pairing = &p
	})
}

// end tells what became of c: what is told first counts.
func (c *ceremony) end(err error) {
	c.over.Do(func() {
		c.cancel()
		c.tell(func(p *Pairing) {
			p.Code, p.Typed = "", ""
			if p.Stage = PairDone; err != nil {
				p.Stage, p.Err, p.Digits = PairFailed, err, ""
			}
		})
	})
}

// startShow makes a code and waits for who reads it, in a goroutine of its own;
// how it goes stands in Snapshot.Pairing. Errors: ErrPairOffline, ErrPairDemo.
func (w *Wallet) startShow(ctx context.Context, p Pairing, g giver) error {
	if w.Snapshot().Demo {
		return ErrPairDemo
	}
	life := pairing.Life
	if p.Long {
		life = pairing.TypedLife
	}
	c := w.newCeremony()
	show, err := pair.NewShow(ctx, w.pairDeps(), pairPurposes[p.Purpose], life)
	if err != nil {
		c.cancel()
		return err
	}
	c.show = show
	p.Shows, p.Stage, p.Until = true, PairCode, show.Until()
	p.Code, p.Typed = show.Code().Text(), show.Code().Typed()
	c.stands(p)
	go func() { c.end(c.runShow(g)) }()
	return nil
}

func (c *ceremony) runShow(g giver) error {
	digits, offer, err := c.show.Meet(c.ctx)
	if err != nil {
		return err
	}
	other, err := g.meet(offer)
	if err != nil {
		c.show.Decline(c.ctx)
		return err
	}
	c.compare(digits, c.show.Until(), other)
	if err := c.show.Theirs(c.ctx); err != nil {
		return err
	}
	c.tell(func(p *Pairing) { p.Theirs = true })
	select {
	case <-c.yes:
	case <-c.ctx.Done():
		c.show.Decline(c.ctx)
		return c.ctx.Err()
	}
	return c.give(g, offer)
}

// give hands over what was agreed to. It is not broken off half way: neither when
// the page is left, nor when the wallet is locked.
func (c *ceremony) give(g giver, offer []byte) error {
	ctx := context.WithoutCancel(c.ctx)
	c.tell(func(p *Pairing) { p.Stage, p.Given = PairWorking, true })
	answer, err := g.give(ctx, offer)
	if err != nil {
		c.show.Decline(ctx)
		return err
	}
	return c.show.Answer(ctx, answer)
}

func (c *ceremony) compare(digits string, until time.Time, other string) {
	c.tell(func(p *Pairing) {
		p.Stage, p.Digits, p.Until, p.Other = PairCompare, digits, until, other
		p.Code, p.Typed = "", ""
	})
}

// startScan reads a code and answers it; how it goes stands in Snapshot.Pairing.
// Errors: ErrPairCode, ErrPairVersion, ErrPairPurpose, ErrPairGone, ErrPairExpired,
// ErrPairDemo.
func (w *Wallet) startScan(ctx context.Context, p Pairing, text string, offer []byte, take taker) error {
	if w.Snapshot().Demo {
		return ErrPairDemo
	}
	code, err := pairing.ParseCode(text)
	if err != nil {
		return err
	}
	if code.Purpose != pairPurposes[p.Purpose] {
		return ErrPairPurpose
	}
	c := w.newCeremony()
	scan, err := pair.NewScan(ctx, w.pairDeps(), code, offer)
	if err != nil {
		c.cancel()
		return err
	}
	c.scan = scan
	p.Stage, p.Until = PairMeeting, scan.Until()
	c.stands(p)
	go func() { c.end(c.runScan(take)) }()
	return nil
}

func (c *ceremony) runScan(take taker) error {
	digits, err := c.scan.Meet(c.ctx)
	if err != nil {
		return err
	}
	c.compare(digits, c.scan.Until(), "")
	answer, err := c.scan.Answer(c.ctx)
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(c.ctx) // keys that have come are stored, whatever page is shown
	c.tell(func(p *Pairing) { p.Stage = PairWorking })
	got, err := take(ctx, answer)
	if err != nil {
		c.scan.Decline(ctx)
		return err
	}
	c.tell(func(p *Pairing) { p.Other, p.Invite = got.Other, got.Invite })
	// What is stored is good, also when the other side does not hear of it.
	_ = c.scan.Finish(ctx)
	return nil
}

// AcceptPairing says that the person here saw the same digits on both screens.
// Errors: ErrNoPairing, or how the pairing ended.
func (w *Wallet) AcceptPairing(ctx context.Context) error {
	c := w.ceremony()
	if c == nil {
		return ErrNoPairing
	}
	if err := c.accept(ctx); err != nil {
		return err
	}
	c.tell(func(p *Pairing) { p.Mine = true })
	return nil
}

func (c *ceremony) accept(ctx context.Context) error {
	if c.scan != nil {
		return c.scan.Accept(ctx)
	}
	if err := c.show.Accept(); err != nil {
		return err
	}
	c.agreed.Do(func() { close(c.yes) })
	return nil
}

// DeclinePairing says that the digits differ, or that the person has thought
// better of it. The other side is told.
func (w *Wallet) DeclinePairing(ctx context.Context) error {
	c := w.ceremony()
	if c == nil {
		return ErrNoPairing
	}
	if c.scan != nil {
		c.scan.Decline(ctx)
	} else {
		c.show.Decline(ctx)
	}
	c.end(ErrPairDeclined)
	return nil
}

// DropPairing takes the pairing off the screen, and ends it if it is going on.
func (w *Wallet) DropPairing() {
	w.mu.Lock()
	c := w.pairing
	w.pairing = nil
	w.mu.Unlock()
	if c != nil {
		c.cancel()
		w.publish(func(s *Snapshot) { s.Pairing = nil })
	}
}

func (w *Wallet) ceremony() *ceremony {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pairing
}
