package ui_test

import (
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/wallet"
)

// world is an open wallet with something of everything. say turns each text that a stranger could have written.
func world(say func(string) string) *door {
	people := []wallet.Person{
		{ID: "p1", Name: say("Asha Devi"), BirthDate: "1990-04-12", Gender: "female", Kin: wallet.KinSelf},
		{ID: "p2", Name: say("Ravi") + " Kumar", Colour: 1, Kin: wallet.KinChild, Relation: say("my nephew"), BirthDate: "2014-05", Blood: "Oh", Photo: "abc",
			ABHANumber: say("91-1111-1111-111"), ABHA: say("ravi"), Numbers: []wallet.Number{{Name: say("City hospital"), Value: say("77")}},
			Guardian: &wallet.Guardianship{As: wallet.BondMother, Proof: wallet.ProofBirth, Record: "r2", Since: "2014", Noted: now}},
		{ID: "p3", Name: say("Sita") + " Devi", Colour: 3, Aside: now},
	}
	doc, came := document(say), received(say)
	return &door{
		snap: &wallet.Snapshot{
			Phase: wallet.PhaseOpen, Seq: 7, People: people, Current: "p1", Records: 3, Faults: 2,
			Settings: wallet.Settings{AutoLock: 5 * time.Minute, Language: "en"},
			Storage:  wallet.Storage{Known: true, Used: 2_000_000, Quota: 900_000_000},
			Shares:   shares(say), Import: report(say),
			Coming:   []wallet.Coming{{Person: "p2", Notice: 30, Day: "2026-07-01", Days: 19, Age: 18}},
			Kit:      wallet.KitState{Made: now, Typed: now},
			Contacts: &wallet.ContactsInfo{Names: []string{say("Bina"), say("Dr") + " Sen"}, Made: now},
			Inbox:    came,
			Undo:     &wallet.Undo{ID: "r9", Title: say("Old report"), Until: now.Add(8 * time.Second)},
			Work:     &wallet.Work{Job: wallet.JobImport, Done: 1, Total: 3, Name: say("scan.pdf"), Cancel: true},
		},
		trends:   trends(say),
		letters:  opened(say, came),
		timeline: timeline(say), summary: glance(say), doc: doc, cards: healthCards(say), carer: say("Arjun"), preview: preview(say, people[0]),
		link: "https://viewer.example/#shlink:/eyJ1cmwiOiJodHRwczovL3JlbGF5LmV4YW1wbGUvYSJ9",
		metas: map[record.ID]record.Meta{
			"r1": {ID: "r1", Profile: "p1", Format: record.FormatFHIR, Size: 12345, Added: now, Source: record.Source{How: "link", Host: say("lab.example"), Name: say("x")},
				Outline: fhir.Outline{Title: say("Discharge summary"), Date: "2026-06-01", Author: say("City hospital"), Subject: fhir.Person{Name: say("Asha Devi"), BirthDate: say("1990-04-12")}}},
			"r2": {ID: "r2", Profile: "p1", Format: record.FormatPDF, Added: now, Source: record.Source{How: "file", Name: say("report.pdf")}},
			"r3": {ID: "r3", Profile: "p1", Format: record.FormatPNG, Added: now, Source: record.Source{How: "camera"}},
			"r4": {ID: "r4", Profile: "p1", Format: record.FormatCard, Added: now, Source: record.Source{How: "file", Name: say("card.smart-health-card")}},
		},
	}
}

// acting is the same wallet while its owner acts for another person.
func acting(say func(string) string) *door {
	d := world(say)
	d.snap.Current = "p2"
	d.preview = preview(say, d.snap.People[1])
	for id, m := range d.metas {
		m.Profile = "p2"
		d.metas[id] = m
	}
	for i := range d.snap.Shares {
		d.snap.Shares[i].Profile = "p2"
	}
	d.snap.Undo = &wallet.Undo{What: wallet.UndoMove, ID: "r1", Title: say("Old report"), Person: "p1", To: say("Ravi Kumar")}
	return d
}

func timeline(say func(string) string) wallet.Timeline {
	line := fhir.Line{Kind: fhir.KindAllergy, Type: "AllergyIntolerance", Title: say("Penicillin"), Alert: "danger",
		Detail: []fhir.Value{{Type: fhir.ValueText, Text: say("rash")}}}
	void := fhir.Line{Entry: 1, Kind: fhir.KindMedicine, Type: "MedicationRequest", Inactive: true, Alert: "caution"}
	many := []fhir.Line{line, void, line, void, line, void, line}
	return wallet.Timeline{
		Groups: []wallet.Group{
			{Record: "r1", Title: say("Discharge summary"), Kind: fhir.KindDocument, Date: "2026-06-01", Format: record.FormatFHIR, Author: say("Dr Rao"), Lines: many, Total: 7},
			{Record: "r1", Visit: 3, Kind: fhir.KindVisit, Date: "2026-05", Format: record.FormatFHIR, Lines: many[:1]},
			{Record: "r2", Kind: fhir.KindDocument, Format: record.FormatPDF, Source: record.Source{How: "file", Name: say("report.pdf")}},
		},
		More:  true,
		Kinds: map[fhir.Kind]int{fhir.KindAllergy: 4, fhir.KindMedicine: 3, fhir.KindDocument: 1},
	}
}

func document(say func(string) string) *fhir.Document {
	text := func(s string) fhir.Value {
		return fhir.Value{Type: fhir.ValueText, Text: say(s), Code: "http://loinc.org|" + say("1-8")}
	}
	v := fhir.View{
		Entry: 0, Type: "Observation", Kind: fhir.KindResult, Title: say("Haemoglobin"), Date: "2026-06-01T10:00:00Z", Alert: "caution",
		Void: true, Inactive: true, Negated: true,
		Detail: []fhir.Value{{Type: fhir.ValueQuantity, Text: say("11"), Unit: say("g/dL")}},
		Fields: []fhir.Field{
			{Label: "field.dose", Known: true, Values: []fhir.Value{text("one"), {Type: fhir.ValueLink, Text: say("Dr Rao"), Entry: 1}}},
			{Label: say("Odd element"), Values: []fhir.Value{text("two"), {Type: fhir.ValuePeriod, Text: "2025"}}},
		},
		Results: []fhir.Result{
			{Name: say("Hb"), Code: "http://loinc.org|718-7", Value: []fhir.Value{text("11")}, Range: say("12 – 16"), Flag: "low", Note: []fhir.Value{text("note")}},
			{Name: say("WBC"), Code: "http://loinc.org|6690-2", Flag: "critical-high", Indent: true}, {Name: say("X"), Flag: say("odd")},
		},
		Narrative: []fhir.Node{{Tag: "p", Children: []fhir.Node{{Text: say("as written")}}}},
		Attachments: []fhir.Attachment{
			{Path: "a", ContentType: "image/png", Title: say("Photo"), Size: 10},
			{Path: "b", ContentType: "application/pdf", Size: 10},
			{Path: "c", ContentType: say("text/html"), URL: say("https://elsewhere.example/a")},
		},
		More: []fhir.Field{{Label: say("Rest"), Values: []fhir.Value{text("three")}}},
	}
	return &fhir.Document{
		Title: say("Discharge summary"), Type: "document",
		Views: []fhir.View{v, {Entry: 1, Type: "Practitioner", Kind: fhir.KindOther}},
		Sections: []fhir.Section{
			{Title: say("Results"), Code: "http://loinc.org|30954-2", Entries: []int{0, 1, 99}, Narrative: []fhir.Node{{Tag: "table", Children: []fhir.Node{{Tag: "tr", Children: []fhir.Node{{Tag: "td", ColSpan: 9999, Children: []fhir.Node{{Text: say("cell")}}}}}}}}},
			{Kind: fhir.KindAllergy, Empty: "nilknown"}, {Title: say("Other"), Empty: say("odd")},
		},
	}
}

func preview(say func(string) string, who wallet.Person) *wallet.Preview {
	return &wallet.Preview{
		Person: who, Options: share.SendLink(), Groups: []string{"hiv", "mental"},
		Items: []share.Item{
			{Record: "r1", Kind: fhir.KindAllergy, Type: "AllergyIntolerance", Title: say("Penicillin"), Suggested: true, Date: "2020"},
			{Record: "r1", Entry: 1, Kind: fhir.KindCondition, Title: say("Low mood"), Suggested: true, Sensitive: []string{"mental"}},
			{Record: "r2", Entry: -1, Kind: fhir.KindDocument, Title: say("report.pdf"), Bytes: 50_000, Inactive: true, Negated: true},
		},
		Chosen: []bool{true, true, false},
	}
}

func shares(say func(string) string) (list []share.Share) {
	base := share.Share{
		Profile: "p1", Created: now.Add(-time.Hour), Preset: "link", Label: say("Visit"), For: say("Dr Rao"), Passcode: "123456", Checked: now, Uses: 10, Follow: true, Dropped: 2,
		Items: preview(say, wallet.Person{}).Items, Status: share.Status{Expires: now.Add(time.Hour), UsesLeft: 3, AttemptsLeft: 4},
		Opens: []share.Open{{N: 1, Recipient: say("City clinic"), Time: now, Outcome: "opened"}, {N: 2, Time: now, Outcome: "passcode"}},
	}
	for i, change := range []func(*share.Share){
		func(s *share.Share) {},
		func(s *share.Share) { s.Status.Paused = true },
		func(s *share.Share) { s.Status.Expires = now.Add(-time.Minute) },
		func(s *share.Share) { s.Revoked = now },
		func(s *share.Share) { s.Status.UsesLeft = 0 },
		func(s *share.Share) { s.Status.AttemptsLeft = 0 },
		func(s *share.Share) { s.Revoked, s.Pending = now, share.PendingRevoke },
		func(s *share.Share) { s.For, s.Label, s.Preset, s.Passcode, s.Opens = "", "", "counter", "", nil },
	} {
		s := base
		s.ID = "s" + string(rune('1'+i))
		change(&s)
		list = append(list, s)
	}
	return list
}

func report(say func(string) string) *wallet.ImportReport {
	files := []wallet.ImportedFile{
		{Name: say("good.json"), ID: "r1"},
		{Name: say("again.json"), ID: "r1", Err: record.ErrDuplicate},
		{Name: "", Err: record.ErrDamaged},
		{Name: say("backup.age"), Err: wallet.ErrIsBackup},
		{Name: say("other.json"), Waiting: true, Subject: &fhir.Person{Name: say("Sita"), BirthDate: "1950"}},
	}
	return &wallet.ImportReport{Files: files}
}
