package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/fhir"
	"potli/app/ui/kit"
)

// Words for what was asked and agreed. No code is ever shown without its plain name.
var (
	purposeKeys = map[consent.PurposeCode]string{
		consent.Care: "consent.purpose-care", consent.BreakGlass: "consent.purpose-emergency", consent.Public: "consent.purpose-public",
		consent.Payment: "consent.purpose-payment", consent.Research: "consent.purpose-research", consent.Self: "consent.purpose-self",
	}
	hiTypeKeys = map[consent.Kind]string{
		consent.Consultation: "consent.kind-consultation", consent.Prescription: "consent.kind-prescription", consent.Report: "consent.kind-report",
		consent.Discharge: "consent.kind-discharge", consent.Vaccination: "consent.kind-vaccination", consent.HealthPaper: "consent.kind-paper",
		consent.Wellness: "consent.kind-wellness", consent.Invoice: "consent.kind-invoice",
	}
	hiTypeIcons = map[consent.Kind]string{
		consent.Consultation: "visit", consent.Prescription: "medicine", consent.Report: "result", consent.Discharge: "document",
		consent.Vaccination: "immunization", consent.HealthPaper: "document", consent.Wellness: "vital", consent.Invoice: "bill",
	}
	repeatKeys = map[consent.Repeat]string{consent.Once: "consent.once", consent.Follow: "consent.follow"}
	afterKeys  = map[consent.After]string{consent.View: "consent.view", consent.Keep: "consent.keep"}
	reasonKeys = map[consent.Reason]string{
		consent.Unagreed: "consent.stays-unagreed", consent.NotBegun: "consent.stays-early", consent.Expired: "consent.stays-over",
		consent.IsRefused: "consent.stays-refused", consent.IsLapsed: "consent.stays-over", consent.IsRevoked: "consent.stays-revoked",
		consent.OtherPerson: "consent.stays-person", consent.OtherKind: "consent.stays-kind", consent.OtherDates: "consent.stays-dates",
		consent.NotChosen: "consent.stays-chosen", consent.UsedUp: "consent.stays-given", consent.NeedsTwo: "consent.stays-two", consent.NeedsHand: "consent.stays-hand",
	}
	eventKeys = map[consent.EventKind]string{
		consent.Requested: "consent.event-requested", consent.Granted: "consent.event-granted", consent.Narrowed: "consent.event-narrowed",
		consent.Refused: "consent.event-refused", consent.Ended: "consent.event-ended", consent.Delivered: "consent.event-delivered",
		consent.Opened: "consent.event-opened", consent.Revoked: "consent.event-revoked", consent.Told: "consent.event-told",
	}
)

// purpose says why records are asked for: in plain words, then in the asker's own.
func purpose(e *Env, p consent.Purpose) string {
	text := e.T(purposeKeys[p.Code])
	if p.Text != "" {
		text += "\n" + e.T("consent.own-words", "text", p.Text)
	}
	return text
}

// recordKind says a kind of record that can be asked for.
func recordKind(e *Env, k consent.Kind) string {
	if key, ok := hiTypeKeys[k]; ok {
		return e.T(key)
	}
	return e.kind(fhir.Kind(k))
}

// within are the kinds of entries that a document type lets through anyway (consent.Grant): who asks by the type often
// names them too.
var within = map[consent.Kind]consent.Kind{
	consent.Kind(fhir.KindVisit): consent.Consultation, consent.Kind(fhir.KindMedicine): consent.Prescription, consent.Kind(fhir.KindResult): consent.Report,
	consent.Kind(fhir.KindImmunization): consent.Vaccination, consent.Kind(fhir.KindDocument): consent.HealthPaper, consent.Kind(fhir.KindPhoto): consent.HealthPaper,
	consent.Kind(fhir.KindVital): consent.Wellness, consent.Kind(fhir.KindBill): consent.Invoice,
}

// plainKinds says each thing once, in the order of the list of all kinds: "test reports" and not "test results" beside them.
func plainKinds(list []consent.Kind) (plain []consent.Kind) {
	for _, k := range consent.Kinds {
		if slices.Contains(list, k) && !slices.Contains(list, within[k]) {
			plain = append(plain, k)
		}
	}
	return plain
}

func recordKinds(e *Env, list []consent.Kind) string {
	var words []string
	for _, k := range plainKinds(list) {
		words = append(words, recordKind(e, k))
	}
	return e.L.Comma(words)
}

// kindChips shows kinds with their pictures.
func kindChips(e *Env, asked []consent.Kind) app.UI {
	list := plainKinds(asked)
	return app.Ul().Class("chips", "consent-kinds").Body(app.Range(list).Slice(func(i int) app.UI {
		icon := first(hiTypeIcons[list[i]], string(list[i]))
		if !kit.HasIcon(icon) {
			icon = "document"
		}
		return app.Li().Body(kit.Chip("quiet", icon, recordKind(e, list[i])))
	}))
}

// dateRange says of which dates records may be.
func dateRange(e *Env, d consent.Dates) string {
	switch {
	case d.From == "" && d.To == "":
		return e.T("consent.dates-all")
	case d.To == "":
		return e.T("consent.dates-from", "from", e.L.Date(d.From))
	case d.From == "":
		return e.T("consent.dates-to", "to", e.L.Date(d.To))
	}
	return e.T("consent.dates", "from", e.L.Date(d.From), "to", e.L.Date(d.To))
}

// termFacts say terms that were agreed, one by one.
func termFacts(e *Env, g *consent.Grant) []kit.Fact {
	return []kit.Fact{
		{Name: e.T("consent.why"), Text: purpose(e, g.Purpose)},
		{Name: e.T("consent.what"), Text: recordKinds(e, g.Kinds)},
		{Name: e.T("consent.of"), Text: dateRange(e, g.Dates)},
		{Name: e.T("consent.chosen"), Text: chosen(e, g)},
		{Name: e.T("consent.until"), Text: e.L.DateTime(g.Until)},
		{Name: e.T("consent.often"), Text: e.T(repeatKeys[g.Repeat])},
		{Name: e.T("consent.after"), Text: e.T(afterKeys[g.After])},
	}
}

// chosen says how many records may go and no others; "" where all that fit may.
func chosen(e *Env, g *consent.Grant) string {
	if g.Records == nil {
		return ""
	}
	return e.N("consent.only", len(g.Records))
}

// partyFacts are the numbers under which registries know a party, and where it is on the web: its own words, which nobody has checked.
func partyFacts(e *Env, p consent.Party) []kit.Fact {
	var facts []kit.Fact
	for _, id := range p.IDs {
		facts = append(facts, kit.Fact{Name: e.T("consent.number", "registry", host(id.System)), Text: id.Value})
	}
	return append(facts, kit.Fact{Name: e.T("consent.web"), Text: p.Origin}, kit.Fact{Name: e.T("consent.key"), Text: p.Key})
}

// partyName is what a provider is called.
func partyName(e *Env, p consent.Party) string {
	return first(strings.TrimSpace(p.Name), e.T("consent.nameless"))
}

// instant says when, "" for never.
func instant(e *Env, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return e.L.DateTime(t)
}
