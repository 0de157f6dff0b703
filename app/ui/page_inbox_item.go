package ui

import (
	"context"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageItem is one thing that came: from whom, how that is known, what is in it, whose it is, and yes or no.
type pageItem struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string

	shown  string // the item that is loaded
	known  bool   // and was there: after the words, the inbox comes a moment later than the page
	letter *wallet.Letter
	out    map[int]bool // documents that are not to be kept
	look   int          // the document that is looked at; -1: none
	open   string       // "", "pin"
	busy   bool
	report bool // the person has just said yes: what became of it
	fault  error
}

func (p *pageItem) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageItem) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.load()
}

func (p *pageItem) OnUpdate(app.Context) {
	if _, known := p.Snap.Inbox.Item(p.ID); p.ID != p.shown || known && !p.known {
		p.load()
	}
}

// load opens the letter. Whose it is about is whose records are shown from then on, so that the banner says it (F1).
func (p *pageItem) load() {
	p.shown, p.letter, p.look, p.open, p.report, p.fault = p.ID, nil, -1, "", false, nil
	it, known := p.Snap.Inbox.Item(p.ID)
	if p.known = known; !known {
		return
	}
	w, id := p.Env.W, p.ID
	if it.Profile != p.Snap.Current && person(p.Snap, string(it.Profile)).ID != "" {
		p.ctx.Async(func() { w.Choose(it.Profile) })
	}
	if it.Asks || !readable(p.Env, it) {
		return
	}
	var letter *wallet.Letter
	run(p.ctx, func(c context.Context) (err error) {
		letter, err = w.Letter(c, id)
		return err
	}, func(_ app.Context, err error) {
		if p.shown == id {
			p.opened(letter, err)
		}
	})
}

// readable says whether what was in an item is still there.
func readable(e *Env, it wallet.ItemInfo) bool {
	return it.State == inbox.Waiting || it.State == inbox.Accepted || fetchable(e, it)
}

// fetchable says whether what was declined can be fetched back.
func fetchable(e *Env, it wallet.ItemInfo) bool {
	return it.State == inbox.Declined && it.Ends.After(e.Now())
}

// opened takes what is there already out of what is to be kept, and shows the only document at once. Of what was kept in
// part, the rest can be kept too; nobody is asked again.
func (p *pageItem) opened(letter *wallet.Letter, err error) {
	p.letter, p.fault, p.out = letter, err, map[int]bool{}
	if err != nil {
		return
	}
	over := letter.Item.State == inbox.Accepted
	p.out[wallet.Note] = over
	for i := range letter.Documents {
		p.out[i] = over || sameAs(letter.Item, i) == inbox.SameWallet
	}
	if len(letter.Documents) == 1 && showable(letter.Documents[0]) {
		p.look = 0
	}
}

// sameAs is where the bytes of a document are already.
func sameAs(it wallet.ItemInfo, n int) inbox.Same {
	if n < len(it.Same) {
		return it.Same[n]
	}
	return inbox.SameNowhere
}

func (p *pageItem) Render() app.UI {
	e := p.Env
	it, ok := p.Snap.Inbox.Item(p.ID)
	if !ok && unread(p.Snap) {
		return kit.Page(e.T("inbox.title"), kit.Wait(e.T("inbox.opening")))
	}
	if !ok {
		return kit.Page(e.T("inbox.title"), kit.Notice(kit.Note, e.T("error.no-item")), kit.Link(kit.Plain, "back", e.T("inbox.title"), pathInbox))
	}
	if it.Asks {
		return kit.Page(sender(e, it), kit.Text(e.T("error.is-ask")), kit.Link(kit.Main, "next", e.T("inbox.asks"), toItem(it)))
	}
	return app.Div().Class("page", "arrival-page").Body(
		kit.Back(e.T("inbox.title"), pathInbox),
		kit.Title(sender(e, it)),
		app.P().Class("hint").Text(e.T("inbox.for", "name", person(p.Snap, string(it.Profile)).Name)+" · "+e.T("inbox.came", "time", e.L.DateTime(it.Came))),
		kit.If(it.State != inbox.Waiting && !p.report, func() app.UI { return became(e, it) }),
		trust(e, it),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.If(p.report && p.Snap.Import != nil, func() app.UI { return &importReport{Env: e, Snap: p.Snap} }),
		kit.If(p.letter == nil && p.fault == nil && readable(e, it), func() app.UI { return kit.Wait(e.T("inbox.opening")) }),
		kit.If(p.letter != nil && p.letter.Text != "", p.note),
		kit.Place(p.documents(it)),
		kit.If(p.letter != nil && p.offers(it), func() app.UI { return p.decision(it) }),
		kit.If(fetchable(e, it), func() app.UI {
			return kit.Button(kit.Main, "undo", e.T("inbox.restore"), p.onRestore).ID("item-restore").Disabled(p.busy)
		}),
		p.about(it),
	)
}

// became says what the person decided, or that nobody did.
func became(e *Env, it wallet.ItemInfo) app.UI {
	text := e.T("inbox.text.expired")
	switch {
	case it.State == inbox.Accepted:
		return kit.Notice(kit.Good, e.T("inbox.text.accepted")).ID("became")
	case fetchable(e, it):
		text = e.T("inbox.text.declined", "day", e.L.Day(it.Ends))
	case it.State == inbox.Declined:
		text = e.T("inbox.text.erased")
	}
	return kit.Notice(kit.Note, text).ID("became")
}

// note is what the sender wrote, as text.
func (p *pageItem) note() app.UI {
	it, _ := p.Snap.Inbox.Item(p.ID)
	return kit.Card("letter-note", p.Env.T("inbox.note"), app.P().Class("letter-text").Text(p.letter.Text),
		app.If(p.offers(it) && len(p.letter.Documents) > 0, func() app.UI {
			return kit.Check("letter-note-keep", p.Env.T("inbox.keep-this-note"), "", !p.out[wallet.Note], p.onNote)
		}))
}

func (p *pageItem) documents(it wallet.ItemInfo) app.UI {
	if p.letter == nil {
		return nil
	}
	list := p.letter.Documents
	return app.Div().Class("letter-documents").Body(app.Range(list).Slice(func(i int) app.UI {
		d := &letterDocument{Env: p.Env, ItemID: p.ID, N: i, What: list[i], Same: sameAs(it, i), Owner: p, Look: p.look == i, Alone: len(list) == 1,
			Whose: person(p.Snap, string(it.Profile)).Name, Into: intoOf(it, i), Keep: !p.out[i]}
		d.Deciding = d.Into == "" && p.offers(it)
		return d
	}))
}

// intoOf is the record that was made of a document, "" for none.
func intoOf(it wallet.ItemInfo, n int) record.ID {
	if n < len(it.Into) {
		return it.Into[n]
	}
	return ""
}

// offers says whether there is a word to be said: of what waits, and of documents that were left out of what was kept.
func (p *pageItem) offers(it wallet.ItemInfo) bool {
	if it.State != inbox.Accepted || p.letter == nil {
		return it.State == inbox.Waiting
	}
	for i, d := range p.letter.Documents {
		if d.Keepable() && intoOf(it, i) == "" && sameAs(it, i) != inbox.SameWallet {
			return true
		}
	}
	return false
}

// chosen are the documents that are to be kept, and whether the note is.
func (p *pageItem) chosen() (list []int, note bool) {
	for i, d := range p.letter.Documents {
		if d.Keepable() && !p.out[i] {
			list = append(list, i)
		}
	}
	return list, p.letter.Text != "" && !p.out[wallet.Note]
}

// keepable says whether anything of it can be a record.
func (p *pageItem) keepable() bool {
	return p.letter.Text != "" || slices.ContainsFunc(p.letter.Documents, func(d wallet.LetterDocument) bool { return d.Keepable() })
}

// keeping is what the button says by which it is kept: how many, and for whom.
func (p *pageItem) keeping(documents []int, note bool, who wallet.Person) string {
	e, n := p.Env, strconv.Itoa(len(documents))
	switch {
	case note && len(documents) == 0:
		return e.T("inbox.keep-note", "name", who.Name)
	case note:
		return e.T("inbox.keep-both", "n", n, "name", who.Name)
	}
	return e.T("inbox.keep", "n", n, "name", who.Name)
}

// decision is whose it is, by name, and yes or no.
func (p *pageItem) decision(it wallet.ItemInfo) app.UI {
	e, who := p.Env, p.Snap.Person()
	list, note := p.chosen()
	return app.Div().ID("decide").Class("share-go").Body(
		app.If(p.keepable(), func() app.UI {
			return app.Div().Class("share-go").Body(
				whosePapers(e, who, e.T("drop.whose", "name", who.Name)),
				kit.Button(kit.Main, "check", p.keeping(list, note, who), p.onKeep).ID("item-keep").Disabled(p.busy || len(list) == 0 && !note),
				somebodyElse(e, p.Snap, p, ""))
		}).Else(func() app.UI {
			return app.Div().Class("share-go").Body(kit.Text(e.T("inbox.nothing")),
				kit.Button(kit.Main, "check", e.T("inbox.read"), p.onDecline).ID("item-read").Disabled(p.busy))
		}),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("inbox.keeping")) }),
		app.If(it.State == inbox.Waiting && p.keepable(), func() app.UI {
			return kit.Button(kit.Plain, "close", e.T("inbox.decline"), p.onDecline).ID("item-decline").Disabled(p.busy)
		}),
	)
}

// about is what there is to know of the sender, and the word that one knows them.
func (p *pageItem) about(it wallet.ItemInfo) app.UI {
	e := p.Env
	return app.Div().Class("about-sender").Body(
		kit.If(it.State == inbox.Waiting, func() app.UI { return kit.Small(e.T("inbox.until", "day", e.L.Day(it.Ends))) }),
		kit.If(it.Trust == inbox.TrustNew && it.From.Name != "" && p.open == "", func() app.UI {
			return kit.Button(kit.Quiet, "shield", e.T("inbox.pin"), p.onPin).ID("item-pin")
		}),
		kit.If(it.Trust == inbox.TrustNew && it.From.Origin != "", func() app.UI {
			return &keyLookup{Env: e, ItemID: p.ID, Origin: it.From.Origin, Found: p.onFound}
		}),
		kit.If(p.open == "pin", func() app.UI { return p.pinning(it) }),
		kit.Details(e.T("inbox.about"), kit.Facts(aboutSender(e, it)...),
			app.If(it.Trust == inbox.TrustKnown, func() app.UI {
				return kit.Button(kit.Quiet, "close", e.T("inbox.unpin"), p.onUnpin).ID("item-unpin").Disabled(p.busy)
			})),
	)
}

// Pick makes it somebody else's.
func (p *pageItem) Pick(ctx app.Context, list, value string) {
	choose(p.ctx, p.Env, value, func(app.Context) {})
}

// Tick keeps a document or leaves it out.
func (p *pageItem) Tick(ctx app.Context, n int, on bool) { p.out[n] = !on }

func (p *pageItem) onNote(ctx app.Context, e app.Event) { p.out[wallet.Note] = !kit.Checked(ctx) }

// Look shows one document, and folds the one that was shown.
func (p *pageItem) Look(n int, on bool) {
	if p.look = -1; on {
		p.look = n
	}
}

func (p *pageItem) onKeep(ctx app.Context, e app.Event) {
	list, note := p.chosen()
	if note {
		list = append(list, wallet.Note)
	}
	id, to, w := p.ID, p.Snap.Current, p.Env.W
	p.do(func(c context.Context) error {
		_, err := w.AcceptItem(c, id, to, list)
		return err
	}, func() { p.report = true })
}

func (p *pageItem) onDecline(ctx app.Context, e app.Event) {
	id, w := p.ID, p.Env.W
	p.do(func(c context.Context) error { return w.DeclineItem(c, id) }, func() {})
}

func (p *pageItem) onRestore(ctx app.Context, e app.Event) {
	id, w := p.ID, p.Env.W
	p.do(func(c context.Context) error { return w.RestoreItem(c, id) }, p.load)
}

func (p *pageItem) onPin(ctx app.Context, e app.Event) {
	p.open = "pin"
	p.focus(p.Env, "pin-sure")
}

func (p *pageItem) onNo(ctx app.Context, e app.Event) { p.open = "" }

func (p *pageItem) onPinYes(ctx app.Context, e app.Event) {
	it, _ := p.Snap.Inbox.Item(p.ID)
	pin, w := inbox.Pin{Thumbprint: it.Signer, Name: it.From.Name, How: inbox.HowScanned, Since: p.Env.Now()}, p.Env.W
	p.do(func(c context.Context) error { return w.PinProvider(c, pin) }, func() {})
}

// onFound leads back to the top, where it says how the sender is known now.
func (p *pageItem) onFound(app.Context) { p.focus(p.Env, kit.TitleID) }

func (p *pageItem) onUnpin(ctx app.Context, e app.Event) {
	it, _ := p.Snap.Inbox.Item(p.ID)
	w := p.Env.W
	p.do(func(c context.Context) error { return w.UnpinProvider(c, it.Signer) }, func() {})
}

// do is one decision about this item; the snapshot shows what came of it, and the focus goes to where it says so.
func (p *pageItem) do(what func(context.Context) error, then func()) {
	if p.busy {
		return
	}
	p.busy, p.fault, p.open = true, nil, ""
	run(p.ctx, what, func(ctx app.Context, err error) {
		if p.busy, p.fault = false, err; err == nil {
			then()
		}
		p.focus(p.Env, kit.TitleID)
	})
}
