package ui

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// What goes wrong between devices is said in words, with whose device it is and what to do. That something is on its way,
// or that there is no network, is nothing of the kind.

// rolledShown is how long it is said on the timeline that the relay was put back: it is over, and was made good.
const rolledShown = 7 * 24 * time.Hour

// troubles are those of the whole wallet and of one person, for the timeline.
func troubles(e *Env, s *wallet.Snapshot) app.UI {
	p, state := s.Person(), s.Sync[s.Current]
	recent := e.Now().Sub(state.Warning) < rolledShown
	return app.Div().Class("troubles").Body(
		&troubleCard{Env: e, Snap: s},
		syncTrouble(e, p, state, kit.Row(kit.Link(kit.Quiet, "person", e.T("trouble.person", "name", p.Name), pathPerson+string(p.ID)))),
		app.If(!state.Warning.IsZero() && recent, func() app.UI { return rolledBack(e, state) }),
	)
}

// troublesOf are those of a person, for their own page.
func troublesOf(e *Env, s *wallet.Snapshot, p wallet.Person) app.UI {
	state := s.Sync[p.ID]
	return app.Div().Class("troubles").Body(
		syncTrouble(e, p, state, app.Div()),
		app.If(!state.Warning.IsZero(), func() app.UI { return rolledBack(e, state) }),
	)
}

// rolledBack says that the relay was put back to an older day.
func rolledBack(e *Env, s wallet.SyncState) app.UI {
	return kit.Notice(kit.Note, e.T("trouble.rolled", "date", e.L.Day(s.Warning)), app.P().Text(e.T("trouble.rolled-do"))).ID("rolled-back")
}

// syncTrouble says why what is known of a person does not travel, and what helps.
func syncTrouble(e *Env, p wallet.Person, s wallet.SyncState, more app.UI) app.UI {
	if !s.Grave() {
		return app.Div()
	}
	tone, text, do := troubleWords(e, p.Name, s)
	return kit.Notice(tone, text, kit.If(do != "", func() app.UI { return app.P().Text(do) }), troubleWays(e, p, s), more).ID("sync-trouble")
}

// troubleWays lead to what the words name.
func troubleWays(e *Env, p wallet.Person, s wallet.SyncState) app.UI {
	devices := kit.Link(kit.Plain, "phone", e.T("devices.title"), pathDevices)
	switch s.Kind {
	case wallet.SyncTwin:
		return kit.Row(kit.Link(kit.Plain, "box", e.T("backup.title"), pathBackup), devices)
	case wallet.SyncForked:
		return kit.Row(devices)
	case wallet.SyncClosed:
		return kit.Row(kit.Link(kit.Plain, "people", e.T("carers.title"), pathCarers+string(p.ID)))
	}
	return app.Div()
}

// troubleWords are what has happened, and what it means or what to do.
func troubleWords(e *Env, name string, s wallet.SyncState) (tone kit.Tone, text, do string) {
	from := e.L.List(s.From)
	switch s.Kind {
	case wallet.SyncRemoved:
		if from == "" {
			return kit.Warn, e.T("trouble.removed", "name", name), e.T("trouble.stays")
		}
		return kit.Warn, e.T("trouble.removed-by", "name", name, "by", from), e.T("trouble.stays")
	case wallet.SyncLeft:
		return kit.Note, e.T("trouble.left", "name", name), e.T("trouble.stays")
	case wallet.SyncTwin:
		return kit.Danger, e.T("trouble.twin"), e.T("trouble.twin-do")
	case wallet.SyncForked:
		return kit.Danger, e.T("trouble.forked", "from", first(from, e.T("carers.nameless")), "name", name), e.T("trouble.forked-do")
	case wallet.SyncLater:
		return kit.Warn, e.T("trouble.later", "name", name), ""
	case wallet.SyncClosed:
		return kit.Danger, e.T("trouble.closed", "name", name), ""
	case wallet.SyncFirst:
		return kit.Note, e.T("trouble.first", "name", name), e.T("trouble.first-do")
	case wallet.SyncResend:
		if from == "" {
			return kit.Warn, e.T("trouble.resend", "name", name), e.T("trouble.resend-do")
		}
		return kit.Warn, e.T("trouble.resend-from", "name", name, "from", from), e.T("trouble.resend-do")
	}
	if from == "" {
		return kit.Warn, e.T("trouble.full", "name", name), ""
	}
	return kit.Warn, e.T("trouble.full-from", "name", name, "from", from), ""
}
