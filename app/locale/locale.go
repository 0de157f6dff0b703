// Package locale says messages in a person's language. Catalogues are JSON files under web/messages, given in by the
// caller: nothing of them is compiled in.
package locale

import (
	"time"

	"potli/app/fhir"
)

// Locale is one language with its catalogue and a fallback.
type Locale struct{}

// Load reads a catalogue {"key": "text {arg}" | {"one": …, "other": …}}; fallback may be nil.
func Load(tag string, catalogue []byte, fallback *Locale) (*Locale, error) { panic("stub") }

// Tag is the BCP 47 tag, Dir "ltr" or "rtl".
func (l *Locale) Tag() string { panic("stub") }
func (l *Locale) Dir() string { panic("stub") }

// T says key with args given in pairs: T("import.done", "n", "3"). "n" chooses the plural form.
func (l *Locale) T(key string, args ...string) string { panic("stub") }

// Has says whether the catalogue (or its fallback) knows key.
func (l *Locale) Has(key string) bool { panic("stub") }

// Message says a fhir.Message; arguments that are themselves keys ("@unit.day") are said first.
func (l *Locale) Message(m fhir.Message) string { panic("stub") }

// Value says a value of a record; Label the label of a field.
func (l *Locale) Value(v fhir.Value) string { panic("stub") }
func (l *Locale) Label(f fhir.Field) string { panic("stub") }

// Date says a FHIR date, dateTime or instant of any precision ("12 June 2026", "June 2026", "2026"); what is no date is returned as it is.
func (l *Locale) Date(s string) string        { panic("stub") }
func (l *Locale) DateTime(t time.Time) string { panic("stub") }
func (l *Locale) Clock(t time.Time) string    { panic("stub") }

// Bytes, Duration and Number for people: "2.4 MB", "9 minutes".
func (l *Locale) Bytes(n int) string              { panic("stub") }
func (l *Locale) Duration(d time.Duration) string { panic("stub") }
func (l *Locale) Number(n int) string             { panic("stub") }
