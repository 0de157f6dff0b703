package family

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"potli/app/record"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// State is what a history means. It never changes, and may be shared.
type State struct {
	Profile  string
	Fields   Fields
	Members  []Member // owners first, who is it for longer before others
	Epochs   []EpochInfo
	Records  []Record // as they were brought in
	Majority Majority
	Handover Handover
	Claims   []ClaimInfo
	Void     []Void       // operations without effect, in order
	Forks    []chain.Fork // devices that said two things at once
	Heads    []chain.Hash
	Logs     []Log `json:",omitempty"` // what devices said of their logs of consents, in the line's order

	fold *fold
}

// Member is one who may read.
type Member struct {
	User  string
	Role  Role
	Since chain.Hash // the entry that made them what they are
	From  int        // the first epoch that is theirs
	// Public is what to seal to; nil when the member's devices have to agree on
	// one first, and nothing is sealed to them until then.
	Public   *keyring.UserPublic `json:"-"`
	Doc      chain.Hash          // its hash
	Devices  []Device            // in use
	Out      []Device            // out of use for good; where the member's own list has one back, they take it out again
	Lacks    []chain.Hash        // epochs that are theirs and were not given to them
	Withheld []chain.Hash        // the same, made by one who had them out: somebody has to decide
	Guardian *Guardian           // on what ground they act
	Contact  int                 // days after which they may recover; 0: they may not
}

// EpochInfo is one key of the profile. Keys that do not count are listed too:
// records may be sealed to them.
type EpochInfo struct {
	N         int
	Entry     chain.Hash
	Recipient chain.Hash // SHA-256 of its recipient as age writes it
	User      string     // who made it
	Stands    bool       // the one to use among those of its number
	Serves    bool       // it can be sealed to: nobody else knows it, and every member may
	Void      string     // why it does not count; "" when it does
	To        []Whom     // who was given it
}

// Handover is how far the person's own taking over has got.
type Handover struct {
	Offered     string     // to whom last
	Offer       chain.Hash // the entry
	Accepted    bool
	Transferred bool
	Subject     string // who is the person, once they accepted
}

// ClaimInfo is a claim that the owners are gone.
type ClaimInfo struct {
	Entry     chain.Hash
	User      string
	Time      time.Time // as the claimant says
	Days      int       // to wait
	Waited    bool      // a member has said that it is over
	Vetoed    bool
	Recovered bool
}

// Void is an operation that has no effect.
type Void struct {
	Entry  chain.Hash
	User   string
	Device string
	Kind   Kind
	Why    error `json:"-"`
	Reason string
}

// result is the State that the last time through the line came to.
func (f *fold) result() *State {
	s := &State{Fields: Fields{}, Majority: f.majority(end), fold: f}
	for _, o := range f.details {
		s.Fields.take(o.act)
	}
	for _, o := range f.line {
		if why := f.void[o]; why != nil {
			s.Void = append(s.Void, Void{o.hash, o.user, o.device, kindOf(o), why, why.Error()})
		}
	}
	for _, user := range f.joined {
		if role, _ := f.granted(user, end); role > None {
			s.Members = append(s.Members, f.memberOf(user))
		}
	}
	slices.SortStableFunc(s.Members, f.seniors)
	for _, id := range f.order {
		s.Records = append(s.Records, f.records[id].Record)
	}
	for _, o := range f.logged {
		s.Logs = append(s.Logs, Log{o.device, []byte(o.key), o.user, o.hash, *o.act.(*Logged)})
	}
	f.tellEpochs(s)
	f.tellHandover(s)
	f.tellClaims(s)
	return s
}

func kindOf(o *op) Kind {
	if o.act == nil {
		return ""
	}
	return o.act.Kind()
}

// take changes fields as an operation says; in the line's order the last word on
// each holds.
func (f Fields) take(a Act) {
	var changes Fields
	switch a := a.(type) {
	case *Found:
		changes = a.Fields
	case *Details:
		changes = a.Fields
	}
	for k, v := range changes {
		if v == "" {
			delete(f, k)
			continue
		}
		f[k] = v
	}
}

func (f *fold) seniors(a, b Member) int {
	_, x := f.granted(a.User, end)
	_, y := f.granted(b.User, end)
	if a.Role != b.Role {
		return int(b.Role) - int(a.Role)
	}
	return x - y
}

func (f *fold) memberOf(user string) Member {
	role, since := f.granted(user, end)
	m := Member{
		User: user, Role: role, Since: f.line[since].hash, From: f.from(user, end), Devices: f.in(user, end), Out: f.out(user, end),
		Guardian: f.bonds[user], Contact: f.contact(user, end),
	}
	if p := f.newest(user, end); p != nil {
		m.Doc, m.Public = p.hash, p.parsed
	}
	for _, e := range f.epochs {
		switch {
		case e.act.N < m.From || f.holds(e, user):
		case f.withheld(e, user):
			m.Withheld = append(m.Withheld, e.op.hash)
		default:
			m.Lacks = append(m.Lacks, e.op.hash)
		}
	}
	return m
}

func (f *fold) tellEpochs(s *State) {
	stands := map[int]*epoch{}
	for _, e := range f.epochs {
		if best := stands[e.act.N]; e.void == nil && (best == nil || f.better(e, best)) {
			stands[e.act.N] = e
		}
	}
	for _, e := range f.epochs {
		info := EpochInfo{N: e.act.N, Entry: e.op.hash, Recipient: e.act.Recipient, User: e.op.user, Stands: stands[e.act.N] == e, Serves: f.serves(e), To: e.to}
		if e.void != nil {
			info.Void = e.void.Error()
		}
		s.Epochs = append(s.Epochs, info)
	}
}

func (f *fold) tellHandover(s *State) {
	for _, o := range f.line {
		if offer, ok := o.act.(*Offer); ok && f.void[o] == nil {
			s.Handover.Offered, s.Handover.Offer = offer.User, o.hash
		}
	}
	for _, a := range f.accepts {
		s.Handover.Subject, s.Handover.Accepted = a.user, true
	}
	for _, c := range f.cuts {
		if c.kind == cutTransfer {
			s.Handover.Subject, s.Handover.Transferred = c.user, true
		}
	}
}

func (f *fold) tellClaims(s *State) {
	for _, o := range f.line {
		if _, ok := o.act.(*Claim); !ok || f.void[o] != nil {
			continue
		}
		c := ClaimInfo{Entry: o.hash, User: o.user, Time: o.time, Days: f.contact(o.user, o), Vetoed: f.struck(o)}
		c.Waited = slices.ContainsFunc(f.waited, func(w *op) bool { return w.act.(*Waited).Claim == o.hash })
		c.Recovered = slices.ContainsFunc(f.line, func(r *op) bool {
			a, ok := r.act.(*Recover)
			return ok && a.Claim == o.hash && f.void[r] == nil
		})
		s.Claims = append(s.Claims, c)
	}
}

// Digest is a hash of everything a State says. Two devices with the same heads and
// other digests run releases that understand the history differently.
func (s *State) Digest() [sha256.Size]byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // no value of ours is beyond JSON
	}
	return sha256.Sum256(b)
}

// Later says whether the history holds operations of a later release. This one
// then understands less than others, and should not write before it was renewed.
func (s *State) Later() bool {
	return slices.ContainsFunc(s.Void, func(v Void) bool { return v.Why == ErrLater })
}

// Member returns a member.
func (s *State) Member(user string) (Member, bool) {
	if i := slices.IndexFunc(s.Members, func(m Member) bool { return m.User == user }); i >= 0 {
		return s.Members[i], true
	}
	return Member{}, false
}

// Record returns what is known of a record.
func (s *State) Record(id record.ID) (Record, bool) {
	if r := s.fold.records[id]; r != nil {
		return r.Record, true
	}
	return Record{}, false
}

// Verifier is the key of a device that belongs or belonged to a member, also after
// either is gone: what it wrote before remains to be read. Nil for another. Of two
// members who list a device of one id it is that of who was there first.
func (s *State) Verifier(device string) ed25519.PublicKey {
	for _, user := range s.fold.joined {
		for _, p := range s.fold.told(user, end) {
			for _, d := range slices.Concat(p.active, p.ended) {
				if d.ID == device {
					return ed25519.PublicKey(d.Key)
				}
			}
		}
	}
	return nil
}
