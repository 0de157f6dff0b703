package trend

import "potli/app/ucum"

// Mark says how a number stands to what is usual; "" within, or nobody says. The words are those of fhir.Result.Flag.
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

// flagged is a flag of a laboratory: 0 none, 1 normal, then marks.
type flagged uint8

var marks = []Mark{"", "", Low, High, CriticalLow, CriticalHigh, Critical, Abnormal}

func flagOf(flag string) flagged {
	if flag == "normal" {
		return 1
	}
	for i, m := range marks {
		if m != "" && string(m) == flag {
			return flagged(i)
		}
	}
	return 0
}

// mark is what the laboratory says; where it says nothing, how the number stands to the range it gave. Of "less than 5" one
// knows no more than that.
func (r *reading) mark() Mark {
	switch {
	case r.flag > 0:
		return marks[r.flag]
	case r.sign != '>' && (r.value < r.low || r.sign == '<' && r.value <= r.low):
		return Low
	case r.sign != '<' && (r.value > r.high || r.sign == '>' && r.value >= r.high):
		return High
	}
	return ""
}

// Print is a unit as people write it: "µmol/L" for umol/L, "mmHg" for mm[Hg].
func Print(unit string) string { return ucum.Print(unit) }
