package family_test

import (
	"testing"

	"potli/app/family"
	"potli/app/record"
	"potli/crypto/chain"
)

func TestRecords(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.uncle.write(named("r1", "r2", "r3", "r4"))
	meet(t, w.mother, w.uncle, w.aunt)
	w.mother.write(&family.Retitle{ID: "r1", Title: "Blood count", Date: "2026-05"})
	w.mother.write(&family.Retitle{ID: "r1", Title: "Blood count of May", Date: "2026-05"})
	w.mother.write(&family.Move{ID: "r2", To: "ravi", As: "r9"})
	w.mother.write(&family.Delete{IDs: []record.ID{"r3", "r4"}})
	w.aunt.write(&family.Retitle{ID: "r3", Title: "kept?", Date: ""}) // at once with its end
	w.aunt.write(&family.Move{ID: "r2", To: "lila", As: "r8"})
	s := meet(t, w.mother, w.uncle, w.aunt)
	get := func(id record.ID) family.Record {
		r, ok := s.Record(id)
		if !ok {
			t.Fatalf("no %s", id)
		}
		return r
	}
	if r := get("r1"); r.Title != "Blood count of May" || r.Date != "2026-05" || r.Deleted || r.Moved != nil || r.User != w.uncle.id() || r.Sum != (chain.Hash{1}) {
		t.Errorf("%+v", r)
	}
	if r := get("r2"); r.Moved == nil || r.Deleted {
		t.Errorf("%+v", r)
	}
	if r := get("r3"); !r.Deleted {
		t.Error("deleted by one and named by another at once, and still there")
	}
	if _, ok := s.Record("r9"); ok || len(s.Records) != 4 {
		t.Errorf("%d records", len(s.Records))
	}
	w.mother.refused(named("r3"), family.ErrRecord) // an id is used once
}

// Two bring in a record of one id at once, which can only be meant: the first in the line stays.
func TestOneIDTwice(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.uncle.write(&family.Records{List: []family.Named{{ID: "r1", Sum: chain.Hash{1}}}})
	w.aunt.write(&family.Records{List: []family.Named{{ID: "r1", Sum: chain.Hash{2}}}})
	s := meet(t, w.uncle, w.aunt, w.mother)
	one, two := s.Accepts("r1", chain.Hash{1}), s.Accepts("r1", chain.Hash{2})
	if (one == nil) == (two == nil) {
		t.Errorf("%v and %v: one of them counts", one, two)
	}
}

func TestFields(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{"name": "Asha", "blood": "B+"}})
	w.uncle.write(&family.Details{Fields: family.Fields{"name": "Asha Devi", "colour": "3"}})
	w.uncle.write(&family.Details{Fields: family.Fields{"blood": ""}})
	w.aunt.write(&family.Details{Fields: family.Fields{"abha": "asha@abdm"}})
	f := meet(t, w.uncle, w.aunt).Fields
	if len(f) != 3 || f["name"] != "Asha Devi" || f["colour"] != "3" || f["abha"] != "asha@abdm" {
		t.Errorf("%v", f)
	}
}

func TestGuardians(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.mother.write(&family.Guardian{User: w.mother.id(), As: "mother", Proof: "birth-certificate"})
	w.mother.write(&family.Guardian{User: w.mother.id(), As: "mother", Proof: "birth-certificate", Record: "r1"})
	m, _ := w.mother.state().Member(w.mother.id())
	if m.Guardian == nil || m.Guardian.Record != "r1" {
		t.Errorf("%+v", m.Guardian)
	}
	if o, _ := w.mother.state().Member(w.father.id()); o.Guardian != nil {
		t.Error("the father is a guardian too")
	}
}

// A device that says two things at once is named, and both count.
func TestForksAreNamed(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	copied := w.uncle.apart()
	w.uncle.write(named("r1"))
	copied.write(named("r2"))
	s := meet(t, w.uncle, copied, w.mother)
	if len(s.Forks) != 1 || s.Forks[0].Device != w.uncle.keys.Device || len(s.Records) != 2 {
		t.Errorf("%+v, %d records", s.Forks, len(s.Records))
	}
}

func TestBegin(t *testing.T) {
	now := noon
	mother, father := newPhone(t, "mother", &now), newPhone(t, "father", &now)
	_, _, err := family.Begin("asha", mother.author(), &family.Found{Fields: family.Fields{}, Public: father.public()}, now)
	is(t, "with another's public part", err, family.ErrPublic)
	_, _, err = family.Begin("asha", mother.author(), &family.Found{Fields: family.Fields{}, Public: []byte("x")}, now)
	is(t, "with no public part", err, family.ErrPublic)
	other := mother.author()
	other.Signer = father.keys.Signer
	_, _, err = family.Begin("asha", other, &family.Found{Fields: family.Fields{}, Public: mother.public()}, now)
	is(t, "with another's key", err, family.ErrDevice)
	_, _, err = family.Begin("as ha", mother.author(), &family.Found{Fields: family.Fields{}, Public: mother.public()}, now)
	is(t, "under no name", err, chain.ErrLimit)
}
