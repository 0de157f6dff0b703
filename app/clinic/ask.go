package clinic

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"potli/app/consent"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/relayclient"
	"potli/relay/wire"
)

// unanswered is how long the mailbox for an answer is kept open at a time; Wait
// prolongs it.
const unanswered = inbox.MaxLife

// Ask makes a request for records out of q, which says what is asked for and until
// when: it gets an id, this clinic as its sender, and a mailbox of the relay for
// the answer. The Drop is that mailbox with its secrets, which Wait needs; who has
// it reads the answers. Without an end, the request can be answered for a week.
//
// Errors: *consent.Fault, and those of inbox.Mail.
func (c *Clinic) Ask(ctx context.Context, relay string, q consent.Request) (*consent.Request, *inbox.Drop, error) {
	now := c.Now().UTC().Truncate(time.Second)
	d, err := inbox.NewDrop(inbox.Terms{
		Name: c.From.Name, Relay: relay, Life: unanswered, Most: inbox.MaxMost, Bytes: inbox.MaxBytes, System: true, Kinds: inbox.ForProvider,
	}, now, nil)
	if err != nil {
		return nil, nil, err
	}
	if q.ID, err = consent.NewID(rand.Reader); err != nil {
		return nil, nil, err
	}
	q.From = consent.Party{Name: c.From.Name, Origin: c.From.Origin}
	for _, id := range c.From.IDs {
		q.From.IDs = append(q.From.IDs, consent.Identifier(id))
	}
	q.Reply = consent.Mailbox{Relay: relay, ID: d.ID, To: d.Code().To}
	if q.Issued = now; q.Expires.IsZero() {
		q.Expires = now.Add(7 * 24 * time.Hour)
	}
	text, err := q.Marshal(c.Key)
	if err != nil {
		return nil, nil, err
	}
	asked, err := consent.Parse(text, now) // as the person's wallet reads it
	if err != nil {
		return nil, nil, err
	}
	err = c.again(ctx, func() error { return d.Open(ctx, c.mail(relay), c.Now) })
	return asked, d, err
}

// Request puts the text of a request into the inbox that a code leads to. Errors:
// those of Drop.
func (c *Clinic) Request(ctx context.Context, code inbox.Code, text string) (Sent, error) {
	if err := code.Check(c.Now()); err != nil {
		return Sent{}, err
	}
	m, err := message.New(message.Request, code.ID, c.From, c.Now(), nil)
	if err != nil {
		return Sent{}, err
	}
	m.Request = text
	return c.send(ctx, code, []*message.Message{m})
}

func (c *Clinic) mail(relay string) inbox.Mail {
	return relayclient.Drops(relayclient.New(relay, c.HTTP, rand.Reader))
}

// Wait takes what persons answered into store, and returns once something came, or
// with ctx's error. What came is the store's; the relay erases it. d is prolonged
// by each call. Errors: those of inbox.Mail and of store.
func (c *Clinic) Wait(ctx context.Context, d *inbox.Drop, store inbox.Store) ([]*inbox.Item, error) {
	if err := d.Prolong(unanswered, c.Now()); err != nil {
		return nil, err
	}
	mail := c.mail(d.Relay)
	if err := c.again(ctx, func() error { return d.Open(ctx, mail, c.Now) }); err != nil {
		return nil, fmt.Errorf("the mailbox for answers: %w", err)
	}
	box := relayclient.New(d.Relay, c.HTTP, rand.Reader).Mailbox(d.ID, d.Token)
	for seen := int64(0); ; {
		items, err := c.drain(ctx, mail, d, store)
		if err != nil || len(items) > 0 {
			return items, err
		}
		// What was there and did not come is of a later version: it stays.
		var list []wire.Entry
		if err := c.again(ctx, func() (err error) { list, _, err = box.Wait(ctx, seen); return err }); err != nil {
			return nil, err
		}
		if len(list) > 0 {
			seen = list[len(list)-1].Seq
		}
	}
}

// drain takes in all that is there. What a clinic took is in its own files, so
// that nothing waits for a decision and makes no room for the next.
func (c *Clinic) drain(ctx context.Context, mail inbox.Mail, d *inbox.Drop, store inbox.Store) (items []*inbox.Item, err error) {
	for more := true; more && err == nil; {
		var r inbox.Report
		err = c.again(ctx, func() error {
			var err error
			r, err = (&inbox.Inbox{}).Collect(ctx, mail, d, store, c.Now)
			items = append(items, r.Arrived...)
			return err
		})
		more = len(r.Arrived) > 0
	}
	return items, err
}

// Confirm puts a countersignature (consent.Countersign) into the way back that an answer
// named. Errors: those of Drop.
func (c *Clinic) Confirm(ctx context.Context, code inbox.Code, countersignature string) (Sent, error) {
	if err := code.Check(c.Now()); err != nil {
		return Sent{}, err
	}
	m, err := message.New(message.Receipt, code.ID, c.From, c.Now(), nil)
	if err != nil {
		return Sent{}, err
	}
	m.Receipt = countersignature
	return c.send(ctx, code, []*message.Message{m})
}
