package ui

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// trust says in a sentence what is known of who sent an item: no more than that, and no less.
func trust(e *Env, it wallet.ItemInfo) app.UI {
	tone, text := kit.Note, e.T("inbox.trust.unsigned")
	switch {
	case it.Trust == inbox.TrustKnown:
		tone, text = kit.Good, e.T("inbox.known."+string(knownHow(it.How)), "name", first(it.Known, it.From.Name))
	case it.Trust == inbox.TrustPosing:
		tone, text = kit.Danger, e.T("inbox.trust.posing", "name", first(it.Known, it.From.Name))
	case it.Trust == inbox.TrustNew:
		text = e.T("inbox.trust.new")
	case it.Link != "":
		text = e.T("inbox.trust.link", "host", host(it.From.Origin))
	}
	return kit.Notice(tone, text).ID("trust")
}

// knownHow takes a way that a later version knows for the one that says least.
func knownHow(how inbox.How) inbox.How {
	if how == inbox.HowScanned || how == inbox.HowDirectory {
		return how
	}
	return inbox.HowLink
}

// aboutSender is what the message says of its sender, folded: nobody has checked it.
func aboutSender(e *Env, it wallet.ItemInfo) []kit.Fact {
	var numbers []string
	for _, id := range it.From.IDs {
		numbers = append(numbers, id.Value)
	}
	facts := []kit.Fact{
		{Name: e.T("inbox.says"), Text: it.From.Name},
		{Name: e.T("inbox.numbers"), Text: e.L.Comma(numbers)},
		{Name: e.T("inbox.origin"), Text: host(it.From.Origin)},
		{Name: e.T("inbox.key"), Text: keySigns(it.Signer)},
		{Name: e.T("inbox.written"), Text: e.L.DateTime(it.Written)},
	}
	if !it.Arrived.IsZero() {
		facts = append(facts, kit.Fact{Name: e.T("inbox.arrived"), Text: e.L.DateTime(it.Arrived)})
	}
	return facts
}

// keySigns is the beginning of a thumbprint as people can hold it against another screen.
func keySigns(thumbprint string) string {
	if len(thumbprint) < 16 {
		return thumbprint
	}
	return strings.Join([]string{thumbprint[:4], thumbprint[4:8], thumbprint[8:12], thumbprint[12:16]}, " ")
}

// pinning asks whether the person has met who signed this.
func (p *pageItem) pinning(it wallet.ItemInfo) app.UI {
	e := p.Env
	return kit.Ask("pin-sure", e.T("inbox.pin-title", "name", it.From.Name), e.T("inbox.pin-text"),
		app.Div().Class("signs").Body(kit.Small(e.T("inbox.pin-key")),
			app.P().ID("pin-signs").Class("signs-text").Attr("translate", "no").Text(keySigns(it.Signer))),
		kit.Button(kit.Main, "check", e.T("inbox.pin-yes"), p.onPinYes).ID("pin-yes").Disabled(p.busy),
		kit.Button(kit.Plain, "", e.T("action.back"), p.onNo))
}
