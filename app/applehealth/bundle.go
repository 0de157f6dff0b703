package applehealth

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// observed says how a kind is written: its LOINC code (those of the FHIR
// vital-signs profiles where there is one) with its name.
var observed = map[Kind][2]string{
	BloodPressure: {"85354-9", "Blood pressure"}, Weight: {"29463-7", "Body weight"}, Height: {"8302-2", "Body height"},
	Temperature: {"8310-5", "Body temperature"}, Oxygen: {"2708-6", "Oxygen saturation in Arterial blood"}, Pulse: {"8867-4", "Heart rate"},
	RestingPulse: {"40443-4", "Heart rate, resting"}, Breaths: {"9279-1", "Respiratory rate"}, PeakFlow: {"33452-4", "Maximum expiratory gas flow Respiratory system airway by Peak flow meter"},
	Steps: {"41950-7", "Number of steps in 24 hours"}, Glucose: {"2339-0", "Glucose in blood"},
}

// Glucose has a code for each way of counting.
var glucoseMoles = [2]string{"15074-8", "Glucose in blood"}

// units are Apple's units in UCUM. A unit that is not here is kept as it is
// written, without a code.
var units = map[string]string{
	"count/min": "/min", "mmHg": "mm[Hg]", "kg": "kg", "g": "g", "lb": "[lb_av]", "oz": "[oz_av]", "st": "[stone_av]", "cm": "cm", "m": "m", "in": "[in_i]", "ft": "[ft_i]",
	"degC": "Cel", "degF": "[degF]", "%": "%", "mg/dL": "mg/dL", "mmol<180.1558800000541>/L": "mmol/L", "mmol/L": "mmol/L", "L/min": "L/min", "count": "{steps}/d",
}

const (
	loinc      = "http://loinc.org"
	categories = "http://terminology.hl7.org/CodeSystem/observation-category"
	statistics = "http://terminology.hl7.org/CodeSystem/observation-statistics"
)

// object is a FHIR element; its members are written in the order of their names.
type object map[string]any

// Bundle returns the values of a kind in a year as a FHIR Bundle of type
// collection, one Observation each, and how many there are. known are ids of
// Observations that are here already: they are left out, and so is the Bundle
// when nothing is left. The same export makes the same bytes; a later one, which
// has the older values too, makes the same ids. rest, where it is not nil, is
// called often: there it may let others come to their turn.
func (v *Vitals) Bundle(k Kind, year string, known map[string]bool, rest func()) ([]byte, int, error) {
	if rest == nil {
		rest = func() {}
	}
	var list []object
	for key, d := range v.days[k] {
		if key.date[:4] == year {
			rest()
			list = append(list, v.observations(k, key, d)...)
		}
	}
	list = slices.DeleteFunc(list, func(o object) bool { return known[o["id"].(string)] })
	if len(list) == 0 {
		return nil, 0, nil
	}
	slices.SortFunc(list, func(a, b object) int {
		if c := strings.Compare(start(a), start(b)); c != 0 {
			return c
		}
		return strings.Compare(a["id"].(string), b["id"].(string))
	})
	list = slices.CompactFunc(list, func(a, b object) bool { return a["id"] == b["id"] })
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for i, o := range list {
		rest()
		if i > 0 {
			out.WriteByte(',')
		}
		if err := e.Encode(object{"fullUrl": "urn:uuid:" + o["id"].(string), "resource": o}); err != nil {
			return nil, 0, err
		}
	}
	out.WriteString("]}")
	return out.Bytes(), len(list), nil
}

func start(o object) string {
	if p, ok := o["effectivePeriod"].(object); ok {
		return p["start"].(string)
	}
	return o["effectiveDateTime"].(string)
}

func (v *Vitals) observations(k Kind, key dayKey, d *day) []object {
	if v.shown(key, d) == 0 {
		return nil
	}
	if d.folded() {
		return []object{summed(k, key, d)}
	}
	out := make([]object, len(d.values))
	for i, x := range d.values {
		o := observation(k, key.unit, x.source, string(k), x.start, x.end, x.number, x.second, key.unit, x.source)
		o["effectiveDateTime"] = x.start
		if k == BloodPressure {
			o["component"] = []object{
				{"code": concept(loinc, "8480-6", "Systolic blood pressure"), "valueQuantity": quantity(x.number, key.unit)},
				{"code": concept(loinc, "8462-4", "Diastolic blood pressure"), "valueQuantity": quantity(x.second, key.unit)},
			}
		} else {
			o["valueQuantity"] = quantity(x.number, key.unit)
		}
		out[i] = o
	}
	return out
}

// summed is a day of many values: its mean with the lowest and highest, or the
// steps. A phone and a watch count the same steps: the larger count is the day's.
func summed(k Kind, key dayKey, d *day) object {
	if k == Steps {
		most := 0.0
		for _, n := range d.by {
			most = max(most, n)
		}
		n := decimals(most, 0)
		o := observation(k, key.unit, d.source, string(k), key.date, n)
		o["effectivePeriod"] = object{"start": d.start, "end": d.end}
		o["valueQuantity"] = quantity(n, key.unit)
		return o
	}
	mean, low, high := decimals(d.sum/float64(d.n), 1), decimals(d.low, 4), decimals(d.high, 4)
	o := observation(k, key.unit, d.source, string(k), key.date, key.unit, strconv.Itoa(d.n), mean, low, high)
	o["effectivePeriod"] = object{"start": d.start, "end": d.end}
	o["valueQuantity"] = quantity(mean, key.unit)
	o["method"] = concept(statistics, "average", "Average")
	o["component"] = []object{
		{"code": concept(statistics, "minimum", "Minimum"), "valueQuantity": quantity(low, key.unit)},
		{"code": concept(statistics, "maximum", "Maximum"), "valueQuantity": quantity(high, key.unit)},
	}
	return o
}

// decimals writes a number with at most n of them.
func decimals(f float64, n int) string {
	scale := math.Pow(10, float64(n))
	return strconv.FormatFloat(math.Round(f*scale)/scale, 'f', -1, 64)
}

// observation is what all have. Its id is a sum of what it says.
func observation(k Kind, unit, source string, says ...string) object {
	name := observed[k]
	if k == Glucose && units[unit] == "mmol/L" {
		name = glucoseMoles
	}
	category := "vital-signs"
	switch k {
	case Steps:
		category = "activity"
	case Glucose:
		category = "laboratory"
	}
	o := object{"resourceType": "Observation", "id": id(says), "status": "final",
		"category": []object{concept(categories, category, "")}, "code": concept(loinc, name[0], name[1])}
	if k == Oxygen { // the profile asks for both
		also := concept(loinc, "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry")
		c := o["code"].(object)
		c["coding"] = append(c["coding"].([]object), also["coding"].([]object)...)
	}
	if source != "" {
		o["device"] = object{"display": source}
	}
	return o
}

func concept(system, code, display string) object {
	c := object{"system": system, "code": code}
	if display != "" {
		c["display"] = display
	}
	return object{"coding": []object{c}}
}

func quantity(number, unit string) object {
	q := object{"value": json.Number(number)}
	code := units[unit]
	switch {
	case code != "":
		q["unit"], q["system"], q["code"] = code, "http://unitsofmeasure.org", code
	case unit != "":
		q["unit"] = unit
	}
	return q
}

// id is a UUID (version 8, RFC 9562) of what is said.
func id(says []string) string {
	sum := sha256.Sum256([]byte(strings.Join(says, "\x00")))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
