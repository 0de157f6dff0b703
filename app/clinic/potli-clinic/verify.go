package main

import (
	"context"
	"flag"
	"time"

	"potli/app/consent"
)

// verify says what a receipt proves, and that its receiver accepted it.
func verify(_ context.Context, p program) error {
	list, err := p.parse(flag.NewFlagSet("verify", flag.ContinueOnError), 1, 2)
	if err != nil {
		return err
	}
	receipt, err := p.receipt("reading the receipt", list[0])
	if err != nil {
		return err
	}
	v, err := consent.Verify(receipt)
	if err != nil {
		return err
	}
	says := verified{
		State: v.State, Issued: v.Issued, Principal: v.Principal, To: v.Terms.To, Purpose: v.Terms.Purpose, Until: v.Terms.Until,
		Documents: v.Documents, Signer: v.Signer.Thumbprint(), Root: v.Root.Thumbprint(), Receipt: v.Hash(),
	}
	if len(list) == 2 {
		counter, err := p.receipt("reading the countersignature", list[1])
		if err != nil {
			return err
		}
		c, err := consent.CheckCountersigned(receipt, counter)
		if err != nil {
			return err
		}
		says.Accepted = &accepted{c.At, c.From}
	}
	return p.print(says)
}

// accepted is what the receiver signed.
type accepted struct {
	At time.Time     `json:"at"`
	By consent.Party `json:"by"`
}

// verified is what a receipt says, all of it signed. Whose Root is has to be known
// another way: seen at the counter, or from an earlier receipt.
type verified struct {
	State     consent.EventKind `json:"state"`
	Issued    time.Time         `json:"issued"`
	Principal string            `json:"principal"`
	To        consent.Party     `json:"to"` // who was given it
	Purpose   consent.Purpose   `json:"purpose"`
	Until     time.Time         `json:"until"`
	Documents []consent.Given   `json:"documents"`
	Signer    string            `json:"signer"` // thumbprint of the device's key
	Root      string            `json:"root"`   // of the person's, which vouches for it
	Receipt   string            `json:"receipt"`
	Accepted  *accepted         `json:"accepted,omitempty"`
}
