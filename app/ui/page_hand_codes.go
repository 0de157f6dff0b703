package ui

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/qr"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

const (
	// handLargest is the version up to which one code is offered: its modules are four pixels wide on a small phone (Q3).
	handLargest = 15
	// handHides is how long a sequence runs unasked, since all that it holds is in plain view.
	handHides = 3 * time.Minute
)

// speeds are codes a second. Four are two flashes of any spot at most, where WCAG 2.3.1 draws the line at three.
var speeds = []int{2, 3, 4}

// handCodes shows a hand-over: one code where one holds it, else a sequence, which moves when the person has said so.
type handCodes struct {
	app.Compo
	here
	Env    *Env
	Hand   *wallet.Hand
	Acting bool // for somebody else

	one     string // path of the one code; "": there is none
	oneSize int
	film    bool // the sequence is asked for
	runs    bool
	hidden  bool
	speed   int
	density wallet.Density
	n       int
	drawn   map[int]string // paths of the sequence, drawn once each: an old phone has little time between two
	size    int
	since   time.Time // when it came up
	fault   error
	awake   func()
	stop    func()
}

func (c *handCodes) OnPreRender(ctx app.Context) { c.OnMount(ctx) }

func (c *handCodes) OnMount(ctx app.Context) {
	c.here.OnMount(ctx)
	c.speed, c.density, c.since = 3, wallet.Normal, c.Env.Now()
	c.awake = c.Env.D.KeepAwake()
	if code, err := qr.Encode(c.Hand.Link); c.Hand.Link != "" && err == nil && code.Version <= handLargest {
		c.one, c.oneSize = code.Path(), code.Size()
	}
	c.film = c.one == ""
	c.draw()
	c.tick(time.Second)
}

func (c *handCodes) OnDismount() {
	c.stop()
	c.awake()
}

// tick moves the sequence on, or only watches the clock.
func (c *handCodes) tick(d time.Duration) {
	if c.stop != nil {
		c.stop()
	}
	c.stop = every(d, func() { c.ctx.Dispatch(c.next) })
}

func (c *handCodes) next(ctx app.Context) {
	shows := codeHides
	if c.film {
		shows = handHides
	}
	if c.Env.Now().Sub(c.since) >= shows {
		c.runs, c.hidden = false, true
		c.tick(time.Second)
	}
	if c.runs && !c.hidden {
		c.n = (c.n + 1) % c.round()
		c.draw()
	}
}

// round is after how many codes they begin anew: enough for whoever sees every third.
func (c *handCodes) round() int { return 3*c.Hand.Frames(c.density) + 20 }

// draw makes the code of now, if it was not made before.
func (c *handCodes) draw() {
	if c.drawn == nil {
		c.drawn = map[int]string{}
	}
	if c.drawn[c.n] != "" {
		return
	}
	code, err := qr.Encode(c.Hand.Frame(c.density, c.n))
	if c.fault = err; err == nil {
		c.drawn[c.n], c.size = code.Path(), code.Size()
	}
}

func (c *handCodes) Render() app.UI {
	e := c.Env
	return app.Div().Class("hand").Body(
		kit.If(c.Acting, func() app.UI { return app.P().Class("hand-whose").Text(e.T("share.whose", "name", c.Hand.Person.Name)) }),
		kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
		app.If(c.hidden, c.away).ElseIf(c.film, c.sequence).Else(c.single),
		app.Div().Class("hand-phrase").Body(
			app.P().Text(e.T("hand.compare")),
			app.P().ID("hand-phrase").Class("passcode-code").Attr("translate", "no").Text(spaced(c.phrase())),
		),
		app.P().Class("code-hint").Body(kit.Icon("sun"), app.Span().Text(e.T("code.bright"))),
		kit.If(c.one != "" && !c.hidden, c.other),
		kit.Link(kit.Main, "close", e.T("code.close"), pathHome).ID("hand-close"),
	)
}

func (c *handCodes) phrase() string {
	if c.film {
		return c.Hand.Phrase
	}
	return c.Hand.LinkPhrase
}

func (c *handCodes) away() app.UI {
	return app.Div().Class("code-hidden").Body(kit.Text(c.Env.T("code.hidden")), kit.Button(kit.Plain, "eye", c.Env.T("code.again"), c.onAgain).ID("hand-again"))
}

// single is the one code.
func (c *handCodes) single() app.UI {
	e := c.Env
	return app.Div().Class("code-live").ID("hand-one").Body(
		kit.Code(c.one, c.oneSize, e.T("hand.spoken")),
		app.P().Class("code-hint").Text(e.T("hand.how-one", "address", host(e.Viewer))),
	)
}

// other leads from the one code to the sequence and back.
func (c *handCodes) other() app.UI {
	key := "hand.rather-film"
	if c.film {
		key = "hand.rather-one"
	}
	return kit.Button(kit.Quiet, "qr", c.Env.T(key), c.onOther).ID("hand-other")
}

// sequence is the codes that change, and how fast.
func (c *handCodes) sequence() app.UI {
	e := c.Env
	densities := make([]kit.Choice, len(wallet.Densities))
	for i, d := range wallet.Densities {
		densities[i] = kit.Choice{Value: string(d), Text: e.T("density." + string(d))}
	}
	paces := make([]kit.Choice, len(speeds))
	for i, n := range speeds {
		paces[i] = kit.Choice{Value: strconv.Itoa(n), Text: e.N("hand.pace", n)}
	}
	label, icon := "hand.start", "play"
	if c.runs {
		label, icon = "hand.pause", "pause"
	}
	return app.Div().Class("code-live").ID("hand-film").Body(
		kit.If(!c.runs, func() app.UI { return app.P().Class("code-hint").Text(e.T("hand.moves", "n", strconv.Itoa(c.speed))) }),
		kit.Button(kit.Main, icon, e.T(label), c.onRun).ID("hand-run"), // above, so that whoever presses it sees the code
		kit.Code(c.drawn[c.n], c.size, e.T("hand.spoken")),
		app.P().Class("code-hint").Text(e.T("hand.how", "address", host(e.Viewer), "n", strconv.Itoa(c.Hand.Frames(c.density)))),
		kit.Details(e.T("hand.trouble"),
			kit.Field("hand-pace", e.T("hand.pace-label"), "", kit.Select("hand-pace", strconv.Itoa(c.speed), paces, c.onPace)),
			kit.Field("hand-density", e.T("hand.density-label"), e.T("hand.density-hint"), kit.Select("hand-density", string(c.density), densities, c.onDensity)),
		),
	)
}

func (c *handCodes) onAgain(ctx app.Context, e app.Event) { c.hidden, c.since = false, c.Env.Now() }

func (c *handCodes) onOther(ctx app.Context, e app.Event) {
	c.film, c.runs, c.since = !c.film, false, c.Env.Now()
}

func (c *handCodes) onRun(ctx app.Context, e app.Event) {
	c.runs, c.since = !c.runs, c.Env.Now()
	c.tick(time.Second / time.Duration(c.speed))
}

func (c *handCodes) onPace(ctx app.Context, e app.Event) {
	if n, err := strconv.Atoi(kit.Value(ctx)); err == nil && n >= speeds[0] && n <= speeds[len(speeds)-1] {
		c.speed = n
		c.tick(time.Second / time.Duration(c.speed))
	}
}

// onDensity begins anew: codes of another size do not go together.
func (c *handCodes) onDensity(ctx app.Context, e app.Event) {
	c.density, c.drawn, c.n = wallet.Density(kit.Value(ctx)), nil, 0
	c.draw()
}
