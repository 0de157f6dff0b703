package traffic_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/traffic"
)

// clock is a time that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time       { return c.t }
func (c *clock) move(d time.Duration) { c.t = c.t.Add(d) }
func at(day, hour int) *clock         { return &clock{time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC)} }
func total(rows []traffic.Row) (n int) { // of requests
	for _, r := range rows {
		n += r.N
	}
	return n
}

func send(t *testing.T, m *traffic.Meter, why traffic.Reason, url string, out, in int, err error) {
	t.Helper()
	r, fault := m.Begin(traffic.Because(t.Context(), why), url, out)
	if fault != nil {
		t.Fatal(fault)
	}
	r.Got(in)
	r.End(err)
}

func TestReason(t *testing.T) {
	if _, err := traffic.NewMeter(time.Now).Begin(t.Context(), "https://relay.example", 1); !errors.Is(err, traffic.ErrNoReason) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := (*traffic.Meter)(nil).Begin(t.Context(), "https://relay.example", 1); !errors.Is(err, traffic.ErrNoReason) {
		t.Errorf("without a reason nor a meter: %v", err)
	}
	if got := traffic.Why(traffic.Because(t.Context(), "a new one")); got != "" {
		t.Errorf("a reason that nobody has words for: %q", got)
	}
	ctx := traffic.Because(traffic.Because(t.Context(), traffic.LinkEnd), traffic.LinkLook)
	if got := traffic.Why(ctx); got != traffic.LinkEnd {
		t.Errorf("the first reason stands, got %q", got)
	}
}

func TestHost(t *testing.T) {
	for url, want := range map[string]string{
		"https://relay.example/v1/links/secret?token=1#key": "relay.example",
		"https://me:secret@Relay.Example:8443/x":            "relay.example:8443",
		"wss://relay.example":                               "relay.example",
		"https://relay.example?id=secret":                   "relay.example",
		"https://relay.example#secret":                      "relay.example",
		"https://clinic.example":                            "clinic.example",
		"":                                                  "",
		"https://" + strings.Repeat("a", 1000) + ".example": strings.Repeat("a", 260),
	} {
		if got := traffic.Host(url); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

func TestMeterJoinsWhatFollowsClosely(t *testing.T) {
	c := at(23, 10)
	m := traffic.NewMeter(c.now)
	if r, a := m.Waiting(); !r.IsZero() || !a.IsZero() {
		t.Error("something waits from the start")
	}
	send(t, m, traffic.LinkMake, "https://relay.example/a", 100, 10, nil)
	c.move(time.Second)
	send(t, m, traffic.LinkMake, "https://relay.example/b", 200, 20, errors.New("no answer"))
	send(t, m, traffic.LinkMake, "https://other.example/b", 1, 0, nil)
	send(t, m, traffic.LinkEnd, "https://relay.example/b", 1, 0, nil)
	c.move(time.Hour)
	send(t, m, traffic.LinkMake, "https://relay.example/c", 1, 0, nil)
	if r, a := m.Waiting(); !r.Equal(at(23, 10).t) || !a.Equal(r) {
		t.Errorf("waits since %v and %v", r, a)
	}
	rows := m.Take()
	if len(rows) != 4 || total(rows) != 5 {
		t.Fatalf("%+v", rows)
	}
	if r := rows[0]; r.N != 2 || r.Out != 300 || r.In != 30 || r.Failed != 1 || r.To != r.From+1 {
		t.Errorf("two that followed one another: %+v", r)
	}
	if r, a := m.Waiting(); len(m.Take()) != 0 || !r.IsZero() || !a.IsZero() {
		t.Error("what was taken is there still")
	}
	m.Back(rows)
	if got := m.Take(); total(got) != 5 {
		t.Errorf("what was given back: %+v", got)
	}
	open, err := m.Begin(traffic.Because(t.Context(), traffic.Live), "https://relay.example", 1)
	if err != nil {
		t.Fatal(err)
	}
	m.Take()
	open.Got(3)
	if r, a := m.Waiting(); !r.IsZero() || a.IsZero() {
		t.Errorf("bytes of a connection that is open wait as a request does: %v, %v", r, a)
	}
}

// Requests of many goroutines are all counted.
func TestMeterAtOnce(t *testing.T) {
	m := traffic.NewMeter(time.Now)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				send(t, m, traffic.Sync, "https://relay.example", 1, 1, nil)
			}
		})
	}
	all.Wait()
	if rows := m.Take(); total(rows) != 800 {
		t.Errorf("%d of 800 were counted", total(rows))
	}
}

// A day on which everything happens all the time adds less than 2 KB to what is kept,
// and years fit.
func TestBookStaysSmall(t *testing.T) {
	c := &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	m, b := traffic.NewMeter(c.now), &traffic.Book{}
	const days = 130
	months, requests, before, most := map[string]int{}, 0, 0, 0
	for day := range days {
		for range 3 {
			for _, why := range traffic.Reasons {
				send(t, m, why, "https://relay.potli.example/x", 5000, 5000, nil)
				requests++
			}
			c.move(8 * time.Hour)
			b.Add(m.Take(), c.t)
		}
		for month, sums := range b.Older(c.t) {
			text, _ := json.Marshal(sums)
			months[month] = len(text)
		}
		size := kept(t, b, months)
		if day > 60 { // the rows are full
			most = max(most, size-before)
		}
		before = size
	}
	text, err := b.Marshal()
	if err != nil || len(text) > 128<<10 {
		t.Errorf("what is sealed anew each time has %d bytes, %v", len(text), err)
	}
	if most > 2048 {
		t.Errorf("a day added %d bytes, want at most 2048", most)
	}
	if len(months) < days/31-2 {
		t.Errorf("%d months were put aside", len(months))
	}
	n := 0
	for _, s := range b.Days {
		n += s.N
	}
	t.Logf("%d requests in %d days: %d bytes sealed anew, %d in %d months, a day adds at most %d", requests, days, len(text), before-len(text), len(months), most)
	if n == 0 || len(b.Rows) == 0 {
		t.Error("nothing is left of it")
	}
}

func kept(t *testing.T, b *traffic.Book, months map[string]int) int {
	t.Helper()
	text, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	n := len(text)
	for _, m := range months {
		n += m
	}
	return n
}

func TestDaysAreThoseOfThePerson(t *testing.T) {
	india := time.FixedZone("IST", 5*3600+1800)
	c := &clock{time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)} // 01:30 on the 23rd there
	m, b := traffic.NewMeter(c.now), &traffic.Book{}
	send(t, m, traffic.LinkMake, "https://relay.example", 7, 3, nil)
	b.Add(m.Take(), c.t.In(india))
	c.move(-48 * time.Hour) // a clock that goes back
	send(t, m, traffic.LinkMake, "https://relay.example", 7, 3, nil)
	b.Add(m.Take(), c.t.In(india))
	if len(b.Days) != 2 || b.Days[0].Day != "2026-11-21" || b.Days[1].Day != "2026-11-23" {
		t.Errorf("%+v", b.Days)
	}
	text, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := traffic.Parse(text)
	if err != nil || fmt.Sprint(*again) != fmt.Sprint(*b) {
		t.Errorf("read again: %+v, %v", again, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"rows":[{"t":1,"e":2,"r":"sync","h":"relay.example","n":1,"o":2,"i":3}],"days":[{"d":"2026-11-23","t":1,"e":2,"r":"sync","h":"relay.example","n":1,"o":2,"i":3}],"since":1}`))
	f.Add([]byte(`{"rows":[{"n":-1}]}`))
	f.Add([]byte(`{"days":[{"d":"9999-99-99","r":"sync"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := traffic.Parse(text)
		if err != nil {
			if !errors.Is(err, traffic.ErrBook) {
				t.Fatal(err)
			}
			return
		}
		b.Add([]traffic.Row{{Reason: traffic.Sync, Host: "relay.example", N: 1, From: 1, To: 1}}, time.Unix(1, 0).UTC())
		b.Older(time.Unix(1, 0))
		again, err := b.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := traffic.Parse(again); err != nil {
			t.Fatalf("what was read is not read again: %v", err)
		}
	})
}
