package consent

import (
	"encoding/json"
	"slices"
	"time"

	"potli/app/record"
)

// India's health exchange (ABDM) writes what was agreed as an artefact, one for each
// holder of records. These two say the same in its words and in ours; the signature
// around an artefact, and what the exchange does with it, are the exchange's.

// ABDM is what an artefact names beside the terms.
type ABDM struct {
	ID       string        // of the artefact
	Patient  string        // ABHA address
	Holder   string        // HIP
	Receiver string        // HIU
	Manager  string        // consent manager
	Contexts []CareContext // visits of the patient at the holder
	By       ABDMRequester
	Created  time.Time
	Updated  time.Time
}

// CareContext is one visit or episode at a holder.
type CareContext struct {
	Patient   string `json:"patientReference"`
	Reference string `json:"careContextReference"`
}

// ABDMRequester is who asked, as the exchange names them.
type ABDMRequester struct {
	Name  string
	Type  string
	Value string
	In    string // system
}

// HITypes are the kinds that the exchange knows.
var HITypes = []Kind{Consultation, Prescription, Report, Discharge, Vaccination, HealthPaper, Wellness, Invoice}

const (
	abdmTime    = "2006-01-02T15:04:05.000Z"
	abdmPurpose = "http://terminology.hl7.org/ValueSet/v3-PurposeOfUse"
)

type abdmArtefact struct {
	SchemaVersion string        `json:"schemaVersion"`
	ConsentID     string        `json:"consentId"`
	CreatedAt     string        `json:"createdAt"`
	LastUpdated   string        `json:"lastUpdated"`
	Patient       abdmID        `json:"patient"`
	CareContexts  []CareContext `json:"careContexts"`
	Purpose       abdmCode      `json:"purpose"`
	HIP           abdmID        `json:"hip"`
	HIU           abdmID        `json:"hiu"`
	Manager       abdmID        `json:"consentManager"`
	Requester     abdmRequester `json:"requester"`
	HITypes       []Kind        `json:"hiTypes"`
	Permission    abdmPermit    `json:"permission"`
}

type abdmID struct {
	ID string `json:"id"`
}

type abdmCode struct {
	Text   string      `json:"text"`
	Code   PurposeCode `json:"code"`
	RefURI string      `json:"refUri"`
}

type abdmRequester struct {
	Name       string `json:"name"`
	Identifier struct {
		Value  string `json:"value"`
		Type   string `json:"type"`
		System string `json:"system"`
	} `json:"identifier"`
}

type abdmPermit struct {
	AccessMode string `json:"accessMode"`
	DateRange  struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"dateRange"`
	DataEraseAt string `json:"dataEraseAt"`
	Frequency   struct {
		Unit    string `json:"unit"`
		Value   int    `json:"value"`
		Repeats int    `json:"repeats"`
	} `json:"frequency"`
}

// ABDMArtefact writes terms as the consentDetail of an artefact (schema v3). It is never
// wider than they are: kinds that the exchange does not know are left out, and terms
// that name single records, or days without an end, cannot be said at all.
//
// Faults: Unknown, where no kind is left; TooBig with "records" or "dates".
func ABDMArtefact(g *Grant, a ABDM) ([]byte, error) {
	d := abdmArtefact{SchemaVersion: "v3", ConsentID: a.ID, CreatedAt: a.Created.UTC().Format(abdmTime), LastUpdated: a.Updated.UTC().Format(abdmTime),
		Patient: abdmID{a.Patient}, CareContexts: a.Contexts, Purpose: abdmCode{g.Purpose.Text, g.Purpose.Code, abdmPurpose},
		HIP: abdmID{a.Holder}, HIU: abdmID{a.Receiver}, Manager: abdmID{a.Manager}}
	d.Requester.Name = a.By.Name
	d.Requester.Identifier.Value, d.Requester.Identifier.Type, d.Requester.Identifier.System = a.By.Value, a.By.Type, a.By.In
	for _, k := range g.Kinds {
		if slices.Contains(HITypes, k) {
			d.HITypes = append(d.HITypes, k)
		}
	}
	switch {
	case len(d.HITypes) == 0:
		return nil, fault(Unknown, "kinds")
	case g.Records != nil:
		return nil, fault(TooBig, "records")
	case g.Dates.From == "" || g.Dates.To == "":
		return nil, fault(TooBig, "dates")
	}
	p := &d.Permission
	p.DateRange.From, p.DateRange.To = g.Dates.From+"T00:00:00.000Z", g.Dates.To+"T23:59:59.999Z"
	p.DataEraseAt, p.AccessMode = g.Until.UTC().Format(abdmTime), "VIEW"
	if g.After == Keep {
		p.AccessMode = "STORE"
	}
	p.Frequency.Unit = "HOUR" // HOUR/0/0 is how once was seen to be written
	if g.Repeat == Follow {
		days := int(g.Until.Sub(g.Begin) / (24 * time.Hour))
		p.Frequency.Unit, p.Frequency.Value, p.Frequency.Repeats = "DAY", 1, max(days, 2)
	}
	return json.Marshal(d)
}

// ParseABDM reads the consentDetail of an artefact, or the consent of a request of the
// exchange, as a request of ours: what is asked for, from whom it comes to be filled
// in by the caller. A range that begins or ends within a day is asked for with that
// day. Faults: Damaged, TooBig, Unknown.
func ParseABDM(b []byte) (*Request, *ABDM, error) {
	if len(b) > MaxRequest {
		return nil, nil, fault(TooBig, "")
	}
	var d abdmArtefact
	if err := decode(b, &d, "purpose", "code", "hiTypes", "permission", "accessMode", "dateRange", "from", "to", "dataEraseAt", "frequency", "value", "repeats"); err != nil {
		return nil, nil, err
	}
	q := &Request{Purpose: Purpose{d.Purpose.Code, d.Purpose.Text}, From: Party{Name: record.Tidy(d.Requester.Name)}, Repeat: Once, After: View}
	from, err1 := time.Parse(time.RFC3339, d.Permission.DateRange.From)
	to, err2 := time.Parse(time.RFC3339, d.Permission.DateRange.To)
	until, err3 := time.Parse(time.RFC3339, d.Permission.DataEraseAt)
	switch {
	case err1 != nil || err2 != nil || err3 != nil || to.Before(from):
		return nil, nil, fault(Damaged, "dates")
	case !slices.Contains(Purposes, q.Purpose.Code):
		return nil, nil, fault(Unknown, "purpose")
	}
	q.Dates, q.Until = Dates{from.UTC().Format(time.DateOnly), to.UTC().Format(time.DateOnly)}, until.UTC().Truncate(time.Second)
	for _, k := range d.HITypes {
		if !slices.Contains(HITypes, k) {
			return nil, nil, fault(Unknown, "kinds")
		}
	}
	q.Kinds = slices.Compact(slices.Sorted(slices.Values(d.HITypes)))
	if err := checkKinds(q.Kinds, len(d.HITypes)); err != nil {
		return nil, nil, err
	}
	switch d.Permission.AccessMode {
	case "VIEW":
	case "STORE":
		q.After = Keep
	default: // QUERY and STREAM say how records are asked for, which is not agreed here
		return nil, nil, fault(Unknown, "after")
	}
	if f := d.Permission.Frequency; f.Value > 1 || f.Repeats > 1 {
		q.Repeat = Follow
	}
	return q, d.beside(), q.checkTexts()
}

func (d *abdmArtefact) beside() *ABDM {
	a := &ABDM{ID: d.ConsentID, Patient: d.Patient.ID, Holder: d.HIP.ID, Receiver: d.HIU.ID, Manager: d.Manager.ID, Contexts: d.CareContexts}
	id := d.Requester.Identifier
	a.By = ABDMRequester{d.Requester.Name, id.Type, id.Value, id.System}
	a.Created, _ = time.Parse(time.RFC3339, d.CreatedAt)
	a.Updated, _ = time.Parse(time.RFC3339, d.LastUpdated)
	return a
}
