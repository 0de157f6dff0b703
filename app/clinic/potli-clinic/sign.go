package main

import (
	"context"
	"flag"
	"strings"

	"potli/app/clinic"
	"potli/app/consent"
	"potli/app/inbox"
)

// sign countersigns a receipt, what the receiver says who accepts it, and gives that
// to the person where they said how.
func sign(ctx context.Context, p program) error {
	f := flag.NewFlagSet("sign", flag.ContinueOnError)
	var from senderFlags
	from.add(f)
	key, to := f.String("key", "", ""), f.String("to", "", "")
	list, err := p.parse(f, 1, 1)
	if err != nil {
		return err
	}
	if from.Name == "" {
		return usage("--name is missing: who accepts the receipt")
	}
	receipt, err := p.receipt("reading the receipt", list[0])
	if err != nil {
		return err
	}
	by, err := p.signer(*key, false)
	if err != nil {
		return err
	}
	if by == nil {
		return usage("there is no key to sign with; potli-clinic keys new makes one")
	}
	party := consent.Party{Name: from.Name, Origin: from.Origin}
	for _, id := range from.IDs {
		party.IDs = append(party.IDs, consent.Identifier(id))
	}
	jws, err := consent.Countersign(receipt, party, p.now(), by)
	if err != nil {
		return err
	}
	out := signed{Countersignature: jws, Receipt: consent.Hash([]byte(receipt)), Signer: by.Public().Thumbprint()}
	if *to != "" {
		text, err := p.word("reading the drop code", *to)
		if err != nil {
			return err
		}
		code, err := inbox.ParseCode(text)
		if err != nil {
			return err
		}
		c := p.clinic(from.Sender)
		c.Key = by
		sent, err := c.Confirm(ctx, code, jws)
		if err != nil {
			return err
		}
		out.Sent = &sent
	}
	return p.print(out)
}

// signed is a receipt accepted.
type signed struct {
	Countersignature string       `json:"countersignature"` // compact JWS
	Receipt          string       `json:"receipt"`          // hash of the receipt
	Signer           string       `json:"signer"`
	Sent             *clinic.Sent `json:"sent,omitempty"`
}

// receipt reads a receipt, or what was signed of one.
func (p program) receipt(doing, path string) (string, error) {
	b, err := p.read(doing, path, consent.MaxReceipt)
	return strings.TrimSpace(string(b)), err
}
