package wallet

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// TakeAsk holds a request in the inbox that the person scanned or was handed as a link.
// The same request is the same item. Errors: consent.ErrNoAsk, ErrBadAsk, ErrLongAsk,
// *consent.Fault.
func (w *Wallet) TakeAsk(ctx context.Context, text string, how inbox.How) (item string, err error) {
	request, err := consent.ParseAsk(text)
	if bare := strings.TrimSpace(text); errors.Is(err, consent.ErrNoAsk) && strings.HasPrefix(bare, "{") {
		request, err = bare, nil
	}
	if err != nil {
		return "", err
	}
	q, err := consent.Parse(request, w.believed())
	if err != nil {
		return "", err
	}
	from := message.Sender{Name: q.From.Name, IDs: q.From.IDs, Origin: q.From.Origin}
	m, err := message.New(message.Request, q.Reply.ID, from, w.d.Now(), w.d.Rand)
	if err != nil {
		return "", err
	}
	m.ID, m.Request = nameOf("potli-ask/1", []byte(request)), request
	a, err := inbox.FromRequest(m, q.From.Key, "", w.d.Now())
	if err != nil {
		return "", err
	}
	if err := w.keepArrival(ctx, a, how); err != nil {
		return "", err
	}
	w.publishConsents(ctx)
	return a.Item.ID, nil
}

// askItem is an item of the inbox that is a request. Error: ErrNoAsk.
func (w *Wallet) askItem(ctx context.Context, id string) (keptItem, *consent.Request, error) {
	v, err := w.open()
	if err != nil {
		return keptItem{}, nil, err
	}
	in, err := w.inbox.read(ctx, v)
	if err != nil {
		return keptItem{}, nil, err
	}
	k, ok := in.items[id]
	if !ok || k.Type != message.Request || k.Profile != "" && w.Snapshot().concealed(k.Profile) {
		return keptItem{}, nil, ErrNoAsk
	}
	q, err := w.requestOf(ctx, v, k)
	return k, q, err
}

// requestOf reads the request of an item. Errors: inbox.ErrOver, *consent.Fault.
func (w *Wallet) requestOf(ctx context.Context, v *vault.Vault, k keptItem) (*consent.Request, error) {
	body, err := w.letter(ctx, v, k)
	if err != nil {
		return nil, err
	}
	m, err := message.Parse(body)
	if err != nil {
		return nil, err
	}
	return readAsk(m.Request)
}

// Asked is a request as it is shown. What is known of who asks is said of the key that
// signed the request, not of the one that carried it. Errors: ErrNoAsk, inbox.ErrOver,
// *consent.Fault.
func (w *Wallet) Asked(ctx context.Context, item string) (*Asked, error) {
	k, q, err := w.askItem(ctx, item)
	if err != nil {
		return nil, err
	}
	a := &Asked{Item: item, Request: q, How: k.Way}
	a.Late = w.passed(q.Expires) || w.passed(q.Until)
	it := k.Item
	it.Signer, it.From.Name = q.From.Key, q.From.Name
	var pin *inbox.Pin
	if a.Trust, pin = it.Trust(w.Snapshot().Pins); pin != nil {
		a.How = pin.How
	}
	a.People = w.couldBeMeant(ctx, k.Profile, q.About)
	for _, p := range w.Snapshot().Shown() {
		b, err := w.logBook(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		for i := range b.entries {
			if e := &b.entries[i]; e.Asked == q.Hash() {
				a.Refused = a.Refused || e.Kind == consent.Refused
				if e.Consent != "" && !slices.Contains(a.Consents, e.Consent) {
					a.Consents = append(a.Consents, e.Consent)
				}
			}
		}
	}
	return a, nil
}

// couldBeMeant are those for whom this user may answer: whose code it came under, then
// who is called like that, then whose records are shown.
func (w *Wallet) couldBeMeant(ctx context.Context, whose record.ProfileID, about string) (list []record.ProfileID) {
	s := w.Snapshot()
	rank := func(p Person) int {
		switch {
		case p.ID == whose:
			return 0
		case about != "" && strings.EqualFold(record.Tidy(p.Name), about):
			return 1
		case p.ID == s.Current:
			return 2
		}
		return 3
	}
	people := slices.Clone(s.Shown())
	slices.SortStableFunc(people, func(a, b Person) int { return rank(a) - rank(b) })
	for _, p := range people {
		if w.mayShow(ctx, p.ID) == nil {
			list = append(list, p.ID)
		}
	}
	return list
}

// RefuseAsk says no to a request, writes that down, and tells whoever asked. Errors:
// ErrNoAsk, ErrAnswered.
func (w *Wallet) RefuseAsk(ctx context.Context, item string) error {
	k, q, err := w.askItem(ctx, item)
	if err != nil {
		return err
	}
	if k.State(w.inboxTime()) == inbox.Accepted {
		return ErrAnswered
	}
	if err := w.putAside(ctx, k, q, consent.Refused, !w.passed(q.Expires)); err != nil {
		return err
	}
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := w.decideAsk(ctx, v, item, "", (*inbox.Item).Decline); err != nil {
		return err
	}
	w.workConsents(ctx, "")
	return nil
}

// putAside writes down that nothing comes of a request. Nobody is told that it lapsed:
// they set the time themselves.
func (w *Wallet) putAside(ctx context.Context, k keptItem, q *consent.Request, kind consent.EventKind, tell bool) error {
	who := k.Profile
	if s := w.Snapshot(); who == "" {
		if who = s.Current; s.concealed(who) {
			who = firstShown(s.People)
		}
	}
	return w.write(ctx, who, func(b *logBook, r *keyring.Ring) (page, error) {
		now := w.believed()
		for i := range b.entries {
			if e := &b.entries[i]; e.Asked == q.Hash() && (e.Kind == consent.Granted || e.Kind == kind) {
				if e.Kind == consent.Granted {
					return page{}, ErrAnswered
				}
				return page{}, nil
			}
		}
		p := page{docs: map[string][]byte{}}
		p.entries = append(b.requested(q, k.Came), ledger.Entry{Party: q.From, Event: consent.Event{Kind: kind, Asked: q.Hash(), At: now.UTC(), By: r.Wallet()}})
		if tell && !q.Reply.IsZero() {
			m := newMailing(mailRefused, q.Hash(), q, who, "", nil, now)
			m.Request = q.Text
			name, body, err := m.doc()
			if err != nil {
				return p, err
			}
			p.docs[name] = body
		}
		return p, nil
	})
}

// requested is the entry of a request, unless the log has it.
func (b *logBook) requested(q *consent.Request, came time.Time) []ledger.Entry {
	for i := range b.entries {
		if e := &b.entries[i]; e.Kind == consent.Requested && e.Asked == q.Hash() {
			return nil
		}
	}
	return []ledger.Entry{{Party: q.From, Note: q.Purpose.Text, Event: consent.Event{Kind: consent.Requested, Asked: q.Hash(), At: came.UTC()}}}
}

// decideAsk notes in the inbox what became of a request, and whose it was.
func (w *Wallet) decideAsk(ctx context.Context, v *vault.Vault, id string, who record.ProfileID, decide func(*inbox.Item, time.Time) error) error {
	err := w.amend(ctx, v, func(d *desk) error {
		k, err := d.item(id)
		if err != nil {
			return err
		}
		if who != "" {
			k.Profile = who
		}
		if err := decide(&k.Item, w.inboxTime()); err != nil && !errors.Is(err, inbox.ErrDecided) {
			return err
		}
		return d.putItem(k)
	})
	if err != nil {
		return err
	}
	w.mark(v)
	if err := w.showInbox(ctx); err != nil {
		return err
	}
	w.publishConsents(ctx)
	return nil
}
