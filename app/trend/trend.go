// Package trend makes charts of the numbers that stand in a person's documents.
//
// A Book gathers them from the lines of an index, so that no record is opened. The same thing is one chart whichever
// laboratory measured it: by LOINC code first, where package ucum knows which codes mean the same; else by its own code;
// else by its name and what its unit measures. A number that several documents tell is one point with several sources;
// in storage nothing is merged.
//
// Nothing is told in another unit unless ucum says that it is safe. What cannot be told in the unit of the chart is not
// left out of sight: it stands in Chart.Apart, as it was written.
package trend

import (
	"hash/fnv"
	"strconv"
	"strings"
	"unicode"

	"potli/app/fhir"
	"potli/app/ucum"
)

// Source is where a number stands.
type Source struct {
	Record string // id
	Entry  int
	Title  string // of the document; "" if it has none
}

const (
	loincSystem  = "http://loinc.org|"
	snomedSystem = "http://snomed.info/sct|"
)

// Key names the chart a number belongs to: 16 letters and digits that say nothing to who reads them in an address or a
// history. It is no secret: whoever knows all tests there are can find out which.
func Key(m fhir.Measure) string {
	id, _ := identity(m, nil)
	return name(id)
}

func name(id string) string {
	h := fnv.New64a()
	h.Write([]byte(id))
	s := strconv.FormatUint(h.Sum64(), 16)
	return strings.Repeat("0", 16-len(s)) + s
}

// Blood pressure is one chart of two curves.
const pressureID = loincSystem + "85354-9"

// pressures are the parts of a blood pressure: 0 the upper, 1 the lower.
var pressures = map[string]int{
	loincSystem + "8480-6": 0, snomedSystem + "271649006": 0, "systolic blood pressure": 0, "blood pressure systolic": 0, "systolic bp": 0, "bp systolic": 0, "systolic": 0,
	loincSystem + "8462-4": 1, snomedSystem + "271650006": 1, "diastolic blood pressure": 1, "blood pressure diastolic": 1, "diastolic bp": 1, "bp diastolic": 1, "diastolic": 1,
}

// identity says what was measured, and which curve of its chart it is. Units are read by way of b, which remembers them.
func identity(m fhir.Measure, b *Book) (id string, part int) {
	system, code, coded := strings.Cut(m.Code, "|")
	coded = coded && code != ""
	called := plainName(m.Name)
	if part, ok := pressures[m.Code]; ok {
		return pressureID, part
	}
	if part, ok := pressures[called]; ok && !coded && b.unit(m.Unit).Like(mmHg) {
		return pressureID, part
	}
	switch {
	case system+"|" == loincSystem && coded:
		same, _ := ucum.Observable(code)
		return loincSystem + same, 0
	case coded:
		return m.Code, 0
	}
	return "name|" + called + "|" + b.measures(m.Unit), 0
}

var mmHg = must(ucum.Parse("mm[Hg]"))

func must(u ucum.Unit, err error) ucum.Unit {
	if err != nil {
		panic(err)
	}
	return u
}

// plainName is a name without what differs between two printers of one laboratory: case, punctuation, spaces, the British a.
func plainName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || r == '%' || r == '#' {
			return unicode.ToLower(r)
		}
		return ' '
	}, s)
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "haem", "hem")
}
