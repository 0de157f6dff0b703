package locale

import (
	"strconv"
	"strings"
	"time"
)

// moment is a FHIR date, dateTime or instant as it was written, of any precision
// (https://hl7.org/fhir/R4/datatypes.html#dateTime). The time stays in the zone of its author: it is what stands on
// the paper from the clinic.
type moment struct {
	year, month, day int
	hour, minute     int
	timed            bool
}

// read parses s by hand: a regular expression would cost the download 100 KB.
func read(s string) (moment, bool) {
	date, clock, timed := strings.Cut(s, "T")
	parts := strings.Split(date, "-")
	widths := [3]int{4, 2, 2}
	if len(parts) > 3 {
		return moment{}, false
	}
	var n [3]int
	for i, p := range parts {
		if len(p) != widths[i] || !digits(p) {
			return moment{}, false
		}
		n[i], _ = strconv.Atoi(p)
	}
	m := moment{year: n[0], month: n[1], day: n[2]}
	if !m.valid(len(parts)) {
		return moment{}, false
	}
	if timed {
		return m.at(clock, len(parts))
	}
	return m, true
}

func (m moment) valid(parts int) bool {
	if parts > 1 && (m.month < 1 || m.month > 12) {
		return false
	}
	return parts < 3 || m.day == time.Date(m.year, time.Month(m.month), m.day, 0, 0, 0, 0, time.UTC).Day() && m.day > 0
}

// at adds the time of day. Midnight to the second is how many systems write "no time known", so it is not shown.
func (m moment) at(clock string, parts int) (moment, bool) {
	if parts != 3 || len(clock) < 5 || clock[2] != ':' || !digits(clock[:2]) || !digits(clock[3:5]) {
		return moment{}, false
	}
	m.hour, _ = strconv.Atoi(clock[:2])
	m.minute, _ = strconv.Atoi(clock[3:5])
	if m.hour > 23 || m.minute > 59 {
		return moment{}, false
	}
	m.timed = !strings.HasPrefix(clock, "00:00:00")
	return m, true
}

// Date says a FHIR date, dateTime or instant of any precision by its day ("12 June 2026", "June 2026", "2026"); what is
// no date is returned as it is.
func (l *Locale) Date(s string) string {
	m, ok := read(s)
	if !ok {
		return s
	}
	return l.day(m)
}

// Moment is Date with the time of day where one was written: "12 June 2026, 2:05 pm".
func (l *Locale) Moment(s string) string {
	m, ok := read(s)
	if !ok {
		return s
	}
	if !m.timed {
		return l.day(m)
	}
	return l.T("date.time", "date", l.day(m), "time", l.clock(m.hour, m.minute))
}

// Month says the month of a FHIR date ("June 2026"), for headings; "" when s has none.
func (l *Locale) Month(s string) string {
	m, ok := read(s)
	if !ok {
		return ""
	}
	m.day = 0
	return l.day(m)
}

func (l *Locale) day(m moment) string {
	year := strconv.Itoa(m.year)
	month := l.T("month." + strconv.Itoa(m.month))
	switch {
	case m.month == 0:
		return year
	case m.day == 0:
		return l.T("date.month", "month", month, "year", year)
	}
	return l.T("date.day", "day", strconv.Itoa(m.day), "month", month, "year", year)
}

// DateTime says a moment in the person's own time zone.
func (l *Locale) DateTime(t time.Time) string {
	t = t.Local()
	day := l.day(moment{year: t.Year(), month: int(t.Month()), day: t.Day()})
	return l.T("date.time", "date", day, "time", l.clock(t.Hour(), t.Minute()))
}

// Day says the day of a moment in the person's own time zone.
func (l *Locale) Day(t time.Time) string {
	t = t.Local()
	return l.day(moment{year: t.Year(), month: int(t.Month()), day: t.Day()})
}

// Clock says the time of day in the person's own time zone.
func (l *Locale) Clock(t time.Time) string {
	t = t.Local()
	return l.clock(t.Hour(), t.Minute())
}

func (l *Locale) clock(hour, minute int) string {
	key, h := "clock.am", hour
	if hour >= 12 {
		key, h = "clock.pm", hour-12
	}
	if h == 0 {
		h = 12
	}
	m := strconv.Itoa(minute)
	if minute < 10 {
		m = "0" + m
	}
	return l.T(key, "time", strconv.Itoa(h)+":"+m)
}
