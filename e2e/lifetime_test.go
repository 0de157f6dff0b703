package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// A lifetime of records, made by counting and always the same: forty years of an
// Indian family's grandmother who never was. Of each ten documents six are reports
// of a laboratory, two prescriptions, one a visit and one a vaccination or a bill.

var (
	analytes = []struct {
		loinc, name, unit string
		low, high         float64
	}{
		{"718-7", "Haemoglobin", "g/dL", 12, 15.5}, {"4548-4", "HbA1c", "%", 4, 5.6}, {"2345-7", "Glucose, fasting", "mg/dL", 70, 100},
		{"2160-0", "Creatinine", "mg/dL", 0.5, 1.1}, {"3016-3", "TSH", "m[IU]/L", 0.4, 4}, {"2093-3", "Cholesterol", "mg/dL", 0, 200},
		{"2571-8", "Triglycerides", "mg/dL", 0, 150}, {"1742-6", "ALT", "U/L", 7, 35}, {"777-3", "Platelets", "10*3/uL", 150, 400},
		{"2823-3", "Potassium", "mmol/L", 3.5, 5.1}, {"2951-2", "Sodium", "mmol/L", 136, 145}, {"14635-7", "Vitamin D", "ng/mL", 30, 100},
	}
	medicines = []string{
		"Metformin 500 mg", "Telmisartan 40 mg", "Atorvastatin 10 mg", "Amlodipine 5 mg", "Levothyroxine 50 mcg", "Paracetamol 650 mg",
		"Pantoprazole 40 mg", "Vitamin D3 60,000 IU", "Azithromycin 500 mg", "Ecosprin 75 mg", "Glimepiride 1 mg", "Calcium carbonate 500 mg",
	}
	complaints = []string{"Type 2 diabetes mellitus", "Essential hypertension", "Hypothyroidism", "Viral fever", "Osteoarthritis of the knee", "Dengue fever", "Acute bronchitis", "Cataract"}
	vaccines   = []string{"Influenza", "COVID-19", "Tetanus and diphtheria", "Pneumococcal", "Hepatitis B", "Typhoid"}
	facilities = []string{"Sample Path Lab, Pune", "Synthetic Care Hospital, Nashik", "Ghar Clinic, Kothrud", "Dr Example's Chamber", "Namuna Diagnostics, Mumbai", "Udaharan Hospital, Nagpur"}
)

type object = map[string]any

// lifetime is document i of n: its name and about six resources.
func lifetime(i, n int) (name string, body []byte) {
	day := i * 40 * 365 / n
	date := fmt.Sprintf("%04d-%02d-%02d", 1986+day/365, 1+day%365/31, 1+day%365%31%28)
	patient := object{"resourceType": "Patient", "id": "p", "name": []any{object{"text": "Kamla Sample"}}, "gender": "female", "birthDate": "1951-03-02"}
	author := object{"display": facilities[i*7%len(facilities)]}
	var title string
	var rest []any
	switch i % 10 {
	default:
		title, rest = report(i, date)
	case 3, 7:
		title, rest = prescription(i, date)
	case 5:
		title, rest = "OP consultation", []any{condition(i, date), vital(i, date, "8480-6", "Systolic blood pressure", "mm[Hg]", 110+i%50),
			vital(i, date, "8867-4", "Heart rate", "/min", 60+i%40), vital(i, date, "29463-7", "Body weight", "kg", 58+i%20), prescribed(i, date, 0)}
	case 9:
		title, rest = "Immunization record", []any{object{"resourceType": "Immunization", "id": "i", "status": "completed", "patient": object{"reference": "Patient/p"},
			"vaccineCode": object{"text": vaccines[i/10%len(vaccines)]}, "occurrenceDateTime": date, "lotNumber": fmt.Sprintf("SYN%05d", i)}}
	}
	composition := object{"resourceType": "Composition", "id": "c", "status": "final", "title": title, "date": date, "author": []any{author}, "subject": object{"reference": "Patient/p"}}
	var entries, refs []any
	for _, r := range rest {
		refs = append(refs, object{"reference": r.(object)["resourceType"].(string) + "/" + r.(object)["id"].(string)})
	}
	composition["section"] = []any{object{"title": title, "entry": refs}}
	for _, r := range append([]any{composition, patient}, rest...) {
		entries = append(entries, object{"fullUrl": "http://sample.example/" + r.(object)["resourceType"].(string) + "/" + r.(object)["id"].(string), "resource": r})
	}
	b, err := json.Marshal(object{"resourceType": "Bundle", "type": "document", "id": fmt.Sprint("b-", i), "timestamp": date + "T10:00:00+05:30", "entry": entries})
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s-%05d.json", strings.ToLower(strings.ReplaceAll(title, " ", "-")), i), b
}

func report(i int, date string) (string, []any) {
	titles := []string{"Complete blood count", "Diabetes profile", "Kidney function test", "Lipid profile", "Thyroid profile"}
	var list []any
	for k := range 4 {
		a := analytes[(i+k*5)%len(analytes)]
		value := a.low + (a.high-a.low)*float64((i*31+k*17)%140)/100
		o := object{"resourceType": "Observation", "id": fmt.Sprint("o", k), "status": "final", "subject": object{"reference": "Patient/p"}, "effectiveDateTime": date,
			"category":       []any{object{"coding": []any{object{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}}}},
			"code":           object{"text": a.name, "coding": []any{object{"system": "http://loinc.org", "code": a.loinc, "display": a.name}}},
			"valueQuantity":  object{"value": json.Number(fmt.Sprintf("%.1f", value)), "unit": a.unit, "system": "http://unitsofmeasure.org", "code": a.unit},
			"referenceRange": []any{object{"low": object{"value": a.low, "unit": a.unit}, "high": object{"value": a.high, "unit": a.unit}}}}
		list = append(list, o)
	}
	return titles[i%len(titles)], list
}

func prescription(i int, date string) (string, []any) {
	list := []any{condition(i, date)}
	for k := range 3 {
		list = append(list, prescribed(i, date, k))
	}
	return "Prescription", list
}

func prescribed(i int, date string, k int) object {
	return object{"resourceType": "MedicationRequest", "id": fmt.Sprint("m", k), "status": "active", "intent": "order", "authoredOn": date, "subject": object{"reference": "Patient/p"},
		"medicationCodeableConcept": object{"text": medicines[(i+k*5)%len(medicines)]}, "dosageInstruction": []any{object{"text": []string{"1-0-1 after food", "once daily", "at bedtime"}[(i+k)%3]}}}
}

func condition(i int, date string) object {
	return object{"resourceType": "Condition", "id": "d", "clinicalStatus": object{"coding": []any{object{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}}},
		"code": object{"text": complaints[i/3%len(complaints)]}, "subject": object{"reference": "Patient/p"}, "onsetDateTime": date}
}

func vital(i int, date, loinc, name, unit string, value int) object {
	return object{"resourceType": "Observation", "id": "v" + loinc, "status": "final", "subject": object{"reference": "Patient/p"}, "effectiveDateTime": date,
		"category":      []any{object{"coding": []any{object{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}}}},
		"code":          object{"text": name, "coding": []any{object{"system": "http://loinc.org", "code": loinc}}},
		"valueQuantity": object{"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}}
}

// live gives the wallet of a page that is locked n documents. They are sealed here and
// put into its database at once: to import them one by one would take the browser
// minutes. It returns how many resources they have.
func (p *page) live(passphrase string, n int) (resources int) {
	p.t.Helper()
	ctx := context.Background()
	disk := p.disk()
	file, err := disk.Get(ctx, "unlock")
	p.must(err)
	keys, err := keyring.Unlock(file, passphrase)
	p.must(err)
	ring, err := vault.Ring(ctx, disk, keys)
	p.must(err)
	v, err := vault.Open(ctx, vault.Options{Blobs: disk}, ring, nil)
	p.must(err)
	who := record.ProfileID(v.Ring().Profiles()[0])
	for i := range n {
		name, body := lifetime(i, n)
		f, err := fhir.Parse(body)
		p.must(err)
		resources += strings.Count(string(body), `"resourceType"`) - 1
		_, err = v.Add(ctx, record.Meta{Profile: who, Format: record.FormatFHIR, Outline: f.Outline(), Source: record.Source{How: "file", Name: name}}, body)
		p.must(err)
	}
	p.put(disk)
	return resources
}

func (p *page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// put makes the wallet's database what is given.
func (p *page) put(disk vault.Blobs) {
	p.t.Helper()
	names, err := disk.List(context.Background(), "")
	p.must(err)
	js[bool](p, `(async () => {
		const done = r => new Promise((y, n) => { r.onsuccess = () => y(r.result); r.onerror = () => n(r.error); });
		globalThis.testPut = async (list, clear) => {
			const db = await done(indexedDB.open("potli")), tx = db.transaction("blobs", "readwrite"), store = tx.objectStore("blobs");
			if (clear) store.clear();
			for (const [name, text] of list) store.put(Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), c => c.charCodeAt(0)), name);
			await new Promise((y, n) => { tx.oncomplete = y; tx.onabort = n; });
			db.close();
			return true;
		};
		return true;
	})()`)
	var list [][2]string
	weight, first := 0, true
	flush := func() {
		b, err := json.Marshal(list)
		p.must(err)
		js[bool](p, `testPut(`+string(b)+`, `+fmt.Sprint(first)+`)`)
		list, weight, first = nil, 0, false
	}
	for _, name := range names {
		b, err := disk.Get(context.Background(), name)
		p.must(err)
		list = append(list, [2]string{name, base64.StdEncoding.EncodeToString(b)})
		if weight += len(b); weight > 6<<20 {
			flush()
		}
	}
	flush()
}
