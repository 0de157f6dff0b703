package sync

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"filippo.io/age"
)

// Besides histories, the devices of one user share what is the user's alone: the
// user file, the keys of people, and small documents. That is not a history but a
// state, which devices merge: a letter holds all of it, a later one makes an earlier
// one superfluous, and a lost one is made up for by the next. The mailbox is that of
// the user's own epoch, derived like a person's with no profile.
//
//	letter in the mailbox of the newest epoch   the user file; the rest, signed by the device
//	letter in that of an epoch that has ended   the user file alone: it opens for devices that are on
//	                                            its list, whoever else holds that epoch

// Own is what the devices of one user share, and where this device keeps it.
type Own interface {
	// Epochs are the user's own keys, the newest last.
	Epochs(ctx context.Context) ([]*age.HybridIdentity, error)
	// Verifier is the key of one of the user's devices that are in use, or nil.
	Verifier(device string) ed25519.PublicKey
	// Give returns what this device has.
	Give(ctx context.Context) (Parcel, error)
	// Take merges what another device has, durably. Rest is nil in what comes from an
	// epoch that has ended. What can not be merged is no error.
	Take(ctx context.Context, p Parcel) error
	// Notes returns what was last kept, nil when nothing was.
	Notes(ctx context.Context) ([]byte, error)
	Keep(ctx context.Context, notes []byte) error
}

// Parcel is what a device has. Two devices that have the same give the same sums.
type Parcel struct {
	User    []byte
	UserSum [sha256.Size]byte
	Rest    []byte
	Sum     [sha256.Size]byte // of everything that has to be the same
	// Late: it lay in the mailbox of an epoch that has ended here. Whoever was shut
	// out by that can still write there.
	Late bool
}

const (
	kindUser   = "user" // the user file
	kindRest   = "own"  // the rest, with the sender's id, signed
	ownContext = "potli-own/1\x00"
	ownVersion = "potli-own-notes/1"
	fresh      = 20 * 24 * time.Hour  // after which a letter is sent again, before it expires
	ownYear    = 365 * 24 * time.Hour // for which the mailbox of an epoch that has ended is looked after
	maxOwn     = 12 << 20
)

// ownNotes are what the engine keeps of it.
type ownNotes struct {
	Version string             `json:"version"`
	Device  string             `json:"device"`
	Boxes   map[string]*ownBox `json:"boxes"`
}

type ownBox struct {
	Created int64            `json:"created"`
	Read    int64            `json:"read"`
	Drained int64            `json:"drained,omitempty"`
	Ended   int64            `json:"ended,omitempty"`
	Out     []string         `json:"out,omitempty"`  // own letters that were not listed yet
	Mine    map[string]int64 `json:"mine,omitempty"` // own letters that were, by id
	Last    string           `json:"last,omitempty"` // the newest own letter
	Sum     []byte           `json:"sum,omitempty"`  // of the newest letter of all
	At      int64            `json:"at,omitempty"`   // when it was seen, or sent
	Bad     int              `json:"bad,omitempty"`
}

// OwnRound takes in what the user's other devices have, and tells them of what they
// have not. Errors are those of Round.
func (e *Engine) OwnRound(ctx context.Context, own Own) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	kept, err := own.Notes(ctx)
	if err != nil {
		return err
	}
	n := ownNotes{Version: ownVersion, Device: e.o.Device}
	if kept != nil {
		var old ownNotes
		if json.Unmarshal(kept, &old) == nil && old.Version == ownVersion && old.Device == e.o.Device {
			n = old
		}
	}
	if n.Boxes == nil {
		n.Boxes = map[string]*ownBox{}
	}
	o := &owner{e: e, own: own, n: n}
	if err := o.receive(ctx); err != nil {
		return err
	}
	return o.send(ctx)
}

// owner is one OwnRound.
type owner struct {
	e   *Engine
	own Own
	n   ownNotes

	dirty bool // notes differ from what is kept
}

func (o *owner) box(b Box) *ownBox {
	if o.n.Boxes[b.short()] == nil {
		o.n.Boxes[b.short()] = &ownBox{}
	}
	return o.n.Boxes[b.short()]
}

// keep keeps the notes, when there is something new in them.
func (o *owner) keep(ctx context.Context) error {
	if !o.dirty {
		return nil
	}
	b, err := json.Marshal(o.n)
	if err != nil {
		return err
	}
	o.dirty = false
	return o.own.Keep(ctx, b)
}

// receive reads the mailbox of the newest epoch and those on the way to it; and for
// as long as letters live those of epochs that have ended, where a device speaks that
// has made another epoch at once.
func (o *owner) receive(ctx context.Context) error {
	done := map[string]bool{}
	for {
		epochs, err := o.own.Epochs(ctx)
		if err != nil || len(epochs) == 0 {
			return err
		}
		from := len(epochs) - 1
		for i, id := range epochs {
			if o.box(BoxOf("", id)).Drained > 0 {
				from = i
			}
		}
		for from > 0 && o.e.within(o.box(BoxOf("", epochs[from-1])).Ended, letterLife) {
			from--
		}
		i := slices.IndexFunc(epochs[from:], func(id *age.HybridIdentity) bool { return !done[BoxOf("", id).ID] })
		if i < 0 {
			return nil
		}
		id := epochs[from+i]
		done[BoxOf("", id).ID] = true
		if err := o.drain(ctx, id, from+i == len(epochs)-1); err != nil && (from+i == len(epochs)-1 || !errors.Is(err, ErrClosed)) {
			return err
		}
	}
}

func (o *owner) drain(ctx context.Context, id *age.HybridIdentity, newest bool) error {
	b := BoxOf("", id)
	box, err := o.open(ctx, b)
	if err != nil {
		return err
	}
	for more := true; more; {
		var letters []Letter
		if letters, more, err = (named{o.e.o.Mail}).List(ctx, b, box.Read); err != nil {
			return o.gone(b, err)
		}
		if len(letters) == 0 {
			break
		}
		o.dirty = true
		for _, l := range letters {
			if l.Number <= box.Read {
				return fmt.Errorf("%w: numbers out of order", ErrOffline)
			}
			if err := o.letter(ctx, id, newest, l); err != nil {
				return err
			}
			box.Read = l.Number
		}
		if err := o.keep(ctx); err != nil {
			return err
		}
	}
	if box.Drained == 0 {
		box.Drained, o.dirty = o.e.o.Now().Unix(), true
	}
	return o.keep(ctx)
}

func (o *owner) open(ctx context.Context, b Box) (*ownBox, error) {
	now := o.e.o.Now().Unix()
	if at, ok := o.e.opened[b.ID]; ok && o.e.within(at, presence) {
		return o.box(b), nil
	}
	st, err := (named{o.e.o.Mail}).Open(ctx, b, boxLife)
	if err != nil {
		return nil, err
	}
	o.e.opened[b.ID] = now
	box := o.box(b)
	if box.Created != st.Created || st.Highest < box.Read {
		*box = ownBox{Created: st.Created, Ended: box.Ended}
		o.dirty = true
	}
	return box, nil
}

// gone is err, and has the mailbox opened again next time if it has ended.
func (o *owner) gone(b Box, err error) error {
	if errors.Is(err, ErrGone) {
		delete(o.e.opened, b.ID)
	}
	return err
}

// letter takes in one letter.
func (o *owner) letter(ctx context.Context, id *age.HybridIdentity, newest bool, l Letter) error {
	b := BoxOf("", id)
	box := o.box(b)
	if i := slices.Index(box.Out, l.ID); i >= 0 {
		box.Out = slices.Delete(box.Out, i, i+1)
		if box.Mine == nil {
			box.Mine = map[string]int64{}
		}
		box.Mine[l.ID] = l.Number
		return nil
	}
	text := l.Sealed
	if text == "" {
		var err error
		if text, err = (named{o.e.o.Mail}).Fetch(ctx, b, l); errors.Is(err, ErrGone) {
			return nil
		} else if err != nil {
			return err
		}
	}
	items, err := o.e.open(text, id)
	if err != nil {
		box.Bad++
		return nil
	}
	p := Parcel{Late: !newest}
	for _, it := range items {
		switch it.Kind {
		case kindUser:
			p.User = it.Body
		case kindRest:
			if rest, ok := o.verified(it); ok && newest {
				p.Rest = rest
			}
		}
	}
	if p.User == nil || len(p.Rest) > maxOwn {
		box.Bad++
		return nil
	}
	if newest { // in the others ours lies until it expires: whoever comes by reads it
		box.Sum, box.At = nil, 0
	}
	if p.Rest != nil { // what that device had, to be compared with what this one has then
		box.Sum, box.At = p.Rest[:sha256.Size:sha256.Size], o.e.o.Now().Unix()
		p.Rest = p.Rest[sha256.Size:]
	}
	return o.own.Take(ctx, p)
}

// verified returns the rest of a letter that one of the user's devices has signed:
// the sum of everything, and what it is.
func (o *owner) verified(it item) ([]byte, bool) {
	end := len(it.Body) - ed25519.SignatureSize
	key := o.own.Verifier(it.ID)
	if end < sha256.Size || len(key) != ed25519.PublicKeySize {
		return nil, false
	}
	return it.Body[:end], ed25519.Verify(key, ownMessage(it.ID, it.Body[:end]), it.Body[end:])
}

func ownMessage(device string, rest []byte) []byte {
	sum := sha256.Sum256(rest)
	return append([]byte(ownContext+device+"\x00"), sum[:]...)
}

// send tells the others, where they do not have it.
func (o *owner) send(ctx context.Context) error {
	epochs, err := o.own.Epochs(ctx)
	if err != nil || len(epochs) == 0 {
		return err
	}
	p, err := o.own.Give(ctx)
	if err != nil {
		return err
	}
	now := o.e.o.Now().Unix()
	for i, id := range epochs {
		box, newest := o.box(BoxOf("", id)), i == len(epochs)-1
		sum := p.Sum[:]
		if !newest {
			if box.Ended == 0 {
				box.Ended, box.Sum, o.dirty = now, nil, true
			}
			sum = p.UserSum[:]
			if now-box.Ended > int64(ownYear.Seconds()) || len(epochs)-i > 8 {
				continue
			}
		}
		if slices.Equal(box.Sum, sum) && o.e.within(box.At, fresh) {
			continue
		}
		if err := o.deposit(ctx, id, newest, p, sum); err != nil && (newest || !errors.Is(err, ErrClosed)) {
			return err
		}
	}
	return nil
}

// deposit puts a letter in, and lets the relay erase own ones that it makes
// superfluous.
func (o *owner) deposit(ctx context.Context, id *age.HybridIdentity, newest bool, p Parcel, sum []byte) error {
	b := BoxOf("", id)
	if _, err := o.open(ctx, b); err != nil {
		return err
	}
	items := []item{{Kind: kindUser, Body: p.User}}
	if newest {
		rest := slices.Concat(p.Sum[:], p.Rest)
		sig := ed25519.Sign(o.e.o.Signer, ownMessage(o.e.o.Device, rest))
		items = append(items, item{Kind: kindRest, ID: o.e.o.Device, Body: append(rest, sig...)})
	}
	text, err := o.e.seal(items, id.Recipient())
	if err != nil {
		return err
	}
	var name [16]byte
	if _, err := io.ReadFull(o.e.o.Rand, name[:]); err != nil {
		return fmt.Errorf("no randomness: %w", err)
	}
	mail, letter, box := named{o.e.o.Mail}, b64.EncodeToString(name[:]), o.box(b)
	// Whatever comes of it, it is known for an own one.
	if box.Out = append(box.Out, letter); len(box.Out) > maxUnknown {
		box.Out = box.Out[1:]
	}
	o.dirty = true
	if err := o.keep(ctx); err != nil {
		return err
	}
	if err := mail.Deposit(ctx, b, letter, text); err != nil && !errors.Is(err, ErrKnown) {
		return o.gone(b, err)
	}
	box.Last, box.Sum, box.At = letter, sum, o.e.o.Now().Unix()
	var old []int64
	for _, number := range box.Mine {
		old = append(old, number)
	}
	clear(box.Mine)
	o.dirty = true
	if err := o.keep(ctx); err != nil {
		return err
	}
	if len(old) > 0 {
		return mail.Ack(ctx, b, old)
	}
	return nil
}
