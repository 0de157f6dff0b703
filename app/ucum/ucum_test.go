package ucum_test

import (
	"errors"
	"math"
	"testing"

	"potli/app/ucum"
)

func read(t testing.TB, code string) ucum.Unit {
	t.Helper()
	u, err := ucum.Parse(code)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

// TestConvert has the cases that UCUM's functional tests look for, written anew: prefixes, powers, products from the left,
// brackets, annotations, scales.
func TestConvert(t *testing.T) {
	for _, c := range []struct {
		x        float64
		from, to string
		want     float64
	}{
		{1, "g/dL", "g/L", 10},
		{150, "10*3/uL", "10*9/L", 150},
		{2.5, "10*5/mm3", "/uL", 250000},
		{4500, "{cells}/uL", "10*3/uL", 4.5},
		{98.6, "[degF]", "Cel", 37},
		{37, "Cel", "[degF]", 98.6},
		{37, "Cel{oral}", "K", 310.15},
		{-40, "Cel", "[degF]", -40},
		{120, "mm[Hg]", "kPa", 15.99864},
		{10, "cm[H2O]", "mm[Hg]", 7.355612727},
		{70, "kg", "[lb_av]", 154.323583529},
		{180, "cm", "[in_i]", 70.8661417323},
		{1, "U/L", "nkat/L", 16.6666666667},
		{25, "kg/m2", "g/cm2", 2.5},
		{90, "mL/min", "L/h", 5.4},
		{1, "m/s/s", "m.s-2", 1},
		{1, "kg/m.s2", "kg.s2/m", 1}, // from the left, as UCUM says
		{1, "kg/(m.s2)", "Pa", 1},
		{6, "/min", "Hz", 0.1},
		{1, "wk", "d", 7},
		{45, "%", "L/L", 0.45},
		{30, "mg/g", "ug/mg", 30},
		{1, "k[IU]/L", "m[iU]/mL", 1000},
		{50, "mm/h", "cm/d", 120},
		{1, "4.[tsp_us]", "[tsp_us]", 4},
		{1, "10^-3.g", "mg", 1},
		{1, "dag", "g", 10},
		{3, "mo", "mo_j", 3},
		{1, "[Cal]", "kcal", 1},
	} {
		got, err := ucum.Convert(c.x, read(t, c.from), read(t, c.to))
		if err != nil || !near(got, c.want) {
			t.Errorf("%v %s in %s: %v, %v; want %v", c.x, c.from, c.to, got, err, c.want)
		}
	}
}

// TestApart: what would be a number that a person misreads is refused.
func TestApart(t *testing.T) {
	for _, c := range [][2]string{
		{"mg/dL", "mmol/L"}, {"mmol/L", "10*9/L"}, {"meq/L", "mmol/L"}, {"mosm/kg", "mmol/kg"}, {"[iU]/L", "U/L"}, {"[iU]/L", "mg/L"},
		{"[iU]/mL", "[arb'U]/mL"}, {"%", "mmol/mol"}, {"%", "mg/g"}, {"mg/g", "mg/mmol"}, {"mmol/mol", "1"}, {"mg/g", "mL/L"}, {"[CFU]/mL", "/mL"}, {"/[HPF]", "1"}, {"kg", "cm"},
		{"Cel", "%"}, {"mm[Hg]", "mm"}, {"m", "m2"}, {"/min", "min"}, {"g", "g/L"}, {"[pH]", "mol/L"}, {"mmol/L", "mmol"},
	} {
		for _, way := range [][2]string{c, {c[1], c[0]}} {
			if x, err := ucum.Convert(1, read(t, way[0]), read(t, way[1])); !errors.Is(err, ucum.ErrApart) {
				t.Errorf("%s became %v %s", way[0], x, way[1])
			}
		}
	}
}

func TestNoUnit(t *testing.T) {
	for _, code := range []string{
		"mg/", "/", "//g", "g//L", "g..L", "(g", "g)", "()", "g{", "g{a", "{a}}", "{{a}}", "g{ä}", "g--2", "g-", "g100", "xyz", "kkg", "kmin", "m%",
		"m[in_i]", "MG", "10*31", "Cel/min", "mCel", "[degF].g", "Cel2", "Cel{a}b", "[iU].[CFU]", "g ", " g", "1e3", "-1", "m[", "((((((((g))))))))", "ym9.ym9.ym9.ym9", "1234567890", "mg%",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	} {
		if u, err := ucum.Parse(code); !errors.Is(err, ucum.ErrUnknown) {
			t.Errorf("%q is %+v", code, u)
		}
	}
}

// codes are units as they stand in records.
var codes = []string{
	"1", "%", "mg/dL", "g/dL", "g/L", "ug/L", "ng/mL", "pg/mL", "mmol/L", "umol/L", "nmol/L", "pmol/L", "mmol/mol", "mol/mol", "mg/g", "mg/mmol", "meq/L", "mosm/kg", "mol/kg", "10*3/uL", "10*9/L",
	"/uL", "{cells}/mm3", "10*12/L", "fL", "pg", "U/L", "kU/L", "nkat/L", "[iU]/L", "u[IU]/mL", "mm/h", "s", "min", "h", "d", "mm[Hg]", "kPa", "cm[H2O]", "Cel", "[degF]", "K", "/min", "Hz", "kg", "g", "[lb_av]",
	"cm", "m", "[in_i]", "kg/m2", "mL/min", "mL/min/{1.73_m2}", "mL/min/1.73.m2", "L", "mL", "mL/kg", "kcal", "kJ", "{ratio}", "{INR}", "[pH]", "/[HPF]", "[CFU]/mL", "L/L", "g/kg", "mg/kg/d", "ug/min", "W", "mV",
}

// TestRoundTrips: there and back is where it began; what goes one way goes the other; what can be told twice can be told at
// once, with the same number.
func TestRoundTrips(t *testing.T) {
	var units []ucum.Unit
	for _, c := range codes {
		units = append(units, read(t, c))
	}
	told := 0
	for _, a := range units {
		for _, b := range units {
			for _, x := range []float64{0.001, 1, 5.5, 37, 126, 250000} {
				y, err := ucum.Convert(x, a, b)
				if (err == nil) != a.Like(b) || a.Like(b) != b.Like(a) {
					t.Fatalf("%s and %s disagree", a, b)
				}
				if err != nil {
					continue
				}
				told++
				if back, err := ucum.Convert(y, b, a); err != nil || math.Abs(back-x) > 1e-9*max(x, 1) {
					t.Errorf("%v %s is %v %s is %v %s (%v)", x, a, y, b, back, a, err)
				}
				for _, c := range units {
					z, err := ucum.Convert(y, b, c)
					once, err1 := ucum.Convert(x, a, c)
					if (err == nil) != (err1 == nil) || err == nil && math.Abs(z-once) > 1e-9*max(math.Abs(z), 1) {
						t.Errorf("%s by %s to %s: %v, %v", a, b, c, z, once)
					}
				}
			}
		}
	}
	if told < 600 {
		t.Errorf("only %d conversions", told)
	}
}

func TestPrint(t *testing.T) {
	for code, want := range map[string]string{
		"mg/dL": "mg/dL", "umol/L": "µmol/L", "mm[Hg]": "mmHg", "Cel": "°C", "[degF]": "°F", "10*3/uL": "10³/µL", "10*9/L": "10⁹/L", "u[iU]/mL": "µIU/mL", "{cells}/uL": "cells/µL",
		"mg{creat}/L": "mg/L", "kg/m2": "kg/m²", "/min": "/min", "m.s-2": "m·s⁻²", "mL/min/{1.73_m2}": "mL/min/1.73 m²", "%": "%", "1": "", "": "", "[lb_av]": "lb", "strange thing": "strange thing", "U/L": "U/L",
	} {
		if got := ucum.Print(code); got != want {
			t.Errorf("%s is printed %q, want %q", code, got, want)
		}
	}
}

func TestRead(t *testing.T) {
	for written, want := range map[string]string{
		"mg/dl": "mg/dL", "MG/DL": "mg/dL", "gm%": "g/dL", "Gm/dL": "g/dL", "mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "µmol/L": "umol/L", "μg/dL": "ug/dL", "°C": "Cel", "kg/m²": "kg/m2",
		"x10^3/uL": "10*3/uL", "lakhs/cumm": "10*5/mm3", "IU/L": "[iU]/L", "beats/minute": "/min", "mm/hr": "mm/h", "mg / dL": "mg/dL", "10³/µL": "10*3/uL", "10^3 / uL": "10*3/uL", "103/uL": "10*3/uL", "x10⁹/L": "10*9/L", "": "1",
	} {
		u, err := ucum.Read(written)
		if err != nil {
			t.Errorf("%q: %v", written, err)
			continue
		}
		if x, err := ucum.Convert(1, u, read(t, want)); err != nil || x != 1 {
			t.Errorf("%q is %v of %s, %v", written, x, want, err)
		}
	}
	// French laboratories mean giga a litre by this, shouting ones gram.
	for _, written := range []string{"G/L", "T/L", "some", "mg dL kg", "±"} {
		if u, err := ucum.Read(written); err == nil {
			t.Errorf("%q was read as %s", written, u)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range codes {
		f.Add(c)
	}
	f.Add("mg/dl")
	f.Add("(((g.m)2/s{a}")
	f.Fuzz(func(t *testing.T, s string) {
		ucum.Print(s)
		u, err := ucum.Read(s)
		if err != nil {
			return
		}
		if x, err := ucum.Convert(5.5, u, u); err != nil || x != 5.5 {
			t.Errorf("%q is not itself: %v, %v", s, x, err)
		}
		if again, err := ucum.Parse(u.String()); err != nil || !again.Like(u) {
			t.Errorf("%q reads as %q, which reads as %v, %v", s, u, again, err)
		}
	})
}
