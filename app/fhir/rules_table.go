package fhir

import (
	"strings"
	"sync"
)

// table is all rules as text, which weighs a tenth of the same as composite
// literals. A line is
//
//	Type | kind | title elements | date elements |
//		fields
//
// with "-" before the kind of what is no record by itself. A field is
// name=label!codes: label is a key under "field." where it is not the name,
// codes the first part of the messages for its codes, and "@" before the name
// says that a bare year is a date there. name(part part)=label is one field
// for each item of a list, with its parts side by side; name[part part] a
// field for each part of each item. A dot steps into an element. "*" reads the
// types that have no line of their own.
const table = `
Patient | -patient |  |  |
	@birthDate gender!gender identifier telecom=contact address maritalStatus!marital @deceased generalPractitioner=doctor
	managingOrganization=organization contact(relationship name telecom address organization period)=contactPerson multipleBirth
	link(type other)=linked photo=images
AllergyIntolerance | allergy | code | onset recordedDate |
	criticality!criticality clinicalStatus=status!status verificationStatus=verification!status type!allergytype category!category
	@onset @lastOccurrence @recordedDate=recorded recorder asserter encounter=visit note
Condition | condition | code | onset recordedDate |
	clinicalStatus=status!status verificationStatus=verification!status severity!severity bodySite category!category @onset
	@abatement=ended stage(summary assessment type) evidence(code detail) @recordedDate=recorded recorder asserter encounter=visit note
MedicationRequest | medicine | medication | authoredOn |
	status!status statusReason=reason intent!intent priority!priority reasonCode=reason reasonReference=reason effective=period
	@authoredOn=prescribed @dateAsserted=recorded @whenHandedOver=given @whenPrepared=prepared quantity daysSupply=duration requester
	informationSource=source category!category encounter=visit note
MedicationStatement | medicine | medication | effective dateAsserted |
	status!status statusReason=reason intent!intent priority!priority reasonCode=reason reasonReference=reason effective=period
	@authoredOn=prescribed @dateAsserted=recorded @whenHandedOver=given @whenPrepared=prepared quantity daysSupply=duration requester
	informationSource=source category!category encounter=visit note
MedicationAdministration | medicine | medication | effective |
	status!status statusReason=reason reasonCode=reason reasonReference=reason effective=given performer(function actor) request=order
	device category!category context=visit note
MedicationDispense | medicine | medication | whenHandedOver whenPrepared |
	status!status statusReason=reason type reasonCode=reason reasonReference=reason @whenHandedOver=given @whenPrepared=prepared
	quantity daysSupply=duration performer(function actor) authorizingPrescription=order receiver=recipient destination=location
	category!category context=visit note
Medication | -medicine | code |  |
	status!status
Immunization | immunization | vaccineCode | occurrence recorded |
	status!status statusReason=notDoneReason @occurrence=given lotNumber=lot @expirationDate=expires manufacturer site=bodySite route
	doseQuantity=amount location reasonCode=reason encounter=visit note
ImmunizationRecommendation | careplan |  | date |
	@date authority=author
Observation | result | code | effective issued |
	status!status category!category @effective=taken @issued method bodySite specimen device performer encounter=visit
	hasMember=members derivedFrom basedOn=order note
DiagnosticReport | result | code | effective issued |
	conclusion conclusionCode=conclusion status!status category!category @effective=taken @issued specimen performer
	resultsInterpreter=interpreter encounter=visit basedOn=order imagingStudy=images identifier
Procedure | procedure | code | performed |
	status!status statusReason=reason @performed performer(function actor onBehalfOf) bodySite outcome reasonCode=reason
	reasonReference=reason complication complicationDetail=complication followUp focalDevice(manipulated action)=device
	usedReference=use usedCode=use location report basedOn=order recorder asserter encounter=visit category!category note
Encounter | visit | type class | period |
	status!status class=visitClass!visit period reasonCode=reason reasonReference=reason participant(type individual period)=performer
	serviceProvider=organization location(location status!status period) diagnosis(condition use) serviceType=service length=duration
	hospitalization.admitSource=admittedFrom hospitalization.dischargeDisposition=discharged hospitalization.destination=discharged
	basedOn=order partOf priority
CarePlan | careplan | title category description | period created |
	status!status intent!intent description period @created=recorded addresses=reason goal author contributor=participant careTeam=team
	encounter=visit note
Appointment | appointment | description serviceType appointmentType reasonCode | start requestedPeriod created |
	status!status @start @end minutesDuration=minutes reasonReference=reason specialty=service serviceCategory=category
	patientInstruction=instructions comment=note @created=recorded requestedPeriod=period cancelationReason=reason basedOn=order
DocumentReference | document | type description content.attachment.title category | date indexed context |
	description status!status docStatus!status @date author custodian=organization authenticator=asserter category
	context.practiceSetting=service
Binary | document |  |  |
Media | document | type content.title | created issued |
	status!status @created=date operator=performer bodySite note
Composition | -document | title type | date |
	status!status @date author custodian=organization encounter=visit
ServiceRequest | other | code | authoredOn occurrence |
	status!status intent!intent priority!priority category!category @occurrence=planned reasonCode=reason reasonReference=reason
	bodySite quantity orderDetail=instructions @authoredOn=prescribed requester performer performerType=performer locationCode=location
	locationReference=location specimen patientInstruction=instructions basedOn=order encounter=visit note
Goal | careplan | description | start startDate statusDate |
	lifecycleStatus=status!status statusReason=reason achievementStatus=achievement!status outcomeCode=outcome outcomeReference=outcome
	priority category @start addresses=reason expressedBy=author note
FamilyMemberHistory | other | relationship | date |
	name sex=gender!gender @born=birthDate age @deceased @date=recorded status!status reasonCode=reason reasonReference=reason note
Flag | other | code | period |
	status!status category!category period author encounter=visit
Coverage | bill | type payor | period |
	status!status payor subscriberId=policyNumber policyHolder subscriber dependent relationship period class(type value name)
	costToBeneficiary(type value)=payable network contract identifier
Device | -device |  | manufactureDate |
	manufacturer modelNumber=model serialNumber lotNumber=lot @manufactureDate=manufactured @expirationDate=expires status!status
	udiCarrier(carrierHRF deviceIdentifier)=udi property(type valueQuantity valueCode)=description owner=organization location note
DeviceUseStatement | device | device | timing recordedOn |
	status!status @timing=period bodySite reasonCode=reason reasonReference=reason source @recordedOn=recorded note
DeviceRequest | device | codeCodeableConcept codeReference | occurrence authoredOn |
	status!status intent!intent priority!priority parameter(code value)=description @occurrence=planned reasonCode=reason
	reasonReference=reason @authoredOn=prescribed requester performer performerType=performer basedOn=order encounter=visit note
Consent | document | category scope | dateTime |
	status!status @dateTime=date scope organization performer=asserter policyRule=rule policy(authority uri)=rule
	provision[type=permission!consent period actor(role reference)=participant action purpose securityLabel=category class code
	data(meaning reference)=about provision(type!consent actor(role reference) period action securityLabel class purpose code
	data(meaning reference))=permission] source
ImagingStudy | result | description procedureCode modality | started |
	status!status @started=taken modality numberOfInstances=images reasonCode=reason reasonReference=reason procedureCode=procedure
	procedureReference=procedure referrer=requester interpreter location basedOn=order encounter=visit note
ClinicalImpression | other | code description summary | effective date |
	status!status summary=conclusion finding(itemCodeableConcept itemReference basis)=conclusion problem=condition investigation(code
	item)=evidence prognosisCodeableConcept=outcome @effective=date @date=recorded assessor=performer encounter=visit note
QuestionnaireResponse | other |  | authored |
	status!status @authored=date author source
Communication | document | topic category reasonCode | sent received |
	status!status statusReason=reason payload(content)=message @sent=date @received sender=author recipient medium about
	priority!priority reasonCode=reason reasonReference=reason basedOn=order encounter=visit note
CommunicationRequest | document | category reasonCode | occurrence authoredOn |
	status!status statusReason=reason payload(content)=message @occurrence=planned @authoredOn=recorded requester sender=author
	recipient medium about priority!priority reasonCode=reason reasonReference=reason encounter=visit note
CareTeam | careplan | name category reasonCode | period |
	status!status category period participant(member role onBehalfOf period) reasonCode=reason reasonReference=reason
	managingOrganization=organization telecom=contact encounter=visit note
NutritionOrder | careplan | oralDiet.type oralDiet.instruction supplement.productName supplement.type enteralFormula.baseFormulaProductName enteralFormula.baseFormulaType | dateTime |
	status!status intent!intent oralDiet[type=diet instruction=instructions schedule nutrient(modifier amount) texture(modifier
	foodType) fluidConsistencyType=texture] supplement(type productName quantity schedule instruction)
	enteralFormula[baseFormulaType=formula baseFormulaProductName=formula additiveType=supplement additiveProductName=supplement
	caloricDensity=nutrient routeofAdministration=route administration(schedule quantity rate)=dose maxVolumeToDeliver=quantity
	administrationInstruction=instructions] excludeFoodModifier=avoid foodPreferenceModifier=prefer allergyIntolerance=allergy
	@dateTime=date orderer=requester encounter=visit note
RiskAssessment | other | code method prediction.outcome | occurrence |
	status!status prediction(outcome qualitativeRisk probability relativeRisk when rationale)=risk @occurrence=date condition method
	performer mitigation=conclusion reasonCode=reason reasonReference=reason basis=evidence encounter=visit note
EpisodeOfCare | visit | type | period |
	status!status period diagnosis(condition role) careManager=doctor team managingOrganization=organization referralRequest=order
	statusHistory(status!status period)=history account=insurance
AdverseEvent | condition | event category | date detected recordedDate |
	event category!category @date @detected=recorded actuality=verification seriousness=severity severity outcome
	resultingCondition=condition suspectEntity(instance)=cause location recorder encounter=visit
DetectedIssue | other | code detail | identified |
	status!status severity!severity detail=description implicated=about @identified=date mitigation(action date author)=conclusion
	author
Task | other | code description businessStatus | executionPeriod authoredOn lastModified |
	status!status statusReason=reason businessStatus=status intent!intent priority!priority description executionPeriod=period
	@authoredOn=recorded requester owner=performer performerType=performer reasonCode=reason focus=about for=patient basedOn=order
	input(type value)=evidence output(type value)=outcome encounter=visit note
RequestGroup | careplan | code | authoredOn |
	status!status intent!intent priority!priority reasonCode=reason action(title description textEquivalent code timing resource
	action(title description textEquivalent timing resource))=activity @authoredOn=recorded author encounter=visit note
VisionPrescription | device |  | dateWritten created |
	status!status lensSpecification[eye!eye product=lens sphere cylinder axis prism(amount base!eye) add power backCurve diameter
	duration color brand note] @dateWritten=prescribed @created=recorded prescriber=doctor encounter=visit
SupplyDelivery | device | suppliedItem.item type | occurrence |
	status!status suppliedItem(item quantity)=item type @occurrence=given supplier=performer destination=location receiver=recipient
	basedOn=order
SupplyRequest | device | item category | occurrence authoredOn |
	status!status quantity parameter(code value)=description @occurrence=planned priority!priority reasonCode=reason
	@authoredOn=prescribed requester supplier=performer deliverTo=location
ImmunizationEvaluation | -immunization | targetDisease | date |
	status!status doseStatus=conclusion doseStatusReason=reason targetDisease doseNumber seriesDoses=total series description
	immunizationEvent=vaccine @date authority=author
Basic | other | code | created |
	@created=date author
DocumentManifest | document | description type | created |
	status!status description type content=about source author recipient @created=date
Specimen | -other | type | receivedTime collection.collected |
	status!status collection[collected=taken collector=performer quantity method bodySite duration fastingStatus=conclusion]
	@receivedTime=received processing(description procedure additive time) container(type description capacity specimenQuantity)
	condition request=order parent=partOf accessionIdentifier=identifier note
Practitioner | -other |  |  |
	qualification(code issuer identifier period) identifier gender!gender @birthDate telecom=contact address communication=language
	photo=images
PractitionerRole | -other |  |  |
	practitioner=performer organization code=role specialty=service location telecom=contact period identifier
	availableTime(daysOfWeek!day allDay availableStartTime availableEndTime)=hours availabilityExceptions=hours
	notAvailable(description during)=hours
Person | -patient |  |  |
	@birthDate gender!gender identifier telecom=contact address managingOrganization=organization link(target)=linked photo=images
RelatedPerson | -other |  |  |
	relationship gender!gender @birthDate telecom=contact address identifier period patient photo=images
Organization | -other | name |  |
	type telecom=contact address identifier partOf alias=otherName contact(purpose name telecom address)=contactPerson
Location | -other | name description |  |
	status!status description type telecom=contact address managingOrganization=organization partOf physicalType=type alias=otherName
HealthcareService | -other | name |  |
	category type specialty=service location telecom=contact comment=note extraDetails=description providedBy=organization
	availableTime(daysOfWeek!day allDay availableStartTime availableEndTime)=hours
Endpoint | -other | name |  |
Substance | -other | code |  |
BodyStructure | -other | description location |  |
Provenance | -other | activity | recorded occurred |
	@recorded @occurred=date target=about agent(type role who onBehalfOf)=participant entity(role what)=source reason location
AuditEvent | -other | type | recorded |
OperationOutcome | -other |  |  |
Parameters | -other |  |  |
List | -other | title code | date |
	status!status entry(flag item date)=item @date source note
Group | -other | name code |  |
	type quantity characteristic(code value) member(entity period)=members
Account | -bill | name type | servicePeriod |
	status!status type servicePeriod=period coverage(coverage)=insurance owner=organization guarantor(party period)=payor description
	identifier
Invoice | bill | type | date |
	status!status cancelledReason=reason @date identifier totalNet=net totalGross=total lineItem(chargeItem priceComponent!price)=item totalPriceComponent=price!price participant(role actor)=performer
	issuer=organization paymentTerms=payment account=insurance recipient note
ChargeItem | -bill | product code | occurrence enteredDate |
	status!status code product quantity bodysite=bodySite factorOverride=rate priceOverride=price overrideReason=reason
	@occurrence=date performer(function actor) performingOrganization=organization reason service account=insurance note
Claim | -bill | type | billablePeriod created |
	status!status use!claim billablePeriod=period @created=recorded identifier provider=organization insurer=payor total
	item(productOrService serviced quantity unitPrice net bodySite location detail(productOrService quantity net
	subDetail(productOrService quantity net))) diagnosis(diagnosis type onAdmission) procedure(procedure date type) insurance(coverage
	preAuthRef) careTeam(provider role)=team accident(date type location) prescription=order originalPrescription=order referral=order
	facility=location payee(type party)=payment supportingInfo(category code timing value reason)=evidence priority
ClaimResponse | -bill | type | created |
	status!status outcome!status disposition=conclusion use!claim @created=recorded identifier insurer=payor requestor=organization
	total(category amount) payment(type date amount adjustment adjustmentReason) item(adjudication(category reason amount value)
	detail(adjudication(category amount))) addItem(productOrService net adjudication(category amount))=item preAuthRef=identifier
	preAuthPeriod=validity processNote(text)=note error(code)=conclusion insurance(coverage)
ExplanationOfBenefit | -bill | type | billablePeriod created |
	status!status use!claim outcome!status disposition=conclusion billablePeriod=period @created=recorded identifier
	provider=organization insurer=payor total(category amount) payment(type date amount adjustment adjustmentReason)
	item(productOrService serviced quantity unitPrice net bodySite location adjudication(category reason amount value)
	detail(productOrService quantity net adjudication(category amount) subDetail(productOrService quantity net adjudication(category
	amount)))) addItem(productOrService quantity net adjudication(category amount))=item diagnosis(diagnosis type) procedure(procedure
	date) insurance(coverage preAuthRef) careTeam(provider role)=team supportingInfo(category code timing value reason)=evidence
	benefitBalance(category name description network unit term financial(type allowed used))=benefit processNote(text)=note
	prescription=order originalPrescription=order referral=order facility=location payee(type party)=payment
CoverageEligibilityRequest | -bill | purpose | created serviced |
	status!status purpose @created=recorded @serviced=date insurer=payor provider=organization insurance(coverage) item(category
	productOrService quantity diagnosis(diagnosis)) facility=location priority identifier
CoverageEligibilityResponse | -bill | purpose | created serviced |
	status!status outcome!status disposition=conclusion purpose @created=recorded @serviced=date insurer=payor requestor=organization
	insurance[coverage=insurance inforce=validity benefitPeriod=period item(category productOrService name description network unit
	term excluded benefit(type allowed used) authorizationRequired)=benefit] preAuthRef=identifier error(code)=conclusion identifier
PaymentNotice | -bill | paymentStatus | created paymentDate |
	status!status paymentStatus=payment amount @paymentDate=date @created=recorded provider=organization payee=recipient recipient
	request=order response=report
PaymentReconciliation | -bill | disposition | paymentDate created |
	status!status outcome!status disposition=conclusion paymentAmount=total @paymentDate=payment paymentIdentifier=identifier
	detail(type date amount payee)=item paymentIssuer=payor requestor=organization @created=recorded processNote(text)=note
* | other | title name code description category topic type | date occurrence effective period authoredOn created recorded recordedDate issued sent planned start |
	status!status description category type @date @created=date @authoredOn=recorded author requester performer reasonCode=reason
	encounter=visit note
`

// rules are read when they are first needed: a start needs none.
var rules = sync.OnceValue(func() map[string]rule { return readTable(table) })

func readTable(text string) map[string]rule {
	out := map[string]rule{}
	name, fields := "", ""
	add := func() {
		r := out[name]
		r.fields = readFields(fields)
		out[name], fields = r, ""
	}
	for _, line := range strings.Split(text, "\n") {
		head := strings.Split(line, "|")
		if len(head) < 5 {
			fields += line + " "
			continue
		}
		add()
		name = strings.TrimSpace(head[0])
		k, aside := strings.CutPrefix(strings.TrimSpace(head[1]), "-")
		out[name] = rule{kind: Kind(k), aside: aside, title: strings.Fields(head[2]), date: strings.Fields(head[3])}
	}
	add()
	return out
}

// readFields cuts at the white space outside of brackets.
func readFields(s string) []fieldRule {
	var out []fieldRule
	depth, from := 0, 0
	for i, c := range s + " " {
		switch {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && (c == ' ' || c == '\t'):
			if i > from {
				out = append(out, readField(s[from:i]))
			}
			from = i + 1
		}
	}
	return out
}

func readField(s string) fieldRule {
	var fr fieldRule
	if at := strings.IndexAny(s, "(["); at >= 0 {
		end := strings.LastIndexAny(s, ")]")
		fr.apart = s[at] == '['
		fr.parts = readFields(s[at+1 : end])
		s = s[:at] + s[end+1:]
	}
	s, fr.codes, _ = strings.Cut(s, "!")
	name, label, named := strings.Cut(s, "=")
	fr.name, fr.dates = strings.CutPrefix(name, "@")
	if fr.label = label; !named {
		fr.label = fr.name
	}
	return fr
}
