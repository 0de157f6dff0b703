package fhir

import (
	"sort"
	"strings"
)

// rule says how one resource type is read: what names it, what dates it, which
// elements stand among its fields and in which order. What a table cannot say
// is said by tune, which runs before the fields and may use elements up.
type rule struct {
	kind   Kind
	title  []string // elements tried in this order; name[x] by its stem
	date   []string
	fields []fieldRule
	aside  bool // not clinical by itself: no line in an outline
}

// fieldRule is one element. codes is the prefix of the messages for its codes.
type fieldRule struct {
	name, label, codes string // name may be a path: "collection.collected"
	dates              bool   // a bare year is a date here
	parts              []fieldRule
	apart              bool // each part is a field of its own
}

// ruleFor is the rule of a type, or the one for all that have none.
func ruleFor(typ string) rule {
	if r, ok := rules()[typ]; ok {
		return r
	}
	return rules()["*"]
}

// tune says what the table cannot.
func (b *builder) tune() {
	switch b.v.Type {
	case "Patient":
		tunePatient(b)
	case "AllergyIntolerance":
		tuneAllergy(b)
	case "Condition":
		tuneCondition(b)
	case "MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense":
		tuneMedicine(b)
	case "Medication":
		tuneMedication(b)
	case "Immunization":
		tuneImmunization(b)
	case "ImmunizationRecommendation":
		tuneRecommendation(b)
	case "Observation":
		tuneObservation(b)
	case "DiagnosticReport":
		tuneReport(b)
	case "Procedure":
		tuneProcedure(b)
	case "Encounter":
		tuneEncounter(b)
	case "CarePlan":
		tuneCarePlan(b)
	case "Appointment":
		tuneAppointment(b)
	case "DocumentReference":
		tuneDocument(b)
	case "Binary":
		tuneBinary(b)
	case "Media":
		tuneMedia(b)
	case "Composition":
		tuneComposition(b)
	case "Goal":
		tuneGoal(b)
	case "FamilyMemberHistory":
		tuneFamily(b)
	case "Flag":
		tuneFlag(b)
	case "Device":
		tuneDevice(b)
	case "ImagingStudy":
		tuneImaging(b)
	case "QuestionnaireResponse":
		tuneAnswers(b)
	case "Practitioner", "RelatedPerson":
		tunePerson(b)
	case "Invoice", "Claim", "ClaimResponse", "ExplanationOfBenefit", "PaymentReconciliation":
		tuneBill(b)
	case "RiskAssessment":
		tuneRisk(b)
	case "VisionPrescription":
		tuneGlasses(b)
	default:
		tuneStatus(b)
	}
}

// called is what a resource calls itself, for its title and for links to it.
// i is its entry, or -1.
func (f *File) called(e element, i int) string {
	f.memo.Lock()
	name, ok := f.names[e.i]
	f.memo.Unlock()
	if ok {
		return name
	}
	name = f.name(e, i)
	f.memo.Lock()
	defer f.memo.Unlock()
	if f.names == nil {
		f.names = map[int32]string{}
	}
	f.names[e.i] = name
	return name
}

func (f *File) name(e element, i int) string {
	typ := e.get("resourceType").peek()
	switch typ {
	case "Patient", "Practitioner", "RelatedPerson", "Person":
		return humanName(bestName(e), element.peek)
	case "Device":
		return firstOf(deviceName(e), words(e.get("type")))
	case "PractitionerRole":
		return f.role(e, i)
	}
	for _, name := range ruleFor(typ).title {
		if s := f.wordsOf(lead(e, name), i); s != "" {
			return s
		}
	}
	switch typ {
	case "Immunization":
		return vaccineName(e.get("vaccineCode"))
	case "Medication":
		return f.ingredients(e)
	}
	return ""
}

// wordsOf are the words of a concept, a string or a reference.
func (f *File) wordsOf(e element, i int) string {
	said := words(e)
	if !e.get("reference").ok() {
		return said
	}
	if i < 0 {
		i = f.owner(e)
	}
	// Only one step, and never back into a title: resources can name each
	// other in a ring.
	at, _ := f.target(i, e)
	if said != "" && !hollow(said, at) {
		return said
	}
	switch at.get("resourceType").peek() {
	case "Medication":
		return firstOf(words(at.get("code")), f.ingredients(at))
	case "Substance":
		return words(at.get("code"))
	case "Device":
		return firstOf(deviceName(at), words(at.get("type")))
	}
	return ""
}

// ingredients name a medicine that was mixed and has no name of its own.
func (f *File) ingredients(med element) string {
	const enough = 4 // a thousand prescriptions may ask one medicine
	var names []string
	for _, in := range med.get("ingredient").some(enough) {
		if name := words(member(in, "item")); name != "" {
			names = append(names, name)
		}
	}
	return cut(strings.Join(names, ", "), maxTitle)
}

// owner is the entry in which an element stands.
func (f *File) owner(e element) int {
	i := sort.Search(len(f.at), func(i int) bool { return f.at[i].node().end > e.i })
	return min(i, len(f.at)-1)
}

func (f *File) role(e element, i int) string {
	if i < 0 {
		i = f.owner(e)
	}
	part := func(name string) string {
		ref := e.get(name)
		at, _ := f.target(i, ref)
		if s := ref.get("display").peek(); s != "" && !hollow(s, at) {
			return s
		}
		switch at.get("resourceType").peek() {
		case "Practitioner":
			return humanName(bestName(at), element.peek)
		case "Organization":
			return at.get("name").peek()
		}
		return ""
	}
	who, where := part("practitioner"), part("organization")
	if who != "" && where != "" {
		return who + ", " + where
	}
	return firstOf(who, where, words(e.get("code")), words(e.get("specialty")))
}

// bestName chooses among several names: the official one, the usual one, any
// that is not out of use.
func bestName(e element) element {
	var best element
	rank := 9
	for _, n := range e.get("name").items() {
		r := 3
		switch n.get("use").peek() {
		case "official":
			r = 1
		case "usual":
			r = 2
		case "":
			r = 2
		case "old", "maiden":
			r = 8
		}
		if r < rank && humanName(n, element.peek) != "" {
			best, rank = n, r
		}
	}
	return best
}

func deviceName(e element) string {
	for _, n := range e.get("deviceName").items() {
		if s := n.get("name").peek(); s != "" {
			return s
		}
	}
	return ""
}
