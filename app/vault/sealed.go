package vault

import (
	"context"
	"crypto/sha256"
	"fmt"

	"potli/app/record"
)

// Sum returns the SHA-256 of a record's sealed bytes and the epoch that they are
// sealed to, from the index. false: no such record, or something is known against
// it.
func (v *Vault) Sum(id record.ID) (sum [sha256.Size]byte, epoch int, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	r := v.now.records[id]
	if r == nil || !v.sound(r) {
		return sum, 0, false
	}
	return r.Sealed, r.Epoch, true
}

// SealAnew seals records to the newest epoch of their profile, in one commit: what
// an earlier release sealed to the wallet's own key is for nobody else. Reseal is
// for what nobody else has yet: the sealed bytes change, and with them what others
// know a record by. One that does not open stays as it is, among the Faults.
func (v *Vault) SealAnew(ctx context.Context, ids ...record.ID) error {
	v.writing.Lock()
	defer v.writing.Unlock()
	if err := v.settle(ctx); err != nil {
		return err
	}
	var c change
	for _, id := range ids {
		r := v.now.records[id]
		if r == nil || r.hidden {
			continue
		}
		fresh, sealed, err := v.reseal(ctx, r)
		if isLost(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("sealing anew: %w", err)
		}
		c.drop = append(c.drop, r)
		c.keep(fresh, sealed)
	}
	if c.empty() {
		return nil
	}
	if err := v.commit(ctx, c); err != nil {
		return fmt.Errorf("sealing anew: %w", err)
	}
	return nil
}
