package sync

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"potli/crypto/chain"
)

// report is what a device tells the others: what it has, what it has read, and
// what it lacks. Newer ones replace older ones.
//
//	{"profile":…,"device":…,"n":…,…}\n
//	<64 bytes: Ed25519 by the device over "potli-report/1" 0x00 || SHA-256(the line without its newline)>
type report struct {
	Profile string `json:"profile"`
	Device  string `json:"device"`
	N       uint64 `json:"n"` // of this device's reports, growing
	// Has is what it has of the chain.
	Has chain.Summary `json:"has"`
	// Only is the mailbox of an epoch that has ended, when the report is for those who
	// may know no later one. It then tells nothing of what came after that epoch.
	Only string `json:"only,omitempty"`
	// Seen is how far it has read: everything up to that number of the mailbox
	// (first characters of its id) is durable there.
	Seen map[string]int64 `json:"seen"`
	// Heard is the N of the newest report that it has of each device.
	Heard map[string]uint64 `json:"heard"`
	// Coming is how much it is about to send after this.
	Coming int   `json:"coming,omitempty"`
	Lack   *lack `json:"lack,omitempty"`
}

// lack is what a device asks the others for.
type lack struct {
	// All: whatever there is beyond Has; the device does not know what it lacks.
	All     bool         `json:"all,omitempty"`
	Entries []chain.Hash `json:"entries,omitempty"` // with what comes before them beyond Has
	Records []Piece      `json:"records,omitempty"`
}

const (
	reportContext = "potli-report/1\x00"
	maxReport     = 512 << 10
	maxTips       = 4096 // devices that ever wrote in one history
	maxUnknown    = 256  // entries in one report
	maxLack       = 2000 // records and parts in one report
)

var errReport = errors.New("not a report")

func reportMessage(line []byte) []byte {
	sum := sha256.Sum256(line)
	return append([]byte(reportContext), sum[:]...)
}

// sign returns the report as it travels.
func (r *report) sign(key ed25519.PrivateKey) ([]byte, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	sig := ed25519.Sign(key, reportMessage(line))
	return append(append(line, '\n'), sig...), nil
}

// readReport takes a report apart; nothing is verified yet.
func readReport(b []byte) (*report, error) {
	if len(b) > maxReport {
		return nil, errReport
	}
	end := len(b) - ed25519.SignatureSize - 1
	if end < 0 || b[end] != '\n' || bytes.IndexByte(b[:end], '\n') >= 0 {
		return nil, errReport
	}
	r := new(report)
	if json.Unmarshal(b[:end], r) != nil || len(r.Has) > maxTips || r.Device == "" || r.N == 0 {
		return nil, errReport
	}
	if l := r.Lack; l != nil && (len(l.Entries) > maxUnknown || weigh(l.Records) > maxLack) {
		return nil, errReport
	}
	return r, nil
}

// signedBy verifies what readReport took apart.
func signedBy(b []byte, key ed25519.PublicKey) bool {
	end := len(b) - ed25519.SignatureSize - 1
	return end >= 0 && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, reportMessage(b[:end]), b[end+1:])
}

// weigh counts records and parts.
func weigh(pieces []Piece) (n int) {
	for _, p := range pieces {
		n += max(1, len(p.Parts))
	}
	return n
}
