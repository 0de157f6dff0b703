package family

import (
	"strings"

	"potli/crypto/chain"
)

// MaxLogged is the most that one operation tells of a log, in bytes. A line is as long
// as it may be (package ledger), less what stands around it.
const (
	MaxLogged     = 120 << 10
	maxCheckpoint = 8 << 10
	maxLogged     = 1 << 10 // lines
	maxFrom       = 100_000
)

// Logged tells the others of the log of consents that the author's device keeps of this
// person: lines of it, and the newest checkpoint that it signed. What a line says is
// for package ledger; here it is text. Others become witnesses: what was once told
// cannot be taken back, nor told otherwise, without all of them seeing it. Any member
// may say it who sees the records, also after the 18th birthday: what somebody has
// given away they have to be able to say.
type Logged struct {
	From       int      `json:"from"` // how many lines stand before these
	Lines      []string `json:"lines,omitempty"`
	Checkpoint string   `json:"checkpoint,omitempty"` // a signed note
}

// KindLogged is that of Logged.
const KindLogged Kind = "logged"

// Kind implements Act.
func (*Logged) Kind() Kind { return KindLogged }

func (a *Logged) fits() bool {
	size := len(a.Checkpoint)
	for _, l := range a.Lines {
		if l == "" || strings.ContainsRune(l, '\n') {
			return false
		}
		size += len(l)
	}
	return a.From >= 0 && a.From <= maxFrom && len(a.Lines) <= maxLogged && size > 0 && size <= MaxLogged && len(a.Checkpoint) <= maxCheckpoint
}

// Log is what one device said at one time of its log of consents.
type Log struct {
	Device string
	Key    []byte // the device's, Ed25519: what its checkpoints are signed with
	User   string
	Entry  chain.Hash // the operation
	Logged
}
