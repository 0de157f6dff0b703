package summary

import (
	"slices"
	"strings"
	"unicode"
)

// forms are how a medicine is written on Indian papers before its name.
var forms = []string{"tab", "tablet", "tabs", "cap", "capsule", "caps", "inj", "injection", "syp", "syrup", "susp"}

// tags are what SNOMED CT puts behind its names.
var tags = []string{"disorder", "finding", "situation", "substance", "procedure", "product", "observable entity", "clinical drug"}

// name is a title as it is compared: in lower case, letters and digits alone.
func name(title string) string {
	title = strings.ToLower(strings.TrimSpace(title))
	for _, tag := range tags {
		title = strings.TrimSuffix(title, " ("+tag+")")
	}
	words := strings.FieldsFunc(title, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '.' && r != '%'
	})
	for i := range words {
		words[i] = strings.Trim(words[i], ".")
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) > 1 && slices.Contains(forms, words[0]) {
		words = words[1:]
	}
	return "name:" + strings.Join(words, " ")
}

// joined are the groups, with those made one that only one document gave a code to, or
// that two gave codes of different systems, under one name. Two codes of one system are
// two things, whatever they are called, unless the one is denied and the other dangerous:
// then they stand in one place, where it is seen.
func joined(part Part, groups map[string]*group) []*group {
	named := map[string][]string{} // name: keys of the groups
	keys := make([]string, 0, len(groups))
	for key := range groups {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		n := subject(part, &groups[key].line)
		named[n] = append(named[n], key)
	}
	var out []*group
	for _, key := range keys {
		g := groups[key]
		n := subject(part, &g.line)
		same := named[n]
		switch {
		case n == "name:" || len(same) == 1 || !oneThing(same) && !(part.grave() && opposed(groups, same)):
			out = append(out, g)
		case key == same[0]:
			out = append(out, together(groups, same))
		}
	}
	return out
}

// oneThing says whether no two of the keys are codes of one system.
func oneThing(keys []string) bool {
	seen := map[string]bool{}
	for _, key := range keys {
		system, _, coded := strings.Cut(key, "|")
		if coded && seen[system] {
			return false
		}
		seen[system] = coded || seen[system]
	}
	return true
}

// opposed says whether one of the groups has it that something is so, and another that it is
// not or no longer is.
func opposed(groups map[string]*group, keys []string) bool {
	yes, no := false, false
	for _, key := range keys {
		for _, c := range groups[key].claims {
			yes = yes || c.source.State == Now
			no = no || c.source.State == Past || c.source.State == Denied
		}
	}
	return yes && no
}

// together is what several groups say. They themselves stay as they are: more may come
// that parts them.
func together(groups map[string]*group, keys []string) *group {
	all := &group{}
	for _, key := range keys {
		g := groups[key]
		if all.first.source.Record == "" || newer(g.first, all.first) {
			all.first, all.line, all.flag = g.first, g.line, g.flag
		}
		all.claims = append(all.claims, g.claims...)
		for d := range g.doses {
			if all.doses == nil {
				all.doses = map[string]bool{}
			}
			all.doses[d] = true
		}
	}
	return all
}
