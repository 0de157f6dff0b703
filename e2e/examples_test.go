package e2e_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	agefile "filippo.io/age"

	"potli/app/fhir"
	"potli/app/fhir/fhirtest"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// updateExamples writes the table of inputs and outcomes again; read the
// difference before you commit it.
var updateExamples = flag.Bool("update-examples", false, "write testdata/examples.golden again")

const examplesGolden = "testdata/examples.golden"

// met are the resource types of R4 that a patient can be handed.
const met = ` Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse Basic Binary BodyStructure CarePlan CareTeam ChargeItem
	Claim ClaimResponse ClinicalImpression Communication CommunicationRequest Composition Condition Consent Coverage
	CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceRequest DeviceUseStatement DiagnosticReport
	DocumentManifest DocumentReference Encounter EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Flag Goal Group
	HealthcareService ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation Invoice List Location Media
	Medication MedicationAdministration MedicationDispense MedicationRequest MedicationStatement NutritionOrder Observation
	Organization Patient PaymentNotice PaymentReconciliation Person Practitioner PractitionerRole Procedure Provenance
	QuestionnaireResponse RelatedPerson RequestGroup RiskAssessment Schedule ServiceRequest Slot Specimen Substance SupplyDelivery
	SupplyRequest Task VisionPrescription `

func isMet(typ string) bool { return slices.Contains(strings.Fields(met), typ) }

// document is one file that a family may be handed.
type document struct {
	name string
	body []byte
}

// examples are HL7's examples of R4 and of the International Patient Summary,
// and the real documents beside the project where they are.
func examples(t testing.TB) []document {
	t.Helper()
	var out []document
	for _, from := range []struct{ under, dir string }{
		{"r4", filepath.Join("node_modules", "hl7.fhir.r4.examples")},
		{"ips", filepath.Join("node_modules", "hl7.fhir.uv.ips", "example")},
		{"shared", filepath.Join(root(t), "..", "shared", "data")},
	} {
		n := len(out)
		err := filepath.WalkDir(from.dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if typ, _, _ := strings.Cut(d.Name(), "-"); from.under == "r4" && typ != "Bundle" && !isMet(typ) {
				return nil // most of its files are definitions
			}
			body, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(from.dir, path)
			if about(body) {
				out = append(out, document{from.under + "/" + filepath.ToSlash(rel), body})
			}
			return nil
		})
		if from.under != "shared" && (err != nil || len(out) == n) {
			t.Fatalf("no examples in %s: make deps brings them (%v)", from.dir, err)
		}
	}
	return out
}

// about says whether a file is FHIR about somebody's health: a resource that a
// patient can meet, or a Bundle of nothing else. The others are definitions.
func about(body []byte) bool {
	var head struct {
		ResourceType string
		Entry        []struct {
			Resource struct{ ResourceType string }
		}
	}
	if len(body) > 5<<20 || !bytes.Contains(body, []byte(`"resourceType"`)) || json.Unmarshal(body, &head) != nil {
		return false
	}
	if head.ResourceType != "Bundle" {
		return isMet(head.ResourceType)
	}
	n := 0
	for _, e := range head.Entry {
		switch typ := e.Resource.ResourceType; {
		case isMet(typ):
			n++
		case typ != "" && typ != "OperationOutcome" && typ != "Bundle" && typ != "AuditEvent" && typ != "MessageHeader":
			return false
		}
	}
	return n > 0
}

// outcome is what a family sees of a document.
type outcome struct {
	kind, title, date string
	lines             int // open on its page; what is folded under "more" is not counted
	void              bool
	blank             []string
}

func (o outcome) String() string {
	return fmt.Sprintf("%s | %s | %s | %d", o.kind, o.title, o.date, o.lines)
}

func outcomeOf(t testing.TB, d document) outcome {
	t.Helper()
	format, err := record.Sniff(d.body)
	if err != nil || format != record.FormatFHIR {
		t.Fatalf("refused: %q, %v", format, err)
	}
	o, err := record.Summarise(format, d.name, d.body)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	f, err := fhir.Parse(d.body)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	got := outcome{title: o.Title, date: o.Date}
	if len(o.Lines) > 0 {
		got.kind = string(o.Lines[0].Kind)
	}
	doc := f.Document()
	got.void = len(doc.Views) > 0
	for _, v := range doc.Views {
		got.void = got.void && (v.Void || v.Type == "Composition")
		n := len(v.Fields) + len(v.Results) + len(v.Attachments)
		if got.lines += 1 + n; n == 0 && len(v.Detail) == 0 && len(v.Narrative) == 0 && (v.Title == "" || len(v.More) > 0) {
			got.blank = append(got.blank, v.Type+" "+v.ID)
		}
	}
	for _, s := range doc.Sections {
		got.lines += len(strings.Split(fhir.NarrativeText(s.Narrative), "\n"))
	}
	return got
}

// TestExamples reads every document a family can be handed against the table
// in testdata: what it is taken for, its title, its date, how many lines stand
// open. None is refused, none is blank, none loses a word.
func TestExamples(t *testing.T) {
	want := goldenExamples(t)
	var table strings.Builder
	docs := examples(t)
	seen := map[string]int{}
	for _, d := range docs {
		t.Run(d.name, func(t *testing.T) {
			got := outcomeOf(t, d)
			fmt.Fprintf(&table, "%s | %s\n", d.name, got)
			for _, b := range got.blank {
				t.Errorf("%s shows nothing", b)
			}
			if got.kind == "" && !got.void {
				t.Error("has no line in the timeline, and is not void")
			}
			if !*updateExamples && want[d.name] != got.String() {
				t.Errorf("got  %s\nwant %s", got, want[d.name])
			}
			if len(d.body) < 700_000 && !strings.HasPrefix(d.name, "shared/") { // those are asked in app/fhir
				fhirtest.Lossless(t, d.body)
			}
		})
		f, err := fhir.Parse(d.body)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Entries {
			seen[f.Entries[i].Type]++
		}
	}
	for _, typ := range strings.Fields(met) {
		if seen[typ] == 0 && typ != "AppointmentResponse" && typ != "Schedule" && typ != "Slot" {
			t.Errorf("no example of %s", typ)
		}
	}
	if *updateExamples {
		if err := os.WriteFile(examplesGolden, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Log("\n" + table.String())
}

func goldenExamples(t testing.TB) map[string]string {
	out := map[string]string{}
	b, err := os.ReadFile(examplesGolden)
	if err != nil && !*updateExamples {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if name, rest, ok := strings.Cut(line, " | "); ok {
			out[name] = rest
		}
	}
	return out
}

// needed are the elements, by type, that a person looks for: they stand open on
// the page, not folded under "more".
var needed = map[string]string{
	"AllergyIntolerance":         "code clinicalStatus criticality reaction.manifestation onsetDateTime note",
	"Appointment":                "description start end participant.actor comment",
	"CarePlan":                   "title description period activity.detail.description activity.detail.scheduledString",
	"CareTeam":                   "name participant.member participant.role period",
	"Claim":                      "total item.net item.productOrService item.servicedDate insurance.coverage created",
	"Communication":              "payload sent",
	"Condition":                  "code onsetDateTime abatementDateTime severity stage.summary note",
	"Consent":                    "dateTime provision.period",
	"Coverage":                   "subscriberId period payor class.value",
	"DiagnosticReport":           "code conclusion effectiveDateTime issued",
	"DocumentReference":          "description date content.attachment.title",
	"Encounter":                  "period reasonCode diagnosis.condition location.location participant.individual",
	"EpisodeOfCare":              "period careManager",
	"ExplanationOfBenefit":       "total disposition item.net billablePeriod created",
	"FamilyMemberHistory":        "condition.code condition.note relationship",
	"Flag":                       "code period",
	"Goal":                       "description startDate target",
	"ImagingStudy":               "started series.description series.bodySite reasonCode",
	"Immunization":               "vaccineCode occurrenceDateTime lotNumber expirationDate site route note",
	"ImmunizationRecommendation": "date recommendation.dateCriterion",
	"Invoice":                    "totalNet totalGross date identifier",
	"List":                       "title date entry.item entry.flag note",
	"MedicationAdministration":   "effectivePeriod dosage.text dosage.dose note",
	"MedicationDispense":         "whenHandedOver quantity daysSupply dosageInstruction.text",
	"MedicationRequest":          "authoredOn dosageInstruction.text reasonCode note",
	"MedicationStatement":        "effectiveDateTime dosage.text reasonCode note",
	"NutritionOrder":             "dateTime oralDiet.type oralDiet.nutrient oralDiet.texture supplement enteralFormula excludeFoodModifier",
	"Observation":                "code valueQuantity valueCodeableConcept valueString effectiveDateTime component.valueQuantity",
	"Organization":               "name telecom.value address.city",
	"Patient":                    "birthDate telecom.value contact.telecom.value contact.name.family",
	"PractitionerRole":           "specialty availableTime.availableStartTime telecom.value",
	"Procedure":                  "code performedDateTime performedPeriod performer.actor outcome followUp note",
	"QuestionnaireResponse":      "authored item.text item.item.text item.item.answer.valueDate item.item.answer.valueCoding",
	"RelatedPerson":              "telecom.value relationship",
	"RiskAssessment":             "prediction.outcome prediction.probabilityDecimal prediction.qualitativeRisk",
	"ServiceRequest":             "code authoredOn reasonCode note patientInstruction orderDetail",
	"Specimen":                   "type receivedTime collection.collectedDateTime collection.quantity",
	"VisionPrescription":         "dateWritten lensSpecification",
}

// TestExamplesNeeded: what a person looks for stands open.
func TestExamplesNeeded(t *testing.T) {
	asked := map[string]int{}
	for _, d := range examples(t) {
		f, err := fhir.Parse(d.body)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range f.Entries {
			paths := strings.Fields(needed[e.Type])
			if len(paths) == 0 || strings.HasPrefix(d.name, "shared/synthea") {
				continue
			}
			v := f.View(i)
			v.More = nil
			open := fhirtest.Everything(t, f, v)
			fhirtest.Leaves(e.Raw, func(path []string, leaf string) {
				at, name := strings.Join(path, "."), path[len(path)-1]
				for _, p := range paths {
					if !strings.HasPrefix(at+".", p+".") || !strings.Contains(" text display value start end title url ", " "+name+" ") && at != p {
						continue
					}
					asked[e.Type+"."+p]++
					if !open.Has(leaf, path) && !strings.Contains(at, "coding.display") && !strings.Contains(at, "extension") && !strings.Contains(at, ".identifier.") {
						t.Errorf("%s: %s %s = %.60q is folded away", d.name, e.Type, at, leaf)
					}
				}
			})
		}
	}
	for typ, paths := range needed {
		for _, p := range strings.Fields(paths) {
			if asked[typ+"."+p] == 0 {
				t.Errorf("no example has %s.%s", typ, p)
			}
		}
	}
}

// TestExamplesExport: what came in goes out byte for byte, through the sealed
// vault and the backup.
func TestExamplesExport(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	d, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	user, err := keyring.NewUser(d, "phone", nil, now)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.NewRing(d, user)
	if err != nil {
		t.Fatal(err)
	}
	if ring, err = ring.AddProfile("asha"); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Create(ctx, vault.Options{Blobs: vault.Memory(), Now: func() time.Time { return now }}, ring, []byte("unlock"))
	if err != nil {
		t.Fatal(err)
	}
	docs := examples(t)
	for _, d := range docs {
		m := record.Meta{Profile: "asha", Format: record.FormatFHIR, Source: record.Source{How: "file", Name: d.name}}
		if _, err := v.Add(ctx, m, d.body); err != nil && !errors.Is(err, record.ErrDuplicate) {
			t.Fatalf("%s: %v", d.name, err)
		}
	}
	out := exported(t, v, ring)
	for _, d := range docs {
		if !out[sha256.Sum256(d.body)] {
			t.Errorf("%s is not in the backup as it came", d.name)
		}
	}
}

// exported are the sums of all files of a backup.
func exported(t *testing.T, v *vault.Vault, ring *keyring.Ring) map[[sha256.Size]byte]bool {
	t.Helper()
	var file bytes.Buffer
	if err := v.Export(context.Background(), &file, nil); err != nil {
		t.Fatal(err)
	}
	_, id, _ := ring.Newest("")
	plain, err := agefile.Decrypt(&file, id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[[sha256.Size]byte]bool{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[sha256.Sum256(body)] = true
	}
	return out
}

// TestFiguresExamples prints the table's sums.
func TestFiguresExamples(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("figures are printed by make bench")
	}
	docs := examples(t)
	lines, blank, entries, size := 0, 0, 0, 0
	for _, d := range docs {
		o := outcomeOf(t, d)
		f, err := fhir.Parse(d.body)
		if err != nil {
			t.Fatal(err)
		}
		lines, blank, entries, size = lines+o.lines, blank+len(o.blank), entries+len(f.Entries), size+len(d.body)
	}
	var fig figures
	fig.add("documents read (R4 examples, IPS examples, real ones), refused", fmt.Sprintf("%d, 0", len(docs)), "none refused")
	fig.add("  their resources, blank ones, lines that stand open", fmt.Sprintf("%d, %d, %d", entries, blank, lines), "none blank")
	fig.add("  their size", fmt.Sprintf("%.1f MB", float64(size)/1e6), "")
	fig.print()
}
