package keyring

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"time"

	"filippo.io/age"

	"potli/crypto/envelope"
)

// The user file is an age file with one hybrid stanza for each active device and
// one for the recovery key. Inside is text:
//
//	{"version":"potli-user/1","user":…,"seq":…,"epochs":[{"n":1,"identity":"AGE-SECRET-KEY-PQ-1…",…}],…}\n
//	{"user":"<64 bytes, base64>","device":"<64 bytes, base64>"}\n
//	<line feeds up to the Padmé size of the whole, never under 4 KiB>
//
// Both signatures are Ed25519 over
//
//	"potli-user/1" 0x00 || SHA-256(first line without its line feed)
//
// by the newest U that stands and by the device that the document says made it.
// The keys are as age writes them, so the way out of Potli is
//
//	age -d -i kit.txt user.age | grep -o 'AGE-SECRET-KEY-PQ-1[A-Z0-9]*' > keys.txt
//	age -d -i keys.txt record.age
const (
	userVersion = "potli-user/1"
	userContext = userVersion + "\x00"
)

// Bounds on what is read. A user file of ten devices has about 50 KiB.
const (
	maxUserText = 2 << 20
	maxUserFile = maxUserText + 128<<10 // stanzas, and 16 bytes for each 64 KiB
)

type userDoc struct {
	Version  string         `json:"version"`
	User     string         `json:"user"`
	Seq      uint64         `json:"seq"`
	By       string         `json:"by"`
	At       time.Time      `json:"at"`
	Epochs   []userEpochDoc `json:"epochs"`
	Legacy   string         `json:"legacy,omitempty"`
	Devices  []deviceDoc    `json:"devices"`
	Recovery []recoveryDoc  `json:"recovery"`
	Previous []string       `json:"previous"`
}

type userEpochDoc struct {
	N         int       `json:"n"`
	Identity  string    `json:"identity"` // AGE-SECRET-KEY-PQ-1…
	Signer    string    `json:"signer"`   // Ed25519 seed, base64url
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	Displaced bool      `json:"displaced,omitempty"`
}

type deviceDoc struct {
	ID        string    `json:"id"`
	Name      string    `json:"name,omitempty"`
	Recipient string    `json:"recipient,omitempty"` // age1pq1…, while it is active
	Key       string    `json:"key"`                 // SHA-256 of the recipient, base64url
	Verifier  string    `json:"verifier"`            // Ed25519 public key, base64url
	Added     time.Time `json:"added"`
	By        string    `json:"by"`
	Sig       []byte    `json:"sig"` // by By; base64
	Ended     time.Time `json:"ended,omitzero"`
	EndedBy   string    `json:"endedBy,omitempty"`
	EndSig    []byte    `json:"endSig,omitempty"` // by EndedBy; base64
}

type recoveryDoc struct {
	Recipient string    `json:"recipient"` // age1pq1…; "": given up
	Key       string    `json:"key"`       // SHA-256 of the recipient, base64url
	Verifier  string    `json:"verifier"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	Sig       []byte    `json:"sig"`
}

type userSigs struct {
	User   []byte `json:"user"`
	Device []byte `json:"device"`
}

// sign writes a draft down and signs it. by is the device that made it.
func (u *User) sign(by *Keys) (*User, error) {
	body, err := json.Marshal(u.document())
	if err != nil {
		return nil, err
	}
	if len(body) > maxUserText-maxSigs {
		return nil, ErrLimit
	}
	m := signed(userContext, body)
	u.body = body
	u.sigs = userSigs{User: ed25519.Sign(u.newest().signer, m), Device: ed25519.Sign(by.Signer, m)}
	return u, nil
}

// signed is the message that a signature over a document covers.
func signed(context string, body []byte) []byte {
	return append([]byte(context), digestOf(body)...)
}

func (u *User) document() userDoc {
	d := userDoc{
		Version: userVersion, User: u.id, Seq: u.seq, By: u.by, At: u.at, Previous: u.previous,
		Epochs: make([]userEpochDoc, len(u.epochs)), Devices: make([]deviceDoc, len(u.devices)), Recovery: make([]recoveryDoc, len(u.recoveries)),
	}
	if d.Previous == nil {
		d.Previous = []string{}
	}
	for i, e := range u.epochs {
		d.Epochs[i] = userEpochDoc{e.n, e.id.String(), encode(e.signer.Seed()), e.by, e.at, e.displaced}
	}
	for i, v := range u.devices {
		d.Devices[i] = deviceDoc{v.ID, v.Name, "", v.key, encode(v.Verifier), v.Added, v.By, v.sig, v.Ended, v.EndedBy, v.endSig}
		if v.Active() {
			d.Devices[i].Recipient = v.Recipient.String()
		}
	}
	if u.legacy != nil {
		d.Legacy = u.legacy.String()
	}
	for i, r := range u.recoveries {
		d.Recovery[i] = recoveryDoc{"", r.key, encode(r.verifier), r.by, r.at, r.sig}
		if r.to != nil {
			d.Recovery[i].Recipient = r.to.String()
		}
	}
	return d
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Seal returns the user file: to every active device and to the recovery key.
// Any device may seal a document again; it stays the same document.
func (u *User) Seal() ([]byte, error) {
	to := u.Recipients()
	recipients := make([]age.Recipient, len(to))
	for i, r := range to {
		recipients[i] = r
	}
	plain, err := padded(u.body, u.sigs)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipients...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// OpenUser opens a user file with the identity of a device, of the recovery key
// or of anything else it was sealed to, and checks everything about it that can
// be checked. Pin is what was seen last, zero for nothing: a document that is
// older or does not descend from it is refused. A device that holds a document
// gives no pin and asks what it holds to Accept the one opened here.
//
// Errors: ErrNotForUs, ErrBadUser, ErrVersion, ErrForged, ErrOlder, ErrForked.
func OpenUser(file []byte, identity *age.HybridIdentity, pin Pin) (*User, error) {
	if len(file) > maxUserFile {
		return nil, ErrBadUser
	}
	r, err := age.Decrypt(bytes.NewReader(file), identity)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrNotForUs
	}
	if err != nil {
		return nil, ErrBadUser
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxUserText+1))
	if err != nil || len(plain) > maxUserText {
		return nil, ErrBadUser
	}
	u, err := parseUser(plain)
	if err != nil {
		return nil, err
	}
	if err := u.follows(pin); err != nil {
		return nil, err
	}
	return u, nil
}

// follows checks the document against what was seen last.
func (u *User) follows(pin Pin) error {
	switch {
	case pin == Pin{} || pin == u.Pin():
		return nil
	case u.seq < pin.Seq:
		return ErrOlder
	case u.seq == pin.Seq || !u.descends(pin.Hash):
		return ErrForked
	}
	return nil
}

func parseUser(plain []byte) (*User, error) {
	body, last, err := unpadded(plain)
	if err != nil {
		return nil, ErrBadUser
	}
	var d userDoc
	if err := parseVersioned(body, userVersion, &d); err != nil {
		return nil, orBad(err, ErrBadUser)
	}
	u, err := d.user()
	if err != nil {
		return nil, ErrBadUser
	}
	if strict(last, &u.sigs) != nil {
		return nil, ErrBadUser
	}
	u.body = body
	if err := u.verify(); err != nil {
		return nil, err
	}
	return u, nil
}

// verify checks the signatures and that the device that made the document could.
func (u *User) verify() error {
	d, ok := u.Device(u.by)
	// A device that takes itself off the list signs that as its last word.
	left := d.EndedBy == d.ID && d.Ended.Equal(u.at)
	m := signed(userContext, u.body)
	if !ok || !d.Active() && !left || !ed25519.Verify(d.Verifier, m, u.sigs.Device) ||
		!ed25519.Verify(u.newest().signer.Public().(ed25519.PublicKey), m, u.sigs.User) || !u.genuine() {
		return ErrForged
	}
	return nil
}

// Documents of lines: the body, its signatures, and line feeds for padding.

// maxSigs bounds the line of signatures and the line feeds.
const maxSigs = 16 << 10

var errLines = errors.New("not two lines and their padding")

func lines(body []byte, sigs any) ([]byte, error) {
	last, err := json.Marshal(sigs)
	if err != nil {
		return nil, err
	}
	return append(append(append(bytes.Clone(body), '\n'), last...), '\n'), nil
}

func padded(body []byte, sigs any) ([]byte, error) {
	plain, err := lines(body, sigs)
	if err != nil {
		return nil, err
	}
	return append(plain, bytes.Repeat([]byte{'\n'}, envelope.Size(len(plain))-len(plain))...), nil
}

// cutLines parts the two lines from what follows them.
func cutLines(plain []byte) (body, sigs, rest []byte, err error) {
	body, rest, ok := bytes.Cut(plain, []byte{'\n'})
	sigs, rest, also := bytes.Cut(rest, []byte{'\n'})
	if !ok || !also || len(sigs) > maxSigs {
		return nil, nil, nil, errLines
	}
	return body, sigs, rest, nil
}

func unpadded(plain []byte) (body, sigs []byte, err error) {
	body, sigs, rest, err := cutLines(plain)
	if err != nil || envelope.Size(len(plain)-len(rest)) != len(plain) || len(bytes.Trim(rest, "\n")) != 0 {
		return nil, nil, errLines
	}
	return body, sigs, nil
}

// strict decodes one JSON value without members that we do not know.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one value")
	}
	return nil
}

// parseVersioned is strict for a document of a version, and ErrVersion for one
// of another: its members are not ours to judge.
func parseVersioned(b []byte, version string, v any) error {
	var head struct{ Version string }
	if err := json.Unmarshal(b, &head); err != nil {
		return err
	}
	if head.Version != version {
		return ErrVersion
	}
	return strict(b, v)
}

func orBad(err, bad error) error {
	if errors.Is(err, ErrVersion) {
		return err
	}
	return bad
}
