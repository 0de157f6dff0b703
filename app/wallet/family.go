package wallet

import (
	"context"
	"slices"
	"time"

	"potli/app/fhir"
	"potli/app/record"
)

// Shown are the people who can be chosen: neither put aside nor hidden.
func (s *Snapshot) Shown() []Person {
	return slices.DeleteFunc(slices.Clone(s.People), func(p Person) bool { return s.concealed(p.ID) })
}

// PutAside are the people who were put aside. Their records are kept.
func (s *Snapshot) PutAside() []Person {
	return slices.DeleteFunc(slices.Clone(s.People), func(p Person) bool { return p.Aside.IsZero() || s.Hidden[p.ID] })
}

// concealed says whether nothing of a person is to be shown now.
func (s *Snapshot) concealed(id record.ProfileID) bool {
	p, ok := s.person(id)
	return !ok || s.Hidden[id] || !p.Aside.IsZero()
}

func (s *Snapshot) person(id record.ProfileID) (Person, bool) {
	for _, p := range s.People {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}

// Person returns the person whose records are shown.
func (s *Snapshot) Person() Person {
	p, _ := s.person(s.Current)
	return p
}

// Acting says whether somebody is another than the one whom this wallet belongs
// to, so that whoever sees their records acts for them. Where nobody ever said
// who that is, everyone is another, but for one who is alone.
func (s *Snapshot) Acting(id record.ProfileID) bool {
	p, ok := s.person(id)
	return ok && p.Kin != KinSelf && (p.Kin != "" || len(s.People) > 1)
}

// Self is whom this wallet belongs to, where it was said.
func (s *Snapshot) Self() (Person, bool) {
	i := slices.IndexFunc(s.People, func(p Person) bool { return p.Kin == KinSelf })
	if i < 0 {
		return Person{}, false
	}
	return s.People[i], true
}

// Fits are the people shown whom a document may be about, by what it says itself:
// those it does not surely differ from, if it says anything.
func (s *Snapshot) Fits(subject fhir.Person) []Person {
	if subject.Name == "" && subject.BirthDate == "" {
		return nil
	}
	return slices.DeleteFunc(s.Shown(), func(p Person) bool { return differs(p, subject) })
}

// FreeColour is one that nobody wears, or the one that fewest do.
func (s *Snapshot) FreeColour() int { return freeColour(s.People) }

func freeColour(people []Person) int {
	var worn [colours]int
	for _, p := range people {
		worn[p.Colour&(colours-1)]++
	}
	return slices.Index(worn[:], slices.Min(worn[:]))
}

// firstShown is whose records are shown when the wallet opens: those of whom it
// belongs to, else of the first who was not put aside.
func firstShown(people []Person) record.ProfileID {
	s := &Snapshot{People: people}
	if self, ok := s.Self(); ok && !s.concealed(self.ID) {
		return self.ID
	}
	for _, p := range s.Shown() {
		return p.ID
	}
	if len(people) > 0 {
		return people[0].ID
	}
	return ""
}

// Choose shows another person's records. Where they are many it takes a moment:
// call it from a goroutine.
func (w *Wallet) Choose(id record.ProfileID) {
	if w.Snapshot().concealed(id) {
		return
	}
	w.preparing.Lock()
	defer w.preparing.Unlock()
	records := w.prepareToo(id, true)
	w.publish(func(s *Snapshot) {
		if !s.concealed(id) {
			s.Current, s.Records = id, records
		}
	})
}

// AddPerson adds somebody to the family. A colour that somebody wears already is
// changed for a free one: people are told apart by it.
// Errors: ErrName and the other reasons of a Person, ErrLocked.
func (w *Wallet) AddPerson(ctx context.Context, p Person) (Person, error) {
	p.ID = record.ProfileID(w.randomID())
	p.Photo, p.Guardian, p.Aside, p.Since = "", nil, time.Time{}, w.d.Now().UTC()
	err := w.changePeople(ctx, nil, func(people []Person) ([]Person, error) {
		if slices.ContainsFunc(people, func(o Person) bool { return o.Colour == p.Colour }) {
			p.Colour = freeColour(people)
		}
		var err error
		p, err = p.checked(w.d.Now())
		return oneSelf(append(people, p), p), err
	})
	return p, err
}

// AddSubject adds whom a document is about: of what it says only what can be kept.
// Errors: ErrName, ErrLocked.
func (w *Wallet) AddSubject(ctx context.Context, subject fhir.Person) (Person, error) {
	p := Person{Name: record.Tidy(subject.Name), Kin: KinOther, Colour: w.Snapshot().FreeColour()}
	if name := []rune(p.Name); len(name) > MaxName {
		p.Name = string(name[:MaxName])
	}
	if slices.Contains(genders, subject.Gender) {
		p.Gender = subject.Gender
	}
	if checkBirthDate(subject.BirthDate, w.d.Now()) == nil {
		p.BirthDate = subject.BirthDate
	}
	return w.AddPerson(ctx, p)
}

// EditPerson changes what is known of somebody. Photo, guardianship, being put
// aside and when they came stay. Errors: those of AddPerson, ErrNoPerson.
func (w *Wallet) EditPerson(ctx context.Context, p Person) error {
	old, ok := w.Snapshot().person(p.ID)
	if !ok {
		return ErrNoPerson
	}
	tidied, err := p.checked(w.d.Now())
	if err == nil {
		err = w.mayEdit(ctx, old, tidied)
	}
	if err != nil {
		return err
	}
	return w.changePerson(ctx, p.ID, nil, func(old *Person) error {
		p.Photo, p.Guardian, p.Aside, p.Since = old.Photo, old.Guardian, old.Aside, old.Since
		checked, err := p.checked(w.d.Now())
		*old = checked
		return err
	})
}

// oneSelf leaves one person as the one whom this wallet belongs to: p, where p is.
func oneSelf(people []Person, p Person) []Person {
	for i := range people {
		if p.Kin == KinSelf && people[i].Kin == KinSelf && people[i].ID != p.ID {
			people[i].Kin = KinOther
		}
	}
	return people
}

// AsksSelf says whether it is not known to whom of several people this wallet
// belongs: an earlier release did not ask.
func (s *Snapshot) AsksSelf() bool {
	_, known := s.Self()
	shown := s.Shown()
	return !known && len(shown) > 1 && slices.ContainsFunc(shown, func(p Person) bool { return p.Kin == "" })
}

// SetSelf answers it: this is the person, or, for "", none of them is.
// Error: ErrNoPerson.
func (w *Wallet) SetSelf(ctx context.Context, id record.ProfileID) error {
	if id != "" {
		return w.changePerson(ctx, id, nil, func(p *Person) error { p.Kin = KinSelf; return nil })
	}
	return w.changePeople(ctx, nil, func(people []Person) ([]Person, error) {
		for i := range people {
			if people[i].Kin == "" {
				people[i].Kin = KinOther
			}
		}
		return people, nil
	})
}

// changePerson changes one person; docs are committed with it.
func (w *Wallet) changePerson(ctx context.Context, id record.ProfileID, docs map[string][]byte, change func(*Person) error) error {
	return w.changePeople(ctx, docs, func(people []Person) ([]Person, error) {
		i := slices.IndexFunc(people, func(p Person) bool { return p.ID == id })
		if i < 0 {
			return nil, ErrNoPerson
		}
		err := change(&people[i])
		return oneSelf(people, people[i]), err
	})
}

// changePeople changes the family, one change at a time; docs are committed with
// it. change is given a copy.
func (w *Wallet) changePeople(ctx context.Context, docs map[string][]byte, change func([]Person) ([]Person, error)) error {
	w.family.Lock()
	defer w.family.Unlock()
	v, err := w.open()
	if err != nil {
		return err
	}
	people, err := putPeople(ctx, v, docs, change)
	if err != nil {
		return err
	}
	w.publish(func(s *Snapshot) { s.People = people })
	w.mark(v)
	w.lookAhead(ctx)
	if w.Snapshot().Inbox != nil { // whose things are shown may have changed
		w.reshow(ctx)
	}
	return nil
}

// firstSelf leaves the first of those who are said to be the one whom the wallet
// belongs to: who says "me" in another wallet does not in this one.
func firstSelf(people []Person) []Person {
	self := false
	for i := range people {
		if people[i].Kin == KinSelf && self {
			people[i].Kin = KinOther
		}
		self = self || people[i].Kin == KinSelf
	}
	return people
}
