package family

import (
	"slices"

	"potli/app/fhir"
	"potli/app/record"
)

// Limits of operations. A family is small, and so is what it says.
const (
	maxFields = 64
	maxValue  = 1 << 10 // of a field, a title, a word
	maxName   = 64      // of a user, a record, a field
	maxPublic = 128 << 10
	maxSealed = 160 << 10
	maxTo     = 64
	maxEpochs = 1 << 11 // in one grant
	maxList   = 1 << 10 // records in one operation
	maxEpoch  = 1 << 20
	maxDays   = 366
)

func name(list ...string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return s == "" || len(s) > maxName })
}

func words(list ...string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return len(s) > maxValue })
}

func (f Fields) fits() bool {
	for k, v := range f {
		if !name(k) || !words(v) {
			return false
		}
	}
	return len(f) <= maxFields && birth(f[FieldBirth])
}

// birth says whether s is nothing, a year, a month or a day.
func birth(s string) bool {
	_, ok := fhir.ParseDay(s)
	return s == "" || ok
}

func document(b []byte) bool { return len(b) > 0 && len(b) <= maxPublic }
func sealed(b []byte) bool   { return len(b) > 0 && len(b) <= maxSealed }

func (a *Found) fits() bool   { return a.Fields.fits() && document(a.Public) }
func (a *Details) fits() bool { return a.Fields.fits() && len(a.Fields) > 0 }
func (a *Add) fits() bool {
	return name(a.User) && a.Role >= Contact && a.Role <= Owner && document(a.Public) && a.From >= 1 && a.From <= maxEpoch
}
func (a *SetRole) fits() bool { return name(a.User) && a.Role >= Contact && a.Role <= Owner }
func (a *Remove) fits() bool  { return name(a.User) }
func (a *Devices) fits() bool { return document(a.Public) }
func (a *Epoch) fits() bool {
	return a.N >= 1 && a.N <= maxEpoch && sealed(a.Sealed) && len(a.To) > 0 && len(a.To) <= maxTo && !slices.ContainsFunc(a.To, func(w Whom) bool { return !name(w.User) })
}
func (a *Grant) fits() bool {
	return name(a.To.User) && sealed(a.Sealed) && len(a.Epochs) > 0 && len(a.Epochs) <= maxEpochs
}
func (a *Records) fits() bool {
	return len(a.List) > 0 && len(a.List) <= maxList && !slices.ContainsFunc(a.List, func(n Named) bool { return !name(string(n.ID)) })
}
func (a *Retitle) fits() bool { return name(string(a.ID)) && words(a.Title) && len(a.Date) <= maxName }
func (a *Move) fits() bool    { return name(string(a.ID), string(a.To), string(a.As)) }
func (a *Delete) fits() bool {
	return len(a.IDs) > 0 && len(a.IDs) <= maxList && !slices.ContainsFunc(a.IDs, func(id record.ID) bool { return !name(string(id)) })
}
func (a *Guardian) fits() bool {
	return name(a.User, a.As, a.Proof) && len(a.Record) <= maxName && len(a.Sum) <= maxName && len(a.Since) <= maxName
}
func (a *SetMajority) fits() bool {
	return name(a.Law) && a.Age >= minAge && a.Age <= maxAge && a.Offset >= -14*60 && a.Offset <= 14*60
}
func (a *Offer) fits() bool       { return name(a.User) }
func (a *Accept) fits() bool      { return !a.Offer.IsZero() }
func (a *Transfer) fits() bool    { return name(a.User) }
func (a *NameContact) fits() bool { return name(a.User) && a.Days >= 0 && a.Days <= maxDays }
func (a *Claim) fits() bool       { return true }
func (a *Waited) fits() bool      { return !a.Claim.IsZero() }
func (a *Veto) fits() bool        { return !a.Claim.IsZero() }
func (a *Recover) fits() bool     { return !a.Claim.IsZero() }
