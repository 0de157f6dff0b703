package trend

import (
	"slices"

	"potli/app/fhir"
	"potli/app/ucum"
)

// Mark says how a number stands to what is usual; "" within, or nobody says. The words are those of fhir.Measure.Standing,
// which reckons it.
type Mark string

// Marks.
const (
	Low          Mark = "low"
	High         Mark = "high"
	CriticalLow  Mark = "critical-low"
	CriticalHigh Mark = "critical-high"
	Critical     Mark = "critical"
	Abnormal     Mark = "abnormal"
)

// marks are numbered, since there may be a hundred thousand readings.
var marks = []Mark{"", Low, High, CriticalLow, CriticalHigh, Critical, Abnormal}

func markOf(m fhir.Measure) uint8 {
	return uint8(max(0, slices.Index(marks, Mark(m.Standing()))))
}

// Print is a unit as people write it: "µmol/L" for umol/L, "mmHg" for mm[Hg].
func Print(unit string) string { return ucum.Print(unit) }
