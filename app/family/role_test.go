package family_test

import (
	"testing"

	"potli/app/family"
	"potli/app/record"
	"potli/crypto/chain"
)

// Who may do what, cell by cell: asked before it is written, and of an entry that
// was written all the same.
func TestF5_Roles(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{"name": "Asha"}})
	w.mother.write(named("r1"))
	w.mother.write(&family.NameContact{User: w.neighbour.id(), Days: 30})
	w.neighbour.h = w.mother.copy()
	claim := w.neighbour.write(&family.Claim{})
	w.mother.h = w.neighbour.copy()
	offer := w.mother.write(&family.Offer{User: w.cousin.id()})
	current, _ := w.mother.state().Current()
	to := func(p *phone) family.Whom {
		m, _ := w.mother.state().Member(p.id())
		return family.Whom{User: p.id(), Doc: m.Doc}
	}
	add := func(r family.Role) *family.Add {
		other := newPhone(t, "other", &w.now)
		return &family.Add{User: other.id(), Role: r, Public: other.public(), From: 1}
	}
	actors := []*phone{w.mother, w.father, w.uncle, w.granny, w.neighbour, w.stranger}
	everybody := []error{nil, nil, nil, nil, nil, family.ErrNotMember}
	writers := []error{nil, nil, nil, family.ErrRole, family.ErrRole, family.ErrNotMember}
	owners := []error{nil, nil, family.ErrRole, family.ErrRole, family.ErrRole, family.ErrNotMember}
	above := []error{nil, nil, family.ErrEqual, family.ErrRole, family.ErrRole, family.ErrNotMember}
	readers := []error{nil, nil, nil, nil, family.ErrRole, family.ErrNotMember}
	for _, tt := range []struct {
		name string
		act  func(by *phone) family.Act
		want []error // mother and father are owners, uncle an admin, granny a reader, neighbour a contact
	}{
		{"details", of(&family.Details{Fields: family.Fields{"blood": "B+"}}), writers},
		{"add a contact", of(add(family.Contact)), writers},
		{"add a reader", of(add(family.Reader)), writers},
		{"add an admin", of(add(family.Admin)), owners},
		{"add an owner", of(add(family.Owner)), owners},
		{"add a member", of(&family.Add{User: w.aunt.id(), Role: family.Reader, Public: w.aunt.public(), From: 1}), alter(writers, family.ErrMember, 0, 1, 2)},
		{"reader to contact", of(&family.SetRole{User: w.cousin.id(), Role: family.Contact}), writers},
		{"reader to reader", of(&family.SetRole{User: w.cousin.id(), Role: family.Reader}), alter(writers, family.ErrMember, 0, 1, 2)},
		{"reader to admin", of(&family.SetRole{User: w.cousin.id(), Role: family.Admin}), owners},
		{"reader to owner", of(&family.SetRole{User: w.cousin.id(), Role: family.Owner}), owners},
		{"admin to reader", of(&family.SetRole{User: w.aunt.id(), Role: family.Reader}), above},
		{"admin to owner", of(&family.SetRole{User: w.aunt.id(), Role: family.Owner}), above},
		{"first owner to admin", of(&family.SetRole{User: w.mother.id(), Role: family.Admin}), alter(above, family.ErrEqual, 1)},
		{"second owner to admin", of(&family.SetRole{User: w.father.id(), Role: family.Admin}), above},
		{"second owner to owner", of(&family.SetRole{User: w.father.id(), Role: family.Owner}), alter(above, family.ErrMember, 0, 1)},
		{"role of nobody", of(&family.SetRole{User: "nobody", Role: family.Reader}), alter(writers, family.ErrNoMember, 0, 1, 2)},
		{"remove a contact", of(&family.Remove{User: w.neighbour.id()}), alter(writers, nil, 4)},
		{"remove a reader", of(&family.Remove{User: w.cousin.id()}), writers},
		{"remove an admin", of(&family.Remove{User: w.aunt.id()}), above},
		{"remove the first owner", of(&family.Remove{User: w.mother.id()}), alter(above, family.ErrEqual, 1)},
		{"remove the second owner", of(&family.Remove{User: w.father.id()}), above},
		{"remove nobody", of(&family.Remove{User: "nobody"}), alter(writers, family.ErrNoMember, 0, 1, 2)},
		{"leave", func(by *phone) family.Act { return &family.Remove{User: by.id()} }, everybody},
		{"make oneself an owner", func(by *phone) family.Act { return &family.SetRole{User: by.id(), Role: family.Owner} },
			[]error{family.ErrMember, family.ErrMember, family.ErrEqual, family.ErrRole, family.ErrRole, family.ErrNotMember}},
		{"own devices", func(by *phone) family.Act { return &family.Devices{Public: by.public()} }, everybody},
		{"another's devices", of(&family.Devices{Public: w.aunt.public()}),
			[]error{family.ErrPublic, family.ErrPublic, family.ErrPublic, family.ErrPublic, family.ErrPublic, family.ErrNotMember}},
		{"epoch", of(&family.Epoch{N: 2, To: []family.Whom{to(w.mother)}, Sealed: []byte("x")}), writers},
		{"epoch out of turn", of(&family.Epoch{N: 3, To: []family.Whom{to(w.mother)}, Sealed: []byte("x")}),
			[]error{family.ErrNumber, family.ErrNumber, family.ErrNumber, family.ErrNumber, family.ErrNumber, family.ErrNumber}},
		{"grant", of(&family.Grant{To: to(w.granny), Epochs: []chain.Hash{current.Entry}, Sealed: []byte("x")}), writers},
		{"grant to nobody", of(&family.Grant{To: family.Whom{User: "nobody"}, Epochs: []chain.Hash{current.Entry}, Sealed: []byte("x")}), alter(writers, family.ErrNoMember, 0, 1, 2)},
		{"grant to other keys", of(&family.Grant{To: family.Whom{User: w.granny.id(), Doc: chain.Hash{7}}, Epochs: []chain.Hash{current.Entry}, Sealed: []byte("x")}), alter(writers, family.ErrPublic, 0, 1, 2)},
		{"grant of nothing", of(&family.Grant{To: to(w.granny), Epochs: []chain.Hash{{7}}, Sealed: []byte("x")}), alter(writers, family.ErrEpoch, 0, 1, 2)},
		{"records", of(named("r2", "r3")), writers},
		{"a record again", of(named("r2", "r1")), alter(writers, family.ErrRecord, 0, 1, 2)},
		{"retitle", of(&family.Retitle{ID: "r1", Title: "x"}), writers},
		{"retitle nothing", of(&family.Retitle{ID: "r9", Title: "x"}), alter(writers, family.ErrRecord, 0, 1, 2)},
		{"move", of(&family.Move{ID: "r1", To: "ravi", As: "r7"}), writers},
		{"move nothing", of(&family.Move{ID: "r9", To: "ravi", As: "r7"}), alter(writers, family.ErrRecord, 0, 1, 2)},
		{"delete", of(&family.Delete{IDs: []record.ID{"r1"}}), writers},
		{"delete nothing", of(&family.Delete{IDs: []record.ID{"r1", "r9"}}), alter(writers, family.ErrRecord, 0, 1, 2)},
		{"guardian", of(&family.Guardian{User: w.aunt.id(), As: "guardian", Proof: "court-order"}), writers},
		{"guardian of nobody", of(&family.Guardian{User: "nobody", As: "guardian", Proof: "court-order"}), alter(writers, family.ErrNoMember, 0, 1, 2)},
		{"majority", of(&family.SetMajority{Law: "NZ", Age: 20, Offset: 720}), writers},
		{"offer", of(&family.Offer{User: w.cousin.id()}), writers},
		{"offer to oneself", func(by *phone) family.Act { return &family.Offer{User: by.id()} }, alter(writers, family.ErrNoMember, 0, 1, 2)},
		{"accept another's offer", of(&family.Accept{Offer: offer}),
			[]error{family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrNotMember}},
		{"transfer that was not accepted", of(&family.Transfer{User: w.cousin.id()}), alter(writers, family.ErrNotNamed, 0, 1, 2)},
		{"name a contact", of(&family.NameContact{User: w.granny.id(), Days: 30}), owners},
		{"name nobody", of(&family.NameContact{User: "nobody", Days: 30}), alter(owners, family.ErrNoMember, 0, 1)},
		{"take a contact back", of(&family.NameContact{User: w.neighbour.id()}), owners},
		{"claim", of(&family.Claim{}), []error{family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, nil, family.ErrNotMember}},
		{"waited", of(&family.Waited{Claim: claim}), readers},
		{"waited for nothing", of(&family.Waited{Claim: chain.Hash{1}}), alter(readers, family.ErrNotNamed, 0, 1, 2, 3)},
		{"veto", of(&family.Veto{Claim: claim}), owners},
		{"veto of nothing", of(&family.Veto{Claim: chain.Hash{1}}),
			[]error{family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrNotMember}},
		{"recover", of(&family.Recover{Claim: claim}),
			[]error{family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrNotNamed, family.ErrWaiting, family.ErrNotMember}},
		{"their log of consents", of(&family.Logged{Lines: []string{"{}"}}), readers},
		{"found again", of(&family.Found{Fields: family.Fields{}, Public: w.mother.public()}),
			[]error{family.ErrRoot, family.ErrRoot, family.ErrRoot, family.ErrRoot, family.ErrRoot, family.ErrRoot}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i, by := range actors {
				c := *by
				c.t, c.h = t, w.mother.copy()
				a, want := tt.act(&c), tt.want[i]
				is(t, by.name+" asks", c.state().Allowed(c.id(), a, w.now), want)
				c.refusedOr(a, want)
				c.h = w.mother.copy()
				h := c.force(a)
				is(t, by.name+" does", why(c.state(), h), want)
			}
		})
	}
}

// refusedOr is Write with that result.
func (p *phone) refusedOr(a family.Act, want error) {
	p.t.Helper()
	_, err := p.h.Write(p.author(), a, *p.now)
	is(p.t, p.name+" writes", err, want)
}

func of(a family.Act) func(*phone) family.Act { return func(*phone) family.Act { return a } }

// alter is a row with another result in some places.
func alter(row []error, err error, places ...int) []error {
	out := append([]error(nil), row...)
	for _, i := range places {
		out[i] = err
	}
	return out
}
