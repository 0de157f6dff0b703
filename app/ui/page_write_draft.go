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
	one sync.Mutex // at a time

	count sync.Mutex // owns last
	last  int
}

func (d *drafts) next() int {
	d.count.Lock()
	defer d.count.Unlock()
	d.last++
	return d.last
}

func (d *drafts) outrun(mine int) bool {
	d.count.Lock()
	defer d.count.Unlock()
	return mine != d.last
}

// keep seals a draft away from the screen; one that was outrun by a later one is left out.
func (d *drafts) keep(w Door, draft wallet.Draft) {
	draft.Note.Answers = maps.Clone(draft.Note.Answers)
	mine := d.next()
	go func() {
		d.one.Lock()
		defer d.one.Unlock()
		if !d.outrun(mine) {
			_ = w.KeepDraft(context.Background(), draft) // what cannot be kept now is kept with the next letter
		}
	}()
}

// drop forgets a draft before it returns, and those that are on their way.
func (d *drafts) drop(ctx context.Context, w Door, draft wallet.Draft) {
	d.next()
	d.one.Lock()
	defer d.one.Unlock()
	draft.Note.Answers = nil
	_ = w.KeepDraft(ctx, draft) // one that stays is offered once more
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
