package wallet

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"potli/app/consent"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/jose"
	"potli/crypto/keyring"
)

// mailing is something that is to go to a receiver's mailbox. It is written down in one
// commit with what it follows from, and goes when the relay has taken it. Its names
// follow from what it holds: sent twice, by this device or by another of the same
// user, it is the same message and the same entry, which the relay keeps once.
type mailing struct {
	ID      string           `json:"id"`      // of the entry at the relay
	Message string           `json:"message"` // id of the message
	Kind    mailKind         `json:"kind"`
	Person  record.ProfileID `json:"person"`
	Consent string           `json:"consent,omitempty"`
	Request string           `json:"request,omitempty"` // of a refusal: as it came
	Re      string           `json:"re"`                // id of the request
	Receipt string           `json:"receipt,omitempty"` // hash of the receipt that goes with it
	Records []record.ID      `json:"records,omitempty"`
	At      int64            `json:"at"` // unix seconds
	Part    int              `json:"part,omitempty"`
}

// mailKind is what is said to the receiver.
type mailKind string

const (
	mailGranted  mailKind = "granted"
	mailRefused  mailKind = "refused"
	mailDelivery mailKind = "delivery"
	mailNarrowed mailKind = "narrowed"
	mailRevoked  mailKind = "revoked"
)

// types are the messages in which it is said.
var mailTypes = map[mailKind]message.Type{
	mailGranted: message.Answer, mailRefused: message.Answer, mailDelivery: message.Delivery, mailNarrowed: message.Receipt, mailRevoked: message.Revoked,
}

// newMailing names a mailing. of is the consent, or the hash of the request.
func newMailing(kind mailKind, of string, q *consent.Request, who record.ProfileID, receipt string, records []record.ID, at time.Time) *mailing {
	m := &mailing{Kind: kind, Person: who, Re: q.ID, Receipt: receipt, Records: records, At: at.Unix()}
	parts := []string{string(kind), of, q.Reply.ID}
	if kind == mailNarrowed {
		parts = append(parts, receipt)
	}
	for _, id := range slices.Sorted(slices.Values(records)) {
		parts = append(parts, string(id))
	}
	body, err := json.Marshal(parts)
	if err != nil {
		panic("wallet: texts that cannot be written: " + err.Error())
	}
	m.ID, m.Message = nameOf("potli-entry/1", body), nameOf("potli-message/1", body)
	return m
}

// nameOf is a name of 16 bytes that follows from a text.
func nameOf(what string, body []byte) string {
	sum := sha256.Sum256(append([]byte(what+"\n"), body...))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func (m *mailing) doc() (string, []byte, error) {
	b, err := json.Marshal(m)
	return docMailing + m.ID, b, err
}

// inParts splits what is given into mailings that each fit one message.
func inParts(list []described) (parts [][]described) {
	size := int64(0)
	for i, d := range list {
		n := len(parts) - 1
		if i == 0 || len(parts[n]) == message.MaxDocuments || size+d.row.Bytes > message.MaxBytes {
			parts, size, n = append(parts, nil), 0, n+1
		}
		parts[n], size = append(parts[n], d), size+d.row.Bytes
	}
	return parts
}

// jobMail packs, signs and seals a message, which may be large.
const jobMail = "mail" // mailArgs and documents -> sealed text

type mailArgs struct {
	Message   message.Message // without its documents
	Names     []string
	Signer    []byte // seed of Ed25519
	Key, To   string
	Recipient string
}

func (j Jobs) mail(in []byte) ([]byte, error) {
	var a mailArgs
	blobs, err := unpack(in, &a)
	if err != nil || len(blobs) != len(a.Names) || len(a.Signer) != ed25519.SeedSize {
		return nil, errFrame
	}
	by, err := jose.EdDSA(ed25519.NewKeyFromSeed(a.Signer))
	if err != nil {
		return nil, err
	}
	for i, body := range blobs {
		d, err := message.Attach(a.Names[i], body)
		if err != nil {
			return nil, err
		}
		a.Message.Documents = append(a.Message.Documents, d)
	}
	packed, err := a.Message.PackSigned(by)
	if err != nil {
		return nil, err
	}
	sealed, err := inbox.Seal(packed, a.Key, a.To, a.Recipient)
	return []byte(sealed), err
}

// mailOne brings one mailing to the relay, if it may still go. nil: it is there, or is not
// to go any more, and is not among the mailings.
func (w *Wallet) mailOne(ctx context.Context, v *vault.Vault, m *mailing, note string) error {
	if w.d.Letters == nil {
		return ErrNoInbox
	}
	q, k, err := w.askOf(ctx, m)
	if err != nil || q.Reply.IsZero() {
		return errors.Join(err, w.doneWith(ctx, v, m, false))
	}
	may, err := w.mayPost(ctx, m)
	if err != nil || may == 0 {
		if err == nil {
			err = w.doneWith(ctx, v, m, false)
		}
		return err
	}
	if q.Reply.To != "" && note == "" {
		if note, err = w.d.Letters.Note(ctx, q.Reply.Relay, q.Reply.ID); err != nil {
			return err
		}
	}
	sealed, err := w.sealMailing(ctx, v, m, q, k, note)
	if err != nil {
		return err
	}
	// Once more, as sealing takes a while: who ended it meanwhile has ended it, and who
	// took a record out has taken it out.
	switch now, err := w.mayPost(ctx, m); {
	case err != nil:
		return err
	case now == 0:
		return w.doneWith(ctx, v, m, false)
	case now != may:
		return w.mailOne(ctx, v, m, note)
	}
	if err := w.d.Letters.Deposit(ctx, q.Reply.Relay, q.Reply.ID, m.ID, sealed); err != nil {
		return err
	}
	return w.doneWith(context.WithoutCancel(ctx), v, m, true)
}

// askOf is the request that a mailing answers.
func (w *Wallet) askOf(ctx context.Context, m *mailing) (*consent.Request, *keptConsent, error) {
	if m.Consent == "" {
		q, err := readAsk(m.Request)
		return q, nil, err
	}
	k, err := w.keptConsent(ctx, m.Consent)
	if err != nil {
		return nil, nil, err
	}
	q, err := k.ask()
	return q, k, err
}

// mayPost says how many records of a mailing may go now, 0 where it may not go. That of
// records asks for each of them again, with all that happened since it was written down;
// others count as one.
func (w *Wallet) mayPost(ctx context.Context, m *mailing) (int, error) {
	if m.Kind == mailRevoked || m.Kind == mailRefused {
		return 1, nil
	}
	b, err := w.logBook(ctx, m.Person)
	if err != nil {
		return 0, err
	}
	if st := b.standing(m.Consent, ""); st.State != consent.Live {
		return 0, nil
	}
	if m.Kind != mailDelivery {
		return 1, nil
	}
	left, err := w.stillGoing(ctx, b, m)
	return len(left), err
}

// stillGoing are the records of a mailing that still may go: as if it had not been
// written down.
func (w *Wallet) stillGoing(ctx context.Context, b *logBook, m *mailing) ([]record.ID, error) {
	g := b.terms(m.Consent)
	if g == nil {
		return nil, nil
	}
	var events []consent.Event
	for i := range b.entries {
		if e := &b.entries[i]; e.Receipt != m.Receipt || e.Kind != consent.Delivered {
			events = append(events, e.Event)
		}
	}
	list, err := w.describeAll(ctx, m.Person, func(id record.ID) bool { return slices.Contains(m.Records, id) }, nil)
	if err != nil {
		return nil, err
	}
	var left []record.ID
	for _, d := range list {
		if d.fits(false) != "" {
			continue
		}
		// The person said yes to this very delivery when it was written down.
		if ok, _ := consent.Yields(g, events, d.Record, consent.Occasion{Now: w.believed(), ByHand: true}); ok {
			left = append(left, d.row.ID)
		}
	}
	return left, nil
}

// sealMailing makes the sealed message.
func (w *Wallet) sealMailing(ctx context.Context, v *vault.Vault, m *mailing, q *consent.Request, k *keptConsent, note string) (string, error) {
	p, _ := w.Snapshot().person(m.Person)
	a := mailArgs{Key: q.Reply.Key, To: q.Reply.To, Recipient: note, Signer: v.Ring().Signer().Seed()}
	a.Message = message.Message{Type: mailTypes[m.Kind], ID: m.Message, To: message.Address(q.Reply.ID), At: time.Unix(m.At, 0).UTC(),
		Re: m.Re}
	if m.Kind != mailRefused { // who says no does not say who they are
		a.Message.From.Name = p.Name
	}
	if m.Receipt != "" {
		jws, err := v.Doc(ctx, docReceipt+m.Receipt)
		if err != nil {
			return "", err
		}
		a.Message.Receipt = string(jws)
	}
	var err error
	if m.Kind == mailGranted {
		if a.Message.Reply, err = w.wayBack(ctx, v, k, q); err != nil {
			return "", err
		}
	}
	var bodies [][]byte
	if m.Kind == mailDelivery {
		if a.Names, bodies, err = w.mailed(ctx, v, m); err != nil {
			return "", err
		}
	}
	in, err := pack(a, bodies...)
	if err != nil {
		return "", err
	}
	out, err := w.d.Worker.Run(ctx, jobMail, in, nil)
	return string(out), err
}

// mailed are the bytes of the records of a mailing, as they arrived here.
func (w *Wallet) mailed(ctx context.Context, v *vault.Vault, m *mailing) (names []string, bodies [][]byte, err error) {
	b, err := w.logBook(ctx, m.Person)
	if err != nil {
		return nil, nil, err
	}
	left, err := w.stillGoing(ctx, b, m)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range m.Records {
		if !slices.Contains(left, id) {
			continue
		}
		body, meta, err := v.Original(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		names, bodies = append(names, record.FileName(meta)), append(bodies, body)
	}
	return names, bodies, nil
}

// doneWith takes a mailing away: the relay has it, or it is not to go.
func (w *Wallet) doneWith(ctx context.Context, v *vault.Vault, m *mailing, there bool) error {
	w.noteFault(v, m.Consent, nil)
	if !there || m.Kind != mailRevoked {
		if err := v.PutDocs(ctx, map[string][]byte{docMailing + m.ID: nil}); err != nil {
			return err
		}
		w.publishConsents(ctx)
		return nil
	}
	return w.write(ctx, m.Person, func(b *logBook, r *keyring.Ring) (page, error) {
		p := page{docs: map[string][]byte{docMailing + m.ID: nil}}
		if g := b.terms(m.Consent); g != nil && !b.standing(m.Consent, "").Told {
			e := entryFor(consent.Told, g, r.Wallet(), w.believed())
			e.Receipt = m.Receipt
			p.entries = append(p.entries, e)
		}
		return p, nil
	})
}

// wayBack is the code under which the receiver puts its countersignature, "" where this
// wallet can receive nothing.
func (w *Wallet) wayBack(ctx context.Context, v *vault.Vault, k *keptConsent, q *consent.Request) (string, error) {
	if w.d.Drops == nil {
		return "", nil
	}
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return "", err
	}
	for _, d := range b.drops {
		if d.Consent == k.ID && !d.Closed && d.State(w.d.Now()) == inbox.DropOpen {
			if link, err := d.Link(w.d.Viewer); err == nil {
				return link, nil
			}
		}
	}
	life := min(max(q.Until.Sub(w.believed()), inbox.MinLife), inbox.MaxLife)
	d, err := w.makeDrop(ctx, inbox.Terms{Profile: k.Person, Life: life, Most: wayBackMost, Bytes: 1 << 20, Kinds: []message.Type{message.Receipt}}, k.ID)
	if err != nil {
		return "", err
	}
	return d.Link(w.d.Viewer)
}

// wayBackMost is how many countersignatures may come: one for each receipt.
const wayBackMost = 50

// order is the place of a mailing among those of one second: the yes before what
// follows from it, and the parts of a delivery in their order.
func (m *mailing) order() string {
	first := "1"
	if m.Kind == mailGranted {
		first = "0"
	}
	return first + strconv.Itoa(1000+m.Part) + m.ID
}
