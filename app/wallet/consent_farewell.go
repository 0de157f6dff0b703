package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/consent"
	"potli/app/message"
	"potli/app/share"
	"potli/app/vault"
)

// Who erases a person ends what receivers were let see of them, and the receivers are told: they count on more to come,
// and keep what they were given under a receipt that has ended. Nothing of the person is left by then that a mailing
// could be made of, and their log must not come back. So what is to be said is written down whole, in the commit that
// erases them: the signed receipt of the end, and to whom it goes. It holds what the receiver knows already.

// docFarewell, with the id of an entry at the relay, is such a message until the relay has it.
const docFarewell = "farewell/"

type farewell struct {
	ID      string `json:"id"`      // of the entry at the relay
	Message string `json:"message"` // id of the message
	Request string `json:"request"` // as it came
	Receipt string `json:"receipt"` // compact JWS
	Name    string `json:"name"`    // of the person, as in what went before
	At      int64  `json:"at"`      // unix seconds
}

// farewells adds to the documents of an erasure what is to be said to those who were let see something of the person and
// were not told of an end. Links are not among them: who has one was told no name to write to.
func (w *Wallet) farewells(v *vault.Vault, b *logBook, kept map[string]*keptConsent, docs map[string][]byte) error {
	p, _ := w.Snapshot().person(b.person)
	for _, k := range kept {
		g, st := b.terms(k.ID), b.standing(k.ID, "")
		if k.Person != b.person || k.Link || g == nil || st.Told || st.State == consent.Live && w.passed(g.Until) || st.State != consent.Live && st.State != consent.WasRevoked {
			continue
		}
		q, err := k.ask()
		if err != nil || q.Reply.IsZero() {
			continue // of a later release, or nobody to write to
		}
		now := w.believed().UTC()
		jws, err := w.signReceipt(v.Ring(), consent.Receipt{State: consent.Revoked, Issued: now, Terms: *g, Notice: q.Notice, Previous: b.latest(k.ID)})
		if err != nil {
			return err
		}
		// The names follow from what it says: told twice, by two devices, it is one message.
		m := newMailing(mailRevoked, k.ID, q, b.person, "", nil, now)
		body, err := json.Marshal(farewell{ID: m.ID, Message: m.Message, Request: k.Request, Receipt: jws, Name: p.Name, At: now.Unix()})
		if err != nil {
			return err
		}
		docs[docFarewell+m.ID] = body
	}
	return nil
}

// keptFarewells are those that were not said yet, oldest first.
func (w *Wallet) keptFarewells(ctx context.Context) ([]farewell, error) {
	docs, err := w.docs(ctx, docFarewell)
	if err != nil {
		return nil, err
	}
	var list []farewell
	for name, body := range docs {
		var f farewell
		if json.Unmarshal(body, &f) == nil && docFarewell+f.ID == name {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b farewell) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, nil
}

// sayFarewells brings them to the relay. A mailbox that is not there any more is told nothing more.
func (w *Wallet) sayFarewells(ctx context.Context, v *vault.Vault, _ string) (busy bool, err error) {
	list, err := w.keptFarewells(ctx)
	if err != nil || len(list) == 0 {
		return err != nil, err
	}
	if w.d.Letters == nil {
		return false, nil
	}
	for _, f := range list {
		switch err := w.sayFarewell(ctx, v, f); {
		case err == nil, errors.Is(err, share.ErrGone), errors.Is(err, share.ErrRefused):
			if err := v.PutDocs(ctx, map[string][]byte{docFarewell + f.ID: nil}); err != nil {
				return true, err
			}
		default:
			busy = true
		}
	}
	return busy, nil
}

func (w *Wallet) sayFarewell(ctx context.Context, v *vault.Vault, f farewell) error {
	q, err := readAsk(f.Request)
	if err != nil {
		return share.ErrRefused
	}
	a := mailArgs{Key: q.Reply.Key, To: q.Reply.To, Signer: v.Ring().Signer().Seed()}
	if q.Reply.To != "" {
		if a.Recipient, err = w.d.Letters.Note(ctx, q.Reply.Relay, q.Reply.ID); err != nil {
			return err
		}
	}
	a.Message = message.Message{Type: mailTypes[mailRevoked], ID: f.Message, To: message.Address(q.Reply.ID), At: time.Unix(f.At, 0).UTC(), Re: q.ID, Receipt: f.Receipt}
	a.Message.From.Name = f.Name
	in, err := pack(a)
	if err != nil {
		return err
	}
	sealed, err := w.d.Worker.Run(ctx, jobMail, in, nil)
	if err != nil {
		return err
	}
	return w.d.Letters.Deposit(ctx, q.Reply.Relay, q.Reply.ID, f.ID, string(sealed))
}
