package fhir

import "strings"

// How long something is believed that no document calls active or ended, in months: a medicine
// from a paper is seldom taken for longer without another paper, while a condition lasts.
const (
	MedicineMonths  = 6
	ConditionMonths = 24
)

// Lasts says whether a status means that something is so now: of conditions, of orders, of
// plans. A capital letter is no other code.
func Lasts(status string) bool {
	switch strings.ToLower(status) {
	case "active", "recurrence", "relapse", "intended", "booked", "in-progress":
		return true
	}
	return false
}
