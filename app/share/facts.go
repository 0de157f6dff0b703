package share

import (
	"strings"

	"potli/app/fhir"
	"potli/app/fhir/tree"
)

// Fact is a chosen item with everything that is to be read of it, for paper.
type Fact struct {
	Item Item      `json:"item"`
	View fhir.View `json:"view"`
	// Times are what is taken in the morning, at midday, in the evening and at night, as far as the prescription says so: a
	// number with its unit, or "•" where it says when and not how much. All empty: it gives no times of every day.
	Times [4]string `json:"times"`
}

// Facts reads the chosen items. What cannot be read any more is left out, and so is what Choose would not offer: a page that
// asks for it gets nothing of it.
func Facts(sources []Source, chosen []Item) []Fact {
	rules := newRules()
	files := map[string]*opened{}
	for _, s := range sources {
		if o, err := open(s, rules); err == nil {
			files[string(s.Meta.ID)] = o
		}
	}
	var facts []Fact
	for _, it := range chosen {
		o := files[string(it.Record)]
		switch {
		case o == nil:
		case o.file == nil && it.Entry < 0:
			facts = append(facts, Fact{Item: it, View: fhir.View{Title: it.Title, Kind: it.Kind, Date: it.Date}})
		case o.offered(it.Entry):
			facts = append(facts, Fact{Item: it, View: o.file.View(it.Entry), Times: times(o.trees[it.Entry])})
		}
	}
	return facts
}

// times reads when of the day a medicine is taken. It goes by what the prescriber coded (Timing.repeat.when, Timing.code) or
// wrote as "1-0-1"; "twice a day" names no time of day, and none is made up for it. Several dosages may follow one another, as
// where a medicine is tapered off: which of them is today's nobody here can say.
func times(medicine object) [4]string {
	all := append(tree.List(medicine["dosageInstruction"]), tree.List(medicine["dosage"])...)
	if len(all) != 1 {
		return [4]string{}
	}
	return timesOf(tree.Obj(all[0]))
}

// slots say which time of day a code of EventTiming or of TimingAbbreviation means (R4 value sets event-timing and
// timing-abbreviation).
var slots = map[string]int{
	"MORN": 0, "MORN.early": 0, "MORN.late": 0, "CM": 0, "ACM": 0, "PCM": 0, "WAKE": 0, "AM": 0,
	"NOON": 1, "AFT": 1, "AFT.early": 1, "AFT.late": 1, "CD": 1, "ACD": 1, "PCD": 1,
	"EVE": 2, "EVE.early": 2, "EVE.late": 2, "CV": 2, "ACV": 2, "PCV": 2, "PM": 2,
	"NIGHT": 3, "HS": 3, "BED": 3,
}

func timesOf(d object) (all [4]string) {
	timing := tree.Obj(d["timing"])
	if !daily(d, tree.Obj(timing["repeat"])) {
		return all
	}
	for _, written := range []any{d["text"], tree.Obj(timing["code"])["text"]} {
		read, same := fhir.DayTimes(tree.Text(written))
		if !same {
			return [4]string{}
		}
		if all == [4]string{} {
			all = read
		}
	}
	if all != [4]string{} {
		return all
	}
	dose := doseOf(d)
	mark := func(code string) {
		if i, ok := slots[code]; ok {
			all[i] = dose
		}
	}
	for _, w := range tree.List(tree.Obj(timing["repeat"])["when"]) {
		mark(tree.Text(w))
	}
	for _, c := range tree.List(tree.Obj(timing["code"])["coding"]) {
		mark(tree.Text(tree.Obj(c)["code"]))
	}
	return all
}

// daily says whether a dosage is for every day: not as needed, and not for some days only.
func daily(d, repeat object) bool {
	for name, v := range d {
		if strings.HasPrefix(name, "asNeeded") && v != false {
			return false
		}
	}
	unit := tree.Text(repeat["periodUnit"])
	return !tree.Has(repeat, "dayOfWeek", "periodMax") && number(repeat["period"], "1") == "1" && (unit == "" || unit == "d")
}

// number is a decimal as it was written, without zeros after the point.
func number(v any, other string) string {
	n, ok := v.(interface{ String() string })
	if !ok {
		return other
	}
	if s := n.String(); strings.Contains(s, ".") {
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return n.String()
}

// doseOf is how much is taken at a time, with its unit; "•" where that is not one quantity.
func doseOf(d object) string {
	rates := tree.List(d["doseAndRate"])
	quantity := tree.Obj(tree.Obj(tree.First(d["doseAndRate"]))["doseQuantity"])
	n, ok := quantity["value"].(interface{ String() string })
	if !ok || len(rates) != 1 || tree.Text(quantity["comparator"]) != "" {
		return "•"
	}
	unit := tree.Text(quantity["unit"])
	if unit == "" {
		unit = strings.Trim(tree.Text(quantity["code"]), "{}")
	}
	if unit == "1" {
		unit = ""
	}
	return strings.TrimSpace(n.String() + " " + unit)
}
