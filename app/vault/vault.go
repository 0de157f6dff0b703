package vault

import (
	"context"
	"io"
	"time"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Crypto seals and opens; Inline does it here, the browser in a worker for large bodies.
type Crypto interface {
	Seal(ctx context.Context, k *keyring.Keys, h envelope.Header, body []byte) ([]byte, error)
	Open(ctx context.Context, k *keyring.Keys, sealed []byte, want envelope.Expect) (envelope.Header, []byte, error)
}

// Inline is Crypto on the calling goroutine.
type Inline struct{}

// Vault is an open vault. Safe for concurrent use; writes are one at a time.
type Vault struct{}

// Options of a Vault.
type Options struct {
	Blobs  Blobs
	Crypto Crypto
	Now    func() time.Time
	Rand   io.Reader
}

// Exists says whether there is a vault in b (its unlock file), without opening anything.
func Exists(ctx context.Context, b Blobs) (bool, error) { panic("stub") }

// Create writes an empty vault: unlock file, head and index in one commit. It refuses to replace one (ErrExists).
func Create(ctx context.Context, o Options, k *keyring.Keys, unlock []byte) (*Vault, error) {
	panic("stub")
}

// UnlockFile returns the unlock file of the vault in b.
func UnlockFile(ctx context.Context, b Blobs) ([]byte, error) { panic("stub") }

// SetUnlockFile replaces it (change of passphrase).
func (v *Vault) SetUnlockFile(ctx context.Context, unlock []byte) error { panic("stub") }

// Open reads head and index; if the index is missing or does not verify it is rebuilt from the records.
func Open(ctx context.Context, o Options, k *keyring.Keys, p Progress) (*Vault, error) { panic("stub") }

// Progress is told how far a long operation is: done of total. It may be nil.
type Progress func(done, total int)

// Faults lists what could not be verified when the vault was opened: quarantined, never silent.
func (v *Vault) Faults() []Fault { panic("stub") }

// Fault is an object that is kept but not shown.
type Fault struct{ Name, Reason string }

// Metas returns all records, newest first. The slice is the caller's.
func (v *Vault) Metas() []record.Meta { panic("stub") }

// Add seals body and commits it with its index row. It fills ID, Size, SHA256 and returns the Meta.
// The same bytes for the same profile: ErrDuplicate with the existing Meta.
func (v *Vault) Add(ctx context.Context, m record.Meta, body []byte) (record.Meta, error) {
	panic("stub")
}

// Original returns the bytes exactly as they came in.
func (v *Vault) Original(ctx context.Context, id record.ID) ([]byte, record.Meta, error) {
	panic("stub")
}

// Remove deletes records and their index rows for good, in one commit.
func (v *Vault) Remove(ctx context.Context, ids ...record.ID) error { panic("stub") }

// Doc and PutDoc keep small sealed documents by name ("settings", "people", "share/<id>"). PutDocs commits several at once;
// a nil body deletes.
func (v *Vault) Doc(ctx context.Context, name string) ([]byte, error)               { panic("stub") }
func (v *Vault) Docs(ctx context.Context, prefix string) (map[string][]byte, error) { panic("stub") }
func (v *Vault) PutDocs(ctx context.Context, docs map[string][]byte) error          { panic("stub") }

// Export writes one age file to the vault's own recipient: a zip of the originals, the documents and manifest.json.
func (v *Vault) Export(ctx context.Context, w io.Writer, p Progress) error { panic("stub") }

// Backup is an opened and verified backup.
type Backup struct{}

// OpenBackup decrypts and verifies a whole backup with the identity in k before anything is changed.
func OpenBackup(ctx context.Context, file []byte, k *keyring.Keys, p Progress) (*Backup, error) {
	panic("stub")
}

// Metas lists what the backup holds.
func (b *Backup) Metas() []record.Meta { panic("stub") }

// Restore writes the backup into a side store, verifies it there, then swaps it in, in one commit. Records already in the
// vault stay; the same document twice is recognised. Returns how many were added.
func (v *Vault) Restore(ctx context.Context, b *Backup, p Progress) (added int, err error) {
	panic("stub")
}
