package share

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"potli/app/fhir"
)

// word is what a document says of a medicine or a condition.
type word struct {
	said   string // the day as of which it speaks; a document that somebody composed speaks as of its own
	at     string // the date of the fact in it
	lasts  bool   // it is so now
	group  []string
	system string // of its code
}

// lasting says whether facts that wear off are suggested. The newest word on a fact decides, whichever document has it.
type lasting struct {
	now    time.Time
	words  []word
	newest map[string]word // by the root of its group
	root   map[string]string
}

// wears says whether a kind of fact wears off. Allergies do not.
func wears(k fhir.Kind) bool { return k == fhir.KindMedicine || k == fhir.KindCondition }

// read is the word of an entry, noted where it is a word on the fact: that a medicine was handed out or given says nothing of
// whether it goes on.
func (l *lasting) read(o *opened, v fhir.View) word {
	line := o.file.Line(v)
	w := word{said: day(line.Date), at: line.Date}
	if w.said == "" || o.file.BundleType == "document" {
		w.said = day(o.when())
	}
	if in := o.source.Meta.Added; !in.IsZero() { // of a later day a document knows nothing
		w.said = min(w.said, in.Format(time.DateOnly))
	}
	w.lasts = !line.Inactive && !line.Negated && current(o.trees[v.Entry]) && !l.over(line.End) && l.believed(line, w.said)
	if name := normal(line.Title); name != "" {
		w.group = append(w.group, string(v.Kind)+" “"+name)
	}
	if system, code, ok := strings.Cut(line.Code, "|"); ok && !vague[code] {
		w.group, w.system = append(w.group, string(v.Kind)+" "+line.Code), system
	}
	if v.Type != "MedicationDispense" && v.Type != "MedicationAdministration" {
		l.words = append(l.words, w)
	}
	return w
}

// over says whether a FHIR date of any precision lies wholly before today.
func (l *lasting) over(end string) bool {
	return fhir.Past(end, l.now.Format(time.DateOnly))
}

func (l *lasting) believed(line fhir.Line, said string) bool {
	if fhir.Lasts(line.Status) {
		return true
	}
	months := fhir.ConditionMonths
	if line.Kind == fhir.KindMedicine {
		months = fhir.MedicineMonths
	}
	return said >= l.now.AddDate(0, -months, 0).Format(time.DateOnly)
}

// settle joins what is one fact, by code or by name, and finds the newest word on each. Two codes of one system are two facts,
// whatever they are called.
func (l *lasting) settle() {
	l.root, l.newest = map[string]string{}, map[string]word{}
	codes := map[string]map[string]string{} // name: system: code
	parted := map[string]bool{}
	for _, w := range l.words {
		if len(w.group) < 2 {
			continue
		}
		name, code := w.group[0], w.group[1]
		if codes[name] == nil {
			codes[name] = map[string]string{}
		}
		if other, ok := codes[name][w.system]; ok && other != code {
			parted[name] = true
		}
		codes[name][w.system] = code
	}
	for i, w := range l.words {
		if len(w.group) == 2 && parted[w.group[0]] {
			l.words[i].group = w.group[1:]
		} else if len(w.group) == 2 {
			l.root[l.find(w.group[0])] = l.find(w.group[1])
		}
	}
	for _, w := range l.words {
		if len(w.group) == 0 {
			continue
		}
		at := l.find(w.group[len(w.group)-1])
		if old, ok := l.newest[at]; !ok || w.over(old) {
			l.newest[at] = w
		}
	}
}

// over says whether a word counts before another: the later one; of one day the one on the later fact; then that it lasts.
func (w word) over(old word) bool {
	if c := cmp.Or(cmp.Compare(w.said, old.said), cmp.Compare(w.at, old.at)); c != 0 {
		return c > 0
	}
	return w.lasts
}

func (l *lasting) find(key string) string {
	for l.root[key] != "" && l.root[key] != key {
		key = l.root[key]
	}
	return key
}

// so says whether a word stands: it says that something lasts, and no newer one speaks on the same.
func (l *lasting) so(w word) bool {
	return w.lasts && !slices.ContainsFunc(w.group, func(key string) bool {
		newest, ok := l.newest[l.find(key)]
		return ok && (!newest.lasts || newest.said > w.said)
	})
}
