package share

import "potli/app/fhir/tree"

import "strings"

// Code systems and codes that a share is written with.
const (
	snomed         = "http://snomed.info/sct"
	loinc          = "http://loinc.org"
	absentReason   = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
	absentExt      = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
	emptyReason    = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
	patientShared  = "https://cms.gov/fhir/CodeSystem/patient-shared-category"
	observationVal = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
	standardExt    = "http://hl7.org/fhir/StructureDefinition/"
)

// absences are the SNOMED CT codes of "there is none", by what there is none of (IPS 2.0.1, "Empty Sections & Missing
// Data"; 409137002 and its like are the older, narrower ones).
var absences = map[string]bool{
	"160245001": true, // no current problems or disability
	"716186003": true, // no known allergy
	"409137002": true, // no known drug allergy
	"428607008": true, // no known environmental allergy
	"429625007": true, // no known food allergy
	"787481004": true, // no known medications
	"787480003": true, // no known procedures
	"787482006": true, // no known immunizations
	"787483001": true, // no known devices
}

// noInformation is IPS 2.0.1's "no information available": it says nothing, so it is never offered.
const noInformation = "1287211007"

// unknown1x are the codes of the absent-unknown code system of IPS 1.x, which 2.0 took away: read, never written (IPS-09).
var unknown1x = map[string]string{
	"no-allergy-info":                  noInformation,
	"no-known-allergies":               "716186003",
	"no-known-medication-allergies":    "409137002",
	"no-known-environmental-allergies": "428607008",
	"no-known-food-allergies":          "429625007",
	"no-device-info":                   noInformation,
	"no-known-devices":                 "787483001",
	"no-immunization-info":             noInformation,
	"no-known-immunizations":           "787482006",
	"no-medication-info":               noInformation,
	"no-known-medications":             "787481004",
	"no-problem-info":                  noInformation,
	"no-known-problems":                "160245001",
	"no-procedure-info":                noInformation,
	"no-known-procedures":              "787480003",
}

func isUnknown1x(system string) bool {
	return strings.Contains(strings.ToLower(system), "absent-unknown")
}

// modern returns the SNOMED CT code of a coding, translated from the old code system where need be; "" for others.
func modern(coding object) string {
	code := tree.Text(coding["code"])
	switch system := tree.Text(coding["system"]); {
	case system == snomed:
		return code
	case isUnknown1x(system):
		return unknown1x[code]
	}
	return ""
}

// statement says what a concept states: absence of something, or that nothing is known.
func statement(concept any) (absent, unknown bool) {
	for _, c := range tree.List(tree.Obj(concept)["coding"]) {
		code := modern(tree.Obj(c))
		absent = absent || absences[code]
		unknown = unknown || code == noInformation
	}
	return absent, unknown
}

// mainCode returns the concept that says what a resource is about.
func mainCode(r object) object {
	for _, name := range []string{"code", "medicationCodeableConcept", "vaccineCode", "category", "type"} {
		if o := tree.Obj(tree.First(r[name])); o != nil {
			return o
		}
	}
	return nil
}

// supporting are the resources that a fact may bring along because it cannot be read without them. They state nothing
// about the person; of each only the listed members leave (nil: all).
var supporting = map[string][]string{
	"Practitioner":     {"identifier", "name", "telecom", "qualification"},
	"PractitionerRole": {"practitioner", "organization", "code", "specialty"},
	"Organization":     {"identifier", "name", "type", "telecom", "address"},
	"Location":         {"name", "type", "address", "telecom", "physicalType"},
	"Medication":       nil,
	"Substance":        nil,
	"Specimen":         nil,
	"Device":           nil,
}

// unoffered are resource types that are never an item: who and where, the shell of a document, what only concerns the
// system that a record came from, and bills, which repeat every diagnosis and which no clinic asks for.
var unoffered = map[string]bool{
	"Patient": true, "Practitioner": true, "PractitionerRole": true, "Organization": true, "Location": true,
	"Medication": true, "Substance": true, "Specimen": true, "RelatedPerson": true, "Group": true, "Person": true,
	"Composition": true, "Bundle": true, "List": true, "Provenance": true, "AuditEvent": true, "OperationOutcome": true,
	"Parameters": true, "Endpoint": true, "HealthcareService": true, "Schedule": true, "Slot": true, "Task": true,
	"MessageHeader": true, "Communication": true, "Questionnaire": true, "ValueSet": true, "CodeSystem": true,
	"StructureDefinition": true, "CapabilityStatement": true, "SearchParameter": true, "Basic": true, "Linkage": true,
	"Library": true, "Measure": true, "MeasureReport": true, "Account": true, "Subscription": true,
	"Claim": true, "ClaimResponse": true, "ExplanationOfBenefit": true, "Invoice": true, "ChargeItem": true,
	"PaymentNotice": true, "PaymentReconciliation": true, "CoverageEligibilityRequest": true,
	"CoverageEligibilityResponse": true, "EnrollmentRequest": true, "EnrollmentResponse": true, "Contract": true,
}

// namesPatient says under which member a resource names its patient, where it is not "subject".
var namesPatient = map[string]string{
	"AllergyIntolerance": "patient", "Immunization": "patient", "FamilyMemberHistory": "patient", "Device": "patient",
	"ImmunizationRecommendation": "patient", "ImmunizationEvaluation": "patient", "Consent": "patient",
	"DetectedIssue": "patient", "NutritionOrder": "patient", "VisionPrescription": "patient", "EpisodeOfCare": "patient",
	"Claim": "patient", "ClaimResponse": "patient", "ExplanationOfBenefit": "patient", "Coverage": "beneficiary",
	"CoverageEligibilityRequest": "patient", "CoverageEligibilityResponse": "patient", "SupplyDelivery": "patient",
	"EnrollmentRequest": "candidate", "BodyStructure": "patient", "MolecularSequence": "patient", "Appointment": "",
	"SupplyRequest": "", "Binary": "", "QuestionnaireResponse": "subject",
}

// patientMember returns the member under which resources of a type name their patient; "" if they have none.
func patientMember(typ string) string {
	if m, ok := namesPatient[typ]; ok {
		return m
	}
	return "subject"
}
