package wallet

import (
	"context"
	"errors"
	"slices"

	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
)

// PrepareCounter lists what would be shown at a counter: the person's summary,
// or only the given records.
func (w *Wallet) PrepareCounter(ctx context.Context, only ...record.ID) (*Preview, error) {
	return w.prepare(ctx, share.Counter(), only)
}

// PrepareLink lists what a link would hold.
func (w *Wallet) PrepareLink(ctx context.Context, only ...record.ID) (*Preview, error) {
	return w.prepare(ctx, share.SendLink(), only)
}

func (w *Wallet) prepare(ctx context.Context, o share.Options, only []record.ID) (*Preview, error) {
	return w.fill(ctx, &Preview{Options: o}, only)
}

// fill finds what can be in a preview.
func (w *Wallet) fill(ctx context.Context, p *Preview, only []record.ID) (*Preview, error) {
	progress, end := w.work(JobPrepare, "", false)
	defer end()
	p.Person = w.Snapshot().Person()
	if err := w.mayShow(ctx, p.Person.ID); err != nil {
		return nil, err
	}
	if err := w.readSources(ctx, p, only, progress); err != nil {
		return nil, err
	}
	var err error
	if p.Items, err = w.choose(ctx, p, len(only) > 0); err != nil {
		return nil, err
	}
	p.Chosen = make([]bool, len(p.Items))
	for i, item := range p.Items {
		p.Chosen[i] = item.Suggested
		for _, g := range item.Sensitive {
			if !slices.Contains(p.Groups, g) {
				p.Groups = append(p.Groups, g)
			}
		}
	}
	slices.Sort(p.Groups)
	return p, nil
}

// readSources opens the records that could be in the share. Those that hold
// nothing a share could offer are not opened at all.
func (w *Wallet) readSources(ctx context.Context, p *Preview, only []record.ID, progress func(done, total int)) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	list := w.records(p.Person.ID)
	if len(only) > 0 {
		list = slices.DeleteFunc(list, func(e vault.Entry) bool { return !contains(only, e.ID()) })
	}
	for i, e := range list {
		progress(i, len(list))
		body, m, err := v.Original(ctx, e.ID())
		if err != nil {
			return err
		}
		m.Outline.Lines = nil // the worker reads the document itself
		p.metas = append(p.metas, m)
		p.bodies = append(p.bodies, body)
	}
	return nil
}

// choose lists what the preview's records hold, in the worker. all: everything
// in them is suggested.
func (w *Wallet) choose(ctx context.Context, p *Preview, all bool) ([]share.Item, error) {
	in, err := pack(chooseArgs{Metas: p.metas, All: all, Whole: p.whole}, p.bodies...)
	if err != nil {
		return nil, err
	}
	out, err := w.d.Worker.Run(ctx, jobChoose, in, nil)
	if err != nil {
		return nil, err
	}
	var items []share.Item
	return items, unmarshal(out, &items)
}

// Exclude unchooses a sensitive group, Include chooses it again, Toggle one
// item; each returns a changed copy.
func (p *Preview) Exclude(group string) *Preview { return p.setGroup(group, false) }
func (p *Preview) Include(group string) *Preview { return p.setGroup(group, true) }

func (p *Preview) setGroup(group string, chosen bool) *Preview {
	c := p.clone()
	for i, item := range c.Items {
		if slices.Contains(item.Sensitive, group) {
			c.Chosen[i] = chosen
		}
	}
	return c
}

// Toggle chooses one item or not.
func (p *Preview) Toggle(item int, chosen bool) *Preview {
	c := p.clone()
	if item >= 0 && item < len(c.Chosen) {
		c.Chosen[item] = chosen
	}
	return c
}

// WithOptions returns a copy with other options.
func (p *Preview) WithOptions(o share.Options) *Preview {
	c := p.clone()
	c.Options = o
	return c
}

func (p *Preview) clone() *Preview {
	c := *p
	c.Chosen = slices.Clone(p.Chosen)
	return &c
}

// Selected returns the chosen items.
func (p *Preview) Selected() []share.Item {
	var items []share.Item
	for i, item := range p.Items {
		if p.Chosen[i] {
			items = append(items, item)
		}
	}
	return items
}

// left returns what was suggested and not chosen, by its name alone.
func (p *Preview) left() []share.Item {
	var items []share.Item
	for i, item := range p.Items {
		if item.Suggested && !p.Chosen[i] {
			items = append(items, share.Item{Record: item.Record, Entry: item.Entry, Kind: item.Kind, Type: item.Type, Title: item.Title})
		}
	}
	return items
}

// Share makes the link and returns the id of its ledger entry. The entry is
// written before anything is sent, so that no link can exist that the person
// does not know of. Errors: ErrNothing, share.ErrTooBig, share.ErrOffline ….
func (w *Wallet) Share(ctx context.Context, p *Preview) (string, error) {
	chosen := p.Selected()
	if len(chosen) == 0 {
		return "", ErrNothing
	}
	if err := w.mayShow(ctx, p.Person.ID); err != nil {
		return "", err
	}
	progress, end := w.work(JobShare, "", false)
	defer end()
	progress(0, 3)
	made, err := w.compose(ctx, p, chosen, nil)
	if err != nil {
		return "", err
	}
	s := *made.Share
	defer w.hold(s.ID)()
	s.Pending = pendingCreate
	if s.Follow {
		s.Left = p.left()
	}
	if err := w.putShare(ctx, s); err != nil {
		return "", err
	}
	progress(1, 3)
	status, err := w.d.Relay.Create(ctx, s.Ref, made.Upload)
	if err != nil {
		return "", errors.Join(err, w.unmake(ctx, s, err))
	}
	progress(2, 3)
	s.Pending = ""
	s.Heard(status, w.d.Now())
	return s.ID, w.putShare(context.WithoutCancel(ctx), s)
}

// In Share.Pending, besides share.PendingRevoke:
const (
	pendingCreate = "create" // it is not known yet whether the relay has the link
	pendingDrop   = "drop"   // it could not be made: what the relay may have of it is to go
)

// compose builds and seals the bundle in the worker; for is set to compose
// again for an existing link.
func (w *Wallet) compose(ctx context.Context, p *Preview, chosen []share.Item, again *share.Share) (composed, error) {
	in, err := w.packChosen(p, chosen, again)
	if err != nil {
		return composed{}, err
	}
	out, err := w.d.Worker.Run(ctx, jobCompose, in, nil)
	if err != nil {
		return composed{}, err
	}
	var made composed
	if err := unmarshal(out, &made); err != nil {
		return composed{}, err
	}
	return made, nil
}

// packChosen is what the worker needs to compose: the records that something was
// chosen from, and no others.
func (w *Wallet) packChosen(p *Preview, chosen []share.Item, again *share.Share) ([]byte, error) {
	args := composeArgs{
		Person:  share.Person{Name: p.Person.Name, BirthDate: p.Person.BirthDate, Gender: p.Person.Gender},
		Profile: p.Person.ID, Options: p.Options, Chosen: chosen,
		Language: w.d.Language(), Tag: w.Snapshot().Settings.Language, URL: w.d.Relay.URL("{id}"), Share: again,
	}
	var bodies [][]byte
	for i, m := range p.metas {
		if slices.ContainsFunc(chosen, func(it share.Item) bool { return it.Record == m.ID }) {
			args.Metas = append(args.Metas, m)
			bodies = append(bodies, p.bodies[i])
		}
	}
	return pack(args, bodies...)
}

// ShareLink returns what a QR of the share holds: the viewer-prefixed link.
func (w *Wallet) ShareLink(id string) (string, bool) {
	s, err := w.share(id)
	if err != nil {
		return "", false
	}
	return s.Link().Prefixed(w.d.Viewer), true
}
