package ucum_test

import (
	"errors"
	"math"
	"strconv"
	"testing"

	"potli/app/ucum"
)

// weights are the standard atomic weights of IUPAC, abridged (https://iupac.qmul.ac.uk/AtWt/, table 3, 2021).
var weights = map[string]float64{"H": 1.0080, "C": 12.011, "N": 14.007, "O": 15.999, "Na": 22.990, "Mg": 24.305, "P": 30.974, "Cl": 35.45, "K": 39.098,
	"Ca": 40.078, "Fe": 55.845, "Co": 58.933, "I": 126.90}

func weigh(t *testing.T, formula string) (sum float64) {
	t.Helper()
	for i := 0; i < len(formula); {
		j := i + 1
		for j < len(formula) && formula[j] >= 'a' && formula[j] <= 'z' {
			j++
		}
		w, ok := weights[formula[i:j]]
		if !ok {
			t.Fatalf("no weight of %s", formula[i:j])
		}
		k := j
		for k < len(formula) && formula[k] >= '0' && formula[k] <= '9' {
			k++
		}
		n := 1
		if k > j {
			n, _ = strconv.Atoi(formula[j:k])
		}
		sum += float64(n) * w
		i = k
	}
	return sum
}

// known is one code of each substance, with what a textbook has for it.
var known = []struct {
	loinc    string
	x        float64
	from, to string
	want     float64
}{
	{"2345-7", 100, "mg/dL", "mmol/L", 5.551},
	{"14749-6", 7.0, "mmol/L", "mg/dL", 126.1},
	{"2093-3", 200, "mg/dL", "mmol/L", 5.172},
	{"2085-9", 40, "mg/dL", "mmol/L", 1.034},
	{"2571-8", 150, "mg/dL", "mmol/L", 1.694},
	{"2160-0", 1.0, "mg/dL", "umol/L", 88.40},
	{"3091-6", 40, "mg/dL", "mmol/L", 6.660},
	{"3094-0", 20, "mg/dL", "mmol/L", 7.139},
	{"3084-1", 6, "mg/dL", "umol/L", 356.9},
	{"1975-2", 1, "mg/dL", "umol/L", 17.10},
	{"17861-6", 10, "mg/dL", "mmol/L", 2.495},
	{"17861-6", 5, "meq/L", "mg/dL", 10.02},
	{"2777-1", 3.1, "mg/dL", "mmol/L", 1.001},
	{"19123-9", 2, "mg/dL", "mmol/L", 0.8229},
	{"2951-2", 140, "meq/L", "mmol/L", 140},
	{"2823-3", 4, "mmol/L", "mg/dL", 15.64},
	{"2498-4", 100, "ug/dL", "umol/L", 17.91},
	{"2132-9", 300, "pg/mL", "pmol/L", 221.3},
	{"2284-8", 10, "ng/mL", "nmol/L", 22.65},
	{"1989-3", 30, "ng/mL", "nmol/L", 74.88},
	{"3026-2", 8, "ug/dL", "nmol/L", 103.0},
	{"3024-7", 1.2, "ng/dL", "pmol/L", 15.45},
	{"3051-0", 3, "pg/mL", "pmol/L", 4.608},
	{"2143-6", 10, "ug/dL", "nmol/L", 275.9},
	{"2986-8", 500, "ng/dL", "nmol/L", 17.34},
	{"4548-4", 6.5, "%", "mmol/mol", 47.53},
	{"59261-8", 48, "mmol/mol", "%", 6.543},
	{"17856-6", 7, "%", "mmol/mol", 53.00},
}

func TestSubstances(t *testing.T) {
	for _, c := range known {
		_, s := ucum.Observable(c.loinc)
		if s == nil {
			t.Errorf("%s is not known", c.loinc)
			continue
		}
		from, to := read(t, c.from), read(t, c.to)
		got, err := s.Convert(c.x, from, to)
		if err != nil || math.Abs(got/c.want-1) > 5e-4 {
			t.Errorf("%s: %v %s is %v %s (%v), want %v", s.Name, c.x, c.from, got, c.to, err, c.want)
		}
		if back, err := s.Convert(got, to, from); err != nil || !near(back, c.x) {
			t.Errorf("%s: %v %s came back as %v, %v", s.Name, c.x, c.from, back, err)
		}
		if s.Formula != "" {
			if sum := weigh(t, s.Formula); math.Abs(sum-s.Mass) > 6e-4 {
				t.Errorf("%s: %s weighs %.4f, the table says %v", s.Name, s.Formula, sum, s.Mass)
			}
		} else if s.Mass != 0 {
			t.Errorf("%s has a mass and no formula", s.Name)
		}
		for _, u := range s.Units {
			if _, err := s.Convert(1, from, read(t, u)); err != nil {
				t.Errorf("%s is not told in %s: %v", s.Name, u, err)
			}
		}
	}
}

// TestSubstancesApart: a substance makes nothing safe but what it is known for.
func TestSubstancesApart(t *testing.T) {
	for _, c := range [][3]string{
		{"2345-7", "mg/dL", "mmol"}, {"2345-7", "mg/dL", "[iU]/L"}, {"2345-7", "mg/dL", "meq/L"}, {"2345-7", "mg/dL", "%"}, {"2345-7", "mg/dL", "mmol/kg"},
		{"2777-1", "mmol/L", "meq/L"}, {"4548-4", "%", "mg/dL"}, {"4548-4", "%", "mmol/L"}, {"4548-4", "mmol/mol", "mg/g"}, {"4548-4", "%", "g/g"}, {"59261-8", "mmol/mol", "[iU]"},
		{"2951-2", "mg.mmol", "mmol"}, {"2345-7", "mg/mmol", "mmol/mmol"},
	} {
		_, s := ucum.Observable(c[0])
		if x, err := s.Convert(1, read(t, c[1]), read(t, c[2])); !errors.Is(err, ucum.ErrApart) {
			t.Errorf("%s: 1 %s became %v %s", s.Name, c[1], x, c[2])
		}
	}
	var none *ucum.Substance
	if x, err := none.Convert(1, read(t, "mg/dL"), read(t, "mmol/L")); !errors.Is(err, ucum.ErrApart) {
		t.Errorf("of nobody knows what: %v", x)
	}
}

// TestObservable: by mass and by mole it is one thing; another specimen, or urea and its nitrogen, are two.
func TestObservable(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"2345-7", "14749-6", true}, {"2345-7", "2339-0", false}, {"2345-7", "1558-6", false}, {"3094-0", "3091-6", false}, {"4548-4", "59261-8", true},
		{"2089-1", "13457-7", false}, {"718-7", "59260-0", false}, {"8480-6", "8480-6", true}, {"nonsense", "nonsense", true},
	} {
		a, _ := ucum.Observable(c.a)
		b, _ := ucum.Observable(c.b)
		if (a == b) != c.same {
			t.Errorf("%s and %s: %s and %s", c.a, c.b, a, b)
		}
	}
	if _, s := ucum.Observable("718-7"); s != nil {
		t.Errorf("haemoglobin has a mole: %s", s.Name)
	}
}
