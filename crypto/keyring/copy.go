package keyring

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"filippo.io/age"
)

// ErrBadCopy: not a copy of a profile's keys, or a changed one.
var ErrBadCopy = errors.New("the copy of the profile's keys is damaged")

const (
	copyVersion = "potli-profile-ring/1"
	maxCopy     = 1 << 20 // two thousand epochs are about 250 KiB
)

// copyDoc is the user's own copy of a profile's keys, kept as the object
// ring/<random>, sealed to the user's newest epoch.
type copyDoc struct {
	Version string         `json:"version"`
	Profile string         `json:"profile"`
	Seq     uint64         `json:"seq"` // changes so far, on the device that wrote it
	Epochs  []copyEpochDoc `json:"epochs"`
}

type copyEpochDoc struct {
	N         int    `json:"n"`
	Identity  string `json:"identity"` // AGE-SECRET-KEY-PQ-1…
	Displaced bool   `json:"displaced,omitempty"`
}

// Copy writes down the keys of a profile, potli-profile-ring/1. It is a secret:
// seal it (crypto/envelope, kind "ring", profile ""). Error: ErrNoProfile.
func (r *Ring) Copy(profile string) ([]byte, error) {
	p, ok := r.profiles[profile]
	if !ok {
		return nil, ErrNoProfile
	}
	d := copyDoc{Version: copyVersion, Profile: profile, Seq: p.seq, Epochs: make([]copyEpochDoc, len(p.epochs))}
	for i, e := range p.epochs {
		d.Epochs[i] = copyEpochDoc{e.n, e.id.String(), e.displaced}
	}
	return json.Marshal(d)
}

// WithCopy returns a ring with what Copy wrote, here or on another device of the
// user. It adds and never takes away: epochs of both sides open, and one that
// either side knows to be displaced is. Errors: ErrBadCopy, ErrVersion, ErrLimit,
// ErrEpoch when two different secrets would stand under one number.
func (r *Ring) WithCopy(b []byte) (*Ring, error) {
	if len(b) > maxCopy {
		return nil, ErrBadCopy
	}
	var d copyDoc
	if err := parseVersioned(b, copyVersion, &d); err != nil {
		return nil, orBad(err, ErrBadCopy)
	}
	list, err := d.epochs()
	if err != nil {
		return nil, err
	}
	mine := r.profiles[d.Profile]
	list, err = union(mine.epochs, list)
	if err != nil {
		return nil, err
	}
	return r.put(d.Profile, profileKeys{seq: max(mine.seq, d.Seq), epochs: list}), nil
}

// Seq counts the changes of a profile's keys: of two copies the higher is the
// later one, if they are of one device. 0: no such profile.
func (r *Ring) Seq(profile string) uint64 { return r.profiles[profile].seq }

func (d *copyDoc) epochs() ([]epochKey, error) {
	if !validProfile(d.Profile) || len(d.Epochs) > maxEpochs {
		return nil, ErrBadCopy
	}
	list := make([]epochKey, len(d.Epochs))
	for i, e := range d.Epochs {
		id, err := age.ParseHybridIdentity(e.Identity)
		if err != nil {
			return nil, ErrBadCopy // age's own error would quote what it read
		}
		list[i] = epochKey{e.N, id, e.Displaced}
	}
	if !inOrder(list) {
		return nil, ErrBadCopy
	}
	return list, nil
}

// union joins two lists of epochs.
func union(a, b []epochKey) ([]epochKey, error) {
	type secret struct {
		n  int
		id string
	}
	all := make(map[secret]epochKey, len(a)+len(b))
	for _, e := range slices.Concat(a, b) {
		s := secret{e.n, e.id.String()}
		e.displaced = e.displaced || all[s].displaced
		all[s] = e
	}
	list := slices.SortedFunc(maps.Values(all), epochKey.compare)
	switch {
	case !inOrder(list), len(a) > 0 && list[len(list)-1].n > a[len(a)-1].n+maxAhead:
		return nil, ErrEpoch
	case len(list) > maxEpochs:
		return nil, ErrLimit
	}
	return list, nil
}
