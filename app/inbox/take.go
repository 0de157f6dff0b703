package inbox

import (
	"errors"
	"maps"
	"slices"
	"time"

	"potli/app/message"
)

// Letter is one entry of the mailbox as the relay keeps it.
type Letter struct {
	Number int64
	Time   time.Time // when it arrived, by the relay's clock
	Size   int64
	Sealed string // "" when it is large and has to be fetched
}

// Reason is why a letter did not become an item. A page has a sentence for each.
type Reason string

const (
	Unreadable Reason = "unreadable" // does not open with the code's key
	Malformed  Reason = "malformed"  // opens, and is no message
	Forged     Reason = "forged"     // signed, and the signature does not hold
	Astray     Reason = "astray"     // written for another mailbox
	Replayed   Reason = "replayed"   // came before
	Unwanted   Reason = "unwanted"   // of a type that does not belong here
	TooLate    Reason = "too-late"   // came after the code had expired
	Ended      Reason = "revoked"    // the person has revoked the code
	TooBig     Reason = "too-big"    // beyond the bytes of the code, or of any message
	TooMany    Reason = "too-many"   // beyond the documents of the code
)

// Refusal says why a letter is refused for good.
type Refusal struct{ Reason Reason }

func (r *Refusal) Error() string { return "refused: " + string(r.Reason) }

// Why a letter stays at the relay for now.
var (
	// ErrNoRoom: there are MaxWaiting undecided items, or they may use up what is
	// left of the code. It is taken when the person has decided.
	ErrNoRoom = errors.New("too much waits for a decision")
	// ErrLater: of a later version. It is taken when the wallet is brought up to date.
	ErrLater = errors.New("a message of a later version")
)

// Arrival is a letter that was taken.
type Arrival struct {
	Item *Item
	Body []byte // the message as it came, signature and all; message.Parse reads it
}

// Take decides about a letter and changes nothing. Errors: *Refusal, ErrNoRoom,
// ErrLater.
func (b *Inbox) Take(d *Drop, l Letter, now time.Time) (*Arrival, error) {
	if err := b.admits(d, l, now); err != nil {
		return nil, err
	}
	a, err := Read(d, l, now)
	if err != nil {
		return nil, err
	}
	if err := b.takes(d, a, now); err != nil {
		return nil, err
	}
	return a, nil
}

// Read opens a letter and looks at what is in it, without regard to what else came. Of
// a large one that takes seconds, and may be done elsewhere (Inbox.Read): of d it needs
// ID, Profile, and Key or Identity. Errors: *Refusal, ErrLater.
func Read(d *Drop, l Letter, now time.Time) (*Arrival, error) {
	plain, err := d.open(l.Sealed)
	if err != nil {
		return nil, refusal(err)
	}
	m, err := message.Parse(plain)
	if err != nil {
		return nil, refusal(err)
	}
	if m.To != message.Address(d.ID) {
		return nil, &Refusal{Astray}
	}
	return &Arrival{Item: itemOf(d, l, m, now), Body: slices.Clone(message.Trim(plain))}, nil
}

// takes says whether what was read is taken.
func (b *Inbox) takes(d *Drop, a *Arrival, now time.Time) error {
	switch {
	case slices.Contains(d.Taken, a.Item.ID):
		return &Refusal{Replayed}
	case !slices.Contains(d.Kinds, a.Item.Type):
		return &Refusal{Unwanted}
	}
	return b.fits(d, a.Item, now)
}

// admits is what can be said of a letter before it is opened, or even fetched.
func (b *Inbox) admits(d *Drop, l Letter, now time.Time) error {
	waiting, _ := b.used(d, now)
	switch {
	case !d.Revoked.IsZero():
		return &Refusal{Ended}
	case l.Time.After(d.Expires):
		return &Refusal{TooLate}
	case l.Size > maxSealed(d.Bytes):
		return &Refusal{TooBig}
	case waiting.items >= MaxWaiting:
		return ErrNoRoom
	}
	return nil
}

// maxSealed is more than a message with documents of n bytes can have once it is
// encoded three times, padded and sealed; a note, a request and a receipt beside.
func maxSealed(n int64) int64 { return min(n, message.MaxBytes)*5/2 + 16*message.MaxText }

// fits says whether there is room for an item in what the code allows.
func (b *Inbox) fits(d *Drop, it *Item, now time.Time) error {
	waiting, accepted := b.used(d, now)
	documents, bytes := accepted.documents+it.weight(), accepted.bytes+it.Size()
	switch {
	case documents > d.Most:
		return &Refusal{TooMany}
	case bytes > d.Bytes:
		return &Refusal{TooBig}
	case documents+waiting.documents > d.Most, bytes+waiting.bytes > d.Bytes:
		return ErrNoRoom // what waits may be declined
	}
	return nil
}

// refusal names what package message says of a letter.
func refusal(err error) error {
	switch {
	case errors.Is(err, message.ErrSealed):
		return &Refusal{Unreadable}
	case errors.Is(err, message.ErrForged):
		return &Refusal{Forged}
	case errors.Is(err, message.ErrTooBig):
		return &Refusal{TooBig}
	case errors.Is(err, message.ErrVersion):
		return ErrLater
	}
	return &Refusal{Malformed}
}

// after is the code once a letter was decided about.
func (d *Drop) after(l Letter, a *Arrival, why *Refusal, now time.Time) *Drop {
	next := *d
	next.Done = append(slices.Clone(d.Done), l.Number)
	if a != nil {
		next.Taken = append(slices.Clone(d.Taken), a.Item.ID)
		return &next
	}
	next.Refused = maps.Clone(d.Refused)
	if next.Refused == nil {
		next.Refused = map[Reason]int{}
	}
	next.Refused[why.Reason]++
	next.Since = now
	return &next
}
