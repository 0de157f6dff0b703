package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"potli/app/fhir"
)

// hindiRecord is a prescription whose words need their letters joined, reordered and stacked.
const hindiRecord = `{"resourceType":"Bundle","type":"collection","entry":[
{"fullUrl":"urn:uuid:7d4a6e0e-0000-4000-8000-000000000001","resource":{"resourceType":"Patient","name":[{"text":"Raghunath Sharma"}],"birthDate":"1958-03-14","gender":"male"}},
{"fullUrl":"urn:uuid:7d4a6e0e-0000-4000-8000-000000000002","resource":{"resourceType":"Practitioner","name":[{"text":"डॉ. कृष्णमूर्ति श्रीवास्तव"}]}},
{"fullUrl":"urn:uuid:7d4a6e0e-0000-4000-8000-000000000003","resource":{"resourceType":"MedicationRequest","status":"active","intent":"order","authoredOn":"2026-05-01",
	"medicationCodeableConcept":{"text":"मेटफॉर्मिन 500 mg की गोली"},"subject":{"reference":"urn:uuid:7d4a6e0e-0000-4000-8000-000000000001"},
	"requester":{"reference":"urn:uuid:7d4a6e0e-0000-4000-8000-000000000002"},"dosageInstruction":[{"text":"एक गोली सुबह और एक शाम को, खाने के बाद"}],
	"note":[{"text":"रक्त में शर्करा की जाँच हर तीन महीने में करवाएँ। चक्कर आए तो तुरंत डॉक्टर से मिलें।"}]}},
{"fullUrl":"urn:uuid:7d4a6e0e-0000-4000-8000-000000000004","resource":{"resourceType":"AllergyIntolerance","code":{"text":"मूँगफली"},"criticality":"high",
	"patient":{"reference":"urn:uuid:7d4a6e0e-0000-4000-8000-000000000001"},"reaction":[{"manifestation":[{"text":"साँस फूलना"}],"severity":"severe"}]}}]}`

// renderings are the documents of a collection that claim to show all of it.
func renderings(t *testing.T, bundle []byte) (all [][]byte) {
	t.Helper()
	var root struct {
		Entry []struct {
			Resource struct {
				ResourceType  string
				Type, Content json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(bundle, &root); err != nil {
		t.Fatal(err)
	}
	for _, e := range root.Entry {
		if r := e.Resource; r.ResourceType != "DocumentReference" || !strings.Contains(string(r.Type), `"60591-5"`) {
			continue
		}
		var content []struct {
			Attachment struct{ ContentType, Data string }
		}
		if err := json.Unmarshal(e.Resource.Content, &content); err != nil || len(content) != 1 {
			t.Fatalf("%d contents, %v", len(content), err)
		}
		pdf, err := base64.StdEncoding.DecodeString(content[0].Attachment.Data)
		if err != nil || content[0].Attachment.ContentType != "application/pdf" {
			t.Errorf("%s, %v", content[0].Attachment.ContentType, err)
		}
		all = append(all, pdf)
	}
	return all
}

// isRendering holds the PDF in a collection against the collection: an independent reader finds the name of every resource in
// it, and words; it is no longer than pages, and a page no larger than most bytes.
func isRendering(t *testing.T, name string, bundle []byte, pages, most int, words ...string) {
	t.Helper()
	found := renderings(t, bundle)
	if len(found) != 1 {
		t.Errorf("%s has %d renderings", name, len(found))
		return
	}
	pdf := found[0]
	if os.Getenv("POTLI_SHOTS") != "" {
		if err := os.WriteFile(filepath.Join("shots", strings.ReplaceAll(name, " ", "-")+".pdf"), pdf, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	info, ok := poppler(t, pdf, "pdfinfo", "-")
	if !ok {
		t.Logf("%s: its PDF is read by nobody else: pdfinfo (poppler-utils) is not here", name)
		return
	}
	_, rest, _ := strings.Cut(info, "Pages:")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	if n == 0 || n > pages || len(pdf) > n*most || !strings.Contains(info, "A4") {
		t.Errorf("%s: %d pages, %d bytes:\n%s", name, n, len(pdf), info)
	}
	t.Logf("%s: %d pages, %d bytes", name, n, len(pdf))
	text, _ := poppler(t, pdf, "pdftotext", "-raw", "-", "-")
	text = strings.Join(strings.Fields(text), " ")
	file, err := fhir.Parse(bundle)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range file.Entries {
		if v := file.View(i); e.Type != "DocumentReference" {
			words = append(words, v.Title)
		}
	}
	for _, w := range words {
		if !strings.Contains(text, strings.Join(strings.Fields(w), " ")) {
			t.Errorf("%s: its PDF does not say %q", name, w)
		}
	}
	// Something is to be seen as well, and it is ink on paper: between a two-hundredth and a fifth of the first page.
	picture, ok := poppler(t, pdf, "pdftoppm", "-gray", "-r", "40", "-f", "1", "-l", "1", "-")
	_, pixels, _ := strings.Cut(picture, "\n255\n")
	dark := 0
	for i := range len(pixels) {
		if pixels[i] < 128 {
			dark++
		}
	}
	if share := float64(dark) / float64(len(pixels)+1); ok && (share < .005 || share > .2) {
		t.Errorf("%s: %.1f %% of the first page is dark", name, 100*share)
	}
}
