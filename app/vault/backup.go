package vault

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"filippo.io/age"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Limits of a backup. Nothing is unpacked as a whole: a file is read when its
// turn comes, and no further than it said.
const (
	maxManifest  = 64 << 20
	maxSaved     = 200_000
	maxProfile   = 128
	maxProfiles  = 1000
	maxUnpacked  = 64 << 30
	readStep     = 256 << 10
	backupFamily = "potli-backup/"
)

// Backup is an opened and verified backup. It reads from the file it was opened
// from, which must not change.
type Backup struct {
	m       manifest
	records map[record.ID]*zip.File
	docs    map[string][]byte
	keys    map[string][]byte
}

// OpenBackup decrypts and verifies a whole backup with any of the identities
// before anything is changed: every file, to its last byte. Its own backups open
// with what keyring.Ring has as Identities of the user. It may be armored. Errors: ErrWrongKey,
// ErrVersion, record.ErrDamaged.
func OpenBackup(ctx context.Context, file []byte, p Progress, ids ...*age.HybridIdentity) (*Backup, error) {
	b, err := openBackup(ctx, file, ids, p)
	if err != nil {
		return nil, fmt.Errorf("opening a backup: %w", err)
	}
	return b, nil
}

func openBackup(ctx context.Context, file []byte, ids []*age.HybridIdentity, p Progress) (*Backup, error) {
	tries := make([]age.Identity, len(ids))
	for i, id := range ids {
		tries[i] = id
	}
	file, err := Unarmor(file)
	if err != nil {
		return nil, err
	}
	plain, size, err := age.DecryptReaderAt(bytes.NewReader(file), int64(len(file)), tries...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrWrongKey
	}
	if err != nil {
		return nil, bad("not an age file, or cut short")
	}
	z, err := zip.NewReader(plain, size)
	if err != nil {
		return nil, bad("not a zip inside")
	}
	files, err := filesOf(z, size)
	if err != nil {
		return nil, err
	}
	b := &Backup{records: make(map[record.ID]*zip.File), docs: make(map[string][]byte), keys: make(map[string][]byte)}
	if err := b.readManifest(files); err != nil {
		return nil, err
	}
	if err := b.match(files); err != nil {
		return nil, err
	}
	return b, b.verify(ctx, files, p)
}

// bad is record.ErrDamaged with the reason. Reasons name no file: names of
// files are health data.
func bad(reason string) error { return fmt.Errorf("%w: %s", record.ErrDamaged, reason) }

// filesOf lists the files of a zip. Entries that share bytes, folders, links and
// names that point elsewhere make no honest backup.
func filesOf(z *zip.Reader, size int64) (map[string]*zip.File, error) {
	if len(z.File) > maxSaved {
		return nil, bad("too many files")
	}
	files := make(map[string]*zip.File, len(z.File))
	var packed, unpacked uint64
	for _, f := range z.File {
		if !safeName(f.Name) || !f.Mode().IsRegular() || files[f.Name] != nil {
			return nil, bad("a file name that does not belong in a backup")
		}
		packed += min(f.CompressedSize64, 1<<50)
		unpacked += min(f.UncompressedSize64, 1<<50)
		if packed > uint64(size) || unpacked > maxUnpacked {
			return nil, bad("files that claim more than there is") // overlapping entries: a zip bomb
		}
		files[f.Name] = f
	}
	return files, nil
}

// safeName says whether a name is one that Export could have made: in one of its
// folders, nothing that climbs, hides or means something to a file system.
func safeName(name string) bool {
	if name == manifestName {
		return true
	}
	folder, rest, _ := strings.Cut(name, "/")
	if folder += "/"; folder != folderRecords && folder != folderWallet && folder != folderKeys {
		return false
	}
	if rest == "" || len(rest) > 200 || rest[0] == '.' {
		return false
	}
	return !strings.ContainsAny(rest, "/\\:*?\"<>|") && clip(rest, len(rest)) == rest
}

func (b *Backup) readManifest(files map[string]*zip.File) error {
	f := files[manifestName]
	if f == nil || f.UncompressedSize64 > maxManifest {
		return bad("no manifest")
	}
	delete(files, manifestName)
	body, err := unpack(f, int(f.UncompressedSize64))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, &b.m); err != nil {
		return bad("the manifest can not be read")
	}
	switch {
	case b.m.Version == manifestVersion, b.m.Version == manifestPlain && len(b.m.Keys) == 0:
		return nil
	case strings.HasPrefix(b.m.Version, backupFamily):
		return ErrVersion
	}
	return bad("the manifest is of something else")
}

// match holds the manifest against the files: each named once, none left over,
// sizes and identifiers in order.
func (b *Backup) match(files map[string]*zip.File) error {
	left := maps.Clone(files)
	claim := func(file string, size, limit int, sha string) *zip.File {
		f := left[file]
		delete(left, file)
		if raw, err := hex.DecodeString(sha); err != nil || len(raw) != sha256.Size || sha != strings.ToLower(sha) ||
			size < 0 || size > limit || f == nil || f.UncompressedSize64 != uint64(size) {
			return nil
		}
		return f
	}
	for _, s := range b.m.Records {
		if extension(s.Format) == "" {
			return fmt.Errorf("%w: a kind of record that is not known here", ErrVersion)
		}
		f := claim(s.File, s.Size, record.MaxBytes, s.SHA256)
		if f == nil || s.Size == 0 || !goodID(s.ID) || s.Profile == "" || !goodProfile(s.Profile) || b.records[s.ID] != nil {
			return bad("manifest and files do not agree")
		}
		b.records[s.ID] = f
	}
	for _, list := range [][]savedDoc{b.m.Docs, b.m.Keys} {
		named := make(map[string]bool)
		for _, s := range list {
			if claim(s.File, s.Size, maxDoc, s.SHA256) == nil || s.Name == "" || len(s.Name) > maxDocName ||
				!goodProfile(s.Profile) || named[s.Name] {
				return bad("manifest and files do not agree")
			}
			named[s.Name] = true
		}
	}
	if len(left) > 0 {
		return bad("files that the manifest does not name")
	}
	if len(b.Profiles()) > maxProfiles {
		return bad("too many people")
	}
	return nil
}

// goodID says whether id is 32 bytes in base64url.
func goodID(id record.ID) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(string(id))
	return err == nil && len(raw) == 32
}

// goodProfile says whether keys can be made for a profile of that id.
func goodProfile(id record.ProfileID) bool {
	return len(id) <= maxProfile && !strings.ContainsFunc(string(id), unicode.IsControl)
}

// verify reads every file to its end and compares its hash. Documents are kept.
func (b *Backup) verify(ctx context.Context, files map[string]*zip.File, p Progress) error {
	total, done := len(b.m.Records)+len(b.m.Docs)+len(b.m.Keys), 0
	for _, s := range b.m.Records {
		p.tell(done, total)
		done++
		tick := func() { p.tell(done, total) }
		if err := check(ctx, b.records[s.ID], s.Size, s.SHA256, tick); err != nil {
			return err
		}
	}
	held := 0
	for into, list := range map[*map[string][]byte][]savedDoc{&b.docs: b.m.Docs, &b.keys: b.m.Keys} {
		for _, s := range list {
			p.tell(done, total)
			done++
			if held += s.Size; held > maxManifest {
				return bad("documents that are too large")
			}
			body, err := unpack(files[s.File], s.Size)
			if err != nil {
				return err
			}
			if digest(body) != s.SHA256 {
				return bad("a file that is not what the manifest says")
			}
			(*into)[s.Name] = body
		}
	}
	p.tell(total, total)
	return ctx.Err()
}

// check hashes a file without keeping it.
func check(ctx context.Context, f *zip.File, size int, sha string, tick func()) error {
	r, err := f.Open()
	if err != nil {
		return bad("a file that can not be unpacked")
	}
	defer r.Close()
	h := sha256.New()
	for n := int64(0); ; tick() {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := io.CopyN(h, r, readStep)
		if n += m; n > int64(size) {
			return bad("a file longer than it says")
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return bad("a file that can not be unpacked")
		}
	}
	if hex.EncodeToString(h.Sum(nil)) != sha {
		return bad("a file that is not what the manifest says")
	}
	return nil
}

// unpack reads a file of exactly size bytes. Memory grows with what really
// comes out, not with what the file claims.
func unpack(f *zip.File, size int) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, bad("a file that can not be unpacked")
	}
	defer r.Close()
	var b bytes.Buffer
	b.Grow(min(size, 4<<20) + bytes.MinRead)
	if n, err := b.ReadFrom(io.LimitReader(r, int64(size)+1)); err != nil || n != int64(size) {
		return nil, bad("a file that can not be unpacked")
	}
	return b.Bytes(), nil
}

// Metas lists what the backup holds, the last added first. Outlines are empty
// until Restore.
func (b *Backup) Metas() []record.Meta {
	metas := make([]record.Meta, 0, len(b.m.Records))
	for i := len(b.m.Records) - 1; i >= 0; i-- {
		metas = append(metas, b.m.Records[i].meta())
	}
	return metas
}

// Docs returns the documents of the backup by name. They are the caller's to
// read, not to change.
func (b *Backup) Docs() map[string][]byte { return maps.Clone(b.docs) }

// User is the user file of the backup, for keyring.OpenUser; nil in one of a
// release before there were epochs.
func (b *Backup) User() []byte { return b.keys[nameUser] }

// Ring adds the profiles' epochs of the backup to r, whose user file opens them.
// Error: record.ErrDamaged.
func (b *Backup) Ring(r *keyring.Ring) (*keyring.Ring, error) {
	for name, sealed := range b.keys {
		id, ok := strings.CutPrefix(name, prefixRing)
		if !ok {
			continue
		}
		_, body, err := r.Opener("").Open(sealed, envelope.Expect{Kind: "ring", ID: id})
		if err != nil {
			return nil, bad("keys that do not open")
		}
		if r, err = r.WithCopy(body); err != nil {
			return nil, bad("keys that can not be read")
		}
	}
	return r, nil
}

// Profiles are those that records and documents of the backup belong to.
func (b *Backup) Profiles() []record.ProfileID {
	seen := make(map[record.ProfileID]bool)
	for _, s := range b.m.Records {
		seen[s.Profile] = true
	}
	for _, s := range b.m.Docs {
		seen[s.Profile] = true
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}

// WalletID and Created say of which wallet the backup is, and when it was made.
func (b *Backup) WalletID() string   { return b.m.Wallet }
func (b *Backup) Created() time.Time { return b.m.Created }

// Missing is how many records and documents could not be read when the backup
// was made.
func (b *Backup) Missing() int { return len(b.m.Missing) }

func (s savedRecord) meta() record.Meta {
	return record.Meta{
		ID: s.ID, Profile: s.Profile, Format: s.Format, Size: s.Size, SHA256: s.SHA256,
		Added: s.Added, Source: s.Source, Title: s.Title, Date: s.Date,
	}
}
