package family_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"potli/app/family"
	"potli/app/record"
)

// BenchmarkFold is a family of six over some decades: 3,000 operations, 30 epochs,
// and a removal now and then.
func BenchmarkFold(b *testing.B) {
	y := newSymbols(rand.New(rand.NewPCG(1, 1)))
	s := &story{rng: y.rng, realm: y, now: noon}
	s.init()
	for i := range 6 {
		s.users = append(s.users, y.newUser(fmt.Sprint("u", i)).user)
	}
	first := s.users[0].devices[0]
	first.replica = y.begin(first, s.now)
	for i := range 3000 {
		switch {
		case i%100 == 0:
			s.roll(first)
		case i%300 == 50:
			u := s.users[1+i/300%5]
			if _, in := first.state().Member(u.id); in {
				s.write(first, &family.Remove{User: u.id})
			} else {
				s.write(first, &family.Add{User: u.id, Role: family.Admin, Public: y.public(u.devices[0], s.now), From: 1})
			}
			s.duties(first)
		default:
			if _, err := first.replica.(*symReplica).append(first, &family.Records{List: []family.Named{{ID: record.ID(fmt.Sprint(i))}}}, s.now); err != nil {
				b.Fatal(err)
			}
		}
	}
	r := first.replica.(*symReplica)
	b.ReportAllocs()
	for b.Loop() {
		clear(y.states)
		if len(r.state().Records) < 2900 {
			b.Fatal("records are missing")
		}
	}
}
