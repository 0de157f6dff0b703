package share

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"potli/app/fhir"
	"potli/app/fhir/tree"
)

// The default summary takes results of the year before the newest one, and not more than fit a screen or two.
const (
	recentResults = 12 // months
	mostResults   = 40
)

var kindOrder = []fhir.Kind{
	fhir.KindAllergy, fhir.KindCondition, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult, fhir.KindVital,
	fhir.KindProcedure, fhir.KindVisit, fhir.KindCarePlan, fhir.KindAppointment, fhir.KindDevice, fhir.KindDocument, fhir.KindPhoto, fhir.KindBill,
	fhir.KindOther,
}

// Choose lists what the sources hold for a share, duplicates merged, in the order of fhir's kinds. Suggested is the default
// summary: active allergies, conditions and medicines of which the newest word is that they last, immunizations, recent results. Left out are what was entered
// in error, what is about another person, and what says no more than that nothing is known. A source that cannot be read
// has no items.
func Choose(sources []Source, now time.Time) []Item {
	rules := newRules()
	c := chooser{now: now, byKey: map[string]int{}, lasting: lasting{now: now}}
	for _, s := range sources {
		o, err := open(s, rules)
		switch {
		case err != nil:
			continue
		case o.file == nil:
			c.add(candidate{Item: documentItem(s, rules), when: o.when()})
		default:
			c.addFile(o)
		}
	}
	c.lasting.settle()
	c.suggest()
	slices.SortStableFunc(c.found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(slices.Index(kindOrder, a.Kind), slices.Index(kindOrder, b.Kind)),
			cmp.Compare(b.Date, a.Date))
	})
	items := make([]Item, len(c.found))
	for i := range c.found {
		items[i] = c.found[i].Item
	}
	return items
}

// ChooseOnly is Choose for records that the person picked: everything in them is suggested.
func ChooseOnly(sources []Source, now time.Time) []Item {
	items := Choose(sources, now)
	for i := range items {
		items[i].Suggested = true
	}
	return items
}

type candidate struct {
	Item
	when    string // of its record
	word    word   // for a medicine or a condition: whether it is so now
	absence bool   // it states that there is none
}

type chooser struct {
	now   time.Time
	found []candidate
	byKey map[string]int // what is the same fact → index in found

	lasting lasting
}

func (c *chooser) addFile(o *opened) {
	for i := range o.trees {
		if !o.offered(i) {
			continue
		}
		v := o.file.View(i)
		if v.Void {
			continue
		}
		t := o.trees[i]
		absent, _ := statement(mainCode(t))
		item := Item{Record: o.source.Meta.ID, Entry: i, Kind: v.Kind, Type: v.Type, Title: v.Title, Detail: v.Detail,
			Date: v.Date, Inactive: v.Inactive, Negated: v.Negated || absent, Self: o.byHand() && asserted(t), Sensitive: o.marks[i].names(),
			Bytes: len(o.file.Entries[i].Raw)}
		for _, a := range o.attachments(i) {
			if a.binary >= 0 {
				item.Bytes += len(a.data)
			}
		}
		if !slices.Contains(kindOrder, item.Kind) {
			item.Kind = fhir.KindOther
		}
		n := candidate{Item: item, when: o.when(), absence: absent}
		if wears(item.Kind) && !absent {
			n.word = c.lasting.read(o, v)
		}
		c.add(n, keys(item, t)...)
	}
}

// howHand is the Source.How of what was written in this wallet (wallet.HowHand), which nothing that comes from elsewhere has.
const howHand = "hand"

// byHand says whether a record was written in this wallet. Anybody can put the label of asserted on what they send.
func (o *opened) byHand() bool { return o.source.Meta.Source.How == howHand }

// asserted says whether a resource is labelled as what the person, or somebody for them, says (HL7 v3 ObservationValue).
func asserted(t object) bool {
	for _, label := range tree.List(tree.Obj(t["meta"])["security"]) {
		switch l := tree.Obj(label); tree.Text(l["code"]) {
		case "PATAST", "SDMAST", "PACQAST":
			return tree.Text(l["system"]) == observationVal
		}
	}
	return false
}

// documentItem is a whole PDF or picture.
func documentItem(s Source, r *rules) Item {
	m := s.Meta
	item := Item{Record: m.ID, Entry: -1, Kind: fhir.KindDocument, Type: "DocumentReference", Date: m.Date,
		Title: cmp.Or(m.Title, m.Outline.Title, m.Source.Name), Sensitive: r.ofDocument(s).names(), Bytes: len(s.Body) * 4 / 3}
	if isPicture(m.Format) {
		item.Kind = fhir.KindPhoto
	}
	if item.Date == "" {
		item.Date = cmp.Or(m.Outline.Date, m.Added.UTC().Format(time.DateOnly))
	}
	return item
}

// current says whether a medicine is being taken, as far as its status says.
func current(t object) bool {
	switch tree.Text(t["status"]) {
	case "completed", "stopped", "cancelled", "not-taken", "draft", "ended", "declined":
		return false
	}
	return true
}

// keys names the fact in up to two ways, by code and by words, so that a coded and a plain copy of it meet. A measurement
// is told apart by its value too: two of a day are two facts, and which of them is the better nobody here can say.
func keys(it Item, t object) []string {
	detail := ""
	if it.Kind == fhir.KindResult || it.Kind == fhir.KindVital {
		detail = plainDetail(it.Detail)
	}
	date := it.Date
	if len(date) > 10 && it.Kind != fhir.KindResult && it.Kind != fhir.KindVital {
		date = date[:10] // of a fact the day counts, of a measurement the minute
	}
	state := strconv.FormatBool(it.Inactive) + strconv.FormatBool(it.Negated)
	// An allergy, or a condition one has, is one fact however often it was noted.
	if it.Kind == fhir.KindAllergy || it.Kind == fhir.KindCondition && !it.Inactive {
		date = ""
		detail = tree.Text(t["criticality"])
	}
	key := func(name string) string {
		return strings.Join([]string{string(it.Kind), it.Type, name, date, detail, state}, "\x00")
	}
	var all []string
	if it.Title != "" {
		all = append(all, key("“"+normal(it.Title)))
	}
	coding := tree.Obj(tree.First(mainCode(t)["coding"]))
	if code := tree.Text(coding["code"]); code != "" && !vague[code] && tree.Text(coding["display"]) == it.Title {
		all = append(all, key(tree.Text(coding["system"])+"|"+code))
	}
	return all
}

// vague are codes that hospitals put where they have none, beside words that say what is meant: two facts with such a code
// have nothing in common. The words are trusted before the code anyway; a code joins two facts only where the words are
// the code's own.
var vague = map[string]bool{
	"261665006": true, // SNOMED CT: unknown
	"74964007":  true, // other
	"609328004": true, // allergic disposition
	"419199007": true, // allergy to substance
	"414285001": true, // allergy to food
	"416098002": true, // allergy to drug
	"404684003": true, // clinical finding
	"64572001":  true, // disease
	"71388002":  true, // procedure
	"373873005": true, // pharmaceutical / biologic product
}

// SameFact says whether two items are one fact as a person would see it, whichever document tells it. It decides what stays
// held back, so it looks at the name alone: another date or dose does not make it another fact.
func SameFact(a, b Item) bool { return a.Kind == b.Kind && normal(a.Title) == normal(b.Title) }

func plainDetail(values []fhir.Value) string {
	var b strings.Builder
	for _, v := range values {
		b.WriteString(v.Text + " " + v.End + " " + v.Unit + ";")
		for _, m := range v.Messages {
			b.WriteString(m.Key + ";")
		}
	}
	return b.String()
}

// add takes a candidate in, or merges it with one that says the same; the newer document's copy stays. Copies within one
// document are two statements of its author and both stay.
func (c *chooser) add(n candidate, keys ...string) {
	for _, k := range keys {
		i, ok := c.byKey[k]
		if !ok || c.found[i].Record == n.Record {
			continue
		}
		if n.when > c.found[i].when {
			n.Sensitive = union(n.Sensitive, c.found[i].Sensitive)
			c.found[i] = n
		} else {
			c.found[i].Sensitive = union(c.found[i].Sensitive, n.Sensitive)
		}
		for _, k := range keys {
			c.byKey[k] = i
		}
		return
	}
	c.found = append(c.found, n)
	for _, k := range keys {
		c.byKey[k] = len(c.found) - 1
	}
}

// union keeps the order of groupNames.
func union(a, b []string) []string {
	var all []string
	for _, n := range groupNames {
		if slices.Contains(a, n) || slices.Contains(b, n) {
			all = append(all, n)
		}
	}
	return all
}

// suggest marks the default summary.
func (c *chooser) suggest() {
	present := map[fhir.Kind]bool{}
	for _, f := range c.found {
		if !f.Negated && !f.Inactive {
			present[f.Kind] = true
		}
	}
	for i := range c.found {
		f := &c.found[i]
		switch {
		case f.Type == "FamilyMemberHistory":
			// About relatives, who were not asked.
		case f.Kind == fhir.KindAllergy, f.Kind == fhir.KindCondition, f.Kind == fhir.KindMedicine:
			// "No known allergies" from one document does not stand beside an allergy from another.
			f.Suggested = !f.Inactive && (!f.Negated || f.absence && !present[f.Kind])
			if wears(f.Kind) && !f.absence {
				f.Suggested = f.Suggested && c.lasting.so(f.word)
			}
		case f.Kind == fhir.KindImmunization:
			f.Suggested = !f.Inactive && !f.Negated
		}
	}
	c.suggestResults()
}

func (c *chooser) suggestResults() {
	tomorrow := c.now.AddDate(0, 0, 1).UTC().Format(time.DateOnly)
	var results []*candidate
	newest := ""
	for i := range c.found {
		if f := &c.found[i]; f.Kind == fhir.KindResult && f.Date != "" && !f.Negated && day(f.Date) <= tomorrow {
			results = append(results, f)
			newest = max(newest, day(f.Date))
		}
	}
	since := monthsBefore(newest, recentResults)
	slices.SortStableFunc(results, func(a, b *candidate) int { return cmp.Compare(b.Date, a.Date) })
	for i, f := range results {
		f.Suggested = i < mostResults && day(f.Date) >= since
	}
}

// day is the part of a FHIR date that dates can be compared by.
func day(date string) string { return fhir.DayPart(date) }

func monthsBefore(date string, months int) string {
	d, ok := fhir.ParseDate(date)
	if !ok {
		return date
	}
	return d.MonthsBefore(months)
}

func itoa(n int) string { return strconv.Itoa(n) }
