package wallet

import (
	"context"
	"errors"

	"potli/app/inbox"
	"potli/app/record"
	"potli/app/share"
)

// Note stands for the note of an item where AcceptItem is told what to take: it becomes
// a record of its own.
const Note = -1

// ErrIsAsk: the item is a request, which is answered (GrantAsk, RefuseAsk).
var ErrIsAsk = errors.New("a request is answered, not accepted")

// AcceptItem makes records of documents of an item, given by their numbers or as Note;
// nil: of all that are Keepable, and the note. They come in as by Import: duplicates are
// recognised, and one that says it is about somebody else waits for Settle. The item is
// Accepted with the first that is in; what was left out can be accepted later, and
// whatever stops it, accepting again makes no duplicates. Snapshot.Import has the report.
// Errors: ErrNoItem, ErrNoPerson, ErrIsAsk, inbox.ErrOver, and those of who may write for
// a person.
func (w *Wallet) AcceptItem(ctx context.Context, id string, to record.ProfileID, documents []int) (*ImportReport, error) {
	it, k, v, err := w.shownItem(ctx, id)
	if err != nil {
		return nil, err
	}
	who, ok := w.Snapshot().person(to)
	switch {
	case !ok || w.Snapshot().concealed(to):
		return nil, ErrNoPerson
	case it.Asks:
		return nil, ErrIsAsk
	case it.State == inbox.Expired:
		return nil, inbox.ErrOver
	}
	if err := w.mayWrite(ctx, to); err != nil {
		return nil, err
	}
	which := k.chosen(documents)
	bodies, err := w.apart(ctx, v, k, which...)
	if err != nil {
		return nil, err
	}
	report := w.Import(ctx, k.files(which, bodies, who))
	for _, f := range report.Files {
		if f.ID != "" {
			return report, w.itemIn(ctx, id)
		}
	}
	return report, nil
}

// chosen are the documents to be taken.
func (k keptItem) chosen(documents []int) (which []int) {
	if documents != nil {
		return documents
	}
	for n, d := range k.Documents {
		if d.Keepable() {
			which = append(which, n)
		}
	}
	if k.Note {
		which = append(which, Note)
	}
	return which
}

// files are documents as Import takes them.
func (k keptItem) files(which []int, bodies [][]byte, who Person) []File {
	list := make([]File, len(which))
	for i, n := range which {
		name := ""
		if n != Note {
			name = k.Documents[n].Name
		}
		source := k.source(name)
		list[i] = File{
			Name: name, Size: int64(len(bodies[i])), How: source.How, source: &source, to: &who, item: k.ID,
			Read: func(context.Context) ([]byte, error) { return bodies[i], nil },
		}
	}
	return list
}

// source says how a document of the item came.
func (k keptItem) source(name string) record.Source {
	if k.Link != "" {
		return record.Source{How: "link", Name: name, Host: hostOf(k.From.Origin), Link: k.Link}
	}
	return record.FromDrop(name, k.From.Name, k.ID, k.Signer)
}

// itemIn notes that documents of an item are records now.
func (w *Wallet) itemIn(ctx context.Context, id string) error {
	return w.decide(ctx, id, func(it *inbox.Item) error {
		if it.Verdict == inbox.Accepted {
			return nil
		}
		return it.Accept(w.inboxTime())
	})
}

// decide changes an item, and shows it.
func (w *Wallet) decide(ctx context.Context, id string, change func(*inbox.Item) error) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	err = w.amend(ctx, v, func(d *desk) error {
		k, err := d.item(id)
		if err == nil {
			err = change(&k.Item)
		}
		if err != nil {
			return err
		}
		return d.putItem(k)
	})
	if err != nil {
		return err
	}
	w.mark(v)
	w.reshow(ctx)
	return nil
}

// DeclineItem puts an item away: what is in it is erased after inbox.Undo. Errors:
// ErrNoItem, inbox.ErrDecided, inbox.ErrOver.
func (w *Wallet) DeclineItem(ctx context.Context, id string) error {
	if _, _, _, err := w.shownItem(ctx, id); err != nil {
		return err
	}
	return w.decide(ctx, id, func(it *inbox.Item) error { return it.Decline(w.inboxTime()) })
}

// RestoreItem takes DeclineItem back. Errors: those of DeclineItem.
func (w *Wallet) RestoreItem(ctx context.Context, id string) error {
	if _, _, _, err := w.shownItem(ctx, id); err != nil {
		return err
	}
	return w.decide(ctx, id, func(it *inbox.Item) error { return it.Restore(w.inboxTime()) })
}

// ReceiveHeld opens a stranger's link and holds what it has in the inbox, for the current
// person; nothing of it is a record. The same files of the same link are the same item.
// Nothing is asked of the host before this is called. Errors: *share.PasscodeError,
// share.ErrGone, share.ErrOffline, share.ErrCancelled …, message.ErrTooBig,
// message.ErrEmpty.
func (w *Wallet) ReceiveHeld(ctx context.Context, l share.Link, recipient, passcode string) (item string, err error) {
	if _, err := w.open(); err != nil {
		return "", err
	}
	_, end := w.work(JobReceive, "", false)
	defer end()
	files, _, err := share.Receive(ctx, w.d.Fetcher, l, recipient, passcode)
	if err != nil {
		return "", err
	}
	args, bodies := heldArgs{Link: l, Profile: w.Snapshot().Current, Now: w.inboxTime()}, [][]byte{}
	for _, f := range files {
		args.Types, args.Failed = append(args.Types, f.ContentType), append(args.Failed, f.Err != nil)
		bodies = append(bodies, f.Body)
	}
	in, err := pack(args, bodies...)
	if err != nil {
		return "", err
	}
	a, err := w.arrival(ctx, jobHold, in)
	if err != nil {
		return "", err
	}
	return a.Item.ID, w.keepArrival(ctx, a, inbox.HowLink)
}
