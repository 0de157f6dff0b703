package wallet

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"slices"

	"potli/app/fhir"
	"potli/app/record"
)

// heldFile is one that waits for the person's word: it says it is about
// somebody else.
type heldFile struct {
	index   int // in the report
	name    string
	source  record.Source
	body    []byte
	summary summary
	item    string // of the inbox
}

// Import brings files in for the current person, one after the other; a bad
// one is refused by name, the others come in. Snapshot.Import has the report.
// A pasted link is not imported here: see Receive. Cancel stops between files.
func (w *Wallet) Import(ctx context.Context, files []File) *ImportReport {
	w.importing.Lock()
	defer w.importing.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	w.cancel, w.held = cancel, nil
	w.health = nil
	w.mu.Unlock()
	w.publish(func(s *Snapshot) { s.Health = nil })
	progress, end := w.work(JobImport, "", true)
	report := &ImportReport{}
	for i, f := range files {
		progress(i, len(files))
		report.Files = append(report.Files, w.importFile(ctx, f, i))
	}
	w.mu.Lock()
	w.cancel = nil
	w.mu.Unlock()
	var written []record.ProfileID
	for _, f := range report.Files {
		if f.who != "" && !slices.Contains(written, f.who) {
			w.writeIn(ctx, f.who)
			written = append(written, f.who)
		}
	}
	end()
	w.publish(func(s *Snapshot) {
		if s.Import = report; len(files) == 1 && s.Health != nil {
			s.Import = nil // a question waits: there is nothing to report yet
		}
	})
	w.changed()
	w.follow(ctx)
	return report
}

// Cancel stops an import between two files: what is in stays in.
func (w *Wallet) Cancel() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil {
		w.cancel()
	}
}

// DismissImport takes the report off the screen; files that still waited for
// an answer are left out.
func (w *Wallet) DismissImport() {
	w.mu.Lock()
	w.held = nil
	w.mu.Unlock()
	w.publish(func(s *Snapshot) { s.Import = nil })
}

func (w *Wallet) importFile(ctx context.Context, f File, index int) ImportedFile {
	done := ImportedFile{Name: f.Name}
	who := w.Snapshot().Person()
	switch {
	case f.Person != nil:
		who = *f.Person
	case f.to != nil:
		who = *f.to
	}
	source := record.Source{How: f.How, Name: f.Name}
	if f.source != nil {
		source = *f.source
	}
	if isZip(ctx, f) {
		var other *record.UnknownError
		// What else is a ZIP archive (an office document) has a name of its own.
		if done.Err = w.lookHealth(ctx, f); !errors.As(done.Err, &other) || f.Size > record.MaxBytes {
			return done
		}
		done.Err = nil
	}
	body, sum, err := w.readFile(ctx, f)
	if err != nil {
		done.Err = err
		return done
	}
	if f.Person == nil && differs(who, sum.Outline.Subject) {
		subject := sum.Outline.Subject
		done.Subject, done.Waiting = &subject, true
		w.mu.Lock()
		w.held = append(w.held, heldFile{index, f.Name, source, body, sum, f.item})
		w.mu.Unlock()
		return done
	}
	done.who = who.ID
	done.ID, done.Err = w.keep(ctx, who.ID, source, body, sum)
	return done
}

func differs(p Person, subject fhir.Person) bool {
	return record.Differs(fhir.Person{Name: p.Name, BirthDate: p.BirthDate}, subject)
}

func (w *Wallet) readFile(ctx context.Context, f File) ([]byte, summary, error) {
	if err := ctx.Err(); err != nil {
		return nil, summary{}, err
	}
	if f.Size > record.MaxBytes {
		return nil, summary{}, record.ErrTooBig
	}
	body, err := f.Read(ctx)
	if err != nil {
		return nil, summary{}, err
	}
	if len(body) > record.MaxBytes {
		return nil, summary{}, record.ErrTooBig
	}
	sum, err := w.summarise(ctx, f.Name, body)
	return body, sum, err
}

func (w *Wallet) summarise(ctx context.Context, name string, body []byte) (summary, error) {
	if len(body) < away {
		return summarise(name, body)
	}
	in, err := pack(name, body)
	if err != nil {
		return summary{}, err
	}
	out, err := w.d.Worker.Run(ctx, jobSummarise, in, nil)
	if err != nil {
		return summary{}, err
	}
	return readSummary(out)
}

// keep commits one document to the vault, where this user may write for the person.
func (w *Wallet) keep(ctx context.Context, who record.ProfileID, source record.Source, body []byte, sum summary) (record.ID, error) {
	v, err := w.open()
	if err != nil {
		return "", err
	}
	if err := w.mayWrite(ctx, who); err != nil {
		return "", err
	}
	m, err := v.AddPacked(ctx, record.Meta{
		Profile: who, Format: sum.Format, Added: w.d.Now(), Source: source, Outline: sum.Outline, Title: sum.Title,
	}, sum.packed, body)
	if err != nil && !errors.Is(err, record.ErrDuplicate) {
		return "", err
	}
	if errors.Is(err, record.ErrDuplicate) && w.trashed(m.ID) {
		// It was deleted a moment ago and comes in again: take it back.
		w.Undelete()
		err = nil
	}
	w.mark(v)
	w.persistOnce(ctx)
	return m.ID, err
}

// persistOnce asks the browser to keep the storage, as long as it has not
// agreed (O1): the first record is when it begins to matter.
func (w *Wallet) persistOnce(ctx context.Context) {
	s := w.Snapshot()
	if s.Demo || s.Storage.Persisted {
		return
	}
	storage := w.d.Host.Persist(ctx)
	w.publish(func(s *Snapshot) { s.Storage = storage })
}

// Settle answers for a file that says it is about somebody else: it goes to
// who, or is left out when who is "".
func (w *Wallet) Settle(ctx context.Context, index int, who record.ProfileID) error {
	w.mu.Lock()
	var f *heldFile
	for i := range w.held {
		if w.held[i].index == index {
			h := w.held[i]
			f = &h
			w.held = append(w.held[:i:i], w.held[i+1:]...)
			break
		}
	}
	w.mu.Unlock()
	if f == nil {
		return ErrNoRecord
	}
	var id record.ID
	var err error
	if who != "" {
		id, err = w.keep(ctx, who, f.source, f.body, f.summary)
		w.writeIn(ctx, who)
	}
	w.publish(func(s *Snapshot) { s.Import = s.Import.settled(index, id, err, who == "") })
	w.changed()
	var noted error
	if id != "" && f.item != "" {
		noted = w.itemIn(ctx, f.item)
	}
	if who != "" {
		w.follow(ctx)
	}
	return noted
}

// settled returns a copy with one file's question answered.
func (r *ImportReport) settled(index int, id record.ID, err error, left bool) *ImportReport {
	if r == nil || index >= len(r.Files) {
		return r
	}
	c := &ImportReport{Files: append([]ImportedFile(nil), r.Files...)}
	f := &c.Files[index]
	f.Waiting, f.ID, f.Err = false, id, err
	if left {
		f.Err = ErrLeftOut
	}
	return c
}

func (w *Wallet) randomID() string {
	var b [32]byte
	if _, err := io.ReadFull(w.d.Rand, b[:]); err != nil {
		panic(err) // the system's randomness failed: nothing safe can be done
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}
