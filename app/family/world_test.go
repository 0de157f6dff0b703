package family_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"potli/app/family"
	"potli/app/record"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// phone is one device of one person, with the history as it has it.
type phone struct {
	t    testing.TB
	name string
	keys *keyring.Keys
	user *keyring.User
	kit  func() *phone // the same person on a new phone, by their kit
	h    *family.History
	now  *time.Time // shared by all
}

// newPhone makes a person with one phone.
func newPhone(t testing.TB, name string, now *time.Time) *phone {
	t.Helper()
	e := newEarnest()
	d := e.newUser(name)
	p := &phone{t: t, name: name, keys: keysOf(d), user: userOf(d), now: now}
	p.kit = func() *phone {
		d.doc = p.user
		n := must(e.recover(d, nil, *now))
		return &phone{t: t, name: name + "'s new phone", keys: keysOf(n), user: userOf(n), now: now}
	}
	return p
}

func (p *phone) id() string { return p.user.ID() }

func (p *phone) author() family.Author {
	return family.Author{User: p.id(), Device: p.keys.Device, Signer: p.keys.Signer}
}

func (p *phone) public() []byte {
	p.t.Helper()
	return must(must(p.user.Public(p.keys, *p.now)).Marshal())
}

func (p *phone) state() *family.State { return p.h.State() }

// write does what must be allowed.
func (p *phone) write(a family.Act) chain.Hash {
	p.t.Helper()
	*p.now = p.now.Add(time.Minute)
	e, err := p.h.Write(p.author(), a, *p.now)
	if err != nil {
		p.t.Fatalf("%s: %s: %v", p.name, a.Kind(), err)
	}
	return e.Hash()
}

// refused tries what must not be allowed.
func (p *phone) refused(a family.Act, want error) {
	p.t.Helper()
	if _, err := p.h.Write(p.author(), a, *p.now); !errors.Is(err, want) {
		p.t.Errorf("%s: %s: %v, want %v", p.name, a.Kind(), err, want)
	}
}

// force signs and adds what the phone knows to be of no effect, as a changed
// program would.
func (p *phone) force(a family.Act) chain.Hash {
	p.t.Helper()
	kind, body, err := family.Encode(a)
	if err != nil {
		p.t.Fatal(err)
	}
	d := p.h.Log().Draft(p.keys.Signer.Public().(ed25519.PublicKey))
	d.User, d.Device, d.Time, d.Kind, d.Body = p.id(), p.keys.Device, *p.now, string(kind), body
	e := must(chain.Sign(d, p.keys.Signer))
	must(p.h.Add(e))
	return e.Hash()
}

// found begins the history of a child.
func (p *phone) found(f family.Found) *phone {
	p.t.Helper()
	f.Public = p.public()
	h, _, err := family.Begin("asha", p.author(), &f, *p.now)
	if err != nil {
		p.t.Fatal(err)
	}
	p.h = h
	p.epoch()
	return p
}

// epoch makes a new key for everybody. What is sealed is not looked at here.
func (p *phone) epoch() chain.Hash {
	p.t.Helper()
	n, to := p.state().NextEpoch()
	e := &family.Epoch{N: n, Recipient: chain.Hash{byte(n)}, Sealed: []byte("age-encryption.org/v1")}
	for _, m := range to {
		e.To = append(e.To, family.Whom{User: m.User, Doc: m.Doc})
	}
	return p.write(e)
}

// letIn lets somebody in, from now on, and gives them the key.
func (p *phone) letIn(o *phone, r family.Role) {
	p.t.Helper()
	from := 1
	if e, ok := p.state().Current(); ok {
		from = e.N
	}
	p.write(&family.Add{User: o.id(), Role: r, Public: o.public(), From: from})
	p.give()
	o.h = p.copy()
}

// give gives everybody what is theirs.
func (p *phone) give() {
	p.t.Helper()
	for _, g := range p.state().Gifts(p.id(), family.Clock{}, *p.now) {
		p.write(&family.Grant{To: family.Whom{User: g.To.User, Doc: g.To.Doc}, Epochs: g.Epochs, Sealed: []byte("age-encryption.org/v1")})
	}
}

// copy is the history as it is now; what is written later is not in it.
func (p *phone) copy() *family.History {
	return p.h.Clone()
}

// apart is the same phone with the history as it was, so that it can go on from there.
func (p *phone) apart() *phone {
	p.t.Helper()
	c := *p
	c.h = p.copy()
	return &c
}

// meet lets phones tell each other everything, in any direction, and sees that they
// then say the same.
func meet(t testing.TB, phones ...*phone) *family.State {
	t.Helper()
	var all []*chain.Entry
	for _, p := range phones {
		all = append(all, p.h.Log().Entries()...)
	}
	for i, p := range phones {
		list := slices.Clone(all)
		if i%2 == 1 {
			slices.Reverse(list)
		}
		for _, e := range list {
			if _, err := p.h.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := p.state().Digest(), phones[0].state().Digest(); got != want {
			t.Fatalf("%s and %s say different things", p.name, phones[0].name)
		}
	}
	return phones[0].state()
}

// why is why an operation is void; nil if it counts.
func why(s *family.State, h chain.Hash) error {
	for _, v := range s.Void {
		if v.Entry == h {
			return v.Why
		}
	}
	return nil
}

func is(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func role(s *family.State, p *phone) family.Role {
	m, _ := s.Member(p.id())
	return m.Role
}

// named is an operation that brings in records.
func named(ids ...record.ID) *family.Records {
	r := new(family.Records)
	for _, id := range ids {
		r.List = append(r.List, family.Named{ID: id, Sum: chain.Hash{1}})
	}
	return r
}

// house is a family: mother founded, and let all others in.
type house struct {
	now                                                              time.Time
	mother, father, uncle, aunt, granny, cousin, neighbour, stranger *phone
}

func newHouse(t testing.TB, f family.Found) *house {
	t.Helper()
	w := &house{now: noon}
	for name, p := range map[string]**phone{
		"mother": &w.mother, "father": &w.father, "uncle": &w.uncle, "aunt": &w.aunt,
		"granny": &w.granny, "cousin": &w.cousin, "neighbour": &w.neighbour, "stranger": &w.stranger,
	} {
		*p = newPhone(t, name, &w.now)
	}
	w.mother.found(f)
	w.mother.letIn(w.father, family.Owner)
	w.mother.letIn(w.uncle, family.Admin)
	w.mother.letIn(w.aunt, family.Admin)
	w.mother.letIn(w.granny, family.Reader)
	w.mother.letIn(w.cousin, family.Reader)
	w.mother.letIn(w.neighbour, family.Contact)
	w.stranger.h = w.mother.copy()
	meet(t, w.mother, w.father, w.uncle, w.aunt, w.granny, w.cousin, w.neighbour, w.stranger)
	return w
}
