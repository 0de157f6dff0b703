package ui

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/wallet"
)

// draftPause is how long nobody types before what was typed is sealed. A lock or a crash takes no more than that.
const draftPause = 400 * time.Millisecond

// drafts seals what is typed on one page, one after the other, the last one last.
type drafts struct {
	mu sync.Mutex // one at a time

	count sync.Mutex // owns last
	last  int
}

// keep seals a draft away from the screen; one that was outrun by a later one is left out.
func (d *drafts) keep(w Door, draft wallet.Draft) {
	draft.Note.Answers = maps.Clone(draft.Note.Answers)
	d.count.Lock()
	d.last++
	mine := d.last
	d.count.Unlock()
	go func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.count.Lock()
		outrun := mine != d.last
		d.count.Unlock()
		if !outrun {
			_ = w.KeepDraft(context.Background(), draft) // what cannot be kept now is kept with the next letter
		}
	}()
}

// later runs do when nobody has typed for a moment.
func (p *pageWriteOne) later() {
	p.letters++
	mine := p.letters
	p.ctx.After(draftPause, func(app.Context) {
		if mine == p.letters {
			p.keepDraft()
		}
	})
}

func (p *pageWriteOne) keepDraft() {
	if p.unkept {
		p.unkept = false
		p.drafts.keep(p.Env.W, p.draft())
	}
}

func (p *pageWriteOne) draft() wallet.Draft {
	return wallet.Draft{Person: p.who, Record: p.correcting(), Note: p.note}
}

// dropDraft forgets what was typed, once it is kept as a record or was thrown away.
func (p *pageWriteOne) dropDraft() {
	p.letters++
	p.unkept = false
	gone := p.draft()
	gone.Note.Answers = nil
	p.drafts.keep(p.Env.W, gone)
}
