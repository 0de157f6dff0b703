package ui

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/qr"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// How long a code stays on the screen unasked, and how often it is asked what came of it meanwhile.
const (
	codeHides = 60 * time.Second
	codeLooks = 15 * time.Second
)

// codeFace is a code on the screen, as large as that allows. It hides itself after a minute (A7): whoever has it can use
// it, and the phone may lie on a counter. It is never kept as a picture.
type codeFace struct {
	clock  func() time.Time
	drawn  string // the link that the code holds
	code   qr.Code
	path   string
	since  time.Time // when the code came up
	now    time.Time
	keep   bool // the person asked to keep it up
	hidden bool
}

// begin is when the page comes up.
func (f *codeFace) begin(clock func() time.Time) {
	f.clock, f.now = clock, clock()
	f.since = f.now
}

// encode makes the code when its link is a new one.
func (f *codeFace) encode(link string) error {
	if link == f.drawn {
		return nil
	}
	code, err := qr.Encode(link)
	if err == nil {
		f.drawn, f.code, f.path = link, code, code.Path()
	}
	return err
}

// second moves the time, and hides the code.
func (f *codeFace) second(app.Context) {
	f.now = f.clock()
	if !f.keep && !f.hidden && f.now.Sub(f.since) >= codeHides {
		f.hidden = true
	}
}

func (f *codeFace) onAgain(app.Context, app.Event) { f.hidden, f.since = false, f.clock() }

func (f *codeFace) onKeep(ctx app.Context, e app.Event) {
	f.keep = kit.Checked(ctx)
	f.onAgain(ctx, e)
}

// face is the code, or what stands in its place. spoken says what it is to who does not see it.
func (f *codeFace) face(e *Env, spoken string) app.UI {
	return app.If(f.hidden, func() app.UI {
		return app.Div().Class("code-hidden").Body(kit.Text(e.T("code.hidden")),
			kit.Button(kit.Plain, "eye", e.T("code.again"), f.onAgain).ID("code-again"))
	}).ElseIf(f.path != "", func() app.UI { return kit.Code(f.path, f.code.Size(), spoken) })
}

// codeWhose says whose records or papers these are (F1), in such words: the bar with the name is not on a page with a code.
func codeWhose(e *Env, s *wallet.Snapshot, id record.ProfileID, words string) app.UI {
	who := person(s, string(id))
	box := app.Div().Class("code-who", kit.Colour(who.Colour))
	if s.Acting(who.ID) {
		box = box.Class("code-acting")
	}
	return box.Body(
		kit.Avatar(e.portrait(who)),
		app.Span().Text(e.T(words, "name", who.Name)),
		app.If(s.Demo, func() app.UI { return kit.Chip("warn", "info", e.T("demo.label")) }),
	)
}
