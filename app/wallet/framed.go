package wallet

import (
	"encoding/json"

	"potli/app/fhir"
	"potli/app/vault"
)

// viewsAtOnce is how many resources of a document cross from the worker as one piece:
// a file can hold thousands, and to read all of them at once would hold the screen for
// a second.
const viewsAtOnce = 24

// packDocument writes a document for the way from the worker: itself without its
// views, and these in pieces.
func packDocument(d *fhir.Document) ([]byte, error) {
	head := *d
	head.Views = nil
	var pieces [][]byte
	for from := 0; from < len(d.Views); from += viewsAtOnce {
		b, err := json.Marshal(d.Views[from:min(from+viewsAtOnce, len(d.Views))])
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, b)
	}
	return pack(head, pieces...)
}

// readDocument reads what packDocument wrote, in breaths.
func readDocument(b []byte) (*fhir.Document, error) {
	var d fhir.Document
	pieces, err := unpack(b, &d)
	if err != nil {
		return nil, err
	}
	breath := newBreather()
	d.Views = make([]fhir.View, 0, len(pieces)*viewsAtOnce)
	for _, p := range pieces {
		var views []fhir.View
		if err := json.Unmarshal(p, &views); err != nil {
			return nil, err
		}
		d.Views = append(d.Views, views...)
		breath.rest()
	}
	return &d, nil
}

// packSummary writes a summary for the way from the worker: of the outline the head,
// and all of it as the index will have it.
func packSummary(s summary) ([]byte, error) {
	packed := vault.Pack(s.Outline)
	s.Outline.Lines, s.Outline.Words = nil, ""
	return pack(s, []byte(packed))
}

// readSummary reads what packSummary wrote.
func readSummary(b []byte) (s summary, err error) {
	blobs, err := unpackN(b, &s, 1)
	if err != nil {
		return summary{}, err
	}
	s.packed = vault.Packed(blobs[0])
	return s, nil
}
