package fhir

import "strings"

func tuneDocument(b *builder) {
	for _, c := range b.e.get("content").items() {
		b.attach(c.get("attachment"))
		b.field("format", b.values(c.get("format"))...)
	}
	if b.v.Title == "" && len(b.v.Attachments) > 0 {
		b.v.Title = b.v.Attachments[0].Title
	}
	if d := b.e.get("description").peek(); d != "" && d != b.v.Title {
		b.detail(one(ValueText, d)...)
	}
	if b.v.Date == "" && len(b.v.Attachments) > 0 {
		b.v.Date = dateOf(b.e.path("content", "attachment", "creation"))
	}
	ctx := b.e.get("context")
	b.field("period", b.values(ctx.get("period"))...)
	b.field("organization", b.values(ctx.get("facilityType"))...)
	tuneStatus(b)
}

func tuneBinary(b *builder) { b.attach(b.e) }

func tuneMedia(b *builder) {
	c := b.e.get("content")
	b.attach(c)
	if b.v.Title == "" && len(b.v.Attachments) > 0 {
		b.v.Title = b.v.Attachments[0].Title
	}
	tuneStatus(b)
}

// tuneComposition leaves the sections to Document, which shows them in their
// place with their narrative.
func tuneComposition(b *builder) {
	for _, a := range b.e.get("attester").items() {
		b.field("asserter", append(append(b.said("attester", a.get("mode")), b.values(a.get("party"))...), one(ValueDate, a.get("time").str())...)...)
	}
	if b.i != b.f.composition() {
		return // no document is made of it: its sections stand with the rest
	}
	var sections func(e element)
	sections = func(e element) {
		for _, s := range e.get("section").items() {
			s.get("title").use()
			if c := s.get("code").get("coding").first(); c.get("display").peek() == s.get("title").peek() {
				c.useAll("system", "code", "display") // the section's own code
			}
			s.get("text").useAll("div", "status")
			for _, ref := range s.get("entry").items() {
				if at, _ := b.f.target(b.i, ref); at.ok() {
					ref.useAll("reference", "type")
					if hollow(ref.get("display").peek(), at) {
						ref.get("display").use()
					}
				}
			}
			sections(s)
		}
	}
	sections(b.e)
}

// sectionTitle is what a section calls itself.
func sectionTitle(s element) string {
	return strings.TrimSpace(firstOf(s.get("title").peek(), words(s.get("code"))))
}
