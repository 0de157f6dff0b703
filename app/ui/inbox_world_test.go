package ui_test

import (
	"time"

	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/wallet"
)

const thumb = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"

// received is an inbox with something of everything: codes and what came, in each state.
func received(say func(string) string) *wallet.InboxState {
	facts := []inbox.Facts{
		{Name: say("report.pdf"), Format: record.FormatPDF, Size: 40_000, SHA256: "a"},
		{Name: say("visit.json"), Format: record.FormatFHIR, Size: 4_000, SHA256: "b", Fault: inbox.FaultMismatch},
		{Name: say("Odd file.exe"), Size: 100, SHA256: "c", Fault: inbox.FaultUnknown},
	}
	base := wallet.ItemInfo{
		Item: inbox.Item{Drop: "d1", Profile: "p2", Type: message.Documents, Documents: facts, Note: true, Written: now, Arrived: now, Came: now, Signer: thumb,
			From: message.Sender{Name: say("City Clinic"), Origin: say("https://clinic.example"), IDs: []message.Identifier{{System: say("https://facility.abdm.gov.in"), Value: say("IN1")}}}},
		State: inbox.Waiting, Trust: inbox.TrustNew, Ends: now.Add(inbox.Undecided), Same: []inbox.Same{"", inbox.SameWallet, inbox.SameInbox},
	}
	var items []wallet.ItemInfo
	for i, change := range []func(*wallet.ItemInfo){
		func(it *wallet.ItemInfo) {},
		func(it *wallet.ItemInfo) {
			it.Trust, it.How, it.Known = inbox.TrustKnown, inbox.HowScanned, say("City Clinic")
		},
		func(it *wallet.ItemInfo) { it.Trust, it.How = inbox.TrustKnown, inbox.HowDirectory },
		func(it *wallet.ItemInfo) { it.Trust, it.How = inbox.TrustKnown, inbox.HowLink },
		func(it *wallet.ItemInfo) {
			it.Trust, it.How, it.Known = inbox.TrustPosing, inbox.HowScanned, say("City Clinic")
		},
		func(it *wallet.ItemInfo) {
			it.Trust, it.Signer, it.From.Name, it.Documents = inbox.TrustUnsigned, "", "", nil
		},
		func(it *wallet.ItemInfo) { it.Trust, it.Signer, it.Link, it.Drop = inbox.TrustUnsigned, "", "abc", "" },
		func(it *wallet.ItemInfo) {
			it.State, it.Ends, it.Into = inbox.Accepted, time.Time{}, []record.ID{"r2", "", ""}
		},
		func(it *wallet.ItemInfo) { it.State, it.Ends = inbox.Declined, now.Add(inbox.Undo) },
		func(it *wallet.ItemInfo) { it.State, it.Ends = inbox.Declined, time.Time{} },
		func(it *wallet.ItemInfo) { it.State, it.Ends = inbox.Expired, time.Time{} },
		func(it *wallet.ItemInfo) { it.Type, it.Asks, it.Documents = message.Request, true, nil },
		func(it *wallet.ItemInfo) { it.Type, it.Documents, it.Note = message.Receipt, nil, false },
	} {
		it := base
		it.ID = "i" + string(rune('a'+i))
		change(&it)
		items = append(items, it)
	}
	code := wallet.DropInfo{ID: "d1", Person: "p2", Name: say("Ravi"), State: inbox.DropOpen, Made: now, Expires: now.Add(24 * time.Hour), Most: 10, Checked: now}
	var drops []wallet.DropInfo
	for i, change := range []func(*wallet.DropInfo){
		func(d *wallet.DropInfo) {},
		func(d *wallet.DropInfo) {
			d.Came, d.Files, d.Waiting, d.Waits, d.Pending, d.Person = 2, 3, 1, 980, true, "p1"
			d.Refused = map[inbox.Reason]int{}
			for n, why := range reasons {
				d.Refused[why] = n + 1
			}
		},
		func(d *wallet.DropInfo) { d.State = inbox.DropEnded },
		func(d *wallet.DropInfo) { d.State, d.Came = inbox.DropRevoked, 1 },
		func(d *wallet.DropInfo) { d.State, d.Pending = inbox.DropRevoked, true },
		func(d *wallet.DropInfo) { d.Lost, d.System = true, true },
	} {
		d := code
		d.ID = "d" + string(rune('1'+i))
		change(&d)
		drops = append(drops, d)
	}
	return &wallet.InboxState{Drops: drops, Items: items, Unread: 7, Refused: 3, Notify: wallet.NotifyOff}
}

var (
	reasons = []inbox.Reason{inbox.Unreadable, inbox.Malformed, inbox.Forged, inbox.Astray, inbox.Replayed, inbox.Unwanted, inbox.TooLate, inbox.Ended, inbox.TooBig, inbox.TooMany}
	faults  = []inbox.Fault{inbox.FaultEmpty, inbox.FaultTooBig, inbox.FaultDamaged, inbox.FaultUnknown, inbox.FaultKind, inbox.FaultMismatch}
	states  = []inbox.State{inbox.Waiting, inbox.Accepted, inbox.Declined, inbox.Expired}
	trusts  = []inbox.Trust{inbox.TrustKnown, inbox.TrustNew, inbox.TrustUnsigned, inbox.TrustPosing}
)

var inboxPaths = []string{
	"/inbox", "/inbox/ia", "/inbox/ib", "/inbox/ic", "/inbox/id", "/inbox/ie", "/inbox/if", "/inbox/ig", "/inbox/ih", "/inbox/ii", "/inbox/ij", "/inbox/ik", "/inbox/il", "/inbox/im", "/inbox/none",
	"/drop", "/drop/code#d1", "/drop/code#d2", "/drop/code#d3", "/drop/code#d4", "/drop/code#d5", "/drop/code#d6", "/drop/code#none", "/take",
}

// opened is what is in each of the items.
func opened(say func(string) string, s *wallet.InboxState) letters {
	l := &wallet.Letter{Item: s.Items[0], Text: say("Take it after food.\nCome again in a week.")}
	for i, f := range s.Items[0].Documents {
		l.Documents = append(l.Documents, wallet.LetterDocument{Facts: f, Read: i == 1})
	}
	l.Documents[1].Title, l.Documents[1].Kind, l.Documents[1].Date, l.Documents[1].Subject = say("Prescription"), fhir.KindMedicine, "2026-06-11", &fhir.Person{Name: say("Sita")}
	for _, f := range faults {
		l.Documents = append(l.Documents, wallet.LetterDocument{Facts: inbox.Facts{Name: say("Some file.bin"), Size: 1, Fault: f}})
	}
	return letters{link: "https://viewer.example/drop#eyJ2IjoxfQ", letter: l, document: document(say), report: report(say)}
}
