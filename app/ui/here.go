package ui

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// here is where a component stands. A handler's own context belongs to the element that was touched: what it dispatches
// or defers is dropped when that element has gone, as the button of a question does that was answered. So slow work and
// focus go by the component's context instead, which lives as long as the component.
//
// A component embeds here; one with an OnMount of its own calls here.OnMount first.
type here struct{ ctx app.Context }

// OnPreRender makes native tests begin like a browser.
func (h *here) OnPreRender(ctx app.Context) { h.OnMount(ctx) }

// OnMount notes the component's context.
func (h *here) OnMount(ctx app.Context) { h.ctx = ctx }

// focus moves the keyboard's focus once the page is drawn.
func (h *here) focus(e *Env, id string) {
	h.ctx.Defer(func(app.Context) { e.D.Focus(id) })
}

// amend moves the focus to what is to be put right, where something went wrong: the button that was pressed could not be
// pressed meanwhile, and has lost it.
func (h *here) amend(e *Env, err error, id string) {
	if err != nil {
		h.focus(e, id)
	}
}
