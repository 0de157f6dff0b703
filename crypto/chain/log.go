package chain

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"maps"
	"slices"
)

// Limits of a Log: what members of a family could do to each other, no more.
const (
	MaxEntries   = 1 << 17
	MaxHeld      = 1 << 12  // entries held back
	MaxHeldBytes = 32 << 20 // and their bytes together
)

// Reasons why a Log does not take an entry.
var (
	// ErrProfile: of somebody else's history.
	ErrProfile = errors.New("an entry of another history")
	// ErrRoot: a beginning that is not the one this history is known by, or a
	// history without that beginning.
	ErrRoot = errors.New("another beginning than the one that is known")
	// ErrCounter: it does not count on from the device's last entry before it.
	ErrCounter = errors.New("the entry is not numbered after its device's last")
	// ErrAfterBad: written after an entry that was refused.
	ErrAfterBad = errors.New("the entry follows one that was refused")
	// ErrFull: no room, in all or for entries whose predecessors are missing.
	ErrFull = errors.New("too many entries")
)

// Log is the history of one profile as far as this device has it. Entries come in
// any order; the same entries give the same answers, whatever the order was.
//
// An entry whose predecessors are not all there is held back until they are, and
// does not count in any answer but Missing and Has. A Log belongs to one goroutine
// at a time.
type Log struct {
	profile string
	root    Hash

	entries []*Entry     // as they were admitted: predecessors first
	index   map[Hash]int // numbers in entries and past
	past    Past
	writers map[string]int // by key
	counts  map[count][]int
	heads   map[int]bool
	order   []int // nil when it has to be made again

	held      map[Hash]*Entry
	heldBytes int
	waiting   map[Hash][]Hash // of each that is not admitted, who waits for it
	refused   map[Hash]bool
}

type count struct {
	writer int
	n      uint64
}

// NewLog returns the empty history of profile that begins with the entry named
// root. Nothing else can be its beginning: whoever invites somebody into a history
// tells them its root, and no relay can put another in its place.
func NewLog(profile string, root Hash) *Log {
	return &Log{
		profile: profile, root: root,
		index: map[Hash]int{}, writers: map[string]int{}, counts: map[count][]int{}, heads: map[int]bool{},
		held: map[Hash]*Entry{}, waiting: map[Hash][]Hash{}, refused: map[Hash]bool{},
	}
}

// Load reads entries that stand one after the other, as Marshal writes them. What
// is whole is in the Log even when there is an error: of a file that was cut short
// while it was written, everything but the last entry.
// Errors: those of Next and Add.
func Load(profile string, root Hash, b []byte) (*Log, error) {
	l := NewLog(profile, root)
	for len(b) > 0 {
		e, rest, err := Next(b)
		if err != nil {
			return l, err
		}
		if _, err := l.Add(e); err != nil {
			return l, err
		}
		b = rest
	}
	return l, nil
}

// Marshal writes the admitted entries one after the other. What Add returns can be
// appended to it.
func (l *Log) Marshal() []byte {
	var b []byte
	for _, e := range l.entries {
		b = append(b, e.raw...)
	}
	return b
}

// Profile is whose history it is; Root is its beginning.
func (l *Log) Profile() string { return l.profile }

// Root names the entry that the history begins with.
func (l *Log) Root() Hash { return l.root }

// Len is how many entries were admitted.
func (l *Log) Len() int { return len(l.entries) }

// Held is how many are held back.
func (l *Log) Held() int { return len(l.held) }

// Has says whether the entry is here, admitted or held back.
func (l *Log) Has(h Hash) bool {
	_, admitted := l.index[h]
	return admitted || l.held[h] != nil
}

// Get returns an admitted entry, or nil.
func (l *Log) Get(h Hash) *Entry {
	if i, ok := l.index[h]; ok {
		return l.entries[i]
	}
	return nil
}

// Add takes an entry and returns those that were admitted by it, predecessors
// first: e itself and what had waited for it. None when e was known or is held
// back. Errors: ErrProfile, ErrRoot, ErrCounter, ErrAfterBad, ErrFull; all but the
// last are for ever, and about e.
func (l *Log) Add(e *Entry) (admitted []*Entry, err error) {
	switch {
	case e.Profile != l.profile:
		return nil, ErrProfile
	case l.Has(e.hash):
		return nil, nil
	case len(e.Prev) == 0 && e.hash != l.root:
		return nil, ErrRoot
	case slices.ContainsFunc(e.Prev, func(h Hash) bool { return l.refused[h] }):
		l.refuse(e.hash)
		return nil, ErrAfterBad
	case len(l.entries) >= MaxEntries:
		return nil, ErrFull
	}
	if !l.ready(e) {
		return nil, l.hold(e)
	}
	if err := l.admit(e); err != nil {
		l.refuse(e.hash)
		return nil, err
	}
	admitted = []*Entry{e}
	for i := 0; i < len(admitted); i++ {
		admitted = append(admitted, l.release(admitted[i].hash)...)
	}
	return admitted, nil
}

func (l *Log) ready(e *Entry) bool {
	return !slices.ContainsFunc(e.Prev, func(h Hash) bool { _, ok := l.index[h]; return !ok })
}

// hold keeps e until what it waits for is there.
func (l *Log) hold(e *Entry) error {
	if len(l.held) >= MaxHeld || l.heldBytes+len(e.raw) > MaxHeldBytes {
		return ErrFull
	}
	l.held[e.hash] = e
	l.heldBytes += len(e.raw)
	for _, h := range e.Prev {
		if _, ok := l.index[h]; !ok {
			l.waiting[h] = append(l.waiting[h], e.hash)
		}
	}
	return nil
}

// drop forgets that e is held back.
func (l *Log) drop(e *Entry) {
	delete(l.held, e.hash)
	l.heldBytes -= len(e.raw)
}

// release admits what waited for h and nothing else.
func (l *Log) release(h Hash) (admitted []*Entry) {
	waiting := l.waiting[h]
	delete(l.waiting, h)
	for _, w := range waiting {
		e := l.held[w]
		if e == nil || !l.ready(e) {
			continue
		}
		l.drop(e)
		if l.admit(e) != nil {
			l.refuse(w)
			continue
		}
		admitted = append(admitted, e)
	}
	return admitted
}

// refuse remembers that h is no part of the history, and with it all that waits
// for h. It is not asked for again.
func (l *Log) refuse(h Hash) {
	for list := []Hash{h}; len(list) > 0; list = list[1:] {
		if len(l.refused) < MaxHeld {
			l.refused[list[0]] = true
		}
		for _, w := range l.waiting[list[0]] {
			if e := l.held[w]; e != nil {
				l.drop(e)
				list = append(list, w)
			}
		}
		delete(l.waiting, list[0])
	}
}

// admit makes e, whose predecessors are there, part of the history.
func (l *Log) admit(e *Entry) error {
	writer, known := l.writers[string(e.Key)]
	if !known {
		writer = len(l.writers)
	}
	prev := l.numbers(e.Prev)
	if e.N != l.after(writer, prev) {
		return ErrCounter
	}
	l.writers[string(e.Key)] = writer
	i := l.past.Add(writer, prev)
	l.entries = append(l.entries, e)
	l.index[e.hash] = i
	for _, p := range prev {
		delete(l.heads, p)
	}
	l.heads[i] = true
	c := count{writer, e.N}
	l.counts[c] = append(l.counts[c], i)
	l.order = nil
	return nil
}

func (l *Log) numbers(list []Hash) []int {
	out := make([]int, len(list))
	for i, h := range list {
		out[i] = l.index[h]
	}
	return out
}

// after is the counter of what writer writes next, after prev.
func (l *Log) after(writer int, prev []int) uint64 {
	var n uint64
	for _, i := range l.past.lasts(writer, prev) {
		n = max(n, l.entries[i].N)
	}
	return n + 1
}

// Draft begins an entry that comes after everything here: profile, counter and
// predecessors are filled in. Of more than MaxPrev heads it takes as many, those
// that follow the device's own entries first; the next entry takes the others.
func (l *Log) Draft(key ed25519.PublicKey) Draft {
	writer, known := l.writers[string(key)]
	if !known {
		writer = -1
	}
	heads := slices.SortedFunc(maps.Keys(l.heads), func(a, b int) int {
		return cmp.Or(-cmp.Compare(l.after(writer, []int{a}), l.after(writer, []int{b})), l.entries[a].hash.Compare(l.entries[b].hash))
	})
	heads = heads[:min(len(heads), MaxPrev)]
	d := Draft{Profile: l.profile, N: l.after(writer, heads)}
	for _, i := range heads {
		d.Prev = append(d.Prev, l.entries[i].hash)
	}
	slices.SortFunc(d.Prev, Hash.Compare)
	return d
}

// Heads are the entries that nothing comes after, ascending.
func (l *Log) Heads() (list []Hash) {
	for i := range l.heads {
		list = append(list, l.entries[i].hash)
	}
	slices.SortFunc(list, Hash.Compare)
	return list
}

// Missing are the entries that others wait for and nobody has brought, ascending.
func (l *Log) Missing() (list []Hash) {
	for h := range l.waiting {
		if l.held[h] == nil {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, Hash.Compare)
	return list
}

// Entries are the admitted ones as they came, predecessors first. Their places are
// their numbers in Past.
func (l *Log) Entries() []*Entry { return slices.Clip(l.entries) }

// Past says which entry comes before which, by their places in Entries.
func (l *Log) Past() *Past { return &l.past }

// Before says whether a lies in the past of b. False if either is not admitted.
func (l *Log) Before(a, b Hash) bool {
	i, ok := l.index[a]
	j, too := l.index[b]
	return ok && too && l.past.Before(i, j)
}

// Line are the places of the entries in an order that all devices share: by depth,
// then by hash. Each comes after its predecessors, and two entries stand in the
// same order whatever else is known, so what arrives later goes in between and
// never turns them round.
func (l *Log) Line() []int {
	if l.order == nil {
		l.order = make([]int, len(l.entries))
		for i := range l.order {
			l.order[i] = i
		}
		slices.SortFunc(l.order, func(a, b int) int {
			return cmp.Or(cmp.Compare(l.past.Depth(a), l.past.Depth(b)), l.entries[a].hash.Compare(l.entries[b].hash))
		})
	}
	return slices.Clip(l.order)
}

// Order is Line as entries.
func (l *Log) Order() []*Entry {
	out := make([]*Entry, len(l.entries))
	for i, at := range l.Line() {
		out[i] = l.entries[at]
	}
	return out
}

// Fork is a device that said two things at once: its memory was set back, as by
// restoring an old copy, or somebody uses its key in two places. Both entries
// stay; who the device belongs to should remove it.
type Fork struct {
	User    string
	Device  string
	Key     ed25519.PublicKey
	N       uint64 // the counter that was used twice
	Entries []Hash // the two or more, ascending
}

// Forks are the devices that said two things at once, by key and counter.
func (l *Log) Forks() (list []Fork) {
	for c, places := range l.counts {
		if len(places) < 2 {
			continue
		}
		f := Fork{N: c.n}
		for _, i := range places {
			f.Entries = append(f.Entries, l.entries[i].hash)
		}
		slices.SortFunc(f.Entries, Hash.Compare)
		first := l.Get(f.Entries[0])
		f.User, f.Device, f.Key = first.User, first.Device, first.Key
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Fork) int {
		return cmp.Or(slices.Compare(a.Key, b.Key), cmp.Compare(a.N, b.N))
	})
	return list
}
