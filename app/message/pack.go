package message

import (
	"bytes"
	"encoding/json"

	"potli/app/party"
	"potli/crypto/envelope"
)

// packed is a message as it is written.
type packed struct {
	V         string         `json:"v"`
	Type      Type           `json:"type"`
	ID        string         `json:"id"`
	To        string         `json:"to"`
	At        int64          `json:"at"`
	From      party.Document `json:"from"`
	Documents []packet       `json:"documents,omitempty"`
	Text      string         `json:"text,omitempty"`
	Request   string         `json:"request,omitempty"`
	Receipt   string         `json:"receipt,omitempty"`
	Re        string         `json:"re,omitempty"`
	Reply     string         `json:"reply,omitempty"`
}

type packet struct {
	Name string `json:"name,omitempty"`
	Type string `json:"type"`
	Body string `json:"body"`
}

// marshal writes the JSON of a message, and reads it again: what leaves here is
// what every reader takes.
func (m *Message) marshal(jwk []byte) ([]byte, error) {
	p := packed{
		V: Version, Type: m.Type, ID: m.ID, To: m.To, At: m.At.Unix(), Text: m.Text, Request: m.Request, Receipt: m.Receipt, Re: m.Re, Reply: m.Reply,
		From: party.Document{Name: line(m.From.Name, MaxName), IDs: m.From.IDs, Origin: m.From.Origin, JWK: jwk},
	}
	if err := m.check(); err != nil { // before megabytes are written
		return nil, err
	}
	for _, d := range m.Documents {
		p.Documents = append(p.Documents, packet{Name: d.Name, Type: d.Type, Body: b64.EncodeToString(d.Body)})
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, malformed("its sender's key")
	}
	_, err = parse(b)
	return b, err
}

// Pack returns an unsigned message, padded, ready to be sealed. Errors: ErrEmpty,
// ErrTooBig, ErrMalformed (a sender's origin or number that is none).
func (m *Message) Pack() ([]byte, error) {
	b, err := m.marshal(nil)
	if err != nil {
		return nil, err
	}
	return pad(b)
}

// pad fills up with spaces, which neither JSON nor a compact JWS has at its end.
func pad(b []byte) ([]byte, error) {
	n := max(envelope.Padme(len(b)), minPlain)
	if n > MaxPlain {
		return nil, ErrTooBig
	}
	return append(b, bytes.Repeat([]byte{' '}, n-len(b))...), nil
}
