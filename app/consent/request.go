package consent

import (
	"encoding/json"
	"slices"
	"time"

	"potli/app/party"
	"potli/crypto/jose"
)

// RequestVersion is the "v" of a request, RequestType the typ of a signed one.
const (
	RequestVersion = "potli-consent-request/1"
	RequestType    = "potli-consent-request+jws"
)

// Limits of a request.
const (
	MaxRequest  = 64 << 10                  // bytes, signed or not
	MaxName     = 120                       // characters of a name
	MaxPurpose  = 500                       // characters of the asker's own words
	MaxNotice   = 4000                      // characters of the notice: what a person can read at a counter
	MaxIDs      = 8                         // numbers of a party
	MaxKinds    = 32                        // kinds asked for
	MaxDuration = 10 * 366 * 24 * time.Hour // of what can be asked for
	MaxWaiting  = 366 * 24 * time.Hour      // for an answer
	MaxAhead    = 48 * time.Hour            // by which the asker's clock may be fast
	maxNumber   = 64                        // characters of a number in a registry
	lastSecond  = 253_402_300_799           // of the year 9999
)

// Repeat says how often records go.
type Repeat string

const (
	Once   Repeat = "once"   // what is there now, in one delivery
	Follow Repeat = "follow" // and what comes while the consent lasts
)

// After says what the receiver may do with what it got.
type After string

const (
	View After = "view" // read it, and keep nothing
	Keep After = "keep" // take it into its own files
)

// Dates are a range of days, "2006-01-02", both within it. An end that is "" is open.
type Dates struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Notice is what the asker tells the person, as the law wants it told: shown as it
// stands, and named by its hash in the receipt.
type Notice struct {
	Text     string `json:"text,omitempty"`
	Language string `json:"language,omitempty"` // BCP 47
}

// Hash names the notice as it is shown; "" for none.
func (n Notice) Hash() string {
	if n.Text == "" {
		return ""
	}
	return Hash([]byte(n.Text))
}

// Mailbox is where the answer goes: a mailbox of a relay, and either the hash of the
// recipient to seal to, which the relay tells, or a one-time key, for a receiver that
// is a page in a browser. Whoever sees the request sees the key, and could read the
// answer if they also had the mailbox's token, which nobody is given.
type Mailbox struct {
	Relay string `json:"relay"`
	ID    string `json:"id"`
	To    string `json:"to,omitempty"`
	Key   string `json:"key,omitempty"` // 32 bytes in base64url; or To
}

// IsZero says whether there is none.
func (m Mailbox) IsZero() bool { return m == Mailbox{} }

// Request is what a provider asks for. It is JSON with the members
//
//	v        "potli-consent-request/1"
//	id       16 random bytes in base64url
//	from     {"name", "ids": [{"system","value"}], "origin", "jwk"}; the key where
//	         the request is signed
//	about    for whom, as the asker knows them: a hint to the person, never a choice
//	purpose  {"code", "text"}: a code of ABDM
//	kinds    of records: hiTypes of ABDM, kinds of entries
//	dates    {"from", "to"}: days that the records are of
//	until    unix seconds: when what is granted ends
//	repeat   "once", "follow"
//	after    "view", "keep"
//	notice   {"text", "language"}
//	reply    {"relay", "id", "to" or "key"}: the mailbox for the answer
//	issued   unix seconds
//	expires  unix seconds: when it can no longer be answered
//
// bare, or as the payload of a compact JWS of typ "potli-consent-request+jws" by
// from.jwk. Members that are not named here are signed with the rest and not read.
type Request struct {
	ID      string
	From    Party // with the thumbprint of the key that signed, "" where none did
	About   string
	Purpose Purpose
	Kinds   []Kind
	Dates   Dates
	Until   time.Time // in whole seconds, as all times here
	Repeat  Repeat
	After   After
	Notice  Notice
	Reply   Mailbox
	Issued  time.Time
	Expires time.Time

	// Text is the request as it came, byte for byte: what its hash is of.
	Text string
	// Key verified it; zero where it was not signed. Whose key that is is not known
	// here.
	Key jose.Key
}

// Signed says whether a key signed the request.
func (q *Request) Signed() bool { return !q.Key.IsZero() }

// Hash names the request as it came.
func (q *Request) Hash() string { return Hash([]byte(q.Text)) }

type requestDoc struct {
	V       string         `json:"v"`
	ID      string         `json:"id"`
	From    party.Document `json:"from"`
	About   string         `json:"about,omitempty"`
	Purpose Purpose        `json:"purpose"`
	Kinds   []Kind         `json:"kinds"`
	Dates   Dates          `json:"dates"`
	Until   int64          `json:"until"`
	Repeat  Repeat         `json:"repeat"`
	After   After          `json:"after"`
	Notice  Notice         `json:"notice"`
	Reply   *Mailbox       `json:"reply,omitempty"`
	Issued  int64          `json:"issued"`
	Expires int64          `json:"expires"`
}

// requestNames are the members that decide; see decode.
var requestNames = []string{"v", "id", "from", "name", "ids", "system", "value", "origin", "jwk", "about", "purpose", "code", "text",
	"kinds", "dates", "to", "until", "repeat", "after", "notice", "language", "reply", "relay", "key", "issued", "expires"}

// Marshal writes a request, signed by a provider's key or, with nil, bare. It
// refuses what Parse would refuse.
func (q *Request) Marshal(by *jose.Signer) (string, error) {
	d := requestDoc{V: RequestVersion, ID: q.ID, From: party.Document{Name: q.From.Name, IDs: q.From.IDs, Origin: q.From.Origin},
		About: q.About, Purpose: q.Purpose, Kinds: q.Kinds, Dates: q.Dates, Until: q.Until.Unix(), Repeat: q.Repeat, After: q.After,
		Notice: q.Notice, Issued: q.Issued.Unix(), Expires: q.Expires.Unix()}
	if !q.Reply.IsZero() {
		d.Reply = &q.Reply
	}
	if by != nil {
		d.From.JWK = by.Public().JWK()
	}
	text, err := canonical(d)
	if err != nil {
		return "", err
	}
	out := string(text)
	if by != nil {
		if out, err = by.Sign(RequestType, text); err != nil {
			return "", err
		}
	}
	if _, err := Parse(out, q.Issued); err != nil {
		return "", err
	}
	return out, nil
}

// Parse reads a request, JSON or compact JWS, and checks everything about it that
// can be checked without knowing who asks. What a stranger wrote is made fit to be
// shown. now is for what can no longer be answered.
//
// Faults: Damaged, Newer, TooBig, Forged, Unknown, Early, TooLong, Lapsed. With
// Lapsed alone the request is returned beside the fault, to be shown as missed.
func Parse(text string, now time.Time) (*Request, error) {
	if len(text) > MaxRequest {
		return nil, fault(TooBig, "")
	}
	payload, j := []byte(text), (*jose.JWS)(nil)
	if len(text) == 0 || text[0] != '{' {
		var err error
		if j, err = signedText(text, MaxRequest); err != nil {
			return nil, err
		}
		payload = j.Payload
	}
	q, jwk, err := parseRequest(payload)
	if err != nil {
		return nil, err
	}
	q.Text = text
	if j != nil {
		key, err := jose.ParseJWK(jwk)
		if err != nil || !j.SignedBy(key, RequestType) {
			return nil, fault(Forged, "")
		}
		q.Key, q.From.Key = key, key.Thumbprint()
	}
	return q, q.timely(now)
}

func parseRequest(payload []byte) (*Request, json.RawMessage, error) {
	var v struct {
		V string `json:"v"`
	}
	if err := decode(payload, &v, requestNames...); err != nil {
		return nil, nil, err
	}
	if err := version(v.V, RequestVersion); err != nil {
		return nil, nil, err
	}
	var d requestDoc
	if json.Unmarshal(payload, &d) != nil {
		return nil, nil, fault(Damaged, "")
	}
	q := &Request{ID: d.ID, From: Party{Name: d.From.Name, IDs: d.From.IDs, Origin: d.From.Origin}, About: d.About, Purpose: d.Purpose,
		Kinds: d.Kinds, Dates: d.Dates, Until: unix(d.Until), Repeat: d.Repeat, After: d.After, Notice: d.Notice,
		Issued: unix(d.Issued), Expires: unix(d.Expires)}
	if d.Reply != nil {
		q.Reply = *d.Reply
	}
	q.Kinds = slices.Compact(slices.Sorted(slices.Values(q.Kinds)))
	return q, d.From.JWK, q.check(d)
}
