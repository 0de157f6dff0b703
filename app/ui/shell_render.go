package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

func (s *shell) Render() app.UI {
	if s.env.L == nil {
		return wordless()
	}
	open := s.snap.Phase == wallet.PhaseOpen && !s.alarm
	framed := open && !alone[placeOf(s.path).page]
	return app.Div().Class("potli", "phase-"+string(s.snap.Phase), s.tourMark()).
		Body(
			app.Button().Type("button").Class("skip").OnClick(s.onSkip).Text(s.env.T("app.skip")),
			kit.Place(app.If(framed, s.top).ElseIf(open, s.bare)),
			kit.If(framed && s.open == "people", s.people),
			kit.If(framed && s.snap.Demo, func() app.UI { return &demoBanner{Env: s.env, Tourer: s, Touring: s.touring()} }),
			app.Main().ID("main").Class("main").Body(s.about(), kit.If(s.touring(), s.tourCard), s.help(), s.page()),
			kit.If(framed, func() app.UI { return &bottomNav{Env: s.env, Page: placeOf(s.path).page, Arrived: arrived(s.snap)} }),
			s.above(),
		)
}

// alone are the pages of codes, which have the whole screen.
var alone = map[string]bool{pathCode: true, pathDropCode: true}

// above is what lies over the page: progress, undo, warnings. It is always there, so that screen readers hear it change.
func (s *shell) above() app.UI {
	return app.Div().Class("above").Body(
		kit.If(s.dragging && s.snap.Phase == wallet.PhaseOpen, func() app.UI { return dropHere(s.env, s.snap.Person()) }),
		kit.If(s.warn && s.snap.Phase == wallet.PhaseOpen, func() app.UI { return &stayOpen{Env: s.env} }),
		kit.If(s.update && !s.alarm, func() app.UI { return &updateBar{Env: s.env} }),
		app.Div().Class("snacks").Aria("live", "polite").Body(
			kit.If(s.hid || s.fault != nil, s.hiddenBar),
			kit.If(s.snap.Undo != nil, func() app.UI { return &undoBar{Env: s.env, Undo: s.snap.Undo} }),
			app.If(barred(s.snap.Work), func() app.UI { return &workBar{Env: s.env, Work: s.snap.Work} }),
		),
	)
}

// anywhere are the pages that come before the phase; nil: there is none at this path.
func (s *shell) anywhere() app.UI {
	switch e := s.env; {
	case s.alarm:
		return pageAlarm(e, s.was, s.quick || hasQuick(s.snap), !hasQuick(s.snap))
	case s.path == pathLearn:
		return s.learnPage()
	case mustInstall(e.D, s.snap.Phase, s.path):
		return pageInstall(e)
	}
	return trustPage(s.env, s.snap, s.path)
}

// page chooses by phase, then by path.
func (s *shell) page() app.UI {
	e, snap := s.env, s.snap
	if page := s.anywhere(); page != nil {
		return page
	}
	switch snap.Phase {
	case wallet.PhaseNew:
		switch s.path {
		case pathCreate:
			return &pageCreate{Env: e, Snap: snap}
		case pathRestore:
			return &pageRestore{Env: e, Snap: snap}
		case pathDevice:
			return &pageDevice{Env: e, Snap: snap}
		}
		return &pageWelcome{Env: e, Snap: snap, Speaker: s}
	case wallet.PhaseLocked:
		if s.path == pathRestore {
			return &pageRescue{Env: e, Snap: snap}
		}
		return &pageUnlock{Env: e, Snap: snap, Speaker: s}
	case wallet.PhaseCleared:
		switch s.path {
		case pathRestore:
			return &pageRestore{Env: e, Snap: snap}
		case pathDevice:
			return &pageDevice{Env: e, Snap: snap}
		}
		return &pageCleared{Env: e}
	case wallet.PhaseElsewhere:
		return &pageElsewhere{Env: e}
	case wallet.PhaseBroken:
		return pageBroken(e)
	case wallet.PhaseOpen:
		return s.openPage()
	}
	return pageLoading(e)
}

// openPage chooses by path in an open wallet.
func (s *shell) openPage() app.UI {
	e, snap, at := s.env, s.snap, placeOf(s.path)
	switch at.page {
	case pathAdd:
		return &pageAdd{Env: e, Snap: snap, Links: s.Base.links, Told: s.fragment}
	case pathInbox, pathItem, pathDrop, pathDropCode, pathTake:
		return s.receivingPage(at)
	case pathAsk, pathConsents, pathConsentLog, pathConsent, pathReceipt:
		return consentPage(e, snap, at)
	case pathTrends:
		return &pageTrends{Env: e, Snap: snap}
	case pathTrend:
		return &pageTrend{Env: e, Snap: snap, Key: s.fragment}
	case pathCounter, pathInstall:
		return counterPage(e, snap, at)
	case pathScan:
		return &pageScan{Env: e, Snap: snap, Links: s.Base.links}
	case pathPhotograph:
		return &pagePhotograph{Env: e, Snap: snap, Draft: &s.Base.links.papers}
	case pathReceive:
		return &pageReceive{Env: e, Snap: snap, Links: s.Base.links, Turn: s.Base.links.turn}
	case pathWrite, pathWriteOne, pathCorrect:
		return writePage(e, snap, at)
	case pathRecord:
		return &pageRecord{Env: e, Snap: snap, ID: at.id}
	case pathShow, pathShow + "/":
		return &pageShow{Env: e, Snap: snap, Only: at.id}
	case pathSend, pathSend + "/":
		return &pageSend{Env: e, Snap: snap, Only: at.id}
	case pathExport, pathExport + "/":
		return &pageExport{Env: e, Snap: snap, Only: at.id}
	case pathHand, pathHand + "/":
		return &pageHand{Env: e, Snap: snap, Only: at.id}
	case pathFilm:
		return &pageFilm{Env: e, Snap: snap}
	case pathCode:
		return &pageCode{Env: e, Snap: snap, ID: at.id}
	case pathShared:
		return &pageShared{Env: e, Snap: snap}
	case pathShared + "/":
		return &pageSharedOne{Env: e, Snap: snap, ID: at.id}
	}
	return s.keepingPage(at)
}

// receivingPage chooses among the pages of what others send.
func (s *shell) receivingPage(at place) app.UI {
	e, snap := s.env, s.snap
	switch at.page {
	case pathItem:
		return &pageItem{Env: e, Snap: snap, ID: at.id}
	case pathDrop:
		return &pageDrop{Env: e, Snap: snap}
	case pathDropCode:
		return &pageDropCode{Env: e, Snap: snap, ID: s.fragment}
	case pathTake:
		return &pageTake{Env: e, Snap: snap, Links: s.Base.links, Turn: s.Base.links.turn}
	}
	return &pageInbox{Env: e, Snap: snap}
}

// keepingPage chooses among the pages about the wallet itself.
func (s *shell) keepingPage(at place) app.UI {
	e, snap := s.env, s.snap
	switch at.page {
	case pathSettings:
		return &pageSettings{Env: e, Snap: snap, Speaker: s}
	case pathPeople:
		return &pagePeople{Env: e, Snap: snap}
	case pathPerson:
		return &pagePerson{Env: e, Snap: snap, ID: at.id}
	case pathCard, pathCards:
		return emergencyPage(e, snap, at)
	case pathWords:
		return &pageWords{Env: e, Snap: snap}
	case pathWays:
		return &pageWays{Env: e, Snap: snap}
	case pathRecovery:
		return &pageRecovery{Env: e, Snap: snap}
	case pathKit:
		return &pageKit{Env: e, Snap: snap}
	case pathContacts:
		return &pageContacts{Env: e, Snap: snap}
	case pathBackup:
		return &pageBackup{Env: e, Snap: snap}
	case pathWipe:
		return &pageWipe{Env: e, Snap: snap}
	case pathDevices:
		return &pageDevices{Env: e, Snap: snap}
	case pathLink:
		return &pageLink{Env: e, Snap: snap}
	case pathInvite:
		return &pageInvite{Env: e, Snap: snap, ID: at.id}
	case pathCarers:
		return &pageCarers{Env: e, Snap: snap, ID: at.id}
	case pathHandover:
		return &pageHandover{Env: e, Snap: snap, ID: at.id}
	case pathHolder:
		return &pageHolder{Env: e, Snap: snap, ID: at.id}
	case pathJoin:
		return &pageJoin{Env: e, Snap: snap, Links: s.Base.links}
	case pathAbout:
		return &pageAbout{Env: e}
	}
	return &pageHome{Env: e, Snap: snap, Links: s.Base.links}
}

// wordless is shown when no catalogue could be fetched: the only words that are compiled in.
func wordless() app.UI {
	return app.Main().Class("splash").Body(
		app.H1().ID(kit.TitleID).Class("splash-title").Text(nameOfApp),
		app.P().Class("splash-text").Lang("en").Text(noWordsEnglish),
		app.P().Class("splash-text").Lang("hi").Text(noWordsHindi),
	)
}

// What is said when there are no words. Not in the catalogues, since those are what is missing.
const (
	nameOfApp      = "Potli"
	noWordsEnglish = "Potli could not load its words. Check the network, then open this page again."
	noWordsHindi   = "पोटली अपने शब्द नहीं ला सकी। नेटवर्क देखें, फिर यह पन्ना दोबारा खोलें।"
)
