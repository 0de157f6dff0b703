package fhir

func tuneImmunization(b *builder) {
	absent := b.absence(b.e.get("vaccineCode"))
	status := b.e.get("status").peek()
	if b.e.get("notGiven").peek() == "true" { // before R4, still sent
		b.v.Negated = true
	}
	if b.v.Negated && !absent {
		b.detail(say("immunization.notdone"))
		b.detail(one(ValueText, words(b.e.get("statusReason")))...)
	} else if status == "in-progress" || status == "on-hold" {
		tuneStatus(b)
	}
	for _, p := range b.e.get("protocolApplied").items() {
		no, _ := p.choice("doseNumber")
		of, _ := p.choice("seriesDoses")
		if !no.ok() {
			no = p.get("doseNumber")
		}
		if v, ok := b.doseNumber(no, of); ok {
			b.field("doseNumber", v)
			b.detail(v)
		}
		b.field("series", b.values(p.get("series"))...)
		b.field("targetDisease", b.values(p.get("targetDisease"))...)
		b.field("author", b.values(p.get("authority"))...)
	}
	for _, p := range b.e.get("performer").items() {
		b.field("performer", b.values(p.get("actor"))...)
	}
	for _, r := range b.e.get("reaction").items() {
		b.field("reaction", b.values(r.get("detail"))...)
	}
}

func (b *builder) doseNumber(no, of element) (Value, bool) {
	n := no.str()
	if n == "" {
		return Value{}, false
	}
	if !allDigits(n) {
		return Value{Type: ValueText, Text: n}, true
	}
	if total := of.str(); total != "" {
		return say("immunization.doseof", "n", n, "of", total), true
	}
	return say("immunization.dose", "n", n), true
}

// vaccineName names the CVX codes (CDC, public domain) that vaccination cards
// carry without a display, SMART Health Cards above all.
func vaccineName(e element) string {
	for _, c := range e.codings() {
		if c.get("system").peek() == "http://hl7.org/fhir/sid/cvx" {
			if s := cvx[c.get("code").peek()]; s != "" {
				return s
			}
		}
	}
	return ""
}

var cvx = map[string]string{
	"03": "MMR", "08": "Hep B, adolescent or pediatric", "10": "IPV", "19": "BCG", "20": "DTaP", "21": "varicella", "88": "influenza, unspecified formulation",
	"207": "COVID-19, mRNA, LNP-S, PF, 100 mcg/0.5 mL dose", "208": "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose",
	"210": "COVID-19 vaccine, vector-nr, rS-ChAdOx1, PF, 0.5 mL", "211": "COVID-19, subunit, rS-nanoparticle+Matrix-M1 Adjuvant, PF, 0.5 mL",
	"212": "COVID-19 vaccine, vector-nr, rS-Ad26, PF, 0.5 mL", "213": "SARS-COV-2 (COVID-19) vaccine, UNSPECIFIED",
	"229": "COVID-19, mRNA, LNP-S, bivalent booster, PF, 50 mcg/0.5 mL", "300": "COVID-19, mRNA, LNP-S, bivalent booster, PF, 30 mcg/0.3 mL dose",
}

func tuneRecommendation(b *builder) {
	for _, r := range b.e.get("recommendation").items() {
		vaccine := b.values(r.get("vaccineCode"))
		if len(vaccine) == 0 {
			vaccine = b.values(r.get("targetDisease"))
		}
		for _, name := range []string{words(r.get("vaccineCode")), words(r.get("targetDisease"))} {
			if b.v.Title == "" {
				b.v.Title = name
			}
		}
		if b.v.Title == "" && len(b.v.Detail) == 0 && len(vaccine) > 0 {
			b.detail(vaccine[0])
		}
		vals := append([]Value(nil), vaccine...)
		for _, d := range r.get("dateCriterion").items() {
			vals = append(vals, b.concept(d.get("code"))...)
			vals = append(vals, one(ValueDate, d.get("value").str())...)
		}
		no, _ := r.choice("doseNumber")
		of, _ := r.choice("seriesDoses")
		if v, ok := b.doseNumber(no, of); ok {
			vals = append(vals, v)
		}
		for _, name := range []string{"forecastStatus", "forecastReason", "series", "description"} {
			vals = append(vals, b.values(r.get(name))...)
		}
		b.field("recommended", vals...)
	}
}
