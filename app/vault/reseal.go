package vault

import (
	"context"
	"fmt"
	"strings"

	"potli/app/record"
)

// Bounds of one commit of Reseal: what may be lost of the work when the page is
// closed, and how long a write waits for it.
const (
	resealCount = 64
	resealBytes = 8 << 20
	resealPages = 8
)

// Stale counts the objects of a profile, or of the user for "", that are sealed
// to an epoch that has ended.
func (v *Vault) Stale(profile record.ProfileID) int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	epoch, _, _ := v.ring.Newest(string(profile))
	pages, rows := v.stale(profile, epoch)
	return len(pages) + len(rows)
}

// stale are the objects of epochs below one. Those that do not open are left out:
// they are among the Faults.
func (v *Vault) stale(profile record.ProfileID, epoch int) (pages []*page, rows []*row) {
	if profile == "" {
		for _, p := range v.now.pages {
			if p.Epoch < epoch {
				pages = append(pages, p)
			}
		}
	}
	for r := range v.now.rows() {
		if r.Profile == profile && r.Epoch < epoch && v.sound(r) {
			rows = append(rows, r)
		}
	}
	return pages, rows
}

// Reseal seals what a profile, or the user for "", has of older epochs anew, to
// the newest: the bytes, the ids and all that is known of them stay. The sealed
// bytes do not, and others may know a record by their hash: it is for profiles
// that are not shared. It goes in steps, each a commit that names the new objects
// and deletes the old ones, so whatever stops it has done a part of it, and the
// next Reseal goes on. One that does not open stays as it is, among the Faults.
func (v *Vault) Reseal(ctx context.Context, profile record.ProfileID, p Progress) error {
	total, done := v.Stale(profile), 0
	for {
		p.tell(done, max(total, done))
		n, err := v.ResealSome(ctx, profile, resealCount)
		if err != nil || n == 0 {
			return err
		}
		done += n
	}
}

// ResealSome is one step of Reseal, of at most n objects; it returns how many it
// has done with. 0: there are no more.
func (v *Vault) ResealSome(ctx context.Context, profile record.ProfileID, n int) (int, error) {
	epoch, _, _ := v.Ring().Newest(string(profile))
	return v.resealSome(ctx, profile, epoch, n)
}

// ResealOlder is ResealSome for what a release before there were epochs has
// sealed. Nobody else has that, so it may be done for any profile.
func (v *Vault) ResealOlder(ctx context.Context, profile record.ProfileID, n int) (int, error) {
	return v.resealSome(ctx, profile, 1, n)
}

func (v *Vault) resealSome(ctx context.Context, profile record.ProfileID, below, n int) (int, error) {
	end, err := v.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	if _, _, ok := v.ring.Newest(string(profile)); !ok {
		return 0, nil // its keys are lost
	}
	pages, rows := v.stale(profile, below)
	return v.resealRows(ctx, pages, rows, n)
}

// ResealThese seals some records of a profile anew, to its newest epoch: those of
// which nobody else knows the sealed bytes. What is damaged stays as it is.
func (v *Vault) ResealThese(ctx context.Context, profile record.ProfileID, ids []record.ID) error {
	end, err := v.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	var rows []*row
	for _, id := range ids {
		if r := v.now.records[id]; r != nil && r.Profile == profile && v.sound(r) {
			rows = append(rows, r)
		}
	}
	for len(rows) > 0 {
		n, err := v.resealRows(ctx, nil, rows, resealCount)
		if err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// resealRows is one commit of it, of n objects at most. It must be the vault's turn.
func (v *Vault) resealRows(ctx context.Context, pages []*page, rows []*row, n int) (int, error) {
	var c change
	done, weight := 0, 0
	for _, r := range rows {
		if done >= n || weight >= resealBytes {
			break
		}
		done++
		fresh, sealed, err := v.reseal(ctx, r)
		if isLost(err) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("sealing anew: %w", err)
		}
		weight += len(sealed)
		c.drop = append(c.drop, r)
		c.keep(fresh, sealed)
	}
	if len(rows) == 0 {
		c.pages = pages[:min(n, len(pages), resealPages)]
		done = len(c.pages)
	}
	if c.empty() {
		return done, nil
	}
	if err := v.commit(ctx, c); err != nil {
		return 0, fmt.Errorf("sealing anew: %w", err)
	}
	return done, nil
}

// reseal opens the object of a row and seals it to the newest epoch, under
// another name: nothing is changed in place.
func (v *Vault) reseal(ctx context.Context, r *row) (*row, []byte, error) {
	_, body, reason, err := v.attempt(ctx, r)
	if err == nil && reason != "" {
		v.fault(r.Object, reason)
		err = record.ErrDamaged
	}
	if err != nil {
		return nil, nil, err
	}
	if r.Meta == nil {
		return v.sealDoc(ctx, v.ring, r.Doc, Doc{Profile: r.Profile, Body: body})
	}
	return v.sealRecord(ctx, v.ring, otherPrefix(r.Object), r.full(), body)
}

// otherPrefix is where a record goes that is sealed anew.
func otherPrefix(object string) string {
	if strings.HasPrefix(object, prefixRecord) {
		return prefixSide
	}
	return prefixRecord
}
