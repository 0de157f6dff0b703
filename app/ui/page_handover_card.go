package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// handovers are the records that are to become this user's own, on the timeline, where something is theirs to answer.
func handovers(e *Env, s *wallet.Snapshot) app.UI {
	shown := s.Shown()
	return app.Div().Class("comings").Body(app.Range(shown).Slice(func(i int) app.UI {
		h := s.HandoverOf(shown[i].ID)
		if !h.Mine || !h.Can {
			return nil
		}
		return app.Section().Class("card", "coming", kit.Colour(shown[i].Colour)).Body(
			app.H2().Class("card-title").Text(e.T(ownTitle(h.Stage))),
			kit.Text(e.T("handover.own-text", "name", shown[i].Name)),
			kit.Row(kit.Link(kit.Main, "person", e.T("handover.open"), pathHandover+string(shown[i].ID)).ID("handover-"+string(shown[i].ID))))
	}))
}

func ownTitle(stage wallet.HandoverStage) string {
	switch stage {
	case wallet.HandoverOffered:
		return "handover.own-offered"
	case wallet.HandoverReady:
		return "handover.own-ready"
	}
	return "handover.own-choose"
}

// handoverLink leads to the page that hands a person's records over, where that can be done, or has begun.
func handoverLink(e *Env, s *wallet.Snapshot, id string) app.UI {
	h := s.HandoverOf(person(s, id).ID)
	open := h.Stage != wallet.HandoverNone && h.Stage != wallet.HandoverSoon
	return app.If(open, func() app.UI {
		return kit.Link(kit.Plain, "person", e.T("handover.title"), pathHandover+id).ID("handover")
	})
}
