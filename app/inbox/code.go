package inbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"potli/app/share"
)

// Limits of a code.
const (
	MaxCode   = 600 // characters of one that we write: more makes the squares too small
	MaxName   = 40  // characters of the person's name in it
	maxRead   = 2048
	maxRelay  = 128
	keySize   = 32
	year10000 = 253_402_300_800
)

// place is what a code stands behind in a link of any viewer.
const place = "/drop#"

// Code is what a sender reads from a drop code:
//
//	https://<viewer>/drop#<base64url of {"v":1,"relay":…,"id":…,"key":…|"to":…,"name":…,"exp":…,"n":…,"max":…}>
//
// All of it stands behind the "#", so that no server sees it.
type Code struct {
	Relay   string
	ID      string
	Key     []byte // 32 bytes; or nil, and To
	To      string // SHA-256 of the text of a hybrid age recipient, which the relay tells
	Name    string // as the person wants to be called; a claim like any other
	Expires time.Time
	Most    int
	Bytes   int64
}

// Why a text is no code that can be used. A page has a sentence for each.
var (
	ErrNoCode  = errors.New("no drop code in it")
	ErrBadCode = errors.New("a drop code, but a damaged one")
	ErrNewer   = errors.New("a drop code of a later version")
	ErrExpired = errors.New("the drop code has expired")
)

// Code returns what senders are given.
func (d *Drop) Code() Code {
	c := Code{Relay: d.Relay, ID: d.ID, Name: d.Name, Expires: d.Expires, Most: d.Most, Bytes: d.Bytes}
	if note := d.Note(); note != "" {
		c.To = Fingerprint(note)
	} else {
		c.Key, _ = b64.DecodeString(d.Key)
	}
	return c
}

// Link returns the code as a link, at most MaxCode characters: a name that has no
// room is cut. viewer is the origin of the page that opens it. Errors: ErrUnopened,
// ErrTerms (a viewer or a relay whose address is too long).
func (d *Drop) Link(viewer string) (string, error) {
	if d.Begun == 0 {
		return "", ErrUnopened
	}
	c := d.Code()
	for {
		s := strings.TrimRight(viewer, "/") + place + c.payload()
		if len(s) <= MaxCode {
			return s, nil
		}
		name := []rune(c.Name)
		if len(name) == 0 {
			return "", ErrTerms
		}
		c.Name = strings.TrimSpace(string(name[:len(name)-1]))
	}
}

// Fingerprint is the "to" of a recipient.
func Fingerprint(recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	return b64.EncodeToString(sum[:])
}

func (c Code) payload() string {
	var p bytes.Buffer
	e := json.NewEncoder(&p)
	e.SetEscapeHTML(false) // a name keeps its length
	e.Encode(struct {
		V     int    `json:"v"`
		Relay string `json:"relay"`
		ID    string `json:"id"`
		Key   string `json:"key,omitempty"`
		To    string `json:"to,omitempty"`
		Name  string `json:"name"`
		Exp   int64  `json:"exp"`
		N     int    `json:"n"`
		Max   int64  `json:"max"`
	}{1, c.Relay, c.ID, b64.EncodeToString(c.Key), c.To, c.Name, c.Expires.Unix(), c.Most, c.Bytes})
	return b64.EncodeToString(bytes.TrimRight(p.Bytes(), "\n"))
}

// ParseCode finds a drop code in a text. Errors: ErrNoCode, ErrBadCode, ErrNewer.
// Whether it has expired is for Check.
func ParseCode(s string) (Code, error) {
	i := strings.Index(s, place)
	if i < 0 || strings.LastIndex(s[:i], "://") < 0 {
		return Code{}, ErrNoCode
	}
	s = s[i+len(place):]
	if n := strings.IndexFunc(s, outside); n >= 0 {
		s = s[:n]
	}
	if len(s) > maxRead {
		return Code{}, bad("too long")
	}
	raw, err := b64.DecodeString(s)
	var m map[string]json.RawMessage // a struct would take "EXP" for "exp"
	if err != nil || json.Unmarshal(raw, &m) != nil {
		return Code{}, bad("not whole")
	}
	if v, ok := number(m["v"]); !ok || v < 1 {
		return Code{}, bad("v")
	} else if v > 1 {
		return Code{}, ErrNewer
	}
	return parseCode(m)
}

// outside is a character that base64url has not.
func outside(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func bad(what string) error { return fmt.Errorf("%w: %s", ErrBadCode, what) }

func parseCode(m map[string]json.RawMessage) (c Code, err error) {
	var key, name string
	for member, to := range map[string]*string{"relay": &c.Relay, "id": &c.ID, "key": &key, "to": &c.To, "name": &name} {
		if raw, ok := m[member]; ok && (len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, to) != nil) {
			return Code{}, bad(member)
		}
	}
	if c.Name = line(name, MaxName); !isRelay(c.Relay) {
		return Code{}, bad("relay")
	}
	if _, ok := bytes32(c.ID); !ok {
		return Code{}, bad("id")
	}
	var sealed bool
	c.Key, sealed = bytes32(key)
	_, to := bytes32(c.To)
	if sealed == to || key != "" && !sealed || c.To != "" && !to {
		return Code{}, bad("key")
	}
	exp, ok1 := number(m["exp"])
	n, ok2 := number(m["n"])
	most, ok3 := number(m["max"])
	if !ok1 || !ok2 || !ok3 || exp < 1 || exp >= year10000 || n < 1 || n > MaxMost || most < 1 || most > MaxBytes {
		return Code{}, bad("limits")
	}
	c.Expires, c.Most, c.Bytes = time.Unix(exp, 0).UTC(), int(n), most
	return c, nil
}

// Check reports ErrExpired at a moment of the sender's clock. A clock that is
// wrong by hours is common: the relay has the last word, and this is for a
// sentence before megabytes are sent.
func (c Code) Check(now time.Time) error {
	if !now.Before(c.Expires) {
		return ErrExpired
	}
	return nil
}

func number(raw json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}

// bytes32 is 32 bytes in base64url, or nil.
func bytes32(s string) ([]byte, bool) {
	b, err := b64.DecodeString(s)
	if err != nil || len(b) != keySize || len(s) != b64.EncodedLen(keySize) {
		return nil, false
	}
	return b, true
}

// isRelay reports whether s is an origin that messages may be sent to.
func isRelay(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxRelay && share.CheckURL(s) == nil && u.Scheme+"://"+u.Host == s
}
