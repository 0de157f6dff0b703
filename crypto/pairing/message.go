package pairing

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"potli/crypto/envelope"
	"potli/crypto/jose"
)

// A message is a compact JWE under the key of its direction. What lies inside:
//
//	potli-pair/1 <side> <step> <length>\n
//	<body: length bytes>
//	<zero bytes up to 8 KiB, above that to the Padmé size of the whole>
//
// All messages look alike but the answer, and the reveal of an offer of more than
// 6 KB: so nobody on the way sees what a code is for.
const (
	magic     = "potli-pair/1 "
	anyMagic  = "potli-pair/"
	maxHeader = 64
	minSize   = 8 << 10
)

func paddedSize(n int) int { return max(envelope.Padme(n), minSize) }

// side is who speaks.
type side string

const (
	shower  side = "shower"
	scanner side = "scanner"
)

// step is what is said.
type step string

const (
	stepCommit    step = "commit"
	stepChallenge step = "challenge"
	stepReveal    step = "reveal"
	stepYes       step = "yes"
	stepAnswer    step = "answer"
	stepDone      step = "done"
	stepEnd       step = "end" // from either, at any time: why there will be no more
	stepNone      step = ""    // nothing is expected
)

// speakers says whose each step is; stepEnd is everybody's.
var speakers = map[step]side{
	stepCommit: scanner, stepChallenge: shower, stepReveal: scanner, stepYes: scanner, stepAnswer: shower, stepDone: scanner,
}

type message struct {
	from side
	step step
	body []byte
}

// seal pads and encrypts.
func (m message) seal(key []byte, rand io.Reader) (string, error) {
	return jose.Encrypt(key, ContentType, m.marshal(), rand)
}

func (m message) marshal() []byte {
	head := magic + string(m.from) + " " + string(m.step) + " " + strconv.Itoa(len(m.body)) + "\n"
	b := make([]byte, paddedSize(len(head)+len(m.body)))
	copy(b[copy(b, head):], m.body)
	return b
}

// open decrypts and reads a message. Errors: ErrTampered, ErrVersion.
func open(key []byte, sealed string) (message, error) {
	if len(sealed) > MaxMessage {
		return message{}, ErrTampered
	}
	plain, cty, err := jose.Decrypt(key, sealed)
	if err != nil || cty != ContentType {
		return message{}, ErrTampered
	}
	return unmarshal(plain)
}

// unmarshal is strict: what it takes, marshal writes again byte for byte.
func unmarshal(plain []byte) (message, error) {
	rest, ok := bytes.CutPrefix(plain, []byte(magic))
	if !ok {
		if bytes.HasPrefix(plain, []byte(anyMagic)) {
			return message{}, ErrVersion
		}
		return message{}, ErrTampered
	}
	line, _, ok := bytes.Cut(rest[:min(len(rest), maxHeader)], []byte{'\n'})
	if !ok {
		return message{}, ErrTampered
	}
	body := rest[len(line)+1:]
	field := strings.Split(string(line), " ")
	if len(field) != 3 {
		return message{}, ErrTampered
	}
	m := message{from: side(field[0]), step: step(field[1])}
	n, err := strconv.Atoi(field[2])
	if err != nil || n < 0 || n > len(body) || strconv.Itoa(n) != field[2] || !m.sayable() {
		return message{}, ErrTampered
	}
	m.body = body[:n:n]
	if used := len(plain) - len(body) + n; len(plain) != paddedSize(used) || len(bytes.Trim(body[n:], "\x00")) > 0 {
		return message{}, ErrTampered
	}
	return m, nil
}

// sayable says whether this side says such a thing.
func (m message) sayable() bool {
	if m.step == stepEnd {
		return m.from == shower || m.from == scanner
	}
	whose, known := speakers[m.step]
	return known && whose == m.from
}

// reasons are the bodies of an end.
var reasons = map[string]error{"declined": ErrDeclined, "expired": ErrExpired, "tampered": ErrTampered, "used": ErrUsed, "version": ErrVersion}

// reasonText is the body of the end that tells err. What the other side has no
// name for is told as declined: this side gave up.
func reasonText(err error) []byte {
	for text, reason := range reasons {
		if reason == err {
			return []byte(text)
		}
	}
	return []byte("declined")
}

// reason reads an end.
func (m message) reason() error {
	if err, ok := reasons[string(m.body)]; ok {
		return err
	}
	return ErrTampered
}
