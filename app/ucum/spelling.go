package ucum

import "strings"

// Read reads a unit as people and laboratories write it: a UCUM code, or one of the spellings that mean just one thing
// ("mg/dl", "mmHg", "µmol/L", "cells/cumm"). ErrUnknown if it is neither.
func Read(written string) (Unit, error) {
	if len(written) > maxCode {
		return Unit{}, ErrUnknown
	}
	w := strings.Join(strings.Fields(written), " ")
	w = strings.NewReplacer("10³", "10*3", "10⁶", "10*6", "10⁹", "10*9", "10¹²", "10*12", "µ", "u", "μ", "u", "²", "2", "³", "3", "×", "x", "−", "-").Replace(w)
	if code, ok := spellings[strings.ToLower(w)]; ok {
		return Parse(code)
	}
	u, err := Parse(w)
	if err != nil {
		u, err = Parse(strings.ReplaceAll(w, " ", ""))
	}
	return u, err
}

// spellings are read without regard to case. None of them is UCUM for something else that is measured in people: gigametres
// a decilitre (Gm/dL) are nobody's haemoglobin, nor kelvins a microlitre (K/uL) anybody's platelets.
var spellings = map[string]string{
	"mg/dl": "mg/dL", "mg%": "mg/dL", "mg %": "mg/dL", "mgs/dl": "mg/dL", "mgs%": "mg/dL", "mg/100ml": "mg/dL", "mg/100 ml": "mg/dL",
	"g/dl": "g/dL", "gm/dl": "g/dL", "gms/dl": "g/dL", "gm%": "g/dL", "gm %": "g/dL", "g%": "g/dL", "gms%": "g/dL", "gm/l": "g/L",
	"mcg/dl": "ug/dL", "ug/dl": "ug/dL", "mcg/l": "ug/L", "ug/l": "ug/L", "mcg/ml": "ug/mL", "ng/dl": "ng/dL", "ng/ml": "ng/mL", "pg/ml": "pg/mL",
	"mmol/l": "mmol/L", "umol/l": "umol/L", "nmol/l": "nmol/L", "pmol/l": "pmol/L", "mmoles/l": "mmol/L", "meq/l": "meq/L",
	"iu/l": "[iU]/L", "iu/ml": "[iU]/mL", "miu/l": "m[iU]/L", "miu/ml": "m[iU]/mL", "uiu/ml": "u[iU]/mL", "iu": "[iU]", "u/l": "U/L", "units/l": "U/L",
	"mmhg": "mm[Hg]", "mm hg": "mm[Hg]", "mm of hg": "mm[Hg]", "cmh2o": "cm[H2O]",
	"°c": "Cel", "degc": "Cel", "deg c": "Cel", "celsius": "Cel", "degrees celsius": "Cel", "c": "Cel",
	"°f": "[degF]", "degf": "[degF]", "deg f": "[degF]", "fahrenheit": "[degF]", "degrees fahrenheit": "[degF]", "f": "[degF]",
	"bpm": "{beats}/min", "beats/min": "{beats}/min", "beats/minute": "{beats}/min", "beats per minute": "{beats}/min", "/minute": "/min",
	"breaths/min": "{breaths}/min", "breaths/minute": "{breaths}/min", "breaths per minute": "{breaths}/min", "l/min": "L/min",
	"percent": "%", "kgs": "kg", "kilograms": "kg", "lb": "[lb_av]", "lbs": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]", "stone": "[stone_av]",
	"cms": "cm", "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "ft": "[ft_i]", "feet": "[ft_i]", "kg/m^2": "kg/m2", "kg/sq m": "kg/m2", "kg/sq.m": "kg/m2",
	"cells/cumm": "{cells}/mm3", "/cumm": "/mm3", "/cmm": "/mm3", "cells/cmm": "{cells}/mm3", "per cumm": "/mm3", "cu mm": "/mm3", "/cu mm": "/mm3", "/cu.mm": "/mm3",
	"cells/ul": "{cells}/uL", "cells/mm3": "{cells}/mm3", "/ul": "/uL", "k/ul": "10*3/uL", "thou/ul": "10*3/uL", "thousand/ul": "10*3/uL", "x10^3/ul": "10*3/uL",
	"x103/ul": "10*3/uL", "103/ul": "10*3/uL", "106/ul": "10*6/uL", "109/l": "10*9/L", "1012/l": "10*12/L", "x10*3/ul": "10*3/uL", "x10*6/ul": "10*6/uL", "x10*9/l": "10*9/L", "10^3/ul": "10*3/uL", "10*3/ul": "10*3/uL", "thou/mm3": "10*3/mm3", "x10^9/l": "10*9/L", "10^9/l": "10*9/L", "10*9/l": "10*9/L", "x10e9/l": "10*9/L", "x10e3/ul": "10*3/uL",
	"lakhs/cumm": "10*5/mm3", "lakh/cumm": "10*5/mm3", "lac/cumm": "10*5/mm3", "lacs/cumm": "10*5/mm3", "lakhs/ul": "10*5/uL",
	"million/cumm": "10*6/mm3", "millions/cumm": "10*6/mm3", "mill/cumm": "10*6/mm3", "million/ul": "10*6/uL", "mill/mm3": "10*6/mm3", "x10^6/ul": "10*6/uL", "10^6/ul": "10*6/uL", "10*6/ul": "10*6/uL", "m/ul": "10*6/uL", "x10^12/l": "10*12/L", "10^12/l": "10*12/L",
	"ml/min/1.73m2": "mL/min/{1.73_m2}", "ml/min/1.73 m2": "mL/min/{1.73_m2}", "ml/min/{1.73_m2}": "mL/min/{1.73_m2}", "ml/min/1.73sqm": "mL/min/{1.73_m2}",
	"mm/hr": "mm/h", "mm/1st hr": "mm/h", "mm/1hr": "mm/h", "mm 1st hr": "mm/h", "mm/hour": "mm/h", "mm at 1hr": "mm/h",
	"sec": "s", "secs": "s", "seconds": "s", "mins": "min", "minutes": "min", "hrs": "h", "hours": "h", "days": "d", "weeks": "wk", "months": "mo", "years": "a", "yrs": "a",
	"fl": "fL", "pg": "pg", "ratio": "{ratio}", "score": "{score}", "index": "{index}", "steps": "{steps}",
}

// Print is a code as people write it: "µmol/L" for umol/L, "mmHg" for mm[Hg], "10³/µL" for 10*3/uL.
func Print(code string) string {
	if s, ok := printed[code]; ok {
		return s
	}
	if _, err := Parse(code); err != nil {
		return code // as it was written
	}
	var b strings.Builder
	start := true // of a unit
	for i := 0; i < len(code); {
		rest := code[i:]
		if p, s := piece(rest); p != "" {
			b.WriteString(s)
			i += len(p)
			start = false
			continue
		}
		c := rest[0]
		switch {
		case c == 'u' && start && len(rest) > 1 && (rest[1] == '[' || rest[1] >= 'A' && rest[1] <= 'z'):
			b.WriteString("µ")
		case c == '.':
			b.WriteString("·")
		case c == '{':
			note, _, _ := strings.Cut(rest[1:], "}")
			if start {
				b.WriteString(strings.ReplaceAll(note, "_", " "))
			}
			i += len(note) + 1
		case c == '[' || c == ']':
		case c >= '0' && c <= '9' && !start:
			b.WriteString(superscript[c-'0'])
		case c == '-' && !start:
			b.WriteString("⁻")
		default:
			b.WriteByte(c)
		}
		start = c == '.' || c == '/' || c == '('
		i++
	}
	return b.String()
}

var printed = map[string]string{"Cel": "°C", "[degF]": "°F", "1": "", "a": "y", "mm[Hg]": "mmHg", "cm[H2O]": "cmH₂O", "mL/min/{1.73_m2}": "mL/min/1.73 m²"}

var superscript = []string{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"}

// piece is an atom at the beginning of s that has another name among people.
func piece(s string) (code, name string) {
	for _, p := range pieces {
		if strings.HasPrefix(s, p[0]) {
			return p[0], p[1]
		}
	}
	return "", ""
}

var pieces = [][2]string{{"10*", "10"}, {"10^", "10"}, {"[iU]", "IU"}, {"[lb_av]", "lb"}, {"[oz_av]", "oz"}, {"[in_i]", "in"}, {"[ft_i]", "ft"}, {"[stone_av]", "st"},
	{"[Hg]", "Hg"}, {"[H2O]", "H₂O"}, {"[pH]", "pH"}}
