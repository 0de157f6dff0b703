package share

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"potli/crypto/jose"
)

// Types of files that travel by link (SHL 1.0.0, "SMART Health Links Files").
const (
	TypeFHIR   = bundleType
	TypeCard   = "application/smart-health-card"
	TypeAccess = "application/smart-api-access"
)

// MaxFiles of one link that are opened.
const MaxFiles = 100

// Request is what goes to the host of a link.
type Request struct {
	URL       string `json:"url"`
	Flag      string `json:"flag"`
	Recipient string `json:"recipient"`
	Passcode  string `json:"passcode,omitempty"`
}

// EncryptedFile is one JWE with the type its manifest gave (may be ""). An empty JWE: the file was listed but could not
// be had.
type EncryptedFile struct {
	ContentType string `json:"contentType"`
	JWE         string `json:"jwe"`
}

// Fetched is what came back.
type Fetched struct {
	Files  []EncryptedFile `json:"files"`
	Status string          `json:"status,omitempty"` // "finalized", "can-change", "no-longer-valid"
	Wait   int             `json:"wait,omitempty"`   // seconds the host wants between two requests (Retry-After of a 200)
}

// Fetcher performs the requests of a conformant SHL receiver (SHL 1.0.0; specs smart-health.md §5) and decrypts nothing.
// Errors: ErrPasscode (as *PasscodeError), ErrGone, ErrOffline, ErrBusy, ErrTooBig, ErrRefused, ErrCancelled.
type Fetcher interface {
	Fetch(ctx context.Context, r Request) (Fetched, error)
}

// PasscodeError: the passcode is missing or wrong.
type PasscodeError struct{ Remaining int } // -1: the host did not say

func (e *PasscodeError) Error() string { return "passcode needed" }

var (
	// ErrCancelled: the person closed the frame.
	ErrCancelled = errors.New("cancelled")
	// ErrRecipient: a host must be told who asks (SHL 1.0.0, "recipient" 1..1).
	ErrRecipient = errors.New("no recipient given")
)

// Why one file of a link could not be kept.
var (
	ErrMissing     = errors.New("listed, but not to be had")
	ErrUnreadable  = errors.New("cannot be decrypted")
	ErrContent     = errors.New("decrypted, but not what it says it is")
	ErrUnknownType = errors.New("of an unknown type")
)

// Received is one decrypted file of a link.
type Received struct {
	ContentType string
	Body        []byte
	Err         error // this file failed; the others are good
}

// Receive fetches and decrypts. The string is the status of the manifest. A file that fails, or is of unknown type, is
// returned with its Err and the others are good. A SMART Health Card comes as its JSON file, unverified.
// Errors: those of Fetcher, ErrRecipient, ErrVersion; *PasscodeError before any request when the link asks for a passcode
// and there is none.
func Receive(ctx context.Context, f Fetcher, l Link, recipient, passcode string) ([]Received, string, error) {
	r := Request{URL: l.URL, Flag: l.Flag, Recipient: strings.TrimSpace(recipient)}
	switch {
	case l.Version > 1:
		return nil, "", ErrVersion
	case len(l.Key) != KeySize || CheckURL(l.URL) != nil || l.Has('P') && l.Has('U'):
		return nil, "", ErrBadLink
	case r.Recipient == "":
		return nil, "", ErrRecipient
	case l.Has('P') && passcode == "":
		// Some hosts count an empty passcode as a wrong one.
		return nil, "", &PasscodeError{Remaining: -1}
	case l.Has('P'):
		r.Passcode = passcode
	}
	got, err := f.Fetch(ctx, r)
	if err != nil {
		return nil, "", fmt.Errorf("opening a link: %w", err)
	}
	if len(got.Files) > MaxFiles {
		return nil, got.Status, fmt.Errorf("opening a link: %w", ErrTooBig)
	}
	var list []Received
	for _, file := range got.Files {
		if err := ctx.Err(); err != nil {
			return nil, got.Status, err
		}
		list = append(list, openFile(l.Key, file))
	}
	return list, got.Status, nil
}

func openFile(key []byte, f EncryptedFile) Received {
	r := Received{ContentType: mediaType(f.ContentType)}
	if f.JWE == "" {
		r.Err = ErrMissing
		return r
	}
	body, cty, err := jose.Decrypt(key, strings.TrimSpace(f.JWE))
	if err != nil {
		r.Err = fmt.Errorf("%w: %w", ErrUnreadable, err)
		return r
	}
	// What was encrypted says better what it is than the manifest beside it; the IG's own sample has no cty.
	if t := mediaType(cty); t != "" {
		r.ContentType = t
	}
	r.Body = body
	r.ContentType, r.Err = dispatch(r.ContentType, body)
	return r
}

// dispatch compares what a file says it is with what it is. A wrong name for known content is corrected, not refused.
func dispatch(typ string, body []byte) (string, error) {
	found := sniff(body)
	switch {
	case found == TypeAccess:
		return found, ErrUnknownType // access to a server: nothing to keep
	case found != "":
		return found, nil
	case typ == TypeFHIR || typ == TypeCard || typ == TypeAccess:
		return typ, ErrContent
	}
	return typ, ErrUnknownType
}

// sniff looks at the members of a JSON object.
func sniff(body []byte) string {
	var m map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &m) != nil {
		return ""
	}
	var text string
	var list []string
	switch {
	case json.Unmarshal(m["verifiableCredential"], &list) == nil && len(list) > 0:
		return TypeCard
	case json.Unmarshal(m["resourceType"], &text) == nil && text != "":
		return TypeFHIR
	case json.Unmarshal(m["access_token"], &text) == nil && text != "":
		return TypeAccess
	}
	return ""
}

// mediaType reduces a content type to its name. In a JOSE header "application/" may be left out (RFC 7515, 4.1.10).
func mediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	s = strings.ToLower(strings.TrimSpace(s))
	if s != "" && !strings.Contains(s, "/") {
		s = "application/" + s
	}
	s, _ = plain(s, MaxLabel)
	return s
}
