package consent

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// obj and list are JSON as it is built here.
type (
	obj  = map[string]any
	list = []any
)

// Bundle is a receipt as FHIR R4: a collection of the Consent, the Provenance with
// the receipt itself as its signature (and the countersignature, unless it is "")
// and an AuditEvent for each event that gave or refused something. Whoever cannot
// read receipts reads the Consent; who wants proof takes the JWS out of the
// Provenance. The same receipt gives the same bytes.
//
// Faults: those of Verify and CheckCountersigned.
func Bundle(receipt, counter string, events []Event) ([]byte, error) {
	v, err := Verify(receipt)
	if err != nil {
		return nil, err
	}
	var c *Countersigned
	if counter != "" {
		if c, err = CheckCountersigned(receipt, counter); err != nil {
			return nil, err
		}
	}
	b := bundle{v: v, about: "urn:uuid:" + uuid(v.Hash(), "consent")}
	b.add(b.about, b.consent())
	b.add("urn:uuid:"+uuid(v.Hash(), "provenance"), b.provenance(c, counter))
	for i := range events {
		if e := &events[i]; e.Consent == v.Terms.ID && audited[e.Kind] != "" {
			b.add("urn:uuid:"+uuid(v.Hash(), fmt.Sprint("audit", i)), b.audit(e))
		}
	}
	return json.Marshal(obj{"resourceType": "Bundle", "type": "collection", "timestamp": instant(v.Issued),
		"identifier": obj{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:" + uuid(v.Hash(), "bundle")}, "entry": b.entries})
}

type bundle struct {
	v       *Verified
	about   string // full URL of the Consent
	entries list
}

func (b *bundle) add(url string, resource obj) {
	resource["id"] = strings.TrimPrefix(url, "urn:uuid:")
	b.entries = append(b.entries, obj{"fullUrl": url, "resource": resource})
}

// uuid is made of what it names (RFC 9562, section 5.8: version 8).
func uuid(of, part string) string {
	sum := sha256.Sum256([]byte("potli-fhir/1\x00" + of + "\x00" + part))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func coding(system, code, display string) obj {
	c := obj{"system": system, "code": code}
	if display != "" {
		c["display"] = display
	}
	return c
}

func concept(system, code, display string) obj {
	return obj{"coding": list{coding(system, code, display)}}
}

// reference is by number and name: the resource itself is not in the bundle.
func reference(system, value, display string) obj {
	id := obj{"value": value}
	if system != "" {
		id["system"] = system
	}
	r := obj{"identifier": id}
	if display != "" {
		r["display"] = display
	}
	return r
}

func (b *bundle) patient() obj {
	return reference("", string(b.v.Terms.Profile), b.v.Principal)
}

func (b *bundle) actor() obj { return reference("", b.v.Actor.User, b.v.Actor.Name) }

func referenceOf(p Party) obj {
	if len(p.IDs) > 0 {
		return reference(p.IDs[0].System, p.IDs[0].Value, p.Name)
	}
	return reference("", callOf(p), p.Name)
}

const terminology = "http://terminology.hl7.org/CodeSystem/"

func (b *bundle) consent() obj {
	v := b.v
	status := "active"
	if v.State == Revoked {
		status = "inactive"
	}
	c := obj{"resourceType": "Consent", "status": status,
		"identifier": list{obj{"value": v.Terms.ID}},
		"scope":      concept(terminology+"consentscope", "patient-privacy", "Privacy Consent"),
		"category":   list{concept("http://loinc.org", "59284-0", "Patient Consent")},
		"patient":    b.patient(), "dateTime": instant(v.Issued), "performer": list{b.actor()},
		"policyRule": concept(terminology+"v3-ActCode", "OPTIN", "opt-in"),
		"provision":  b.provision()}
	if v.Notice.Text != "" {
		notice := obj{"contentType": "text/plain; charset=utf-8", "data": base64.StdEncoding.EncodeToString([]byte(v.Notice.Text)), "title": "Notice"}
		if v.Notice.Language != "" {
			notice["language"] = v.Notice.Language
		}
		c["sourceAttachment"] = notice
	}
	return c
}

func (b *bundle) provision() obj {
	g := &b.v.Terms
	actions := list{concept(terminology+"consentaction", "access", "Access")}
	if g.After == Keep {
		actions = append(actions, concept(terminology+"consentaction", "collect", "Collect"))
	}
	p := obj{"type": "permit", "period": obj{"start": instant(g.Begin), "end": instant(g.Until)},
		"actor":   list{obj{"role": concept(terminology+"v3-ParticipationType", "IRCP", "information recipient"), "reference": referenceOf(g.To)}},
		"purpose": list{purposeCoding(g.Purpose)}, "action": actions}
	var kinds, data list
	for _, k := range g.Kinds {
		kinds = append(kinds, obj{"text": string(k)})
	}
	for _, d := range b.v.Documents {
		data = append(data, obj{"meaning": "instance", "reference": obj{"type": "DocumentReference", "identifier": obj{"value": "sha256:" + d.SHA256}}})
	}
	if p["code"] = kinds; data != nil {
		p["data"] = data
	}
	if period := g.Dates.period(); len(period) > 0 {
		p["dataPeriod"] = period
	}
	return p
}

// purposeCoding is the code as HL7 knows it; ABDM took its six from there.
func purposeCoding(p Purpose) obj {
	return coding(terminology+"v3-ActReason", string(p.Code), "")
}

func (d Dates) period() obj {
	p := obj{}
	if d.From != "" {
		p["start"] = d.From
	}
	if d.To != "" {
		p["end"] = d.To
	}
	return p
}

// Kinds of signatures (ASTM E1762).
const signatures = "urn:iso-astm:E1762-95:2013"

func (b *bundle) provenance(c *Countersigned, counter string) obj {
	signed := list{signature("1.2.840.10065.1.12.1.7", "Consent Signature", b.v.Issued, b.actor(), b.v.JWS)}
	if c != nil {
		signed = append(signed, signature("1.2.840.10065.1.12.1.5", "Verification Signature", c.At, referenceOf(c.From), counter))
	}
	agent := obj{"who": b.actor()}
	if b.v.Actor.User != string(b.v.Terms.Profile) {
		agent["onBehalfOf"] = b.patient()
	}
	return obj{"resourceType": "Provenance", "target": list{obj{"reference": b.about}}, "recorded": instant(b.v.Issued),
		"agent": list{agent}, "signature": signed}
}

func signature(code, name string, at time.Time, who obj, jws string) obj {
	return obj{"type": list{coding(signatures, code, name)}, "when": instant(at), "who": who,
		"sigFormat": "application/jose", "data": base64.StdEncoding.EncodeToString([]byte(jws))}
}

// audited are the events that have an AuditEvent, and its action: something was
// given or opened, refused or ended.
var audited = map[EventKind]string{Delivered: "R", Opened: "R", Refused: "E", Revoked: "U", Told: "E"}

func (b *bundle) audit(e *Event) obj {
	kind, outcome, who := "disclose", "0", referenceOf(b.v.Terms.To)
	if e.Kind == Opened {
		kind = "access"
	}
	if e.Kind == Refused {
		outcome = "4" // minor failure: it was not done, as it should not be
	}
	entities := list{obj{"what": obj{"reference": b.about}}}
	for _, id := range e.Records {
		entities = append(entities, obj{"what": obj{"identifier": obj{"value": string(id)}}})
	}
	agents := list{obj{"who": who, "requestor": true}}
	if e.By != "" {
		agents = append(agents, obj{"who": reference("", e.By, ""), "requestor": false})
	}
	return obj{"resourceType": "AuditEvent", "type": coding(terminology+"iso-21089-lifecycle", kind, ""),
		"subtype": list{obj{"code": string(e.Kind)}}, "action": audited[e.Kind], "recorded": instant(e.At), "outcome": outcome,
		"purposeOfEvent": list{obj{"coding": list{purposeCoding(b.v.Terms.Purpose)}}},
		"agent":          agents, "source": obj{"observer": reference("", b.v.Actor.Device, "")}, "entity": entities}
}
