package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// claimCard says that somebody says that those who decide for a person are gone. One of them says no in one tap; whoever
// said so takes over when the waiting is over.
type claimCard struct {
	app.Compo
	here
	Env    *Env
	Person wallet.Person
	Claim  wallet.Claim
	Links  bool // to the page of it

	busy  bool
	fault error
}

// CompoID keeps each card its own.
func (c *claimCard) CompoID() string { return "claim-" + string(c.Person.ID) }

func (c *claimCard) Render() app.UI {
	e := c.Env
	return app.Section().ID(c.CompoID()).Class("card", "coming", kit.Colour(c.Person.Colour)).Body(
		app.H2().Class("card-title").Text(c.title()),
		kit.Text(c.text()),
		kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
		kit.Row(
			kit.If(c.Claim.Veto, func() app.UI {
				return kit.Button(kit.Main, "close", e.T("holder.veto"), c.onVeto).ID("veto-" + string(c.Person.ID)).Disabled(c.busy)
			}),
			kit.If(c.Claim.Mine && c.Claim.Stage == wallet.ClaimReady, func() app.UI {
				return kit.Button(kit.Main, "check", e.T("holder.recover"), c.onRecover).ID("recover-" + string(c.Person.ID)).Disabled(c.busy)
			}),
			app.If(c.Links, func() app.UI {
				return kit.Link(kit.Quiet, "person", e.T("holder.open"), pathHolder+string(c.Person.ID))
			})),
	)
}

func (c *claimCard) title() string {
	e, name := c.Env, c.Person.Name
	who := first(c.Claim.Who, e.T("carers.nameless"))
	switch {
	case c.Claim.Stage == wallet.ClaimVetoed:
		return e.T("holder.vetoed", "name", name)
	case c.Claim.Stage == wallet.ClaimRecovered && c.Claim.Mine:
		return e.T("holder.recovered-me", "name", name)
	case c.Claim.Stage == wallet.ClaimRecovered:
		return e.T("holder.recovered", "who", who, "name", name)
	case c.Claim.Mine:
		return e.T("holder.claimed-me", "name", name)
	}
	return e.T("holder.claimed", "who", who, "name", name)
}

func (c *claimCard) text() string {
	e, until := c.Env, c.Env.L.Date(c.Claim.Until)
	switch {
	case c.Claim.Stage == wallet.ClaimVetoed:
		return e.T("holder.vetoed-text")
	case c.Claim.Veto && c.Claim.Stage == wallet.ClaimRecovered:
		return e.T("holder.undo-text")
	case c.Claim.Stage == wallet.ClaimRecovered:
		return e.T("holder.recovered-text")
	case c.Claim.Veto:
		return e.T("holder.veto-text", "date", until)
	case c.Claim.Stage == wallet.ClaimReady && c.Claim.Mine:
		return e.T("holder.ready-text")
	case c.Claim.Mine:
		return e.T("holder.waiting-me", "date", until)
	}
	return e.T("holder.waiting-text", "date", until)
}

func (c *claimCard) onVeto(ctx app.Context, e app.Event) { c.do(c.Env.W.VetoClaim) }

func (c *claimCard) onRecover(ctx app.Context, e app.Event) { c.do(c.Env.W.RecoverRecords) }

func (c *claimCard) do(what func(context.Context, record.ProfileID) error) {
	if c.busy {
		return
	}
	c.busy, c.fault = true, nil
	id := c.Person.ID
	run(c.ctx, func(ctx context.Context) error { return what(ctx, id) }, func(ctx app.Context, err error) { c.busy, c.fault = false, err })
}

// claims are what is said of all who are shown, on the timeline: one is for whoever opens the wallet.
func claims(e *Env, s *wallet.Snapshot) app.UI {
	list := s.Claimed()
	return app.Div().Class("comings").Body(app.Range(list).Slice(func(i int) app.UI {
		return &claimCard{Env: e, Person: list[i], Claim: *s.HolderOf(list[i].ID).Claim, Links: true}
	}))
}

// holderLink leads to who takes a person's records over, where others have them too.
func holderLink(e *Env, s *wallet.Snapshot, id string) app.UI {
	h := s.HolderOf(person(s, id).ID)
	return app.If(len(h.Others)+len(h.Named) > 0, func() app.UI {
		return kit.Link(kit.Plain, "key", e.T("holder.title"), pathHolder+id).ID("holder")
	})
}
