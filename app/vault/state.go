package vault

import (
	"cmp"
	"crypto/sha256"
	"iter"
	"slices"
	"strings"
	"sync"

	"potli/app/fhir"
	"potli/app/record"
	"potli/crypto/keyring"
)

// Names in Blobs.
const (
	nameUnlock   = "unlock"
	nameHead     = "head"
	nameUser     = "user"
	nameDevice   = "device" // of releases before there were epochs
	nameReserve  = "reserve"
	prefixRing   = "ring/"
	prefixSpare  = "spare/"
	prefixIndex  = "index/"
	prefixRecord = "rec/"
	prefixSide   = "side/"
	prefixDoc    = "doc/"
)

// A row goes into a short page, a segment, so that a write seals little beside what
// it adds, however much there is. Segments that have become many are joined to a
// page, and pages to a long one: ten thousand records are some thirty objects to be
// read when the vault is opened, and each row was sealed again twice for it.
const (
	segmentSize = 12 << 10  // bytes of rows in a page that a row is added to
	segmentMost = 10        // of them, before they are joined
	pageSize    = 128 << 10 // of what they are joined to, and of one that is written anew
	pageMost    = 8         // of those
	longSize    = 768 << 10
)

// row is what the index knows of one object. It is never changed.
type row struct {
	Object string            // its name in Blobs
	Sealed [sha256.Size]byte // of its sealed bytes
	Seq    uint64            // of the commit that made it
	Epoch  int               // of the key it is sealed to
	Meta   *record.Meta      // of a record, without the outline
	Doc    string            // name of a document

	Profile record.ProfileID // whose key it is sealed to; "" the user's own

	original [sha256.Size]byte // Meta.SHA256
	outline  string            // packed: most are never looked at
	packed   string            // the row as it stands in a page
	hidden   bool              // its object is missing: kept in the index, not shown
	device   string            // who sealed it, where the row was made from the object
}

// describe makes r the row of a record. False: its SHA256 is none.
func (r *row) describe(m record.Meta) bool {
	if r.outline == "" {
		r.outline = packOutline(m.Outline)
	}
	m.Outline = fhir.Outline{}
	r.Meta, r.Profile = &m, m.Profile
	return readHash(&r.original, m.SHA256)
}

// full is the Meta of a record with its outline.
func (r *row) full() record.Meta {
	m := *r.Meta
	m.Outline = readOutline(r.outline)
	return m
}

// sane says whether a row read from a page can be one of ours.
func (r *row) sane() bool {
	prefix, id, _ := strings.Cut(r.Object, "/")
	switch prefix + "/" {
	case prefixRecord, prefixSide:
		return r.Meta != nil && r.Meta.ID == record.ID(id) && r.Doc == ""
	case prefixDoc:
		return r.Meta == nil && r.Doc != "" && id != ""
	}
	return false
}

// page is a sealed part of the index. It is never changed.
type page struct {
	Name   string `json:"name"` // in Blobs; "" until sealed
	Size   int    `json:"size"` // of the sealed bytes
	SHA256 string `json:"sha256"`
	Epoch  int    `json:"epoch,omitempty"` // of the user's key it is sealed to

	docs bool // rows are of documents, else of records
	rows []*row
	size int
}

// head is the body of the object "head". Its sequence number stands in the
// signed header.
type head struct {
	Version string  `json:"version"`
	Wallet  string  `json:"wallet"`
	Edition int     `json:"edition"`
	Pages   []*page `json:"pages"`

	User keyring.Pin `json:"user,omitzero"`
	Keys []pin       `json:"keys,omitempty"`
}

// pin is what the head says of a ring.
type pin struct {
	Name    string `json:"name"`
	Profile string `json:"profile"` // whose epochs it holds; "" where that is not known
	Epoch   int    `json:"epoch"`   // of the user's key it is sealed to
	SHA256  string `json:"sha256"`

	body [sha256.Size]byte // hash of what is inside
}

// Releases that know only pages in JSON, or no epochs, must not take the newer
// for damaged.
const (
	headVersion = "potli-vault/3"
	headPlain   = "potli-vault/2" // without keys: everything is of epoch 0
	headJSON    = "potli-vault/1" // the same, over pages in JSON
)

// state is what a vault knows. Only a writer changes it, under Vault.mu; so
// readers hold Vault.mu, and a writer need not.
type state struct {
	seq     uint64
	edition int
	head    string      // SHA-256 of the sealed head
	user    keyring.Pin // of the user file as it lies in storage
	keys    []pin
	pages   []*page
	records map[record.ID]*row
	docs    map[string]*row
	same    map[twin]record.ID // only writers read it; nil until one does: see twins

	listing sync.Mutex // owns entries, for readers
	entries []Entry    // see listed; nil: not known
}

// twin finds the same document of the same person.
type twin struct {
	profile record.ProfileID
	sha256  string
}

func newState() *state {
	return &state{
		records: make(map[record.ID]*row),
		docs:    make(map[string]*row),
	}
}

// twins finds records by what they hold. Who only reads does not pay for it, so it is
// made when it is first asked for.
func (s *state) twins() map[twin]record.ID {
	if s.same == nil {
		s.same = make(map[twin]record.ID, len(s.records))
		for id, r := range s.records {
			t := twin{r.Meta.Profile, r.Meta.SHA256}
			if old := s.records[s.same[t]]; old == nil || old.Seq < r.Seq {
				s.same[t] = id
			}
		}
	}
	return s.same
}

// know enters a row into the maps.
func (s *state) know(r *row) {
	if r.Meta == nil {
		s.docs[r.Doc] = r
		return
	}
	s.records[r.Meta.ID], s.entries = r, nil
	if s.same != nil {
		s.same[twin{r.Meta.Profile, r.Meta.SHA256}] = r.Meta.ID
	}
}

// forget takes a row out of the maps.
func (s *state) forget(r *row) {
	if r.Meta == nil {
		if s.docs[r.Doc] == r {
			delete(s.docs, r.Doc)
		}
		return
	}
	if s.entries = nil; s.records[r.Meta.ID] == r {
		delete(s.records, r.Meta.ID)
	}
	if t := (twin{r.Meta.Profile, r.Meta.SHA256}); s.same[t] == r.Meta.ID {
		delete(s.same, t)
	}
}

// listed are the records that are shown, the last added first. Nobody may change it.
func (s *state) listed() []Entry {
	s.listing.Lock()
	defer s.listing.Unlock()
	if s.entries != nil {
		return s.entries
	}
	list := make([]Entry, 0, len(s.records))
	for r := range s.rows() {
		if r.Meta != nil && !r.hidden && s.records[r.Meta.ID] == r {
			list = append(list, Entry{r})
		}
	}
	slices.Reverse(list) // nearly there: pages are filled as records come
	slices.SortFunc(list, func(a, b Entry) int {
		if c := b.r.Meta.Added.Compare(a.r.Meta.Added); c != 0 {
			return c
		}
		if c := cmp.Compare(b.r.Seq, a.r.Seq); c != 0 {
			return c
		}
		return strings.Compare(string(a.r.Meta.ID), string(b.r.Meta.ID))
	})
	s.entries = list
	return list
}

// count is how many rows there are: a map that is made for all of them at once is not
// copied again and again.
func (s *state) count() (n int) {
	for _, p := range s.pages {
		n += len(p.rows)
	}
	return n
}

// rows yields every row of every page.
func (s *state) rows() iter.Seq[*row] {
	return func(yield func(*row) bool) {
		for _, p := range s.pages {
			for _, r := range p.rows {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// replace returns pages without the rows in drop and with those in add. A page
// that changes loses its name: it has to be sealed. Rows go where there is room,
// first to pages that change anyway. The pages given are left as they are.
func replace(pages []*page, drop, add []*row) []*page {
	dropped := make(map[*row]bool, len(drop))
	for _, r := range drop {
		dropped[r] = true
	}
	next := make([]*page, 0, len(pages)+1)
	for _, p := range pages {
		kept := p.rows
		if len(drop) > 0 && slices.ContainsFunc(p.rows, func(r *row) bool { return dropped[r] }) {
			kept = slices.DeleteFunc(slices.Clone(p.rows), func(r *row) bool { return dropped[r] })
		}
		switch {
		case len(kept) == len(p.rows) && p.Name != "":
			next = append(next, p)
		case len(kept) > 0:
			next = append(next, &page{docs: p.docs, rows: slices.Clone(kept), size: total(kept)})
		}
	}
	for _, r := range add {
		next = place(next, r)
	}
	if len(add) > 0 {
		for _, docs := range []bool{false, true} {
			next = join(next, docs, 0, pageSize/2, segmentMost, pageSize)
			next = join(next, docs, pageSize/2, longSize/2, pageMost, longSize)
		}
	}
	return next
}

func place(pages []*page, r *row) []*page {
	docs, best := r.Meta == nil, -1
	for i, p := range pages {
		most := segmentSize
		if p.Name == "" {
			most = pageSize
		}
		if p.docs != docs || p.size+len(r.packed) > most {
			continue
		}
		best = i
		if p.Name == "" {
			break
		}
	}
	if best < 0 {
		return append(pages, &page{docs: docs, rows: []*row{r}, size: len(r.packed)})
	}
	if p := pages[best]; p.Name != "" {
		pages[best] = &page{docs: docs, rows: append(slices.Clone(p.rows), r), size: p.size + len(r.packed)}
	} else { // made in this change, nobody else has seen it
		p.rows = append(p.rows, r)
		p.size += len(r.packed)
	}
	return pages
}

// join makes longer pages, of some size at the most, of those whose size is from low
// to below high, where there are too many of these.
func join(pages []*page, docs bool, low, high, many, size int) []*page {
	short := func(p *page) bool { return p.docs == docs && p.size >= low && p.size < high }
	n := 0
	for _, p := range pages {
		n += int(bit(short(p)))
	}
	if n <= many {
		return pages
	}
	var next []*page
	joined := &page{docs: docs}
	for _, p := range pages {
		switch {
		case !short(p):
			next = append(next, p)
			continue
		case joined.size+p.size > size:
			next = append(next, joined)
			joined = &page{docs: docs}
		}
		joined.rows = append(joined.rows, p.rows...)
		joined.size += p.size
	}
	return append(next, joined)
}

func total(rows []*row) (n int) {
	for _, r := range rows {
		n += len(r.packed)
	}
	return n
}
