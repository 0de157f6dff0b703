package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"potli/app/record"
)

// Turns lets one of several programs write at a time.
type Turns interface {
	// Turn waits until none of the others writes, and keeps them from it until end is
	// called, or until this program ends. changed says that something was committed:
	// the others are told, so that they Refresh. Error: that of ctx, or that there
	// can be no turn.
	Turn(ctx context.Context) (end func(changed bool), err error)
}

// turn begins this vault's turn to write; nothing was looked at yet.
func (v *Vault) turn(ctx context.Context) (end func(), err error) {
	v.writing.Lock()
	v.wrote = false
	if v.o.Turns == nil {
		return v.writing.Unlock, nil
	}
	done, err := v.o.Turns.Turn(ctx)
	if err != nil {
		v.writing.Unlock()
		return nil, fmt.Errorf("waiting to write: %w", err)
	}
	return func() {
		done(v.wrote)
		v.writing.Unlock()
	}, nil
}

// begin begins this vault's turn to write, on what is in storage now.
func (v *Vault) begin(ctx context.Context) (end func(), err error) {
	if end, err = v.turn(ctx); err != nil {
		return nil, err
	}
	if err := v.settle(ctx); err != nil {
		end()
		return nil, err
	}
	return end, nil
}

// Refresh takes in what other programs have written. Error: ErrReplaced, ErrPutBack,
// and those of Blobs; the vault is then as it was.
func (v *Vault) Refresh(ctx context.Context) error {
	end, err := v.begin(ctx)
	if err != nil {
		return err
	}
	end()
	return nil
}

// Taken grows whenever the vault has taken in what others wrote.
func (v *Vault) Taken() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.taken
}

// TakenOf grows whenever the vault has taken in documents that others wrote, or
// deleted, whose name starts with prefix: who remembers something of them reads them
// again.
func (v *Vault) TakenOf(prefix string) int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	last := v.whole
	for name, taken := range v.theirs {
		if strings.HasPrefix(name, prefix) {
			last = max(last, taken)
		}
	}
	return last
}

// settle finds out what became of a commit that failed, and what others have
// committed. It must be the vault's turn.
func (v *Vault) settle(ctx context.Context) error {
	if !v.unsure && v.o.Turns == nil {
		return nil
	}
	sealed, err := get(ctx, v.o.Blobs, nameHead)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("looking at storage: %w", err)
	}
	if err == nil && digest(sealed) == v.now.head || err != nil && v.now.head == "" && !v.unsure {
		v.unsure = false
		return nil
	}
	err = v.takeIn(ctx, sealed)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrWrongKey) {
		err = ErrReplaced // neither has anything to do with what is being looked for
	}
	if err == nil {
		v.unsure = false
	}
	return err
}

// takeIn makes the state what a head says. What is not simply newer is read as if it
// were opened for the first time.
func (v *Vault) takeIn(ctx context.Context, sealed []byte) error {
	if sealed != nil && v.now.head != "" && !v.unkept && !v.mend && len(v.owed) == 0 {
		if done, err := v.advance(ctx, sealed); done || err != nil {
			return err
		}
	}
	return v.load(ctx, nil)
}

// advance takes in a newer head, with the pages, keys and documents that are not
// known. Rows that stay are the same ones. false: something does not read as it was
// written.
func (v *Vault) advance(ctx context.Context, sealed []byte) (done bool, err error) {
	l := &loading{v: v, s: newState(), ring: v.ring, intact: true}
	l.s.user = v.now.user
	hd, err := l.readHead(ctx, sealed)
	if err != nil {
		return false, err
	}
	if !l.intact || hd.User != v.now.user { // the keys changed with it
		l.intact, l.mend = true, false
		if err := l.user(ctx); err != nil {
			return false, err
		}
		if hd, err = l.readHead(ctx, sealed); err != nil {
			return false, err
		}
	}
	if !l.intact || l.older || l.mend {
		return false, nil
	}
	if l.s.seq <= v.now.seq {
		return false, ErrPutBack
	}
	if err := l.follows(hd); err != nil {
		return false, err
	}
	drop, add, err := l.differ(ctx, hd)
	if err != nil || !l.intact || l.mend || len(l.faults) > 0 {
		return false, err
	}
	v.mu.Lock()
	for _, r := range drop {
		v.now.forget(r)
	}
	for _, r := range add {
		v.now.know(r)
	}
	s := v.now
	s.seq, s.edition, s.head, s.user, s.keys, s.pages = l.s.seq, l.s.edition, l.s.head, l.s.user, l.s.keys, l.s.pages
	v.ring = l.ring
	v.taken++
	for _, r := range slices.Concat(drop, add) {
		if r.Doc != "" {
			v.theirs[r.Doc] = v.taken
		}
	}
	v.mu.Unlock()
	v.heal(slices.Concat(drop, add))
	return true, nil
}

// differ reads what a head names and is not known, into the state of the loading, and
// returns the rows that went and that came.
func (l *loading) differ(ctx context.Context, hd head) (drop, add []*row, err error) {
	known := l.v.now
	if err := l.newRings(ctx, known.keys, hd.Keys); err != nil {
		return nil, nil, err
	}
	went := make(map[string]*row)
	for _, p := range known.pages {
		if !slices.ContainsFunc(hd.Pages, p.same) {
			for _, r := range p.rows {
				went[r.Object] = r
			}
		}
	}
	for _, p := range hd.Pages {
		if i := slices.IndexFunc(known.pages, p.same); i >= 0 {
			l.s.pages = append(l.s.pages, known.pages[i])
			continue
		}
		if err := l.page(ctx, p); err != nil {
			return nil, nil, err
		}
		for i, r := range p.rows {
			if old := went[r.Object]; old != nil && old.packed == r.packed {
				p.rows[i] = old
				delete(went, r.Object)
				continue
			}
			add = append(add, r)
		}
	}
	for _, r := range went {
		drop = append(drop, r)
	}
	if r := l.devicesRow(); r != known.docs[docDevices] {
		err = l.trust(ctx, r)
	}
	if len(l.old) > 0 {
		l.lost()
	}
	return drop, add, err
}

// newRings takes in the rings that are not known.
func (l *loading) newRings(ctx context.Context, known, pins []pin) error {
	var unknown []pin
	for _, p := range pins {
		i := slices.IndexFunc(known, func(k pin) bool { return k.Name == p.Name && k.SHA256 == p.SHA256 })
		if i >= 0 {
			l.s.keys = append(l.s.keys, known[i])
		} else {
			unknown = append(unknown, p)
		}
	}
	return l.rings(ctx, unknown)
}

// same says whether two pages are one object.
func (p *page) same(o *page) bool { return p.Name == o.Name && p.SHA256 == o.SHA256 }

// Peek is Doc, and PeekAll is Docs, for what decides an Update: the vault has its turn
// already.
func (v *Vault) Peek(ctx context.Context, name string) ([]byte, error) {
	r := v.now.docs[name]
	if r == nil {
		return nil, ErrNotFound
	}
	_, body, reason, err := v.attempt(ctx, r)
	if err == nil && reason != "" {
		v.fault(r.Object, reason)
		err = record.ErrDamaged
	}
	return body, err
}

// PeekAll is Docs for what decides an Update.
func (v *Vault) PeekAll(ctx context.Context, prefix string) (map[string][]byte, error) {
	return v.each(ctx, prefix, v.Peek)
}
