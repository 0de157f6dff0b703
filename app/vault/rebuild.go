package vault

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// stamp is what a record's signed header says in Meta, beside Profile, ID, Type
// (the format), Created (when it was added) and Len.
type stamp struct {
	SHA256 string        `json:"sha256"` // of the original bytes
	Source record.Source `json:"source"`
	Title  string        `json:"title,omitempty"`
	Date   string        `json:"date,omitempty"`
}

// title is what a document's signed header says in Meta.
type title struct {
	Name string `json:"name"`
}

// rebuild makes rows for objects that have none, and makes outlines again when
// there is a new edition of them.
func (l *loading) rebuild(ctx context.Context, p Progress) (change, error) {
	c := change{del: l.litter}
	// Always in the same order, so that two rebuilds come to the same; documents
	// first, since one of them says whose records there may be.
	slices.SortFunc(l.stray, func(a, b string) int {
		if x, y := strings.HasPrefix(a, prefixDoc), strings.HasPrefix(b, prefixDoc); x != y {
			return cmp.Compare(bit(y), bit(x))
		}
		return strings.Compare(a, b)
	})
	redo := l.outdated()
	total, done, foreign := len(l.stray)+len(redo), 0, 0
	add := newState() // the rows found so far, to find the same thing twice
	if len(l.stray) > 0 {
		for r := range l.s.rows() {
			add.know(r)
		}
	}
	docs := 0
	for _, name := range l.stray {
		p.tell(done, total)
		if done++; strings.HasPrefix(name, prefixDoc) {
			docs = done
		} else if done == docs+1 {
			if err := l.trust(ctx, add.docs[docDevices]); err != nil {
				return change{}, err
			}
		}
		r, reason, err := l.read(ctx, name, l.ring.OpenerOfAll())
		if err != nil {
			return change{}, err
		}
		if reason == ReasonForeign || reason == ReasonDevice {
			foreign++
		}
		if r == nil {
			l.fault(name, reason)
			continue
		}
		l.settle(&c, add, r)
	}
	// Nothing at all opens: these are not our keys, and not our place to tidy up.
	if len(l.s.pages) == 0 && foreign == len(l.stray) && (foreign > 0 || l.foreign) {
		return change{}, ErrWrongKey
	}
	for _, r := range redo {
		p.tell(done, total)
		done++
		if err := l.renew(ctx, &c, r); err != nil {
			return change{}, err
		}
	}
	if total > 0 {
		p.tell(total, total)
	}
	if l.v.o.Outline != nil && l.s.edition != l.v.o.Edition {
		l.s.edition, l.intact = l.v.o.Edition, false // so that it is committed
	}
	return c, nil
}

// settle decides what becomes of a row made again: it comes in, or its object
// is one that something newer or the same has replaced, and goes.
func (l *loading) settle(c *change, have *state, r *row) {
	// Numbers go on from the highest that was ever signed.
	l.s.seq = max(l.s.seq, r.Seq)
	old, same := have.docs[r.Doc], true
	if r.Meta != nil {
		old = have.records[have.twins()[twin{r.Meta.Profile, r.Meta.SHA256}]]
		if old != nil && old.Meta.ID != r.Meta.ID && old.device != r.device {
			old = nil // two people brought the same document in: each is named elsewhere
		}
		if old == nil {
			old = have.records[r.Meta.ID]
			same = false
		}
	}
	newer := old == nil || old.hidden || r.Meta == nil && r.Seq > old.Seq
	switch {
	case newer && l.closed(r):
		l.fault(r.Object, ReasonClosed)
		return
	case old == nil:
	case newer:
		l.replace(c, have, old)
	case same:
		c.del = append(c.del, r.Object)
		return
	default: // two contents under one id: neither is ours to throw away
		l.fault(r.Object, ReasonDamaged)
		return
	}
	have.know(r)
	c.add = append(c.add, r)
}

// closed says whether an object beside a whole index is sealed to an epoch that
// has ended. Nothing of ours is ever written so: whoever was removed from the
// profile since may have put it there.
func (l *loading) closed(r *row) bool {
	newest, _, _ := l.ring.Newest(string(r.Profile))
	return l.intact && !l.older && r.Epoch < newest
}

// replace takes an older row out again, whether it was read or made.
func (l *loading) replace(c *change, have *state, old *row) {
	have.forget(old)
	if i := slices.Index(c.add, old); i >= 0 {
		c.add = slices.Delete(c.add, i, i+1)
		c.del = append(c.del, old.Object)
		return
	}
	c.drop = append(c.drop, old)
	l.faults = slices.DeleteFunc(l.faults, func(f Fault) bool { return f.Name == old.Object })
}

// read opens one object and makes its row. A nil row comes with a reason.
func (l *loading) read(ctx context.Context, name string, with *keyring.Opener) (*row, string, error) {
	sealed, err := get(ctx, l.v.o.Blobs, name)
	if errors.Is(err, ErrNotFound) {
		return nil, ReasonMissing, nil
	}
	if err != nil {
		return nil, "", err
	}
	return l.row(ctx, name, sealed, with)
}

// row makes the row of an object. A nil row comes with a reason.
func (l *loading) row(ctx context.Context, name string, sealed []byte, with *keyring.Opener) (*row, string, error) {
	kind, id := identify(name)
	h, body, err := l.v.o.Crypto.Open(ctx, with.Narrow(sealed), sealed, envelope.Expect{Kind: kind, ID: id})
	if err != nil {
		reason, err := reasonOf(err)
		return nil, reason, err
	}
	r := &row{Object: name, Sealed: sha256.Sum256(sealed), Seq: h.Seq, Epoch: h.Epoch, Profile: record.ProfileID(h.Profile), device: h.Device}
	if kind == "doc" {
		var t title
		if json.Unmarshal([]byte(h.Meta), &t) != nil || t.Name == "" {
			return nil, ReasonDamaged, nil
		}
		r.Doc = t.Name
		return packRow(r), "", nil
	}
	m, ok := l.v.metaOf(h, body)
	if !ok {
		return nil, ReasonDamaged, nil
	}
	if !r.describe(m) {
		return nil, ReasonDamaged, nil
	}
	return packRow(r), "", nil
}

// identify splits a name into the kind and the id that are signed inside.
func identify(name string) (kind, id string) {
	prefix, id, _ := strings.Cut(name, "/")
	if prefix+"/" == prefixDoc {
		return "doc", id
	}
	return "record", id
}

// reasonOf is the reason of a Fault, or the error when it is about something else.
func reasonOf(err error) (string, error) {
	switch {
	case errors.Is(err, envelope.ErrUnknownDevice):
		return ReasonDevice, nil
	case errors.Is(err, envelope.ErrNotForUs), errors.Is(err, envelope.ErrForged):
		return ReasonForeign, nil
	case errors.Is(err, envelope.ErrVersion):
		return ReasonVersion, nil
	case isDamage(err):
		return ReasonDamaged, nil
	}
	return "", err
}

// metaOf reads a Meta back out of a record's header and body.
func (v *Vault) metaOf(h envelope.Header, body []byte) (record.Meta, bool) {
	var s stamp
	added, err := time.Parse(time.RFC3339Nano, h.Created)
	if err != nil || json.Unmarshal([]byte(h.Meta), &s) != nil || digest(body) != s.SHA256 {
		return record.Meta{}, false
	}
	m := record.Meta{
		ID: record.ID(h.ID), Profile: record.ProfileID(h.Profile), Format: record.Format(h.Type), Size: h.Len,
		SHA256: s.SHA256, Added: added.UTC(), Source: s.Source, Title: s.Title, Date: s.Date,
	}
	m.Outline = v.outline(m, body)
	return m, true
}

// outline asks Options.Outline. A document that can not be read keeps its place
// under its file name.
func (v *Vault) outline(m record.Meta, body []byte) fhir.Outline {
	if v.o.Outline == nil {
		return fhir.Outline{}
	}
	o, err := v.o.Outline(m.Format, m.Source.Name, body)
	if err != nil {
		return fhir.Outline{}
	}
	return o
}

// outdated are the rows whose outline an older edition has made.
func (l *loading) outdated() (rows []*row) {
	if l.v.o.Outline == nil || l.s.edition == l.v.o.Edition {
		return nil
	}
	for r := range l.s.rows() {
		if r.Meta != nil && !r.hidden {
			rows = append(rows, r)
		}
	}
	return rows
}

// renew makes one outline again. A record that does not open keeps the old one.
func (l *loading) renew(ctx context.Context, c *change, r *row) error {
	fresh, reason, err := l.read(ctx, r.Object, l.ring.Opener(string(r.Profile), r.Epoch))
	if err != nil {
		return err
	}
	if fresh == nil || fresh.Sealed != r.Sealed {
		if reason == "" {
			reason = ReasonDamaged
		}
		l.fault(r.Object, reason)
		return nil
	}
	c.drop = append(c.drop, r)
	c.add = append(c.add, fresh)
	return nil
}
