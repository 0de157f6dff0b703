package sync

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"filippo.io/age"

	"potli/crypto/envelope"
)

// A frame is what lies in a mailbox: one age file with one stanza, to the epoch,
// in base64url. Inside:
//
//	potli-frame/1\n
//	[{"kind":"entry","len":…},{"kind":"record","id":…,"len":…},…]\n
//	<the items one after another, as many bytes as each len says>
//	<zero bytes up to the size of envelope.Size>
//
// Nothing in it is signed by the frame: every item stands for itself.
const (
	frameMagic  = "potli-frame/1\n"
	frameFamily = "potli-frame/"
	maxList     = 512 << 10 // bytes of the list, with its newline
	maxItems    = 2048
)

// Kinds of items.
const (
	kindEntry  = "entry"  // of the chain, signed
	kindRecord = "record" // a sealed record, whole
	kindPart   = "part"   // some of a sealed record that is too large for one frame
	kindReport = "report" // what a device has and lacks, signed
)

// item is one thing in a frame. A kind that is not known here is passed over: a
// later release wrote it.
type item struct {
	Kind string `json:"kind"`
	ID   string `json:"id,omitempty"` // of a record
	At   int    `json:"at,omitempty"` // of a part: where it begins
	Of   int    `json:"of,omitempty"` // of a part: bytes of the whole
	Len  int    `json:"len"`
	Body []byte `json:"-"`
}

var (
	// errFrame: not a frame to this epoch, or a changed one.
	errFrame = errors.New("not a frame")
	// errLater: a frame of a later release.
	errLater = errors.New("a frame of a later release")
)

// sealFrame returns the text of a letter.
func sealFrame(items []item, to *age.HybridRecipient) (string, error) {
	for i := range items {
		items[i].Len = len(items[i].Body)
	}
	list, err := json.Marshal(items)
	if err != nil {
		return "", err
	}
	plain := append([]byte(frameMagic), list...)
	plain = append(plain, '\n')
	for _, it := range items {
		plain = append(plain, it.Body...)
	}
	plain = append(plain, make([]byte, envelope.Size(len(plain))-len(plain))...)
	var text strings.Builder
	text.Grow(b64.EncodedLen(len(plain) + 4096 + 16*(len(plain)>>16)))
	if err := encryptTo(&text, plain, to); err != nil {
		return "", err
	}
	return text.String(), nil
}

func encryptTo(text io.Writer, plain []byte, to *age.HybridRecipient) error {
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	if err != nil {
		return err
	}
	if _, err := w.Write(plain); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, err = io.WriteString(text, b64.EncodeToString(file.Bytes()))
	return err
}

// lone lets an identity see the stanzas only when there is exactly one.
type lone struct{ *age.HybridIdentity }

func (l lone) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 {
		return nil, errFrame
	}
	return l.HybridIdentity.Unwrap(stanzas)
}

// openFrame returns what is in a letter. Errors: errFrame, errLater.
func openFrame(text string, epoch *age.HybridIdentity) ([]item, error) {
	if len(text) > maxLetter {
		return nil, errFrame
	}
	file, err := b64.Strict().DecodeString(text)
	if err != nil {
		return nil, errFrame
	}
	r, err := age.Decrypt(bytes.NewReader(file), lone{epoch})
	if err != nil {
		return nil, errFrame
	}
	plain := make([]byte, len(file)) // longer than what is in it
	n, err := io.ReadFull(r, plain)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errFrame
	}
	return parseFrame(plain[:n:n])
}

// parseFrame takes the plaintext apart.
func parseFrame(plain []byte) ([]item, error) {
	rest, ok := bytes.CutPrefix(plain, []byte(frameMagic))
	switch {
	case !ok && bytes.HasPrefix(plain, []byte(frameFamily)):
		return nil, errLater
	case !ok:
		return nil, errFrame
	}
	end := bytes.IndexByte(rest[:min(len(rest), maxList)], '\n')
	if end < 0 {
		return nil, errFrame
	}
	var items []item
	if json.Unmarshal(rest[:end], &items) != nil || len(items) > maxItems {
		return nil, errFrame
	}
	rest = rest[end+1:]
	for i := range items {
		n := items[i].Len
		if n < 0 || n > len(rest) {
			return nil, errFrame
		}
		items[i].Body, rest = rest[:n:n], rest[n:]
	}
	if envelope.Size(len(plain)-len(rest)) != len(plain) || len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, errFrame
	}
	return items, nil
}
