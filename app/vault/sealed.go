package vault

import (
	"crypto/sha256"

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
