package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Reasons of a Fault.
const (
	ReasonMissing = "missing" // there is a row, but no object
	ReasonDamaged = "damaged" // changed, cut short, or not what its name says
	ReasonForeign = "foreign" // sealed or signed by other keys
	ReasonVersion = "version" // written by a later release
	ReasonDevice  = "device"  // signed by a device that nobody told us of
	ReasonClosed  = "closed"  // sealed to an epoch that had ended when it came
)

// Open reads head, keys and index; what is missing or does not verify is made
// again from the records, which p follows. r is what this device's keys open
// (Ring); the profiles' epochs are added here.
//
// The vault of a release before there were epochs opens with what
// keyring.FromLegacy makes of its keys, and is Older until Migrate.
//
// Errors: ErrNotFound (no vault), ErrWrongKey, ErrVersion, ErrPutBack, those of
// Blobs.
func Open(ctx context.Context, o Options, r *keyring.Ring, p Progress) (*Vault, error) {
	v := &Vault{o: o.filled(), ring: r, now: newState()}
	if err := v.first(ctx, p); err != nil {
		return nil, err
	}
	return v, nil
}

// first loads the vault for the first time.
func (v *Vault) first(ctx context.Context, p Progress) error {
	end, err := v.turn(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := v.load(ctx, p); err != nil {
		return fmt.Errorf("opening the vault: %w", err)
	}
	v.keepReserve(ctx)
	return nil
}

// loading is one reading of the whole vault.
type loading struct {
	v       *Vault
	s       *state
	ring    *keyring.Ring
	older   bool // there is no user file
	intact  bool // head and all pages are as they were written
	mend    bool // keys have to be written again
	foreign bool // there is a head, of other keys
	faults  []Fault
	stray   []string // objects without a row
	litter  []string // names that nothing needs
	old     []*row   // of pages in an older form, which are written anew

	p     Progress
	total int // pages
}

// rows yields every row, and tells Progress of it now and then.
func (l *loading) rows() iter.Seq[*row] {
	return func(yield func(*row) bool) {
		n := 0
		for r := range l.s.rows() {
			if n++; n%256 == 0 {
				l.p.tell(l.total, l.total)
			}
			if !yield(r) {
				return
			}
		}
	}
}

// load reads the state from storage and replaces v's with it. v.writing must be held.
func (v *Vault) load(ctx context.Context, p Progress) error {
	l := &loading{v: v, s: newState(), ring: v.ring, intact: true}
	if err := l.user(ctx); err != nil {
		return err
	}
	hd, err := l.head(ctx)
	if err != nil {
		return err
	}
	if err := l.rings(ctx, hd.Keys); err != nil {
		return err
	}
	l.p, l.total = p, len(hd.Pages)
	if err := l.pages(ctx, hd.Pages); err != nil {
		return err
	}
	l.s.pages = replace(l.s.pages, nil, l.old)
	if err := l.trust(ctx, l.devicesRow()); err != nil {
		return err
	}
	if err := l.compare(ctx); err != nil {
		return err
	}
	rebuilt := !l.intact
	if rebuilt { // numbers go on from those that were seen, too
		l.s.seq = max(l.s.seq, v.now.seq)
	} else if l.s.seq < v.now.seq {
		return ErrPutBack
	}
	c, err := l.rebuild(ctx, p)
	if err != nil {
		return err
	}
	l.s.records = make(map[record.ID]*row, l.s.count())
	for r := range l.rows() {
		l.s.know(r)
	}
	v.owed = nil // what was owed is among the litter
	v.mu.Lock()
	v.ring, v.now, v.faults, v.rebuilt, v.older = l.ring, l.s, l.faults, v.rebuilt || rebuilt, l.older
	v.taken++
	v.whole, v.theirs = v.taken, make(map[string]int)
	v.mu.Unlock()
	if v.unkept = v.unkept || l.older; l.mend && !v.unkept {
		c.ring = l.ring
	}
	if l.intact && len(l.old) == 0 && c.empty() {
		return nil
	}
	return v.save(ctx, c)
}

// save commits what a loading has found out. When the disk is full, or the vault
// has to be migrated first, the rows are kept in memory, and go out with the next
// commit that succeeds.
func (v *Vault) save(ctx context.Context, c change) error {
	err := v.commit(ctx, c)
	if !errors.Is(err, ErrFull) && !errors.Is(err, ErrOlder) {
		return err
	}
	v.owed, v.mend = c.del, c.ring != nil
	for _, r := range c.drop {
		if !slices.ContainsFunc(c.add, func(a *row) bool { return a.Object == r.Object }) {
			v.owed = append(v.owed, r.Object)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now.pages = replace(v.now.pages, c.drop, c.add)
	for _, r := range c.drop {
		v.now.forget(r)
	}
	for _, r := range c.add {
		v.now.know(r)
	}
	v.unsure = false
	return nil
}

func (l *loading) fault(name, reason string) {
	l.faults = append(l.faults, Fault{Name: name, Reason: reason})
}

// head reads the head. One that does not verify is a fault; one of a later
// release, or none where there is no unlock file either, is an error.
func (l *loading) head(ctx context.Context) (hd head, err error) {
	sealed, err := get(ctx, l.v.o.Blobs, nameHead)
	if errors.Is(err, ErrNotFound) {
		l.lost()
		if ok, err := Exists(ctx, l.v.o.Blobs); !ok {
			return hd, errors.Join(ErrNotFound, err)
		}
		return hd, nil
	}
	if err != nil {
		return hd, err
	}
	if hd, err = l.readHead(ctx, sealed); err != nil || !l.intact {
		return hd, err
	}
	return hd, l.follows(hd)
}

// readHead opens a head. One that does not verify is lost.
func (l *loading) readHead(ctx context.Context, sealed []byte) (hd head, err error) {
	h, body, err := l.open(ctx, -1, sealed, envelope.Expect{Kind: "head", ID: nameHead})
	if err == nil {
		err = hd.read(body)
	}
	if isDamage(err) {
		l.lost()
		l.foreign = errors.Is(err, envelope.ErrNotForUs) || errors.Is(err, envelope.ErrForged)
		return head{}, nil
	}
	if err != nil {
		return hd, err
	}
	l.s.seq, l.s.edition, l.s.head = h.Seq, hd.Edition, digest(sealed)
	return hd, nil
}

// lost notes that head or pages are not as they were written. Keys are then
// written again with them.
func (l *loading) lost() { l.intact, l.mend = false, !l.older }

// follows holds the user file against the head.
func (l *loading) follows(hd head) error {
	switch {
	case l.older:
		return nil
	case hd.Version != headVersion: // put back from before there were keys
		l.lost()
		return nil
	case l.ring.User().Follows(hd.User) != nil:
		return ErrPutBack
	case l.s.user != hd.User && l.s.user != keyring.Pin{}: // the head was put back
		l.lost()
	}
	return nil
}

// open opens an object of the index, of an epoch or, below 0, of any.
func (l *loading) open(ctx context.Context, epoch int, sealed []byte, x envelope.Expect) (envelope.Header, []byte, error) {
	h, body, err := l.v.o.Crypto.Open(ctx, l.opener(epoch), sealed, x)
	if errors.Is(err, envelope.ErrVersion) {
		err = ErrVersion
	}
	return h, body, err
}

func (l *loading) opener(epoch int) *keyring.Opener {
	if epoch >= 0 {
		return l.ring.Opener("", epoch)
	}
	return l.ring.Opener("")
}

// read decodes the body of a head. Errors: envelope.ErrDamaged, ErrVersion.
func (hd *head) read(body []byte) error {
	switch {
	case json.Unmarshal(body, hd) != nil || slices.Contains(hd.Pages, nil):
		return envelope.ErrDamaged
	case hd.Version != headVersion && hd.Version != headPlain && hd.Version != headJSON:
		return ErrVersion
	}
	return nil
}

// isDamage says whether an error is about the object and not about storage.
func isDamage(err error) bool {
	return errors.Is(err, envelope.ErrDamaged) || errors.Is(err, envelope.ErrNotForUs) ||
		errors.Is(err, envelope.ErrForged) || errors.Is(err, envelope.ErrMismatch)
}

// compare holds the names in storage against the rows. Only names are read.
func (l *loading) compare(ctx context.Context) error {
	rows := make(map[string]*row, l.s.count())
	for r := range l.rows() {
		rows[r.Object] = r
	}
	for _, prefix := range []string{prefixRecord, prefixSide, prefixDoc, prefixIndex, prefixRing, prefixSpare + prefixRing} {
		names, err := list(ctx, l.v.o.Blobs, prefix)
		if err != nil {
			return err
		}
		for _, name := range names {
			switch {
			case rows[name] != nil:
				delete(rows, name)
			case prefix == prefixIndex:
				// A damaged page goes too: its rows are made again from the objects.
				if !l.holds(name) {
					l.litter = append(l.litter, name)
				}
			case prefix == prefixRing, prefix == prefixSpare+prefixRing:
				// What opens was taken in; what does not is a fault, and kept.
				if l.intact && !l.names(strings.TrimPrefix(name, prefixSpare)) {
					l.litter = append(l.litter, name)
				}
			case prefix == prefixSide && l.intact:
				// What a Restore left that did not come to its commit.
				l.litter = append(l.litter, name)
			default:
				l.stray = append(l.stray, name)
			}
		}
	}
	for _, r := range rows {
		r.hidden = true
		l.fault(r.Object, ReasonMissing)
	}
	return nil
}

// names says whether a ring of that name is known, as a key or as a fault.
func (l *loading) names(name string) bool {
	return slices.ContainsFunc(l.s.keys, func(p pin) bool { return p.Name == name }) ||
		slices.ContainsFunc(l.faults, func(f Fault) bool { return f.Name == name })
}

// holds says whether the page of that name was read.
func (l *loading) holds(name string) bool {
	for _, p := range l.s.pages {
		if p.Name == name {
			return true
		}
	}
	return false
}
