package ui

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// carerCard is one who cares for somebody, and what can be changed about it.
type carerCard struct {
	app.Compo
	here
	Env    *Env
	Person wallet.Person
	Carer  wallet.Carer
	Alone  bool // nobody else is there
	Busy   bool
	Owner  *pageCarers

	open string // "", "role", "out"
	role string
}

// CompoID keeps each card with its carer.
func (c *carerCard) CompoID() string { return "carer-" + c.Carer.User }

func (c *carerCard) Render() app.UI {
	e := c.Env
	return kit.Card(c.CompoID(), carerName(e, c.Carer),
		carerRole(e, c.Carer),
		kit.If(c.open == "" && !c.Alone, c.actions),
		kit.If(c.open == "role", c.roles),
		kit.If(c.open == "out" && c.Carer.Me, c.leave),
		app.If(c.open == "out" && !c.Carer.Me, c.out),
	)
}

// actions are what may be done, or why it may not. That it is not one's own to decide is said once for all.
func (c *carerCard) actions() app.UI {
	e, it := c.Env, c.Carer
	name := carerName(e, it)
	return app.Div().Body(
		kit.If(it.Stays != nil && !errors.Is(it.Stays, wallet.ErrMayNot), func() app.UI { return kit.Small(e.Explain(it.Stays)) }),
		kit.Row(
			kit.If(!it.Me && len(it.Roles) > 0, func() app.UI {
				return kit.Button(kit.Plain, "edit", e.T("carers.role-change", "carer", name), c.onRoles).ID(c.CompoID() + "-change").Disabled(c.Busy)
			}),
			kit.If(it.Me && it.Stays == nil, func() app.UI {
				return kit.Button(kit.Quiet, "close", e.T("carers.leave", "name", c.Person.Name), c.onOut).ID(c.CompoID() + "-out").Disabled(c.Busy)
			}),
			app.If(!it.Me && it.Stays == nil, func() app.UI {
				return kit.Button(kit.Quiet, "close", e.T("carers.out", "carer", name), c.onOut).ID(c.CompoID() + "-out").Disabled(c.Busy)
			}),
		),
	)
}

// roles asks what somebody is to be; what they are is chosen.
func (c *carerCard) roles() app.UI {
	e, name := c.Env, c.Person.Name
	words := map[string]kit.Choice{
		wallet.RoleReader: {Text: e.T("invite.reader"), Hint: e.T("invite.reader-hint", "name", name)},
		wallet.RoleAdmin:  {Text: e.T("invite.admin"), Hint: e.T("invite.admin-hint", "name", name)},
		wallet.RoleOwner:  {Text: e.T("carers.owner"), Hint: e.T("carers.owner-hint")},
	}
	var choices []kit.Choice
	for _, role := range append([]string{c.Carer.Role}, c.Carer.Roles...) {
		choice := words[role]
		choice.Value = role
		choices = append(choices, choice)
	}
	return app.Form().Class("form").OnSubmit(c.onRole).Body(
		kit.Radio(c.CompoID()+"-role", e.T("invite.role"), c.role, choices, c.onPick),
		kit.Small(e.T("carers.role-reader-true")),
		kit.Row(
			kit.Submit(kit.Main, "check", e.T("action.save")).ID(c.CompoID()+"-save").Disabled(c.Busy || c.role == c.Carer.Role),
			kit.Button(kit.Plain, "", e.T("carers.back"), c.onNo)),
	)
}

// out says what taking somebody out means, before it is done.
func (c *carerCard) out() app.UI {
	e, name := c.Env, carerName(c.Env, c.Carer)
	return kit.Ask("carer-sure", e.T("carers.out-sure", "carer", name, "name", c.Person.Name), e.T("carers.out-keeps", "carer", name),
		e.beneath(func(e *Env) string {
			name := carerName(e, c.Carer)
			return e.T("carers.out-sure", "carer", name, "name", c.Person.Name) + " " + e.T("carers.out-keeps", "carer", name)
		}),
		app.Div().Class("ask-more").Body(kit.Text(e.T("carers.out-new")), kit.Text(e.T("carers.out-links"))),
		kit.Button(kit.Grave, "close", e.T("carers.out-yes", "carer", name), c.onYes).ID("carer-yes").Disabled(c.Busy),
		kit.Button(kit.Plain, "", e.T("carers.back"), c.onNo))
}

func (c *carerCard) leave() app.UI {
	e, name := c.Env, c.Person.Name
	return kit.Ask("carer-sure", e.T("carers.leave-sure", "name", name), e.T("carers.leave-text"),
		e.beneath(func(e *Env) string { return e.T("carers.leave-sure", "name", name) + " " + e.T("carers.leave-text") }),
		kit.Button(kit.Grave, "close", e.T("carers.leave-yes"), c.onYes).ID("carer-yes").Disabled(c.Busy),
		kit.Button(kit.Plain, "", e.T("carers.back"), c.onNo))
}

func (c *carerCard) onRoles(ctx app.Context, ev app.Event) {
	c.open, c.role = "role", c.Carer.Role
	c.focus(c.Env, c.CompoID()+"-role-0")
}

func (c *carerCard) onPick(ctx app.Context, ev app.Event) { c.role = kit.Value(ctx) }

func (c *carerCard) onOut(ctx app.Context, ev app.Event) {
	c.open = "out"
	c.focus(c.Env, "carer-sure")
}

func (c *carerCard) onNo(ctx app.Context, ev app.Event) { c.open = "" }

func (c *carerCard) onRole(ctx app.Context, ev app.Event) {
	ev.PreventDefault()
	w, id, user, role := c.Env.W, c.Person.ID, c.Carer.User, c.role
	c.open = ""
	c.Owner.do(func(ctx context.Context) error { return w.SetCarerRole(ctx, id, user, role) },
		c.Env.T("carers.role-done", "carer", carerName(c.Env, c.Carer)))
}

func (c *carerCard) onYes(ctx app.Context, ev app.Event) {
	w, id, user := c.Env.W, c.Person.ID, c.Carer.User
	said := c.Env.T("carers.out-done", "carer", carerName(c.Env, c.Carer))
	if c.Carer.Me {
		said = c.Env.T("carers.left", "name", c.Person.Name)
	}
	c.open = ""
	c.Owner.do(func(ctx context.Context) error { return w.RemoveCarer(ctx, id, user) }, said)
}
