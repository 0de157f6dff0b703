package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"potli/app/consent/ledger"
	"potli/app/family"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/jose"
	"potli/crypto/keyring"
)

// knownBook is a book that was read, and what it was read of.
type knownBook struct {
	state *family.State
	marks map[string]any
	book  *logBook
}

// knownDoc is a document that was read.
type knownDoc struct {
	mark any
	body []byte
}

// docs is vault.Docs for what is looked at often: nothing is opened twice.
func (w *Wallet) docs(ctx context.Context, prefix string) (map[string][]byte, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	c, docs := &w.consents, map[string][]byte{}
	for name, mark := range v.Marks(prefix) {
		c.mu.Lock()
		c.begin(v)
		known, ok := c.docs[name]
		c.mu.Unlock()
		if !ok || known.mark != mark {
			body, err := v.Doc(ctx, name)
			if errors.Is(err, vault.ErrNotFound) || errors.Is(err, record.ErrDamaged) {
				continue // as vault.Docs
			}
			if err != nil {
				return nil, err
			}
			known = knownDoc{mark, body}
			c.mu.Lock()
			c.docs[name] = known
			c.mu.Unlock()
		}
		docs[name] = known.body
	}
	return docs, nil
}

// keptConsents are the consents that this user made, on whichever device.
func (w *Wallet) keptConsents(ctx context.Context) (map[string]*keptConsent, error) {
	docs, err := w.docs(ctx, docConsent)
	if err != nil {
		return nil, err
	}
	kept := map[string]*keptConsent{}
	for name, body := range docs {
		k := &keptConsent{}
		if json.Unmarshal(body, k) == nil && docConsent+k.ID == name {
			kept[k.ID] = k
		}
	}
	return kept, nil
}

// keptConsent is one of them. Error: ErrNoConsent.
func (w *Wallet) keptConsent(ctx context.Context, id string) (*keptConsent, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	k := &keptConsent{}
	if err := getJSON(ctx, v, docConsent+id, k); err != nil {
		return nil, err
	}
	if k.ID != id || id == "" {
		return nil, ErrNoConsent
	}
	return k, nil
}

// consentsOf adds what is kept of a person's consents to the documents to be erased:
// nothing of what is granted goes any more.
func (w *Wallet) consentsOf(ctx context.Context, v *vault.Vault, id record.ProfileID, docs map[string][]byte) error {
	kept, err := w.keptConsents(ctx)
	if err != nil {
		return err
	}
	mailings, err := readMailings(ctx, w.docs)
	if err != nil {
		return err
	}
	b, err := w.logBook(ctx, id)
	if err != nil {
		return err
	}
	if err := w.farewells(v, b, kept, docs); err != nil {
		return err
	}
	for i := range b.entries {
		if hash := b.entries[i].Receipt; hash != "" {
			docs[docReceipt+hash], docs[docCounter+hash] = nil, nil
		}
	}
	for _, k := range kept {
		if k.Person == id {
			docs[docConsent+k.ID] = nil
		}
	}
	for _, m := range mailings {
		if m.Person == id {
			docs[docMailing+m.ID] = nil
		}
	}
	for _, prefix := range []string{docLedger, docCheckpoint} {
		own, err := v.Docs(ctx, prefix+string(id)+"/")
		if err != nil {
			return err
		}
		for name := range own {
			docs[name] = nil
		}
	}
	return nil
}

// page is what a change writes: entries, and documents that belong to them.
type page struct {
	entries []ledger.Entry
	docs    map[string][]byte // nil: goes
}

// write adds entries to this device's log of a person, and keeps what belongs to them,
// in one commit: when it returns nil, all of it survives a crash. decide sees the book
// as it is in that moment, in this tab and every other, and may be called once only.
func (w *Wallet) write(ctx context.Context, who record.ProfileID, decide func(b *logBook, r *keyring.Ring) (page, error)) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	told, err := w.toldLogs(ctx, who)
	if err != nil {
		return err
	}
	err = v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		b, err := readBook(ctx, r, who, told, v.PeekAll)
		if err != nil {
			return vault.Change{}, err
		}
		p, err := decide(b, r)
		if err != nil {
			return vault.Change{}, err
		}
		return b.change(r, p, w.d.Now())
	})
	if err != nil {
		return err
	}
	w.mark(v)
	w.publishConsents(ctx)
	return nil
}

// change is the commit of a page.
func (b *logBook) change(r *keyring.Ring, p page, now time.Time) (vault.Change, error) {
	c := vault.Change{Docs: map[string]vault.Doc{}}
	for name, body := range p.docs {
		c.Docs[name] = vault.Doc{Body: body}
	}
	if len(p.entries) == 0 {
		return c, nil
	}
	for _, e := range p.entries {
		if e.At.IsZero() {
			e.At = now.UTC()
		}
		if err := b.own.Append(e); err != nil {
			return c, err
		}
	}
	name := string(b.person) + "/" + r.Device()
	c.Docs[docLedger+name] = vault.Doc{Body: b.own.Marshal()}
	if !b.own.Due(b.last, now) {
		return c, nil
	}
	by, err := jose.EdDSA(r.Signer())
	if err != nil {
		return c, err
	}
	cp, err := b.own.Checkpoint(by, now)
	if err != nil {
		return c, err
	}
	c.Docs[docCheckpoint+name] = vault.Doc{Body: []byte(cp.Note)}
	return c, nil
}
