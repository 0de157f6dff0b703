package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// authorities are on what ground somebody agreed.
var authorities = map[string]string{
	"self": "receipt.as-self", "guardian": "receipt.as-guardian", "caregiver": "receipt.as-caregiver",
}

// receiptSheet is a receipt on paper, as it is printed: who agreed to what, exactly what was given, and by what anybody can
// check it years later. It looks like the other papers (web/styles/print_sheet.css).
func receiptSheet(e *Env, v *wallet.ReceiptView, path string, size int) app.UI {
	title := e.T("receipt.sheet", "what", e.T(eventKeys[v.State]))
	return app.Section().ID("receipt").Class("print-sheet", "print-a4", "receipt-sheet").TabIndex(0).Aria("label", title).Body(
		app.Table().Class("print-frame").Role("presentation").Body(
			app.THead().Body(app.Tr().Body(app.Td().Class("print-head").Body(
				app.Span().Class("print-who").Text(v.Principal),
				app.Span().Class("print-when").Text(e.L.DateTime(v.Issued)),
			))),
			app.TBody().Body(app.Tr().Body(app.Td().Class("print-body").Body(
				app.H2().Class("print-title").Text(title),
				sheetPart(e.T("receipt.agreed"), receiptTerms(e, v)...),
				receiptDocuments(e, v.Documents),
				receiptNotice(e, v.Notice),
				receiptProof(e, v, path, size),
			))),
		),
	)
}

// receiptTerms say who agreed with whom to what.
func receiptTerms(e *Env, v *wallet.ReceiptView) []kit.Fact {
	by := v.Actor.Name
	if key := authorities[v.Actor.Authority]; key != "" {
		by = e.T(key, "name", by)
	}
	facts := []kit.Fact{
		{Name: e.T("receipt.whose"), Text: v.Principal},
		{Name: e.T("receipt.by"), Text: by},
		{Name: e.T("receipt.to"), Text: partyName(e, v.Terms.To)},
	}
	facts = append(facts, termFacts(e, &v.Terms)...)
	return append(facts, partyFacts(e, v.Terms.To)...)
}

// sheetPart is a heading with facts under it; those without text are left out.
func sheetPart(heading string, facts ...kit.Fact) app.UI {
	return app.Section().Class("print-part").Body(
		app.H3().Class("print-heading").Text(heading),
		app.Dl().Class("print-facts").Body(app.Range(facts).Slice(func(i int) app.UI {
			if facts[i].Text == "" {
				return nil
			}
			return app.Div().Class("print-field").Body(app.Dt().Text(facts[i].Name), app.Dd().Class("receipt-value").Text(facts[i].Text))
		})),
	)
}

// receiptDocuments names the documents that were given, by the fingerprints that show of a document that it is the one.
func receiptDocuments(e *Env, list []consent.Given) app.UI {
	if len(list) == 0 {
		return app.P().Class("print-note").Text(e.T("receipt.no-documents"))
	}
	return app.Section().Class("print-part", "receipt-given").Body(
		app.H3().Class("print-heading").Text(e.N("consent.documents", len(list))),
		app.Ol().Class("print-sources").Body(app.Range(list).Slice(func(i int) app.UI {
			return app.Li().Body(
				app.Span().Text(list[i].Type+" · "+e.L.Bytes(list[i].Bytes)),
				app.P().Class("receipt-mono").Attr("translate", "no").Text(list[i].SHA256),
			)
		})),
		app.P().Class("print-detail").Text(e.T("receipt.hash-text")),
	)
}

// receiptNotice is what the person was told, as it stood.
func receiptNotice(e *Env, n consent.Notice) app.UI {
	if n.Text == "" {
		return app.P().Class("print-note").Text(e.T("ask.no-notice"))
	}
	return app.Section().Class("print-part").Body(
		app.H3().Class("print-heading").Text(e.T("ask.notice")),
		app.Elem("blockquote").Class("print-detail", "consent-notice").Lang(n.Language).Attr("dir", "auto").Text(n.Text),
	)
}

// receiptProof is by what anybody can check the receipt: its code, its fingerprint, and the keys.
func receiptProof(e *Env, v *wallet.ReceiptView, path string, size int) app.UI {
	spoken, text := e.T("receipt.code-hash"), e.T("receipt.code-hash-text")
	if v.Full {
		spoken, text = e.T("receipt.code-full"), e.T("receipt.code-full-text")
	}
	return app.Section().Class("print-part", "receipt-proof").Body(
		app.H3().Class("print-heading").Text(e.T("receipt.proof")),
		app.P().Class("print-detail").Text(countered(e, v)),
		app.Div().Class("receipt-code").Body(
			kit.If(path != "", func() app.UI { return kit.Code(path, size, spoken) }),
			app.Div().Class("receipt-keys").Body(
				app.P().Class("print-detail").Text(text),
				app.Dl().Class("print-facts", "receipt-hashes").Body(
					hashFact(e.T("receipt.hash"), v.ID),
					hashFact(e.T("receipt.device-key"), v.Signer.Thumbprint()),
					hashFact(e.T("receipt.user-key"), v.Root.Thumbprint()),
					hashFact(e.T("receipt.previous"), v.Previous),
				),
			),
		),
	)
}

func hashFact(name, hash string) app.UI {
	if hash == "" {
		return nil
	}
	return app.Div().Class("receipt-hash").Body(app.Dt().Text(name), app.Dd().Class("receipt-mono").Attr("translate", "no").Text(hash))
}

// countered says whether the other side has confirmed that it has the receipt.
func countered(e *Env, v *wallet.ReceiptView) string {
	if v.Signed == nil {
		return e.T("receipt.uncountered")
	}
	return e.T("receipt.countered-by", "clinic", partyName(e, v.Signed.From), "time", e.L.DateTime(v.Signed.At))
}
