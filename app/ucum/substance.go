package ucum

import (
	"fmt"
	"math"
)

// Substance is what a laboratory measured, as far as units depend on it.
type Substance struct {
	Name    string   // a word of our own, in no record
	Formula string   // of one mole; Mass is the sum of its atoms
	Mass    float64  // g/mol; 0: none is safe
	Charge  int      // equivalents in a mole; 0: none
	Units   []string // in which people know it, as UCUM codes

	ngsp bool // haemoglobin A1c
	loinc
}

// loinc are codes that measure the same in the same specimen. Each set is one observable; its first code stands for it.
type loinc [][]string

// Convert tells x, which is in from, in to: as the function Convert does, and beyond it from mass to amount of substance
// and back, from equivalents to moles and back, and between the two scales of haemoglobin A1c. s may be nil. ErrApart if
// it is not safe.
func (s *Substance) Convert(x float64, from, to Unit) (float64, error) {
	if s == nil || from.Like(to) {
		return Convert(x, from, to)
	}
	if s.ngsp {
		return a1c(x, from, to)
	}
	weight := func(u Unit) (rest Unit, grams float64, ok bool) {
		for dimension, per := range [dimensions]float64{gram: 1, mole: s.Mass, equivalent: s.perEquivalent()} {
			if u.net[dimension] == 1 && u.under[dimension] == 0 && per > 0 {
				u.net[dimension] = 0
				return u, per, true
			}
		}
		return u, 0, false
	}
	a, perFrom, ok := weight(from)
	b, perTo, also := weight(to)
	if !ok || !also || !a.Like(b) {
		return 0, fmt.Errorf("%w: %s, %s", ErrApart, from.code, to.code)
	}
	y := x * from.factor * perFrom / perTo / to.factor
	if math.IsInf(y, 0) || math.IsNaN(y) {
		return 0, fmt.Errorf("%w: out of range", ErrApart)
	}
	return y, nil
}

func (s *Substance) perEquivalent() float64 {
	if s.Charge == 0 {
		return 0
	}
	return s.Mass / float64(s.Charge)
}

// The master equation between the percentages of NGSP and the mmol/mol of IFCC (https://ngsp.org/ifcc.asp):
// NGSP = 0.09148 · IFCC + 2.152.
const ngspSlope, ngspStart = 0.09148, 2.152

func a1c(x float64, from, to Unit) (float64, error) {
	share := func(u Unit) bool { return u.net == one.net && u.atom == "" && u.under == one.under }
	moles := func(u Unit) bool { return u.net == one.net && u.atom == "" && u.under[mole] == 1 && u.under[gram] == 0 }
	switch {
	case share(from) && moles(to):
		percent := x * from.factor * 100
		return (percent - ngspStart) / ngspSlope / 1000 / to.factor, nil
	case moles(from) && share(to):
		return (x*from.factor*1000*ngspSlope + ngspStart) / 100 / to.factor, nil
	}
	return 0, fmt.Errorf("%w: %s, %s", ErrApart, from.code, to.code)
}

// Observable finds what a LOINC code measures: the code that stands for it and for all that measure the same in the same
// specimen by mass, by amount of substance or by another of the ways that can be told in each other; and the substance,
// nil where none is known. A code that is not known stands for itself.
func Observable(code string) (representative string, s *Substance) {
	for i := range substances {
		for _, set := range substances[i].loinc {
			for _, c := range set {
				if c == code {
					return set[0], &substances[i]
				}
			}
		}
	}
	return code, nil
}

// substances are those of which laboratories report mass here and amount of substance there. Masses are the sums of the
// standard atomic weights of IUPAC (abridged to five digits, 2021); a test adds them up. Codes are LOINC's
// (https://loinc.org), by mass first.
//
// Left out because a number could mislead: haemoglobin (moles of the molecule or of its quarter), lactate (of the acid or
// of the ion), urea nitrogen by mole (of the molecule or of the atom), proteins and hormones told in international units,
// and total vitamin D (two substances).
var substances = []Substance{
	{Name: "glucose", Formula: "C6H12O6", Mass: 180.156, Units: []string{"mg/dL", "mmol/L"}, loinc: loinc{
		{"2345-7", "14749-6"},  // serum or plasma
		{"1558-6", "14771-0"},  // fasting
		{"2339-0", "15074-8"},  // blood
		{"41653-7", "14743-9"}, // capillary blood, by glucometer
	}},
	{Name: "cholesterol", Formula: "C27H46O", Mass: 386.664, Units: []string{"mg/dL", "mmol/L"}, loinc: loinc{
		{"2093-3", "14647-2"},
		{"2085-9", "14646-4"},  // HDL
		{"2089-1", "22748-8"},  // LDL
		{"13457-7", "39469-2"}, // LDL, calculated
		{"18262-6", "69419-0"}, // LDL, measured
		{"43396-1", "70204-3"}, // non HDL
	}},
	// By convention all of it is triolein.
	{Name: "triglyceride", Formula: "C57H104O6", Mass: 885.453, Units: []string{"mg/dL", "mmol/L"}, loinc: loinc{{"2571-8", "14927-8"}}},
	{Name: "creatinine", Formula: "C4H7N3O", Mass: 113.120, Units: []string{"mg/dL", "umol/L"}, loinc: loinc{
		{"2160-0", "14682-9"},
		{"38483-4", "59826-8"}, // blood
		{"2161-8", "14683-7"},  // urine
	}},
	{Name: "urea", Formula: "CH4N2O", Mass: 60.056, Units: []string{"mg/dL", "mmol/L"}, loinc: loinc{{"3091-6", "22664-7"}}},
	// The mass is that of the nitrogen alone, the moles are those of urea, which has two: BUN is no urea, and is no chart of it.
	{Name: "urea nitrogen", Formula: "N2", Mass: 28.014, Units: []string{"mg/dL", "mmol/L"}, loinc: loinc{{"3094-0"}, {"6299-2"}}},
	{Name: "uric acid", Formula: "C5H4N4O3", Mass: 168.112, Units: []string{"mg/dL", "umol/L"}, loinc: loinc{{"3084-1", "14933-6"}}},
	{Name: "bilirubin", Formula: "C33H36N4O6", Mass: 584.673, Units: []string{"mg/dL", "umol/L"}, loinc: loinc{
		{"1975-2", "14631-6"},
		{"1968-7", "14629-0"}, // direct
		{"1971-1", "14630-8"}, // indirect
	}},
	{Name: "calcium", Formula: "Ca", Mass: 40.078, Charge: 2, Units: []string{"mg/dL", "mmol/L"}, loinc: loinc{
		{"17861-6", "2000-8"},
		{"17863-2", "1995-0"}, // ionised
	}},
	// Phosphate is weighed as its phosphorus; its charge depends on the blood's acid.
	{Name: "phosphate", Formula: "P", Mass: 30.974, Units: []string{"mg/dL", "mmol/L"}, loinc: loinc{{"2777-1", "14879-1"}}},
	{Name: "magnesium", Formula: "Mg", Mass: 24.305, Charge: 2, Units: []string{"mg/dL", "mmol/L"}, loinc: loinc{{"19123-9", "2601-3"}}},
	{Name: "sodium", Formula: "Na", Mass: 22.990, Charge: 1, Units: []string{"mmol/L", "meq/L"}, loinc: loinc{{"2951-2"}, {"2947-0"}}},
	{Name: "potassium", Formula: "K", Mass: 39.098, Charge: 1, Units: []string{"mmol/L", "meq/L"}, loinc: loinc{{"2823-3"}, {"6298-4"}}},
	{Name: "chloride", Formula: "Cl", Mass: 35.45, Charge: 1, Units: []string{"mmol/L", "meq/L"}, loinc: loinc{{"2075-0"}, {"2069-3"}}},
	{Name: "bicarbonate", Formula: "HCO3", Mass: 61.016, Charge: 1, Units: []string{"mmol/L", "meq/L"}, loinc: loinc{{"1963-8"}}},
	{Name: "iron", Formula: "Fe", Mass: 55.845, Units: []string{"ug/dL", "umol/L"}, loinc: loinc{{"2498-4", "14798-3"}, {"2500-7", "14800-7"}}},
	{Name: "cobalamin", Formula: "C63H88CoN14O14P", Mass: 1355.388, Units: []string{"pg/mL", "pmol/L"}, loinc: loinc{{"2132-9", "14685-2"}}},
	{Name: "folate", Formula: "C19H19N7O6", Mass: 441.404, Units: []string{"ng/mL", "nmol/L"}, loinc: loinc{{"2284-8", "14732-2"}}},
	{Name: "calcidiol", Formula: "C27H44O2", Mass: 400.647, Units: []string{"ng/mL", "nmol/L"}, loinc: loinc{{"1989-3", "14635-7"}}},
	{Name: "thyroxine", Formula: "C15H11I4NO4", Mass: 776.856, Units: []string{"ug/dL", "nmol/L", "ng/dL", "pmol/L"}, loinc: loinc{
		{"3026-2", "14921-1"},
		{"3024-7", "14920-3"}, // free
	}},
	{Name: "triiodothyronine", Formula: "C15H12I3NO4", Mass: 650.964, Units: []string{"ng/dL", "nmol/L", "pg/mL", "pmol/L"}, loinc: loinc{
		{"3053-6", "14930-2"},
		{"3051-0", "14928-6"}, // free
	}},
	{Name: "cortisol", Formula: "C21H30O5", Mass: 362.466, Units: []string{"ug/dL", "nmol/L"}, loinc: loinc{{"2143-6", "14675-3"}}},
	{Name: "testosterone", Formula: "C19H28O2", Mass: 288.431, Units: []string{"ng/dL", "nmol/L"}, loinc: loinc{{"2986-8", "14913-8"}}},
	// Of any method whose result is traced to NGSP, as all are that a laboratory may sell as HbA1c.
	{Name: "haemoglobin A1c", ngsp: true, Units: []string{"%", "mmol/mol"}, loinc: loinc{{"4548-4", "17856-6", "59261-8"}}},
}
