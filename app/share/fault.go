package share

import (
	"potli/app/conform"
)

// Fault is a rule that what was put together breaks, and where.
type Fault struct {
	Rule  string `json:"rule"`            // "IPS-04": a message of the catalogue under "rule."
	Path  string `json:"path,omitempty"`  // "Condition.code"
	Title string `json:"title,omitempty"` // of the chosen item; "": the whole
}

// FaultError: what was put together is not what it would be called, so that it does not leave. It is our mistake, or that of
// a document nobody has met; the person can leave the item out, or give the documents on as they arrived.
type FaultError struct{ Faults []Fault }

func (e *FaultError) Error() string { return "breaks the rules of what it claims to be" }

// conforms holds a Bundle against the rules of its shape.
func (d *draft) conforms(shape Shape, bundle object) error {
	kind := conform.KTC
	if shape == ShapeIPS {
		kind = conform.IPS
	}
	found := conform.CheckTree(kind, bundle)
	if len(found) == 0 {
		return nil
	}
	e := &FaultError{}
	for _, f := range found {
		e.Faults = append(e.Faults, Fault{Rule: f.Rule, Path: f.Path, Title: d.titleOf(f.URL)})
	}
	return e
}

func (d *draft) titleOf(url string) string {
	for _, m := range d.members {
		if m.url == url {
			return m.title
		}
	}
	return ""
}

// conforms holds a code at the counter, which is the link that KTC asks for, against the rules of such a link.
func (s *Share) conforms() error {
	if s.Preset != PresetCounter {
		return nil
	}
	l := s.Link()
	found := conform.CheckLink(conform.Link{URL: l.URL, Flag: l.Flag, Expires: l.Expires, Passcode: s.Passcode != "", Receipts: len(s.Receipt) > 0})
	if len(found) == 0 {
		return nil
	}
	e := &FaultError{}
	for _, f := range found {
		e.Faults = append(e.Faults, Fault{Rule: f.Rule})
	}
	return e
}

// Rules lists the ids of all rules.
func Rules() []string {
	ids := append([]string(nil), conform.LinkRules...)
	for _, r := range conform.Rules {
		ids = append(ids, r.ID)
	}
	return ids
}
