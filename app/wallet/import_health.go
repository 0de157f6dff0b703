package wallet

import (
	"context"
	"errors"
	"io"
	"slices"

	"potli/app/applehealth"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
)

// An Apple Health export comes in two steps. Import looks it through, once, and
// says in Snapshot.Health what there is; TakeHealth brings in what the person
// chose. The archive stays where it is and is read in parts: it may be larger than
// memory.

// Health is an Apple Health export that waits for a choice.
type Health struct {
	Name     string
	Subject  fhir.Person // about whom it is, as far as it says
	Other    bool        // that seems to be somebody else than the current person
	Vitals   []HealthVital
	Clinical int  // records of hospitals and laboratories
	Document bool // a C-CDA document, which repeats some of the vitals
	Broken   bool // the file ends early: there may have been more
}

// HealthVital is a kind of measurement with the years that have any, the newest first.
type HealthVital struct {
	Kind  string // of applehealth.Kind
	Years []HealthYear
}

// HealthYear is how many values a year has.
type HealthYear struct {
	Year  string
	Count int
}

// HealthChoice is what a person wants of an export, and for whom.
type HealthChoice struct {
	Person   record.ProfileID
	Clinical bool
	Document bool
	Vitals   []HealthTake
}

// HealthTake is one year of one kind, under the title it will have.
type HealthTake struct{ Kind, Year, Title string }

// HealthReport counts what came of a choice.
type HealthReport struct {
	Added  int
	Known  int // what was here already
	Others int // what names somebody else, and was left out
	Failed int
}

// ErrHealth: the file is an Apple Health export, and Snapshot.Health says what is in it.
var ErrHealth = errors.New("an Apple Health export: choose what to take")

// healthOpen is an export between the two steps. It belongs to whoever holds
// w.importing.
type healthOpen struct {
	name   string
	about  *Health // as it was asked
	source *fileParts
	export *applehealth.Export
	vitals *applehealth.Vitals
}

// fileParts reads a File as an io.ReaderAt, for as long as ctx lasts.
type fileParts struct {
	ctx context.Context
	at  func(ctx context.Context, b []byte, off int64) (int, error)
}

func (p *fileParts) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.at(p.ctx, b, off)
	if err == nil && n < len(b) {
		err = io.EOF
	}
	return n, err
}

// isZip looks at how a file begins. A file that cannot be read is none: the
// reading of it will say why.
func isZip(ctx context.Context, f File) bool {
	var head [4]byte
	if f.At == nil || f.Size < 22 {
		return false
	}
	n, err := f.At(ctx, head[:], 0)
	return err == nil && n == 4 && string(head[:]) == "PK\x03\x04"
}

// lookHealth looks an archive through. ErrHealth: it is one of Apple Health.
func (w *Wallet) lookHealth(ctx context.Context, f File) error {
	source := &fileParts{ctx, f.At}
	e, err := applehealth.Open(source, f.Size)
	switch {
	case errors.Is(err, applehealth.ErrNotHealth):
		return &record.UnknownError{Looks: "zip"}
	case err != nil:
		return healthError(err)
	}
	v, err := e.Look(ctx, w.healthProgress(f.Name))
	if err != nil {
		return healthError(err)
	}
	h := &Health{Name: f.Name, Clinical: e.Clinical(), Document: e.HasDocument(), Broken: v.Broken}
	for _, k := range v.Kinds() {
		one := HealthVital{Kind: string(k)}
		for _, y := range v.Years(k) {
			one.Years = append(one.Years, HealthYear(y))
		}
		h.Vitals = append(h.Vitals, one)
	}
	if len(h.Vitals) == 0 && h.Clinical == 0 && !h.Document {
		return record.ErrEmpty
	}
	h.Subject = fhir.Person{Name: subjectName(e), BirthDate: v.Born, Gender: v.Gender}
	h.Other = differs(w.Snapshot().Person(), h.Subject)
	w.mu.Lock()
	w.health = &healthOpen{f.Name, h, source, e, v}
	w.mu.Unlock()
	w.publish(func(s *Snapshot) { s.Health = h })
	return ErrHealth
}

// healthProgress publishes how far the reading is, in parts of a hundred, and lets
// the browser draw in between.
func (w *Wallet) healthProgress(name string) func(done, total int64) {
	b, last := newBreather(), -1
	return func(done, total int64) {
		b.rest()
		if percent := int(done * 100 / max(total, 1)); percent != last {
			last = percent
			w.publish(func(s *Snapshot) {
				s.Work = &Work{Job: JobHealth, Name: name, Cancel: true, Done: percent, Total: 100}
			})
		}
	}
}

// subjectName is the name in the first clinical record that has one: the export
// itself has none.
func subjectName(e *applehealth.Export) string {
	const enough, small = 40, 1 << 20
	for i := range min(e.Clinical(), enough) {
		_, b, err := e.Record(i)
		if err != nil || len(b) > small {
			continue
		}
		if f, err := fhir.Parse(b); err == nil {
			if name := f.Outline().Subject.Name; name != "" {
				return name
			}
		}
	}
	return ""
}

func healthError(err error) error {
	switch {
	case errors.Is(err, applehealth.ErrDamaged):
		return errors.Join(record.ErrDamaged, err)
	case errors.Is(err, applehealth.ErrTooBig):
		return errors.Join(record.ErrTooBig, err)
	}
	return err
}

// DropHealth leaves an export alone.
func (w *Wallet) DropHealth() {
	w.mu.Lock()
	w.health = nil
	w.mu.Unlock()
	w.publish(func(s *Snapshot) { s.Health = nil })
}

// TakeHealth brings in what was chosen of the export. What is here already is not
// brought in twice. Cancel stops between two records. nil: there is no export.
func (w *Wallet) TakeHealth(ctx context.Context, c HealthChoice) *ImportReport {
	w.importing.Lock()
	defer w.importing.Unlock()
	w.mu.Lock()
	open := w.health
	w.mu.Unlock()
	if open == nil {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	w.cancel = cancel
	w.mu.Unlock()
	open.source.ctx = ctx
	progress, end := w.work(JobImport, open.name, true)
	t := &taking{w: w, ctx: ctx, open: open, choice: c, report: &ImportReport{Health: &HealthReport{}}}
	t.run(progress)
	w.mu.Lock()
	w.cancel, w.health = nil, nil
	w.mu.Unlock()
	w.writeIn(ctx, c.Person)
	end()
	w.publish(func(s *Snapshot) { s.Import, s.Health = t.report, nil })
	w.changed()
	w.follow(ctx)
	return t.report
}

// taking is one run of TakeHealth.
type taking struct {
	w      *Wallet
	ctx    context.Context
	open   *healthOpen
	choice HealthChoice
	report *ImportReport
}

func (t *taking) run(progress func(done, total int)) {
	clinical := 0
	if t.choice.Clinical {
		clinical = t.open.export.Clinical()
	}
	done, total := 0, clinical+len(t.choice.Vitals)
	known, err := t.known()
	if err != nil {
		t.failed(t.open.name, err)
		return
	}
	b := newBreather()
	for _, v := range t.choice.Vitals {
		if t.ctx.Err() != nil {
			return
		}
		progress(done, total)
		done++
		body, n, err := t.open.vitals.Bundle(applehealth.Kind(v.Kind), v.Year, known, b.rest)
		switch {
		case err != nil:
			t.failed(v.Title, err)
		case n == 0:
			t.report.Health.Known++
		default:
			t.keep(v.Title, v.Title, body, nil)
		}
	}
	for i := range clinical {
		if t.ctx.Err() != nil {
			return
		}
		progress(done, total)
		done++
		name, body, err := t.open.export.Record(i)
		t.keep(name, "", body, healthError(err))
	}
	if t.choice.Document {
		name, body, err := t.open.export.Document()
		t.keep(name, "", body, healthError(err))
	}
}

// keep brings one record in, and counts it. A title is given to what has none of its own.
func (t *taking) keep(name, title string, body []byte, err error) {
	var sum summary
	if err == nil {
		sum, err = t.w.summarise(t.ctx, name, body)
	}
	if err == nil && t.elsewhere(sum.Outline.Subject) {
		t.report.Health.Others++
		return
	}
	if err == nil {
		sum.Title = title
		_, err = t.w.keep(t.ctx, t.choice.Person, record.Source{How: howHealth, Name: t.open.name}, body, sum)
	}
	switch {
	case err == nil:
		t.report.Health.Added++
	case errors.Is(err, record.ErrDuplicate):
		t.report.Health.Known++
	default:
		t.failed(name, err)
	}
}

// elsewhere says whether a record names somebody else than it is meant for. Where
// the export as a whole seemed to be about another, and the person chose whose it
// is, that is answered for what names the same.
func (t *taking) elsewhere(subject fhir.Person) bool {
	who, _ := t.w.Snapshot().person(t.choice.Person)
	asked := t.open.about
	if asked.Other && asked.Subject.Name != "" && subject.Name != "" && !record.Differs(asked.Subject, subject) {
		return false
	}
	return differs(who, subject)
}

// howHealth is record.Source.How of what came out of an export.
const howHealth = "health"

// maxFailed bounds how many failures are told by name.
const maxFailed = 50

func (t *taking) failed(name string, err error) {
	if t.report.Health.Failed++; len(t.report.Files) < maxFailed {
		t.report.Files = append(t.report.Files, ImportedFile{Name: name, Err: err})
	}
}

// known are the ids of measurements that an earlier export brought.
func (t *taking) known() (map[string]bool, error) {
	known := map[string]bool{}
	if len(t.choice.Vitals) == 0 {
		return known, nil
	}
	v, err := t.w.open()
	if err != nil {
		return nil, err
	}
	earlier := slices.DeleteFunc(t.w.records(t.choice.Person), func(e vault.Entry) bool {
		m := e.Meta()
		return m.Source.How != howHealth || m.Outline.Type != "collection"
	})
	for _, e := range earlier {
		body, _, err := v.Original(t.ctx, e.ID())
		if err != nil {
			return nil, err
		}
		if f, err := fhir.Parse(body); err == nil {
			for _, x := range f.Entries {
				known[x.ID] = true
			}
		}
	}
	return known, nil
}
