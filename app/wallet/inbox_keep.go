package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"potli/app/inbox"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Documents of the inbox. Codes and what came under them stay on the device that
// showed the code, and are in its backups; providers' keys all own devices have.
//
//	drop/<mailbox>         a code, with its secrets until its mailbox is closed
//	item/<message>         what is known of a message without opening it
//	letter/<message>/<n>   the message as it came, in pieces
//	pin/<thumbprint>       a provider's key that is known
const (
	docDrop   = "drop/"
	docItem   = "item/"
	docLetter = "letter/"
	docPin    = "pin/"
)

// letterPart is the size of a piece: a document of the vault has at most 8 MiB.
const letterPart = 4 << 20

// keptDrop is a code as it is kept.
type keptDrop struct {
	*inbox.Drop
	// Rev grows with every change: whoever decides on what it read writes only where
	// nobody else has written since.
	Rev     int    `json:"rev"`
	Pending bool   `json:"pending,omitempty"` // the relay is to be told that it has ended, or lives longer
	Closed  bool   `json:"closed,omitempty"`  // the relay has no mailbox of it any more
	Lost    bool   `json:"lost,omitempty"`    // and nobody had asked for that
	Consent string `json:"consent,omitempty"` // of which it is the way back; never shown
	Told    string `json:"told,omitempty"`    // the push endpoint that the relay has for it
}

// keptItem is an item as it is kept. It is never changed, but replaced.
type keptItem struct {
	inbox.Item
	Way   inbox.How `json:"way,omitempty"` // how it came here, if not under a code
	Parts int       `json:"parts"`         // pieces of its letter; 0: it was erased
}

// mailroom is the inbox of the open vault as it was last read.
type mailroom struct {
	mu    sync.Mutex // one change at a time; owns what follows
	v     *vault.Vault
	taken int // of the vault, when it was read
	drops map[string]keptDrop
	items map[string]keptItem
	pins  map[string]inbox.Pin

	look    sync.Mutex // one publication at a time
	asking  sync.Mutex // one question to the relay at a time
	telling sync.Mutex // one change of notices at a time

	at    sync.Mutex // owns what follows
	due   dueInbox
	skew  time.Duration // what the relay's clock was last ahead of this device's
	heard bool          // since the program began
}

// book is what was read: maps of its own, with values that nobody changes.
type book struct {
	drops map[string]keptDrop
	items map[string]keptItem
	pins  map[string]inbox.Pin
}

// read returns the inbox of a vault.
func (r *mailroom) read(ctx context.Context, v *vault.Vault) (book, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(ctx, v); err != nil {
		return book{}, err
	}
	return book{maps.Clone(r.drops), maps.Clone(r.items), maps.Clone(r.pins)}, nil
}

// load reads what is not known, or what another tab has changed. r.mu must be held.
func (r *mailroom) load(ctx context.Context, v *vault.Vault) error {
	taken := v.TakenOf(docDrop) + v.TakenOf(docItem) + v.TakenOf(docPin)
	if r.v == v && r.taken == taken {
		return nil
	}
	r.v, r.drops, r.items, r.pins = nil, map[string]keptDrop{}, map[string]keptItem{}, map[string]inbox.Pin{}
	for _, prefix := range []string{docDrop, docItem, docPin} {
		docs, err := v.Docs(ctx, prefix)
		if err != nil {
			return err
		}
		r.note(docs)
	}
	r.v, r.taken = v, taken
	return nil
}

// note takes documents in. r.mu must be held.
func (r *mailroom) note(docs map[string][]byte) {
	for name, body := range docs {
		kind, id, _ := strings.Cut(name, "/")
		switch kind + "/" {
		case docDrop:
			into(r.drops, id, body)
		case docItem:
			into(r.items, id, body)
		case docPin:
			into(r.pins, id, body)
		}
	}
}

// into reads a document into a map; nil, or what cannot be read, is not in it.
func into[T any](m map[string]T, id string, body []byte) {
	var one T
	delete(m, id)
	if body != nil && json.Unmarshal(body, &one) == nil {
		m[id] = one
	}
}

// forget is for what came another way than by amend: all is read again.
func (r *mailroom) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.v = nil
}

// desk is the inbox in storage while a change is decided.
type desk struct {
	ctx context.Context
	v   *vault.Vault
	put map[string][]byte
}

// amend changes the inbox in one commit, or not at all.
func (w *Wallet) amend(ctx context.Context, v *vault.Vault, decide func(*desk) error) error {
	r := &w.inbox
	r.mu.Lock()
	defer r.mu.Unlock()
	d := &desk{ctx, v, map[string][]byte{}}
	err := v.Update(ctx, func(*keyring.Ring) (vault.Change, error) {
		if err := decide(d); err != nil {
			return vault.Change{}, err
		}
		docs := make(map[string]vault.Doc, len(d.put))
		for name, body := range d.put {
			docs[name] = vault.Doc{Body: body}
		}
		return vault.Change{Docs: docs}, nil
	})
	if err == nil && r.v == v {
		r.note(d.put)
	}
	return err
}

// drop returns a code as it is in storage. Error: ErrNoDrop.
func (d *desk) drop(id string) (k keptDrop, err error) {
	if err = peekJSON(d.ctx, d.v, docDrop+id, &k); err == nil && k.Drop == nil {
		err = ErrNoDrop
	}
	return k, err
}

// item returns an item as it is in storage. Error: ErrNoItem.
func (d *desk) item(id string) (k keptItem, err error) {
	if err = peekJSON(d.ctx, d.v, docItem+id, &k); err == nil && k.ID == "" {
		err = ErrNoItem
	}
	return k, err
}

func (d *desk) putDrop(k keptDrop) error {
	k.Rev++
	return d.json(docDrop+k.ID, k)
}

func (d *desk) putItem(k keptItem) error { return d.json(docItem+k.ID, k) }

func (d *desk) json(name string, value any) error {
	b, err := json.Marshal(value)
	d.put[name] = b
	return err
}

// arrive puts what came, with its letter.
func (d *desk) arrive(a *inbox.Arrival, way inbox.How) error {
	k := keptItem{Item: *a.Item, Way: way}
	for part := range slices.Chunk(a.Body, letterPart) {
		d.put[letterName(k.ID, k.Parts)] = part
		k.Parts++
	}
	return d.putItem(k)
}

// erase takes the letter of an item away.
func (d *desk) erase(k keptItem) {
	for n := range k.Parts {
		d.put[letterName(k.ID, n)] = nil
	}
}

func letterName(id string, n int) string { return docLetter + id + "/" + strconv.Itoa(n) }

// letter returns the message of an item as it came. Error: inbox.ErrOver.
func (w *Wallet) letter(ctx context.Context, v *vault.Vault, k keptItem) ([]byte, error) {
	if k.Parts == 0 {
		return nil, inbox.ErrOver
	}
	var body []byte
	for n := range k.Parts {
		part, err := v.Doc(ctx, letterName(k.ID, n))
		if err != nil {
			return nil, err
		}
		body = append(body, part...)
	}
	return body, nil
}

// errMoved: somebody else has changed the code meanwhile.
var errMoved = errors.New("the code was changed meanwhile")

// shelf keeps what Collect brings, as long as nobody else changes the code.
type shelf struct {
	w   *Wallet
	v   *vault.Vault
	rev int
}

// Keep implements inbox.Store.
func (s *shelf) Keep(ctx context.Context, d *inbox.Drop, a *inbox.Arrival) error {
	err := s.w.amend(ctx, s.v, func(desk *desk) error {
		k, err := desk.drop(d.ID)
		if err != nil {
			return err
		}
		if k.Rev != s.rev {
			return errMoved
		}
		if a != nil {
			if err := desk.arrive(a, ""); err != nil {
				return err
			}
		}
		k.Drop = d
		return desk.putDrop(k)
	})
	if err == nil {
		s.rev++
	}
	return err
}

// keepArrival keeps what came in another way than under a code. What is there already
// stays as it is.
func (w *Wallet) keepArrival(ctx context.Context, a *inbox.Arrival, way inbox.How) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	err = w.amend(ctx, v, func(d *desk) error {
		switch _, err := d.item(a.Item.ID); {
		case err == nil, !errors.Is(err, ErrNoItem):
			return err
		}
		return d.arrive(a, way)
	})
	if err != nil {
		return err
	}
	w.mark(v)
	w.reshow(ctx)
	return nil
}

// inboxTime is the time by which items end: the earlier of this device's clock and the
// relay's. Neither a phone nor a relay that lives in another year has anything erased.
func (w *Wallet) inboxTime() time.Time {
	w.inbox.at.Lock()
	defer w.inbox.at.Unlock()
	return w.d.Now().Add(min(w.inbox.skew, 0))
}
