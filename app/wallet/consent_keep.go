package wallet

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/family"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/jose"
	"potli/crypto/keyring"
)

// What is kept of consents, as documents of the vault:
//
//	ledger/<person>/<device>   what happened, as that device wrote it (package ledger)
//	checkpoint/<person>/<device>   its newest checkpoint
//	consent/<id>       the request that a consent was made of, and what it needs to go on
//	receipt/<hash>     each receipt, compact JWS
//	counter/<hash>     the receiver's signature under it, compact JWS
//	mailing/<id>       what is written down and is not at the relay yet
//
// Of these consents, receipts and their countersignatures go to the user's other
// devices, which can then end a consent too; none of them is ever changed, so two
// devices never write one of them twice. Logs go to all who care for the person, inside
// the person's history. Mailings stay: they hold nothing but names of records and of
// themselves.
const (
	docLedger     = "ledger/"
	docCheckpoint = "checkpoint/"
	docConsent    = "consent/"
	docReceipt    = "receipt/"
	docCounter    = "counter/"
	docMailing    = "mailing/"
)

// consents is what the wallet holds of them while it is open.
type consents struct {
	working sync.Mutex  // one goes out at a time
	again   atomic.Bool // something was written down meanwhile

	mu    sync.Mutex // owns what follows
	of    *vault.Vault
	told  map[record.ProfileID]toldLogs
	books map[record.ProfileID]knownBook
	docs  map[string]knownDoc
	facts map[factKey]fact
	seen  uint64            // state of the vault when there was nothing left to do
	until time.Time         // and until when that holds
	fault map[string]string // why something of a consent is not at the relay
	held  map[string]int    // records of a consent that need another yes, when it was last looked at
	retry map[string]wait
	heard map[record.ProfileID]int // how much others had told of each person
	seq   int
}

// toldLogs are the logs of others as a person's history has them.
type toldLogs struct {
	state *family.State
	by    map[string]*ledger.Gathered // by device
	user  map[string]string           // whose
	key   map[string]jose.Key
}

// keptConsent is what a consent was made of. It is never changed.
type keptConsent struct {
	ID      string           `json:"id"`
	Person  record.ProfileID `json:"person"`
	Request string           `json:"request"` // as it came
	At      time.Time        `json:"at"`
	Link    bool             `json:"link,omitempty"` // the receiver gave no mailbox
}

// ask reads the request of a consent.
func (k *keptConsent) ask() (*consent.Request, error) { return readAsk(k.Request) }

// readAsk reads a request whatever the time is: Parse returns one that is too late
// beside that fault.
func readAsk(text string) (*consent.Request, error) {
	q, err := consent.Parse(text, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	if q != nil {
		return q, nil
	}
	return nil, err
}

// logBook is what is known of one person's consents: this device's log, and what
// others told of theirs.
type logBook struct {
	person   record.ProfileID
	own      *ledger.Log
	last     *ledger.Checkpoint // the newest of our own
	entries  []ledger.Entry     // of all devices, in one line
	findings []DeviceFinding
	beside   []ledger.Entry // what contradicts a log and still counts
}

// events are the entries as package consent decides by them.
func (b *logBook) events() []consent.Event {
	list := make([]consent.Event, len(b.entries))
	for i := range b.entries {
		list[i] = b.entries[i].Event
	}
	return list
}

// standing is how a consent stands.
func (b *logBook) standing(id, asked string) consent.Standing {
	return consent.Stand(id, asked, b.events())
}

// of are the entries of a consent, those of its request among them.
func (b *logBook) of(id string) (list []ledger.Entry) {
	asked := ""
	for _, e := range b.entries {
		if e.Consent == id && e.Asked != "" {
			asked = e.Asked
		}
	}
	for _, e := range b.entries {
		if e.Consent == id || e.Consent == "" && asked != "" && e.Asked == asked {
			list = append(list, e)
		}
	}
	return list
}

// terms are the newest that were agreed of a consent, nil for none.
func (b *logBook) terms(id string) *consent.Grant {
	var g *consent.Grant
	for i := range b.entries {
		if e := &b.entries[i]; e.Terms != nil && e.Terms.ID == id && e.Consent == id && (g == nil || e.Terms.WiderThan(g) == "") {
			g = e.Terms
		}
	}
	return g
}

// given says whether a record was given under a consent.
func (b *logBook) given(id string) map[record.ID]bool {
	given := map[record.ID]bool{}
	for i := range b.entries {
		if e := &b.entries[i]; e.Kind == consent.Delivered && e.Consent == id {
			for _, r := range e.Records {
				given[r] = true
			}
		}
	}
	return given
}

// logBook reads what is known of a person's consents.
func (w *Wallet) logBook(ctx context.Context, who record.ProfileID) (*logBook, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	told, err := w.toldLogs(ctx, who)
	if err != nil {
		return nil, err
	}
	marks := v.Marks(docLedger + string(who) + "/")
	maps.Copy(marks, v.Marks(docCheckpoint+string(who)+"/"))
	c := &w.consents
	c.mu.Lock()
	known, ok := c.books[who]
	ok = ok && c.of == v && known.state == told.state && maps.Equal(known.marks, marks)
	c.mu.Unlock()
	if ok {
		return known.book, nil
	}
	b, err := readBook(ctx, v.Ring(), who, told, w.docs)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.begin(v); c.books == nil {
		c.books = map[record.ProfileID]knownBook{}
	}
	c.books[who] = knownBook{told.state, marks, b}
	return b, nil
}

// toldLogs puts together what a person's history tells of logs.
func (w *Wallet) toldLogs(ctx context.Context, who record.ProfileID) (toldLogs, error) {
	st, err := w.history(ctx, who)
	if err != nil || st == nil {
		return toldLogs{}, err
	}
	c := &w.consents
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.told[who]; ok && known.state == st {
		return known, nil
	}
	t := toldLogs{state: st, by: map[string]*ledger.Gathered{}, user: map[string]string{}, key: map[string]jose.Key{}}
	said := map[string][]ledger.Said{}
	for _, l := range st.Logs {
		said[l.Device] = append(said[l.Device], ledger.Said{From: l.From, Lines: l.Lines, Checkpoint: l.Checkpoint})
		if t.user[l.Device] = l.User; t.key[l.Device].IsZero() {
			t.key[l.Device], _ = jose.Ed25519Key(l.Key)
		}
	}
	for device, list := range said {
		if g, err := ledger.Gather(who, device, t.key[device], list); err == nil {
			t.by[device] = g
		}
	}
	if c.told == nil {
		c.told = map[record.ProfileID]toldLogs{}
	}
	c.told[who] = t
	return t, nil
}

// readBook puts a book together; read is vault.Docs, or PeekAll inside a change.
func readBook(ctx context.Context, r *keyring.Ring, who record.ProfileID, told toldLogs, read func(context.Context, string) (map[string][]byte, error)) (*logBook, error) {
	prefix := docLedger + string(who) + "/"
	docs, err := read(ctx, prefix)
	if err != nil {
		return nil, err
	}
	notes, err := read(ctx, docCheckpoint+string(who)+"/")
	if err != nil {
		return nil, err
	}
	b := &logBook{person: who}
	logs := map[string]*ledger.Log{}
	for name, body := range docs {
		writer := strings.TrimPrefix(name, prefix)
		l, err := ledger.Open(body)
		if err != nil || l.Writer != writer || l.Profile != who {
			b.found(r, told, ledger.Verdict{Finding: ledger.Truncated, Writer: writer})
			continue
		}
		logs[writer] = l
	}
	if err := b.readOwn(r, told, logs, notes[docCheckpoint+string(who)+"/"+r.Device()]); err != nil {
		return nil, err
	}
	b.hear(r, told, logs)
	for _, writer := range slices.Sorted(maps.Keys(logs)) {
		user := told.user[writer]
		if writer == r.Device() {
			user = r.Wallet()
		}
		b.entries = append(b.entries, theirs(user, logs[writer].Entries())...)
	}
	b.entries = append(b.entries, b.beside...)
	slices.SortStableFunc(b.entries, func(x, y ledger.Entry) int { return x.At.Compare(y.At) })
	return b, nil
}

// theirs are the entries of a log with the yes of its own user alone. Others have a hand in
// what counts here by their logs, and who writes that somebody else agreed has not made
// them agree. user is "" where nobody says whose it is: of a device that is no more.
func theirs(user string, list []ledger.Entry) []ledger.Entry {
	list = slices.Clone(list)
	for i := range list {
		if user != "" && list[i].By != user {
			list[i].By = ""
		}
	}
	return list
}

// readOwn holds this device's log against what it told others of it, and goes on from
// there where it was set back.
func (b *logBook) readOwn(r *keyring.Ring, told toldLogs, logs map[string]*ledger.Log, note []byte) (err error) {
	b.own = logs[r.Device()]
	if b.own == nil {
		if b.own, err = ledger.New(b.person, r.Device()); err != nil {
			return err
		}
	}
	by, err := jose.EdDSA(r.Signer())
	if err != nil {
		return err
	}
	var seen []*ledger.Checkpoint
	if c, err := ledger.ParseCheckpoint(string(note), by.Public()); err == nil {
		b.last, seen = c, append(seen, c)
	}
	g := told.by[r.Device()]
	if g != nil {
		seen = append(seen, g.Seen...)
	}
	v := ledger.Witness(b.own, seen)
	if g != nil && v.Finding == ledger.Whole {
		n := min(g.Log.Size(), b.own.Size())
		switch {
		case g.Log.Head(n) != b.own.Head(n):
			v.Finding, v.Size = ledger.Forked, n
		case g.Log.Size() > n:
			v.Finding, v.Size = ledger.Truncated, g.Log.Size()
		}
	}
	b.found(r, told, v)
	if g != nil {
		b.own.Rejoin(g.Log)
	}
	logs[r.Device()] = b.own
	return nil
}

// hear adds what others told of theirs. What came with a backup of a device that is no
// more is used where nothing was told of it.
func (b *logBook) hear(r *keyring.Ring, told toldLogs, logs map[string]*ledger.Log) {
	for _, device := range slices.Sorted(maps.Keys(told.by)) {
		g := told.by[device]
		b.beside = append(b.beside, theirs(told.user[device], g.Against)...)
		if device == r.Device() {
			b.beside = append(b.beside, theirs(r.Wallet(), g.Log.Entries()[agreement(g.Log, b.own):])...) // what it told once counts
			continue
		}
		if old := logs[device]; old == nil || old.Size() <= g.Log.Size() {
			logs[device] = g.Log
		}
		b.found(r, told, g.Verdict)
	}
}

// agreement is up to where two logs of one device say the same.
func agreement(a, b *ledger.Log) int {
	n := min(a.Size(), b.Size())
	for n > 0 && a.Head(n) != b.Head(n) {
		n--
	}
	return n
}

// found notes what is wrong with a log.
func (b *logBook) found(r *keyring.Ring, told toldLogs, v ledger.Verdict) {
	if v.Finding == ledger.Whole {
		return
	}
	_, mine := r.User().Device(v.Writer)
	b.findings = append(b.findings, DeviceFinding{Verdict: v, User: told.user[v.Writer], Mine: mine, Itself: v.Writer == r.Device()})
}
