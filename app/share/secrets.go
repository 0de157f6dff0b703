package share

import (
	"slices"
	"strings"

	"potli/app/fhir/tree"
)

// secrets is what the sources hold and the person did not choose, in case a chosen resource names it in its own words: the
// reason for a prescription, the remark under a result. It is the second line of defence; a resource that says something
// of a sensitive group is marked so itself, and is seen marked before it is chosen.
type secrets struct {
	codes  map[string]bool // system|code
	titles map[string]bool // as a whole text
	words  []secret        // of sensitive facts: nowhere in any text
}

type secret struct {
	words []string
	mark  mark
}

func (d *draft) findSecrets(chosen []Item, rules *rules) secrets {
	s := secrets{codes: map[string]bool{}, titles: map[string]bool{}}
	open := secrets{codes: map[string]bool{}, titles: map[string]bool{}}
	picked := map[place]bool{}
	for _, it := range chosen {
		picked[place{it.Record, it.Entry}] = true
	}
	sensitive := map[string]mark{}
	for id, o := range d.sources {
		for i, t := range o.trees {
			if unoffered[o.typ(i)] {
				continue
			}
			to := &s
			if picked[place{id, i}] {
				to = &open
			}
			title, code := normal(o.head(i).title), factCode(t)
			to.titles[title] = title != ""
			// A name that is not sensitive in itself ("Laboratory report") gives nothing away.
			if m := rules.ofText(title) | rules.ofTree(code, ""); m != 0 && !picked[place{id, i}] {
				sensitive[title] |= m
			}
			tree.Each(code, "", func(_ string, c object) {
				if code := tree.Text(c["code"]); code != "" && !vague[code] {
					to.codes[tree.Text(c["system"])+"|"+tree.Text(c["code"])] = true
				}
			})
		}
	}
	// What is chosen once is no secret: another blood pressure is the same word.
	for k := range open.codes {
		delete(s.codes, k)
	}
	for k := range open.titles {
		delete(s.titles, k)
	}
	for _, t := range sorted(sensitive) {
		if len(t) >= 3 && !open.titles[t] {
			s.words = append(s.words, secret{strings.Fields(t), sensitive[t]})
		}
	}
	return s
}

// normal is a text by which two can be compared.
func normal(s string) string { return strings.Join(tokens(s), " ") }

// factCode is the concept that names a fact; nil for resources that are named by a category only.
func factCode(t object) object {
	for _, name := range []string{"code", "medicationCodeableConcept", "vaccineCode"} {
		if o := tree.Obj(t[name]); o != nil {
			return o
		}
	}
	return nil
}

// reasons are elements that state another fact than the resource's own.
var reasons = map[string]bool{
	"reasonCode": true, "reason": true, "reasonCodeableConcept": true, "indication": true, "indicationCodeableConcept": true,
	"complication": true, "diagnosis": true, "diagnosisCodeableConcept": true, "conclusionCode": true, "problem": true,
	"condition": true, "outcomeCodeableConcept": true, "addresses": true, "serviceType": true, "keyword": true,
}

// scrub takes out of a resource the reasons that are secrets, and every text that names a sensitive one. A resource that
// is itself of that group, and was chosen, keeps its words.
func (s secrets) scrub(r object, own mark) {
	words := s.words
	s.words = nil
	for _, w := range words {
		if w.mark&own == 0 {
			s.words = append(s.words, w)
		}
	}
	s.clean(r, "")
}

// clean reports whether v itself has to go.
func (s secrets) clean(v any, name string) (drop bool) {
	switch v := v.(type) {
	case string:
		return !notWords[name] && s.named(v)
	case object:
		if reasons[name] && s.stated(v) || s.codes[tree.Text(v["system"])+"|"+tree.Text(v["code"])] {
			return true
		}
		for k, e := range v {
			if s.clean(e, k) {
				delete(v, k)
			} else if l, ok := e.([]any); ok {
				v[k] = s.list(l, k)
			}
		}
		return len(v) == 0
	case []any:
		return len(v) > 0 && len(s.list(v, name)) == 0
	}
	return false
}

func (s secrets) list(l []any, name string) []any {
	return slices.DeleteFunc(slices.Clone(l), func(e any) bool { return s.clean(e, name) })
}

// stated says whether a concept is one of the facts that were not chosen.
func (s secrets) stated(concept object) bool {
	if s.titles[normal(tree.Text(concept["text"]))] {
		return true
	}
	for _, c := range tree.List(concept["coding"]) {
		c := tree.Obj(c)
		if s.codes[tree.Text(c["system"])+"|"+tree.Text(c["code"])] || s.titles[normal(tree.Text(c["display"]))] {
			return true
		}
	}
	return false
}

// named says whether a text holds the words of a sensitive fact in a row.
func (s secrets) named(v string) bool {
	if len(s.words) == 0 {
		return false
	}
	words := tokens(v)
	for _, secret := range s.words {
		for i := 0; i+len(secret.words) <= len(words); i++ {
			if slices.Equal(words[i:i+len(secret.words)], secret.words) {
				return true
			}
		}
	}
	return false
}
