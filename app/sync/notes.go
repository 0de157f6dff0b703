package sync

import (
	"encoding/json"
	"fmt"

	"potli/crypto/chain"
)

// notes are what the engine keeps of a profile in the Store. They hold no secret
// that the Store does not hold, and no record; whoever loses them asks for more
// than is missing and loses nothing else.
type notes struct {
	Version string `json:"version"`
	// Device is whose notes they are: a device that was made from a backup of another
	// has counters of its own.
	Device string `json:"device"`
	// Said is the N of this device's newest report, taken before it was sent.
	Said     uint64           `json:"said"`
	SaidAt   int64            `json:"saidAt"` // unix seconds, as all times here
	SaidLack *lack            `json:"saidLack,omitempty"`
	Owes     bool             `json:"owes,omitempty"` // something arrived that no report tells of
	Sent     uint64           `json:"sent"`           // own entries up to this N are at the relay
	Queue    []ref            `json:"queue,omitempty"`
	Flight   *flight          `json:"flight,omitempty"`
	Boxes    map[string]*box  `json:"boxes"` // by Box.short
	Peers    map[string]*peer `json:"peers"` // by device
	// Knows is the newest announcement of an epoch that a device was heard to know.
	Knows   map[string]chain.Hash `json:"knows,omitempty"`
	Reached int64                 `json:"reached,omitempty"` // when the relay last answered
	// Away is when this device came back after the relay had forgotten letters, until
	// it is known to have everything.
	Away int64 `json:"away,omitempty"`
	Twin bool  `json:"twin,omitempty"` // another program writes as this device
}

const notesVersion = "potli-sync/1"

// box is how far a mailbox was read.
type box struct {
	Created int64 `json:"created"`
	Expires int64 `json:"expires"`
	Highest int64 `json:"highest"`
	Read    int64 `json:"read"`              // everything up to this number is durable here
	Drained int64 `json:"drained,omitempty"` // when its end was first reached
	// Kept are the numbers that were listed and that may lie there yet.
	Kept []int64 `json:"kept,omitempty"`
	// Of the mailbox of an epoch that has ended: how far it was read when the next one
	// became known, and when that was; when this device last spoke there; and the N of
	// the last report that other devices made there for those who come late.
	Told    int64             `json:"told,omitempty"`
	Ended   int64             `json:"ended,omitempty"`
	Spoke   int64             `json:"spoke,omitempty"`
	Greeted map[string]uint64 `json:"greeted,omitempty"`
	// Out are own letters that were not listed yet, by id; true: nothing but a
	// report is in it. Of those the newest stays, and the others may be erased once
	// their numbers are known: Alone.
	Out    map[string]bool `json:"out,omitempty"`
	Alone  []int64         `json:"alone,omitempty"`
	Last   string          `json:"last,omitempty"`   // id of the own letter with the newest report
	LastAt int64           `json:"lastAt,omitempty"` // its number, 0 until it was listed
	Back   int64           `json:"back,omitempty"`   // when the relay was seen to have put it back
	Bad    int             `json:"bad,omitempty"`    // letters that were no frame of this epoch, or a changed one
	Later  int             `json:"later,omitempty"`  // letters of a later release
}

// peer is another device, as its newest report says.
type peer struct {
	Report   []byte `json:"report"`
	Box      string `json:"box"` // in which it was
	Heard    int64  `json:"heard"`
	Answered uint64 `json:"answered,omitempty"` // N of the last report whose wants were queued

	r *report // of Report
}

// ref names what is to be sent.
type ref struct {
	Entry  *chain.Hash `json:"entry,omitempty"`
	Record string      `json:"record,omitempty"`
	At     int         `json:"at,omitempty"`
	Part   bool        `json:"part,omitempty"`
	Box    string      `json:"box,omitempty"` // an older mailbox; "" is the newest
}

// flight is one letter on its way.
type flight struct {
	ID   string `json:"id"`
	Box  string `json:"box"`
	Refs []ref  `json:"refs,omitempty"`
	Sent uint64 `json:"sent,omitempty"` // notes.Sent once it is there
	N    uint64 `json:"n"`              // of the report in it
}

func readNotes(b []byte, device string) (*notes, error) {
	n := &notes{Version: notesVersion, Device: device}
	if b != nil {
		if err := json.Unmarshal(b, n); err != nil {
			return nil, fmt.Errorf("reading the notes of sync: %w", err)
		}
		if n.Version != notesVersion {
			return nil, fmt.Errorf("reading the notes of sync: version %.20q", n.Version)
		}
		if n.Device != device {
			return readNotes(nil, device)
		}
	}
	if n.Boxes == nil {
		n.Boxes = map[string]*box{}
	}
	if n.Knows == nil {
		n.Knows = map[string]chain.Hash{}
	}
	if n.Peers == nil {
		n.Peers = map[string]*peer{}
	}
	for device, p := range n.Peers {
		r, err := readReport(p.Report)
		if err != nil {
			delete(n.Peers, device)
			continue
		}
		p.r = r
	}
	return n, nil
}

func (n *notes) write() ([]byte, error) { return json.Marshal(n) }

func (n *notes) box(short string) *box {
	b := n.Boxes[short]
	if b == nil {
		b = &box{}
		n.Boxes[short] = b
	}
	return b
}
