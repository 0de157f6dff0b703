package share

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of a link.
const (
	KeySize    = 32
	MaxURL     = 128  // characters of the url of a link of ours; a stranger's may be longer
	MaxLabel   = 80   // UTF-16 units written, code points read: peers count either
	MaxPayload = 8192 // base64url characters read; a QR code holds fewer than 3,000
)

const scheme = "shlink:/"

// Link is the payload of a SMART Health Link (SHL 1.0.0, "Construct a SMART Health Link Payload").
type Link struct {
	URL     string
	Key     []byte    // 32 bytes
	Expires time.Time // zero: not given
	Flag    string    // "", "L", "P", "U", "LP", "LU"; unknown characters dropped on reading
	Label   string
	Version int
	Odd     []string // codes of what was tolerated on reading, see Odd…
}

// What Parse tolerates, because it is met in the field. We never write any of it.
const (
	OddPadding  = "padding"      // base64 with trailing =
	OddUnusable = "exp-unusable" // exp is not a time: ignored, the server decides
	OddString   = "exp-string"   // exp is a number in quotes
	OddFraction = "exp-fraction" // exp has a fraction of a second
	OddMillis   = "exp-ms"       // exp is in milliseconds
	OddOrder    = "flag-order"   // flags out of order, or one twice
	OddLabel    = "label-long"   // label cut at MaxLabel
)

var (
	ErrNoLink  = errors.New("no shlink:/ in it")
	ErrBadLink = errors.New("a link, but a broken one")
	ErrVersion = errors.New("a link of a newer version")
)

// Parse finds a shlink:/ anywhere in s: bare, behind the address of a viewer, in the middle of a message. When there are
// several it takes the first that is whole. Errors: ErrNoLink, ErrBadLink, ErrVersion. With ErrVersion the Link has the
// label and the version and nothing that could be requested.
func Parse(s string) (Link, error) {
	first := ErrNoLink
	var newer Link
	for {
		i := strings.Index(s, scheme)
		if i < 0 {
			return newer, first
		}
		s = s[i+len(scheme):]
		payload := s[:payloadLen(s)]
		l, err := parsePayload(payload)
		if err == nil {
			return l, nil
		}
		// "shlink:/" with nothing behind it is a mention, not a link.
		if payload != "" && first == ErrNoLink {
			newer, first = l, err
		}
		s = s[len(payload):]
	}
}

func payloadLen(s string) int {
	i := 0
	for i < len(s) && (s[i] == '-' || s[i] == '_' || 'a' <= s[i]|0x20 && s[i]|0x20 <= 'z' || '0' <= s[i] && s[i] <= '9') {
		i++
	}
	for i < len(s) && s[i] == '=' {
		i++
	}
	return i
}

func parsePayload(payload string) (Link, error) {
	if len(payload) > MaxPayload {
		return Link{}, bad("payload too long")
	}
	var l Link
	raw, padded, err := decode(payload)
	if err != nil {
		return Link{}, bad("payload is not base64url")
	}
	if padded {
		l.odd(OddPadding)
	}
	// A map and not a struct: encoding/json would match "URL" and "Exp" too.
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return Link{}, bad("payload is not JSON")
	}
	l.readLabel(m["label"])
	if l.Version, err = version(m["v"]); err != nil {
		return Link{}, err
	}
	if l.Version > 1 {
		// Another version may give every other member another meaning.
		return Link{Label: l.Label, Version: l.Version}, ErrVersion
	}
	if err := l.readTarget(m); err != nil {
		return Link{}, err
	}
	if err := l.readFlag(m["flag"]); err != nil {
		return Link{}, err
	}
	l.readExpires(m["exp"])
	return l, nil
}

func bad(why string) error { return fmt.Errorf("%w: %s", ErrBadLink, why) }

func (l *Link) odd(code string) { l.Odd = append(l.Odd, code) }

// decode reads base64url with or without padding. base64.StdEncoding would fail on some links only: those with - or _.
func decode(s string) (b []byte, padded bool, err error) {
	t := strings.TrimRight(s, "=")
	b, err = base64.RawURLEncoding.DecodeString(t)
	return b, len(t) != len(s), err
}

func missing(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

func (l *Link) readLabel(raw json.RawMessage) {
	var s string
	if missing(raw) || json.Unmarshal(raw, &s) != nil {
		return
	}
	var cut bool
	if l.Label, cut = plain(s, MaxLabel); cut {
		l.odd(OddLabel)
	}
}

// plain makes a stranger's text fit to be shown: controls become spaces, marks that turn the direction of writing are
// dropped, and what is longer than max code points is cut.
func plain(s string, max int) (text string, cut bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C, r == 0xFEFF, r == utf8.RuneError:
			return -1
		case unicode.IsControl(r), r == 0x2028, r == 0x2029:
			return ' '
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	n := 0
	for i := range s {
		if n == max {
			return s[:i], true
		}
		n++
	}
	return s, false
}

func version(raw json.RawMessage) (int, error) {
	if missing(raw) {
		return 1, nil
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || v < 1 || v != math.Trunc(v) {
		return 0, bad("v is no version")
	}
	return int(min(v, math.MaxInt32)), nil
}

func (l *Link) readTarget(m map[string]json.RawMessage) error {
	if json.Unmarshal(m["url"], &l.URL) != nil || CheckURL(l.URL) != nil {
		return bad("url")
	}
	var key string
	if json.Unmarshal(m["key"], &key) != nil {
		return bad("key")
	}
	b, padded, err := decode(key)
	if err != nil || len(b) != KeySize {
		return bad("key is not 32 bytes")
	}
	if padded {
		l.odd(OddPadding)
	}
	l.Key = b
	return nil
}

// CheckURL says whether a receiver may request s at all: https, or http on this machine, with a host and without a user
// name in front of it (which would make one host look like another).
func CheckURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return bad("url")
	}
	switch u.Scheme {
	case "https":
		return nil
	case "http":
		if h := u.Hostname(); h == "localhost" || h == "127.0.0.1" || h == "::1" {
			return nil
		}
	}
	return bad("url is not https")
}

func (l *Link) readFlag(raw json.RawMessage) error {
	if missing(raw) {
		return nil
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return bad("flag")
	}
	known := strings.Map(func(r rune) rune {
		if r == 'L' || r == 'P' || r == 'U' {
			return r
		}
		return -1
	}, s)
	for _, c := range "LPU" {
		if strings.ContainsRune(known, c) {
			l.Flag += string(c)
		}
	}
	if l.Flag != known {
		l.odd(OddOrder)
	}
	if l.Has('P') && l.Has('U') {
		return bad("flags P and U together")
	}
	return nil
}

// Has says whether the link has a flag: 'L', 'P' or 'U'.
func (l Link) Has(flag byte) bool { return strings.IndexByte(l.Flag, flag) >= 0 }

// Years are written with four digits; no link lives longer.
const lastSecond = 253402300799

func (l *Link) readExpires(raw json.RawMessage) {
	if len(raw) == 0 {
		return
	}
	text := string(raw)
	var quoted bool
	if text[0] == '"' {
		quoted = json.Unmarshal(raw, &text) == nil
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(f) || f <= 0 || f > lastSecond*1000 {
		l.odd(OddUnusable)
		return
	}
	if quoted {
		l.odd(OddString)
	}
	if f > 1e11 {
		l.odd(OddMillis)
		f /= 1000
	} else if f != math.Trunc(f) {
		l.odd(OddFraction)
	}
	l.Expires = time.Unix(int64(f), 0).UTC()
}

// Check says whether the link may be written: the sender's rules of SHL 1.0.0 and ours.
func (l Link) Check() error {
	u, err := url.Parse(l.URL)
	switch {
	case err != nil || CheckURL(l.URL) != nil:
		return bad("url")
	case len(l.URL) > MaxURL:
		return bad("url longer than 128 characters")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(l.URL, "#"):
		return bad("url with a query or fragment: receivers append theirs")
	case len(l.Key) != KeySize:
		return bad("key is not 32 bytes")
	case !legalFlag(l.Flag):
		return bad("flag")
	case units(l.Label) > MaxLabel:
		return bad("label longer than 80 characters")
	case !l.Expires.IsZero() && (l.Expires.Unix() <= 0 || l.Expires.Unix() > lastSecond):
		return bad("exp")
	}
	return nil
}

func legalFlag(f string) bool {
	switch f {
	case "", "L", "P", "U", "LP", "LU":
		return true
	}
	return false
}

// units counts as JavaScript does.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// String returns the bare shlink:/… form: always flag, even empty, because deployed viewers fail without it; never v,
// never anything a receiver would have to know.
func (l Link) String() string {
	var b bytes.Buffer
	b.WriteString(`{"url":`)
	appendJSON(&b, l.URL)
	b.WriteString(`,"flag":`)
	appendJSON(&b, l.Flag)
	b.WriteString(`,"key":`)
	appendJSON(&b, base64.RawURLEncoding.EncodeToString(l.Key))
	if !l.Expires.IsZero() {
		b.WriteString(`,"exp":` + strconv.FormatInt(l.Expires.Unix(), 10))
	}
	if l.Label != "" {
		b.WriteString(`,"label":`)
		appendJSON(&b, l.Label)
	}
	b.WriteByte('}')
	return scheme + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// appendJSON writes v as minified JSON without the escapes for HTML, which would only lengthen a QR code.
func appendJSON(b *bytes.Buffer, v any) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("share: " + err.Error()) // strings and trees of our own making always encode
	}
	b.Truncate(b.Len() - 1) // the newline of Encode
}

// Prefixed returns viewer + "#" + the bare form: any phone's camera opens it, and scanners find the link inside.
func (l Link) Prefixed(viewer string) string {
	viewer, _, _ = strings.Cut(viewer, "#")
	return viewer + "#" + l.String()
}

// Hash is SHA-256 of the bare form, hex: how a received link is remembered without being kept.
func (l Link) Hash() string {
	sum := sha256.Sum256([]byte(l.String()))
	return hex.EncodeToString(sum[:])
}
