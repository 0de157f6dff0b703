package traffic

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"
)

// Row is requests of one reason to one host that followed one another closely.
type Row struct {
	From   int64  `json:"t"` // Unix seconds of the first
	To     int64  `json:"e"` // and of the last
	Reason Reason `json:"r"`
	Host   string `json:"h"`
	N      int    `json:"n"` // how many were begun; 0: one that was begun before went on
	Out    int64  `json:"o"` // bytes of addresses, headers of ours and bodies
	In     int64  `json:"i"` // bytes of bodies that came
	Failed int    `json:"f,omitempty"`
}

// Sum is what one day had of one reason to one host.
type Sum struct {
	Day string `json:"d"` // "2026-11-23" where the device was
	Row
}

// Bounds. A row has some 90 bytes, a sum some 110: a book in which everything happens
// every day has 100 kB, an ordinary one 40. It grows by no more than its days do, which
// is 1.5 kB where all reasons occur.
const (
	maxRows = 300
	maxDays = 20 // kept in the book, with the rest of their month; Older takes out the others
	// near is how close together requests are one row.
	near = 2 * time.Minute
	// maxBook bounds what Parse reads, in bytes.
	maxBook = 4 << 20
)

// Book is the account of a device: the newest rows, and the sums of each day.
type Book struct {
	Rows  []Row `json:"rows"`  // the oldest first
	Days  []Sum `json:"days"`  // by day, the oldest first
	Since int64 `json:"since"` // when the account begins, in Unix seconds
}

// Add enters rows. now says when, and in which time zone a day ends.
func (b *Book) Add(rows []Row, now time.Time) {
	if b.Since == 0 {
		b.Since = now.Unix()
	}
	for _, r := range rows {
		b.Since = min(b.Since, r.From)
		b.Rows = join(b.Rows, r)
		b.sum(r, time.Unix(r.From, 0).In(now.Location()).Format(time.DateOnly))
	}
	if over := len(b.Rows) - maxRows; over > 0 {
		b.Rows = slices.Delete(b.Rows, 0, over)
	}
}

func (b *Book) sum(r Row, day string) {
	end := len(b.Days) // a clock that was set back makes a day come after a later one
	for end > 0 && b.Days[end-1].Day > day {
		end--
	}
	for i := end - 1; i >= 0 && b.Days[i].Day == day; i-- {
		if s := &b.Days[i]; s.Reason == r.Reason && s.Host == r.Host {
			s.Row = s.and(r)
			return
		}
	}
	b.Days = slices.Insert(b.Days, end, Sum{Day: day, Row: r})
}

// and is both rows as one.
func (r Row) and(o Row) Row {
	r.From, r.To = min(r.From, o.From), max(r.To, o.To)
	r.N, r.Failed = r.N+o.N, r.Failed+o.Failed
	r.Out, r.In = r.Out+o.Out, r.In+o.In
	return r
}

// join adds a row to a list, as part of an earlier one where it follows closely.
func join(rows []Row, r Row) []Row {
	for i := len(rows) - 1; i >= 0 && i >= len(rows)-len(Reasons); i-- {
		o := rows[i]
		if o.Reason == r.Reason && o.Host == r.Host {
			if gap := r.From - o.To; gap >= 0 && gap <= int64(near/time.Second) || r.N == 0 && gap >= 0 && gap <= int64(time.Hour/time.Second) {
				rows[i] = o.and(r)
				return rows
			}
			break
		}
	}
	return append(rows, r)
}

// Older takes whole months out of the book that are not needed every day, so that
// what is sealed again and again stays small: "2026-08" and its sums.
func (b *Book) Older(now time.Time) map[string][]Sum {
	first := now.AddDate(0, 0, -maxDays)
	keep := first.Format("2006-01") // this month and what came after it stay
	out := map[string][]Sum{}
	b.Days = slices.DeleteFunc(b.Days, func(s Sum) bool {
		month := s.Day[:min(len(s.Day), 7)]
		if month < keep {
			out[month] = append(out[month], s)
		}
		return month < keep
	})
	return out
}

// Marshal is the form in which a book is sealed, SumsOf that of a month.
func (b *Book) Marshal() ([]byte, error) { return json.Marshal(b) }

// ErrBook: the account is damaged.
var ErrBook = errors.New("the account of what was sent is damaged")

// Parse reads what Marshal wrote.
func Parse(text []byte) (*Book, error) {
	var b Book
	if len(text) > maxBook || json.Unmarshal(text, &b) != nil {
		return nil, ErrBook
	}
	for _, r := range b.Rows {
		if !r.sound() {
			return nil, ErrBook
		}
	}
	for _, s := range b.Days {
		if !s.sound() {
			return nil, ErrBook
		}
	}
	return &b, nil
}

// ParseMonth reads the sums of a month.
func ParseMonth(text []byte) ([]Sum, error) {
	var sums []Sum
	if len(text) > maxBook || json.Unmarshal(text, &sums) != nil || slices.ContainsFunc(sums, func(s Sum) bool { return !s.sound() }) {
		return nil, ErrBook
	}
	return sums, nil
}

func (s Sum) sound() bool {
	_, err := time.Parse(time.DateOnly, s.Day)
	return err == nil && s.Row.sound()
}

func (r Row) sound() bool {
	const most = math.MaxInt64 / 4 // of which sums do not overflow
	within := func(n int64) bool { return n >= 0 && n < most }
	return slices.Contains(Reasons, r.Reason) && len(r.Host) <= maxHost && within(r.From) && within(r.To) &&
		within(int64(r.N)) && within(r.Out) && within(r.In) && within(int64(r.Failed))
}
