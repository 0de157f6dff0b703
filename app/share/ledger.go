package share

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"time"

	"potli/app/record"
	"potli/crypto/jose"
	"potli/crypto/receipt"
)

// Limits that the relay enforces too; a test of relayclient compares them with its constants.
const (
	MaxLife     = 30 * 24 * time.Hour
	MinLife     = time.Minute
	MaxUses     = 1000
	MaxAttempts = 5        // wrong passcodes in the life of a link
	MaxJWE      = 25 << 20 // characters of the encrypted bundle
	MaxReceipts = 64       // receipts of one link that are kept
	maxReader   = 120      // characters of a recipient
)

// ReceiptInfo begins the HPKE info of a receipt; SHA-256 of the link's id follows.
const ReceiptInfo = "potli-receipt/1\x00"

const bundleType = "application/fhir+json"

// ErrOptions: the options contradict each other or a limit.
var ErrOptions = errors.New("such a link cannot be made")

// The presets.
const (
	PresetCounter = "counter" // shown at the counter: one request, minutes
	PresetLink    = "link"    // sent: manifest, passcode possible, days
	PresetScreen  = "screen"  // shown as codes that hold it all, without a link: see Shown
)

// Share is one entry of the ledger, kept sealed in the vault.
type Share struct {
	ID       string           `json:"id"` // of the ledger entry; random, unrelated to the link's
	Profile  record.ProfileID `json:"profile"`
	Created  time.Time        `json:"created"`
	Preset   string           `json:"preset"`
	Shape    Shape            `json:"shape"`
	Label    string           `json:"label"` // travels in the QR: no name, no illness
	For      string           `json:"for"`   // to whom it was meant, the person's own note; never leaves
	Flag     string           `json:"flag"`
	URL      string           `json:"url"`
	Key      []byte           `json:"key"`
	Ref      Ref              `json:"ref"`
	Passcode string           `json:"passcode,omitempty"`
	Receipt  []byte           `json:"receipt"` // secret of the one-time receipt key
	Uses     int              `json:"uses"`
	Items    []Item           `json:"items"`
	Left     []Item           `json:"left,omitempty"`   // suggested, and taken out by the person: stays out of a link that follows
	Follow   bool             `json:"follow,omitempty"` // flag L: new records are added
	Status   Status           `json:"status"`           // times by the relay's clock
	Checked  time.Time        `json:"checked"`          // when Status was last heard, by this device's clock
	Skew     time.Duration    `json:"skew,omitempty"`   // the relay's clock less this device's, when Status was heard
	Ended    bool             `json:"ended,omitempty"`  // the relay said so: nobody can open it any more
	Revoked  time.Time        `json:"revoked,omitzero"`
	Pending  string           `json:"pending,omitempty"` // PendingRevoke: asked for, and the relay has not said that it is done
	Wants    *Wants           `json:"wants,omitempty"`   // a change that the relay has not heard of
	Asked    time.Time        `json:"asked,omitzero"`    // when what waits for the relay was asked for, by this device's clock
	Opens    []Open           `json:"opens,omitempty"`
	Unread   []int            `json:"unread,omitempty"`  // numbers of receipts that did not open
	Dropped  int              `json:"dropped,omitempty"` // openings of which there is no receipt to show, those included
}

// PendingRevoke in Share.Pending: the revocation has not reached the relay.
const PendingRevoke = "revoke"

// Join is what another device of the person says of the share, with what is known here and cannot be undone: that it was
// to be revoked, was revoked, or has ended. A revocation that the relay has not heard of yet must not be forgotten because
// another device has counted an opening meanwhile.
func (s *Share) Join(theirs Share) Share {
	theirs.Ref.Seq = max(theirs.Ref.Seq, s.Ref.Seq)
	theirs.Ended = theirs.Ended || s.Ended
	if theirs.Revoked.IsZero() {
		theirs.Revoked = s.Revoked
	}
	switch {
	case theirs.Ended && theirs.Pending == PendingRevoke:
		theirs.Pending = ""
	case !theirs.Ended && s.Pending == PendingRevoke:
		theirs.Pending = PendingRevoke
	}
	return theirs
}

// Open is one access receipt, opened. Recipient is the reader's own claim.
type Open struct {
	N         int       `json:"n"`
	Recipient string    `json:"recipient"`
	Time      time.Time `json:"time"`    // to 5 minutes, by the relay's clock
	Outcome   string    `json:"outcome"` // "opened", "passcode"
}

// State of a share at a moment.
type State string

const (
	StateLive    State = "live"
	StatePaused  State = "paused"
	StateExpired State = "expired"
	StateRevoked State = "revoked"
	StateUsedUp  State = "used-up"
	StateLocked  State = "locked" // all passcode attempts spent
	StatePending State = "pending-revoke"
	StateShown   State = "shown" // PresetScreen: over as it began
)

// State says what a reader would meet now, as far as is known at a moment of this device's clock.
func (s *Share) State(now time.Time) State {
	switch {
	case s.Preset == PresetScreen:
		return StateShown
	case s.Pending == PendingRevoke && !s.Ended:
		return StatePending // a revocation that has not reached the relay must not look done
	case !s.Revoked.IsZero():
		return StateRevoked
	case s.Remaining(now) == 0:
		return StateExpired
	case s.Passcode != "" && s.Status.AttemptsLeft == 0:
		return StateLocked
	case s.Status.UsesLeft <= 0:
		return StateUsedUp
	case s.paused():
		return StatePaused
	}
	return StateLive
}

// Link rebuilds the link from the ledger.
func (s *Share) Link() Link {
	return Link{URL: s.URL, Key: s.Key, Expires: s.Status.Expires, Flag: s.Flag, Label: s.Label, Version: 1}
}

// Options of a new share.
type Options struct {
	Preset   string // PresetCounter: flag U; PresetLink: manifest
	Shape    Shape
	Label    string
	For      string
	Life     time.Duration
	Uses     int
	Passcode bool
	Follow   bool
}

// Counter is the preset of a code on the screen: KTC asks for flag U alone, an expiry of 5 to 15 minutes, no passcode.
// Uses stay above one because deployed viewers fetch more than once and a clerk may try again.
func Counter() Options {
	return Options{Preset: PresetCounter, Shape: ShapeKTC, Life: 10 * time.Minute, Uses: 20}
}

// SendLink is the preset of a link that is sent to somebody.
func SendLink() Options {
	return Options{Preset: PresetLink, Shape: ShapeIPS, Life: 24 * time.Hour, Uses: 10}
}

// flag returns the flags that the options ask for, in alphabetical order.
func (o Options) flag() (string, error) {
	switch {
	case o.Preset == PresetCounter && !o.Passcode && !o.Follow:
		return "U", nil
	case o.Preset == PresetLink:
		flag := ""
		if o.Follow {
			flag += "L"
		}
		if o.Passcode {
			flag += "P"
		}
		return flag, nil
	}
	// U with a passcode cannot be served, and KTC wants U alone.
	return "", fmt.Errorf("%w: a code at the counter has neither passcode nor updates", ErrOptions)
}

func (o Options) check() error {
	switch {
	case o.Life < MinLife || o.Life > MaxLife:
		return fmt.Errorf("%w: life", ErrOptions)
	case o.Uses < 1 || o.Uses > MaxUses:
		return fmt.Errorf("%w: uses", ErrOptions)
	case o.Shape != ShapeKTC && o.Shape != ShapeIPS:
		return fmt.Errorf("%w: shape", ErrOptions)
	}
	return nil
}

// New makes a ledger entry with fresh key, id, token, receipt key and (if asked) passcode, and the upload for it.
// bundle is what Compose returned. Nothing is sent: keep the entry before the upload, so that no link is ever served that
// the person cannot revoke. Errors: ErrOptions, ErrTooBig, ErrBadLink (label).
func New(o Options, profile record.ProfileID, items []Item, bundle []byte, relay Relay, now time.Time, rand io.Reader) (*Share, Upload, error) {
	flag, err := o.flag()
	if err != nil {
		return nil, Upload{}, err
	}
	if err := o.check(); err != nil {
		return nil, Upload{}, err
	}
	now = now.UTC().Truncate(time.Second)
	s := &Share{Profile: profile, Created: now, Preset: o.Preset, Shape: o.Shape, Label: o.Label, For: o.For, Flag: flag,
		Uses: o.Uses, Items: slices.Clone(items), Follow: o.Follow, Checked: now}
	s.Status = Status{Expires: now.Add(o.Life), UsesLeft: o.Uses, AttemptsLeft: -1}
	if err := s.draw(o.Passcode, rand); err != nil {
		return nil, Upload{}, fmt.Errorf("making a link: %w", err)
	}
	s.URL = relay.URL(s.Ref.ID)
	if err := s.Link().Check(); err != nil {
		return nil, Upload{}, fmt.Errorf("making a link: %w", err)
	}
	secret, public, err := receipt.Generate()
	if err != nil {
		return nil, Upload{}, fmt.Errorf("making a receipt key: %w", err)
	}
	s.Receipt = secret
	if err := s.conforms(); err != nil {
		return nil, Upload{}, err
	}
	jwe, err := s.Reseal(bundle, rand)
	if err != nil {
		return nil, Upload{}, err
	}
	return s, Upload{Flag: flag, Life: o.Life, Uses: o.Uses, Passcode: s.Passcode, ReceiptKey: public,
		JWE: jwe, Type: bundleType}, nil
}

// draw takes everything random that a link is made of. None is derived from another, so that knowing one gives none away.
func (s *Share) draw(passcode bool, rand io.Reader) error {
	var id, ref, token [32]byte
	s.Key = make([]byte, KeySize)
	for _, b := range [][]byte{id[:], ref[:], token[:], s.Key} {
		if _, err := io.ReadFull(rand, b); err != nil {
			return err
		}
	}
	e := base64.RawURLEncoding
	s.ID, s.Ref = e.EncodeToString(id[:]), Ref{ID: e.EncodeToString(ref[:]), Token: e.EncodeToString(token[:])}
	if !passcode {
		return nil
	}
	s.Status.AttemptsLeft = MaxAttempts
	var err error
	s.Passcode, err = newPasscode(rand)
	return err
}

// passcodeAlphabet has no look-alikes (0 O, 1 I l, 2 Z, 5 S, 6 b, 8 B, u v) and no upper case, which phones add and
// people do not say. Eight of twenty letters are 34 bits: nothing to guess in five tries, and 2^34 scrypt runs for one who
// stole the relay's disk and still lacks the key.
const (
	passcodeAlphabet = "3479acdefhjkmnprtwxy"
	passcodeLength   = 8
)

func newPasscode(rand io.Reader) (string, error) {
	// A byte modulo 20 would prefer the first sixteen letters: bytes from 240 up are thrown away.
	const limit = 256 - 256%len(passcodeAlphabet)
	code := make([]byte, 0, passcodeLength)
	var b [1]byte
	for len(code) < passcodeLength {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return "", err
		}
		if int(b[0]) < limit {
			code = append(code, passcodeAlphabet[int(b[0])%len(passcodeAlphabet)])
		}
	}
	return string(code), nil
}

// Reseal encrypts a bundle under the share's key, with a fresh IV (flag L: all updates of a link share its key).
// Errors: ErrTooBig.
func (s *Share) Reseal(bundle []byte, rand io.Reader) (string, error) {
	if !fits(len(bundle)) {
		return "", ErrTooBig
	}
	jwe, err := jose.Encrypt(s.Key, bundleType, pad(bundle), rand)
	if err != nil {
		return "", fmt.Errorf("encrypting a share: %w", err)
	}
	return jwe, nil
}

// pad appends spaces, which JSON allows after the value, up to a Padmé size: what the relay sees of the length is then
// O(log log n) bits (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019).
func pad(b []byte) []byte {
	padded := make([]byte, padme(len(b)))
	for i := copy(padded, b); i < len(padded); i++ {
		padded[i] = ' '
	}
	return padded
}

func padme(n int) int {
	if n < 2 {
		return n
	}
	e := bits.Len(uint(n)) - 1
	low := e - bits.Len(uint(e))
	mask := 1<<low - 1
	return (n + mask) &^ mask
}

// fits says whether a bundle of n bytes is within MaxJWE once it is padded and encoded.
func fits(n int) bool {
	const header = 128 // five segments without the ciphertext: 62 + 0 + 16 + 22 characters and four dots
	return base64.RawURLEncoding.EncodedLen(padme(n))+header <= MaxJWE
}

// OpenReceipts opens what the relay sealed and adds what is new, and returns how many those are. One that does not open is
// counted, once, and not hidden. dropped is how many openings the relay says it kept no receipt of.
func (s *Share) OpenReceipts(list []SealedReceipt, dropped int) (added int) {
	id := sha256.Sum256([]byte(s.Ref.ID))
	info := append([]byte(ReceiptInfo), id[:]...)
	for _, r := range list {
		if r.N < 1 || r.N > MaxReceipts || s.seen(r.N) {
			continue
		}
		o, err := openReceipt(s.Receipt, info, r)
		if err != nil {
			s.Unread = append(s.Unread, r.N)
			continue
		}
		s.Opens = append(s.Opens, o)
		added++
	}
	slices.SortFunc(s.Opens, func(a, b Open) int { return a.N - b.N })
	s.Dropped = dropped + len(s.Unread)
	return added
}

func (s *Share) seen(n int) bool {
	return slices.Contains(s.Unread, n) || slices.ContainsFunc(s.Opens, func(o Open) bool { return o.N == n })
}

// LastReceipt is the number after which the relay is asked for receipts: all up to it were seen. Of two readers at once,
// the later one's receipt can be there first.
func (s *Share) LastReceipt() int {
	n := 0
	for s.seen(n + 1) {
		n++
	}
	return n
}

func openReceipt(secret, info []byte, r SealedReceipt) (Open, error) {
	b, err := receipt.Open(secret, info, r.Sealed)
	if err != nil {
		return Open{}, err
	}
	var p struct {
		N         int    `json:"n"`
		Recipient string `json:"recipient"`
		Time      int64  `json:"time"`
		Outcome   string `json:"outcome"`
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return Open{}, err
	}
	// The number stands inside too, so that a relay cannot show one opening twice.
	if p.N != r.N {
		return Open{}, errors.New("receipt with another number")
	}
	name, _ := plain(p.Recipient, maxReader)
	return Open{N: p.N, Recipient: name, Time: time.Unix(p.Time, 0).UTC(), Outcome: p.Outcome}, nil
}
