package vault

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"potli/app/record"
)

// A backup is one age file to the user's newest epoch and to the recovery kit. Its
// plaintext is a zip:
//
//	records/<date>-<title>.<ext>   each record, byte for byte as it came in
//	wallet/<name>.json             the documents
//	keys/user.age, ring-….age      the keys, sealed as they are in storage
//	manifest.json                  what each file is, with its SHA-256
//
// so that `age -d -i kit.txt backup.age > backup.zip` and any unzip give the
// originals back without Potli, and kit and backup together the whole wallet.
// potli-backup/1 was to the one key there was, and without keys/.
const (
	manifestName    = "manifest.json"
	manifestVersion = "potli-backup/2"
	manifestPlain   = "potli-backup/1"
	folderRecords   = "records/"
	folderWallet    = "wallet/"
	folderKeys      = "keys/"
)

// manifest describes the files of a backup.
type manifest struct {
	Version string        `json:"version"`
	Wallet  string        `json:"wallet"`
	Created time.Time     `json:"created"`
	Seq     uint64        `json:"seq"`
	Records []savedRecord `json:"records"`
	Docs    []savedDoc    `json:"docs"`
	Keys    []savedDoc    `json:"keys,omitempty"`
	Missing []string      `json:"missing,omitempty"` // what could not be read: names of sealed objects
}

type savedRecord struct {
	ID      record.ID        `json:"id"`
	Profile record.ProfileID `json:"profile"`
	File    string           `json:"file"`
	Format  record.Format    `json:"format"`
	SHA256  string           `json:"sha256"`
	Size    int              `json:"size"`
	Added   time.Time        `json:"added"`
	Source  record.Source    `json:"source"`
	Title   string           `json:"title,omitempty"`
	Date    string           `json:"date,omitempty"`
}

type savedDoc struct {
	Name    string           `json:"name"`
	Profile record.ProfileID `json:"profile,omitempty"` // under whose key it was
	File    string           `json:"file"`
	SHA256  string           `json:"sha256"`
	Size    int              `json:"size"`
}

// Export writes one age file to the user's newest epoch, to the recovery kit
// where there is one, and to whoever else is given: a zip of the originals, the
// documents, the sealed keys and manifest.json. Records are opened and verified
// one at a time. One that is damaged does not stop the others: it is left out,
// named in the manifest and among the Faults, so look there afterwards.
func (v *Vault) Export(ctx context.Context, w io.Writer, p Progress, also ...age.Recipient) error {
	if v.Older() {
		return ErrOlder
	}
	ring := v.Ring()
	_, newest, _ := ring.Newest("")
	to := append([]age.Recipient{newest.Recipient()}, also...)
	if kit, _ := ring.User().Recovery(); kit != nil {
		to = append(to, kit)
	}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return fmt.Errorf("writing a backup: %w", err)
	}
	x := &export{v: v, z: zip.NewWriter(sealed), names: make(fileNames), p: p}
	if err := x.run(ctx); err != nil {
		return fmt.Errorf("writing a backup: %w", err)
	}
	if err := sealed.Close(); err != nil {
		return fmt.Errorf("writing a backup: %w", err)
	}
	return nil
}

type export struct {
	v           *Vault
	z           *zip.Writer
	m           manifest
	names       fileNames
	p           Progress
	done, total int
}

func (x *export) run(ctx context.Context) error {
	v := x.v
	v.mu.RLock()
	docs := slices.SortedFunc(maps.Values(v.now.docs), func(a, b *row) int { return strings.Compare(a.Doc, b.Doc) })
	seq, wallet := v.now.seq, v.ring.Wallet()
	v.mu.RUnlock()
	records := v.Entries()
	slices.Reverse(records) // oldest first: a later backup begins like an earlier one
	x.total = len(records) + len(docs)
	x.m = manifest{
		Version: manifestVersion, Wallet: wallet, Created: v.o.Now().UTC(), Seq: seq,
		Records: []savedRecord{}, Docs: []savedDoc{},
	}
	for _, e := range records {
		if err := x.record(ctx, e.Meta()); err != nil {
			return err
		}
	}
	for _, r := range docs {
		if err := x.doc(ctx, r); err != nil {
			return err
		}
	}
	if err := x.keys(ctx); err != nil {
		return err
	}
	body, err := json.MarshalIndent(x.m, "", " ")
	if err != nil {
		return err
	}
	if err := x.file(manifestName, body, x.m.Created, zip.Deflate); err != nil {
		return err
	}
	x.p.tell(x.total, x.total)
	return x.z.Close()
}

func (x *export) record(ctx context.Context, m record.Meta) error {
	x.p.tell(x.done, x.total)
	x.done++
	body, _, err := x.v.Original(ctx, m.ID)
	if isLost(err) {
		if _, still := x.v.Meta(m.ID); still {
			x.m.Missing = append(x.m.Missing, prefixRecord+string(m.ID))
		}
		return nil
	}
	if err != nil {
		return err
	}
	method := zip.Store // pictures and PDFs are compressed already
	if m.Format.FHIR() {
		method = zip.Deflate
	}
	s := savedRecord{
		ID: m.ID, Profile: m.Profile, File: x.names.of(folderRecords, recordStem(m), first(extension(m.Format), ".bin")),
		Format: m.Format, SHA256: m.SHA256, Size: m.Size, Added: m.Added, Source: m.Source, Title: m.Title, Date: m.Date,
	}
	x.m.Records = append(x.m.Records, s)
	return x.file(s.File, body, m.Added, method)
}

func (x *export) doc(ctx context.Context, r *row) error {
	x.p.tell(x.done, x.total)
	x.done++
	name := r.Doc
	body, err := x.v.Doc(ctx, name)
	if isLost(err) {
		x.m.Missing = append(x.m.Missing, name)
		return nil
	}
	if err != nil {
		return err
	}
	s := savedDoc{
		Name: name, Profile: r.Profile, File: x.names.of(folderWallet, first(slug(name, 100), "doc"), ".json"),
		SHA256: digest(body), Size: len(body),
	}
	x.m.Docs = append(x.m.Docs, s)
	return x.file(s.File, body, x.m.Created, zip.Deflate)
}

// keys writes the user file and the rings. They are read while nobody writes, so
// that they fit one another.
func (x *export) keys(ctx context.Context) error {
	v := x.v
	end, err := v.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	user, err := v.ring.User().Seal()
	if err != nil {
		return err
	}
	if err := x.key(nameUser, user); err != nil {
		return err
	}
	for _, p := range v.now.keys {
		sealed, err := v.ringFile(ctx, p)
		if isLost(err) {
			x.m.Missing = append(x.m.Missing, p.Name)
			continue
		}
		if err != nil {
			return err
		}
		if err := x.key(p.Name, sealed); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) key(name string, sealed []byte) error {
	s := savedDoc{Name: name, File: folderKeys + strings.ReplaceAll(name, "/", "-") + ".age", SHA256: digest(sealed), Size: len(sealed)}
	x.m.Keys = append(x.m.Keys, s)
	return x.file(s.File, sealed, x.m.Created, zip.Store)
}

func (x *export) file(name string, body []byte, modified time.Time, method uint16) error {
	f, err := x.z.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: modified})
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return err
}
