package e2e_test

import (
	"math"
	"strings"
	"testing"

	"potli/app/ucum"
)

// peerUnits are every atom that is read here, and products of them as laboratories write them.
var peerUnits = strings.Fields(`1 10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr]
	m s g rad K C cd mol eq osm min h d wk mo mo_j a a_j Hz Bq Ci l L st [foz_us] [cup_us] [pt_us] [tbs_us] [tsp_us] [drp]
	[in_i] [ft_i] [yd_i] [mi_i] Ao [Ch] t [lb_av] [oz_av] [gr] [stone_av] [car_m] deg ' '' N dyn Pa bar atm m[Hg] m[H2O] [psi] [in_i'Hg]
	J erg cal cal_th [Cal] W P St A V Ohm S Gy Sv RAD REM kat U [MET] Cel [degF]
	[iU] [IU] [arb'U] [USP'U] [CFU] [PFU] [FFU] [BAU] [AU] [GPL'U] [MPL'U] [APL'U] [beth'U] [todd'U] [EU] [ELU] [Lf] [PNU] [Amb'a'1'U] [D'ag'U] [anti'Xa'U] [HPF] [LPF] [pH]
	mg/dL g/dL g/L ug/L ug/dL ng/mL ng/dL pg/mL ng/L mg/L mmol/L umol/L nmol/L pmol/L mmol/mol umol/mol mg/g ug/mg mg/mmol meq/L mosm/kg mol/kg mmol/kg
	10*3/uL 10*9/L 10*6/uL 10*12/L /uL /mL {cells}/mm3 10*5/mm3 {ratio} fL pg uL mL dL U/L kU/L nkat/L ukat/L [iU]/L [IU]/mL u[iU]/mL m[IU]/L k[iU]/L [CFU]/mL
	mm/h cm/s m/s2 ms us mm[Hg] cm[H2O] kPa hPa mbar /min {beats}/min /h kg ug ng mm cm km kg/m2 g/cm2 mL/min L/h mL/min/{1.73_m2} mL/min/1.73.m2 mL/s/m2
	mL/kg mg/kg/d ug/kg/min kcal kJ mV uV mA uS kOhm L/L g/g g/kg /[HPF] mGy uSv MBq mCi dyn.s/cm5 kg.m/s2 10*-3.g 4.[tsp_us] (kg.m)/(s2) /(h.L) m2 m3 cm3 dm3 s-1 L-1 10*3 10^6`)

// Another implementation reads the same units, and wherever both turn a number in one into a number in the other they agree.
// Ours may refuse what it does; each refusal has one of the reasons of the package.
func TestUnitsPeer(t *testing.T) {
	values := []float64{5.5, 37, 126, 0.25}
	var weights []float64
	for _, code := range []string{"2345-7", "2093-3", "2160-0"} {
		_, s := ucum.Observable(code)
		weights = append(weights, s.Mass)
	}
	var lhc struct {
		Valid   []bool
		Plain   [][][]*float64
		Weighed [][][]*float64
	}
	withPeer(t, "ucum.mjs", map[string]any{"units": peerUnits, "values": values, "weights": weights}, &lhc)

	units := make([]ucum.Unit, len(peerUnits))
	for i, code := range peerUnits {
		var err error
		if units[i], err = ucum.Parse(code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		if !lhc.Valid[i] {
			t.Errorf("%s is no unit to them", code)
		}
	}
	agreed, refused := 0, map[string]int{}
	for i, from := range units {
		for j, to := range units {
			for k, x := range values {
				got, err := ucum.Convert(x, from, to)
				want := lhc.Plain[i][j][k]
				switch {
				case err != nil && want == nil:
				case err == nil && want == nil:
					if peerUnits[i] != peerUnits[j] && !arbitrary(peerUnits[i]) {
						t.Errorf("%v %s is %v %s to us alone", x, from, got, to)
					}
				case err != nil:
					why := ourReason(peerUnits[i], peerUnits[j])
					if why == "" {
						t.Errorf("we refuse %s in %s; to them it is %v", from, to, *want)
					}
					refused[why]++
				case math.Abs(got-*want) > 1e-6*max(math.Abs(got), 1e-30) && math.Abs(got-*want) > 1e-9*x:
					t.Errorf("%v %s is %v %s; to them %v", x, from, got, to, *want)
				default:
					agreed++
				}
			}
		}
	}
	t.Logf("%d units, %d conversions agreed, refused by us alone: %v", len(units), agreed, refused)
	if agreed < 3000 {
		t.Errorf("only %d conversions were compared", agreed)
	}
	weighed(t, units, lhc.Weighed, values[0])
}

// weighed compares what becomes of mass and amount of substance.
func weighed(t *testing.T, units []ucum.Unit, theirs [][][]*float64, x float64) {
	agreed := 0
	for w, code := range []string{"2345-7", "2093-3", "2160-0"} {
		_, s := ucum.Observable(code)
		for i, from := range units {
			for j, to := range units {
				got, err := s.Convert(x, from, to)
				if want := theirs[w][i][j]; err == nil && want != nil && !from.Like(to) {
					if agreed++; math.Abs(got-*want) > 1e-6*math.Abs(got) {
						t.Errorf("%s: %v %s is %v %s; to them %v", s.Name, x, from, got, to, *want)
					}
				}
			}
		}
	}
	t.Logf("%d conversions by weight agreed", agreed)
	if agreed < 300 {
		t.Errorf("only %d conversions by weight were compared", agreed)
	}
}

func arbitrary(code string) bool { return strings.Contains(code, "[") }

// ourReason is why we refuse what they do, "" if there is none.
func ourReason(a, b string) string {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(a, w) != strings.Contains(b, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("osm"):
		return "osmoles"
	case strings.Contains(a+b, "[HPF]"), strings.Contains(a+b, "[LPF]"):
		return "fields of a microscope"
	case has("mol", "kat", "U"):
		return "moles"
	case has("mg/g", "g/g", "g/kg", "ug/mg"):
		return "shares of mass"
	case has("[pH]"):
		return "pH"
	}
	return ""
}
