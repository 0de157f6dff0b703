package ui

import (
	"context"
	"errors"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// handed is what other programs gave, as a component sees it: asked for when it comes up, and at each launch.
type handed struct {
	here
	files  []wallet.Handed
	cancel func()
}

func (h *handed) begin(ctx app.Context, e *Env) {
	h.here.OnMount(ctx)
	h.look(e)
	h.cancel = e.D.OnLaunch(func(string) { ctx.Dispatch(func(app.Context) { h.look(e) }) })
}

func (h *handed) look(e *Env) {
	var files []wallet.Handed
	run(h.ctx, func(c context.Context) error {
		files = e.D.Handed(c)
		return nil
	}, func(app.Context, error) { h.files = files })
}

func (h *handed) OnDismount() {
	if h.cancel != nil {
		h.cancel()
	}
}

// handedCard asks what is to become of the files that another program gave. They are not taken in unasked: any website
// can make a browser give something to this page, in whose name nobody knows. So each of them can be left out, and says
// when it came.
type handedCard struct {
	app.Compo
	handed
	Env  *Env
	Snap *wallet.Snapshot

	not   map[string]bool // left out, by ID
	busy  bool
	fault error
}

func (c *handedCard) OnPreRender(ctx app.Context) { c.OnMount(ctx) }

func (c *handedCard) OnMount(ctx app.Context) { c.begin(ctx, c.Env) }

func (c *handedCard) Render() app.UI {
	e := c.Env
	_, ids := c.chosen()
	idle := c.busy || len(ids) == 0
	return app.Div().Class("held").Body(app.If(len(c.files) > 0, func() app.UI {
		return kit.Card("handed", e.N("handed.title", len(c.files)),
			kit.Text(e.T("handed.text")),
			kit.If(len(c.files) > 1, func() app.UI { return kit.Text(e.T("handed.tick")) }),
			app.Ul().Class("ticks").Body(app.Range(c.files).Slice(func(i int) app.UI {
				f := c.files[i]
				return &kit.Tick{Owner: c, ID: "handed-" + strconv.Itoa(i), Item: i, Text: first(f.Name, e.T("handed.nameless")),
					Hint: e.L.Comma([]string{e.L.Bytes(int(f.Size)), e.L.DateTime(f.Came)}), On: !c.not[f.ID]}
			})),
			kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
			kit.Row(
				kit.Button(kit.Main, "plus", e.T("handed.bring", "name", c.Snap.Person().Name), c.onBring).ID("handed-bring").Disabled(idle),
				kit.Button(kit.Quiet, "delete", e.T("handed.drop"), c.onDrop).ID("handed-drop").Disabled(idle),
			))
	}))
}

// chosen are those that have their tick, and their IDs.
func (c *handedCard) chosen() (files []wallet.File, ids []string) {
	for _, f := range c.files {
		if !c.not[f.ID] {
			files, ids = append(files, f.File), append(ids, f.ID)
		}
	}
	return files, ids
}

func (c *handedCard) Tick(_ app.Context, item int, on bool) {
	if item >= len(c.files) {
		return
	}
	if c.not == nil {
		c.not = map[string]bool{}
	}
	c.not[c.files[item].ID] = !on
}

// onBring takes the chosen in. They are forgotten once each of them is in or waits for an answer; what failed can be tried again.
func (c *handedCard) onBring(ctx app.Context, _ app.Event) {
	if c.busy {
		return
	}
	c.busy, c.fault = true, nil
	e, in := c.Env, false
	files, ids := c.chosen()
	run(c.ctx, func(ctx context.Context) error {
		report := e.W.Import(ctx, files)
		if report == nil {
			return wallet.ErrLocked
		}
		for _, f := range report.Files {
			if f.Err != nil {
				return nil // the report says what is wrong with it
			}
		}
		in = true
		return e.D.DropHanded(ctx, ids)
	}, func(ctx app.Context, err error) {
		if in { // else what was left out stays so
			c.not = nil
		}
		c.done(ctx, err)
	})
}

func (c *handedCard) onDrop(app.Context, app.Event) {
	c.busy, c.fault = true, nil
	_, ids := c.chosen()
	run(c.ctx, func(ctx context.Context) error { return c.Env.D.DropHanded(ctx, ids) }, c.done)
}

func (c *handedCard) done(_ app.Context, err error) {
	c.busy, c.fault = false, err
	c.look(c.Env)
}

// handedNote says on the lock screen that something waits.
type handedNote struct {
	app.Compo
	handed
	Env *Env
}

func (n *handedNote) OnPreRender(ctx app.Context) { n.OnMount(ctx) }

func (n *handedNote) OnMount(ctx app.Context) { n.begin(ctx, n.Env) }

func (n *handedNote) Render() app.UI {
	return app.Div().Class("held").Body(app.If(len(n.files) > 0, func() app.UI {
		return kit.Notice(kit.Note, n.Env.N("handed.locked", len(n.files)), kit.Small(n.Env.T("handed.open-here"))).ID("handed-waits")
	}))
}

// launched goes where a launch from outside wants to, without loading the page anew. The pages that paint before the
// program are for whoever has not unlocked it.
func (s *shell) launched(ctx app.Context, path string) {
	open := s.snap.Phase == wallet.PhaseOpen
	inside := insideOf[path]
	if inside != "" && !open {
		s.env.D.Visit(path)
		return
	}
	path = first(inside, path)
	if path != "" {
		s.env.Go(ctx, path)
		return
	}
	run(s.ctx, func(c context.Context) error {
		if len(s.env.D.Handed(c)) == 0 {
			return errNothing
		}
		return nil
	}, func(ctx app.Context, err error) {
		if err == nil {
			s.env.Go(ctx, pathAdd)
		}
	})
}

// errNothing: no program gave anything.
var errNothing = errors.New("nothing was given")

// insideOf are the pages of an open wallet in the place of those that need no program.
var insideOf = map[string]string{"/ready.html": pathCounter, "/emergency.html": pathCard}
