package wallet

import (
	"context"
	"time"

	"potli/app/inbox"
	"potli/app/vault"
)

// sweep erases what has ended, once the relay agrees on the time: what a phone erases
// that believes in another year does not come back.
func (w *Wallet) sweep(ctx context.Context, v *vault.Vault) error {
	due, err := w.dueToSweep(ctx, v)
	if err != nil || due.none() {
		return err
	}
	if err := w.hearTime(ctx); err != nil {
		return err
	}
	if due, err = w.dueToSweep(ctx, v); err != nil || due.none() {
		return err
	}
	return w.amend(ctx, v, func(d *desk) error {
		for _, id := range due.drops {
			d.put[docDrop+id] = nil
		}
		for _, k := range due.letters {
			if err := d.sweep(k, due.whole[k.ID]); err != nil {
				return err
			}
		}
		return nil
	})
}

// swept is what has ended.
type swept struct {
	letters []keptItem
	whole   map[string]bool // items of which nothing is to be told any more
	drops   []string
}

func (s swept) none() bool { return len(s.letters)+len(s.drops) == 0 }

func (w *Wallet) dueToSweep(ctx context.Context, v *vault.Vault) (swept, error) {
	out, now := swept{whole: map[string]bool{}}, w.inboxTime()
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return out, err
	}
	box := b.inbox()
	for _, id := range box.Sweep(now) {
		if gone := box.Item(id) == nil; gone || b.items[id].Parts > 0 {
			out.letters = append(out.letters, b.items[id])
			out.whole[id] = gone
		}
	}
	for id, k := range b.drops {
		if b.done(k, now) {
			out.drops = append(out.drops, id)
		}
	}
	return out, nil
}

// hearTime asks the relay what time it is, if it has not said so: a mailbox that is made
// and ended at once is the way in which it does.
func (w *Wallet) hearTime(ctx context.Context) error {
	w.inbox.at.Lock()
	heard := w.inbox.heard
	w.inbox.at.Unlock()
	if heard {
		return nil
	}
	box := inbox.Box{ID: w.randomID(), Token: w.randomID()}
	s, err := w.d.Drops.Open(ctx, box, inbox.MinLife, "")
	if err != nil {
		return err
	}
	w.inbox.at.Lock()
	w.inbox.skew, w.inbox.heard = s.Now.Sub(w.d.Now()), true
	w.inbox.at.Unlock()
	return w.d.Drops.Close(ctx, box)
}

// sweep erases the letter of an item that has ended, and the item itself where nothing
// more is to be told of it; but not where the person has decided meanwhile.
func (d *desk) sweep(read keptItem, whole bool) error {
	k, err := d.item(read.ID)
	if err != nil || k.Ends() != read.Ends() {
		return nil
	}
	d.erase(k)
	if k.Parts = 0; whole {
		d.put[docItem+k.ID] = nil
		return nil
	}
	return d.putItem(k)
}

// done says whether there is nothing more to tell of a code.
func (b book) done(k keptDrop, now time.Time) bool {
	if !k.Closed || now.Before(k.Made.Add(inbox.Row)) {
		return false
	}
	for _, it := range b.items {
		if it.Drop == k.ID {
			return false
		}
	}
	return true
}
