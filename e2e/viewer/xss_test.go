package viewer_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func payloads(t testing.TB) []string {
	t.Helper()
	var all []string
	if err := json.Unmarshal(mustRead(t, "testdata/xss.json"), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 200 {
		t.Fatalf("%d payloads, want 200 at least", len(all))
	}
	return all
}

// hostile is a document that says x wherever words can stand.
func hostile(xs []string) []byte {
	type m = map[string]any
	entries := []any{}
	add := func(r m) string {
		url := fmt.Sprintf("urn:uuid:%d", len(entries))
		entries = append(entries, m{"fullUrl": url, "resource": r})
		return url
	}
	sections := []any{}
	composition := m{"resourceType": "Composition", "title": xs[0], "language": xs[0], "date": xs[0], "status": xs[0], "author": []any{m{"display": xs[0]}}}
	entries = append(entries, m{"fullUrl": xs[0], "resource": composition})
	for _, x := range xs {
		div := `<div xmlns="http://www.w3.org/1999/xhtml">` + x + `</div>`
		text := m{"status": "generated", "div": div}
		c := m{"text": x, "coding": []any{m{"system": x, "code": x, "display": x}}}
		code := m{"coding": []any{m{"system": x, "code": x}}}
		attachment := m{"title": x, "contentType": x, "data": base64.StdEncoding.EncodeToString([]byte(x)), "url": x}
		page := m{"title": x + ".pdf", "contentType": "text/html", "data": base64.StdEncoding.EncodeToString([]byte("<html><body>" + x))}
		pdf := m{"title": x, "contentType": "application/pdf", "data": base64.StdEncoding.EncodeToString([]byte("%PDF-1.4\n" + x))}
		image := m{"title": x, "contentType": "image/png", "data": base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n" + x))}
		far := m{"title": x, "contentType": "application/pdf", "url": x}
		q := m{"value": x, "unit": x, "comparator": x, "code": x}
		who := m{"display": x, "reference": x, "identifier": m{"value": x}}
		refs := []any{}
		for _, r := range []m{
			{"resourceType": "Patient", "id": x, "language": x, "text": text, "name": []any{m{"text": x, "family": x, "given": []any{x}}}, "birthDate": x, "gender": x, "identifier": []any{m{"type": c, "value": x, "system": x}}, "address": []any{m{"text": x, "line": []any{x}}}, "telecom": []any{m{"value": x, "use": x}}, "photo": []any{attachment}, "deceasedDateTime": x},
			{"resourceType": "AllergyIntolerance", "text": text, "code": c, "clinicalStatus": code, "verificationStatus": code, "category": []any{x}, "criticality": "high", "reaction": []any{m{"manifestation": []any{c}, "severity": x, "description": x}}, "note": []any{m{"text": x, "authorString": x}}, "onsetDateTime": x},
			{"resourceType": "Condition", "code": c, "severity": c, "bodySite": []any{c}, "onsetString": x, "abatementString": x},
			{"resourceType": "MedicationRequest", "status": x, "medicationCodeableConcept": c, "authoredOn": x, "dosageInstruction": []any{m{"text": x}, m{"route": c, "timing": m{"code": c, "repeat": m{"frequency": x, "period": x, "periodUnit": x, "when": []any{x}, "dayOfWeek": []any{x}, "timeOfDay": []any{x}}}, "doseAndRate": []any{m{"doseQuantity": q}}, "asNeededCodeableConcept": c}}},
			{"resourceType": "MedicationStatement", "status": "active", "medicationReference": who, "dosage": x},
			{"resourceType": "Immunization", "vaccineCode": c, "lotNumber": x, "occurrenceString": x, "protocolApplied": []any{m{"doseNumberString": x, "targetDisease": []any{c}}}, "statusReason": c},
			{"resourceType": "Observation", "code": c, "valueQuantity": q, "interpretation": []any{c, code}, "referenceRange": []any{m{"text": x}, m{"low": q}}, "component": []any{m{"code": c, "valueString": x, "dataAbsentReason": code}}, "effectiveDateTime": x},
			{"resourceType": "DiagnosticReport", "code": c, "conclusion": x, "result": []any{who}, "presentedForm": []any{attachment, page, pdf, image, far}, "performer": []any{who}},
			{"resourceType": "Procedure", "code": c, "outcome": c, "performedString": x},
			{"resourceType": "Encounter", "class": m{"code": x, "display": x}, "type": []any{c}, "serviceProvider": who, "period": m{"start": x, "end": x}},
			{"resourceType": "CarePlan", "title": x, "text": text, "activity": []any{m{"detail": m{"description": x, "status": x}}}},
			{"resourceType": "DocumentReference", "description": x, "type": c, "content": []any{m{"attachment": page}, m{"attachment": pdf}}, "author": []any{who}},
			{"resourceType": "FamilyMemberHistory", "name": x, "relationship": c, "condition": []any{m{"code": c, "onsetString": x}}},
			{"resourceType": "Appointment", "description": x, "start": x, "participant": []any{m{"actor": who}}},
			{"resourceType": "Device", "deviceName": []any{m{"name": x}}, "serialNumber": x},
			{"resourceType": x, "text": text, x: x, "extension": []any{m{"url": x, "valueString": x}, m{"url": "https://e.example/" + x, "extension": []any{m{"url": x, "valueCodeableConcept": c}}}}, "contained": []any{m{"resourceType": x, "id": x, "name": x}}},
		} {
			if r["resourceType"] == "" {
				r["resourceType"] = "X"
			}
			refs = append(refs, m{"reference": add(r), "display": x})
		}
		sections = append(sections, m{"title": x, "code": c, "text": text, "emptyReason": c, "entry": append(refs, who)})
	}
	composition["section"] = sections
	b, err := json.Marshal(m{"resourceType": "Bundle", "type": "document", "timestamp": xs[0], "entry": entries})
	if err != nil {
		panic(err)
	}
	return b
}

// clean names every element and attribute that must not have come out of a record.
const clean = `(() => {
	const bad = new Set();
	for (const e of document.querySelectorAll('main, main *')) {
		if (!/^(ARTICLE|HEADER|SECTION|NAV|DIV|P|SPAN|BR|HR|B|STRONG|I|EM|U|SMALL|SUB|SUP|UL|OL|LI|DL|DT|DD|TABLE|CAPTION|THEAD|TBODY|TFOOT|TR|TH|TD|PRE|CODE|BLOCKQUOTE|H[1-4]|S|BUTTON|DETAILS|SUMMARY|A|IMG|MAIN|FORM|LABEL|INPUT|TEXTAREA)$/.test(e.tagName)) bad.add(e.tagName);
		for (const a of e.attributes) {
			if (/^(on|style$|srcset$|background$|formaction$|ping$|name$|is$|xmlns)/.test(a.name) && !(a.name === 'name' && e.id === 'link')) bad.add(e.tagName + ' ' + a.name);
			if (/^(href|src)$/.test(a.name) && !a.value.startsWith('blob:' + location.origin + '/') && !/^\/(drop|clinic)$/.test(a.value)) bad.add(a.name + '=' + a.value);
			if (a.name === 'download' && !/^[\p{L}\p{M}\p{N} _-]{1,60}\.pdf$/u.test(a.value)) bad.add('download=' + a.value);
			if (a.name === 'colspan' && !/^\d+$/.test(a.value)) bad.add(a.name);
		}
		if (e.closest('.narrative') && [...e.attributes].some((a) => !['class', 'colspan', 'rowspan', 'tabindex', 'dir', 'lang', 'role', 'aria-label'].includes(a.name))) bad.add('narrative ' + e.outerHTML.slice(0, 80));
	}
	if (window.__xss) bad.add('executed');
	if (document.querySelectorAll('#main, #live').length !== 2) bad.add('clobbered');
	return [...bad].join('\n');
})()`

// T16: no payload in any field executes, loads or asks anything; the stage fails on dialogs, violations and strangers.
func TestHostileDocuments(t *testing.T) {
	s := newStage(t)
	for batch := range slices.Chunk(payloads(t), 40) {
		s.read(s.Host.direct("/l/hostile", hostile(batch)).String())
		s.eval(unfold)
		if got := s.eval(clean); got != "" {
			t.Errorf("batch of %.60q: %.1000s", batch[0], got)
		}
		// A person's hand over everything: events that markup would have waited for.
		s.eval(`(document.querySelectorAll('main *').forEach((e) => { for (const n of ['mouseover', 'pointerenter', 'focus', 'error', 'load', 'toggle']) e.dispatchEvent(new Event(n)); }), '')`)
		text := s.eval(`document.querySelector('main').textContent`)
		for _, x := range batch {
			// What is said stays readable: hostile words are words.
			if head := strings.TrimSpace(x); !strings.ContainsAny(head, "\x00\r\n\t\x01\x0b") && !strings.Contains(text, head) {
				t.Errorf("%.80q is not on the page", x)
			}
		}
	}
	s.empty()
	if got := s.asked(); len(got) != (len(payloads(t))+39)/40 {
		t.Errorf("%d requests to the host", len(got))
	}
}

// Labels, host names, passcode fields, error words and pasted text.
func TestHostileLinks(t *testing.T) {
	s := newStage(t)
	s.run(chromedp.Navigate(s.Viewer + "/"))
	s.state("start")
	for _, x := range payloads(t) {
		hashes := []string{"x" + x}
		for _, url := range []string{s.Host.URL + "/l/x", x, "https://" + x, s.Host.URL + "/l/" + x} {
			l := s.Host.link("/l/x", "U")
			l.Payload["label"], l.Payload["exp"], l.Payload["flag"], l.Payload[x] = x, x, x, x
			l.Payload["url"] = url
			hashes = append(hashes, l.String())
		}
		b, err := json.Marshal(hashes)
		if err != nil {
			t.Fatal(err)
		}
		got := s.eval(`(async () => {
			let bad = '';
			for (const hash of ` + string(b) + `) {
				const turned = new Promise((ok) => addEventListener('hashchange', () => setTimeout(ok), {once: true}));
				location.hash = hash;
				await Promise.race([turned, new Promise((ok) => setTimeout(ok, 100))]);
				bad += ` + clean + `;
			}
			return bad;
		})()`)
		if got != "" {
			t.Errorf("link with %.60q: %s", x, got)
		}
	}
	if got := s.asked(); len(got) != 0 {
		t.Errorf("asked %v", got)
	}
}
