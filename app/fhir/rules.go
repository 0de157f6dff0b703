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
	name, label, codes string
	dates              bool // a bare year is a date here
}

// table is all rules as text, which weighs a tenth of the same as composite
// literals. A line is
//
//	Type | kind | title elements | date elements |
//		fields
//
// with "-" before the kind of what is no record by itself. A field is
// name=label!codes: label is a key under "field." where it is not the name,
// codes the first part of the messages for its codes, and "@" before the name
// says that a bare year is a date there.
const table = `
Patient | -patient |  |  |
	@birthDate gender!gender identifier telecom=contact address maritalStatus!marital @deceased generalPractitioner=doctor
	managingOrganization=organization
AllergyIntolerance | allergy | code | onset recordedDate |
	criticality!criticality clinicalStatus=status!status verificationStatus=verification!status type!allergytype category!category
	@onset @lastOccurrence @recordedDate=recorded recorder asserter encounter=visit note
Condition | condition | code | onset recordedDate |
	clinicalStatus=status!status verificationStatus=verification!status severity!severity bodySite category!category @onset
	@abatement=ended @recordedDate=recorded recorder asserter encounter=visit note
MedicationRequest | medicine | medication | authoredOn |
	status!status statusReason=reason intent!intent priority!priority reasonCode=reason reasonReference=reason effective=period
	@authoredOn=prescribed @dateAsserted=recorded @whenHandedOver=given @whenPrepared=prepared quantity daysSupply=duration requester
	informationSource=source category!category encounter=visit note
MedicationStatement | medicine | medication | effective dateAsserted |
	status!status statusReason=reason intent!intent priority!priority reasonCode=reason reasonReference=reason effective=period
	@authoredOn=prescribed @dateAsserted=recorded @whenHandedOver=given @whenPrepared=prepared quantity daysSupply=duration requester
	informationSource=source category!category encounter=visit note
MedicationAdministration | medicine | medication | effective |
	status!status statusReason=reason intent!intent priority!priority reasonCode=reason reasonReference=reason effective=period
	@authoredOn=prescribed @dateAsserted=recorded @whenHandedOver=given @whenPrepared=prepared quantity daysSupply=duration requester
	informationSource=source category!category encounter=visit note
MedicationDispense | medicine | medication | whenHandedOver whenPrepared |
	status!status statusReason=reason intent!intent priority!priority reasonCode=reason reasonReference=reason effective=period
	@authoredOn=prescribed @dateAsserted=recorded @whenHandedOver=given @whenPrepared=prepared quantity daysSupply=duration requester
	informationSource=source category!category encounter=visit note
Medication | -medicine | code |  |
	form manufacturer status!status
Immunization | immunization | vaccineCode | occurrence recorded |
	status!status statusReason=notDoneReason @occurrence=given lotNumber=lot @expirationDate=expires manufacturer site=bodySite route
	doseQuantity=amount location reasonCode=reason encounter=visit note
ImmunizationRecommendation | careplan |  | date |
	@date authority=author
Observation | result | code | effective issued |
	status!status category!category @effective=taken @issued method bodySite specimen device performer encounter=visit
	hasMember=members derivedFrom note
DiagnosticReport | result | code | effective issued |
	conclusion conclusionCode=conclusion status!status category!category @effective=taken @issued specimen performer
	resultsInterpreter=interpreter encounter=visit
Procedure | procedure | code | performed |
	status!status statusReason=reason @performed bodySite outcome reasonCode=reason reasonReference=reason complication followUp
	location encounter=visit category!category note
Encounter | visit | type class | period |
	status!status class=visitClass!visit period reasonCode=reason reasonReference=reason serviceProvider=organization
	serviceType=service length=duration
CarePlan | careplan | title category description | period created |
	status!status intent!intent description period @created=recorded addresses=reason goal author encounter=visit note
Appointment | appointment | description serviceType appointmentType reasonCode | start requestedPeriod created |
	status!status @start @end minutesDuration=minutes reasonReference=reason specialty=service serviceCategory=category
	patientInstruction=instructions comment=note @created=recorded requestedPeriod=period
DocumentReference | document | type description category | date indexed context |
	description status!status docStatus!status @date author custodian=organization authenticator=asserter
Binary | document |  |  |
Media | document | type | created issued |
	status!status @created=date operator=performer bodySite note
Composition | -document | title type | date |
	status!status @date author custodian=organization encounter=visit
ServiceRequest | other | code | authoredOn occurrence |
	status!status intent!intent priority!priority category!category @occurrence=planned reasonCode=reason reasonReference=reason
	bodySite @authoredOn=prescribed requester performer patientInstruction=instructions encounter=visit note
Goal | careplan | description | start startDate statusDate |
	lifecycleStatus=status!status achievementStatus=achievement!status priority category @start addresses=reason expressedBy=author
	note
FamilyMemberHistory | other | relationship | date |
	name sex=gender!gender @born=birthDate age @deceased @date=recorded status!status reasonCode=reason reasonReference=reason note
Flag | other | code | period |
	status!status category!category period author encounter=visit
Coverage | other | type | period |
	status!status payor subscriberId=policyNumber policyHolder subscriber relationship period class
Device | -other |  | manufactureDate |
	manufacturer modelNumber=model serialNumber lotNumber=lot @manufactureDate=manufactured @expirationDate=expires status!status
DeviceUseStatement | other | device | timing recordedOn |
	status!status @timing=period bodySite reasonCode=reason reasonReference=reason note
Consent | document | category scope | dateTime |
	status!status @dateTime=date organization source
ImagingStudy | result | description procedureCode modality | started |
	status!status @started=taken modality numberOfInstances=images reasonCode=reason reasonReference=reason encounter=visit note
ClinicalImpression | other | code description summary | effective date |
	status!status summary=conclusion @effective=date assessor=performer note
QuestionnaireResponse | other |  | authored |
	status!status @authored=date author source
Communication | document | topic category reasonCode | sent received |
	status!status @sent=date sender=author note
CareTeam | careplan | name category | period |
	status!status period
NutritionOrder | careplan |  | dateTime |
	status!status @dateTime=date orderer=requester note
RiskAssessment | other | code method | occurrence |
	status!status @occurrence=date mitigation=conclusion note
EpisodeOfCare | visit | type | period |
	status!status period managingOrganization=organization
Invoice | other | type | date |
	status!status @date totalNet=total totalGross=total issuer=organization note
Specimen | -other | type | receivedTime |
	status!status @receivedTime=received note
Practitioner | -other |  |  |
	qualification identifier gender!gender @birthDate telecom=contact address
PractitionerRole | -other |  |  |
	practitioner=performer organization code=role specialty=service location telecom=contact
RelatedPerson | -other |  |  |
	relationship gender!gender @birthDate telecom=contact address identifier
Organization | -other | name |  |
	type telecom=contact address identifier partOf
Location | -other | name description |  |
	status!status type telecom=contact address managingOrganization=organization
HealthcareService | -other | name |  |
Endpoint | -other | name |  |
Substance | -other | code |  |
BodyStructure | -other | description location |  |
Provenance | -other | activity | recorded occurred |
	@recorded @occurred=date target=about
AuditEvent | -other | type | recorded |
OperationOutcome | -other |  |  |
Parameters | -other |  |  |
List | -other | title code | date |
	status!status note
Group | -other | name |  |
Claim | -other | type | billablePeriod created |
	status!status use billablePeriod=period @created=recorded provider=organization insurer=payor total
ClaimResponse | -other | type | billablePeriod created |
	status!status use billablePeriod=period @created=recorded provider=organization insurer=payor total
ExplanationOfBenefit | -other | type | billablePeriod created |
	status!status use billablePeriod=period @created=recorded provider=organization insurer=payor total
`

var rules = readTable(table)

func readTable(text string) map[string]rule {
	out := map[string]rule{}
	name := ""
	for _, line := range strings.Split(text, "\n") {
		head := strings.Split(line, "|")
		r := out[name]
		if len(head) < 5 {
			for _, f := range strings.Fields(line) {
				r.fields = append(r.fields, readField(f))
			}
		} else {
			name = strings.TrimSpace(head[0])
			k, aside := strings.CutPrefix(strings.TrimSpace(head[1]), "-")
			r = rule{kind: Kind(k), aside: aside, title: strings.Fields(head[2]), date: strings.Fields(head[3])}
		}
		if name != "" {
			out[name] = r
		}
	}
	return out
}

func readField(s string) fieldRule {
	s, codes, _ := strings.Cut(s, "!")
	name, label, named := strings.Cut(s, "=")
	name, dates := strings.CutPrefix(name, "@")
	if !named {
		label = name
	}
	return fieldRule{name, label, codes, dates}
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
	case "ServiceRequest", "Coverage", "DeviceUseStatement", "Consent", "ClinicalImpression", "NutritionOrder", "RiskAssessment":
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
