package message

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"potli/app/party"
	"potli/app/strict"
)

// Parse reads a message that Unseal has opened, or one that was kept. What is
// signed and does not verify is no message: ErrForged. Other errors:
// ErrMalformed, ErrVersion, ErrTooBig, ErrEmpty.
func Parse(plain []byte) (*Message, error) {
	if len(plain) > MaxPlain {
		return nil, ErrTooBig
	}
	plain = Trim(plain)
	if len(plain) > 0 && plain[0] == '{' {
		m, err := parse(plain)
		if err == nil {
			m.From.JWK = nil // of a key that signed nothing
		}
		return m, err
	}
	return parseSigned(string(plain))
}

// Trim cuts off what a message was padded with.
func Trim(plain []byte) []byte { return bytes.TrimRight(plain, " ") }

func parse(b []byte) (*Message, error) {
	if !strict.Valid(b) {
		return nil, malformed("not JSON")
	}
	f, err := members(b)
	if err != nil {
		return nil, err
	}
	if err := version(f["v"]); err != nil {
		return nil, err
	}
	m := &Message{}
	for _, read := range []func(map[string][]byte) error{m.readHead, m.readFrom, m.readTexts, m.readDocuments} {
		if err := read(f); err != nil {
			return nil, err
		}
	}
	return m, m.check()
}

func version(raw []byte) error {
	v, err := text(raw, maxWord)
	switch {
	case err != nil || !strings.HasPrefix(v, "potli-message/"):
		return malformed("its version")
	case v != Version:
		return ErrVersion
	}
	return nil
}

func (m *Message) readHead(f map[string][]byte) error {
	typ, err := text(f["type"], maxWord)
	if err != nil || typ == "" {
		return malformed("its type")
	}
	m.Type = Type(typ)
	if m.ID, err = id(f["id"], idBytes); err != nil || m.ID == "" {
		return malformed("its id")
	}
	if m.To, err = id(f["to"], 32); err != nil || m.To == "" {
		return malformed("its address")
	}
	if m.Re, err = id(f["re"], idBytes); err != nil {
		return malformed("the id that it answers")
	}
	at, err := strconv.ParseInt(string(f["at"]), 10, 64)
	if err != nil || at <= 0 || at >= year10000 {
		return malformed("its time")
	}
	m.At = time.Unix(at, 0).UTC()
	return nil
}

// id is n bytes in base64url; "" where there is no value.
func id(raw []byte, n int) (string, error) {
	if raw == nil {
		return "", nil
	}
	s, ok := strict.Bare(raw)
	if !ok || len(s) != b64.EncodedLen(n) {
		return "", malformed("an id")
	}
	if _, err := decode(s); err != nil {
		return "", err
	}
	return string(s), nil
}

// decode is strict base64url without padding. The decoder skips line breaks,
// which cannot stand in a JSON string as they are.
func decode(s []byte) ([]byte, error) {
	out := make([]byte, b64.DecodedLen(len(s)))
	n, err := b64.Decode(out, s)
	if err != nil || n != len(out) {
		return nil, malformed("base64url")
	}
	return out, nil
}

func (m *Message) readFrom(f map[string][]byte) error {
	from, err := members(f["from"])
	if err != nil {
		return malformed("its sender")
	}
	name, err := text(from["name"], 8*MaxName)
	if err != nil {
		return malformed("its sender's name")
	}
	m.From.Name = line(name, MaxName)
	if m.From.Origin, err = text(from["origin"], party.MaxOrigin); err != nil || m.From.Origin != "" && !party.IsOrigin(m.From.Origin) {
		return malformed("its sender's origin")
	}
	if m.From.JWK = from["jwk"]; len(m.From.JWK) > maxJWK {
		return malformed("its sender's key")
	}
	if from["ids"] == nil {
		return nil
	}
	list, err := elements(from["ids"], MaxIDs)
	if err != nil {
		return malformed("its sender's numbers")
	}
	for _, raw := range list {
		id, err := identifier(raw)
		if err != nil {
			return malformed("its sender's numbers")
		}
		m.From.IDs = append(m.From.IDs, id)
	}
	return nil
}

func identifier(raw []byte) (id Identifier, err error) {
	f, err := members(raw)
	if err != nil {
		return id, err
	}
	if id.System, err = text(f["system"], party.MaxOrigin); err != nil {
		return id, err
	}
	value, err := text(f["value"], 8*maxValue)
	if err != nil {
		return id, err
	}
	id.Value = line(value, maxValue)
	return id, checkID(id)
}

func checkID(id Identifier) error {
	hidden := func(r rune) bool { return r <= ' ' || r > '~' }
	if id.System == "" || id.Value == "" || len(id.System) > party.MaxOrigin || strings.ContainsFunc(id.System, hidden) {
		return malformed("a number of the sender")
	}
	return nil
}

func (m *Message) readTexts(f map[string][]byte) (err error) {
	if m.Text, err = text(f["text"], MaxText); err != nil {
		return err
	}
	m.Text = party.Paragraphs(m.Text)
	if m.Request, err = text(f["request"], MaxText); err != nil {
		return err
	}
	if m.Receipt, err = text(f["receipt"], MaxText); err != nil {
		return err
	}
	m.Reply, err = text(f["reply"], maxReply)
	return err
}

func (m *Message) readDocuments(f map[string][]byte) error {
	if f["documents"] == nil {
		return nil
	}
	list, err := elements(f["documents"], MaxDocuments)
	if err != nil {
		return err
	}
	for _, raw := range list {
		d, err := document(raw)
		if err != nil {
			return err
		}
		m.Documents = append(m.Documents, d)
	}
	return nil
}

func document(raw []byte) (Document, error) {
	f, err := members(raw)
	if err != nil {
		return Document{}, err
	}
	name, err := text(f["name"], 8*MaxName)
	if err != nil {
		return Document{}, malformed("the name of a document")
	}
	typ, err := text(f["type"], 2*maxType)
	if err != nil {
		return Document{}, malformed("the type of a document")
	}
	inside, ok := strict.Bare(f["body"])
	if !ok {
		return Document{}, malformed("a document")
	}
	if b64.DecodedLen(len(inside)) > MaxBytes {
		return Document{}, ErrTooBig
	}
	body, err := decode(inside)
	if err != nil {
		return Document{}, err
	}
	return look(name, typ, body), nil
}
