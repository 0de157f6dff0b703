package applehealth

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"potli/app/xml"
)

// Kind is what is measured. A person chooses by it.
type Kind string

// Kinds, in the order in which they are offered.
const (
	BloodPressure Kind = "blood-pressure"
	Weight        Kind = "weight"
	Height        Kind = "height"
	Temperature   Kind = "temperature"
	Oxygen        Kind = "oxygen"
	Pulse         Kind = "pulse"
	RestingPulse  Kind = "resting-pulse"
	Glucose       Kind = "glucose"
	Breaths       Kind = "breaths"
	PeakFlow      Kind = "peak-flow"
	Steps         Kind = "steps"
)

var kinds = []Kind{BloodPressure, Weight, Height, Temperature, Oxygen, Pulse, RestingPulse, Glucose, Breaths, PeakFlow, Steps}

// types are Apple's names (HealthKit, HKQuantityTypeIdentifier).
var types = map[string]Kind{
	"BodyMass": Weight, "Height": Height, "BodyTemperature": Temperature, "OxygenSaturation": Oxygen, "HeartRate": Pulse,
	"RestingHeartRate": RestingPulse, "BloodGlucose": Glucose, "RespiratoryRate": Breaths, "PeakExpiratoryFlowRate": PeakFlow, "StepCount": Steps,
	"BloodPressureSystolic": BloodPressure, "BloodPressureDiastolic": BloodPressure,
}

// most is how many values of one day are kept one by one. A day that has more is
// told by its mean, lowest and highest: a watch measures the pulse every few
// minutes, and nobody reads a hundred thousand numbers. Steps are always a sum.
func (k Kind) most() int {
	switch k {
	case Steps:
		return 0
	case Pulse, RestingPulse, Oxygen, Breaths:
		return 4
	}
	return 24
}

// maxDays is how many days are kept, of all kinds together.
var maxDays = 150_000

// Limits of what else is kept of export.xml.
const (
	maxValues  = 500_000
	maxPending = 10_000 // halves of blood pressures
	maxSources = 2_000
	maxSource  = 100 // bytes of the name of a device
	maxUnit    = 64  // bytes: Apple's longest has 24
)

// Vitals are the measurements of an export, by day.
type Vitals struct {
	Born, Gender string // of the person, as the export says: a FHIR date and gender; ""
	Broken       bool   // export.xml ends early or is damaged: there may have been more

	exported string // the day of the export: it was not over
	days     map[Kind]map[dayKey]*day
	pending  map[halfKey]half
	sources  map[string]string
	number   int // of days
	values   int
}

type dayKey struct{ date, unit string }

// day are the values of one kind on one day in one unit.
type day struct {
	values         []value // while there are few
	n              int
	sum, low, high float64
	start, end     string
	source         string
	by             map[string]float64 // steps of each device
}

type value struct {
	start, end, number, second, source string // second: the diastolic pressure
}

type halfKey struct{ start, source string }

type half struct {
	systolic bool
	number   string
}

// Year is how many values of a kind fall into one year.
type Year struct {
	Year  string
	Count int
}

// Look reads all measurements once. progress is told how many bytes were read, and
// called often: it may rest there. Errors: ErrDamaged for what is no export at all,
// ErrTooBig, those of ctx and the source.
func (e *Export) Look(ctx context.Context, progress func(done, total int64)) (*Vitals, error) {
	v := &Vitals{days: map[Kind]map[dayKey]*day{}, pending: map[halfKey]half{}, sources: map[string]string{}}
	if e.measured == nil {
		return v, nil
	}
	file, err := e.measured.Open()
	if err != nil {
		return nil, damaged(err)
	}
	defer file.Close()
	source := &counted{r: file, ctx: ctx, total: e.Measured(), progress: progress}
	err = v.read(xml.NewReader(source))
	var syntax *xml.SyntaxError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == io.EOF:
	case errors.Is(err, xml.ErrTooBig), errors.Is(err, xml.ErrTooDeep), errors.Is(err, ErrTooBig):
		return nil, errors.Join(ErrTooBig, err)
	case errors.As(err, &syntax), errors.Is(damaged(err), ErrDamaged):
		v.Broken = true // Apple's own exports are: what came before is good
	default:
		return nil, err
	}
	v.pending = nil
	return v, nil
}

// counted reads with progress, until it is cancelled or too long.
type counted struct {
	r           io.Reader
	ctx         context.Context
	done, total int64
	progress    func(done, total int64)
}

func (c *counted) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	if c.done > maxXML {
		return 0, ErrTooBig
	}
	n, err := c.r.Read(b)
	c.done += int64(n)
	if c.progress != nil {
		c.progress(c.done, max(c.total, c.done))
	}
	return n, err
}

func (v *Vitals) read(r *xml.Reader) error {
	for {
		t, err := r.Next()
		if err != nil {
			return err
		}
		if t.Kind != xml.Start {
			continue
		}
		switch t.Name {
		case "Record":
			if err := v.record(t); err != nil {
				return err
			}
		case "Me":
			v.me(t)
		case "ExportDate":
			v.exported, _ = when(string(t.Attr("value")))
			v.exported, _, _ = strings.Cut(v.exported, "T")
		}
	}
}

func (v *Vitals) me(t *xml.Token) {
	if born := string(t.Attr("HKCharacteristicTypeIdentifierDateOfBirth")); len(born) == 10 && isDate(born) {
		v.Born = born
	}
	switch string(t.Attr("HKCharacteristicTypeIdentifierBiologicalSex")) {
	case "HKBiologicalSexFemale":
		v.Gender = "female"
	case "HKBiologicalSexMale":
		v.Gender = "male"
	case "HKBiologicalSexOther":
		v.Gender = "other"
	}
}

// record takes in one measurement. What cannot be read is passed over: an export
// holds a million, and one more without a value says nothing.
func (v *Vitals) record(t *xml.Token) error {
	typ, ok := strings.CutPrefix(string(t.Attr("type")), "HKQuantityTypeIdentifier")
	kind := types[typ]
	if !ok || kind == "" {
		return nil
	}
	number, f, ok := decimal(string(t.Attr("value")))
	start, ok2 := when(string(t.Attr("startDate")))
	if !ok || !ok2 {
		return nil
	}
	end, ok := when(string(t.Attr("endDate")))
	if !ok {
		end = start
	}
	x := value{start: start, end: end, number: number, source: v.source(t.Attr("sourceName"))}
	unit := string(t.Attr("unit"))
	if len(unit) > maxUnit {
		return nil
	}
	if kind == Oxygen && f <= 1 { // Apple writes 0.97 and calls it %
		f = math.Round(f*1000) / 10
		x.number = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if kind == BloodPressure {
		return v.pressure(x, unit, typ == "BloodPressureSystolic")
	}
	return v.add(kind, unit, x, f)
}

// source is the name of a device, kept once and cut where it is very long.
func (v *Vitals) source(b []byte) string {
	b = b[:min(len(b), maxSource)]
	s, ok := v.sources[string(b)]
	if !ok {
		s = strings.ToValidUTF8(strings.Join(strings.Fields(string(b)), " "), "")
		if len(v.sources) < maxSources {
			v.sources[string(b)] = s
		}
	}
	return s
}

// pressure joins the two numbers of a blood pressure, which the export has apart,
// and twice: alone and inside of a Correlation.
func (v *Vitals) pressure(x value, unit string, systolic bool) error {
	key := halfKey{x.start, x.source}
	other, ok := v.pending[key]
	if !ok || other.systolic == systolic {
		if len(v.pending) < maxPending {
			v.pending[key] = half{systolic, x.number}
		}
		return nil
	}
	delete(v.pending, key)
	if systolic {
		x.second = other.number
	} else {
		x.number, x.second = other.number, x.number
	}
	return v.add(BloodPressure, unit, x, 0)
}

func (v *Vitals) add(k Kind, unit string, x value, f float64) error {
	date := x.start[:10]
	if v.days[k] == nil {
		v.days[k] = map[dayKey]*day{}
	}
	key := dayKey{date, unit}
	d := v.days[k][key]
	if d == nil {
		if v.number++; v.number > maxDays {
			return ErrTooBig
		}
		d = &day{low: f, high: f, start: x.start, end: x.end, source: x.source}
		v.days[k][dayKey{date, strings.Clone(unit)}] = d
	}
	if slices.Contains(d.values, x) {
		return nil
	}
	d.n++
	d.sum += f
	d.low, d.high = min(d.low, f), max(d.high, f)
	d.start, d.end = min(d.start, x.start), max(d.end, x.end)
	if d.source != x.source && !strings.Contains(d.source, x.source) && len(d.source) < 200 {
		d.source += ", " + x.source
	}
	if k == Steps {
		if d.by == nil {
			d.by = map[string]float64{}
		}
		if _, known := d.by[x.source]; known || len(d.by) < 20 {
			d.by[x.source] += f
		}
		return nil
	}
	if d.n <= k.most() || k == BloodPressure {
		if v.values++; v.values > maxValues {
			return ErrTooBig
		}
		d.values = append(d.values, x)
	} else if d.values != nil {
		v.values -= len(d.values)
		d.values = nil
	}
	return nil
}

// folded says whether a day is told by its mean: of the day of the export, which
// was not over, that would not stay true.
func (d *day) folded() bool { return d.values == nil }

// shown is how many observations a day makes.
func (v *Vitals) shown(key dayKey, d *day) int {
	switch {
	case !d.folded():
		return len(d.values)
	case key.date == v.exported:
		return 0
	}
	return 1
}

// Kinds are those of which there is anything, in the order in which they are offered.
func (v *Vitals) Kinds() []Kind {
	var out []Kind
	for _, k := range kinds {
		if len(v.Years(k)) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// Years of a kind, the newest first, with how many values they will have.
func (v *Vitals) Years(k Kind) []Year {
	count := map[string]int{}
	for key, d := range v.days[k] {
		if n := v.shown(key, d); n > 0 {
			count[key.date[:4]] += n
		}
	}
	var out []Year
	for y, n := range count {
		out = append(out, Year{y, n})
	}
	slices.SortFunc(out, func(a, b Year) int { return strings.Compare(b.Year, a.Year) })
	return out
}

// when makes a FHIR dateTime of "2021-09-05 12:00:00 -0400".
func when(s string) (string, bool) {
	if len(s) != 25 || s[10] != ' ' || s[19] != ' ' || !isDate(s[:10]) || s[13] != ':' || s[16] != ':' ||
		!digits(s[11:13]+s[14:16]+s[17:19]+s[21:25]) || s[11:13] > "23" || s[14:16] > "59" || s[17:19] > "59" || s[20] != '+' && s[20] != '-' || s[21:23] > "14" {
		return "", false
	}
	return s[:10] + "T" + s[11:19] + s[20:23] + ":" + s[23:25], true
}

func isDate(s string) bool {
	return s[4] == '-' && s[7] == '-' && digits(s[:4]+s[5:7]+s[8:10]) && s[:4] > "1899" && s[5:7] >= "01" && s[5:7] <= "12" && s[8:10] >= "01" && s[8:10] <= "31"
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// decimal is a number as written, where it is one of a sensible length.
func decimal(s string) (string, float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || f < -1e9 || f > 1e9 {
		return "", 0, false
	}
	if len(s) > 12 || strings.Trim(s, "0123456789.-") != "" || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.HasPrefix(s, "-.") || len(s) > 1 && s[0] == '0' && s[1] != '.' {
		s = strconv.FormatFloat(math.Round(f*1e4)/1e4, 'f', -1, 64)
	}
	return s, f, true
}
