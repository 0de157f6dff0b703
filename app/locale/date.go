package locale

import (
	"strconv"
	"time"

	"potli/app/fhir"
)

// Date says a FHIR date, dateTime or instant of any precision by its day ("12 June 2026", "June 2026", "2026"); what is
// no date is returned as it is.
func (l *Locale) Date(s string) string {
	m, ok := fhir.ParseDate(s)
	if !ok {
		return s
	}
	return l.day(m)
}

// Moment is Date with the time of day where one was written: "12 June 2026, 2:05 pm".
func (l *Locale) Moment(s string) string {
	m, ok := fhir.ParseDate(s)
	if !ok {
		return s
	}
	if m.Precision < fhir.Instant || m.Midnight() { // no time is known
		return l.day(m)
	}
	return l.T("date.time", "date", l.day(m), "time", l.clock(m.Hour, m.Minute))
}

// Month says the month of a FHIR date ("June 2026"), for headings; "" when s has none.
func (l *Locale) Month(s string) string {
	m, ok := fhir.ParseDate(s)
	if !ok {
		return ""
	}
	m.Day = 0
	return l.day(m)
}

func (l *Locale) day(m fhir.Date) string {
	year := strconv.Itoa(m.Year)
	month := l.T("month." + strconv.Itoa(m.Month))
	switch {
	case m.Month == 0:
		return year
	case m.Day == 0:
		return l.T("date.month", "month", month, "year", year)
	}
	return l.T("date.day", "day", strconv.Itoa(m.Day), "month", month, "year", year)
}

// DateTime says a moment in the person's own time zone.
func (l *Locale) DateTime(t time.Time) string {
	t = t.Local()
	day := l.day(fhir.Date{Year: t.Year(), Month: int(t.Month()), Day: t.Day()})
	return l.T("date.time", "date", day, "time", l.clock(t.Hour(), t.Minute()))
}

// Day says the day of a moment in the person's own time zone.
func (l *Locale) Day(t time.Time) string {
	t = t.Local()
	return l.day(fhir.Date{Year: t.Year(), Month: int(t.Month()), Day: t.Day()})
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
