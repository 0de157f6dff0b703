package ui

import (
	"context"
	"maps"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/diary"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// writeStage is where a note stands.
type writeStage string

const (
	writing     writeStage = ""          // answers are typed
	wondering   writeStage = "wondering" // an answer is hard to believe, and the person is asked
	writtenDown writeStage = "kept"      // it is a record
)

// pageWriteOne asks for one note: a new one, or one that takes the place of what was written before.
type pageWriteOne struct {
	app.Compo
	here
	Env     *Env
	Snap    *wallet.Snapshot
	Kind    string
	Correct string // a record that was written by hand; "": a new note

	shown   string // what is loaded
	who     record.ProfileID
	note    diary.Note
	turn    int // grows with each beginning
	ready   bool
	resumed bool // from a draft
	stage   writeStage
	faults  []diary.Fault
	doubts  []diary.Doubt
	id      record.ID // that was kept
	busy    bool
	fault   error
	may     error // why nothing may be written

	drafts  drafts
	letters int
	unkept  bool
}

func (p *pageWriteOne) key() string { return string(p.Snap.Current) + "/" + p.Kind + "/" + p.Correct }

func (p *pageWriteOne) correcting() record.ID { return record.ID(p.Correct) }

func (p *pageWriteOne) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageWriteOne) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.load()
}

func (p *pageWriteOne) OnUpdate(ctx app.Context) {
	if p.key() != p.shown {
		p.keepDraft()
		p.load()
	}
}

// OnDismount seals what was typed last.
func (p *pageWriteOne) OnDismount() { p.keepDraft() }

// load begins: with what stands in the record that is corrected, or what was typed before and not finished.
func (p *pageWriteOne) load() {
	p.shown, p.who, p.ready, p.stage, p.fault, p.may = p.key(), p.Snap.Current, false, writing, nil, nil
	if m, ok := p.Env.W.Record(p.correcting()); ok && p.Correct != "" {
		p.who = m.Profile
	}
	w, key, who, id := p.Env.W, p.shown, p.who, p.correcting()
	note, resumed, may := p.fresh(), false, error(nil)
	run(p.ctx, func(c context.Context) (err error) {
		if may = w.MayWrite(c, who); may != nil {
			return nil
		}
		if id != "" {
			if note, err = w.Written(c, id); err != nil {
				return err
			}
		}
		var d wallet.Draft
		if d, resumed, err = w.Draft(c, wallet.Draft{Person: who, Record: id, Note: note}); resumed {
			note = d.Note
		}
		return err
	}, func(_ app.Context, err error) {
		if p.shown == key {
			p.begin(note)
			p.resumed, p.fault, p.may, p.ready = resumed, err, may, true
		}
	})
}

// fresh is a note with what need not be asked: now, and the unit that was used last.
func (p *pageWriteOne) fresh() diary.Note {
	n := diary.Note{Kind: diary.Kind(p.Kind), Answers: map[string]string{}}
	for _, q := range diary.Form(n.Kind) {
		switch {
		case q.Name == "unit":
			n.Answers[q.Name] = first(lastUnit(p.Env, n.Kind), q.Preset)
		case q.Type == diary.Moment:
			n.Answers[q.Name] = p.Env.Now().Format("2006-01-02T15:04")
		case q.Preset != "":
			n.Answers[q.Name] = q.Preset
		}
	}
	return n
}

func (p *pageWriteOne) begin(n diary.Note) {
	if n.Answers == nil {
		n.Answers = map[string]string{}
	}
	p.note = n
	p.turn++
	p.stage, p.faults, p.doubts, p.resumed, p.unkept = writing, nil, nil, false, false
}

// Answer is told by the controls.
func (p *pageWriteOne) Answer(ctx app.Context, name, value string) {
	p.note.Answers[name] = value
	p.faults, p.unkept = nil, true
	if p.stage == wondering {
		p.stage = writing
	}
	p.later()
}

func (p *pageWriteOne) onSubmit(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy {
		return
	}
	p.fault, p.faults = nil, p.note.Faults()
	if len(p.faults) > 0 {
		p.stage = writing
		p.focus(p.Env, p.control(p.faults[0].Question))
		return
	}
	if p.doubts = p.note.Doubts(p.Env.Now(), p.person().BirthDate); len(p.doubts) > 0 {
		p.stage = wondering
		p.focus(p.Env, "write-sure")
		return
	}
	p.keep()
}

// control is the id of what is to be answered: of a day, its first part.
func (p *pageWriteOne) control(name string) string {
	for _, q := range diary.Form(p.note.Kind) {
		if q.Name == name && q.Type == diary.Day {
			return "ask-" + name + "-day"
		}
	}
	return "ask-" + name
}

func (p *pageWriteOne) person() wallet.Person { return person(p.Snap, string(p.who)) }

func (p *pageWriteOne) onSure(ctx app.Context, e app.Event) { p.keep() }

func (p *pageWriteOne) onAgain(ctx app.Context, e app.Event) {
	p.stage = writing
	p.focus(p.Env, p.control(p.doubts[0].Question))
}

// keep makes a record of the note.
func (p *pageWriteOne) keep() {
	if p.busy {
		return
	}
	p.busy = true
	w, who, old, draft := p.Env.W, p.who, p.correcting(), p.draft()
	n := diary.Note{Kind: p.note.Kind, Answers: maps.Clone(p.note.Answers)}
	p.letters, p.unkept = p.letters+1, false
	var id record.ID
	run(p.ctx, func(c context.Context) (err error) {
		if old != "" {
			id, err = w.Correct(c, old, n)
		} else {
			id, err = w.Write(c, who, n)
		}
		if id != "" { // kept, even where what it takes the place of could not be taken away
			p.drafts.drop(c, w, draft)
		}
		return err
	}, func(_ app.Context, err error) {
		p.busy, p.fault = false, err
		if id == "" {
			p.stage, p.unkept = writing, true
			p.keepDraft()
			return
		}
		p.id, p.stage = id, writtenDown
		p.focus(p.Env, "write-kept")
	})
}

// onNext writes the next one of the kind.
func (p *pageWriteOne) onNext(ctx app.Context, e app.Event) {
	p.begin(p.fresh())
	p.focus(p.Env, p.control(diary.Form(p.note.Kind)[0].Name))
}

// onAnew throws a draft away.
func (p *pageWriteOne) onAnew(ctx app.Context, e app.Event) {
	w, draft := p.Env.W, p.draft()
	p.letters, p.unkept = p.letters+1, false
	run(p.ctx, func(c context.Context) error {
		p.drafts.drop(c, w, draft)
		return nil
	}, func(app.Context, error) {
		p.load()
		p.focus(p.Env, kit.TitleID)
	})
}

func (p *pageWriteOne) turnID() string { return p.Kind + p.Correct + strconv.Itoa(p.turn) }
