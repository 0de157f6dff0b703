package fhir

import (
	"sort"
	"strings"
	"sync"
)

// Keys lists every message key the package can emit: labels of known fields
// ("field.dose") and phrases. testdata/messages.en.json has the English of each.
//
// Phrases take these arguments, always as text: n (a number; chooses the
// plural), max, of, times, time, unit, text.
func Keys() []string {
	out := make([]string, 0, len(known()))
	for k := range known() {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// known are the keys, by their first part, put together when they are first needed.
var known = sync.OnceValue(func() map[string]bool {
	return keys(map[string]string{
		"field": `about achievement activity address admittedFrom amount asserter author birthDate bodySite category class code
		complication component conclusion condition contact criticality date deceased derivedFrom description device diagnosis
		discharged docStatus doctor dose doseNumber duration end ended evidence expires followUp form format gender given goal
		identifier images ingredient instructions intent interpretation interpreter issued language lastOccurrence location lot
		manufactured manufacturer maritalStatus medicine members method minutes missing model modality name notDoneReason note
		onset organization other otherName outcome participant partOf payor performed performer period pharmacy planned
		policyHolder policyNumber prepared prescribed priority qualification quantity range rate reaction reason received recommended
		recorded recorder refills relationship requester role route schedule serialNumber series service severity site source
		specimen stage start status subscriber substance substitution taken target targetDisease total type use vaccine validity
		verification visit visitClass age patient reactionOnset
		accident action add allergy avoid axis backCurve benefit brand cause color contactPerson container contract cylinder
		dependent diameter diet event eye formula history hours insurance item lens linked medium message multipleBirth net
		network nutrient order payable payment permission power prefer price prism procedure processing product purpose
		recipient report risk rule scope sphere supplement team texture udi`,
		"contact": `phone fax email pager url sms`,
		"use":     `home work temp mobile old nickname anonymous maiden billing secondary`,
		"status": `active inactive resolved recurrence relapse remission unconfirmed provisional differential confirmed refuted
		entered-in-error completed intended stopped on-hold unknown not-taken not-done in-progress preparation draft cancelled
		revoked final preliminary registered partial amended corrected appended planned arrived triaged onleave finished
		proposed pending booked fulfilled noshow checked-in waitlist accepted declined tentative needs-action current
		superseded available rejected achieved improving worsening no-change not-achieved sustaining not-attainable
		not-started scheduled ended waitlisted declined-by-patient aborted suspended health-unknown
		balanced billable billed complete error failed in-review issued not-billable onhold queued ready received requested retired unavailable unsatisfactory`,
		"criticality": `low high unable-to-assess`,
		"severity":    `mild moderate severe`,
		"category": `food medication environment biologic problem-list-item encounter-diagnosis laboratory vital-signs imaging
		social-history survey exam procedure therapy activity inpatient outpatient community discharge LAB RAD`,
		"allergytype": `allergy intolerance`,
		"gender":      `male female other unknown`,
		"marital":     `M S D W U P T L A I C UNK`,
		"intent":      `proposal plan directive order original-order reflex-order filler-order instance-order option`,
		"priority":    `routine urgent asap stat`,
		"visit":       `AMB IMP EMER HH VR ACUTE NONAC OBSENC PRENC SS FLD`,
		"attester":    `personal professional legal official`,
		"absent": `unknown asked-unknown temp-unknown not-asked asked-declined masked not-applicable unsupported as-text error
		not-a-number negative-infinity positive-infinity not-performed not-permitted`,
		"flag": `low high critical-low critical-high critical abnormal normal H L HH LL A AA N POS NEG DET ND IND R S I`,
		"known": `none.allergy none.drugallergy none.foodallergy none.condition none.medicine none.procedure none.immunization
		none.device noinformation`,
		"immunization": `notdone dose doseof`,
		"medicine":     `donot`,
		"plan":         `donot`,
		"report":       `results missing`,
		"imaging":      `series`,
		"value":        `yes no text elsewhere`,
		"dose": `atmorning atnoon atevening atnight stat amount times asneeded asneededfor max rate at offset count counts for
		per.s per.min per.h per.d per.wk per.mo per.a perto.s perto.min perto.h perto.d perto.wk perto.mo perto.a
		every.s every.min every.h every.d every.wk every.mo every.a everyto.s everyto.min everyto.h everyto.d everyto.wk everyto.mo everyto.a
		in.s in.min in.h in.d in.wk in.mo in.a for.s for.min for.h for.d for.wk for.mo for.a
		over.s over.min over.h over.d over.wk over.mo over.a`,
		"price":   `base surcharge deduction discount tax informational`,
		"claim":   `claim preauthorization predetermination`,
		"eye":     `right left up down in out`,
		"consent": `permit deny`,
		"day":     `mon tue wed thu fri sat sun`,
		"when":    `MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS HS WAKE C CM CD CV AC ACM ACD ACV PC PCM PCD PCV`,
		"gts":     `BID TID QID AM PM QD QOD Q1H Q2H Q3H Q4H Q6H Q8H BED WK MO`,
	})
})

func keys(table map[string]string) map[string]bool {
	out := map[string]bool{}
	for prefix, names := range table {
		for _, n := range strings.Fields(names) {
			out[prefix+"."+n] = true
		}
	}
	return out
}
