package fhir

import "sort"

// rule says how one resource type is read: what names it, what dates it, which
// elements stand among its fields and in which order. What a table cannot say
// is said by tune, which runs before the fields and may use elements up.
type rule struct {
	kind   Kind
	title  []string // elements tried in this order; name[x] by its stem
	date   []string
	fields []fieldRule
	aside  bool // not clinical by itself: no line in an outline
	tune   func(*builder)
}

// fieldRule is one element. codes is the prefix of the messages for its codes.
type fieldRule struct {
	name, label, codes string
	dates              bool // a bare year is a date here
}

func plainField(name, label string) fieldRule { return fieldRule{name: name, label: label} }
func codeField(name, label, codes string) fieldRule {
	return fieldRule{name: name, label: label, codes: codes}
}
func dateField(name, label string) fieldRule { return fieldRule{name: name, label: label, dates: true} }

var (
	statusField   = codeField("status", "status", "status")
	clinicalField = codeField("clinicalStatus", "status", "status")
	verifiedField = codeField("verificationStatus", "verification", "status")
	categoryField = codeField("category", "category", "category")
	reasonFields  = []fieldRule{plainField("reasonCode", "reason"), plainField("reasonReference", "reason")}
	noteField     = plainField("note", "note")
	visitField    = plainField("encounter", "visit")
)

func fields(groups ...any) []fieldRule {
	var out []fieldRule
	for _, g := range groups {
		switch g := g.(type) {
		case fieldRule:
			out = append(out, g)
		case []fieldRule:
			out = append(out, g...)
		}
	}
	return out
}

// rules is filled by init, since tune functions come back to it by way of
// titles.
var rules map[string]rule

func init() {
	rules = map[string]rule{
		"Patient": {kind: KindPatient, aside: true, date: nil, tune: tunePatient, fields: fields(
			dateField("birthDate", "birthDate"), codeField("gender", "gender", "gender"), plainField("identifier", "identifier"),
			plainField("telecom", "contact"), plainField("address", "address"), codeField("maritalStatus", "maritalStatus", "marital"),
			dateField("deceased", "deceased"), plainField("generalPractitioner", "doctor"), plainField("managingOrganization", "organization"))},
		"AllergyIntolerance": {kind: KindAllergy, title: []string{"code"}, date: []string{"onset", "recordedDate"}, tune: tuneAllergy, fields: fields(
			codeField("criticality", "criticality", "criticality"), clinicalField, verifiedField, codeField("type", "type", "allergytype"),
			categoryField, dateField("onset", "onset"), dateField("lastOccurrence", "lastOccurrence"), dateField("recordedDate", "recorded"),
			plainField("recorder", "recorder"), plainField("asserter", "asserter"), visitField, noteField)},
		"Condition": {kind: KindCondition, title: []string{"code"}, date: []string{"onset", "recordedDate"}, tune: tuneCondition, fields: fields(
			clinicalField, verifiedField, codeField("severity", "severity", "severity"), plainField("bodySite", "bodySite"), categoryField,
			dateField("onset", "onset"), dateField("abatement", "ended"), dateField("recordedDate", "recorded"), plainField("recorder", "recorder"),
			plainField("asserter", "asserter"), visitField, noteField)},
		"MedicationRequest":        medicine("authoredOn"),
		"MedicationStatement":      medicine("effective", "dateAsserted"),
		"MedicationAdministration": medicine("effective"),
		"MedicationDispense":       medicine("whenHandedOver", "whenPrepared"),
		"Medication": {kind: KindMedicine, title: []string{"code"}, aside: true, tune: tuneMedication, fields: fields(
			plainField("form", "form"), plainField("manufacturer", "manufacturer"), statusField)},
		"Immunization": {kind: KindImmunization, title: []string{"vaccineCode"}, date: []string{"occurrence", "recorded"}, tune: tuneImmunization, fields: fields(
			statusField, plainField("statusReason", "notDoneReason"), dateField("occurrence", "given"), plainField("lotNumber", "lot"), dateField("expirationDate", "expires"),
			plainField("manufacturer", "manufacturer"), plainField("site", "bodySite"), plainField("route", "route"), plainField("doseQuantity", "amount"),
			plainField("location", "location"), plainField("reasonCode", "reason"), visitField, noteField)},
		"ImmunizationRecommendation": {kind: KindCarePlan, date: []string{"date"}, tune: tuneRecommendation, fields: fields(dateField("date", "date"), plainField("authority", "author"))},
		"Observation": {kind: KindResult, title: []string{"code"}, date: []string{"effective", "issued"}, tune: tuneObservation, fields: fields(
			statusField, categoryField, dateField("effective", "taken"), dateField("issued", "issued"), plainField("method", "method"),
			plainField("bodySite", "bodySite"), plainField("specimen", "specimen"), plainField("device", "device"), plainField("performer", "performer"),
			visitField, plainField("hasMember", "members"), plainField("derivedFrom", "derivedFrom"), noteField)},
		"DiagnosticReport": {kind: KindResult, title: []string{"code"}, date: []string{"effective", "issued"}, tune: tuneReport, fields: fields(
			plainField("conclusion", "conclusion"), plainField("conclusionCode", "conclusion"), statusField, categoryField, dateField("effective", "taken"),
			dateField("issued", "issued"), plainField("specimen", "specimen"), plainField("performer", "performer"), plainField("resultsInterpreter", "interpreter"), visitField)},
		"Procedure": {kind: KindProcedure, title: []string{"code"}, date: []string{"performed"}, tune: tuneProcedure, fields: fields(
			statusField, plainField("statusReason", "reason"), dateField("performed", "performed"), plainField("bodySite", "bodySite"), plainField("outcome", "outcome"), reasonFields,
			plainField("complication", "complication"), plainField("followUp", "followUp"), plainField("location", "location"), visitField, categoryField, noteField)},
		"Encounter": {kind: KindVisit, title: []string{"type", "class"}, date: []string{"period"}, tune: tuneEncounter, fields: fields(
			statusField, codeField("class", "visitClass", "visit"), plainField("period", "period"), reasonFields, plainField("serviceProvider", "organization"), plainField("serviceType", "service"),
			plainField("length", "duration"))},
		"CarePlan": {kind: KindCarePlan, title: []string{"title", "category", "description"}, date: []string{"period", "created"}, tune: tuneCarePlan, fields: fields(
			statusField, codeField("intent", "intent", "intent"), plainField("description", "description"), plainField("period", "period"), dateField("created", "recorded"),
			plainField("addresses", "reason"), plainField("goal", "goal"), plainField("author", "author"), visitField, noteField)},
		"Appointment": {kind: KindAppointment, title: []string{"description", "serviceType", "appointmentType", "reasonCode"}, date: []string{"start", "requestedPeriod", "created"}, tune: tuneAppointment, fields: fields(
			statusField, dateField("start", "start"), dateField("end", "end"), plainField("minutesDuration", "minutes"), plainField("reasonReference", "reason"), plainField("specialty", "service"),
			plainField("serviceCategory", "category"), plainField("patientInstruction", "instructions"), plainField("comment", "note"), dateField("created", "recorded"), plainField("requestedPeriod", "period"))},
		"DocumentReference": {kind: KindDocument, title: []string{"type", "description", "category"}, date: []string{"date", "indexed", "context"}, tune: tuneDocument, fields: fields(
			plainField("description", "description"), statusField, codeField("docStatus", "docStatus", "status"), dateField("date", "date"), plainField("author", "author"),
			plainField("custodian", "organization"), plainField("authenticator", "asserter"))},
		"Binary":      {kind: KindDocument, tune: tuneBinary},
		"Media":       {kind: KindDocument, title: []string{"type"}, date: []string{"created", "issued"}, tune: tuneMedia, fields: fields(statusField, dateField("created", "date"), plainField("operator", "performer"), plainField("bodySite", "bodySite"), noteField)},
		"Composition": {kind: KindDocument, title: []string{"title", "type"}, aside: true, date: []string{"date"}, tune: tuneComposition, fields: fields(statusField, dateField("date", "date"), plainField("author", "author"), plainField("custodian", "organization"), visitField)},
		"ServiceRequest": {kind: KindOther, title: []string{"code"}, date: []string{"authoredOn", "occurrence"}, tune: tuneStatus, fields: fields(
			statusField, codeField("intent", "intent", "intent"), codeField("priority", "priority", "priority"), categoryField, dateField("occurrence", "planned"), reasonFields, plainField("bodySite", "bodySite"),
			dateField("authoredOn", "prescribed"), plainField("requester", "requester"), plainField("performer", "performer"), plainField("patientInstruction", "instructions"), visitField, noteField)},
		"Goal": {kind: KindCarePlan, title: []string{"description"}, date: []string{"start", "startDate", "statusDate"}, tune: tuneGoal, fields: fields(
			codeField("lifecycleStatus", "status", "status"), codeField("achievementStatus", "achievement", "status"), plainField("priority", "priority"), plainField("category", "category"), dateField("start", "start"), plainField("addresses", "reason"), plainField("expressedBy", "author"), noteField)},
		"FamilyMemberHistory": {kind: KindOther, title: []string{"relationship"}, date: []string{"date"}, tune: tuneFamily, fields: fields(
			plainField("name", "name"), codeField("sex", "gender", "gender"), dateField("born", "birthDate"), plainField("age", "age"), dateField("deceased", "deceased"), dateField("date", "recorded"), statusField, reasonFields, noteField)},
		"Flag":               {kind: KindOther, title: []string{"code"}, date: []string{"period"}, tune: tuneFlag, fields: fields(statusField, categoryField, plainField("period", "period"), plainField("author", "author"), visitField)},
		"Coverage":           {kind: KindOther, title: []string{"type"}, date: []string{"period"}, tune: tuneStatus, fields: fields(statusField, plainField("payor", "payor"), plainField("subscriberId", "policyNumber"), plainField("policyHolder", "policyHolder"), plainField("subscriber", "subscriber"), plainField("relationship", "relationship"), plainField("period", "period"), plainField("class", "class"))},
		"Device":             {kind: KindOther, aside: true, date: []string{"manufactureDate"}, tune: tuneDevice, fields: fields(plainField("manufacturer", "manufacturer"), plainField("modelNumber", "model"), plainField("serialNumber", "serialNumber"), plainField("lotNumber", "lot"), dateField("manufactureDate", "manufactured"), dateField("expirationDate", "expires"), statusField)},
		"DeviceUseStatement": {kind: KindOther, title: []string{"device"}, date: []string{"timing", "recordedOn"}, tune: tuneStatus, fields: fields(statusField, dateField("timing", "period"), plainField("bodySite", "bodySite"), reasonFields, noteField)},
		"Consent":            {kind: KindDocument, title: []string{"category", "scope"}, date: []string{"dateTime"}, tune: tuneStatus, fields: fields(statusField, dateField("dateTime", "date"), plainField("organization", "organization"), plainField("source", "source"))},
		"ImagingStudy":       {kind: KindResult, title: []string{"description", "procedureCode", "modality"}, date: []string{"started"}, tune: tuneImaging, fields: fields(statusField, dateField("started", "taken"), plainField("modality", "modality"), plainField("numberOfInstances", "images"), reasonFields, visitField, noteField)},
		"ClinicalImpression": {kind: KindOther, title: []string{"code", "description", "summary"}, date: []string{"effective", "date"}, tune: tuneStatus, fields: fields(statusField, plainField("summary", "conclusion"), dateField("effective", "date"), plainField("assessor", "performer"), noteField)},
		"QuestionnaireResponse": {kind: KindOther, date: []string{"authored"}, tune: tuneAnswers, fields: fields(
			statusField, dateField("authored", "date"), plainField("author", "author"), plainField("source", "source"))},
		"Communication":        {kind: KindDocument, title: []string{"topic", "category", "reasonCode"}, date: []string{"sent", "received"}, fields: fields(statusField, dateField("sent", "date"), plainField("sender", "author"), noteField)},
		"CareTeam":             {kind: KindCarePlan, title: []string{"name", "category"}, date: []string{"period"}, fields: fields(statusField, plainField("period", "period"))},
		"NutritionOrder":       {kind: KindCarePlan, date: []string{"dateTime"}, tune: tuneStatus, fields: fields(statusField, dateField("dateTime", "date"), plainField("orderer", "requester"), noteField)},
		"RiskAssessment":       {kind: KindOther, title: []string{"code", "method"}, date: []string{"occurrence"}, tune: tuneStatus, fields: fields(statusField, dateField("occurrence", "date"), plainField("mitigation", "conclusion"), noteField)},
		"EpisodeOfCare":        {kind: KindVisit, title: []string{"type"}, date: []string{"period"}, fields: fields(statusField, plainField("period", "period"), plainField("managingOrganization", "organization"))},
		"Invoice":              {kind: KindOther, title: []string{"type"}, date: []string{"date"}, fields: fields(statusField, dateField("date", "date"), plainField("totalNet", "total"), plainField("totalGross", "total"), plainField("issuer", "organization"), noteField)},
		"Specimen":             {kind: KindOther, aside: true, title: []string{"type"}, date: []string{"receivedTime"}, fields: fields(statusField, dateField("receivedTime", "received"), noteField)},
		"Practitioner":         {kind: KindOther, aside: true, tune: tunePerson, fields: fields(plainField("qualification", "qualification"), plainField("identifier", "identifier"), codeField("gender", "gender", "gender"), dateField("birthDate", "birthDate"), plainField("telecom", "contact"), plainField("address", "address"))},
		"PractitionerRole":     {kind: KindOther, aside: true, fields: fields(plainField("practitioner", "performer"), plainField("organization", "organization"), plainField("code", "role"), plainField("specialty", "service"), plainField("location", "location"), plainField("telecom", "contact"))},
		"RelatedPerson":        {kind: KindOther, aside: true, tune: tunePerson, fields: fields(plainField("relationship", "relationship"), codeField("gender", "gender", "gender"), dateField("birthDate", "birthDate"), plainField("telecom", "contact"), plainField("address", "address"), plainField("identifier", "identifier"))},
		"Organization":         {kind: KindOther, aside: true, title: []string{"name"}, fields: fields(codeField("type", "type", ""), plainField("telecom", "contact"), plainField("address", "address"), plainField("identifier", "identifier"), plainField("partOf", "partOf"))},
		"Location":             {kind: KindOther, aside: true, title: []string{"name", "description"}, fields: fields(statusField, plainField("type", "type"), plainField("telecom", "contact"), plainField("address", "address"), plainField("managingOrganization", "organization"))},
		"HealthcareService":    {kind: KindOther, aside: true, title: []string{"name"}},
		"Endpoint":             {kind: KindOther, aside: true, title: []string{"name"}},
		"Substance":            {kind: KindOther, aside: true, title: []string{"code"}},
		"BodyStructure":        {kind: KindOther, aside: true, title: []string{"description", "location"}},
		"Provenance":           {kind: KindOther, aside: true, title: []string{"activity"}, date: []string{"recorded", "occurred"}, fields: fields(dateField("recorded", "recorded"), dateField("occurred", "date"), plainField("target", "about"))},
		"AuditEvent":           {kind: KindOther, aside: true, title: []string{"type"}, date: []string{"recorded"}},
		"OperationOutcome":     {kind: KindOther, aside: true},
		"Parameters":           {kind: KindOther, aside: true},
		"List":                 {kind: KindOther, aside: true, title: []string{"title", "code"}, date: []string{"date"}, fields: fields(statusField, noteField)},
		"Group":                {kind: KindOther, aside: true, title: []string{"name"}},
		"Claim":                claim(),
		"ClaimResponse":        claim(),
		"ExplanationOfBenefit": claim(),
	}
}

// medicine is the rule of the four resources about taking a medicine.
func medicine(date ...string) rule {
	return rule{kind: KindMedicine, title: []string{"medication"}, date: date, tune: tuneMedicine, fields: fields(
		statusField, plainField("statusReason", "reason"), codeField("intent", "intent", "intent"), codeField("priority", "priority", "priority"),
		reasonFields, plainField("effective", "period"), dateField("authoredOn", "prescribed"), dateField("dateAsserted", "recorded"),
		dateField("whenHandedOver", "given"), dateField("whenPrepared", "prepared"), plainField("quantity", "quantity"), plainField("daysSupply", "duration"),
		plainField("requester", "requester"), plainField("informationSource", "source"), codeField("category", "category", "category"), visitField, noteField)}
}

func claim() rule {
	return rule{kind: KindOther, aside: true, title: []string{"type"}, date: []string{"billablePeriod", "created"}, fields: fields(
		statusField, codeField("use", "use", ""), plainField("billablePeriod", "period"), dateField("created", "recorded"), plainField("provider", "organization"),
		plainField("insurer", "payor"), plainField("total", "total"))}
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
	for _, name := range rules[typ].title {
		at := e.get(name)
		if !at.ok() {
			at, _ = e.choice(name)
		}
		if s := f.wordsOf(at.first(), i); s != "" {
			return s
		}
	}
	if typ == "Immunization" {
		return vaccineName(e.get("vaccineCode"))
	}
	return ""
}

// wordsOf are the words of a concept, a string or a reference.
func (f *File) wordsOf(e element, i int) string {
	if s := words(e); s != "" {
		return s
	}
	if !e.get("reference").ok() {
		return ""
	}
	if i < 0 {
		i = f.owner(e)
	}
	// Only one step, and never back into a title: resources can name each
	// other in a ring.
	at, _ := f.target(i, e)
	switch at.get("resourceType").peek() {
	case "Medication", "Substance":
		return words(at.get("code"))
	case "Device":
		return firstOf(deviceName(at), words(at.get("type")))
	}
	return ""
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
		if s := ref.get("display").peek(); s != "" {
			return s
		}
		at, _ := f.target(i, ref)
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
	for n := range e.get("name").items() {
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
	for n := range e.get("deviceName").items() {
		if s := n.get("name").peek(); s != "" {
			return s
		}
	}
	return ""
}
