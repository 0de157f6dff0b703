package ui_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/record"
	"potli/app/wallet"
	"potli/crypto/jose/josetest"
)

// book is what the fake knows of consents.
type book struct {
	ask     *wallet.Asked
	two     bool // an adolescent's
	alone   bool
	rows    []row
	book    *wallet.ConsentBook
	one     *wallet.ConsentInfo
	log     []ledger.Entry
	receipt *wallet.ReceiptView
}

// row is a record as a list shows it, and as it is decided about.
type row struct {
	wallet.Row
	facts consent.Record
}

func (d *door) TakeAsk(_ context.Context, text string, how inbox.How) (string, error) {
	return "ask1", d.note("take ask " + text + " " + string(how))
}

func (d *door) Asked(context.Context, string) (*wallet.Asked, error) {
	if d.consents.ask == nil {
		return nil, wallet.ErrNoAsk
	}
	return d.consents.ask, d.fault
}

// PrepareGrant decides as a wallet does: by what the request allows of the choice, record by record.
func (d *door) PrepareGrant(_ context.Context, item string, who record.ProfileID, c consent.Choice) (*wallet.GrantPreview, error) {
	b := &d.consents
	if err := d.note("prepare " + item + " for " + string(who)); err != nil {
		return nil, err
	}
	person := ""
	if b.two {
		person = "u9"
	}
	terms, err := b.ask.Request.Allow("AAAAAAAAAAAAAAAAAAAAAQ", who, c, person, now)
	if err != nil {
		return nil, err
	}
	p := &wallet.GrantPreview{Item: item, Request: b.ask.Request, Terms: terms, Two: b.two, Alone: b.alone, ByLink: b.ask.Request.Reply.IsZero()}
	yes := []consent.Event{{Kind: consent.Granted, Consent: terms.ID, At: now, By: "u1", Terms: terms}}
	for _, r := range b.rows {
		r.facts.Profile = who
		if ok, why := consent.Yields(terms, yes, r.facts, consent.Occasion{Now: now, ByHand: true}); ok {
			p.Going = append(p.Going, r.Row)
		} else {
			p.Staying = append(p.Staying, wallet.Staying{Row: r.Row, Why: why})
		}
	}
	return p, nil
}

// GrantAsk notes exactly what would go, and how long.
func (d *door) GrantAsk(_ context.Context, p *wallet.GrantPreview) (string, error) {
	var ids []string
	for _, r := range p.Going {
		ids = append(ids, string(r.ID))
	}
	return "consent1", d.note(fmt.Sprintf("grant %s of %s: %s, %s, %s, %s", p.Item, p.Terms.Profile, strings.Join(ids, " "), p.Terms.Repeat, p.Terms.After, p.Terms.Until.Sub(now)))
}

func (d *door) RefuseAsk(_ context.Context, item string) error { return d.note("refuse " + item) }

func (d *door) AgreeConsent(_ context.Context, id string) error { return d.note("agree " + id) }

func (d *door) NarrowConsent(_ context.Context, id string, c consent.Choice) error {
	return d.note(fmt.Sprintf("narrow %s: %s, %s, %d kinds", id, c.Repeat, c.After, len(c.Kinds)))
}

func (d *door) RevokeConsent(_ context.Context, id string) error {
	return d.note("revoke consent " + id)
}

func (d *door) RevokeParty(_ context.Context, p consent.Party) error {
	return d.note("revoke all at " + p.Name)
}

func (d *door) Consents(_ context.Context, who record.ProfileID) (*wallet.ConsentBook, error) {
	if d.consents.book == nil {
		return &wallet.ConsentBook{Person: who}, d.fault
	}
	return d.consents.book, d.fault
}

func (d *door) Consent(context.Context, string) (*wallet.ConsentInfo, error) {
	if d.consents.one == nil {
		return nil, wallet.ErrNoConsent
	}
	return d.consents.one, d.fault
}

func (d *door) ConsentLog(_ context.Context, _ record.ProfileID, q ledger.Query) ([]ledger.Entry, error) {
	return ledger.Search(d.consents.log, q), d.fault
}

func (d *door) Receipt(context.Context, string) (*wallet.ReceiptView, error) {
	if d.consents.receipt == nil {
		return nil, wallet.ErrNoConsent
	}
	return d.consents.receipt, d.fault
}

func (d *door) ExportLog(context.Context, record.ProfileID) (string, []byte, error) {
	return "log.txt", []byte("potli-log/1\n"), d.note("export log")
}

// consented is a wallet that a clinic has asked, and that has agreed to something before.
func consented(say func(string) string) *door {
	d := world(say)
	clinic := consent.Party{Name: say("Sample Clinic"), IDs: []consent.Identifier{{System: "https://facility.abdm.gov.in", Value: say("IN1234")}}, Origin: "https://clinic.example", Key: "7Tn5nF0NgvDdS6yLd9Lx0dRVZP1M1oP2oI2O5tHk0aE"}
	q := &consent.Request{ID: "AAAAAAAAAAAAAAAAAAAAAA", From: clinic, About: say("Asha D."), Purpose: consent.Purpose{Code: consent.Care, Text: say("To treat a cough")},
		Kinds: []consent.Kind{consent.Report, consent.Prescription, consent.Kind(fhir.KindAllergy)}, Dates: consent.Dates{From: "2024-01-01"}, Until: now.Add(60 * 24 * time.Hour),
		Repeat: consent.Follow, After: consent.Keep, Notice: consent.Notice{Text: say("We look at your reports.\nYou may say no."), Language: "en"},
		Reply: consent.Mailbox{Relay: "https://relay.example", ID: "x"}, Issued: now.Add(-time.Minute), Expires: now.Add(time.Hour), Text: "text"}
	terms, err := q.Allow("AAAAAAAAAAAAAAAAAAAAAQ", "p1", consent.Choice{}, "", now.Add(-time.Second))
	if err != nil {
		panic(err)
	}
	given := consent.Given{SHA256: consent.Hash([]byte("x")), Bytes: 12345, Type: "application/pdf"}
	info := wallet.ConsentInfo{ID: terms.ID, Person: "p1", Terms: terms, Notice: q.Notice, State: consent.Live, Since: now, Deliveries: 2, Delivered: now,
		Receipts: []wallet.ReceiptInfo{{ID: "rc1", State: consent.Granted, At: now, Countersigned: true}, {ID: "rc2", State: consent.Delivered, At: now, Documents: 1}}}
	event := func(k consent.EventKind, at time.Duration) ledger.Entry {
		return ledger.Entry{Event: consent.Event{Kind: k, Consent: terms.ID, At: now.Add(at), By: "u1"}, Party: clinic}
	}
	granted, delivered := event(consent.Granted, -2*time.Hour), event(consent.Delivered, -time.Hour)
	granted.Terms, delivered.Documents, delivered.Note = terms, []consent.Given{given}, say("a note")
	d.snap.Consents = wallet.ConsentCounts{Asking: 1, Live: 1, Seq: 3}
	d.consents = book{
		ask:  &wallet.Asked{Item: "ask1", Request: q, Trust: inbox.TrustNew, How: inbox.HowScanned, People: []record.ProfileID{"p1", "p2"}},
		rows: rows(say), one: &info, log: []ledger.Entry{event(consent.Requested, -3*time.Hour), granted, delivered, event(consent.Opened, -time.Minute)},
		book: &wallet.ConsentBook{Person: "p1", All: standings(info), Missed: []wallet.MissedAsk{{Party: clinic, At: now, Lapsed: true}, {Party: clinic, At: now}},
			Holdings: []ledger.Holding{{Party: clinic, Live: []ledger.Running{{Terms: []*consent.Grant{terms}, Since: now, Deliveries: 2}}, Has: []ledger.Had{{Given: given, Consent: terms.ID, At: now, Kept: true}, {Given: given, Consent: terms.ID, At: now}}, Until: terms.Until, LastSeen: now}, {Party: consent.Party{Name: say("Old Clinic")}, Has: []ledger.Had{{Given: given, Kept: true}}}},
			Findings: findings(say)},
		receipt: receipt(say, terms, q.Notice, given),
	}
	return d
}

func rows(say func(string) string) []row {
	return []row{
		{wallet.Row{ID: "r1", Title: say("Chest report"), Kind: fhir.KindResult, Date: "2026-05-01"}, consent.Record{ID: "r1", Type: consent.Report, Date: "2026-05-01"}},
		{wallet.Row{ID: "r2", Kind: fhir.KindMedicine, Date: "2026-06-01"}, consent.Record{ID: "r2", Type: consent.Prescription, Date: "2026-06-01"}},
		{wallet.Row{ID: "r3", Title: say("Low mood"), Kind: fhir.KindAllergy, Date: "2024-02-01", Sensitive: []string{"mental"}}, consent.Record{ID: "r3", Kinds: []consent.Kind{"allergy"}, Date: "2024-02-01", Sensitive: true}},
		{wallet.Row{ID: "r4", Title: say("Old report"), Kind: fhir.KindResult, Date: "2020"}, consent.Record{ID: "r4", Type: consent.Report, Date: "2020"}},
		{wallet.Row{ID: "r5", Title: say("Bill"), Kind: fhir.KindBill}, consent.Record{ID: "r5", Type: consent.Invoice}},
	}
}

// standings are one consent in each way it can stand.
func standings(one wallet.ConsentInfo) (list []wallet.ConsentInfo) {
	for i, change := range []func(*wallet.ConsentInfo){
		func(*wallet.ConsentInfo) {},
		func(c *wallet.ConsentInfo) { c.Waits, c.Mine = "another", true },
		func(c *wallet.ConsentInfo) { c.Waits = wallet.WaitsPerson },
		func(c *wallet.ConsentInfo) { c.Waits, c.Mine = wallet.WaitsHand, true },
		func(c *wallet.ConsentInfo) { c.Waits, c.Alone = "person", true },
		func(c *wallet.ConsentInfo) { c.Waits = "another" },
		func(c *wallet.ConsentInfo) { c.Unsent, c.Trouble = 2, "offline" },
		func(c *wallet.ConsentInfo) { c.State, c.Untold, c.Trouble = consent.WasRevoked, true, "gone" },
		func(c *wallet.ConsentInfo) { c.State, c.Ended = consent.WasRevoked, now },
		func(c *wallet.ConsentInfo) { c.Over = true },
		func(c *wallet.ConsentInfo) { c.State = consent.WasLapsed },
		func(c *wallet.ConsentInfo) { c.State = consent.WasRefused },
		func(c *wallet.ConsentInfo) { c.Elsewhere, c.Receipts = true, nil },
		func(c *wallet.ConsentInfo) { c.Link = "s1" },
		func(c *wallet.ConsentInfo) { c.Untold, c.Trouble = true, "full" },
	} {
		c := one
		c.ID = "c" + string(rune('a'+i))
		change(&c)
		list = append(list, c)
	}
	return list
}

func findings(say func(string) string) (list []wallet.DeviceFinding) {
	for _, itself := range []bool{false, true} {
		for _, f := range []ledger.Finding{ledger.Forked, ledger.Truncated} {
			list = append(list, wallet.DeviceFinding{Verdict: ledger.Verdict{Finding: f, Agreed: 16, Size: 32}, User: "u2", Name: say("Arjun"), Itself: itself})
		}
	}
	return list
}

func receipt(say func(string) string, terms *consent.Grant, n consent.Notice, given consent.Given) *wallet.ReceiptView {
	g := *terms
	g.Records = []record.ID{"r1"}
	v := &consent.Verified{JWS: "x.y.z", Signer: josetest.EdDSA("device").Public(), Root: josetest.EdDSA("user").Public(), Epoch: 2, Receipt: consent.Receipt{
		State: consent.Delivered, Issued: now, Terms: g, Notice: n, Actor: consent.Actor{User: "u1", Name: say("Meera"), Authority: "guardian"}, Principal: say("Asha Devi"),
		Documents: []consent.Given{given, given}, Previous: consent.Hash([]byte("before"))}}
	return &wallet.ReceiptView{Verified: v, ID: consent.Hash([]byte("x.y.z")), Signed: &consent.Countersigned{At: now, From: g.To}, FHIR: []byte("{}"), QR: "sha256:" + consent.Hash([]byte("x.y.z"))}
}
