// Package share makes SMART Health Links, remembers them, and opens those of others. It knows the relay only as an
// interface and sees no network of its own.
package share

import (
	"context"
	"errors"
	"io"
	"time"

	"potli/app/fhir"
	"potli/app/record"
)

// Link is the payload of a SMART Health Link (SHL 1.0.0, "Construct a SMART Health Link Payload").
type Link struct {
	URL     string
	Key     []byte    // 32 bytes
	Expires time.Time // zero: not given
	Flag    string    // "", "L", "P", "U", "LP", "LU"; unknown characters dropped on reading
	Label   string
	Version int
	Odd     []string // codes of what was tolerated on reading ("exp-unusable", "exp-ms", "padding")
}

// Parse finds a shlink:/ anywhere in s. Errors: ErrNoLink, ErrBadLink, ErrVersion (with the Link's label).
func Parse(s string) (Link, error) { panic("stub") }

// String returns the bare shlink:/… form.
func (l Link) String() string { panic("stub") }

// Prefixed returns viewer + "#" + the bare form.
func (l Link) Prefixed(viewer string) string { panic("stub") }

// Hash is SHA-256 of the bare form, hex: how a received link is remembered.
func (l Link) Hash() string { panic("stub") }

var (
	ErrNoLink  = errors.New("no shlink:/ in it")
	ErrBadLink = errors.New("a link, but a broken one")
	ErrVersion = errors.New("a link of a newer version")
)

// --- what is shared ---

// Source is an opened record.
type Source struct {
	Meta record.Meta `json:"meta"`
	Body []byte      `json:"body"`
}

// Item is one thing that can go into a share.
type Item struct {
	Record    record.ID    `json:"record"`
	Entry     int          `json:"entry"` // -1: the whole record (a PDF, a photo)
	Kind      fhir.Kind    `json:"kind"`
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Detail    []fhir.Value `json:"detail,omitempty"`
	Date      string       `json:"date,omitempty"`
	Inactive  bool         `json:"inactive,omitempty"`
	Negated   bool         `json:"negated,omitempty"`
	Sensitive []string     `json:"sensitive,omitempty"` // "hiv", "mental", "reproductive", "substance"
	Suggested bool         `json:"suggested"`           // part of the default summary
	Bytes     int          `json:"bytes"`               // about how much it adds
}

// Choose lists what the sources hold for a share, duplicates merged, in the order of fhir's kinds.
func Choose(sources []Source, now time.Time) []Item { panic("stub") }

// Shape is how the chosen items are put together.
type Shape string

const (
	ShapeKTC Shape = "ktc" // collection Bundle, "Patient-Shared Health Documents via SMART Health Links"
	ShapeIPS Shape = "ips" // document Bundle, International Patient Summary 2.0.1, with narratives
)

// Person is whom the share is about.
type Person struct {
	Name      string `json:"name"`
	BirthDate string `json:"birthDate,omitempty"`
	Gender    string `json:"gender,omitempty"`
}

// Words says a message in the language the share is written in.
type Words func(fhir.Message) string

// ErrTooBig: the composed bundle cannot fit a link.
var ErrTooBig = errors.New("too much for one link")

// Compose builds the Bundle. Sources hold every record that chosen names.
func Compose(shape Shape, who Person, sources []Source, chosen []Item, words Words, now time.Time, rand io.Reader) ([]byte, error) {
	panic("stub")
}

// --- what the relay is asked ---

// Ref names a link towards the relay: capability and owner's token, both 32 random bytes in base64url.
type Ref struct {
	ID    string `json:"id"`
	Token string `json:"token"`
	Seq   int64  `json:"seq"` // last sequence sent
}

// Upload is everything the relay needs to serve a link.
type Upload struct {
	Flag       string
	Expires    time.Time
	Uses       int
	Passcode   string // "" or the generated passcode; only its verifier leaves
	ReceiptKey []byte
	JWE        string
	Type       string
}

// Status is what the relay says of a link.
type Status struct {
	Expires      time.Time `json:"expires"`
	Paused       bool      `json:"paused"`
	UsesLeft     int       `json:"usesLeft"`
	AttemptsLeft int       `json:"attemptsLeft"`
	Receipts     int       `json:"receipts"`
}

// SealedReceipt is one access receipt as the relay keeps it.
type SealedReceipt struct {
	N      int
	Sealed []byte
}

// Relay serves links. Every call may be repeated: the same call twice does no harm. Errors wrap ErrOffline (no answer: try
// again later), ErrGone (the relay knows no such link any more), ErrBusy (try again after a while), ErrTooBig, ErrRefused.
type Relay interface {
	// URL is where the link of id is served: the url of its payload.
	URL(id string) string
	Create(ctx context.Context, r Ref, u Upload) error
	Replace(ctx context.Context, r Ref, typ, jwe string) (Status, error)
	Change(ctx context.Context, r Ref, c Change) (Status, error)
	Status(ctx context.Context, r Ref) (Status, error)
	Receipts(ctx context.Context, r Ref, after int) (list []SealedReceipt, dropped int, err error)
	Revoke(ctx context.Context, r Ref) error
}

// Change of a link; nil stays.
type Change struct {
	Paused  *bool
	Expires *time.Time
	AddUses *int
}

var (
	ErrOffline = errors.New("the relay cannot be reached")
	ErrGone    = errors.New("no longer available")
	ErrBusy    = errors.New("the relay is busy")
	ErrRefused = errors.New("the relay refused")
)

// --- what the person remembers ---

// Share is one entry of the ledger, kept sealed in the vault.
type Share struct {
	ID       string           `json:"id"` // of the ledger entry; random, unrelated to the link's
	Profile  record.ProfileID `json:"profile"`
	Created  time.Time        `json:"created"`
	Preset   string           `json:"preset"` // "counter" or "link"
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
	Follow   bool             `json:"follow,omitempty"` // flag L: new records are added
	Status   Status           `json:"status"`
	Checked  time.Time        `json:"checked"` // when Status was last heard from the relay
	Revoked  time.Time        `json:"revoked,omitzero"`
	Pending  string           `json:"pending,omitempty"` // "revoke" … asked for while offline, not yet done
	Opens    []Open           `json:"opens,omitempty"`
	Dropped  int              `json:"dropped,omitempty"`
}

// Open is one access receipt, opened. Recipient is the reader's own claim.
type Open struct {
	N         int       `json:"n"`
	Recipient string    `json:"recipient"`
	Time      time.Time `json:"time"`    // to 5 minutes
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
)

// State says what a reader would meet now, as far as is known.
func (s *Share) State(now time.Time) State { panic("stub") }

// Link rebuilds the link from the ledger.
func (s *Share) Link() Link { panic("stub") }

// Options of a new share.
type Options struct {
	Preset   string // "counter": flag U; "link": manifest
	Shape    Shape
	Label    string
	For      string
	Life     time.Duration
	Uses     int
	Passcode bool
	Follow   bool
}

// Counter and SendLink are the two presets.
func Counter() Options  { panic("stub") }
func SendLink() Options { panic("stub") }

// New makes a ledger entry with fresh key, id, token, receipt key and (if asked) passcode, and the upload for it.
// bundle is what Compose returned. Nothing is sent.
func New(o Options, profile record.ProfileID, items []Item, bundle []byte, relay Relay, now time.Time, rand io.Reader) (*Share, Upload, error) {
	panic("stub")
}

// Reseal encrypts a new bundle under the share's key, with a fresh IV (flag L).
func (s *Share) Reseal(bundle []byte, rand io.Reader) (string, error) { panic("stub") }

// OpenReceipts opens what the relay sealed and appends what is new; a receipt that does not open is counted, not hidden.
func (s *Share) OpenReceipts(list []SealedReceipt) (added, bad int) { panic("stub") }

// --- opening a stranger's link ---

// Request is what goes to the host of a link.
type Request struct {
	URL       string `json:"url"`
	Flag      string `json:"flag"`
	Recipient string `json:"recipient"`
	Passcode  string `json:"passcode,omitempty"`
}

// EncryptedFile is one JWE with the type its manifest gave (may be "").
type EncryptedFile struct {
	ContentType string `json:"contentType"`
	JWE         string `json:"jwe"`
}

// Fetched is what came back.
type Fetched struct {
	Files  []EncryptedFile `json:"files"`
	Status string          `json:"status,omitempty"` // manifest status
}

// Fetcher performs the requests of a conformant SHL receiver (SHL 1.0.0; specs smart-health.md §5) and decrypts nothing.
// Errors: ErrPasscode (as *PasscodeError), ErrGone, ErrOffline, ErrBusy, ErrRefused, ErrCancelled.
type Fetcher interface {
	Fetch(ctx context.Context, r Request) (Fetched, error)
}

// PasscodeError: the passcode is missing or wrong.
type PasscodeError struct{ Remaining int } // -1: the host did not say

func (e *PasscodeError) Error() string { return "passcode needed" }

// ErrCancelled: the person closed the frame.
var ErrCancelled = errors.New("cancelled")

// Received is one decrypted file of a link.
type Received struct {
	ContentType string
	Body        []byte
	Err         error // this file failed; the others are good
}

// Receive fetches and decrypts. Files of unknown type are returned with an Err.
func Receive(ctx context.Context, f Fetcher, l Link, recipient, passcode string) ([]Received, string, error) {
	panic("stub")
}
