package wallet

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
)

// ownDocs are the documents that the devices of one wallet share (history.Docs): who
// the people are; their pictures; the names of devices and of people one has paired
// with; the ledger of links, and of what left as a file. What concerns one device
// alone stays there.
//
//	person/<id>          that there is somebody; the seed is all that is known of them
//	person/<id>/<field>  one detail, so that two devices can each change another
//
// What stands in a person's history is not among the details: it comes with that, and
// two ways would bring it back after it was changed.
type ownDocs struct {
	w *Wallet
	v *vault.Vault
}

// ownPerson begins the names of people among them.
const ownPerson = "person/"

var ownPrefixes = []string{docPhoto, docKnown, docShares, docGiven, docPin, docConsent, docReceipt, docCounter}

// told are the details of a person that their history tells (fieldsOf), by their names
// in the document "people"; a date of birth is where it has a day.
var told = []string{"name", "gender", "blood", "abhaNumber", "abhaAddress"}

// details are a person's details by name, but for what is told elsewhere.
func (p Person) details() (map[string]json.RawMessage, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool { return name == "id" || p.isTold(name) })
	return all, nil
}

// isTold says whether a detail of p is told by their history.
func (p Person) isTold(name string) bool {
	return slices.Contains(told, name) || name == "birthDate" && p.hasBirthday()
}

// hasBirthday says whether the day of birth is known: a year alone is nobody's birthday.
func (p Person) hasBirthday() bool {
	d, ok := fhir.ParseDay(p.BirthDate)
	return ok && d.Precision == fhir.Day
}

// withDetails returns p with some details as another device has them; nil takes one
// away. What is told by the history stays as it is.
func (p Person) withDetails(changed map[string]json.RawMessage) (Person, error) {
	all, err := p.details()
	if err != nil {
		return p, err
	}
	for name, value := range changed {
		switch {
		case p.isTold(name) && (name != "birthDate" || value == nil):
		case value == nil:
			delete(all, name)
		default:
			all[name] = value
		}
	}
	body, err := json.Marshal(all)
	if err != nil {
		return p, err
	}
	next := Person{ID: p.ID, Name: p.Name, Gender: p.Gender, Blood: p.Blood, ABHANumber: p.ABHANumber, ABHA: p.ABHA}
	if p.isTold("birthDate") {
		next.BirthDate = p.BirthDate
	}
	err = json.Unmarshal(body, &next)
	next.ID = p.ID
	return next, err
}

// Docs implements history.Docs.
func (d ownDocs) Docs(ctx context.Context) (map[string][]byte, error) {
	docs := map[string][]byte{}
	for _, p := range d.w.Snapshot().People {
		details, err := p.details()
		if err != nil {
			return nil, err
		}
		docs[ownPerson+string(p.ID)] = []byte("{}")
		for name, value := range details {
			docs[ownPerson+string(p.ID)+"/"+name] = value
		}
	}
	for _, prefix := range append([]string{docDevices}, ownPrefixes...) {
		some, err := d.v.Docs(ctx, prefix)
		if err != nil {
			return nil, err
		}
		maps.Copy(docs, some)
	}
	return docs, nil
}

// Seeds implements history.Docs.
func (d ownDocs) Seeds(context.Context) (map[string][]byte, error) {
	seeds := map[string][]byte{}
	for _, p := range d.w.Snapshot().People {
		body, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		seeds[ownPerson+string(p.ID)] = body
	}
	return seeds, nil
}

// Put implements history.Docs. Pictures come before those who refer to them.
func (d ownDocs) Put(ctx context.Context, docs map[string][]byte) error {
	put := map[string][]byte{}
	people := changedPeople{}
	for name, body := range docs {
		switch id, person := strings.CutPrefix(name, ownPerson); {
		case person:
			people.add(id, body)
		case name == docDevices, slices.ContainsFunc(ownPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }):
			put[name] = d.joined(ctx, name, body)
		}
	}
	if len(put) > 0 {
		if err := d.v.PutDocs(ctx, put); err != nil {
			return err
		}
	}
	if err := d.takePeople(ctx, people); err != nil {
		return err
	}
	if slices.ContainsFunc(slices.Collect(maps.Keys(put)), func(name string) bool { return strings.HasPrefix(name, docPin) }) {
		d.w.inbox.forget()
		d.w.reshow(ctx)
	}
	return d.takeShares(put)
}

// changedPeople is what another device has changed of people.
type changedPeople map[record.ProfileID]*changedPerson

type changedPerson struct {
	gone    bool
	seed    []byte
	details map[string]json.RawMessage
}

// add takes one document in; name is without ownPerson.
func (c changedPeople) add(name string, body []byte) {
	id, detail, isDetail := strings.Cut(name, "/")
	p := c[record.ProfileID(id)]
	if p == nil {
		p = &changedPerson{details: map[string]json.RawMessage{}}
		c[record.ProfileID(id)] = p
	}
	switch {
	case !isDetail:
		p.gone, p.seed = body == nil, body
	case body == nil:
		p.details[detail] = nil
	case json.Valid(body):
		p.details[detail] = body
	}
}

// takePeople takes people in as another device has changed them, and erases whom it
// has erased: it asked twice.
func (d ownDocs) takePeople(ctx context.Context, changed changedPeople) error {
	for id, c := range changed {
		if _, here := d.w.Snapshot().person(id); !c.gone {
			continue
		} else if here {
			if err := d.w.erase(ctx, d.v, id); err != nil {
				return err
			}
		}
		delete(changed, id)
	}
	if len(changed) == 0 {
		return nil
	}
	return d.w.changePeople(ctx, nil, func(people []Person) ([]Person, error) {
		for _, id := range slices.Sorted(maps.Keys(changed)) {
			people = changed[id].into(people, id, d.w.d.Now())
		}
		return leaveOneSelf(people), nil
	})
}

// into brings the change of one person into a list. What is not fit to be kept is left.
func (c *changedPerson) into(people []Person, id record.ProfileID, now time.Time) []Person {
	i := slices.IndexFunc(people, func(o Person) bool { return o.ID == id })
	if i < 0 {
		var p Person
		if json.Unmarshal(c.seed, &p) != nil || p.ID != id || p.Name == "" {
			return people
		}
		people, i = append(people, p), len(people)
	}
	if next, err := people[i].withDetails(c.details); err == nil {
		if next, err = next.checked(now); err == nil {
			people[i] = next
		}
	}
	return people
}

// leaveOneSelf leaves one person as the one whom the wallet belongs to, on every device
// the same, where two devices have each said it of another.
func leaveOneSelf(people []Person) []Person {
	self := -1
	for i, p := range people {
		if p.Kin == KinSelf && (self < 0 || p.ID < people[self].ID) {
			self = i
		}
	}
	for i := range people {
		if people[i].Kin == KinSelf && i != self {
			people[i].Kin = KinOther
		}
	}
	return people
}

// joined is a link as another device tells of it, with what must not be forgotten of it
// here (share.Share.Join), and notes of what left with those here; anything else as it
// came.
func (d ownDocs) joined(ctx context.Context, name string, body []byte) []byte {
	if mine, err := d.v.Doc(ctx, name); err == nil && body != nil && strings.HasPrefix(name, docGiven) {
		return joinGiven(mine, body)
	}
	id, ok := strings.CutPrefix(name, docShares)
	if !ok || body == nil {
		return body
	}
	d.w.mu.Lock()
	mine, known := d.w.shares[id]
	d.w.mu.Unlock()
	var theirs share.Share
	if !known || json.Unmarshal(body, &theirs) != nil {
		return body
	}
	if both, err := json.Marshal(joinWants(mine, mine.Join(theirs), d.v.Ring().Keys().Device)); err == nil {
		return both
	}
	return body
}

// takeShares takes links of the ledger in that another device has made or changed.
func (d ownDocs) takeShares(docs map[string][]byte) error {
	changed := false
	d.w.mu.Lock()
	for name, body := range docs {
		id, ok := strings.CutPrefix(name, docShares)
		if !ok {
			continue
		}
		var s share.Share
		switch {
		case body == nil:
			delete(d.w.shares, id)
		case json.Unmarshal(body, &s) == nil && s.ID == id:
			d.w.shares[id] = s
		}
		changed = true
	}
	d.w.mu.Unlock()
	if changed {
		d.w.publishShares()
	}
	return nil
}
