package wallet

import (
	"context"
	"maps"
	"sync"

	"potli/app/record"
	"potli/app/trend"
	"potli/app/vault"
)

// charted is what charts are made of, as far as it was gathered.
type charted struct {
	mu   sync.Mutex // owns what follows
	of   *vault.Vault
	who  record.ProfileID
	from map[vault.Entry]bool
	book *trend.Book
}

// Trends lists what can be charted of the current person, from the index alone. It gives the screen its breath in between,
// so call it from a goroutine.
func (w *Wallet) Trends(ctx context.Context) (list []trend.Summary, err error) {
	err = w.inBook(ctx, func(b *trend.Book, units map[string]string) { list = b.List(units) })
	return list, err
}

// Trend makes one chart of the current person, in the unit that was chosen for it. ErrNoChart: nothing of that key.
func (w *Wallet) Trend(ctx context.Context, key string) (chart *trend.Chart, err error) {
	err = w.inBook(ctx, func(b *trend.Book, units map[string]string) {
		if c, ok := b.Chart(key, units[key]); ok {
			chart = &c
		}
	})
	if err == nil && chart == nil {
		err = ErrNoChart
	}
	return chart, err
}

// SetUnit keeps in which unit a chart is to be told from now on.
func (w *Wallet) SetUnit(ctx context.Context, key, unit string) error {
	s := w.Snapshot().Settings
	s.Units = maps.Clone(s.Units)
	if s.Units == nil {
		s.Units = map[string]string{}
	}
	s.Units[key] = unit
	return w.SetSettings(ctx, s)
}

// inBook lets f read a book that holds all records there are.
func (w *Wallet) inBook(ctx context.Context, f func(b *trend.Book, units map[string]string)) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	snap := w.Snapshot()
	c := &w.charted
	c.mu.Lock()
	defer c.mu.Unlock()
	records, b := w.records(snap.Current), newBreather()
	if c.of != v || c.who != snap.Current || !c.within(records) {
		c.of, c.who, c.from, c.book = v, snap.Current, map[vault.Entry]bool{}, trend.NewBook(newBreather().rest)
	}
	for _, r := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !c.from[r] {
			c.add(r, b)
		}
	}
	f(c.book, snap.Settings.Units)
	if now, err := w.open(); err != nil || now != v {
		c.forget()
		return ErrLocked // while it was read
	}
	return nil
}

// within says whether all that was gathered is still there.
func (c *charted) within(records []vault.Entry) bool {
	return allWithin(c.from, records)
}

func (c *charted) add(r vault.Entry, b *breather) {
	m := r.MetaSlowly(b.rest)
	from := trend.Source{Record: string(m.ID), Title: titleOf(m)}
	if from.Title == "" && len(m.Outline.Lines) == 1 {
		from.Title = m.Outline.Lines[0].Title
	}
	date := m.Date
	if date == "" {
		date = m.Outline.Date
	}
	for i, l := range m.Outline.Lines {
		c.book.Add(from, date, l)
		if i%linesAtOnce == linesAtOnce-1 {
			b.rest()
		}
	}
	c.from[r] = true
	b.rest()
}

// forget drops what was gathered; c.mu must be held.
func (c *charted) forget() { c.of, c.from, c.book = nil, nil, nil }

// drop is forget for others, who may have to wait for a chart that is being made.
func (c *charted) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget()
}
