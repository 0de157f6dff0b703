package ucum

import (
	"math"
	"sync"
)

// prefixes of UCUM, table 1.
var prefixes = map[string]float64{
	"Y": 1e24, "Z": 1e21, "E": 1e18, "P": 1e15, "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "h": 1e2, "da": 1e1,
	"d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "a": 1e-18, "z": 1e-21, "y": 1e-24,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
}

// atom is a unit with a name of its own: so many of another, or a dimension.
type atom struct {
	value  float64
	of     []power
	metric bool // takes a prefix
	same   string
}

// power is a dimension with its exponent.
type power struct {
	dimension int
	exponent  int16
}

func (a atom) unit(name string) Unit {
	u := Unit{factor: a.value}
	for _, p := range a.of {
		u.net[p.dimension] = p.exponent
		if p.dimension == arbitrary {
			u.atom = name
			if a.same != "" {
				u.atom = a.same
			}
		}
	}
	return u
}

// Dimensions that several units have.
var (
	number    []power
	length    = []power{{metre, 1}}
	volume    = []power{{metre, 3}}
	mass      = []power{{gram, 1}}
	duration  = []power{{second, 1}}
	rate      = []power{{second, -1}}
	pressure  = []power{{metre, -1}, {second, -2}, {gram, 1}}
	energy    = []power{{metre, 2}, {second, -2}, {gram, 1}}
	dose      = []power{{metre, 2}, {second, -2}}
	catalytic = []power{{mole, 1}, {second, -1}}
	own       = []power{{arbitrary, 1}}
)

func metric(value float64, of []power) atom { return atom{value: value, of: of, metric: true} }
func plain(value float64, of []power) atom  { return atom{value: value, of: of} }

// atoms are those of UCUM, tables 2 to 21, that measure people. Values are UCUM's, told in metre, second, gram, radian,
// kelvin, coulomb, candela and mole.
var atoms = sync.OnceValue(func() map[string]atom {
	return map[string]atom{
		"m": metric(1, length), "s": metric(1, duration), "g": metric(1, mass), "rad": metric(1, []power{{radian, 1}}),
		"K": metric(1, []power{{kelvin, 1}}), "C": metric(1, []power{{coulomb, 1}}), "cd": metric(1, []power{{candela, 1}}),
		"mol": metric(1, []power{{mole, 1}}), "eq": metric(1, []power{{equivalent, 1}}), "osm": metric(1, []power{{osmole, 1}}),

		"10*": plain(10, number), "10^": plain(10, number), "[pi]": plain(math.Pi, number),
		"%": plain(1e-2, number), "[ppth]": plain(1e-3, number), "[ppm]": plain(1e-6, number), "[ppb]": plain(1e-9, number),
		"[pptr]": plain(1e-12, number),

		"min": plain(60, duration), "h": plain(3600, duration), "d": plain(86400, duration), "wk": plain(604800, duration),
		"mo": plain(2629800, duration), "mo_j": plain(2629800, duration), "a": plain(31557600, duration), "a_j": plain(31557600, duration),
		"Hz": metric(1, rate), "Bq": metric(1, rate), "Ci": metric(3.7e10, rate),

		"l": metric(1e-3, volume), "L": metric(1e-3, volume), "st": metric(1, volume),
		"[foz_us]": plain(29.5735295625e-6, volume), "[cup_us]": plain(236.5882365e-6, volume), "[pt_us]": plain(473.176473e-6, volume),
		"[tbs_us]": plain(14.78676478125e-6, volume), "[tsp_us]": plain(4.92892159375e-6, volume), "[drp]": plain(5e-8, volume),
		"[in_i]": plain(0.0254, length), "[ft_i]": plain(0.3048, length), "[yd_i]": plain(0.9144, length), "[mi_i]": plain(1609.344, length),
		"Ao": plain(1e-10, length), "[Ch]": plain(1e-3/3, length),
		"t": metric(1e6, mass), "[lb_av]": plain(453.59237, mass), "[oz_av]": plain(28.349523125, mass), "[gr]": plain(0.06479891, mass),
		"[stone_av]": plain(6350.29318, mass), "[car_m]": plain(0.2, mass),
		"deg": plain(math.Pi/180, []power{{radian, 1}}), "'": plain(math.Pi/10800, []power{{radian, 1}}), "''": plain(math.Pi/648000, []power{{radian, 1}}),

		"N": metric(1e3, []power{{metre, 1}, {second, -2}, {gram, 1}}), "dyn": metric(1e-2, []power{{metre, 1}, {second, -2}, {gram, 1}}),
		"Pa": metric(1e3, pressure), "bar": metric(1e8, pressure), "atm": plain(101325e3, pressure),
		"m[Hg]": metric(133322e3, pressure), "m[H2O]": metric(9806.65e3, pressure), "[psi]": plain(0.45359237e3*9.80665/(0.0254*0.0254), pressure),
		"[in_i'Hg]": plain(133322e3*0.0254, pressure),
		"J":         metric(1e3, energy), "erg": metric(1e-4, energy), "cal": metric(4184, energy), "cal_th": metric(4184, energy), "[Cal]": plain(4184e3, energy),
		"W": metric(1e3, []power{{metre, 2}, {second, -3}, {gram, 1}}), "P": metric(1e2, []power{{metre, -1}, {second, -1}, {gram, 1}}),
		"St": metric(1e-4, []power{{metre, 2}, {second, -1}}),
		"A":  metric(1, []power{{coulomb, 1}, {second, -1}}), "V": metric(1e3, []power{{metre, 2}, {second, -2}, {gram, 1}, {coulomb, -1}}),
		"Ohm": metric(1e3, []power{{metre, 2}, {second, -1}, {gram, 1}, {coulomb, -2}}), "S": metric(1e-3, []power{{metre, -2}, {second, 1}, {gram, -1}, {coulomb, 2}}),
		"Gy": metric(1, dose), "Sv": metric(1, dose), "RAD": metric(1e-2, dose), "REM": metric(1e-2, dose),
		"kat": metric(1, catalytic), "U": metric(1e-6/60, catalytic),
		"[MET]": plain(3.5e-6/60/1e3, []power{{metre, 3}, {second, -1}, {gram, -1}}),

		"[iU]": {value: 1, of: own, metric: true}, "[IU]": {value: 1, of: own, metric: true, same: "[iU]"},
		"[arb'U]": plain(1, own), "[USP'U]": plain(1, own), "[CFU]": plain(1, own), "[PFU]": plain(1, own), "[FFU]": plain(1, own),
		"[BAU]": plain(1, own), "[AU]": plain(1, own), "[GPL'U]": plain(1, own), "[MPL'U]": plain(1, own), "[APL'U]": plain(1, own),
		"[beth'U]": plain(1, own), "[todd'U]": plain(1, own), "[EU]": plain(1, own), "[ELU]": plain(1, own), "[Lf]": plain(1, own),
		"[PNU]": plain(1, own), "[Amb'a'1'U]": plain(1, own), "[D'ag'U]": plain(1, own), "[anti'Xa'U]": plain(1, own),
		"[HPF]": plain(1, own), "[LPF]": plain(1, own), "[pH]": plain(1, own),
	}
})
