package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Entry is a record of the index. Its Meta is read when it is asked for, so that
// a list of thousands costs nothing but what is looked at. The same record has
// the same Entry (==) as long as nothing is known anew of it.
type Entry struct{ r *row }

func (e Entry) ID() record.ID             { return e.r.Meta.ID }
func (e Entry) Profile() record.ProfileID { return e.r.Meta.Profile }
func (e Entry) Meta() record.Meta         { return e.r.full() }

// Entries returns all records, the last added first. The slice is the caller's.
func (v *Vault) Entries() []Entry {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Clone(v.now.listed())
}

// Metas returns what is known of all records, the last added first. It reads
// every outline: where there may be thousands, use Entries.
func (v *Vault) Metas() []record.Meta {
	list := v.Entries()
	metas := make([]record.Meta, len(list))
	for i, e := range list {
		metas[i] = e.Meta()
	}
	return metas
}

// Size is how many bytes the originals of all records have.
func (v *Vault) Size() (n int) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for r := range v.now.rows() {
		if r.Meta != nil {
			n += r.Meta.Size
		}
	}
	return n
}

// Meta returns what is known of one record.
func (v *Vault) Meta(id record.ID) (record.Meta, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	r := v.now.records[id]
	if r == nil || r.hidden {
		return record.Meta{}, false
	}
	return r.full(), true
}

// Add seals body and commits it with its index row. It fills ID, Size, SHA256,
// Added where it is zero, Outline where it is empty, and returns the Meta. Source
// and Title are cut to what a signed header holds. When it returns nil the record
// survives a crash.
//
// The same bytes for the same profile: record.ErrDuplicate with the existing
// Meta. Other errors: record.ErrEmpty, record.ErrTooBig, ErrFull, ErrGone.
func (v *Vault) Add(ctx context.Context, m record.Meta, body []byte) (record.Meta, error) {
	r, err := v.add(ctx, m, "", body)
	if r == nil {
		return record.Meta{}, err
	}
	return r.full(), err
}

// AddPacked is Add for an outline that was packed elsewhere. The Meta that it returns
// has the head of it alone: see Entry.Brief.
func (v *Vault) AddPacked(ctx context.Context, m record.Meta, o Packed, body []byte) (record.Meta, error) {
	r, err := v.add(ctx, m, o, body)
	if r == nil {
		return record.Meta{}, err
	}
	brief, _ := Entry{r}.Brief()
	return brief, err
}

// add is Add; of a duplicate the row is the one that is there.
func (v *Vault) add(ctx context.Context, m record.Meta, o Packed, body []byte) (*row, error) {
	switch {
	case len(body) == 0:
		return nil, record.ErrEmpty
	case len(body) > record.MaxBytes:
		return nil, record.ErrTooBig
	}
	m.Size, m.SHA256 = len(body), digest(body)
	end, err := v.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	var c change
	if old := v.twinOf(m.Profile, m.SHA256); old == nil {
		id, err := v.newID()
		if err != nil {
			return nil, err
		}
		m.ID = record.ID(id)
	} else if v.sound(old) {
		return old, record.ErrDuplicate
	} else { // what was damaged or lost has come back
		m.ID = old.Meta.ID
		c.drop = []*row{old}
	}
	r, sealed, err := v.sealPacked(ctx, v.ring, prefixRecord, m, o, body)
	if err != nil {
		return nil, fmt.Errorf("sealing a record: %w", err)
	}
	c.put, c.add = map[string][]byte{r.Object: sealed}, []*row{r}
	if err := v.commit(ctx, c); err != nil {
		return nil, fmt.Errorf("keeping a record: %w", err)
	}
	v.heal(c.drop)
	return r, nil
}

// Same finds the records that have some bytes, by their SHA-256 in hex.
func (v *Vault) Same(sums map[string]bool) map[string][]Entry {
	found := make(map[string][]Entry)
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, r := range v.now.records {
		if !r.hidden && sums[r.Meta.SHA256] {
			found[r.Meta.SHA256] = append(found[r.Meta.SHA256], Entry{r})
		}
	}
	return found
}

// twinOf is the row of the same document of the same person, or nil.
func (v *Vault) twinOf(profile record.ProfileID, sha256 string) *row {
	return v.now.records[v.now.twins()[twin{profile, sha256}]]
}

// sound says whether nothing is known against the object of a row.
func (v *Vault) sound(r *row) bool {
	return !r.hidden && !slices.ContainsFunc(v.faults, func(f Fault) bool { return f.Name == r.Object })
}

// sealRecord seals a record whose ID, Size and SHA256 are set, to the newest
// epoch of its profile, and makes its row.
func (v *Vault) sealRecord(ctx context.Context, ring *keyring.Ring, prefix string, m record.Meta, body []byte) (*row, []byte, error) {
	return v.sealPacked(ctx, ring, prefix, m, "", body)
}

// sealPacked is sealRecord with an outline that is packed already, unless it is "".
func (v *Vault) sealPacked(ctx context.Context, ring *keyring.Ring, prefix string, m record.Meta, packed Packed, body []byte) (*row, []byte, error) {
	if m.Added.IsZero() {
		m.Added = v.o.Now()
	}
	m.Added = m.Added.UTC().Truncate(time.Millisecond)
	s := stampOf(&m)
	if o := m.Outline; packed == "" && o.Title == "" && o.Type == "" && o.Lines == nil {
		m.Outline = v.outline(m, body)
	}
	h := envelope.Header{
		Kind: "record", ID: string(m.ID), Seq: v.now.seq + 1,
		Created: m.Added.Format(time.RFC3339Nano), Type: string(m.Format), Meta: s,
	}
	sealed, epoch, err := v.seal(ctx, ring, m.Profile, h, body)
	if err != nil {
		return nil, nil, err
	}
	r := &row{Object: prefix + string(m.ID), Sealed: sha256.Sum256(sealed), Seq: h.Seq, Epoch: epoch, outline: string(packed)}
	if !r.describe(m) {
		return nil, nil, errors.New("a record needs its hash")
	}
	return packRow(r), sealed, nil
}

// stampOf cuts what people and files call a record to what fits into a signed
// header, in m as well: a row made again must be the same row.
func stampOf(m *record.Meta) string {
	for limit := 255; ; limit /= 2 {
		m.Source.Name, m.Source.Host = clip(m.Source.Name, limit), clip(m.Source.Host, limit)
		m.Source.How, m.Source.Link = clip(m.Source.How, 32), clip(m.Source.Link, 80)
		m.Title, m.Date = clip(m.Title, limit), clip(m.Date, 40)
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(stamp{SHA256: m.SHA256, Source: m.Source, Title: m.Title, Date: m.Date}) // strings: it can not fail
		s := strings.TrimSpace(b.String())
		if quoted, _ := json.Marshal(s); len(quoted) <= envelope.MaxLine*3/4 {
			return s
		}
	}
}

// clip drops control characters, those that turn the direction of writing (a
// file name must not read as another), and what is beyond n bytes, at a whole
// character.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Original returns the bytes exactly as they came in. Errors: ErrNotFound;
// record.ErrDamaged, and the record is among the Faults from then on.
func (v *Vault) Original(ctx context.Context, id record.ID) ([]byte, record.Meta, error) {
	for {
		v.mu.RLock()
		r := v.now.records[id]
		v.mu.RUnlock()
		if r == nil {
			return nil, record.Meta{}, ErrNotFound
		}
		_, body, err := v.fetch(ctx, r)
		if errors.Is(err, ErrNotFound) {
			continue // sealed anew or deleted while we looked
		}
		if err != nil {
			return nil, r.full(), fmt.Errorf("opening a record: %w", err)
		}
		return body, r.full(), nil
	}
}

// fetch reads and opens the object of a row. A writer deletes an object before
// it takes the row out, so what looks lost or damaged is looked at again when no
// one is writing: ErrNotFound when the row has gone too, else record.ErrDamaged
// and a fault.
func (v *Vault) fetch(ctx context.Context, r *row) (envelope.Header, []byte, error) {
	h, body, reason, err := v.attempt(ctx, r)
	if err != nil || reason == "" {
		return h, body, err
	}
	end, err := v.begin(ctx)
	if err != nil {
		return h, nil, err
	}
	defer end()
	if !v.current(r) {
		return envelope.Header{}, nil, ErrNotFound
	}
	h, body, reason, err = v.attempt(ctx, r)
	if err == nil && reason != "" {
		v.fault(r.Object, reason)
		err = record.ErrDamaged
	}
	return h, body, err
}

// attempt reads and opens the object of a row once; reason says what is wrong
// with the object, err what is wrong with anything else.
func (v *Vault) attempt(ctx context.Context, r *row) (h envelope.Header, body []byte, reason string, err error) {
	sealed, err := get(ctx, v.o.Blobs, r.Object)
	if errors.Is(err, ErrNotFound) {
		return h, nil, ReasonMissing, nil
	}
	if err != nil {
		return h, nil, "", err
	}
	if sha256.Sum256(sealed) != r.Sealed {
		return h, nil, ReasonDamaged, nil
	}
	kind, id := identify(r.Object)
	with := v.Ring().Opener(string(r.Profile), r.Epoch)
	h, body, err = v.o.Crypto.Open(ctx, with, sealed, envelope.Expect{Kind: kind, ID: id})
	if err != nil {
		reason, err = reasonOf(err)
		return envelope.Header{}, nil, reason, err
	}
	if r.Meta != nil && sha256.Sum256(body) != r.original {
		return envelope.Header{}, nil, ReasonDamaged, nil
	}
	return h, body, "", nil
}

// current says whether r is still in the index.
func (v *Vault) current(r *row) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if r.Meta != nil {
		return v.now.records[r.Meta.ID] == r
	}
	return v.now.docs[r.Doc] == r
}

// Remove deletes records and their index rows for good, in one commit. An id
// that is not there is no error.
func (v *Vault) Remove(ctx context.Context, ids ...record.ID) error {
	end, err := v.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	var c change
	for _, id := range ids {
		if r := v.now.records[id]; r != nil && !slices.Contains(c.drop, r) {
			c.drop = append(c.drop, r)
		}
	}
	if len(c.drop) == 0 {
		return nil
	}
	if err := v.commit(ctx, c); err != nil {
		return fmt.Errorf("removing: %w", err)
	}
	v.heal(c.drop)
	return nil
}

// Move files a record under another profile: the same bytes, sealed anew under a
// new ID; the old object goes with the same commit. What is known of the record
// stays. When it returns nil the move survives a crash.
//
// That profile has the same document: record.ErrDuplicate with the Meta of that
// one, and nothing is moved. Other errors: ErrNotFound, record.ErrDamaged.
func (v *Vault) Move(ctx context.Context, id record.ID, to record.ProfileID) (record.Meta, error) {
	end, err := v.begin(ctx)
	if err != nil {
		return record.Meta{}, err
	}
	defer end()
	old := v.now.records[id]
	switch {
	case old == nil:
		return record.Meta{}, ErrNotFound
	case old.Meta.Profile == to:
		return old.full(), nil
	}
	c := change{drop: []*row{old}}
	if twin := v.twinOf(to, old.Meta.SHA256); twin != nil {
		if v.sound(twin) {
			return twin.full(), record.ErrDuplicate
		}
		c.drop = append(c.drop, twin) // what was damaged there has come back
	}
	_, body, reason, err := v.attempt(ctx, old)
	if err == nil && reason != "" {
		v.fault(old.Object, reason)
		err = record.ErrDamaged
	}
	if err != nil {
		return record.Meta{}, fmt.Errorf("opening a record: %w", err)
	}
	fresh, err := v.newID()
	if err != nil {
		return record.Meta{}, err
	}
	m := old.full()
	m.Profile, m.ID = to, record.ID(fresh)
	r, sealed, err := v.sealRecord(ctx, v.ring, prefixRecord, m, body)
	if err != nil {
		return record.Meta{}, fmt.Errorf("sealing a record: %w", err)
	}
	c.put, c.add = map[string][]byte{r.Object: sealed}, []*row{r}
	if err := v.commit(ctx, c); err != nil {
		return record.Meta{}, fmt.Errorf("moving a record: %w", err)
	}
	v.heal(c.drop)
	return r.full(), nil
}

// heal takes the faults of objects away that are no more.
func (v *Vault) heal(rows []*row) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range rows {
		v.faults = slices.DeleteFunc(v.faults, func(f Fault) bool { return f.Name == r.Object })
	}
}
