package ui

import (
	"context"
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Help stands on every page, in its place: what it was asked on stays as it is below, with what was typed there. That it
// is open stands in the address, so that the Back of a phone closes it and does not leave the page.

// IDs of the control that opens the help, and of the help itself.
const (
	helpOpenID = "help-open"
	helpID     = "help"
)

// helpQuery is the query of an address whose page has its help open.
const helpQuery = "help"

// guide is what the shell knows of help and tour.
type guide struct {
	lessons   map[string]*lessons // by language, as they have come
	busy      bool                // they are on their way
	fault     error               // why they did not come
	helping   bool                // the help of the page is open
	asked     bool                // it was opened here, so that Back closes it
	tour      int                 // the stop of the tour, from 1; 0: there is none
	tourFault error               // why it did not begin
}

// topics are the names of the texts of help of an open wallet, by page.
var topics = map[string]string{
	pathHome: "home", pathAdd: "add", pathReceive: "receive", pathScan: "scan", pathPhotograph: "photograph",
	pathWrite: "write", pathWriteOne: "write", pathCorrect: "write", pathRecord: "record", pathTrends: "trends", pathTrend: "trends",
	pathShow: "show", pathShow + "/": "show", pathSend: "send", pathSend + "/": "send", pathExport: "export", pathExport + "/": "export",
	pathHand: "hand", pathHand + "/": "hand", pathFilm: "film", pathCard: "emergency", pathCards: "cards", pathCode: "code",
	pathShared: "shared", pathShared + "/": "sharedone", pathSettings: "settings", pathPeople: "people", pathPerson: "person",
	pathWords: "words", pathWays: "ways", pathRecovery: "recovery", pathKit: "kit", pathContacts: "contacts", pathBackup: "backup",
	pathWipe: "wipe", pathDevices: "devices", pathLink: "link", pathInvite: "invite", pathCarers: "carers", pathHandover: "handover",
	pathHolder: "holder", pathJoin: "join", pathInbox: "inbox", pathItem: "item", pathDrop: "drop", pathDropCode: "dropcode",
	pathTake: "take", pathAsk: "ask", pathConsents: "consents", pathConsentLog: "consentlog", pathConsent: "consent", pathReceipt: "receipt",
	pathAbout: "about", pathLearn: "learn", pathPrivacy: "privacy", pathRelease: "release", pathLeft: "left", pathStored: "storage",
	pathCounter: "counter", pathInstall: "install",
}

// topicOf is the help of a page, "" where there is none: while the wallet opens.
func topicOf(phase wallet.Phase, path string) string {
	if ofPotli(path) {
		return topics[path]
	}
	switch phase {
	case wallet.PhaseOpen:
		return topics[placeOf(path).page]
	case wallet.PhaseLocked:
		if path == pathRestore {
			return "rescue"
		}
		return "unlock"
	case wallet.PhaseNew, wallet.PhaseCleared:
		switch {
		case path == pathRestore:
			return "restore"
		case path == pathDevice:
			return "device"
		case phase == wallet.PhaseCleared:
			return "cleared"
		case path == pathCreate:
			return "create"
		}
		return "welcome"
	case wallet.PhaseElsewhere:
		return "elsewhere"
	case wallet.PhaseBroken:
		return "broken"
	}
	return ""
}

// topic is the help of the page that is shown.
func (s *shell) topic() string {
	if s.alarm {
		return ""
	}
	if mustInstall(s.env.D, s.snap.Phase, s.path) {
		return "install"
	}
	return topicOf(s.snap.Phase, s.path)
}

// help is the control at the head of the page, and the help where it is open.
func (s *shell) help() app.UI {
	topic := s.topic()
	return app.Div().Class("help-at").Body(
		kit.If(topic != "", s.helpLink),
		kit.If(topic != "" && s.guide.helping, func() app.UI { return s.helpSheet(topic) }),
	)
}

func (s *shell) helpLink() app.UI {
	return app.Div().Class("help-line").Body(
		app.Button().ID(helpOpenID).Type("button").Class("help-ask").OnClick(s.onHelp).
			Aria("expanded", s.guide.helping).Aria("controls", helpID).Body(
			kit.Icon("what"),
			app.Span().Class("help-word").Text(s.env.T("help.word")),
			app.Span().Class("away").Text(s.env.T("help.about", "title", s.env.T(s.titleKey()))),
		),
	)
}

// helpParts are the parts of every help, with the icon and the heading of each.
var helpParts = []struct{ name, icon, heading string }{
	{"do", "check", "help.do"}, {"wrong", "warn", "help.wrong"}, {"who", "eye", "help.who"},
}

func (s *shell) helpSheet(topic string) app.UI {
	e := s.env
	return app.Section().ID(helpID).Class("help").TabIndex(-1).Aria("labelledby", "help-title").OnKeyDown(s.onHelpKey).Body(
		app.H2().ID("help-title").Class("help-title").Text(e.T("help.of", "title", e.T(s.titleKey()))),
		app.If(e.Learn == nil && s.guide.fault == nil, func() app.UI { return kit.Wait(e.T("help.wait")) }).
			ElseIf(e.Learn == nil, func() app.UI { return kit.Text(e.T("help.none")) }).
			Else(func() app.UI { return helpText(e, topic) }),
		kit.Row(kit.Button(kit.Plain, "close", e.T("help.close"), s.onHelp).ID("help-close")),
	)
}

func helpText(e *Env, topic string) app.UI {
	return app.Div().Class("help-text").Lang(e.Learn.tag).Body(
		readAloud(e, "help-"+topic),
		kit.Text(e.Learn.say("help."+topic+".for")),
		app.Range(helpParts).Slice(func(i int) app.UI {
			part := helpParts[i]
			return app.Div().Class("help-part").Body(kit.Icon(part.icon), app.Div().Body(
				app.H3().Class("help-heading").Text(e.T(part.heading)),
				kit.Text(e.Learn.say("help."+topic+"."+part.name)),
			))
		}),
	)
}

func (s *shell) onHelp(ctx app.Context, e app.Event) {
	if s.guide.helping {
		s.closeHelp(ctx)
		return
	}
	s.guide.asked = true
	s.env.Go(ctx, addressWith(ctx, helpQuery))
}

// addressWith is the address of the page as it stands, what is noted behind its # too, with another query.
func addressWith(ctx app.Context, query string) string {
	at := ctx.Page().URL()
	to := url.URL{Path: at.Path, RawQuery: query, Fragment: at.Fragment}
	return to.String()
}

func (s *shell) onHelpKey(ctx app.Context, e app.Event) {
	if e.Get("key").String() == "Escape" {
		s.closeHelp(ctx)
	}
}

// closeHelp goes back to the address before; whoever came by an address with the help open has none.
func (s *shell) closeHelp(ctx app.Context) {
	if s.guide.asked {
		s.env.D.Back()
		return
	}
	s.env.Go(ctx, addressWith(ctx, ""))
}

// navigateHelp opens and closes the help by the address. It says whether that is all that changed: the page below stays.
func (s *shell) navigateHelp(to *url.URL) bool {
	open := to.RawQuery == helpQuery
	if open == s.guide.helping {
		return false
	}
	s.guide.helping = open
	if to.Path != s.path {
		s.guide.asked = false
		return false
	}
	if open {
		s.fetchLessons()
		s.focus(s.env, helpID)
		return true
	}
	s.guide.asked = false
	s.focus(s.env, helpOpenID)
	return true
}

// fetchLessons fetches the texts of the language that is spoken, if they are wanted. The next page asks again.
func (s *shell) fetchLessons() {
	tag := s.env.L.Tag()
	if s.guide.lessons[tag] != nil || s.guide.busy || !s.wantsLessons() {
		return
	}
	s.guide.busy, s.guide.fault = true, nil
	var l *lessons
	run(s.ctx, func(c context.Context) (err error) {
		l, err = s.Base.env.fetchLessons(c, tag)
		return err
	}, func(ctx app.Context, err error) {
		s.guide.busy, s.guide.fault = false, err
		if err != nil {
			return
		}
		if s.guide.lessons == nil {
			s.guide.lessons = map[string]*lessons{}
		}
		s.guide.lessons[tag] = l
		s.env = s.speak(s.env.L)
	})
}

// ofPotli tells the pages that are there whether or not a wallet is open: they are about Potli, not about anybody.
func ofPotli(path string) bool {
	return path == pathAbout || path == pathPrivacy || path == pathRelease || path == pathLearn
}

// helpOpen reads from a path whether the help is open, and takes that out of it.
func helpOpen(path string) (rest string, open bool) {
	rest, query, _ := strings.Cut(path, "?")
	return rest, query == helpQuery
}
