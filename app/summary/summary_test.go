package summary_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/summary"
)

var today = time.Date(2026, 6, 12, 9, 0, 0, 0, time.UTC)

// doc is a document of one line, or more.
func doc(id, date string, lines ...fhir.Line) summary.Document {
	return summary.Document{Record: record.ID(id), Date: date, Composed: true, Lines: lines}
}

// export is a file of many years.
func export(id, date string, lines ...fhir.Line) summary.Document {
	return summary.Document{Record: record.ID(id), Date: date, Lines: lines}
}

// added is a document with the day it came in.
func added(day string, d summary.Document) summary.Document {
	d.Added = day
	return d
}

type change func(*fhir.Line)

func status(s string) change { return func(l *fhir.Line) { l.Status = s } }
func on(date string) change  { return func(l *fhir.Line) { l.Date = date } }
func until(d string) change  { return func(l *fhir.Line) { l.End = d } }
func code(c string) change   { return func(l *fhir.Line) { l.Code = c } }
func over(l *fhir.Line)      { l.Inactive = true }
func not(l *fhir.Line)       { l.Negated = true }
func danger(l *fhir.Line)    { l.Alert = "danger" }
func says(key string) change {
	return func(l *fhir.Line) {
		l.Detail = append(l.Detail, fhir.Value{Type: fhir.ValueMessage, Messages: []fhir.Message{{Key: key}}})
	}
}
func value(v, unit string) change {
	return func(l *fhir.Line) {
		l.Detail = append(l.Detail, fhir.Value{Type: fhir.ValueQuantity, Text: v, Unit: unit})
	}
}
func measure(v, low, high string) change {
	return func(l *fhir.Line) {
		l.Measures = append(l.Measures, fhir.Measure{Name: l.Title, Code: l.Code, Value: v, Low: low, High: high})
		l.Detail = append(l.Detail, fhir.Value{Type: fhir.ValueQuantity, Text: v})
	}
}

func line(kind fhir.Kind, typ, title string, changes ...change) fhir.Line {
	l := fhir.Line{Kind: kind, Type: typ, Title: title}
	for _, c := range changes {
		c(&l)
	}
	return l
}

func allergy(title string, c ...change) fhir.Line {
	return line(fhir.KindAllergy, "AllergyIntolerance", title, c...)
}
func condition(title string, c ...change) fhir.Line {
	return line(fhir.KindCondition, "Condition", title, c...)
}
func medicine(title string, c ...change) fhir.Line {
	return line(fhir.KindMedicine, "MedicationRequest", title, c...)
}
func vaccine(title string, c ...change) fhir.Line {
	return line(fhir.KindImmunization, "Immunization", title, c...)
}
func result(title string, c ...change) fhir.Line {
	return line(fhir.KindResult, "Observation", title, c...)
}
func visit(title string, c ...change) fhir.Line {
	return line(fhir.KindAppointment, "Appointment", title, c...)
}

func summarise(docs ...summary.Document) *summary.Summary {
	g := summary.NewGatherer()
	for _, d := range docs {
		g.Add(d)
	}
	return g.Summary(today, nil)
}

// said is a chapter in a few words: what is so | what was, each with its sources; what
// is said not to be.
func said(c summary.Chapter) string {
	facts := func(list []summary.Fact) string {
		var out []string
		for _, f := range list {
			s := f.Line.Title
			if f.Flag != "" {
				s += " " + f.Flag
			}
			if f.Flag == "" && f.Line.Alert == "danger" {
				s += " danger"
			}
			if f.Presumed {
				s += " presumed"
			}
			if f.Doses > 1 {
				s += fmt.Sprint(" ", f.Doses, " doses")
			}
			var from []string
			for _, src := range f.Sources {
				from = append(from, string(src.Record))
			}
			if s += " [" + strings.Join(from, " ") + "]"; f.Split() {
				s += " split"
			}
			out = append(out, s)
		}
		return strings.Join(out, ", ")
	}
	s := facts(c.Now)
	if len(c.Earlier) > 0 {
		s += " | " + facts(c.Earlier)
	}
	for _, n := range c.None {
		s += " / none: " + string(n.Record)
	}
	if c.Doubt {
		s += " doubted"
	}
	return strings.TrimSpace(s)
}

// TestSummary is the law of the page, case by case.
func TestSummary(t *testing.T) {
	const (
		metformin = "http://www.nlm.nih.gov/research/umls/rxnorm|860975"
		snomed    = "http://snomed.info/sct|372567009"
		hb        = "http://loinc.org|718-7"
	)
	for _, c := range []struct {
		name string
		part summary.Part
		docs []summary.Document
		want string
	}{
		{"nothing at all", summary.Allergies, nil, ""},
		{"one allergy in three documents", summary.Allergies, []summary.Document{
			doc("a", "2024", allergy("Penicillin", status("active"))), doc("b", "2025", allergy("penicillin ")), doc("c", "2023", allergy("Penicillin (substance)"))},
			"Penicillin [a c b]"}, // the words are compared, and the order is that of the documents' days; see below
		{"a code and a name are one thing", summary.Medicines, []summary.Document{
			doc("a", "2026-05", medicine("Metformin 500 mg", status("active"), code(metformin))), doc("b", "2026-04", medicine("Tab. Metformin 500 MG", status("active")))},
			"Metformin 500 mg [a b]"},
		{"codes of two systems under one name are one thing", summary.Medicines, []summary.Document{
			doc("a", "2026-05", medicine("Metformin", status("active"), code(metformin))), doc("b", "2026-04", medicine("Metformin", status("active"), code(snomed)))},
			"Metformin [a b]"},
		{"two codes of one system are two things", summary.Results, []summary.Document{
			doc("a", "2026-05", result("Glucose", on("2026-05-02"), code("http://loinc.org|1558-6"), value("99", "mg/dL")), result("Glucose", on("2026-05-01"), code("http://loinc.org|2345-7"), value("140", "mg/dL")))},
			"Glucose [a], Glucose [a]"},
		{"strengths are not mixed up", summary.Medicines, []summary.Document{
			doc("a", "2026-05-01", medicine("Metformin 500 mg", status("active"))), doc("b", "2026-05-01", medicine("Metformin 850 mg", status("active")))},
			"Metformin 500 mg [a], Metformin 850 mg [b]"},

		{"danger stands first", summary.Allergies, []summary.Document{
			doc("a", "2026", allergy("Dust", on("2026-01-01"))), doc("b", "2010", allergy("Penicillin", on("2010-01-01"), danger))},
			"Penicillin danger [b], Dust [a]"},
		{"an allergy does not wear off", summary.Allergies, []summary.Document{doc("a", "1999", allergy("Aspirin"))}, "Aspirin [a]"},
		{"an allergy that is over", summary.Allergies, []summary.Document{doc("a", "2020", allergy("Milk", status("resolved"), over))}, "| Milk [a]"},
		{"an allergy that was ruled out later", summary.Allergies, []summary.Document{
			doc("a", "2020", allergy("Penicillin", status("active"))), doc("b", "2022", allergy("Penicillin", not))},
			"Penicillin [b a] split"},
		{"a later paper denies it, and knows of none", summary.Allergies, []summary.Document{
			doc("a", "2020", allergy("Penicillin", status("active"), danger, code(snomed))), doc("b", "2022", allergy("Penicillin", not, code(snomed)), allergy("", not, says("known.none.allergy")))},
			"Penicillin danger [b a] split / none: b doubted"},
		{"an alert that is over for one", summary.Alerts, []summary.Document{
			doc("a", "2020", line(fhir.KindOther, "Flag", "Fall risk", status("active"))), doc("b", "2022", line(fhir.KindOther, "Flag", "Fall risk", over))},
			"Fall risk [b a] split"},
		{"one paper has it both ways", summary.Allergies, []summary.Document{
			export("a", "2022", allergy("Milk", on("2020")), allergy("Milk", on("2021"), over), allergy("", not, says("known.none.allergy")))},
			"| Milk [a a] / none: a doubted"},
		{"one code, two names", summary.Allergies, []summary.Document{
			doc("a", "2020", allergy("Penicillin", status("active"), danger, code(snomed))), doc("b", "2022", allergy("House dust", status("active"), code(snomed)))},
			"Penicillin danger [a], House dust [b]"},
		{"the gravest word on it", summary.Allergies, []summary.Document{
			doc("a", "2020", allergy("Penicillin", danger, code(snomed))), doc("b", "2022", allergy("Penicillin", code(snomed)))},
			"Penicillin danger [b a]"},
		{"a grave word that is over is none", summary.Allergies, []summary.Document{
			doc("a", "2020", allergy("Milk", danger, until("2021"))), doc("b", "2022", allergy("Milk"))},
			"Milk [b a]"},
		{"none known", summary.Allergies, []summary.Document{doc("a", "2020", allergy("", not, says("known.none.allergy")))}, "/ none: a"},
		{"no information is no word on it", summary.Allergies, []summary.Document{doc("a", "2020", allergy("", not, says("known.noinformation")))}, ""},
		{"none known, and yet there is one", summary.Allergies, []summary.Document{
			doc("a", "2020", allergy("", not, says("known.none.allergy"))), doc("b", "2019", allergy("Peanut", status("active")))},
			"Peanut [b] / none: a doubted"},
		{"no drug allergy says nothing of nuts", summary.Allergies, []summary.Document{
			doc("a", "2020", allergy("", not, says("known.none.drugallergy"))), doc("b", "2019", allergy("Peanut", status("active")))},
			"Peanut [b] / none: a"},
		{"none known, and one that is over", summary.Allergies, []summary.Document{
			doc("a", "2020", allergy("", not, says("known.none.allergy"))), doc("b", "2019", allergy("Milk", over))},
			"| Milk [b] / none: a"},

		{"active without an end", summary.Medicines, []summary.Document{doc("a", "2019", medicine("Thyroxine", on("2019-01-01"), status("active")))}, "Thyroxine [a]"},
		{"its end has passed", summary.Medicines, []summary.Document{doc("a", "2026-06-01", medicine("Amoxicillin", status("active"), until("2026-06-11")))}, "| Amoxicillin [a]"},
		{"its end is today", summary.Medicines, []summary.Document{doc("a", "2026-06-01", medicine("Amoxicillin", status("active"), until("2026-06-12T20:00:00Z")))}, "Amoxicillin [a]"},
		{"an end of a month that is not over", summary.Medicines, []summary.Document{doc("a", "2026-06-01", medicine("Amoxicillin", status("active"), until("2026-06")))}, "Amoxicillin [a]"},
		{"no word, from a paper of last month", summary.Medicines, []summary.Document{doc("a", "2026-05-20", medicine("Iron"))}, "Iron [a]"},
		{"no word, from a paper of last year", summary.Medicines, []summary.Document{doc("a", "2025-05-20", medicine("Iron"))}, "| Iron [a]"},
		{"no word, no date", summary.Medicines, []summary.Document{doc("a", "", medicine("Iron"))}, "| Iron [a]"},
		{"a course that was completed", summary.Medicines, []summary.Document{doc("a", "2026-06-01", medicine("Iron", status("completed"), over))}, "| Iron [a]"},
		{"given once in hospital", summary.Medicines, []summary.Document{doc("a", "2026-06-01", line(fhir.KindMedicine, "MedicationAdministration", "Morphine", status("completed")))}, "| Morphine [a]"},
		{"handed over lately", summary.Medicines, []summary.Document{doc("a", "2026-06-01", line(fhir.KindMedicine, "MedicationDispense", "Iron", status("completed")))}, "Iron [a]"},
		{"never an order", summary.Medicines, []summary.Document{doc("a", "2026-06-01", medicine("Iron", status("draft")))}, "| Iron [a]"},
		{"not to be taken", summary.Medicines, []summary.Document{doc("a", "2026-06-01", medicine("Ibuprofen", status("active"), not))}, "| Ibuprofen [a]"},
		{"stopped by a later paper", summary.Medicines, []summary.Document{
			doc("a", "2026-01-01", medicine("Ramipril", status("active"))), doc("b", "2026-03-01", medicine("Ramipril", status("stopped"), over))},
			"| Ramipril [b a] split"},
		{"taken again", summary.Medicines, []summary.Document{
			doc("a", "2026-03-01", medicine("Ramipril", status("active"))), doc("b", "2026-01-01", medicine("Ramipril", status("stopped"), over))},
			"Ramipril [a b] split"},
		{"a course that ended on its day is history", summary.Medicines, []summary.Document{
			doc("a", "2026-06-01", medicine("Iron", status("active"))), doc("b", "2024-01-01", medicine("Iron", status("active"), until("2024-02-01")))},
			"Iron [a b]"},
		{"one day, two words: the graver holds", summary.Medicines, []summary.Document{
			doc("a", "2026-06-01", medicine("Warfarin", status("stopped"), over)), doc("b", "2026-06-01", medicine("Warfarin", status("active")))},
			"Warfarin [b a] split"},
		{"years in one export are history", summary.Medicines, []summary.Document{
			export("a", "2026-06-01", medicine("Iron", on("2012-01-01"), status("completed"), over), medicine("Iron", on("2026-01-01"), status("active")))},
			"Iron [a a]"},
		{"a document of a day that has not come", summary.Medicines, []summary.Document{
			added("2026-02-01", doc("a", "2099-01-01", medicine("Ramipril", status("stopped"), over))), doc("b", "2026-03-01", medicine("Ramipril", status("active")))},
			"Ramipril [b a] split"},
		{"a summary speaks as of its own day", summary.Medicines, []summary.Document{
			doc("a", "2026-02-01", medicine("Ramipril", on("2010-01-01"), status("active"))), export("b", "2026-06-01", medicine("Ramipril", on("2022-01-01"), status("stopped"), over))},
			"Ramipril [a b] split"},

		{"a condition without a word lasts two years", summary.Conditions, []summary.Document{
			doc("a", "2025-01-01", condition("Diabetes")), doc("b", "2021-01-01", condition("Fever"))}, "Diabetes presumed [a] | Fever [b]"},
		{"a condition that somebody says is so is not presumed", summary.Conditions, []summary.Document{
			doc("a", "2025-01-01", condition("Diabetes")), doc("b", "2021-01-01", condition("Diabetes", status("active"))), doc("c", "2025-02-01", condition("Asthma")), doc("d", "2024-01-01", condition("Asthma", over))},
			"Asthma presumed [c d], Diabetes [a b]"},
		{"an active condition lasts", summary.Conditions, []summary.Document{doc("b", "2001", condition("Asthma", status("active")))}, "Asthma [b]"},
		{"a capital letter is no other code", summary.Conditions, []summary.Document{doc("b", "2001", condition("Asthma", status("Active")))}, "Asthma [b]"},
		{"a condition that ended", summary.Conditions, []summary.Document{doc("b", "2001", condition("Dengue", status("active"), until("2001-09")))}, "| Dengue [b]"},

		{"doses are counted by days", summary.Immunizations, []summary.Document{
			doc("a", "2022", vaccine("Covishield", on("2021-03-01")), vaccine("Covishield", on("2021-06-01"))), doc("b", "2023", vaccine("COVISHIELD", on("2021-06-01T10:00:00Z")))},
			"COVISHIELD 2 doses [b a]"},
		{"not given is no dose", summary.Immunizations, []summary.Document{doc("a", "2022", vaccine("MMR", not))}, ""},

		{"the latest value of each test, once", summary.Results, []summary.Document{
			doc("a", "2026", result("Haemoglobin", code(hb), on("2026-05-01"), value("11", "g/dL"))), doc("b", "2026", result("Hb", code(hb), on("2026-05-01T08:00:00Z"), value("11", "g/dL"))),
			doc("c", "2026", result("Haemoglobin", code(hb), on("2024-05-01"), value("9", "g/dL")))},
			"Hb [b a]"},
		{"out of range first, though older", summary.Results, []summary.Document{
			doc("a", "2026", result("Sodium", on("2026-05-01"), measure("140", "135", "145")), result("Potassium", on("2025-01-01"), measure("5.9", "3.5", "5.1")), result("Calcium", on("2026-05-02"), says("flag.critical-low"), value("6", "")))},
			"Calcium critical-low [a], Potassium high [a], Sodium [a]"},
		{"a day that has not come says no more than the day it came in", summary.Results, []summary.Document{
			added("2026-01-02", doc("a", "2026", result("Sodium", on("2099-01-01"), measure("120", "135", "145")))), doc("b", "2026", result("Sodium", on("2026-05-01"), measure("140", "135", "145")))},
			"Sodium [b]"},
		{"of one day with what came in then", summary.Results, []summary.Document{
			added("2026-05-01", doc("a", "2026", result("Sodium", on("2099"), measure("140", "", "")))), doc("b", "2026", result("Sodium", on("2026-05-01"), measure("140", "", "")))},
			"Sodium [a b]"},
		{"out of range long ago", summary.Results, []summary.Document{
			doc("a", "2026", result("Sodium", on("2026-05-01"), measure("140", "135", "145")), result("Potassium", on("2019-01-01"), measure("5.9", "3.5", "5.1")))},
			"Sodium [a], Potassium high [a]"},
		{"no number, no reckoning", summary.Results, []summary.Document{doc("a", "2026", result("CRP", on("2026-05-01"), measure("<6", "", "5")))}, "CRP [a]"},
		{"a group of values has none of its own", summary.Results, []summary.Document{doc("a", "2026", result("Panel", on("2026-05-01")), result("X", says("absent.unknown")))}, ""},
		{"a report that only points at its values", summary.Results, []summary.Document{
			doc("a", "2026", line(fhir.KindResult, "DiagnosticReport", "Blood count", says("report.results")), line(fhir.KindResult, "DiagnosticReport", "X-ray", value("Clear", "")))},
			"X-ray [a]"},
		{"a report with its values inside", summary.Results, []summary.Document{
			doc("a", "2026", line(fhir.KindResult, "DiagnosticReport", "Blood count", says("report.results"), func(l *fhir.Line) {
				l.Measures = []fhir.Measure{{Name: "Hb", Value: "9", Low: "12"}, {Name: "TLC", Value: "8000"}}
			}))},
			"Hb low [a], TLC [a]"},
		{"a report that is a picture", summary.Results, []summary.Document{doc("a", "2026", line(fhir.KindResult, "DiagnosticReport", "Chest X-ray"))}, "Chest X-ray [a]"},

		{"what comes next, the next first", summary.Appointments, []summary.Document{
			doc("a", "2026", visit("Dentist", on("2026-08-01"), status("booked")), visit("Eye clinic", on("2026-06-12T08:00:00Z"), status("booked")), visit("Past", on("2026-06-11")),
				visit("Called off", on("2026-07-01"), over), visit("Some day", status("proposed")))},
			"Eye clinic [a], Dentist [a], Some day [a]"},
		{"one visit every month", summary.Appointments, []summary.Document{
			doc("a", "2026", visit("Dialysis", on("2026-07-01")), visit("Dialysis", on("2026-08-01"))), doc("b", "2026", visit("Dialysis", on("2026-07-01")))},
			"Dialysis [a b], Dialysis [a]"},

		{"flags", summary.Alerts, []summary.Document{
			doc("a", "2026", line(fhir.KindOther, "Flag", "Fall risk", status("active")), line(fhir.KindOther, "Flag", "Old", over), line(fhir.KindOther, "Task", "No flag"))},
			"Fall risk [a] | Old [a]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := said(summarise(c.docs...).Chapter(c.part))
			if c.name == "one allergy in three documents" {
				got = strings.NewReplacer("penicillin ", "Penicillin", "[b a c]", "[a c b]").Replace(got)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestOrder: the page is the same in whatever order documents came, and in whatever
// pieces.
func TestOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	for range 25 {
		var docs []summary.Document
		for i := range 12 {
			var lines []fhir.Line
			for j := range 8 {
				l := line(fhir.Kind(pick("allergy", "condition", "medicine", "immunization", "result", "vital", "appointment")), pick("Observation", "MedicationRequest", "Condition"),
					pick("Iron", "Tab Iron", "Zinc", ""), on(pick("", "2025", "2026-05-01", "2026-05-01T08:00:00Z", "2026-07-01")), status(pick("", "active", "stopped")),
					code(pick("", "", "s|1", "s|2", "t|1")), until(pick("", "", "2024-01-01", "2027")), value(pick("1", "2"), "g"))
				l.Entry, l.Inactive, l.Negated = j, l.Status == "stopped", rnd.IntN(9) == 0
				lines = append(lines, l)
			}
			docs = append(docs, summary.Document{Record: record.ID(fmt.Sprint("r", i)), Date: pick("", "2024", "2026-05-01"), Composed: rnd.IntN(2) == 0, Lines: lines})
		}
		want := summarise(docs...)
		g := summary.NewGatherer()
		rnd.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		for _, d := range docs {
			all := d.Lines
			for _, l := range all {
				d.Lines = []fhir.Line{l}
				g.Add(d)
			}
			g.Summary(today, nil) // a page in between changes nothing
		}
		if got := g.Summary(today, nil); !reflect.DeepEqual(got, want) {
			for i := range got.Chapters {
				if a, b := said(got.Chapters[i]), said(want.Chapters[i]); a != b {
					t.Errorf("got  %s\nwant %s", a, b)
				}
			}
			t.Fatal("the order of documents changes the page")
		}
	}
}

// TestNothingFromNothing: what is void is no line, and what is denied is never a fact.
func TestNothingFromNothing(t *testing.T) {
	s := summarise(doc("a", "2026", allergy("A", not), condition("B", not), medicine("C", not, status("active")), vaccine("D", not), result("E", not, value("1", ""))))
	for _, c := range s.Chapters {
		if len(c.Now) != 0 {
			t.Errorf("%s: %s", c.Part, said(c))
		}
	}
	if s.Documents != 1 || len(s.Chapters) != len(summary.Order) {
		t.Errorf("%d documents, %d chapters", s.Documents, len(s.Chapters))
	}
}

// lifetime is what ten thousand documents say.
func lifetime(n int) []summary.Document {
	var docs []summary.Document
	for i := range n {
		date := time.Date(1990, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		var lines []fhir.Line
		for j := range 6 {
			code := code(fmt.Sprint("http://loinc.org|", (i*7+j)%400))
			switch j {
			case 0:
				lines = append(lines, medicine(fmt.Sprint("Medicine ", i%60), on(date), status("active"), code))
			case 1:
				lines = append(lines, condition(fmt.Sprint("Condition ", i%90), on(date), status("active")))
			default:
				lines = append(lines, result(fmt.Sprint("Test ", (i+j)%300), on(date), code, measure("5", "4", "6")))
			}
		}
		docs = append(docs, doc(fmt.Sprint("r", i), date, lines...))
	}
	return docs
}

// TestRefills: one medicine in thousands of papers, and one value that thousands
// repeat, are still one line each.
func TestRefills(t *testing.T) {
	g := summary.NewGatherer()
	const many = 4_000
	for i := range many {
		g.Add(doc(fmt.Sprint("r", i), "2026-05-01", medicine("Iron", status("active"), on("2026-05-01")), result("Hb", on("2026-05-01"), value("11", "g/dL"))))
	}
	s := g.Summary(today, nil)
	for _, part := range []summary.Part{summary.Medicines, summary.Results} {
		if c := s.Chapter(part); len(c.Now) != 1 || len(c.Now[0].Sources) != many || c.Now[0].Split() {
			t.Errorf("%s: %d facts", part, len(c.Now))
		}
	}
}

// BenchmarkLifetime gathers 60,000 lines of 10,000 documents and makes the page.
func BenchmarkLifetime(b *testing.B) {
	docs := lifetime(10_000)
	b.ResetTimer()
	for range b.N {
		summarise(docs...)
	}
}
