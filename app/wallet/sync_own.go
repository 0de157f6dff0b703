package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// ownDocs are the documents that the devices of one wallet share (history.Docs): who
// the people are, one by one, so that two devices can each add somebody; their
// pictures; the names of devices and of people one has paired with; the ledger of
// links. What concerns one device alone stays there.
type ownDocs struct {
	w *Wallet
	v *vault.Vault
}

// ownPerson begins the names of people among them.
const ownPerson = "person/"

var ownPrefixes = []string{docPhoto, docKnown, docShares}

// Docs implements history.Docs.
func (d ownDocs) Docs(ctx context.Context) (map[string][]byte, error) {
	docs := map[string][]byte{}
	var people []Person
	if err := getJSON(ctx, d.v, docPeople, &people); err != nil {
		return nil, err
	}
	for _, p := range people {
		body, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		docs[ownPerson+string(p.ID)] = body
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

// Put implements history.Docs.
func (d ownDocs) Put(ctx context.Context, docs map[string][]byte) error {
	put := map[string][]byte{}
	people := map[record.ProfileID]*Person{}
	for name, body := range docs {
		id, person := strings.CutPrefix(name, ownPerson)
		switch {
		case person && body == nil:
			people[record.ProfileID(id)] = nil
		case person:
			var p Person
			if json.Unmarshal(body, &p) == nil && string(p.ID) == id && p.Name != "" {
				people[p.ID] = &p
			}
		case name == docDevices, slices.ContainsFunc(ownPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }):
			put[name] = body
		}
	}
	if err := d.takePeople(ctx, people); err != nil {
		return err
	}
	if len(put) == 0 {
		return nil
	}
	if err := d.v.PutDocs(ctx, put); err != nil {
		return err
	}
	return d.takeShares(put)
}

// takePeople takes people in as another device has changed them, and erases whom it
// has erased: it asked twice.
func (d ownDocs) takePeople(ctx context.Context, changed map[record.ProfileID]*Person) error {
	for id, p := range changed {
		if _, here := d.w.Snapshot().person(id); p != nil || !here {
			continue
		}
		if err := d.w.erase(ctx, d.v, id); err != nil {
			return err
		}
	}
	maps.DeleteFunc(changed, func(_ record.ProfileID, p *Person) bool { return p == nil })
	if len(changed) == 0 {
		return nil
	}
	return d.w.changePeople(ctx, nil, func(people []Person) ([]Person, error) {
		for _, id := range slices.Sorted(maps.Keys(changed)) {
			if i := slices.IndexFunc(people, func(o Person) bool { return o.ID == id }); i >= 0 {
				people[i] = *changed[id]
			} else {
				people = append(people, *changed[id])
			}
			people = oneSelf(people, *changed[id])
		}
		return people, nil
	})
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

// severalDevices says whether the wallet has, or ever had, another device: one that
// was shut out is told so too.
func severalDevices(r *keyring.Ring) bool {
	n := 0
	for _, d := range r.User().Devices() {
		if !d.Legacy() {
			n++
		}
	}
	return n > 1
}

// syncOwn brings the wallet's own devices together.
func (w *Wallet) syncOwn(ctx context.Context, s *syncing) error {
	if !severalDevices(s.v.Ring()) {
		return nil
	}
	before, ring := s.v.Seq(), s.v.Ring()
	err := s.engine.OwnRound(ctx, s.own)
	if s.v.Seq() != before {
		w.setSentinel(s.v)
	}
	if s.v.Ring() != ring {
		w.publishKeys(ctx, s.v)
	}
	trouble := DeviceTrouble("")
	switch t := s.keeper.Trouble(); {
	case errors.Is(t, keyring.ErrRemoved):
		trouble = DeviceShutOut
	case t != nil:
		trouble = DeviceRefused
	}
	if w.Snapshot().Trouble != trouble {
		w.publish(func(s *Snapshot) { s.Trouble = trouble })
	}
	return err
}

// DeviceTrouble is what another device of the same wallet has done to its keys that
// this one does not go along with.
type DeviceTrouble string

const (
	// DeviceShutOut: this device was removed. It shows what it has, and gets nothing new.
	DeviceShutOut DeviceTrouble = "shut-out"
	// DeviceRefused: another device has tried to shut others out, or to change keys, as
	// one that is new may not. It is not believed; the person should look at the devices.
	DeviceRefused DeviceTrouble = "refused"
)
