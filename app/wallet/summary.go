package wallet

import (
	"context"
	"sync"
	"time"

	"potli/app/record"
	overview "potli/app/summary"
	"potli/app/vault"
)

// linesAtOnce is how many lines the summary takes in before it looks whether the screen
// waits.
const linesAtOnce = 256

// summaryAfter lets the page be drawn that the summary stands on.
const summaryAfter = 100 * time.Millisecond

// gathered is what the summary was last made of. It is kept so that one more record
// costs no more than its own lines.
type gathered struct {
	mu   sync.Mutex // owns what follows
	of   *vault.Vault
	who  record.ProfileID
	from map[vault.Entry]bool
	all  *overview.Gatherer
}

// Summary says what matters of the current person's records, from the index alone. It
// gives the screen its breath in between, so call it from a goroutine. What happens to
// the records meanwhile is in the next one.
func (w *Wallet) Summary(ctx context.Context) (*overview.Summary, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	letDraw(summaryAfter)
	who := w.Snapshot().Current
	w.summed.mu.Lock()
	defer w.summed.mu.Unlock()
	records, b := w.records(who), newBreather()
	if g := &w.summed; g.of != v || g.who != who || !g.within(records) {
		g.of, g.who, g.from, g.all = v, who, map[vault.Entry]bool{}, overview.NewGatherer()
	}
	for _, r := range records {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !w.summed.from[r] {
			w.summed.add(r, b)
		}
	}
	if now, err := w.open(); err != nil || now != v {
		w.summed.forget()
		return nil, ErrLocked // while it was made
	}
	return w.summed.all.Summary(w.d.Now(), b.rest), nil
}

// within says whether all that was gathered is still there.
func (g *gathered) within(records []vault.Entry) bool {
	return allWithin(g.from, records)
}

// allWithin says whether every entry of a set is among records.
func allWithin(set map[vault.Entry]bool, records []vault.Entry) bool {
	still := 0
	for _, r := range records {
		if set[r] {
			still++
		}
	}
	return still == len(set)
}

func (g *gathered) add(r vault.Entry, b *breather) {
	m := r.MetaSlowly(b.rest)
	d := overview.Document{Record: m.ID, Date: dateOf(m), Added: lastDay(m.Added), Composed: m.Outline.Type == "document"}
	for rest := m.Outline.Lines; ; {
		n := min(len(rest), linesAtOnce)
		d.Lines, rest = rest[:n], rest[n:]
		g.all.Add(d)
		b.rest()
		if len(rest) == 0 {
			break
		}
	}
	g.from[r] = true
}

// dateOf is the day of a record; what has none is of the day it came in.
func dateOf(m record.Meta) string {
	for _, date := range []string{m.Date, m.Outline.Date} {
		if date != "" {
			return date
		}
	}
	return m.Added.UTC().Format("2006-01-02")
}

// lastDay is the latest day that it was anywhere at a time: a paper of this morning in
// Delhi is not of tomorrow because it is still night in Greenwich.
func lastDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Add(14 * time.Hour).Format(time.DateOnly)
}

// forget drops what was gathered; g.mu must be held.
func (g *gathered) forget() { g.of, g.from, g.all = nil, nil, nil }

// drop is forget for others, who may have to wait for a summary that is being made.
func (g *gathered) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget()
}
