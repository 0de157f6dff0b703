package wallet

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"potli/app/consent"
	"potli/app/fhir"
	"potli/app/message"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
)

// Reasons why a record stays, beside those of package consent.
const (
	// StaysUnread: it cannot be told what is in it.
	StaysUnread consent.Reason = "cannot be told what is in it"
	// StaysTooBig: too large for one message.
	StaysTooBig consent.Reason = "too large for a message"
	// StaysTooMany: there are more than one receipt can name, and the newest go.
	StaysTooMany consent.Reason = "more than a receipt names"
)

// fact is what a decision has to know of a record.
type fact struct {
	Record    consent.Record `json:"record"`
	Sensitive []string       `json:"sensitive,omitempty"`
	Unread    bool           `json:"unread,omitempty"`
}

// factKey names a record as it is dated: a person may change that.
type factKey struct {
	id   record.ID
	date string
}

func keyOf(m record.Meta) factKey { return factKey{m.ID, m.Date + "/" + m.Outline.Date} }

// described is a record with what is known of it.
type described struct {
	fact
	row    Row
	sha256 string // hex
	format record.Format
}

// describeBatch is how many bytes are looked at in one go.
const describeBatch = 8 << 20

// jobDescribe looks into records for what a decision has to know.
const jobDescribe = "describe" // records -> []fact

func (j Jobs) describe(in []byte) ([]byte, error) {
	var metas []record.Meta
	blobs, err := unpack(in, &metas)
	if err != nil || len(blobs) != len(metas) {
		return nil, errFrame
	}
	marks := map[record.ID][]string{}
	for _, it := range share.Whole(sources(metas, blobs), j.Now()) {
		marks[it.Record] = it.Sensitive
	}
	facts := make([]fact, len(metas))
	for i, m := range metas {
		f := &facts[i]
		f.Sensitive = marks[m.ID]
		f.Record, err = consent.Describe(m, blobs[i], len(f.Sensitive) > 0)
		if f.Unread = err != nil; f.Unread {
			f.Record = consent.Record{ID: m.ID}
		}
	}
	return json.Marshal(facts)
}

// describeAll is what is known of all records of a person, the newest first, out of
// their original bytes: an index leaves things out. Each record is opened once, and
// those that are not asked about are not opened at all.
func (w *Wallet) describeAll(ctx context.Context, who record.ProfileID, wanted func(record.ID) bool, progress func(done, total int)) ([]described, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	entries := slices.DeleteFunc(w.records(who), func(e vault.Entry) bool { return !wanted(e.ID()) })
	list := make([]described, len(entries))
	var missing []int
	for i, e := range entries {
		m, _ := e.Brief()
		list[i] = described{row: rowOf(m), sha256: m.SHA256, format: m.Format}
		if f, ok := w.knownFact(v, keyOf(m)); ok {
			list[i].learn(f)
		} else {
			missing = append(missing, i)
		}
	}
	for done := 0; done < len(missing); {
		n, size := done, 0
		for n < len(missing) && (n == done || size < describeBatch) {
			size += int(list[missing[n]].row.Bytes)
			n++
		}
		if err := w.lookInto(ctx, v, entries, list, missing[done:n]); err != nil {
			return nil, err
		}
		if done = n; progress != nil {
			progress(done, len(missing))
		}
	}
	slices.SortStableFunc(list, func(a, b described) int { return -cmpDates(a.row.Date, b.row.Date) })
	return list, nil
}

func cmpDates(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (d *described) learn(f fact) {
	d.fact = f
	if d.row.Sensitive = f.Sensitive; f.Record.Date != "" {
		d.row.Date = f.Record.Date
	}
}

// rowOf is how a list shows a record.
func rowOf(m record.Meta) Row {
	r := Row{ID: m.ID, Title: m.Title, Kind: fhir.KindDocument, Date: m.Date, Bytes: int64(m.Size)}
	if r.Title == "" {
		r.Title = m.Outline.Title
	}
	if r.Date == "" {
		r.Date = m.Outline.Date
	}
	if r.Date == "" {
		r.Date = m.Added.UTC().Format(time.DateOnly)
	}
	if len(m.Format) > 6 && m.Format[:6] == "image/" {
		r.Kind = fhir.KindPhoto
	}
	return r
}

// lookInto opens records and looks into them.
func (w *Wallet) lookInto(ctx context.Context, v *vault.Vault, entries []vault.Entry, list []described, which []int) error {
	metas, bodies := make([]record.Meta, len(which)), make([][]byte, len(which))
	for i, n := range which {
		body, m, err := v.Original(ctx, list[n].row.ID)
		if err != nil {
			return err
		}
		metas[i], bodies[i] = m, body
		if m.Format.FHIR() {
			metas[i].Outline.Lines = nil // it is read out of the document itself
		}
	}
	in, err := pack(metas, bodies...)
	if err != nil {
		return err
	}
	out, err := w.d.Worker.Run(ctx, jobDescribe, in, nil)
	if err != nil {
		return err
	}
	var facts []fact
	if err := unmarshal(out, &facts); err != nil || len(facts) != len(which) {
		return errFrame
	}
	for i, n := range which {
		m, _ := entryOf(entries, list[n].row.ID).Brief()
		list[n].learn(facts[i])
		w.keepFact(v, keyOf(m), facts[i])
	}
	return nil
}

func entryOf(entries []vault.Entry, id record.ID) vault.Entry {
	i := slices.IndexFunc(entries, func(e vault.Entry) bool { return e.ID() == id })
	return entries[i]
}

// knownFact and keepFact remember what was found while the vault is open. Records never
// change.
func (w *Wallet) knownFact(v *vault.Vault, k factKey) (fact, bool) {
	c := &w.consents
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of != v {
		return fact{}, false
	}
	f, ok := c.facts[k]
	return f, ok
}

func (w *Wallet) keepFact(v *vault.Vault, k factKey, f fact) {
	c := &w.consents
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin(v)
	c.facts[k] = f
}

// fits says why a record cannot go as it is, whatever is agreed.
func (d *described) fits(byLink bool) consent.Reason {
	switch {
	case d.Unread:
		return StaysUnread
	case !byLink && d.row.Bytes > message.MaxBytes:
		return StaysTooBig
	}
	return ""
}
