// Package ucum reads the units in which laboratories and people measure, and turns a number in one into a number in
// another where that cannot mislead.
//
// The codes are those of the Unified Code for Units of Measure (https://ucum.org/ucum, version 2.2, case sensitive),
// which FHIR asks for: prefixes, products, quotients, powers, annotations and arbitrary units. Of its 300 atoms those
// are here that a laboratory, a ward or a household uses. What is not known is refused by name, never guessed.
//
// It is stricter than UCUM wherever UCUM would let a number be turned into one that a person misreads:
//
//   - A mole is not a number. UCUM makes mol a count, so that mmol/L could become 10*9/L.
//   - Equivalents and osmoles are no moles, as long as nobody says of which ion.
//   - Arbitrary units ([iU], [arb'U], …) only become multiples of themselves.
//   - A share of moles or of mass is no percentage: 48 mmol/mol of haemoglobin are 6.5 %, not 4.8 %.
//
// Mass and amount of a substance are turned into each other by Substance alone, which knows what was measured.
package ucum

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrUnknown says that something is no unit, or none that is known here.
var ErrUnknown = errors.New("no unit that is known")

// ErrApart says that a number in one unit cannot be told in the other.
var ErrApart = errors.New("the units do not measure the same")

// The dimensions: the seven of UCUM, and three that it would make numbers.
const (
	metre = iota
	second
	gram
	radian
	kelvin
	coulomb
	candela
	mole
	equivalent
	osmole
	arbitrary // of the atom in Unit.atom
	dimensions
)

// Unit is what a code means. The zero Unit is the number one.
type Unit struct {
	code   string
	factor float64 // how many of the coherent units of the dimensions
	zero   float64 // added first: where a scale of temperature begins
	net    [dimensions]int16
	under  [dimensions]int16 // exponents of what stood below the line, before it was cancelled
	atom   string            // the one arbitrary unit in it
}

// String is the code it was read from.
func (u Unit) String() string { return u.code }

// Like says whether a number in u can be told in v by a factor, or from scale to scale of temperature.
func (u Unit) Like(v Unit) bool {
	return u.net == v.net && u.atom == v.atom && u.under[mole] == v.under[mole] && u.under[gram] == v.under[gram]
}

// Convert tells x, which is in from, in to. ErrApart if that is not safe.
func Convert(x float64, from, to Unit) (float64, error) {
	if !from.Like(to) {
		return 0, fmt.Errorf("%w: %s, %s", ErrApart, from.code, to.code)
	}
	if from.factor == to.factor && from.zero == to.zero {
		return x, nil
	}
	y := (x+from.zero)*from.factor/to.factor - to.zero
	if math.IsInf(y, 0) || math.IsNaN(y) {
		return 0, fmt.Errorf("%w: out of range", ErrApart)
	}
	return y, nil
}

// The most a code may be: longer ones mean nothing.
const (
	maxCode     = 96
	maxDepth    = 6
	maxExponent = 9
)

// Parse reads a UCUM code. The empty code is the number one, as "1" is. The error is ErrUnknown.
func Parse(code string) (Unit, error) {
	if len(code) > maxCode {
		return Unit{}, fmt.Errorf("%w: longer than %d", ErrUnknown, maxCode)
	}
	if u, ok := scale(code); ok {
		return u, nil
	}
	p := parser{rest: code}
	u := one
	if code != "" {
		u = p.term(0)
	}
	if p.rest != "" || p.bad || !(u.factor > 0) || math.IsInf(u.factor, 0) {
		return Unit{}, fmt.Errorf("%w: %q", ErrUnknown, code)
	}
	u.code = code
	return u, nil
}

var one = Unit{factor: 1}

// scale reads the two scales of temperature, which stand alone: there are no degrees a minute.
func scale(code string) (Unit, bool) {
	bare, note, _ := strings.Cut(code, "{")
	if note != "" && strings.IndexByte(note, '}') != len(note)-1 {
		return Unit{}, false
	}
	u := Unit{code: code, factor: 1}
	u.net[kelvin] = 1
	switch bare {
	case "Cel":
		u.zero = 273.15
	case "[degF]":
		u.zero, u.factor = 459.67, 5.0/9
	default:
		return Unit{}, false
	}
	return u, true
}

// parser reads a term from the left, as UCUM has it: a/b.c is (a/b).c.
type parser struct {
	rest string
	bad  bool
}

func (p *parser) fail() Unit {
	p.bad = true
	return one
}

func (p *parser) take(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) term(depth int) Unit {
	if depth > maxDepth {
		return p.fail()
	}
	u := one
	if p.take('/') {
		u = p.times(u, p.component(depth), -1)
	} else {
		u = p.component(depth)
	}
	for !p.bad {
		switch {
		case p.take('.'):
			u = p.times(u, p.component(depth), 1)
		case p.take('/'):
			u = p.times(u, p.component(depth), -1)
		default:
			return u
		}
	}
	return u
}

func (p *parser) component(depth int) Unit {
	switch {
	case p.rest == "":
		return p.fail()
	case p.rest[0] == '{':
		p.annotation()
		return one
	case p.take('('):
		u := p.term(depth + 1)
		if !p.take(')') {
			return p.fail()
		}
		return u
	}
	u := p.annotatable()
	if strings.HasPrefix(p.rest, "{") {
		p.annotation()
	}
	return u
}

// annotation skips {what was counted}: it names a thing, it measures nothing.
func (p *parser) annotation() {
	end := strings.IndexByte(p.rest, '}')
	if end < 0 || strings.ContainsFunc(p.rest[1:end], func(r rune) bool { return r == '{' || r < '!' || r > '~' }) {
		p.fail()
		return
	}
	p.rest = p.rest[end+1:]
}

// annotatable is a whole number, or a unit with its power.
func (p *parser) annotatable() Unit {
	if n := digits(p.rest); n > 0 && !strings.HasPrefix(p.rest, "10*") && !strings.HasPrefix(p.rest, "10^") {
		u := one
		u.factor = float64(p.number(n))
		return u
	}
	n := symbol(p.rest)
	u, ok := unit(p.rest[:n])
	if !ok {
		return p.fail()
	}
	p.rest = p.rest[n:]
	return p.raise(u, p.exponent())
}

// number reads n digits; what is out of all proportion is no number.
func (p *parser) number(n int) (value int) {
	if n > 9 {
		p.fail()
		return 1
	}
	for _, c := range []byte(p.rest[:n]) {
		value = 10*value + int(c-'0')
	}
	p.rest = p.rest[n:]
	return value
}

func (p *parser) exponent() int {
	sign := 1
	if p.take('-') {
		sign = -1
	} else if !p.take('+') && digits(p.rest) == 0 {
		return 1
	}
	n := digits(p.rest)
	if n == 0 || n > 2 {
		p.fail()
		return 1
	}
	return sign * p.number(n)
}

func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }

// symbol is how long the name of a unit is that s begins with. What is in brackets belongs to it, digits too.
func symbol(s string) int {
	if strings.HasPrefix(s, "10*") || strings.HasPrefix(s, "10^") {
		return 3
	}
	inside := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '[':
			inside = true
		case c == ']':
			inside = false
		case !inside && strings.IndexByte("./(){}+-0123456789", c) >= 0:
			return i
		}
	}
	return len(s)
}

// unit is an atom, with or without a prefix. The atom alone comes first: "min" is no milli-inch.
func unit(name string) (Unit, bool) {
	if a, ok := atoms()[name]; ok {
		return a.unit(name), true
	}
	for n := 1; n <= 2 && n < len(name); n++ {
		if factor, a := prefixes[name[:n]], atoms()[name[n:]]; factor != 0 && a.metric {
			u := a.unit(name[n:])
			u.factor *= factor
			return u, true
		}
	}
	return Unit{}, false
}

// raise is u to the power of n. Ten has higher powers than others have.
func (p *parser) raise(u Unit, n int) Unit {
	if most := maxExponent; n > most || n < -most {
		if u.net != one.net || n > 30 || n < -30 {
			return p.fail()
		}
	}
	if u.factor == 10 && u.net == one.net {
		u.factor = math.Pow10(n)
		return u
	}
	r := one
	for range max(n, -n) {
		if r = p.times(r, u, 1); p.bad {
			return r
		}
	}
	if n < 0 {
		return p.times(one, r, -1)
	}
	return r
}

// times is u·v, or u/v where sign is -1.
func (p *parser) times(u, v Unit, sign int16) Unit {
	if u.atom != "" && v.atom != "" && u.atom != v.atom {
		return p.fail() // nobody knows what they are to one another
	}
	if sign > 0 {
		u.factor *= v.factor
	} else {
		u.factor /= v.factor
	}
	for i := range u.net {
		u.net[i] += sign * v.net[i]
		below := v.under[i]
		if sign < 0 {
			below = v.net[i] + v.under[i]
		}
		u.under[i] += below
		if u.net[i] > 99 || u.net[i] < -99 || u.under[i] > 99 || u.under[i] < -99 {
			return p.fail()
		}
	}
	if v.atom != "" {
		u.atom = v.atom
	}
	return u
}

// Dimension says what u measures: the same text for all units that are Like it, another for every other.
func (u Unit) Dimension() string {
	var b strings.Builder
	for i, n := range u.net {
		if n != 0 {
			fmt.Fprintf(&b, "%c%d", "msgrKCcneoa"[i], n)
		}
	}
	return fmt.Sprintf("%s/%d/%d/%s", &b, u.under[mole], u.under[gram], u.atom)
}
