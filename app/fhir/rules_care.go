package fhir

import "strings"

// tuneBill says what is to be paid, or was, in the line.
func tuneBill(b *builder) {
	for _, name := range []string{"totalGross", "totalNet", "paymentAmount"} {
		if sum := b.sum(b.e.get(name)); sum != nil {
			b.detail(sum...)
			break
		}
	}
	totals := b.e.get("total")
	if sum := b.sum(totals); sum != nil { // of a Claim
		b.detail(sum...)
	}
	for _, t := range totals.items() {
		if len(b.v.Detail) < 3 {
			if sum := b.sum(t.get("amount")); sum != nil {
				b.detail(append(one(ValueText, words(t.get("category"))), sum...)...)
			}
		}
	}
	tuneStatus(b)
}

// sum is a Money, not counted: it stands among the fields too.
func (b *builder) sum(e element) []Value {
	if !e.get("value").is(kindNumber) {
		return nil
	}
	return []Value{{Type: ValueQuantity, Text: e.get("value").peek(), Unit: e.get("currency").peek()}}
}

// price is one part of what a thing costs: "CGST 6 INR". The words of its code
// say more than its type does.
func (b *builder) price(e element) []Value {
	sum := b.quantity(e.get("amount"))
	if len(sum) == 0 {
		return nil
	}
	amount := joined(sum[0])
	if times := e.get("factor").str(); times != "" {
		amount += " × " + times
	}
	typ := e.get("type")
	key := keyFor("price", typ.peek())
	if name := b.concept(e.get("code")); len(name) > 0 {
		if key != "" {
			typ.use()
		}
		return []Value{{Type: ValueText, Text: name[0].Text + " " + amount, Code: name[0].Code}}
	}
	if key == "" {
		return sum
	}
	typ.use()
	return []Value{{Type: ValueMessage, Messages: []Message{{Key: key}, message("value.text", "text", amount)}}}
}

// tuneRisk says what may happen and how likely that is.
func tuneRisk(b *builder) {
	for _, p := range b.e.get("prediction").items() {
		what := words(p.get("outcome"))
		if what == b.v.Title {
			what = ""
		}
		how := words(p.get("qualitativeRisk"))
		if n := p.get("probabilityDecimal").peek(); n != "" && how == "" {
			how = n
		}
		if s := strings.TrimSpace(what + " " + how); s != "" && len(b.v.Detail) < 3 {
			b.detail(Value{Type: ValueText, Text: s})
		}
	}
	tuneStatus(b)
}

// tuneGlasses says the strength of each eye.
func tuneGlasses(b *builder) {
	for _, lens := range b.e.get("lensSpecification").items() {
		eye := lens.get("eye").peek()
		strength := firstOf(lens.get("sphere").peek(), lens.get("power").peek(), lens.get("cylinder").peek())
		if known()["eye."+eye] && strength != "" && len(b.v.Detail) < maxValues {
			b.detail(Value{Type: ValueMessage, Text: eye, Messages: []Message{{Key: "eye." + eye}, message("value.text", "text", strength)}})
		}
	}
	tuneStatus(b)
}
