package share

import (
	"slices"
	"strings"

	"potli/app/fhir/tree"
)

// makePatient returns the one Patient of a share: name, birth date, gender and no more. The profile is the source; what it
// leaves open is taken from a record that is about a person of the same name, since a receiver matches by these three.
func (d *draft) makePatient(who Person) object {
	p := object{"resourceType": "Patient"}
	var fromRecord object
	for _, id := range d.order {
		o := d.sources[id]
		if o.main < 0 {
			continue
		}
		t := o.trees[o.main]
		if name, ok := matchingName(t, who.Name); ok {
			fromRecord = object{"name": name, "birthDate": t["birthDate"], "gender": t["gender"]}
			break
		}
	}
	name := object{"text": who.Name}
	for _, part := range []string{"family", "given"} {
		if v := tree.Obj(fromRecord["name"])[part]; v != nil {
			name[part] = v
		}
	}
	if who.Name == "" {
		delete(name, "text")
	}
	if len(name) == 0 {
		name = absent()
	}
	p["name"] = []any{name}
	setDemographics(p, who, fromRecord)
	return p
}

func setDemographics(p object, who Person, fromRecord object) {
	birth, gender := who.BirthDate, who.Gender
	if birth == "" {
		birth = tree.Text(fromRecord["birthDate"])
	}
	if gender == "" {
		gender = tree.Text(fromRecord["gender"])
	}
	if briefDate(birth) {
		p["birthDate"] = birth
	} else {
		p["_birthDate"] = absent()
	}
	if slices.Contains([]string{"male", "female", "other", "unknown"}, gender) {
		p["gender"] = gender
	}
}

// matchingName finds the name of a Patient that is the given one in other words or order; any, when none is given.
func matchingName(patient object, want string) (object, bool) {
	wanted := tokens(want)
	slices.Sort(wanted)
	for _, n := range tree.List(patient["name"]) {
		n := tree.Obj(n)
		parts := []string{tree.Text(n["family"])}
		for _, g := range tree.List(n["given"]) {
			parts = append(parts, tree.Text(g))
		}
		for _, whole := range []string{strings.Join(parts, " "), tree.Text(n["text"])} {
			have := tokens(whole)
			slices.Sort(have)
			if len(have) > 0 && (len(wanted) == 0 || slices.Equal(have, wanted)) {
				kept := object{}
				if f := tree.Text(n["family"]); f != "" {
					kept["family"] = f
				}
				if g := tree.List(n["given"]); len(g) > 0 {
					kept["given"] = g
				}
				if len(kept) == 0 && len(wanted) == 0 {
					kept["text"] = whole
				}
				return kept, true
			}
		}
	}
	return nil, false
}

// absent is the extension for a value that is required and not known (FHIR R4, data-absent-reason).
func absent() object {
	return object{"extension": []any{object{"url": absentExt, "valueCode": "unknown"}}}
}
