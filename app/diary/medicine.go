package diary

import (
	"encoding/json"
	"strings"
)

// daytime is a time of day at which medicines are taken, by its code in FHIR's event
// timing (R4, http://hl7.org/fhir/event-timing).
type daytime struct{ name, when string }

var daytimes = []daytime{{"morning", "MORN"}, {"noon", "NOON"}, {"evening", "EVE"}, {"night", "NIGHT"}}

// taken is how much is taken at a time of day.
type taken struct{ when, amount string }

// daytimes are the times at which any is taken, nil where none is.
func (n Note) daytimes() []taken {
	var all []taken
	for _, t := range daytimes {
		if v := n.number(t.name); v != "" && number(v) > 0 {
			all = append(all, taken{t.when, v})
		}
	}
	return all
}

// pattern is the way prescriptions in India say when a medicine is taken: "1-0-1" for
// morning, noon and night, "1-0-1-0" where the evening has a dose of its own.
func (n Note) pattern() string {
	var parts []string
	for _, t := range daytimes {
		v := n.number(t.name)
		if v == "" {
			v = "0"
		}
		if t.name != "evening" || number(v) > 0 {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, "-")
}

// medicineForms are what a form is called, and what its doses are counted in.
var medicineForms = map[string]struct{ words, unit, ucum string }{
	"":          {"", "dose", "{dose}"},
	"tablet":    {"tablet", "tablet", "{tbl}"},
	"capsule":   {"capsule", "capsule", "{capsule}"},
	"syrup":     {"syrup", "mL", "mL"},
	"drops":     {"drops", "drops", "[drp]"},
	"inhaler":   {"inhaler", "puff", "{puff}"},
	"injection": {"injection", "unit", "{unit}"},
	"cream":     {"cream", "application", "{application}"},
	"powder":    {"powder", "sachet", "{sachet}"},
}

// foodWords are said in the words of a prescription; the code is of SNOMED CT where it has
// one that says no more.
var foodWords = map[string]string{"before": "before food", "with": "with food", "after": "after food"}

// medicine makes a MedicationStatement: what is taken, as whoever takes or gives it says.
func (d *draft) medicine() {
	until := d.word("until")
	status := "active"
	if until != "" && until < d.scene.Now.Format("2006-01-02")[:len(until)] {
		status = "completed"
	}
	m := of(
		"resourceType", "MedicationStatement", "status", status, "medicationCodeableConcept", d.called(),
		"subject", d.patient, "informationSource", d.author, "dateAsserted", d.now(),
		"effectivePeriod", period(d.word("from"), until), "dosage", d.dosage(),
	)
	if m["effectivePeriod"] == nil {
		m["effectiveDateTime"] = d.scene.Now.Format("2006-01-02") // it is taken today
	}
	if why := d.word("reason"); why != "" {
		m["reasonCode"] = []any{listed(Conditions, why)}
	}
	var notes []any
	if by := d.word("prescriber"); by != "" {
		notes = append(notes, of("text", prescribed+by))
	}
	if t := d.word(askNote); t != "" {
		notes = append(notes, of("text", t))
	}
	d.add(m)
	if len(notes) > 0 {
		m["note"] = notes
	}
}

// prescribed begins the note of who prescribed a medicine: a MedicationStatement has no
// element for it.
const prescribed = "Prescribed by: "

// called is the medicine with its strength and form, "Metformin 500 mg tablet".
func (d *draft) called() object {
	c := listed(Medicines, d.word(askName))
	parts := []string{c["text"].(string), d.word("strength"), medicineForms[d.word("form")].words}
	c["text"] = strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
	return c
}

// dosage is one Dosage where every dose is the same, else one for each time of day. The
// first says all of it in words.
func (d *draft) dosage() any {
	said, repeats := d.plan()
	if where := foodWords[d.word("food")]; where != "" {
		said = strings.TrimPrefix(said+", "+where, ", ")
	}
	if said == "" {
		return nil
	}
	var all []any
	for i, r := range repeats {
		r["sequence"] = i + 1
		if f := d.word("food"); f != "" {
			r["additionalInstruction"] = []any{d.food(f)}
		}
		all = append(all, r)
	}
	if all == nil {
		all = []any{of("additionalInstruction", []any{d.food(d.word("food"))})}
	}
	all[0].(object)["text"] = said
	return all
}

func (d *draft) food(f string) object {
	if f == "after" {
		return concept(foodWords[f], coding(snomed, "311504000", "With or after food"))
	}
	return concept(foodWords[f])
}

// plan is how a medicine is taken, in words and as Dosages.
func (d *draft) plan() (said string, doses []object) {
	switch d.word("plan") {
	case "hours":
		h := d.number("hours")
		said = "every " + h + " hours"
		if a := d.number("amount"); a != "" {
			said = a + " " + said
		}
		return said, []object{d.dose(d.number("amount"), of("frequency", 1, "period", json.Number(h), "periodUnit", "h"))}
	case "weekly":
		a := d.number("weekly")
		return strings.TrimSpace(a + " once a week"), []object{d.dose(a, of("frequency", 1, "period", 1, "periodUnit", "wk"))}
	case "needed":
		a := d.number("dose")
		o := d.dose(a, nil)
		o["asNeededBoolean"] = true
		return strings.TrimSpace(a + " when needed"), []object{o}
	}
	taken := d.daytimes()
	if taken == nil {
		return "", nil
	}
	same := map[string][]any{}
	var amounts []string
	for _, t := range taken {
		if same[t.amount] == nil {
			amounts = append(amounts, t.amount)
		}
		same[t.amount] = append(same[t.amount], t.when)
	}
	for _, a := range amounts {
		doses = append(doses, d.dose(a, of("frequency", len(same[a]), "period", 1, "periodUnit", "d", "when", same[a])))
	}
	return d.pattern(), doses
}

// dose is a Dosage; amount may be "", repeat nil.
func (d *draft) dose(amount string, repeat object) object {
	o := object{}
	if repeat != nil {
		o["timing"] = of("repeat", repeat)
	}
	if amount != "" {
		f := medicineForms[d.word("form")]
		o["doseAndRate"] = []any{of("doseQuantity", of("value", json.Number(amount), "unit", f.unit, "system", ucum, "code", f.ucum))}
	}
	return o
}
