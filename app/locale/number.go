package locale

import (
	"strconv"
	"strings"
	"time"
)

// operands are CLDR's plural operands of a decimal number: i its integer part, v the number of its visible fraction
// digits, zero whether those are all 0 (https://unicode.org/reports/tr35/tr35-numbers.html#Operands).
type operands struct {
	i    int
	v    int
	zero bool
}

func operandsOf(s string) (operands, bool) {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if !digits(whole) || fraction != "" && !digits(fraction) {
		return operands{}, false
	}
	i, err := strconv.Atoi(whole)
	return operands{i: i, v: len(fraction), zero: strings.Trim(fraction, "0") == ""}, err == nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// pluralOf returns the cardinal rule of a language, from CLDR 48.2, plurals.xml.
func pluralOf(tag string) func(operands) string {
	switch primary(tag) {
	case "hi", "bn", "gu", "kn", "as": // i = 0 or n = 1
		return func(o operands) string { return oneIf(o.i == 0 || o.i == 1 && o.zero) }
	case "pa": // n = 0..1
		return func(o operands) string { return oneIf(o.i <= 1 && o.zero) }
	case "ta", "te", "mr", "ml", "or": // n = 1
		return func(o operands) string { return oneIf(o.i == 1 && o.zero) }
	}
	return func(o operands) string { return oneIf(o.i == 1 && o.v == 0) } // en, ur: i = 1 and v = 0
}

func oneIf(b bool) string {
	if b {
		return "one"
	}
	return "other"
}

// groupOf returns how a language separates long numbers: 1,234,567 or, in most of India's languages, 12,34,567. From
// CLDR 48.2, where Kannada and Urdu are like English. Digits are Latin in all of them.
func groupOf(tag string) func(string) string {
	switch primary(tag) {
	case "en", "kn", "ur":
		return func(s string) string { return grouped(s, 3) }
	}
	return func(s string) string { return grouped(s, 2) }
}

// grouped puts a comma before the last three digits, and before that after every step digits.
func grouped(s string, step int) string {
	if len(s) <= 3 {
		return s
	}
	head, tail := s[:len(s)-3], s[len(s)-3:]
	for len(head) > step {
		tail = head[len(head)-step:] + "," + tail
		head = head[:len(head)-step]
	}
	return head + "," + tail
}

// Number writes n as people write it.
func (l *Locale) Number(n int) string {
	if n < 0 {
		return "-" + l.group(strconv.Itoa(-n))
	}
	return l.group(strconv.Itoa(n))
}

// Bytes for people: "2.4 MB".
func (l *Locale) Bytes(n int) string {
	switch {
	case n < 1000:
		return l.T("bytes.b", "n", strconv.Itoa(n))
	case n < 1_000_000:
		return l.T("bytes.kb", "size", strconv.Itoa((n+500)/1000))
	case n < 10_000_000:
		return l.T("bytes.mb", "size", strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64))
	case n < 1_000_000_000:
		return l.T("bytes.mb", "size", strconv.Itoa((n+500_000)/1_000_000))
	}
	return l.T("bytes.gb", "size", strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64))
}

// Duration for people: the largest unit and, where it is not zero, the next: "9 minutes", "1 hour 30 minutes".
// What is over is 0 seconds.
func (l *Locale) Duration(d time.Duration) string {
	d = max(d, 0)
	units := []struct {
		key  string
		size time.Duration
	}{
		{"duration.day", 24 * time.Hour}, {"duration.hour", time.Hour},
		{"duration.minute", time.Minute}, {"duration.second", time.Second},
	}
	for i, u := range units {
		if d < u.size && i < len(units)-1 {
			continue
		}
		first := l.T(u.key, "n", strconv.Itoa(int(d/u.size)))
		if i == len(units)-1 {
			return first
		}
		rest := int(d % u.size / units[i+1].size)
		if rest == 0 {
			return first
		}
		return first + " " + l.T(units[i+1].key, "n", strconv.Itoa(rest))
	}
	return ""
}
