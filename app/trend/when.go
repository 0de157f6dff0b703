package trend

import (
	"strconv"
	"time"

	"potli/app/fhir"
)

// when reads a FHIR date, dateTime or instant. at is in seconds since 1970; a date without a time of day is its noon, a
// month or year its middle. A time without a zone counts as UTC. timed says that there is a time of day.
func when(date string) (at int64, timed, ok bool) {
	d, ok := fhir.ParseDate(date)
	if !ok {
		d, ok = fhir.ParseDate(fhir.DayPart(date)) // a time that cannot be read
	}
	if !ok {
		return 0, false, false
	}
	switch d.Precision {
	case fhir.Year:
		d.Month, d.Day = 7, 1
	case fhir.Month:
		d.Day = 15
	case fhir.Instant:
		return d.Time(time.UTC).Unix(), !d.Midnight(), true
	}
	return d.Time(time.UTC).Unix() + 12*3600, false, true
}

// Day is a moment as a FHIR date, for the reader's language to say.
func Day(at int64) string { return time.Unix(at, 0).UTC().Format("2006-01-02") }

// Tick is a place on an axis, from 0 to 1, with its label.
type Tick struct {
	At    float64
	Label string // of time: a FHIR date; of values: a number
}

// Days are at most n ticks at the beginnings of years, months or days between two moments.
func Days(from, to int64, n int) []Tick {
	for _, step := range []struct {
		years, months, days int
		layout              string
	}{
		{0, 0, 1, "2006-01-02"}, {0, 0, 2, "2006-01-02"}, {0, 0, 7, "2006-01-02"}, {0, 1, 0, "2006-01"}, {0, 2, 0, "2006-01"}, {0, 3, 0, "2006-01"}, {0, 6, 0, "2006-01"},
		{1, 0, 0, "2006"}, {2, 0, 0, "2006"}, {5, 0, 0, "2006"}, {10, 0, 0, "2006"}, {20, 0, 0, "2006"}, {50, 0, 0, "2006"}, {1000, 0, 0, "2006"},
	} {
		t := floor(time.Unix(from, 0).UTC(), step.years, step.months)
		var ticks []Tick
		for ; t.Unix() <= to && len(ticks) <= n; t = t.AddDate(step.years, step.months, step.days) {
			if t.Unix() >= from {
				ticks = append(ticks, Tick{At: fraction(t.Unix(), from, to), Label: t.Format(step.layout)})
			}
		}
		if len(ticks) <= n {
			return ticks
		}
	}
	return nil
}

func floor(t time.Time, years, months int) time.Time {
	y, m, d := t.Date()
	switch {
	case years > 0:
		return time.Date(y-y%years, 1, 1, 0, 0, 0, 0, time.UTC)
	case months > 0:
		return time.Date(y, m-(m-1)%time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func fraction(at, from, to int64) float64 {
	if to <= from {
		return 0.5
	}
	return float64(at-from) / float64(to-from)
}

// decimal is a number with as many digits as carry meaning, and at least so many; never more than six behind the point.
func decimal(x float64, significant int) string {
	whole := len(strconv.FormatInt(int64(max(x, -x)), 10))
	if -1 < x && x < 1 {
		whole = 0
		for y := max(x, -x); y > 0 && y < 0.1 && whole > -6; y *= 10 {
			whole--
		}
	}
	return strconv.FormatFloat(x, 'f', min(max(significant-whole, 0), 6), 64)
}
