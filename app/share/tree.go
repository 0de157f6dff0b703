package share

import (
	"bytes"

	"potli/app/fhir/tree"
)

// object is a JSON object being worked on.
type object = tree.Object

// writeJSON writes v with sorted members: the same selection always gives the same bytes.
func writeJSON(v any) []byte {
	var b bytes.Buffer
	appendJSON(&b, v)
	return b.Bytes()
}

// concept is a CodeableConcept with one code.
func concept(system, code string) object {
	return object{"coding": []any{object{"system": system, "code": code}}}
}
