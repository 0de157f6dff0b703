package ui_test

import (
	"context"
	"fmt"
	"time"

	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/record"
	"potli/app/share"
	"potli/app/wallet"
)

// letters is what the fake knows of the inbox, beside Snapshot.Inbox.
type letters struct {
	link     string // of every code
	letter   *wallet.Letter
	document *fhir.Document
	report   *wallet.ImportReport
}

func (d *door) MakeDrop(_ context.Context, o wallet.DropOffer) (string, error) {
	return "drop1", d.note(fmt.Sprintf("make drop for %s as %s, %v, %d documents", o.Person, o.Name, o.Life, o.Most))
}

func (d *door) DropLink(string) (string, bool) { return d.letters.link, d.letters.link != "" }

func (d *door) ProlongDrop(_ context.Context, id string, by time.Duration) error {
	return d.note(fmt.Sprintf("prolong drop %s by %v", id, by))
}

func (d *door) RevokeDrop(_ context.Context, id string) error { return d.note("revoke drop " + id) }

func (d *door) CheckInbox(context.Context) error { return d.note("check inbox") }

func (d *door) Letter(context.Context, string) (*wallet.Letter, error) {
	if d.letters.letter == nil {
		return nil, wallet.ErrNoItem
	}
	return d.letters.letter, d.fault
}

func (d *door) LetterDocument(context.Context, string, int) (*fhir.Document, error) {
	if d.letters.document == nil {
		return nil, wallet.ErrNoItem
	}
	return d.letters.document, d.fault
}

func (d *door) LetterFile(_ context.Context, _ string, n int) (name, typ string, b []byte, err error) {
	if d.letters.letter == nil {
		return "", "", nil, wallet.ErrNoItem
	}
	doc := d.letters.letter.Documents[n]
	return doc.Name, string(doc.Format), []byte("bytes"), d.fault
}

func (d *door) LetterAttachment(context.Context, string, int, fhir.Attachment) (name, typ string, b []byte, err error) {
	return "x.png", "image/png", []byte("x"), d.fault
}

func (d *door) AcceptItem(_ context.Context, id string, to record.ProfileID, documents []int) (*wallet.ImportReport, error) {
	return d.letters.report, d.note(fmt.Sprintf("accept %s for %s %v", id, to, documents))
}

func (d *door) DeclineItem(_ context.Context, id string) error { return d.note("decline " + id) }

func (d *door) RestoreItem(_ context.Context, id string) error { return d.note("restore " + id) }

func (d *door) ReceiveHeld(_ context.Context, _ share.Link, recipient, passcode string) (string, error) {
	return "item1", d.note("receive held as " + recipient + " " + passcode)
}

func (d *door) PinProvider(_ context.Context, p inbox.Pin) error { return d.note("pin " + p.Name) }

func (d *door) CheckProvider(_ context.Context, item string) (inbox.How, error) {
	return inbox.HowDirectory, d.note("look up the key of " + item)
}

func (d *door) UnpinProvider(_ context.Context, thumbprint string) error {
	return d.note("unpin " + thumbprint)
}

func (d *door) Notify(_ context.Context, on bool) error { return d.note(fmt.Sprintf("notify %v", on)) }
