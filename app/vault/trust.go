package vault

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// The vault's own document: the devices of other people whose records lie here.
// It is kept so that an index can be made again before anybody is asked. No backup
// brings it in: whoever knows the recipient can write one.
const (
	prefixOwn      = "vault/"
	docDevices     = prefixOwn + "devices"
	devicesVersion = "potli-devices/1"
)

type devices struct {
	Version string            `json:"version"`
	Devices map[string][]byte `json:"devices"` // Ed25519 public keys by id
}

// Sealed returns a record as it was sealed, and the epoch that opens it. Errors:
// ErrNotFound, record.ErrDamaged.
func (v *Vault) Sealed(ctx context.Context, id record.ID) (sealed []byte, epoch int, err error) {
	for {
		v.mu.RLock()
		r := v.now.records[id]
		v.mu.RUnlock()
		if r == nil {
			return nil, 0, ErrNotFound
		}
		_, _, err := v.fetch(ctx, r) // verified, and known to be there
		if err == nil {
			sealed, err = get(ctx, v.o.Blobs, r.Object)
		}
		if errors.Is(err, ErrNotFound) {
			continue // sealed anew or deleted while we looked
		}
		if err != nil {
			return nil, 0, fmt.Errorf("opening a record: %w", err)
		}
		if sha256.Sum256(sealed) != r.Sealed {
			continue
		}
		return sealed, r.Epoch, nil
	}
}

// trusting enters the document that remembers the devices of other people, where
// a ring trusts others than before.
func (v *Vault) trusting(ctx context.Context, c *change, ring *keyring.Ring) error {
	trusted := ring.Trusted()
	if len(trusted) == len(v.ring.Trusted()) { // they are only ever added
		return nil
	}
	d := devices{Version: devicesVersion, Devices: make(map[string][]byte, len(trusted))}
	for id, key := range trusted {
		d.Devices[id] = key
	}
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return v.putDocs(ctx, c, ring, map[string]Doc{docDevices: {Body: body}})
}

// trust reads the document of devices into the ring of a loading. One that does
// not read is a fault like any other.
func (l *loading) trust(ctx context.Context, r *row) error {
	if r == nil || r.hidden {
		return nil
	}
	sealed, err := get(ctx, l.v.o.Blobs, r.Object)
	if errors.Is(err, ErrNotFound) {
		return nil // compare finds that
	}
	if err != nil {
		return err
	}
	kind, id := identify(r.Object)
	_, body, err := l.v.o.Crypto.Open(ctx, l.ring.Opener("", r.Epoch), sealed, envelope.Expect{Kind: kind, ID: id})
	var d devices
	if err == nil && (sha256.Sum256(sealed) != r.Sealed || json.Unmarshal(body, &d) != nil || d.Version != devicesVersion) {
		err = envelope.ErrDamaged
	}
	if err != nil {
		reason, err := reasonOf(err)
		if err == nil {
			l.fault(r.Object, reason)
		}
		return err
	}
	for id, key := range d.Devices {
		if next, err := l.ring.Trust(id, key); err == nil {
			l.ring = next
		}
	}
	return nil
}

// devicesRow is the row of the document of devices, or nil.
func (l *loading) devicesRow() *row {
	for _, p := range l.s.pages {
		if !p.docs {
			continue
		}
		for _, r := range p.rows {
			if r.Doc == docDevices {
				return r
			}
		}
	}
	return nil
}

// take keeps records as another device sealed them. What is signed by a device
// that nobody told us of yet is kept without a row, as a fault; what does not open
// or is not a record of that name is only a fault.
func (v *Vault) take(ctx context.Context, c *change, ring *keyring.Ring, records map[record.ID][]byte) error {
	l := &loading{v: v, s: v.now, ring: ring}
	for _, id := range slices.Sorted(maps.Keys(records)) {
		if !goodID(id) {
			return fmt.Errorf("not the id of a record: %w", record.ErrDamaged)
		}
		if old := v.now.records[id]; old != nil && v.sound(old) {
			continue
		}
		name := prefixRecord + string(id)
		r, reason, err := l.row(ctx, name, records[id], ring.OpenerOfAll())
		switch {
		case err != nil:
			return err
		case r != nil:
			if old := v.now.records[id]; old != nil {
				c.drop = append(c.drop, old)
			}
			c.keep(r, records[id])
		case reason == ReasonDevice && v.now.records[id] == nil:
			c.set(name, records[id])
			c.faults = append(c.faults, Fault{name, reason})
		default:
			c.faults = append(c.faults, Fault{name, reason})
		}
	}
	return nil
}

// retry looks again at objects without a row whose device was not known: it may
// be now.
func (v *Vault) retry(ctx context.Context, c *change, ring *keyring.Ring) error {
	l := &loading{v: v, s: v.now, ring: ring}
	for _, f := range v.faults {
		if f.Reason != ReasonDevice || !strings.HasPrefix(f.Name, prefixRecord) && !strings.HasPrefix(f.Name, prefixSide) {
			continue
		}
		r, _, err := l.read(ctx, f.Name, ring.OpenerOfAll())
		if err != nil {
			return err
		}
		if r != nil && v.now.records[r.Meta.ID] == nil {
			c.add = append(c.add, r) // its fault is healed with it
		}
	}
	return nil
}
