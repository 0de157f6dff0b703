package fhir_test

import (
	"fmt"

	"potli/app/fhir"
)

// A document is parsed once; each entry is made readable when it is looked at.
// What is a message key is said by the reader's language; what is text is the
// record's own and shown as it is.
func Example() {
	f, err := fhir.Parse([]byte(`{"resourceType": "Observation", "status": "final",
		"code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}], "text": "Haemoglobin"},
		"subject": {"display": "A. Person"}, "effectiveDateTime": "2024-03-05",
		"valueQuantity": {"value": 10.80, "unit": "g/dL"},
		"interpretation": [{"coding": [{"code": "L"}]}],
		"referenceRange": [{"low": {"value": 12, "unit": "g/dL"}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	v := f.View(0)
	row := v.Results[0]
	fmt.Println(v.Kind, v.Title, v.Date)
	fmt.Println(row.Value[0].Text, row.Value[0].Unit, row.Range, row.Flag)
	for _, field := range append(v.Fields, v.More...) {
		fmt.Println(field.Label, field.Values[0].Type, field.Values[0].Text)
	}
	fmt.Println(f.Outline().Subject.Name)
	// Output:
	// result Haemoglobin 2024-03-05
	// 10.80 g/dL ≥ 12 g/dL low
	// field.code text Haemoglobin
	// field.status message final
	// field.taken date 2024-03-05
	// field.patient text A. Person
	// A. Person
}

// A narrative from a stranger becomes a tree of allowed elements and text.
func ExampleNarrative() {
	nodes := fhir.Narrative(`<div><h1>Medicines</h1><p onclick="x()">Metformin <b>500 mg</b><script>steal()</script></p></div>`)
	fmt.Println(nodes[0].Children[0].Tag, nodes[0].Children[1].Tag)
	fmt.Println(fhir.NarrativeText(nodes))
	// Output:
	// h3 p
	// Medicines
	// Metformin 500 mg
}
