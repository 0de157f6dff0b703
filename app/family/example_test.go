package family_test

import (
	"fmt"
	"testing"
	"time"

	"potli/app/family"
)

// A mother and a father share a child's record; each writes on their own phone, out
// of reach of the other; and then both have the same.
func Example() {
	now := noon
	mother, father := phones(&now)
	mother.found(family.Found{Fields: family.Fields{"name": "Asha", "birth": "2010-05-01"}})

	// They compared words, and the mother lets him in, with all there is.
	mother.write(&family.Add{User: father.id(), Role: family.Admin, Public: father.public(), From: 1})
	mother.give()
	father.h = mother.copy()

	// Apart, both write.
	mother.write(named("vaccination"))
	father.write(named("x-ray"))
	father.write(&family.Details{Fields: family.Fields{"blood": "B+"}})

	s := meet(nobody{}, mother, father)
	fmt.Println(len(s.Members), "members,", len(s.Records), "records, blood group", s.Fields["blood"])
	fmt.Println("they say the same:", mother.state().Digest() == father.state().Digest())
	// Output:
	// 2 members, 2 records, blood group B+
	// they say the same: true
}

// The mother removes the father. What he wrote before she knew of it counts; what he
// says he wrote before, and she had not seen, does not; and there is a new key.
func ExampleState_NeedsRoll() {
	now := noon
	mother, father := phones(&now)
	mother.found(family.Found{Fields: family.Fields{"name": "Asha"}})
	mother.letIn(father, family.Admin)
	father.write(named("x-ray"))
	mother.h = father.copy()

	mother.write(&family.Remove{User: father.id()})
	fmt.Println("a new key is due:", mother.state().NeedsRoll())
	mother.epoch()
	fmt.Println("and now:", mother.state().NeedsRoll())

	late := father.write(named("a letter")) // he has not heard
	s := meet(nobody{}, mother, father)
	fmt.Println("the letter:", why(s, late))
	e, _ := s.Current()
	fmt.Println("epoch", e.N, "is for", len(e.To))
	for _, r := range s.Records {
		fmt.Println("kept:", r.ID)
	}
	// Output:
	// a new key is due: true
	// and now: false
	// the letter: removed at the same time
	// epoch 2 is for 1
	// kept: x-ray
}

// Asha turns 18.
func ExampleTransfer() {
	now := noon
	mother, asha := phones(&now)
	mother.found(family.Found{Fields: family.Fields{"name": "Asha", "birth": "2010-05-01"}})
	day := mother.state().Majority.At
	fmt.Println(day.In(time.FixedZone("IST", 330*60)).Format(time.RFC1123))

	// With the first notice she gets a wallet of her own, and says yes on it.
	now = day.AddDate(0, 0, -90)
	days, _ := mother.state().Notice(now)
	fmt.Println("notice:", days, "days")
	mother.letIn(asha, family.Reader)
	offer := mother.write(&family.Offer{User: asha.id()})
	asha.h = mother.copy()
	asha.write(&family.Accept{Offer: offer})
	mother.h = asha.copy()

	// On the day her mother reads, and can hand over.
	now = day
	fmt.Println("the mother is a", mother.state().RoleAt(mother.id(), now))
	fmt.Println("she adds a record:", mother.state().Allowed(mother.id(), named("late"), now))
	mother.write(&family.Transfer{User: asha.id()})
	asha.h = mother.copy()

	// It is Asha's. She keeps her mother on, as a reader, and makes a key of her own.
	asha.epoch()
	asha.write(named("first of my own"))
	for _, m := range asha.state().Members {
		fmt.Println(m.User == asha.id(), m.Role)
	}
	// Output:
	// Mon, 01 May 2028 00:00:00 IST
	// notice: 90 days
	// the mother is a reader
	// she adds a record: the person is of age
	// true owner
	// false reader
}

// phones are those of two people, who have made wallets.
func phones(now *time.Time) (*phone, *phone) {
	return newPhone(nobody{}, "one", now), newPhone(nobody{}, "another", now)
}

// nobody is a testing.TB for examples: nothing may go wrong in them.
type nobody struct{ testing.TB }

func (nobody) Helper()                      {}
func (nobody) Fatal(args ...any)            { panic(fmt.Sprint(args...)) }
func (nobody) Fatalf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }
func (nobody) Errorf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }
