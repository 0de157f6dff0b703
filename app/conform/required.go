package conform

import "potli/app/fhir/tree"

import "strings"

// needed are the elements that FHIR R4 asks of a resource (cardinality 1..), by type, of what a share or an export can hold.
// Source: the resource definitions of hl7.org/fhir/R4.
var needed = map[string]string{
	"AllergyIntolerance":         "patient",
	"Appointment":                "status participant",
	"CarePlan":                   "status intent subject",
	"ClinicalImpression":         "status subject",
	"Composition":                "status type date author title",
	"Condition":                  "subject",
	"Consent":                    "status scope category",
	"Coverage":                   "status beneficiary payor",
	"DeviceRequest":              "intent code[x] subject",
	"DeviceUseStatement":         "status subject device",
	"DiagnosticReport":           "status code",
	"DocumentReference":          "status content",
	"Encounter":                  "status class",
	"EpisodeOfCare":              "status patient",
	"FamilyMemberHistory":        "status patient relationship",
	"Flag":                       "status code subject",
	"Goal":                       "lifecycleStatus description subject",
	"ImagingStudy":               "status subject",
	"Immunization":               "status vaccineCode patient occurrence[x]",
	"ImmunizationRecommendation": "patient date recommendation",
	"Media":                      "status content",
	"MedicationAdministration":   "status medication[x] subject effective[x]",
	"MedicationDispense":         "status medication[x]",
	"MedicationRequest":          "status intent medication[x] subject",
	"MedicationStatement":        "status medication[x] subject",
	"NutritionOrder":             "status intent patient dateTime",
	"Observation":                "status code",
	"Procedure":                  "status subject",
	"QuestionnaireResponse":      "status",
	"RiskAssessment":             "status subject",
	"ServiceRequest":             "status intent subject",
	"Substance":                  "code",
	"VisionPrescription":         "status created patient dateWritten prescriber lensSpecification",
}

// Needed lists the elements that FHIR R4 requires of a type.
func Needed(typ string) []string { return strings.Fields(needed[typ]) }

// required (FHIR-05): no resource lacks an element that FHIR requires; one that is not known says why.
func required(d *document, found func(int, string)) {
	for i, e := range d.entries {
		lacking(e.resource, func(path string) { found(i, path) })
		for _, c := range tree.List(e.resource["contained"]) {
			lacking(tree.Obj(c), func(path string) { found(i, e.typ+".contained."+path) })
		}
	}
}

func lacking(r object, found func(path string)) {
	typ := tree.Text(r["resourceType"])
	for _, name := range Needed(typ) {
		if !tree.Filled(r, name) {
			found(typ + "." + name)
		}
	}
}
