package wallet

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/jose"
	"potli/crypto/keyring"
)

// Receipts are signed by this device, whose key the user's own key vouches for in each
// of them, so that they can be verified when neither is there any more.

// signReceipt signs what was agreed, ended or given. Faults: those of Receipt.Sign.
func (w *Wallet) signReceipt(r *keyring.Ring, c consent.Receipt) (jws string, err error) {
	p, _ := w.Snapshot().person(c.Terms.Profile)
	by, err := jose.EdDSA(r.Signer())
	if err != nil {
		return "", err
	}
	key, epoch := r.EpochSigner()
	root, err := jose.EdDSA(key)
	if err != nil {
		return "", err
	}
	certificate, err := consent.Certify(root, epoch, r.Wallet(), r.Device(), by.Public(), w.d.Now())
	if err != nil {
		return "", err
	}
	c.Principal, c.Place, c.Actor = record.Tidy(p.Name), p.Law, w.actor(r, p)
	c.Issued = c.Issued.UTC().Truncate(time.Second)
	return c.Sign(by, certificate)
}

// actor is who agrees: the person themselves, or whoever acts for them, on what ground.
func (w *Wallet) actor(r *keyring.Ring, p Person) consent.Actor {
	s := w.Snapshot()
	a := consent.Actor{User: r.Wallet(), Device: r.Device(), Authority: "self", Name: record.Tidy(p.Name)}
	if !s.Acting(p.ID) {
		return a
	}
	self, _ := s.Self()
	a.Name, a.Authority = record.Tidy(self.Name), "caregiver"
	if g := p.Guardian; g != nil {
		if a.Authority = "guardian"; g.SHA256 != "" {
			if sum, err := hex.DecodeString(g.SHA256); err == nil {
				a.Proof = base64.RawURLEncoding.EncodeToString(sum)
			}
		}
	}
	return a
}

// latest is the hash of the newest receipt of a consent, "" for none.
func (b *logBook) latest(id string) string {
	for i := len(b.entries) - 1; i >= 0; i-- {
		if e := &b.entries[i]; e.Consent == id && e.Receipt != "" {
			return e.Receipt
		}
	}
	return ""
}

// Receipt shows a receipt by its hash. What does not verify is not shown. Errors:
// ErrNoConsent, *consent.Fault.
func (w *Wallet) Receipt(ctx context.Context, id string) (*ReceiptView, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	body, err := v.Doc(ctx, docReceipt+id)
	if errors.Is(err, vault.ErrNotFound) {
		return nil, ErrNoConsent
	}
	if err != nil {
		return nil, err
	}
	r := &ReceiptView{ID: id}
	if r.Verified, err = consent.Verify(string(body)); err != nil {
		return nil, err
	}
	if r.Hash() != id || w.Snapshot().concealed(r.Terms.Profile) {
		return nil, ErrNoConsent
	}
	counter, err := v.Doc(ctx, docCounter+id)
	if err != nil && !errors.Is(err, vault.ErrNotFound) {
		return nil, err
	}
	if len(counter) > 0 {
		if signed, err := consent.CheckCountersigned(r.JWS, string(counter)); err == nil {
			r.Counter, r.Signed = string(counter), signed
		}
	}
	b, err := w.logBook(ctx, r.Terms.Profile)
	if err != nil {
		return nil, err
	}
	if r.FHIR, err = consent.Bundle(r.JWS, r.Counter, b.events()); err != nil {
		return nil, err
	}
	r.QR = "sha256:" + r.ID
	if len(r.JWS) <= maxReceiptQR {
		r.QR, r.Full = r.JWS, true
	}
	return r, nil
}

// maxReceiptQR is how long a receipt may be to be drawn as a whole: more makes squares
// that a printer blurs.
const maxReceiptQR = 2200

// ExportLog is everything that is known of a person's consents as one text: the log of
// each device with its checkpoints, receipts and countersignatures, parted by lines
// that say what follows. Whoever has it can verify all of it without this program.
func (w *Wallet) ExportLog(ctx context.Context, who record.ProfileID) (name string, body []byte, err error) {
	if w.Snapshot().concealed(who) {
		return "", nil, ErrNoPerson
	}
	v, err := w.open()
	if err != nil {
		return "", nil, err
	}
	b, err := w.logBook(ctx, who)
	if err != nil {
		return "", nil, err
	}
	told, err := w.toldLogs(ctx, who)
	if err != nil {
		return "", nil, err
	}
	var out outText
	if err := out.logs(b, told, v.Ring(), w.d.Now()); err != nil {
		return "", nil, err
	}
	receipts, err := w.texts(ctx, docReceipt)
	if err != nil {
		return "", nil, err
	}
	counter, err := w.texts(ctx, docCounter)
	if err != nil {
		return "", nil, err
	}
	out.receipts(b, receipts, counter)
	return "potli-consents-" + w.d.Now().Format(time.DateOnly) + ".txt", out, nil
}

// outText is what ExportLog writes.
type outText []byte

func (o *outText) add(title, text string) {
	*o = append(*o, "=== "+title+"\n"+strings.TrimSuffix(text, "\n")+"\n"...)
}

func (o *outText) logs(b *logBook, told toldLogs, r *keyring.Ring, now time.Time) error {
	if b.own.Size() > 0 {
		by, err := jose.EdDSA(r.Signer())
		if err != nil {
			return err
		}
		c, err := b.own.Checkpoint(by, now)
		if err != nil {
			return err
		}
		o.add("log "+b.own.Writer, string(b.own.Marshal()))
		o.add("key "+b.own.Writer, string(by.Public().JWK()))
		o.add("checkpoint "+b.own.Writer, c.Note)
	}
	for _, device := range slices.Sorted(maps.Keys(told.by)) {
		g := told.by[device]
		if device != b.own.Writer {
			o.add("log "+device, string(g.Log.Marshal()))
			o.add("key "+device, string(told.key[device].JWK()))
		}
		for _, c := range g.Seen {
			o.add("checkpoint "+device, c.Note)
		}
	}
	return nil
}

func (o *outText) receipts(b *logBook, receipts, counter map[string]string) {
	for i := range b.entries {
		id := b.entries[i].Receipt
		if receipts[id] != "" {
			o.add("receipt "+id, receipts[id])
		}
		if receipts[id] != "" && counter[id] != "" {
			o.add("countersignature "+id, counter[id])
		}
	}
}

// entryFor is an entry of a consent.
func entryFor(kind consent.EventKind, g *consent.Grant, by string, at time.Time) ledger.Entry {
	e := ledger.Entry{Event: consent.Event{Kind: kind, Consent: g.ID, Asked: g.Asked, At: at.UTC(), By: by}, Party: g.To}
	if kind == consent.Granted || kind == consent.Narrowed {
		e.Terms = g
	}
	return e
}
