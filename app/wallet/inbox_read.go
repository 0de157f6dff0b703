package wallet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
)

// Letters of up to 25 MiB are opened, looked through and taken apart in the worker: on
// the thread of the screen that would take seconds.

// readArgs are what opening a letter needs, without the rest of its code.
type readArgs struct {
	ID, Key, Identity string
	Profile           record.ProfileID
	Number            int64
	Arrived, Now      time.Time
}

// readOut is an inbox.Arrival without its body, or why there is none.
type readOut struct {
	Item    *inbox.Item
	Refused inbox.Reason
	Later   bool
}

// readLetter is inbox.Read, away from the screen where it is worth the way.
func (w *Wallet) readLetter(ctx context.Context, d *inbox.Drop, l inbox.Letter, now time.Time) (*inbox.Arrival, error) {
	if len(l.Sealed) < away {
		return inbox.Read(d, l, now)
	}
	in, err := pack(readArgs{d.ID, d.Key, d.Identity, d.Profile, l.Number, l.Time, now}, []byte(l.Sealed))
	if err != nil {
		return nil, err
	}
	return w.arrival(ctx, jobLetter, in)
}

// arrival runs a job that makes one.
func (w *Wallet) arrival(ctx context.Context, job string, in []byte) (*inbox.Arrival, error) {
	out, err := w.d.Worker.Run(ctx, job, in, nil)
	if err != nil {
		return nil, err
	}
	var r readOut
	blobs, err := unpackN(out, &r, 1)
	switch {
	case err != nil:
		return nil, err
	case r.Refused != "":
		return nil, &inbox.Refusal{Reason: r.Refused}
	case r.Later:
		return nil, inbox.ErrLater
	case r.Item == nil:
		return nil, errFrame
	}
	return &inbox.Arrival{Item: r.Item, Body: blobs[0]}, nil
}

func (j Jobs) letter(in []byte) ([]byte, error) {
	var a readArgs
	blobs, err := unpackN(in, &a, 1)
	if err != nil {
		return nil, err
	}
	d := &inbox.Drop{ID: a.ID, Key: a.Key, Identity: a.Identity, Profile: a.Profile}
	got, err := inbox.Read(d, inbox.Letter{Number: a.Number, Time: a.Arrived, Sealed: string(blobs[0])}, a.Now)
	var why *inbox.Refusal
	switch {
	case errors.As(err, &why):
		return pack(readOut{Refused: why.Reason}, nil)
	case errors.Is(err, inbox.ErrLater):
		return pack(readOut{Later: true}, nil)
	case err != nil:
		return nil, err
	}
	return pack(readOut{Item: got.Item}, got.Body)
}

// heldArgs are a link that was opened; the bodies of its files go with it.
type heldArgs struct {
	Link    share.Link
	Types   []string
	Failed  []bool
	Profile record.ProfileID
	Now     time.Time
}

// hold is inbox.FromLink.
func (j Jobs) hold(in []byte) ([]byte, error) {
	var a heldArgs
	blobs, err := unpack(in, &a)
	if err != nil || len(blobs) != len(a.Types) || len(blobs) != len(a.Failed) {
		return nil, errFrame
	}
	files := make([]share.Received, len(blobs))
	for i, b := range blobs {
		if files[i] = (share.Received{ContentType: a.Types[i], Body: b}); a.Failed[i] {
			files[i].Err = record.ErrDamaged
		}
	}
	got, err := inbox.FromLink(a.Link, files, a.Profile, a.Now)
	if err != nil {
		return nil, err
	}
	return pack(readOut{Item: got.Item}, got.Body)
}

// openedLetter is what a list shows of a letter.
type openedLetter struct {
	Text      string
	Documents []lookedAt
}

type lookedAt struct {
	Title, Date string
	Kind        fhir.Kind
	Subject     fhir.Person
	Read        bool
}

func (j Jobs) lookAt(in []byte) ([]byte, error) {
	var none struct{}
	blobs, err := unpackN(in, &none, 1)
	if err != nil {
		return nil, err
	}
	out, err := lookAt(blobs[0])
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func lookAt(body []byte) (*openedLetter, error) {
	m, err := message.Parse(body)
	if err != nil {
		return nil, err
	}
	out := &openedLetter{Text: m.Text}
	for _, d := range m.Documents {
		out.Documents = append(out.Documents, lookAtDocument(d))
	}
	return out, nil
}

// lookAtDocument says of a document what a record of it would be called.
func lookAtDocument(d message.Document) lookedAt {
	if d.Format == "" {
		return lookedAt{}
	}
	o, err := record.Summarise(d.Format, d.Name, d.Body)
	if err != nil {
		return lookedAt{}
	}
	m := record.Meta{Format: d.Format, Outline: o}
	return lookedAt{Title: o.Title, Date: o.Date, Kind: wholeKind(m), Subject: o.Subject, Read: d.Format.FHIR()}
}

// takeApart returns some documents of a letter, and the note in the place of noteOf.
func (j Jobs) takeApart(in []byte) ([]byte, error) {
	var which []int
	blobs, err := unpackN(in, &which, 1)
	if err != nil {
		return nil, err
	}
	m, err := message.Parse(blobs[0])
	if err != nil {
		return nil, err
	}
	var bodies [][]byte
	for _, n := range which {
		switch {
		case n == Note:
			bodies = append(bodies, []byte(m.Text))
		case n >= 0 && n < len(m.Documents):
			bodies = append(bodies, m.Documents[n].Body)
		default:
			return nil, ErrNoItem
		}
	}
	return pack(struct{}{}, bodies...)
}

// apart returns some documents of an item.
func (w *Wallet) apart(ctx context.Context, v *vault.Vault, k keptItem, which ...int) ([][]byte, error) {
	body, err := w.letter(ctx, v, k)
	if err != nil {
		return nil, err
	}
	in, err := pack(which, body)
	if err != nil {
		return nil, err
	}
	out, err := w.run(ctx, jobApart, in, len(body))
	if err != nil {
		return nil, err
	}
	var none struct{}
	return unpackN(out, &none, len(which))
}

// run runs a job in the worker where it is worth the way, else here.
func (w *Wallet) run(ctx context.Context, job string, in []byte, size int) ([]byte, error) {
	if size < away {
		return Jobs{Now: w.d.Now, Rand: w.d.Rand}.Run(ctx, job, in, nil)
	}
	return w.d.Worker.Run(ctx, job, in, nil)
}

// shownItem is an item that the person may see. Errors: ErrLocked, ErrNoItem.
func (w *Wallet) shownItem(ctx context.Context, id string) (ItemInfo, keptItem, *vault.Vault, error) {
	v, err := w.open()
	if err != nil {
		return ItemInfo{}, keptItem{}, nil, err
	}
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return ItemInfo{}, keptItem{}, nil, err
	}
	look := viewing{w: w, snap: w.Snapshot(), b: b, now: w.inboxTime(), pins: b.pinned(), box: b.inbox()}
	k, ok := b.items[id]
	if !ok || !look.shows(k) {
		return ItemInfo{}, keptItem{}, nil, ErrNoItem
	}
	look.same = look.twins(v)
	return look.item(k), k, v, nil
}

// Letter opens an item to be looked at. Errors: ErrNoItem, inbox.ErrOver (what was in it
// was erased), record.ErrDamaged.
func (w *Wallet) Letter(ctx context.Context, id string) (*Letter, error) {
	it, k, v, err := w.shownItem(ctx, id)
	if err != nil {
		return nil, err
	}
	body, err := w.letter(ctx, v, k)
	if err != nil {
		return nil, err
	}
	in, err := pack(struct{}{}, body)
	if err != nil {
		return nil, err
	}
	out, err := w.run(ctx, jobLookAt, in, len(body))
	if err != nil {
		return nil, err
	}
	var o openedLetter
	if err := json.Unmarshal(out, &o); err != nil || len(o.Documents) != len(it.Documents) {
		return nil, errFrame
	}
	l := &Letter{Item: it, Text: o.Text}
	who, known := w.Snapshot().person(it.Profile)
	for i, d := range o.Documents {
		doc := LetterDocument{Facts: it.Documents[i], Title: d.Title, Date: d.Date, Kind: d.Kind, Read: d.Read}
		if known && differs(who, d.Subject) {
			doc.Subject = &d.Subject
		}
		l.Documents = append(l.Documents, doc)
	}
	return l, nil
}

// LetterDocument makes the nth document of an item readable, as Document does records.
// Errors: those of Letter and Document.
func (w *Wallet) LetterDocument(ctx context.Context, id string, n int) (*fhir.Document, error) {
	_, k, b, err := w.letterBody(ctx, id, n)
	if err != nil {
		return nil, err
	}
	out, err := w.document(ctx, k.Documents[n].Format, b)
	if err != nil {
		return nil, err
	}
	return readDocument(out)
}

// LetterFile returns the bytes of the nth document of an item, as Original does of
// records.
func (w *Wallet) LetterFile(ctx context.Context, id string, n int) (name, typ string, b []byte, err error) {
	_, k, b, err := w.letterBody(ctx, id, n)
	if err != nil {
		return "", "", nil, err
	}
	d := k.Documents[n]
	m := record.Meta{Title: record.Title(d.Name), Format: d.Format, Added: k.Came}
	return record.FileName(m), cmp.Or(string(d.Format), "application/octet-stream"), b, nil
}

func (w *Wallet) letterBody(ctx context.Context, id string, n int) (ItemInfo, keptItem, []byte, error) {
	it, k, v, err := w.shownItem(ctx, id)
	if err != nil {
		return it, k, nil, err
	}
	if n < 0 || n >= len(k.Documents) {
		return it, k, nil, ErrNoItem
	}
	bodies, err := w.apart(ctx, v, k, n)
	if err != nil {
		return it, k, nil, err
	}
	return it, k, bodies[0], nil
}
