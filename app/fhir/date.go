package fhir

import (
	"strings"
	"time"
)

// Precision says how much of a date is known.
type Precision uint8

// Precisions.
const (
	Year Precision = iota + 1
	Month
	Day
	Instant // a day with a time of day
)

// Date is a FHIR date, dateTime or instant
// (https://hl7.org/fhir/R4/datatypes.html#dateTime), as much of it as was written: nothing is
// added to a year but by who reckons with it, and a time of day stays in the zone of its
// author, which is what stands on the paper.
type Date struct {
	Precision            Precision
	Year, Month, Day     int // Month and Day are 0 where they are not known
	Hour, Minute, Second int
	Offset               int  // of the zone from UTC, in minutes
	Zoned                bool // the zone is known
	Strict               bool // it is written as FHIR wants it, with seconds and a zone where there is a time of day
}

// maxDate is longer than any date of use: a fraction of a second may have any number of digits.
const maxDate = 48

// ParseDate reads a date. A time of day may lack its seconds and its zone, and have the zone
// without a colon, as many systems write it. false: it is no date, or on a day or at a time that
// there is not.
func ParseDate(s string) (d Date, ok bool) {
	date, clock, timed := strings.Cut(s, "T")
	if len(s) > maxDate || !d.day(date) || timed && (d.Precision != Day || !d.clock(clock)) {
		return Date{}, false
	}
	if d.Strict = true; timed {
		d.Precision, d.Strict = Instant, d.Zoned && isFull(clock)
	}
	return d, true
}

// day reads what stands before the T.
func (d *Date) day(s string) bool {
	ok := true
	switch len(s) {
	case 10:
		d.Precision, d.Day, ok = Day, two(s[8:]), s[7] == '-'
		s = s[:7]
		fallthrough
	case 7:
		d.Precision, d.Month, ok = max(d.Precision, Month), two(s[5:]), ok && s[4] == '-'
		s = s[:4]
		fallthrough
	case 4:
		d.Precision, d.Year = max(d.Precision, Year), two(s[:2])*100+two(s[2:])
		ok = ok && two(s[:2]) >= 0 && two(s[2:]) >= 0
	default:
		return false
	}
	return ok && d.Year > 0 && (d.Precision < Month || d.Month >= 1 && d.Month <= 12) && (d.Precision < Day || d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month))
}

// two is the number of two digits, or far below 0.
func two(s string) int {
	if s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return -10_000
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// clock reads what stands behind the T.
func (d *Date) clock(s string) bool {
	if i := strings.IndexAny(s, "Z+-"); i >= 0 {
		if !d.zone(s[i:]) {
			return false
		}
		s = s[:i]
	}
	s, fraction, some := strings.Cut(s, ".")
	if some && (len(s) != 8 || fraction == "" || strings.Trim(fraction, "0123456789") != "") {
		return false
	}
	if len(s) != 5 && len(s) != 8 || s[2] != ':' {
		return false
	}
	if d.Hour, d.Minute = two(s), two(s[3:]); len(s) == 8 {
		if d.Second = two(s[6:]); s[5] != ':' {
			return false
		}
	}
	return d.Hour >= 0 && d.Hour < 24 && d.Minute >= 0 && d.Minute < 60 && d.Second >= 0 && d.Second <= 60 // a leap second
}

// zone reads Z, +05:30, +0530 or +05, up to fourteen hours.
func (d *Date) zone(s string) bool {
	d.Zoned = true
	if s == "Z" {
		return true
	}
	sign, hours, minutes := 1, 0, 0
	switch {
	case len(s) == 6 && s[3] == ':':
		hours, minutes = two(s[1:]), two(s[4:])
	case len(s) == 5:
		hours, minutes = two(s[1:]), two(s[3:])
	case len(s) == 3:
		hours = two(s[1:])
	default:
		return false
	}
	if s[0] == '-' {
		sign = -1
	}
	d.Offset = sign * (hours*60 + minutes)
	return s[0] != 'Z' && hours >= 0 && minutes >= 0 && minutes < 60 && hours*60+minutes <= 14*60
}

// isFull says whether a time of day that could be read is written with its seconds and with a
// colon in its zone.
func isFull(clock string) bool {
	i := strings.IndexAny(clock, "Z+-")
	return i >= 8 && (clock[i] == 'Z' || len(clock)-i == 6)
}

// Midnight says whether the time of day is midnight to the second, which is how many systems
// write that they know no time.
func (d Date) Midnight() bool {
	return d.Precision == Instant && d.Hour == 0 && d.Minute == 0 && d.Second == 0
}

// Time is the first moment a date can mean, in its own zone, else in in. It is for reckoning:
// whoever shows it says no more than Precision allows.
func (d Date) Time(in *time.Location) time.Time {
	if d.Zoned {
		in = time.FixedZone("", d.Offset*60)
		if d.Offset == 0 {
			in = time.UTC
		}
	}
	return time.Date(d.Year, time.Month(max(d.Month, 1)), max(d.Day, 1), d.Hour, d.Minute, d.Second, 0, in)
}

// MonthsBefore is the day, month or year so many months before a date, as a FHIR date no more
// precise than it.
func (d Date) MonthsBefore(n int) string {
	d.Hour, d.Minute, d.Second, d.Zoned = 0, 0, 0, false
	layout := [...]string{Year: "2006", Month: "2006-01", Day: time.DateOnly, Instant: time.DateOnly}[d.Precision]
	return d.Time(time.UTC).AddDate(0, -n, 0).Format(layout)
}

// ParseDay is ParseDate for what may be a year, a month or a day, and not a time of day.
func ParseDay(s string) (Date, bool) {
	d, ok := ParseDate(s)
	return d, ok && d.Precision < Instant
}

// DayPart is a date without its time of day, whatever it is: what dates of any precision are
// put in order by.
func DayPart(s string) string { return s[:min(len(s), len(time.DateOnly))] }

// Past says whether a date of any precision lies wholly before a day (YYYY-MM-DD).
func Past(date, today string) bool {
	d := DayPart(date)
	return d != "" && d < today[:min(len(d), len(today))]
}
