package main

import (
	"context"
	"flag"
	"strings"
	"time"

	"potli/app/consent"
)

// verify says what a receipt proves.
func verify(_ context.Context, p program) error {
	f := flag.NewFlagSet("verify", flag.ContinueOnError)
	list, err := p.parse(f, 1, 1)
	if err != nil {
		return err
	}
	b, err := p.read("reading the receipt", list[0], consent.MaxReceipt)
	if err != nil {
		return err
	}
	v, err := consent.Verify(strings.TrimSpace(string(b)))
	if err != nil {
		return err
	}
	return p.print(verified{
		State: v.State, Issued: v.Issued, Principal: v.Principal, From: v.Terms.To, Purpose: v.Terms.Purpose, Until: v.Terms.Until,
		Documents: v.Documents, Signer: v.Signer.Thumbprint(), Root: v.Root.Thumbprint(), Receipt: v.Hash(),
	})
}

// verified is what a receipt says, all of it signed. Whose Root is has to be known
// another way: seen at the counter, or from an earlier receipt.
type verified struct {
	State     consent.EventKind `json:"state"`
	Issued    time.Time         `json:"issued"`
	Principal string            `json:"principal"`
	From      consent.Party     `json:"to"` // who was given it
	Purpose   consent.Purpose   `json:"purpose"`
	Until     time.Time         `json:"until"`
	Documents []consent.Given   `json:"documents"`
	Signer    string            `json:"signer"` // thumbprint of the device's key
	Root      string            `json:"root"`   // of the person's, which vouches for it
	Receipt   string            `json:"receipt"`
}
