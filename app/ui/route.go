package ui

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/wallet"
)

// Paths of the pages. Nothing of a record stands in them: a record is named by its random id.
const (
	pathHome       = "/"
	pathCreate     = "/create"
	pathRestore    = "/restore"
	pathAdd        = "/add"
	pathReceive    = "/receive"
	pathScan       = "/scan"
	pathPhotograph = "/photograph"
	pathWrite      = "/write"
	pathWriteOne   = "/write/"       // + kind of note
	pathCorrect    = "/correct/"     // + record that was written by hand
	pathRecord     = "/record/"      // + record
	pathTrends     = "/trends"       // what can be charted
	pathTrend      = "/trends/chart" // + # and a number without meaning
	pathCounter    = "/counter"      // at the counter: show or scan
	pathInstall    = "/install"      // onto the home screen
	pathShow       = "/show"         // at the counter; + "/" + record
	pathSend       = "/send"         // a link; + "/" + record
	pathExport     = "/export"       // a file or paper; + "/" + record
	pathHand       = "/hand"         // codes without network; + "/" + record
	pathFilm       = "/film"         // reads such codes
	pathCard       = "/emergency"
	pathCards      = "/emergency/print"
	pathCode       = "/code/"  // + share
	pathShared     = "/shared" // the ledger; + "/" + share
	pathSettings   = "/settings"
	pathPeople     = "/settings/people"
	pathPerson     = "/settings/people/" // + person
	pathWords      = "/settings/words"
	pathWays       = "/settings/ways"
	pathRecovery   = "/settings/recovery"
	pathKit        = "/settings/recovery/kit"
	pathContacts   = "/settings/recovery/contacts"
	pathBackup     = "/settings/backup"
	pathWipe       = "/settings/wipe"
	pathDevices    = "/settings/devices"
	pathLink       = "/settings/link" // another device of one's own
	pathDevice     = "/device"        // this one, linked to another
	pathInvite     = "/invite/"       // to care for; + person
	pathCarers     = "/carers/"       // who cares for; + person
	pathHandover   = "/handover/"     // to the person themselves; + person
	pathHolder     = "/holder/"       // who takes over one day; + person
	pathJoin       = "/join"          // an invitation
	pathInbox      = "/inbox"
	pathItem       = "/inbox/"        // + what came
	pathDrop       = "/drop"          // a code with which a clinic sends
	pathDropCode   = "/drop/code"     // + # and the code: who knows which may send something, so no server is told
	pathTake       = "/take"          // + # and what the phone's own camera has read
	pathAsk        = "/ask/"          // + item of the inbox: a provider asks for records
	pathConsents   = "/consents"      // who has what today
	pathConsentLog = "/consents/log"  // all that ever happened
	pathConsent    = "/consents/one/" // + consent
	pathReceipt    = "/receipt/"      // + receipt
	pathAbout      = "/about"
	pathRelease    = "/release"          // which version of Potli this is; also without a wallet
	pathPrivacy    = "/privacy"          // who sees what; also without a wallet
	pathLeft       = "/settings/left"    // what left this phone
	pathStored     = "/settings/storage" // whether what is here will stay
	pathLearn      = "/learn"            // what is what, in a few sentences each
)

// fixed are the paths without a name in them.
var fixed = []string{
	pathLearn,
	pathHome, pathCreate, pathRestore, pathAdd, pathReceive, pathScan, pathTrends, pathTrend, pathPhotograph, pathWrite, pathCounter, pathInstall, pathShow, pathSend, pathExport, pathHand, pathFilm, pathCard, pathCards, pathShared,
	pathSettings, pathPeople, pathWords, pathWays, pathRecovery, pathKit, pathContacts, pathBackup, pathWipe, pathDevices, pathLink, pathDevice, pathJoin, pathAbout, pathInbox, pathDrop, pathDropCode, pathTake, pathConsents, pathConsentLog,
	pathPrivacy, pathLeft, pathStored, pathRelease,
}

// named are the paths with the random name of a record, share or person at their end.
var named = []string{pathWriteOne, pathCorrect, pathRecord, pathShow + "/", pathSend + "/", pathExport + "/", pathHand + "/", pathCode, pathShared + "/", pathPerson, pathInvite, pathCarers, pathHandover, pathHolder, pathItem, pathAsk, pathConsent, pathReceipt}

// Routes registers the one component that draws every page. It chooses the page by the wallet's phase first, by the path
// second, so that no path leads around the lock.
func Routes(c Config) {
	base := newBase(c)
	for _, path := range fixed {
		app.Route(path, base.shell)
	}
	for _, prefix := range named {
		app.RouteWithRegexp("^"+prefix+"[A-Za-z0-9_-]+$", base.shell)
	}
	app.RouteWithRegexp("^/", base.shell) // an address nobody knows: the timeline
}

// place is where a person is: the name of a page and what it is about.
type place struct{ page, id string }

// placeOf reads a path in an open wallet.
func placeOf(path string) place {
	for _, prefix := range named {
		if id, ok := strings.CutPrefix(path, prefix); ok && id != "" {
			return place{prefix, id}
		}
	}
	for _, p := range fixed {
		if path == p && p != pathCreate && p != pathRestore && p != pathDevice {
			return place{page: p}
		}
	}
	return place{page: pathHome}
}

// titleKey is the message that names a page in the browser's title.
func titleKey(phase wallet.Phase, path string) string {
	if path == pathLearn {
		return "learn.title"
	}
	if path == pathPrivacy {
		return "privacy.title"
	}
	if path == pathRelease {
		return "release.title"
	}
	if path == pathAbout {
		return "about.title"
	}
	switch phase {
	case wallet.PhaseNew, wallet.PhaseCleared:
		switch {
		case path == pathRestore:
			return "restore.title"
		case path == pathDevice:
			return "device.title"
		case path == pathCreate && phase == wallet.PhaseNew:
			return "create.title"
		case phase == wallet.PhaseCleared:
			return "cleared.title"
		}
		return "welcome.title"
	case wallet.PhaseOpen:
		return openTitles[placeOf(path).page]
	case wallet.PhaseLocked:
		if path == pathRestore {
			return "rescue.title"
		}
		return "unlock.title"
	case wallet.PhaseElsewhere:
		return "elsewhere.title"
	case wallet.PhaseBroken:
		return "broken.title"
	}
	return "loading.title"
}

var openTitles = map[string]string{
	pathLearn: "learn.title",
	pathHome:  "home.title", pathAdd: "add.title", pathReceive: "receive.title", pathScan: "scan.title", pathTrends: "trends.title", pathTrend: "trend.title", pathWrite: "write.title", pathWriteOne: "write.title", pathCorrect: "write.correct", pathPhotograph: "photograph.title", pathRecord: "record.title",
	pathCounter: "counter.title", pathInstall: "install.page", pathShow: "show.title", pathShow + "/": "show.title", pathSend: "send.title", pathSend + "/": "send.title", pathExport: "export.title", pathExport + "/": "export.title",
	pathHand: "hand.title", pathHand + "/": "hand.title", pathFilm: "film.title", pathCard: "emergency.title", pathCards: "emergency.print-title",
	pathCode: "code.title", pathShared: "shared.title", pathShared + "/": "shared.one", pathSettings: "settings.title",
	pathPeople: "people.title", pathPerson: "people.one", pathWords: "words.title", pathWays: "ways.title", pathRecovery: "recovery.title", pathKit: "kit.title", pathContacts: "contacts.title", pathBackup: "backup.title",
	pathInbox: "inbox.title", pathItem: "inbox.title", pathDrop: "drop.title", pathDropCode: "drop.show", pathTake: "take.title",
	pathAsk: "ask.title", pathConsents: "consent.title", pathConsentLog: "consent.log", pathConsent: "consent.one", pathReceipt: "receipt.title",
	pathWipe: "wipe.title", pathDevices: "devices.title", pathLink: "link.title", pathInvite: "invite.title", pathHandover: "handover.title", pathHolder: "holder.title", pathCarers: "carers.title", pathJoin: "join.title", pathAbout: "about.title", pathPrivacy: "privacy.title", pathLeft: "left.title", pathStored: "stored.title", pathRelease: "release.title",
}
