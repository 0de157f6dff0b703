package wallet

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"potli/app/consent"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// What goes out follows from what is written down, and is worked off at opening, when
// the network is back, and after each change: answers that were given, records that a
// running consent lets go, ends that the receiver has not heard of. Each is written
// down before it is sent, and may be sent twice.

// workEvery is how long nothing is looked for where nothing was left to do: ends and
// beginnings of consents are the only thing that comes by itself.
const workEvery = time.Minute

// workConsents works off what is due. byHand is a consent to whose next delivery a
// person has just said yes, "" for none. What fails is noted, and tried again.
func (w *Wallet) workConsents(ctx context.Context, byHand string) {
	// Who ends a consent does not wait for a network that is slow: what is under way sees
	// the end before it sends, and looks once more when it is done.
	if !w.consents.working.TryLock() {
		if w.consents.again.Store(true); byHand == "" {
			return
		}
		w.consents.working.Lock()
	}
	w.workRound(ctx, byHand)
	w.consents.working.Unlock()
	if w.consents.again.Swap(false) {
		w.workConsents(ctx, "")
	}
}

func (w *Wallet) workRound(ctx context.Context, byHand string) {
	v, err := w.open()
	if err != nil || byHand == "" && w.idle(v) {
		return
	}
	busy, before := false, v.Seq()
	for _, step := range []func(context.Context, *vault.Vault, string) (bool, error){w.lapse, w.noteOpens, w.followUp, w.postAll, w.sayFarewells} {
		left, err := step(ctx, v, byHand)
		busy = busy || left || err != nil
	}
	w.publishConsents(ctx)
	w.noteIdle(v, busy || v.Seq() != before) // what somebody wrote meanwhile was not looked at
}

// idle says whether there was nothing left to do, and nothing has changed since.
func (w *Wallet) idle(v *vault.Vault) bool {
	c := &w.consents
	c.mu.Lock()
	defer c.mu.Unlock()
	left := c.until.Sub(w.d.Now())
	return c.of == v && c.seen == v.Seq() && left > 0 && left <= workEvery
}

func (w *Wallet) noteIdle(v *vault.Vault, busy bool) {
	c := &w.consents
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = time.Time{}
	if c.begin(v); !busy {
		c.seen, c.until = v.Seq(), w.d.Now().Add(workEvery)
	}
}

// begin forgets what was known of another vault. c.mu must be held.
func (c *consents) begin(v *vault.Vault) {
	if c.of != v {
		c.of, c.facts, c.docs = v, map[factKey]fact{}, map[string]knownDoc{}
		c.told, c.books, c.held, c.fault, c.retry = nil, nil, nil, nil, nil
	}
}

// forget drops all that was read: the wallet is locked.
func (c *consents) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin(nil)
	c.heard = nil
}

// hurry has what rests tried again at once: the network is back.
func (w *Wallet) hurry() {
	w.consents.mu.Lock()
	w.consents.retry, w.consents.until = nil, time.Time{}
	w.consents.mu.Unlock()
	w.mu.Lock()
	w.retried = time.Time{}
	w.mu.Unlock()
}

// followUp writes down what follows from consents of this user: what they let go now,
// and ends that were not told. busy: something could not be done yet.
func (w *Wallet) followUp(ctx context.Context, v *vault.Vault, byHand string) (busy bool, err error) {
	kept, err := w.keptConsents(ctx)
	if err != nil {
		return true, err
	}
	for id, k := range kept {
		if w.resting(id) && id != byHand {
			busy = true
			continue
		}
		if err := w.follow1(ctx, v, k, id == byHand); err != nil {
			w.noteFault(v, id, err)
			busy = true
		}
	}
	return busy, nil
}

func (w *Wallet) follow1(ctx context.Context, v *vault.Vault, k *keptConsent, byHand bool) error {
	b, err := w.logBook(ctx, k.Person)
	if err != nil {
		return err
	}
	g, st := b.terms(k.ID), b.standing(k.ID, "")
	if g == nil {
		return nil
	}
	q, err := k.ask()
	if err != nil {
		return nil // it was read when it was granted: of a later release
	}
	switch {
	case st.State == consent.WasRevoked && !st.Told:
		return w.tellEnd(ctx, v, k, q, b, g)
	case st.State != consent.Live || !w.believed().Before(g.Until) || w.believed().Before(g.Begin):
		return nil
	case g.Repeat != consent.Follow && st.Deliveries > 0, g.Purpose.BreaksGlass() && (!byHand || st.Deliveries > 0):
		return nil
	}
	if k.Link {
		return w.deliverLink(ctx, k, q, b, g)
	}
	return w.deliver(ctx, v, k, q, b, g, byHand)
}

// deliver writes down that records go which may and did not go before, once the relay
// was reached.
func (w *Wallet) deliver(ctx context.Context, v *vault.Vault, k *keptConsent, q *consent.Request, b *logBook, g *consent.Grant, byHand bool) error {
	going, held, err := w.going(ctx, b, g, byHand, k.Link)
	if err != nil {
		return err
	}
	w.noteHeld(v, k.ID, held)
	if len(going) == 0 || held > 0 && g.Repeat != consent.Follow {
		return nil // one delivery, and somebody has yet to say yes to part of it
	}
	if w.d.Letters == nil {
		return ErrNoInbox
	}
	// Without the relay nothing is written down: it may not be there before the consent
	// has ended.
	if _, err := w.d.Letters.Note(ctx, q.Reply.Relay, q.Reply.ID); err != nil {
		return err
	}
	return w.writeDelivery(ctx, q, g, going, byHand)
}

// writeDelivery writes a delivery into the log, with its receipt and what is to be sent.
func (w *Wallet) writeDelivery(ctx context.Context, q *consent.Request, g *consent.Grant, going []described, byHand bool) error {
	now := w.believed().UTC()
	return w.write(ctx, g.Profile, func(b *logBook, r *keyring.Ring) (page, error) {
		// Somebody else may have written since: each record is asked for again.
		events, given := b.events(), b.given(g.ID)
		list := slices.DeleteFunc(slices.Clone(going), func(d described) bool {
			ok, _ := consent.Yields(g, events, d.Record, consent.Occasion{Now: now, ByHand: byHand})
			return !ok || given[d.row.ID]
		})
		if len(list) == 0 {
			return page{}, nil
		}
		e := entryFor(consent.Delivered, g, r.Wallet(), now)
		for _, d := range list {
			e.Records, e.Documents = append(e.Records, d.row.ID), append(e.Documents, d.given())
		}
		jws, err := w.signReceipt(r, consent.Receipt{State: consent.Delivered, Issued: now, Terms: *g, Notice: q.Notice, Documents: e.Documents, Previous: b.latest(g.ID)})
		if err != nil {
			return page{}, err
		}
		e.Receipt = consent.Hash([]byte(jws))
		p := page{docs: map[string][]byte{docReceipt + e.Receipt: []byte(jws)}}
		p.entries = append(p.entries, e)
		for i, part := range inParts(list) {
			var ids []record.ID
			for _, d := range part {
				ids = append(ids, d.row.ID)
			}
			m := newMailing(mailDelivery, g.ID, q, g.Profile, e.Receipt, ids, now)
			m.Consent, m.Part = g.ID, i
			name, body, err := m.doc()
			if err != nil {
				return page{}, err
			}
			p.docs[name] = body
		}
		return p, nil
	})
}

// given is a record as receipts name it.
func (d *described) given() consent.Given {
	g := consent.Given{Bytes: int(d.row.Bytes), Type: string(d.format)}
	if sum, err := hex.DecodeString(d.sha256); err == nil {
		g.SHA256 = base64.RawURLEncoding.EncodeToString(sum)
	}
	return g
}

// going are the records that may go now and did not go before, no more than one receipt
// names; held counts those that wait for another yes.
func (w *Wallet) going(ctx context.Context, b *logBook, g *consent.Grant, byHand, byLink bool) (list []described, held int, err error) {
	given := b.given(g.ID)
	all, err := w.describeAll(ctx, g.Profile, func(id record.ID) bool { return !given[id] }, nil)
	if err != nil {
		return nil, 0, err
	}
	events, o := b.events(), consent.Occasion{Now: w.believed(), ByHand: byHand}
	for _, d := range all {
		if d.fits(byLink) != "" {
			continue
		}
		switch ok, why := consent.Yields(g, events, d.Record, o); {
		case ok && len(list) < consent.MaxRecords:
			list = append(list, d)
		case why == consent.NeedsTwo:
			held++
		}
	}
	return list, held, nil
}

func (w *Wallet) noteHeld(v *vault.Vault, id string, n int) {
	c := &w.consents
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.begin(v); c.held == nil {
		c.held = map[string]int{}
	}
	c.held[id] = n
}

// tellEnd writes down that the receiver is to be told of an end, whoever wrote it.
func (w *Wallet) tellEnd(ctx context.Context, v *vault.Vault, k *keptConsent, q *consent.Request, b *logBook, g *consent.Grant) error {
	if k.Link {
		if id := w.shareOf(ctx, k.ID); id != "" {
			if err := w.Revoke(ctx, id); err != nil {
				return err
			}
			if s, err := w.share(id); err == nil && s.MayOpen() {
				return nil // not at the relay yet: see Retry
			}
		}
		return w.write(ctx, k.Person, func(b *logBook, r *keyring.Ring) (page, error) {
			p := page{}
			if !b.standing(k.ID, "").Told {
				p.entries = append(p.entries, entryFor(consent.Told, g, r.Wallet(), w.believed()))
			}
			return p, nil
		})
	}
	m := newMailing(mailRevoked, k.ID, q, k.Person, "", nil, w.believed())
	if _, err := v.Doc(ctx, docMailing+m.ID); err == nil {
		return nil // it is on its way
	}
	return w.write(ctx, k.Person, func(b *logBook, r *keyring.Ring) (page, error) {
		return w.endPage(r, b, q, g, page{})
	})
}

// endPage adds to a page what tells the receiver of an end, and takes from what is on
// its way all that must not go any more.
func (w *Wallet) endPage(r *keyring.Ring, b *logBook, q *consent.Request, g *consent.Grant, p page) (page, error) {
	now := w.believed().UTC()
	jws, err := w.signReceipt(r, consent.Receipt{State: consent.Revoked, Issued: now, Terms: *g, Notice: q.Notice, Previous: b.latest(g.ID)})
	if err != nil {
		return p, err
	}
	hash := consent.Hash([]byte(jws))
	if p.docs == nil {
		p.docs = map[string][]byte{}
	}
	p.docs[docReceipt+hash] = []byte(jws)
	for i := range p.entries {
		if p.entries[i].Kind == consent.Revoked {
			p.entries[i].Receipt = hash
		}
	}
	if q.Reply.IsZero() {
		return p, nil
	}
	m := newMailing(mailRevoked, g.ID, q, g.Profile, hash, nil, now)
	m.Consent = g.ID
	name, body, err := m.doc()
	p.docs[name] = body
	return p, err
}

// postAll brings to the relay what is written down.
func (w *Wallet) postAll(ctx context.Context, v *vault.Vault, byHand string) (busy bool, err error) {
	list, err := readMailings(ctx, w.docs)
	if err != nil {
		return true, err
	}
	notes := map[string]bool{} // consents of which something failed in this round
	for _, m := range inOrder(list) {
		if m.Kind == mailDelivery && m.Consent != byHand && w.breaksGlass(ctx, m) {
			continue // a person looks at it first
		}
		if notes[m.Consent] || w.resting(m.Consent) && m.Consent != byHand {
			busy = true
			continue
		}
		if err := w.mailOne(ctx, v, m, ""); err != nil {
			w.noteFault(v, m.Consent, err)
			notes[m.Consent], busy = true, true
		}
	}
	return busy, nil
}

func (w *Wallet) breaksGlass(ctx context.Context, m *mailing) bool {
	q, _, err := w.askOf(ctx, m)
	return err == nil && q.Purpose.BreaksGlass()
}

// lapse writes down that requests were not answered in time.
func (w *Wallet) lapse(ctx context.Context, v *vault.Vault, _ string) (busy bool, err error) {
	in, err := w.inbox.read(ctx, v)
	if err != nil {
		return true, err
	}
	for _, it := range in.items {
		if it.Type != message.Request || it.State(w.inboxTime()) != inbox.Waiting || w.notLate(ctx, v, it) {
			continue
		}
		if err := w.lapse1(ctx, v, it); err != nil {
			busy = true
		}
	}
	return busy, nil
}

// notLate says whether a request may still be answered, or is none that can be read.
func (w *Wallet) notLate(ctx context.Context, v *vault.Vault, it keptItem) bool {
	q, err := w.requestOf(ctx, v, it)
	return err != nil || w.believed().Before(q.Expires) && w.believed().Before(q.Until)
}

func (w *Wallet) lapse1(ctx context.Context, v *vault.Vault, it keptItem) error {
	q, err := w.requestOf(ctx, v, it)
	if err != nil {
		return err
	}
	if err := w.putAside(ctx, it, q, consent.Ended, false); err != nil {
		return err
	}
	return w.decideAsk(ctx, v, it.ID, "", (*inbox.Item).Decline)
}
