package main

import (
	"context"
	"encoding/json"
	"flag"
	"strings"
	"time"

	"potli/app/clinic"
	"potli/app/consent"
	"potli/app/inbox"
)

// request asks a person for records.
func request(ctx context.Context, p program) error {
	var a asking
	f := flag.NewFlagSet("request", flag.ContinueOnError)
	a.add(f)
	list, err := p.parse(f, 0, 1)
	if err != nil {
		return err
	}
	if a.from.Name == "" || a.state == "" {
		return usage("--name or --state is missing: whom the person answers, and the file that can read the answer")
	}
	var code inbox.Code
	if len(list) > 0 {
		text, err := p.word("reading the drop code", list[0])
		if err != nil {
			return err
		}
		if code, err = inbox.ParseCode(text); err != nil {
			return err
		}
		if err := code.Check(p.now()); err != nil {
			return err
		}
	}
	if a.relay == "" {
		a.relay = code.Relay
	}
	if a.relay == "" {
		return usage("--relay is missing: without a drop code, where the answer is to go")
	}
	q, err := a.request(p)
	if err != nil {
		return err
	}
	c := p.clinic(a.from.Sender)
	if c.Key, err = p.signer(a.key, a.unsigned); err != nil {
		return err
	}
	return a.ask(ctx, p, c, code, q)
}

// ask opens the mailbox for the answer, writes its secrets down and then sends: an
// answer that nobody could read would be worse than none.
func (a *asking) ask(ctx context.Context, p program, c *clinic.Clinic, code inbox.Code, q consent.Request) error {
	asked, d, err := c.Ask(ctx, a.relay, q)
	if err != nil {
		return err
	}
	state, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := writeNew("writing the state", a.state, state); err != nil {
		return err
	}
	out := askedFor{ID: asked.ID, Hash: asked.Hash(), Expires: asked.Expires, Until: asked.Until, Request: asked.Text}
	if a.viewer != "" {
		if out.Link, err = consent.AskLink(a.viewer, asked.Text); err != nil {
			return err
		}
	}
	if code.ID != "" {
		sent, err := c.Request(ctx, code, asked.Text)
		if err != nil {
			return err
		}
		out.Sent, out.For = &sent, code.Name
	}
	return p.print(out)
}

// askedFor is a request as it went, or as it is to be shown in a code.
type askedFor struct {
	ID      string       `json:"id"`
	Hash    string       `json:"hash"` // by which a grant and a receipt name it
	Expires time.Time    `json:"expires"`
	Until   time.Time    `json:"until"`
	Request string       `json:"request"`
	Link    string       `json:"link,omitempty"` // what a QR code holds
	Sent    *clinic.Sent `json:"sent,omitempty"`
	For     string       `json:"for,omitempty"`
}

// asking is the command line of a request.
type asking struct {
	from                                                  senderFlags
	key, relay, state, purpose, why, kinds, about, notice string
	language, first, last, until, viewer                  string
	unsigned, follow, keep                                bool
	within                                                time.Duration
}

func (a *asking) add(f *flag.FlagSet) {
	a.from.add(f)
	for name, to := range map[string]*string{
		"key": &a.key, "relay": &a.relay, "state": &a.state, "purpose": &a.purpose, "why": &a.why, "kinds": &a.kinds, "about": &a.about,
		"notice-file": &a.notice, "language": &a.language, "first": &a.first, "last": &a.last, "until": &a.until, "viewer": &a.viewer,
	} {
		f.StringVar(to, name, "", "")
	}
	f.BoolVar(&a.unsigned, "unsigned", false, "")
	f.BoolVar(&a.follow, "follow", false, "")
	f.BoolVar(&a.keep, "keep", false, "")
	f.DurationVar(&a.within, "within", 7*24*time.Hour, "")
}

// request is what is asked for. Its rules are package consent's.
func (a *asking) request(p program) (q consent.Request, err error) {
	until, err := time.Parse(time.DateOnly, a.until)
	if err != nil {
		return q, usage("--until is missing, or no day like 2026-12-31")
	}
	q = consent.Request{
		About: a.about, Purpose: consent.Purpose{Code: consent.PurposeCode(a.purpose), Text: a.why}, Dates: consent.Dates{From: a.first, To: a.last},
		Until: until.Add(24*time.Hour - time.Second), Repeat: consent.Once, After: consent.View, Expires: p.now().UTC().Truncate(time.Second).Add(a.within),
	}
	for _, k := range strings.Split(a.kinds, ",") {
		q.Kinds = append(q.Kinds, consent.Kind(strings.TrimSpace(k)))
	}
	if a.follow {
		q.Repeat = consent.Follow
	}
	if a.keep {
		q.After = consent.Keep
	}
	if a.notice != "" {
		b, err := p.read("reading the notice", a.notice, consent.MaxRequest)
		if err != nil {
			return q, err
		}
		q.Notice = consent.Notice{Text: string(b), Language: a.language}
	}
	return q, nil
}
