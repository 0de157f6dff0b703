package wallet

import (
	"strings"

	"potli/app/record"
)

// Doubt is something about a person that looks like a slip of the pen. It is
// said and never stands in the way: the card in a person's hand is right.
type Doubt string

const (
	DoubtABHALength Doubt = "abha-length" // not 14 digits
	DoubtABHADigit  Doubt = "abha-digit"  // the check digit does not fit
	DoubtABHA       Doubt = "abha-address"
	DoubtTwin       Doubt = "twin" // somebody of the family has the same name
)

// Doubts looks at a person as they would be kept in this family.
func (s *Snapshot) Doubts(p Person) (doubts []Doubt) {
	if n := abhaDigits(p.ABHANumber); p.ABHANumber != "" && len(n) != abhaLength {
		doubts = append(doubts, DoubtABHALength)
	} else if p.ABHANumber != "" && !luhn(n) {
		doubts = append(doubts, DoubtABHADigit)
	}
	if p.ABHA != "" && !abhaAddress(strings.ToLower(record.Tidy(p.ABHA))) {
		doubts = append(doubts, DoubtABHA)
	}
	for _, other := range s.Shown() {
		if other.ID != p.ID && strings.EqualFold(record.Tidy(other.Name), record.Tidy(p.Name)) {
			return append(doubts, DoubtTwin)
		}
	}
	return doubts
}

const abhaLength = 14

// abhaDigits are the digits of an ABHA number however it was written; "" when
// there is anything else in it.
func abhaDigits(s string) string {
	s = strings.ReplaceAll(digits(s), "-", "")
	if strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// abhaNumber writes an ABHA number as it stands on the card, 91-1234-5678-9012;
// what has another length stays as it was typed.
func abhaNumber(s string) string {
	n := abhaDigits(s)
	if len(n) != abhaLength {
		return s
	}
	return n[:2] + "-" + n[2:6] + "-" + n[6:10] + "-" + n[10:]
}

// luhn says whether the last digit is the check digit of the others (ISO/IEC
// 7812-1, annex B).
func luhn(n string) bool {
	sum := 0
	for i := range len(n) {
		d := int(n[len(n)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return n != "" && sum%10 == 0
}

// abhaAddress says whether s looks like name@abdm: 8 to 18 letters, digits, dots
// and underscores, which stand neither first nor last.
func abhaAddress(s string) bool {
	name, realm, ok := strings.Cut(s, "@")
	if !ok || realm == "" || strings.ContainsAny(realm, "@ ") || len(name) < 8 || len(name) > 18 {
		return false
	}
	marks := strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789")
	inner := strings.Trim(name, "._") == name
	return inner && strings.Trim(marks, "abcdefghijklmnopqrstuvwxyz0123456789._") == ""
}
