package share

import (
	"strings"

	"potli/app/fhir"
)

// Fact is a chosen item with everything that is to be read of it, for paper.
type Fact struct {
	Item Item      `json:"item"`
	View fhir.View `json:"view"`
	// Times are what is taken in the morning, at midday, in the evening and at night, as far as the prescription says so: a
	// number of units, or "•" where it says when and not how much. All empty: it gives no times of day.
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
// wrote as "1-0-1"; "twice a day" names no time of day, and none is made up for it.
func times(medicine object) (all [4]string) {
	for _, name := range []string{"dosageInstruction", "dosage"} {
		for _, d := range list(medicine[name]) {
			for i, s := range timesOf(obj(d)) {
				if s != "" && all[i] == "" {
					all[i] = s
				}
			}
		}
	}
	return all
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
	if written, ok := dashed(text(d["text"])); ok {
		return written
	}
	dose := "•"
	if n, ok := at(d, "doseAndRate", "doseQuantity", "value").(interface{ String() string }); ok {
		dose = n.String()
	}
	mark := func(code string) {
		if i, ok := slots[code]; ok {
			all[i] = dose
		}
	}
	timing := obj(d["timing"])
	for _, w := range list(obj(timing["repeat"])["when"]) {
		mark(text(w))
	}
	for _, c := range list(obj(timing["code"])["coding"]) {
		mark(text(obj(c)["code"]))
	}
	if written, ok := dashed(text(obj(timing["code"])["text"])); ok {
		return written
	}
	return all
}

// dashed reads the way that prescriptions in India are written: morning-midday-night, or morning-midday-evening-night, with
// halves ("1-0-1", "½-0-½-1", "1 - 1 - 1 after food").
func dashed(s string) (all [4]string, ok bool) {
	for _, word := range strings.Fields(tight.Replace(s)) {
		parts := strings.Split(strings.Trim(word, ",.;()"), "-")
		if len(parts) != 3 && len(parts) != 4 {
			continue
		}
		fine, some := true, false
		for _, p := range parts {
			fine = fine && isDose(p)
			some = some || p != "0"
		}
		if !fine || !some {
			continue
		}
		if len(parts) == 3 {
			parts = []string{parts[0], parts[1], "0", parts[2]}
		}
		copy(all[:], parts)
		for i := range all {
			if all[i] == "0" {
				all[i] = ""
			}
		}
		return all, true
	}
	return all, false
}

var tight = strings.NewReplacer(" - ", "-", "– ", "-", " –", "-", "–", "-", "- ", "-", " -", "-")

// isDose: 0, 1, 2½, 1/2, 0.5. Three figures or more are a year or a strength.
func isDose(s string) bool {
	if s == "½" || s == "1/2" || s == "1/4" {
		return true
	}
	whole, part, dotted := strings.Cut(strings.TrimSuffix(s, "½"), ".")
	return isDigits(whole) && len(whole) <= 2 && (!dotted || isDigits(part) && len(part) <= 2)
}
