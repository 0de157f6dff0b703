package wallet

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"potli/app/diary"
	"potli/app/family"
	"potli/app/fhir"
	"potli/app/record"
)

// Person is one person of the family, as the document "people" keeps them.
// Fields are only ever added, so that the document of every release is read.
type Person struct {
	ID         record.ProfileID `json:"id"`
	Name       string           `json:"name"`
	BirthDate  string           `json:"birthDate,omitempty"` // FHIR date: a year, a month or a day
	Gender     string           `json:"gender,omitempty"`    // FHIR administrative gender
	Colour     int              `json:"colour"`              // 0..7, a colour of the style sheet
	Kin        Kin              `json:"kin,omitempty"`
	Law        string           `json:"law,omitempty"`      // ISO 3166, by whose law they come of age; "": India's
	Relation   string           `json:"relation,omitempty"` // Kin in the person's own words: "my aunt"
	Blood      string           `json:"blood,omitempty"`    // one of BloodGroups
	ABHANumber string           `json:"abhaNumber,omitempty"`
	ABHA       string           `json:"abhaAddress,omitempty"`
	Numbers    []Number         `json:"numbers,omitempty"`
	Photo      string           `json:"photo,omitempty"` // SHA-256 of the picture, hex: see Wallet.Photo
	Guardian   *Guardianship    `json:"guardian,omitempty"`
	Since      time.Time        `json:"since,omitzero"` // when they were added; zero: by an earlier release
	Aside      time.Time        `json:"aside,omitzero"` // since when they are put aside; zero: they are not
}

// Kin is what somebody is to whom this wallet belongs.
type Kin string

// "" is somebody whom an earlier release added: it did not ask.
const (
	KinSelf   Kin = "self" // one person at most
	KinChild  Kin = "child"
	KinParent Kin = "parent"
	KinOther  Kin = "other"
)

// Kins are those that can be chosen.
var Kins = []Kin{KinSelf, KinChild, KinParent, KinOther}

// Number is one that an office or a hospital gave somebody.
type Number struct {
	Name  string `json:"name"` // of the office or the card
	Value string `json:"value"`
}

// BloodGroups are ABO and Rh, and the Bombay phenotype, which looks like O and
// is given O blood at the cost of a life.
var BloodGroups = []string{"A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-", "Oh"}

var genders = []string{"", "female", "male", "other", "unknown"}

// Limits of what is kept of a person, in letters.
const (
	MaxName    = 80
	maxDetail  = 64
	maxNumbers = 12
	oldest     = 150 // years
)

// Reasons, besides ErrName, why a person is not kept as given.
var (
	ErrNameLong    = errors.New("the name is longer than 80 letters")
	ErrBirthDate   = errors.New("no such date of birth")
	ErrBirthFuture = errors.New("a date of birth that has not come yet")
	ErrDetails     = errors.New("a detail of a person that is not known here")
)

// checked returns p tidied up, as it is kept.
func (p Person) checked(now time.Time) (Person, error) {
	p.Name = record.Tidy(p.Name)
	switch {
	case p.Name == "":
		return p, ErrName
	case utf8.RuneCountInString(p.Name) > MaxName:
		return p, ErrNameLong
	case !slices.Contains(genders, p.Gender),
		p.Kin != "" && !slices.Contains(Kins, p.Kin),
		p.Blood != "" && !slices.Contains(BloodGroups, p.Blood),
		p.Law != "" && family.Laws[p.Law].Age == 0,
		p.Colour < 0 || p.Colour >= colours,
		len(p.Numbers) > maxNumbers:
		return p, ErrDetails
	}
	if err := checkBirthDate(p.BirthDate, now); err != nil {
		return p, err
	}
	p.Relation = detail(p.Relation)
	p.ABHANumber, p.ABHA = abhaNumber(detail(p.ABHANumber)), strings.ToLower(detail(p.ABHA))
	p.Numbers = tidyNumbers(p.Numbers)
	return p, nil
}

func tidyNumbers(list []Number) (out []Number) {
	for _, n := range list {
		if n = (Number{detail(n.Name), detail(n.Value)}); n != (Number{}) {
			out = append(out, n)
		}
	}
	return out
}

// detail is record.Tidy, cut to what is kept.
func detail(s string) string {
	s = record.Tidy(s)
	if letters := []rune(s); len(letters) > maxDetail {
		s = strings.TrimSpace(string(letters[:maxDetail]))
	}
	return s
}

func checkBirthDate(date string, now time.Time) error {
	if date == "" {
		return nil
	}
	d, ok := fhir.ParseDay(date)
	switch {
	case !ok:
		return ErrBirthDate
	case d.Time(time.UTC).After(now.Add(24 * time.Hour)): // a clock or a time zone apart
		return ErrBirthFuture
	case d.Year < now.Year()-oldest:
		return ErrBirthDate
	}
	return nil
}

// BirthDate puts together what is known of a date of birth: a year, or month and
// year, or all three, each as it was typed, in the digits of any script. What
// makes no date comes out as none that would be kept.
func BirthDate(year, month, day string) string {
	date := digits(year)
	for _, part := range []string{digits(month), digits(day)} {
		if len(part) == 1 {
			part = "0" + part
		}
		date += "-" + part
	}
	return strings.TrimRight(date, "-")
}

// BirthParts is BirthDate taken apart.
func BirthParts(date string) (year, month, day string) {
	parts := append(strings.SplitN(date, "-", 3), "", "")
	return parts[0], strings.TrimPrefix(parts[1], "0"), strings.TrimPrefix(parts[2], "0")
}

// BirthYear is the year of a date of birth, "" where it is not known.
func (p Person) BirthYear() string {
	if len(p.BirthDate) < 4 {
		return ""
	}
	return p.BirthDate[:4]
}

// digits is s without spaces, its digits of any script as 0 to 9.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return diary.Digit(r)
	}, s)
}
