package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/fhir"
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
	progress, end := w.work(JobPrepare, "", false)
	defer end()
	s := w.Snapshot()
	p := &Preview{Person: s.Person(), Options: o}
	if err := w.readSources(ctx, p, only, progress); err != nil {
		return nil, err
	}
	in, err := pack(chooseArgs{Metas: p.metas, All: len(only) > 0}, p.bodies...)
	if err != nil {
		return nil, err
	}
	out, err := w.d.Worker.Run(ctx, jobChoose, in, nil)
	if err != nil {
		return nil, err
	}
	if err := unmarshal(out, &p.Items); err != nil {
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
	var metas []record.Meta
	for _, m := range w.metas() {
		if m.Profile == p.Person.ID && (len(only) == 0 || contains(only, m.ID)) {
			metas = append(metas, m)
		}
	}
	for i, m := range metas {
		progress(i, len(metas))
		body, _, err := v.Original(ctx, m.ID)
		if err != nil {
			return err
		}
		m.Outline.Lines = nil // the worker reads the document itself
		p.metas = append(p.metas, m)
		p.bodies = append(p.bodies, body)
	}
	return nil
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

// Share makes the link and returns the id of its ledger entry. The entry is
// written before anything is sent, so that no link can exist that the person
// does not know of. Errors: ErrNothing, share.ErrTooBig, share.ErrOffline ….
func (w *Wallet) Share(ctx context.Context, p *Preview) (string, error) {
	chosen := p.Selected()
	if len(chosen) == 0 {
		return "", ErrNothing
	}
	progress, end := w.work(JobShare, "", false)
	defer end()
	progress(0, 3)
	made, err := w.compose(ctx, p, chosen, nil)
	if err != nil {
		return "", err
	}
	w.manage.Lock()
	defer w.manage.Unlock()
	s := *made.Share
	s.Pending = pendingCreate
	if err := w.putShare(ctx, s); err != nil {
		return "", err
	}
	progress(1, 3)
	if err := w.d.Relay.Create(ctx, s.Ref, made.Upload); err != nil {
		return "", errors.Join(err, w.dropShare(ctx, s.ID))
	}
	progress(2, 3)
	s.Pending, s.Checked = "", w.d.Now()
	return s.ID, w.putShare(ctx, s)
}

// What a ledger entry waits for.
const (
	pendingCreate = "create"
	pendingRevoke = "revoke"
)

// compose builds and seals the bundle in the worker; for is set to compose
// again for an existing link.
func (w *Wallet) compose(ctx context.Context, p *Preview, chosen []share.Item, again *share.Share) (composed, error) {
	args := composeArgs{
		Person:  share.Person{Name: p.Person.Name, BirthDate: p.Person.BirthDate, Gender: p.Person.Gender},
		Profile: p.Person.ID, Options: p.Options, Chosen: chosen,
		Language: w.d.Language(), URL: w.d.Relay.URL("{id}"), Share: again,
	}
	var bodies [][]byte
	for i, m := range p.metas {
		if slices.ContainsFunc(chosen, func(it share.Item) bool { return it.Record == m.ID }) {
			args.Metas = append(args.Metas, m)
			bodies = append(bodies, p.bodies[i])
		}
	}
	in, err := pack(args, bodies...)
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

// ShareLink returns what a QR of the share holds: the viewer-prefixed link.
func (w *Wallet) ShareLink(id string) (string, bool) {
	s, err := w.share(id)
	if err != nil {
		return "", false
	}
	return s.Link().Prefixed(w.d.Viewer), true
}

// --- the ledger ---

func loadShares(ctx context.Context, v *vault.Vault) (map[string]share.Share, error) {
	docs, err := v.Docs(ctx, docShares)
	if err != nil {
		return nil, err
	}
	shares := map[string]share.Share{}
	for _, b := range docs {
		var s share.Share
		if err := json.Unmarshal(b, &s); err != nil {
			return nil, err
		}
		shares[s.ID] = s
	}
	return shares, nil
}

func (w *Wallet) share(id string) (share.Share, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.shares[id]
	if !ok {
		return s, ErrNoShare
	}
	return s, nil
}

func (w *Wallet) putShare(ctx context.Context, s share.Share) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := putJSON(ctx, v, docShares+s.ID, s); err != nil {
		return err
	}
	w.mu.Lock()
	w.shares[s.ID] = s
	w.mu.Unlock()
	w.publishShares()
	w.mark(v)
	return nil
}

func (w *Wallet) dropShare(ctx context.Context, id string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := v.PutDocs(ctx, map[string][]byte{docShares + id: nil}); err != nil {
		return err
	}
	w.mu.Lock()
	delete(w.shares, id)
	w.mu.Unlock()
	w.publishShares()
	return nil
}

// publishShares puts the ledger into the snapshot, newest first.
func (w *Wallet) publishShares() {
	w.mu.Lock()
	list := make([]share.Share, 0, len(w.shares))
	for _, s := range w.shares {
		list = append(list, s)
	}
	w.mu.Unlock()
	slices.SortFunc(list, func(a, b share.Share) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	w.publish(func(s *Snapshot) { s.Shares = list })
}

// change asks the relay for a change of one link and notes the answer. Every
// request carries a number that grows, written down before it is sent.
func (w *Wallet) change(ctx context.Context, id string, do func(s *share.Share) error) error {
	w.manage.Lock()
	defer w.manage.Unlock()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	s.Ref.Seq++
	if err := w.putShare(ctx, s); err != nil {
		return err
	}
	err = do(&s)
	switch {
	case err == nil:
		s.Checked = w.d.Now()
	case errors.Is(err, share.ErrGone):
		s.Pending, s.Checked = "", w.d.Now()
		if s.Revoked.IsZero() && s.Status.Expires.After(w.d.Now()) {
			s.Revoked = w.d.Now() // the relay no longer has it, whatever the reason
		}
	default:
		return err
	}
	return errors.Join(err, w.putShare(ctx, s))
}

// Pause stops a link for a while, or lets it go on.
func (w *Wallet) Pause(ctx context.Context, id string, paused bool) error {
	return w.change(ctx, id, func(s *share.Share) error {
		status, err := w.d.Relay.Change(ctx, s.Ref, share.Change{Paused: &paused})
		if err == nil {
			s.Status = status
		}
		return err
	})
}

// Extend moves the expiry of a link; a link that has expired starts again from
// now, as far as the relay still has it.
func (w *Wallet) Extend(ctx context.Context, id string, by time.Duration) error {
	return w.change(ctx, id, func(s *share.Share) error {
		from := s.Status.Expires
		if now := w.d.Now(); from.Before(now) {
			from = now
		}
		until := from.Add(by)
		status, err := w.d.Relay.Change(ctx, s.Ref, share.Change{Expires: &until})
		if err == nil {
			s.Status = status
		}
		return err
	})
}

// Revoke ends a link. Without network it is noted and done as soon as the
// relay answers; the ledger says so until then.
func (w *Wallet) Revoke(ctx context.Context, id string) error {
	err := w.change(ctx, id, func(s *share.Share) error { return w.revoke(ctx, s) })
	if errors.Is(err, share.ErrGone) {
		return nil // it is gone: that is what was asked for
	}
	return err
}

func (w *Wallet) revoke(ctx context.Context, s *share.Share) error {
	if s.Revoked.IsZero() {
		s.Revoked = w.d.Now()
	}
	s.Pending = pendingRevoke
	err := w.d.Relay.Revoke(ctx, s.Ref)
	switch {
	case err == nil || errors.Is(err, share.ErrGone):
		s.Pending = ""
		return err
	case errors.Is(err, share.ErrOffline), errors.Is(err, share.ErrBusy):
		return nil // kept as pending
	}
	return err
}

// RevokeAll ends every link that could still be opened, of every person.
func (w *Wallet) RevokeAll(ctx context.Context) error {
	var errs []error
	for _, s := range w.Snapshot().Shares {
		switch s.State(w.d.Now()) {
		case share.StateLive, share.StatePaused:
			errs = append(errs, w.Revoke(ctx, s.ID))
		}
	}
	return errors.Join(errs...)
}

// Refresh asks the relay for status and access receipts; without ids, of all
// links that could still be opened.
func (w *Wallet) Refresh(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		for _, s := range w.Snapshot().Shares {
			if st := s.State(w.d.Now()); st == share.StateLive || st == share.StatePaused {
				ids = append(ids, s.ID)
			}
		}
	}
	var errs []error
	for _, id := range ids {
		if err := w.refresh(ctx, id); err != nil && !errors.Is(err, share.ErrGone) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (w *Wallet) refresh(ctx context.Context, id string) error {
	return w.changeQuietly(ctx, id, func(s *share.Share) error {
		status, err := w.d.Relay.Status(ctx, s.Ref)
		if err != nil {
			return err
		}
		s.Status = status
		if s.Pending == pendingCreate {
			s.Pending = ""
		}
		after := 0
		for _, o := range s.Opens {
			after = max(after, o.N)
		}
		list, dropped, err := w.d.Relay.Receipts(ctx, s.Ref, after)
		if err != nil {
			return err
		}
		_, bad := s.OpenReceipts(list)
		s.Dropped = dropped + bad
		return nil
	})
}

// changeQuietly is change for reading: it needs no new sequence, and writes
// the ledger only when something is new.
func (w *Wallet) changeQuietly(ctx context.Context, id string, do func(s *share.Share) error) error {
	w.manage.Lock()
	defer w.manage.Unlock()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	before, _ := json.Marshal(s)
	err = do(&s)
	if errors.Is(err, share.ErrGone) && s.Revoked.IsZero() && s.Status.Expires.After(w.d.Now()) {
		s.Revoked, s.Pending = w.d.Now(), ""
	}
	if after, _ := json.Marshal(s); string(after) != string(before) {
		s.Checked = w.d.Now()
		return errors.Join(err, w.putShare(ctx, s))
	}
	w.mu.Lock()
	if kept, ok := w.shares[id]; ok && err == nil {
		kept.Checked = w.d.Now() // worth showing, not worth a write
		w.shares[id] = kept
	}
	w.mu.Unlock()
	w.publishShares()
	return err
}

// Forget takes an ended share off the list.
func (w *Wallet) Forget(ctx context.Context, id string) error {
	w.manage.Lock()
	defer w.manage.Unlock()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	switch s.State(w.d.Now()) {
	case share.StateLive, share.StatePaused, share.StatePending:
		return ErrStillOpen
	}
	return w.dropShare(ctx, id)
}

// retryPending does what had to wait for the network, at most every ten
// seconds.
func (w *Wallet) retryPending(ctx context.Context) {
	w.mu.Lock()
	now := w.d.Now()
	due := now.Sub(w.retried) >= 10*time.Second
	if due {
		w.retried = now
	}
	w.mu.Unlock()
	if !due {
		return
	}
	for _, s := range w.Snapshot().Shares {
		switch s.Pending {
		case pendingRevoke:
			_ = w.Revoke(ctx, s.ID) // still pending if it fails: tried again
		case pendingCreate:
			_ = w.settleCreate(ctx, s.ID)
		}
	}
}

// settleCreate finds out what became of a link whose creation was cut off.
func (w *Wallet) settleCreate(ctx context.Context, id string) error {
	err := w.refresh(ctx, id)
	if errors.Is(err, share.ErrGone) {
		return w.dropShare(ctx, id)
	}
	return err
}

// follow composes the links with "follow new records" again, with what is new.
// What the person had taken out stays out, and nothing of a sensitive group is
// added without having been seen in a preview.
func (w *Wallet) follow(ctx context.Context) {
	for _, s := range w.Snapshot().Shares {
		if s.Follow && s.State(w.d.Now()) == share.StateLive {
			_ = w.followOne(ctx, s.ID) // tried again at the next import; the link keeps its old content
		}
	}
}

func (w *Wallet) followOne(ctx context.Context, id string) error {
	s, err := w.share(id)
	if err != nil {
		return err
	}
	snap := w.Snapshot()
	who, ok := snap.person(s.Profile)
	if !ok {
		return ErrNoPerson
	}
	p := &Preview{Person: who, Options: share.Options{Shape: s.Shape}}
	if err := w.readSources(ctx, p, nil, func(int, int) {}); err != nil {
		return err
	}
	in, err := pack(chooseArgs{Metas: p.metas}, p.bodies...)
	if err != nil {
		return err
	}
	out, err := w.d.Worker.Run(ctx, jobChoose, in, nil)
	if err != nil {
		return err
	}
	var items []share.Item
	if err := unmarshal(out, &items); err != nil {
		return err
	}
	chosen, news := followed(s, items, p.metas)
	if !news {
		return nil
	}
	return w.change(ctx, id, func(s *share.Share) error {
		made, err := w.compose(ctx, p, chosen, s)
		if err != nil {
			return err
		}
		status, err := w.d.Relay.Replace(ctx, s.Ref, made.Upload.Type, made.Upload.JWE)
		if err == nil {
			s.Items, s.Status = chosen, status
		}
		return err
	})
}

// followed picks what a following link holds now: what it held, and what came
// in since it was made, is suggested and is in no sensitive group.
func followed(s share.Share, items []share.Item, metas []record.Meta) (chosen []share.Item, news bool) {
	added := map[record.ID]time.Time{}
	for _, m := range metas {
		added[m.ID] = m.Added
	}
	held := func(it share.Item) bool {
		return slices.ContainsFunc(s.Items, func(o share.Item) bool { return o.Record == it.Record && o.Entry == it.Entry })
	}
	for _, it := range items {
		switch {
		case held(it):
			chosen = append(chosen, it)
		case it.Suggested && len(it.Sensitive) == 0 && it.Kind != fhir.KindPatient && added[it.Record].After(s.Created):
			chosen, news = append(chosen, it), true
		}
	}
	return chosen, news
}
