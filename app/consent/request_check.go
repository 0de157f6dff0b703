package consent

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"potli/app/party"
	"potli/app/record"
)

// version tells a later version from what is none of ours.
func version(got, want string) error {
	family, _, _ := strings.Cut(want, "/")
	switch {
	case got == want:
		return nil
	case strings.HasPrefix(got, family+"/"):
		return fault(Newer, "")
	}
	return fault(Damaged, "")
}

func unix(s int64) time.Time { return time.Unix(s, 0).UTC() }

// check makes the request's texts fit to be shown and holds all of it against the
// rules.
func (q *Request) check(d requestDoc) error {
	if !isName(q.ID, idBytes) {
		return fault(Damaged, "id")
	}
	if err := checkParty(&q.From); err != nil {
		return err
	}
	if err := q.checkTexts(); err != nil {
		return err
	}
	if err := checkKinds(q.Kinds, len(d.Kinds)); err != nil {
		return err
	}
	switch {
	case !slices.Contains(Purposes, q.Purpose.Code):
		return fault(Unknown, "purpose")
	case !q.Dates.valid():
		return fault(Damaged, "dates")
	case q.Repeat != Once && q.Repeat != Follow:
		return fault(Unknown, "repeat")
	case q.After != View && q.After != Keep:
		return fault(Unknown, "after")
	case !q.Reply.IsZero() && !q.Reply.valid():
		return fault(Damaged, "reply")
	}
	return checkTimes(d)
}

func checkParty(p *Party) error {
	p.Name = record.Tidy(p.Name)
	if p.Name == "" || utf8.RuneCountInString(p.Name) > MaxName || len(p.IDs) > MaxIDs || p.Origin != "" && !party.IsOrigin(p.Origin) {
		return fault(Damaged, "from")
	}
	p.IDs = slices.Clone(p.IDs)
	for i := range p.IDs {
		id := &p.IDs[i]
		id.System, id.Value = record.Tidy(id.System), record.Tidy(id.Value)
		if id.System == "" || id.Value == "" || len(id.System) > party.MaxOrigin || utf8.RuneCountInString(id.Value) > maxNumber {
			return fault(Damaged, "from")
		}
	}
	return nil
}

func (q *Request) checkTexts() error {
	q.About, q.Purpose.Text = record.Tidy(q.About), record.Tidy(q.Purpose.Text)
	q.Notice.Text = party.Paragraphs(strings.ReplaceAll(q.Notice.Text, "\t", " "))
	for _, t := range []struct {
		field, text string
		most        int
	}{{"about", q.About, MaxName}, {"purpose", q.Purpose.Text, MaxPurpose}, {"notice", q.Notice.Text, MaxNotice}} {
		if utf8.RuneCountInString(t.text) > t.most {
			return fault(TooBig, t.field)
		}
	}
	if !isLanguage(q.Notice.Language) {
		return fault(Damaged, "notice")
	}
	return nil
}

func checkKinds(kinds []Kind, written int) error {
	if len(kinds) == 0 {
		return fault(Damaged, "kinds")
	}
	if written > MaxKinds {
		return fault(TooBig, "kinds")
	}
	for _, k := range kinds {
		if !slices.Contains(Kinds, k) {
			return fault(Unknown, "kinds")
		}
	}
	return nil
}

func checkTimes(d requestDoc) error {
	for _, t := range []int64{d.Issued, d.Expires, d.Until} {
		if t <= 0 || t > lastSecond {
			return fault(Damaged, "times")
		}
	}
	seconds := func(d time.Duration) int64 { return int64(d / time.Second) }
	switch {
	case d.Expires <= d.Issued || d.Until <= d.Issued:
		return fault(Damaged, "times")
	case d.Expires-d.Issued > seconds(MaxWaiting):
		return fault(TooLong, "expires")
	case d.Until-d.Issued > seconds(MaxDuration):
		return fault(TooLong, "until")
	}
	return nil
}

// timely says whether the request can be answered now.
func (q *Request) timely(now time.Time) error {
	switch {
	case q.Issued.After(now.Add(MaxAhead)):
		return fault(Early, "issued")
	case !now.Before(q.Expires):
		return fault(Lapsed, "expires")
	case !now.Before(q.Until):
		return fault(Lapsed, "until")
	}
	return nil
}

// valid says whether both ends are days and in order.
func (d Dates) valid() bool {
	for _, s := range []string{d.From, d.To} {
		if _, err := time.Parse(time.DateOnly, s); s != "" && err != nil {
			return false
		}
	}
	return d.From == "" || d.To == "" || d.From <= d.To
}

// holds says whether everything that a FHIR date (a year, a month, a day, a moment)
// can mean is within the range. A date that is missing or damaged is in no range
// but the one that is open at both ends.
func (d Dates) holds(date string) bool {
	if d == (Dates{}) {
		return true
	}
	first, last := "", ""
	switch day, _, _ := strings.Cut(date, "T"); {
	case isLayout("2006", day):
		first, last = day+"-01-01", day+"-12-31"
	case isLayout("2006-01", day):
		first, last = day+"-01", day+"-31" // compared as text: no month is longer
	case isLayout(time.DateOnly, day):
		first, last = day, day
	default:
		return false
	}
	return (d.From == "" || first >= d.From) && (d.To == "" || last <= d.lastText())
}

// lastText is To, or the 31st of its month where To is the month's last day, so that
// a month compared as text is within a range that ends with it.
func (d Dates) lastText() string {
	t, err := time.Parse(time.DateOnly, d.To)
	if err == nil && t.AddDate(0, 0, 1).Day() == 1 {
		return d.To[:8] + "31"
	}
	return d.To
}

func isLayout(layout, s string) bool {
	_, err := time.Parse(layout, s)
	return err == nil && len(s) == len(layout)
}

// within says whether all of d is in e.
func (d Dates) within(e Dates) bool {
	return d.From >= e.From && // "" is before every day
		(e.To == "" || d.To != "" && d.To <= e.To)
}

func (m Mailbox) valid() bool {
	to, key := isName(m.To, 32), isName(m.Key, 32)
	return party.IsOrigin(m.Relay) && isName(m.ID, 32) && to != key && (to || m.To == "") && (key || m.Key == "")
}

// isLanguage says whether s may be a language tag, or is "".
func isLanguage(s string) bool {
	odd := func(r rune) bool {
		return !(r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}
	return len(s) <= 35 && !strings.ContainsFunc(s, odd)
}
