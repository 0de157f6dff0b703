package diary

import (
	"encoding/base64"
	"encoding/json"

	"potli/app/fhir"
)

// allergy makes an AllergyIntolerance. Nothing is said of how sure it is: a family knows
// what happened, a doctor whether that was an allergy.
func (d *draft) allergy() {
	a := of(
		"resourceType", "AllergyIntolerance", "clinicalStatus", concept("", coding(allergic, "active", "Active")),
		"code", listed(Allergens, d.word(askName)), "patient", d.patient, "recorder", d.author, "asserter", d.author,
		"recordedDate", d.now(), "onsetDateTime", d.word(askSince), "note", d.word(askNote),
	)
	if t, ok := Allergens.find(d.word(askName)); ok && t.group != "" {
		a["category"] = []any{t.group}
	}
	reaction, severity := d.word("reaction"), d.word("severity")
	if reaction != "" || severity != "" {
		r := of("manifestation", []any{listed(Reactions, reaction)})
		if reaction == "" { // FHIR wants one
			r["manifestation"] = []any{concept(severity + unnamed)}
		}
		if severity != "" {
			r["severity"] = severity
		}
		a["reaction"] = []any{r}
	}
	d.add(a)
}

// unnamed ends what is said of a reaction of which only the severity is known.
const unnamed = " reaction"

func (d *draft) condition() {
	status := coding(clinical, "active", "Active")
	if d.word("still") == "no" {
		status = coding(clinical, "resolved", "Resolved")
	}
	d.add(of(
		"resourceType", "Condition", "clinicalStatus", concept("", status),
		"category", []any{concept("", coding(problem, "problem-list-item", "Problem List Item"))},
		"code", listed(Conditions, d.word(askName)), "subject", d.patient, "recorder", d.author, "asserter", d.author,
		"recordedDate", d.now(), "onsetDateTime", d.word(askSince), "abatementDateTime", d.word("ended"), "note", d.word(askNote),
	))
}

// vaccine makes an Immunization. It has no place for who wrote it down beside the label
// of every note; that it is no vaccinator's own record is said by primarySource.
func (d *draft) vaccine() {
	i := of(
		"resourceType", "Immunization", "status", "completed", "vaccineCode", listed(Vaccines, d.word(askName)),
		"patient", d.patient, "occurrenceDateTime", d.word("given"), "recorded", d.now(), "primarySource", false,
		"lotNumber", d.word("lot"), "note", d.word(askNote),
	)
	if place := d.word("place"); place != "" {
		i["location"] = of("display", place)
	}
	switch n := d.number("doseno"); {
	case n == "":
	case digits(n, 9) && n != "0":
		i["protocolApplied"] = []any{of("doseNumberPositiveInt", json.Number(n))}
	default:
		i["protocolApplied"] = []any{of("doseNumberString", n)}
	}
	d.add(i)
}

// visit makes an Encounter, a document of what was said at it, and the Appointment that
// was made: as a day that is proposed, since an hour is seldom known (R4, app-2 and app-3).
func (d *draft) visit() {
	who, place, day := d.word("who"), d.word("place"), d.word("day")
	e := of(
		"resourceType", "Encounter", "status", "finished", "class", coding(actCode, "AMB", "ambulatory"),
		"type", []any{concept(titleVisit + who)}, "subject", d.patient, "period", of("start", day, "end", day),
		"participant", []any{of("individual", of("display", who))},
	)
	if place != "" {
		e["serviceProvider"] = of("display", place)
	}
	if why := d.word("reason"); why != "" {
		e["reasonCode"] = []any{listed(Conditions, why)}
	}
	visit := d.add(e)
	if said := d.word("said"); said != "" {
		doc := d.written(titleVisit+who, said, day)
		doc["type"] = concept(titleSaid, coding(loinc, "51855-5", "Patient Note"))
		doc["context"] = of("encounter", []any{visit})
		d.add(doc)
	}
	if follow := d.word("follow"); follow != "" {
		d.add(of(
			"resourceType", "Appointment", "status", "proposed", "description", titleFollow+who,
			"requestedPeriod", []any{of("start", follow, "end", follow)}, "created", d.scene.Now.Format("2006-01-02"),
			"participant", []any{
				of("actor", d.patient, "status", "accepted"),
				of("actor", of("display", who), "status", "needs-action"),
			},
		))
	}
}

// paperCodes are LOINC's for the kinds of document.
var paperCodes = map[string]struct {
	words string
	term
}{
	"prescription": {"Prescription", term{"57833-6", "Prescription for medication"}},
	"report":       {"Report", term{"11502-2", "Laboratory report"}},
	"discharge":    {"Discharge summary", term{"18842-5", "Discharge summary"}},
	"bill":         {"Bill", term{}},
	"certificate":  {"Certificate", term{}},
	"other":        {"Document", term{}},
	"":             {"Note", term{"51855-5", "Patient Note"}},
}

// document makes a DocumentReference that the person is the author of, whatever they
// copied: that it is a copy is what its label says. It is called what they called it.
func (d *draft) document() {
	doc := d.written(d.word("title"), d.word("body"), d.word("day"))
	p := paperCodes[d.word("paper")]
	doc["category"] = []any{concept(p.words)}
	doc["type"] = concept(d.word("title"))
	if p.code != "" {
		doc["type"] = concept(d.word("title"), coding(loinc, p.code, p.display))
	}
	d.add(doc)
}

// written is a text as a document. It stands in the description as well, where readers
// show it without opening anything.
func (d *draft) written(title, text, day string) object {
	a := of("contentType", "text/plain; charset=utf-8", "title", title, "data", base64.StdEncoding.EncodeToString([]byte(text)))
	if day != "" {
		a["creation"] = day
	}
	return of(
		"resourceType", "DocumentReference", "status", "current", "subject", d.patient, "author", []any{d.author},
		"date", d.dated(day), "description", text, "content", []any{of("attachment", a)},
	)
}

// dated is the day a document is of, as the instant that DocumentReference.date wants:
// readers sort documents by it. One of which only the year is known has the time it was
// written down.
func (d *draft) dated(day string) string {
	on, ok := fhir.ParseDay(day)
	t := on.Time(d.scene.Now.Location())
	if !ok || on.Precision < fhir.Day || t.After(d.scene.Now) {
		return d.now()
	}
	return t.Format("2006-01-02T15:04:05Z07:00")
}
