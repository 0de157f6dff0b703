package relayclient

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/scrypt"

	"potli/app/share"
	"potli/app/traffic"
	"potli/relay/wire"
)

var b64 = base64.RawURLEncoding

// Client is the owner's side of the relay's control plane. It implements share.Relay and keeps no state.
type Client struct {
	base string
	http HTTP
	rand io.Reader
}

var _ share.Relay = (*Client)(nil)

// How long an answer is waited for: a network that swallows requests must not keep a person from trying again. The relay
// itself gives up on bodies that come at less than twice slowest.
const (
	patience = time.Minute
	slowest  = 8 << 10 // bytes of a request a second
)

// New returns a client of the relay at base, e.g. "https://relay.example". rand salts passcodes.
func New(base string, http HTTP, rand io.Reader) *Client {
	return &Client{base: strings.TrimRight(base, "/"), http: http, rand: rand}
}

// URL is where the link of id is served.
func (c *Client) URL(id string) string { return c.base + wire.LinkPath + id }

// Create uploads a link. Repeating it is harmless: the relay knows the id and the token again, and says how the link stands
// that the first one made.
func (c *Client) Create(ctx context.Context, r share.Ref, u share.Upload) (share.Status, error) {
	ctx = traffic.Because(ctx, traffic.LinkMake)
	sum := sha256.Sum256([]byte(r.Token))
	body := wire.Create{
		Token:      b64.EncodeToString(sum[:]),
		Flag:       u.Flag,
		Life:       wholeSeconds(u.Life),
		Uses:       u.Uses,
		ReceiptKey: b64.EncodeToString(u.ReceiptKey),
		File:       wire.File{ContentType: u.Type, JWE: u.JWE},
	}
	if u.Passcode != "" {
		var err error
		if body.Passcode, err = verifier(u.Passcode, c.rand); err != nil {
			return share.Status{}, fmt.Errorf("making a passcode verifier: %w", err)
		}
	}
	resp, err := c.send(ctx, r, "PUT", "", body, map[string]string{"If-None-Match": "*"})
	if err != nil {
		return share.Status{}, err
	}
	return readStatus(resp)
}

// wholeSeconds rounds up, so that the shortest life allowed stays allowed.
func wholeSeconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// verifier is what the relay keeps of a passcode: scrypt under a salt of its own, so that the passcode never leaves.
func verifier(passcode string, rand io.Reader) (*wire.Passcode, error) {
	salt := make([]byte, 16)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return nil, err
	}
	hash, err := scrypt.Key([]byte(passcode), salt, wire.PasscodeScryptN, 8, 1, wire.MaxPasscodeHash)
	if err != nil {
		return nil, err
	}
	return &wire.Passcode{Salt: b64.EncodeToString(salt), Hash: b64.EncodeToString(hash), Attempts: wire.MaxAttempts}, nil
}

// Replace puts another file under the link.
func (c *Client) Replace(ctx context.Context, r share.Ref, typ, jwe string) (share.Status, error) {
	ctx = traffic.Because(ctx, traffic.LinkChange)
	body := wire.File{ContentType: typ, JWE: jwe}
	return c.change(ctx, r, "PUT", "/file", body, func(share.Status) bool { return false }) // to send it twice is harmless
}

// Change pauses, resumes, extends, adds uses.
func (c *Client) Change(ctx context.Context, r share.Ref, ch share.Change) (share.Status, error) {
	ctx = traffic.Because(ctx, traffic.LinkChange)
	body := wire.Change{Paused: ch.Paused, AddUses: ch.AddUses}
	if ch.Life != nil {
		life := wholeSeconds(*ch.Life)
		body.Life = &life
	}
	done := func(s share.Status) bool {
		if ch.AddUses != nil { // once, and not twice: its number must do
			return s.Seq == r.Seq
		}
		return ch.Life == nil && ch.Paused != nil && *ch.Paused == s.Paused
	}
	return c.change(ctx, r, "PATCH", "", body, done)
}

// change sends a numbered request. A number that did not grow gets the same 404 as a link that is gone, and taking one for
// the other would tell a person that a link is dead which is alive. So on 404 the status is asked: if the relay still
// knows the link, either this very request arrived before and its answer was lost, or the ledger is behind (restored from
// a backup) and this number was another request's. The two look alike, so what is not seen to be done is sent again with
// a number that is high enough.
func (c *Client) change(ctx context.Context, r share.Ref, method, path string, body any, done func(share.Status) bool) (share.Status, error) {
	resp, err := c.numbered(ctx, r, method, path, body)
	if err == nil {
		return readStatus(resp)
	}
	if !errors.Is(err, share.ErrGone) {
		return share.Status{}, err
	}
	now, err := c.Status(ctx, r)
	switch {
	case err != nil:
		return share.Status{}, err
	case now.Seq < r.Seq:
		return share.Status{}, share.ErrGone // the number was good: it is the link that has ended
	case done(now):
		return now, nil
	}
	r.Seq = now.Seq + 1
	if resp, err = c.numbered(ctx, r, method, path, body); err != nil {
		return share.Status{}, err
	}
	return readStatus(resp)
}

// Status asks how a link stands. It is answered for a link that has ended too, as long as the relay remembers it.
func (c *Client) Status(ctx context.Context, r share.Ref) (share.Status, error) {
	resp, err := c.send(traffic.Because(ctx, traffic.LinkLook), r, "GET", "", nil, nil)
	if err != nil {
		return share.Status{}, err
	}
	return readStatus(resp)
}

// Receipts returns the access receipts after a number.
func (c *Client) Receipts(ctx context.Context, r share.Ref, after int) ([]share.SealedReceipt, int, error) {
	resp, err := c.send(traffic.Because(ctx, traffic.LinkLook), r, "GET", "/receipts?after="+strconv.Itoa(after), nil, nil)
	if err != nil {
		return nil, 0, err
	}
	var list wire.Receipts
	if err := json.Unmarshal(resp.Body, &list); err != nil {
		return nil, 0, fmt.Errorf("%w: an answer that is none", share.ErrOffline)
	}
	out := make([]share.SealedReceipt, len(list.Receipts))
	for i, s := range list.Receipts {
		// One that is not even base64 stays in the list and does not open: counted, not hidden.
		sealed, _ := b64.DecodeString(s.Sealed)
		out[i] = share.SealedReceipt{N: s.N, Sealed: sealed}
	}
	return out, list.Dropped, nil
}

// Revoke ends a link. nil means: no reader gets it any more.
func (c *Client) Revoke(ctx context.Context, r share.Ref) error {
	ctx = traffic.Because(ctx, traffic.LinkEnd)
	_, err := c.numbered(ctx, r, "DELETE", "", nil)
	if !errors.Is(err, share.ErrGone) {
		return err
	}
	now, err := c.Status(ctx, r)
	switch {
	case errors.Is(err, share.ErrGone):
		return nil // the relay knows no such link
	case err != nil:
		return err
	case now.Expires.Unix() <= 0:
		return nil // revoked before; only its receipts are left
	}
	r.Seq = max(r.Seq, now.Seq) + 1
	if _, err = c.numbered(ctx, r, "DELETE", "", nil); errors.Is(err, share.ErrGone) {
		// It answers for the link and will not end it: never to be taken for revoked.
		return fmt.Errorf("revoking: %w", share.ErrRefused)
	}
	return err
}

func (c *Client) numbered(ctx context.Context, r share.Ref, method, path string, body any) (Response, error) {
	return c.send(ctx, r, method, path, body, map[string]string{wire.SequenceHeader: strconv.FormatInt(r.Seq, 10)})
}

// send performs a request of the control plane. An answer that is not a JSON object is not the relay's (a captive portal,
// a proxy's error page): it counts as no answer, so that nothing is believed revoked or gone on a stranger's word.
func (c *Client) send(ctx context.Context, r share.Ref, method, path string, body any, header map[string]string) (Response, error) {
	if header == nil {
		header = map[string]string{}
	}
	header["Authorization"] = "Bearer " + r.Token
	q := Request{Method: method, URL: c.base + wire.ControlPath + r.ID + path, Header: header, Limit: maxAnswer}
	if body != nil {
		var err error
		if q.Body, err = json.Marshal(body); err != nil {
			return Response{}, err
		}
		header["Content-Type"] = "application/json"
	}
	return c.exchange(ctx, r.ID, q)
}

// exchange performs a request about id and reads its answer as send does. With an error that the relay answered comes the
// answer.
func (c *Client) exchange(ctx context.Context, id string, q Request) (Response, error) {
	timed, cancel := context.WithTimeout(ctx, patience+time.Duration(len(q.Body)/slowest)*time.Second)
	defer cancel()
	resp, err := c.pay(timed, id, q)
	switch {
	case err != nil && timed.Err() != nil && ctx.Err() == nil:
		return Response{}, fmt.Errorf("%w: no answer for too long", share.ErrOffline)
	case err != nil:
		return Response{}, err
	case resp.Status == 204:
		return resp, nil
	case !isObject(resp.Body):
		return Response{}, fmt.Errorf("%w: an answer that is none", share.ErrOffline)
	case resp.Status == 200 || resp.Status == 201:
		return resp, nil
	}
	return resp, failure(resp)
}

func readStatus(resp Response) (share.Status, error) {
	var s wire.Status
	// A stranger's object has no clock in it, and would be read as a link that was revoked. What is out of reach would be
	// no better: the ledger holds no year of five digits, and the relay takes no number that JavaScript would round.
	const year10000, maxSequence = 253_402_300_800, 1<<53 - 1
	reach := func(n, least, most int64) bool { return n >= least && n <= most }
	if err := json.Unmarshal(resp.Body, &s); err != nil || !reach(s.Now, 1, year10000-1) || !reach(s.Expires, 0, year10000-1) ||
		!reach(s.Sequence, 0, maxSequence) {
		return share.Status{}, fmt.Errorf("%w: an answer that is none", share.ErrOffline)
	}
	return share.Status{
		Now:          time.Unix(s.Now, 0).UTC(),
		Expires:      time.Unix(s.Expires, 0).UTC(),
		Paused:       s.Paused,
		UsesLeft:     s.UsesLeft,
		AttemptsLeft: s.AttemptsLeft,
		Receipts:     s.Receipts,
		Seq:          s.Sequence,
	}, nil
}
