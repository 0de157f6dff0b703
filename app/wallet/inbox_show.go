package wallet

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/vault"
)

// showInbox publishes the inbox as it is now.
func (w *Wallet) showInbox(ctx context.Context) error {
	w.inbox.look.Lock()
	defer w.inbox.look.Unlock()
	v, err := w.open()
	if err != nil {
		return err
	}
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return err
	}
	state, pins := w.inboxState(ctx, v, b), b.pinned()
	if now, err := w.open(); err != nil || now != v {
		return ErrLocked
	}
	w.publish(func(s *Snapshot) {
		if s.Phase == PhaseOpen {
			s.Inbox, s.Pins = state, pins
		}
	})
	return nil
}

// reshow is showInbox after something that is done already: what cannot be read now is
// shown with the next change.
func (w *Wallet) reshow(ctx context.Context) { _ = w.showInbox(ctx) }

// inboxState is what there is to show.
func (w *Wallet) inboxState(ctx context.Context, v *vault.Vault, b book) *InboxState {
	snap, now := w.Snapshot(), w.inboxTime()
	out := &InboxState{Notify: w.notifyState(ctx, v)}
	v2 := viewing{w: w, snap: snap, b: b, now: now, pins: b.pinned(), box: b.inbox()}
	v2.same = v2.twins(v)
	for _, k := range b.items {
		if v2.shows(k) {
			out.Items = append(out.Items, v2.item(k))
		}
	}
	slices.SortFunc(out.Items, func(a, b ItemInfo) int {
		return cmp.Or(b.Came.Compare(a.Came), cmp.Compare(a.ID, b.ID))
	})
	for _, k := range b.drops {
		if k.Consent == "" && !snap.concealed(k.Profile) && (k.Begun != 0 || k.Pending || k.Closed) {
			d := w.dropInfo(k, out.Items)
			out.Drops = append(out.Drops, d)
			for _, n := range k.Refused {
				out.Refused += n
			}
		}
	}
	slices.SortFunc(out.Drops, func(a, b DropInfo) int { return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(a.ID, b.ID)) })
	for _, it := range out.Items {
		if it.State == inbox.Waiting {
			out.Unread++
		}
	}
	return out
}

// viewing is one look at the inbox.
type viewing struct {
	w    *Wallet
	snap *Snapshot
	b    book
	now  time.Time
	pins []inbox.Pin
	box  *inbox.Inbox
	same map[string][]vault.Entry
}

// shows says whether an item is for the eyes of now. Whose a request is may not be
// known before it is answered.
func (v *viewing) shows(k keptItem) bool {
	if v.b.drops[k.Drop].Consent != "" {
		return false
	}
	return k.Profile == "" && k.Type == message.Request || !v.snap.concealed(k.Profile)
}

// twins finds the records with the bytes of any document, of those that are shown.
func (v *viewing) twins(of *vault.Vault) map[string][]vault.Entry {
	sums := map[string]bool{}
	for _, k := range v.b.items {
		for _, d := range k.Documents {
			sums[d.SHA256] = true
		}
	}
	if len(sums) == 0 {
		return nil
	}
	found := of.Same(sums)
	for sum, list := range found {
		found[sum] = slices.DeleteFunc(list, func(e vault.Entry) bool {
			return v.snap.concealed(e.Profile()) || v.w.trashed(e.ID())
		})
	}
	return found
}

// item is one of them, as the person sees it.
func (v *viewing) item(k keptItem) ItemInfo {
	it := ItemInfo{Item: k.Item, State: k.State(v.now), How: k.Way, Ends: k.Ends(), Asks: k.Type == message.Request}
	var pin *inbox.Pin
	if it.Trust, pin = k.Trust(v.pins); pin != nil {
		it.How, it.Known = pin.How, pin.Name
	}
	it.Same, it.Into = make([]inbox.Same, len(k.Documents)), make([]record.ID, len(k.Documents))
	own := v.box.Item(k.ID)
	for i, d := range k.Documents {
		twins := v.same[d.SHA256]
		switch {
		case it.State == inbox.Accepted && len(twins) > 0:
			it.Into[i] = twins[0].ID()
		case it.State == inbox.Waiting:
			it.Same[i] = v.box.Same(own, i, func(string) bool { return len(twins) > 0 }, v.now)
		}
	}
	return it
}

// inbox is what the rules of package inbox are applied to.
func (b book) inbox() *inbox.Inbox {
	box := &inbox.Inbox{}
	for _, k := range b.items {
		it := k.Item
		box.Items = append(box.Items, &it)
	}
	slices.SortFunc(box.Items, func(a, b *inbox.Item) int { return cmp.Or(a.Came.Compare(b.Came), cmp.Compare(a.ID, b.ID)) })
	return box
}

// pinned are the keys that are known, by name.
func (b book) pinned() []inbox.Pin {
	return slices.SortedFunc(maps.Values(b.pins), func(a, b inbox.Pin) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Thumbprint, b.Thumbprint))
	})
}

// dropInfo is a code as the person sees it.
func (w *Wallet) dropInfo(k keptDrop, items []ItemInfo) DropInfo {
	d := DropInfo{
		ID: k.ID, Person: k.Profile, Name: k.Name, State: k.State(w.d.Now()), Made: k.Made, Expires: k.Expires.Add(-k.Skew),
		Most: k.Most, Bytes: k.Bytes, System: k.Identity != "", Waits: k.Waits, Refused: maps.Clone(k.Refused), Since: k.Since,
		Pending: k.Pending, Lost: k.Lost, Checked: w.checked(k.ID),
	}
	for _, it := range items {
		if it.Drop != k.ID {
			continue
		}
		d.Came++
		d.Files += len(it.Documents)
		if it.State == inbox.Waiting {
			d.Waiting++
		}
	}
	return d
}
