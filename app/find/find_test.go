package find_test

import (
	"fmt"
	"strings"
	"testing"

	"potli/app/find"
)

func ExampleIndex() {
	x := find.New()
	first := x.Add("Discharge summary\nCity Hospital", "Paracetamol 500 mg\ntwice a day", "Haemoglobin\n13.2 g/dL")
	for _, typed := range []string{"paracetamol", "PARA", "पैरासिटामोल", "paracetmol", "city haemo", `"twice a"`, "haemoglobin 500"} {
		h := x.Search(find.Parse(typed))
		fmt.Println(typed, h.Line(first, 0), h.Line(first, 1))
	}
	// Output:
	// paracetamol 3 0
	// PARA 3 0
	// पैरासिटामोल 2 0
	// paracetmol 1 0
	// city haemo 0 3
	// "twice a" 3 0
	// haemoglobin 500 0 0
}

func TestSearch(t *testing.T) {
	for _, tt := range []struct {
		typed, there string
		want         find.Rank
	}{
		{"haemo", "Haemoglobin", find.Exact},
		{"globin", "Haemoglobin", find.Missing}, // the beginning of a word
		{"cafe", "Café", find.Exact},
		{"Café", "cafe", find.Exact},
		{"xray", "X-ray", find.Exact},
		{"x-ray", "X ray", find.Exact},
		{"x-ray", "Xray", find.Exact},
		{"x ray", "X-ray", find.Exact},
		{"e11.9", "E11.9", find.Exact},
		{"e119", "E11.9", find.Exact},
		{"e11", "E11.9", find.Exact},
		{"718-7", "718-7", find.Exact},
		{"718", "718-7", find.Exact},
		{"13.2", "13.2 g/dL", find.Exact},
		{"g/dl", "13.2 g/dL", find.Exact},
		{"80", "120/80", find.Exact},
		{"120/80", "120-80", find.Exact},
		{"500mg", "500 mg", find.Exact},
		{"500 mg", "500mg", find.Exact},
		{"2025-02", "2025-02-01", find.Exact},
		{"150000", "1,50,000", find.Exact},
		{"१३.२", "13.2", find.Exact},
		{"13.2", "१३.२", find.Exact},
		// slips: one from four letters on, two from eight
		{"hemoglobin", "Haemoglobin", find.Near},
		{"haemogolbin", "Haemoglobin", find.Near},
		{"haemglobn", "Haemoglobin", find.Near},
		{"hamglobn", "Haemoglobin", find.Missing},
		{"paracatam", "Paracetamol", find.Near}, // not yet finished
		{"fevr", "fever", find.Near},
		{"fve", "five", find.Missing},
		{"suagr", "sugar", find.Near},
		{"susagr", "sugar", find.Missing},
		{"13.3", "13.2", find.Missing},
		{"1234567", "1234568", find.Missing},
		{"e1190", "E1191", find.Missing},
		{"vitaminb13", "vitaminb12", find.Missing},
		{"हीमोग्लोबन", "हीमोग्लोबिन", find.Near},
		{"हमगलबन", "हीमोग्लोबिन", find.Near}, // without a vowel sign
		{"हिमोगलोबीन", "हीमोग्लोबिन", find.Exact},
		{"जुकाम", "ज़ुकाम", find.Exact},
		{"बुखा", "बुखार", find.Exact},
		// several words, phrases
		{"blood count", "complete count of blood", find.Exact},
		{"blood sugar", "blood count", find.Missing},
		{`"blood count"`, "blood count", find.Exact},
		{`"blood count"`, "blood, count", find.Exact},
		{`"blood count"`, "count blood", find.Missing},
		{`"blood count"`, "blood\ncount", find.Missing},
		{`"blood coun"`, "blood count", find.Missing},
		{`"blood coun`, "blood count", find.Exact},
		{`"blood"`, "bloods", find.Missing},
		{`"blod"`, "blood", find.Missing},
		{"“blood count”", "blood count", find.Exact},
		{`full "blood count"`, "full blood count", find.Exact},
		{`""`, "anything", find.Exact},
		{"- . !", "anything", find.Exact},
	} {
		x := find.New()
		x.Add("another text before")
		at := x.Add("", tt.there)
		q := find.Parse(tt.typed)
		if got := x.Search(q).Line(at, 0); got != tt.want {
			t.Errorf("%s in %s: %v, want %v", tt.typed, tt.there, got, tt.want)
		}
		if marked := len(q.Spans(tt.there)) > 0; marked != (tt.want != find.Missing) && !q.Empty() && !strings.Contains(tt.typed, " ") {
			t.Errorf("%s in %s: marked %v", tt.typed, tt.there, marked)
		}
	}
}

// What stands in the head of a document counts for all its lines, and no document
// for another.
func TestHeadAndLines(t *testing.T) {
	x := find.New()
	one := x.Add("City Lab", "Haemoglobin")
	x.More("Platelets", "Sodim") // as if they had come at once
	two := x.Add("Village Lab", "Haemoglobin")
	none := x.Add("Photograph")
	for typed, want := range map[string]string{
		"lab haemoglobin": "2..|2|.", "city haemoglobin": "2..|.|.", "lab": "222|2|.", "haemoglobin platelets": "...|.|.",
		"sodium city": "..1|.|.", "photo": "...|.|2", "": "222|2|2",
	} {
		h := x.Search(find.Parse(typed))
		var b strings.Builder
		show := func(r find.Rank) { b.WriteByte(".1?2"[r]) }
		for i := range 3 {
			show(h.Line(one, i))
		}
		b.WriteByte('|')
		show(h.Line(two, 0))
		b.WriteByte('|')
		show(h.Head(none))
		if b.String() != want {
			t.Errorf("%q: %s, want %s", typed, &b, want)
		}
		if h.Touches(one, 3) && !strings.ContainsAny(want[:3], "12") && typed != "haemoglobin platelets" {
			t.Errorf("%q touches the first", typed)
		}
		if !h.Touches(two, 1) && want[4] != '.' {
			t.Errorf("%q does not touch the second", typed)
		}
	}
}

func TestRemove(t *testing.T) {
	x := find.New()
	one, two := x.Add("Blood count", "Haemoglobin"), x.Add("Blood count", "Platelets")
	before := x.Search(find.Parse("blood"))
	x.Remove(one, 1)
	x.Remove(one, 1)
	x.Remove(two+100, 3) // never was
	if lost, of := x.Lost(); lost != 2 || of != 4 {
		t.Errorf("%d of %d", lost, of)
	}
	h := x.Search(find.Parse("blood"))
	if h.Head(one) != find.Missing || h.Line(one, 0) != find.Missing || h.Head(two) != find.Exact {
		t.Error("what was removed is found")
	}
	if before.Head(one) != find.Exact {
		t.Error("an answer changed")
	}
	three := x.Add("Blood sugar")
	if h := x.Search(find.Parse("blood")); h.Head(three) != find.Exact || h.Head(one) != find.Missing {
		t.Error("what came later is not found")
	}
}

// Texts longer than a piece, and many that do not fill one.
func TestLongTexts(t *testing.T) {
	x := find.New()
	long := strings.Repeat("lorem ipsum ", 30_000)
	var at []find.Place
	for i := range 40 {
		at = append(at, x.Add(long[:i*5000]+fmt.Sprintf(" place%d here", i), "", fmt.Sprintf("line%d there", i)))
	}
	for i, p := range at {
		h := x.Search(find.Parse(fmt.Sprintf(`"line%d there"`, i)))
		if h.Line(p, 1) != find.Exact || h.Line(p, 0) != find.Missing {
			t.Errorf("line %d is lost", i)
		}
		if h := x.Search(find.Parse(fmt.Sprintf(`"place%d here"`, i))); i*5000 < 100_000 && h.Head(p) != find.Exact {
			t.Errorf("head %d is lost", i)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", `a "b c" d`, `"`, `""`, "“x„ «y", "-,.", "500mg", strings.Repeat("a ", 200), strings.Repeat("x-", 100), "\xff\"\xfe"} {
		f.Add(s)
	}
	x := find.New()
	x.Add("a b c d\n500 mg", "x y हिन्दी", "பாராசிட்டமால்")
	f.Fuzz(func(t *testing.T, s string) {
		q := find.Parse(s)
		h := x.Search(q)
		h.Head(0)
		h.Line(0, 1)
		if q.Empty() && h.Head(0) != find.Exact {
			t.Error("nothing asked, nothing found")
		}
		q.Spans("a b c d 500 mg हिन्दी")
	})
}
