package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"

	"filippo.io/age"
)

// Item is one thing in a frame.
type Item = item

// What is inside of a letter, and of a report.
var (
	Seal       = sealFrame
	OpenLetter = openFrame
	ParseFrame = parseFrame
	ReadReport = readReport
	SignedBy   = signedBy
	Short      = Box.short
)

// Report is what devices tell each other.
type Report = report

// Lack is what a report asks for.
type Lack = lack

// ErrLater is what a frame of a later release is.
var ErrLater = errLater

// Sign signs a report.
var Sign = (*report).sign

// Limits of a test's interest.
const (
	MaxFull   = full
	MaxLetter = maxLetter
)

// Plainly makes an engine write letters that are not sealed, but that open for
// their epoch alone and only as they were written. It costs a hundredth.
func (e *Engine) Plainly() {
	e.seal = func(items []item, to *age.HybridRecipient) (string, error) {
		type body struct {
			Item item
			Body []byte
		}
		var list []body
		for _, it := range items {
			list = append(list, body{it, it.Body})
		}
		b, err := json.Marshal(list)
		sum := sha256.Sum256(append([]byte(to.String()), b...))
		return b64.EncodeToString(append(sum[:], b...)), err
	}
	e.open = func(text string, id *age.HybridIdentity) ([]item, error) {
		b, err := b64.Strict().DecodeString(text)
		if err != nil || len(b) < sha256.Size {
			return nil, errFrame
		}
		if sum := sha256.Sum256(append([]byte(id.Recipient().String()), b[sha256.Size:]...)); !bytes.Equal(sum[:], b[:sha256.Size]) {
			return nil, errFrame
		}
		var list []struct {
			Item item
			Body []byte
		}
		if json.Unmarshal(b[sha256.Size:], &list) != nil {
			return nil, errFrame
		}
		var items []item
		for _, it := range list {
			it.Item.Body = it.Body
			items = append(items, it.Item)
		}
		return items, nil
	}
}
