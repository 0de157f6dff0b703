// Package loadtest measures a running relay from outside, the same way for
// every engine: so many clients that ask and wait in turn, over loopback, on the
// processors that the relay uses too. It judges nothing; it only stops when an
// answer is not the one expected.
package loadtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// Target is a relay to measure. It must not limit rates, or be told that a proxy
// stands in front.
type Target struct {
	Name string // of the engine
	Base string // like http://127.0.0.1:8081
	// Processes are the relay's process and those that work for it alone, as a
	// database: their processor time counts, with that of their descendants.
	Processes []int
	Self      int // this process
	Now       func() time.Time
	Links     int           // live links to make; 100,000 is what is compared
	Clients   int           // that ask at the same time
	Threads   int           // that the relay can compute on; 0: one a processor
	Each      time.Duration // how long a row is measured
	More      int           // requests over which the growth of memory is watched
}

// Row is one figure.
type Row struct {
	What     string
	Requests int
	Rate     float64 // requests a second
	P50, P99 time.Duration
	CPU      time.Duration // processor time of the relay a request
	// How many processors were busy with the relay, with the generator, and with
	// whatever else this machine did meanwhile.
	Relay, Generator, Others float64
	Threads                  int // as in Target
}

// Bound says what a higher rate would need, as far as it can be seen from what
// the processors did.
func (r Row) Bound() string {
	all := float64(runtime.NumCPU())
	by := "the processors"
	switch idle := all - r.Relay - r.Generator - r.Others; {
	case r.Threads > 0 && r.Relay > 0.9*float64(r.Threads):
		by = "its one thread"
		if r.Threads > 1 {
			by = "its threads"
		}
	case idle > 0.2*all:
		by = "waiting for the disk, commit after commit"
	case r.Others > 0.2*all:
		by = "other programs on this machine"
	}
	return fmt.Sprintf("%s (of %.0f processors the relay had %.1f, the generator %.1f, others %.1f)", by, all, r.Relay, r.Generator, r.Others)
}

func (r Row) String() string {
	return fmt.Sprintf("%6.0f/s, p50 %.1f ms, p99 %.1f ms, %.3f ms CPU", r.Rate, ms(r.P50), ms(r.P99), ms(r.CPU))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Report is all that is measured of a target. Memory is the relay's own, in bytes.
type Report struct {
	Name                        string
	Rows                        []Row
	AtRest, Filled, Grown, Peak int64 // at the start, with all links, how much more after so many requests, and the most ever
}

func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Name)
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "  %-56s %s\n  %56s bound by %s\n", row.What, row, "", row.Bound())
	}
	fmt.Fprintf(&b, "  memory: %.0f MB at rest, %.0f MB with all links, %+.1f MB over the many requests, at most %.0f MB while passcodes are checked\n",
		mb(r.AtRest), mb(r.Filled), mb(r.Grown), mb(r.Peak))
	return b.String()
}

func mb(n int64) float64 { return float64(n) / 1e6 }

// What the rows measure.
const (
	Create    = "create, 10 KB"
	GetAgain  = "GET of a U link, 10 KB, same reader in the window"
	GetNew    = "GET of a U link, 10 KB, use and receipt each"
	PostAgain = "POST of a manifest, embedded, same reader in the window"
	PostNew   = "POST of a manifest, embedded, use and receipt each"
	GetGone   = "GET of a link that is gone"
	Mixed     = "all these reads of links in turn"
	Guess     = "wrong passcode (scrypt, N 2^14, two at once)"
)

const (
	fileSize = 10_000
	spread   = 1_000 // links that are read again and again
	locked   = 400   // links with a passcode: 5 guesses each
)

// Run makes the links and measures every row.
func (t Target) Run() (Report, error) {
	m := &measuring{Target: t, report: Report{Name: t.Name}, create: map[string][]byte{}}
	for _, flag := range []string{"U", "", "P"} {
		m.create[flag] = creation(flag)
	}
	defer m.close()
	for range t.Clients {
		c, err := newClient(t.Base)
		if err != nil {
			return m.report, err
		}
		m.clients = append(m.clients, c)
	}
	return m.report, m.all()
}

func creation(flag string) []byte {
	c := storetest.NewCreate("owner", flag)
	c.Uses = wire.MaxUses
	c.File.JWE = storetest.JWE(wire.ContentTypeFHIR, fileSize)
	c.Life = int64(24 * time.Hour / time.Second)
	if flag == "P" {
		c.Passcode = storetest.Verifier("right", wire.MaxAttempts)
	}
	body, err := json.Marshal(c)
	if err != nil {
		panic(err) // our own types, which marshal
	}
	return body
}

type measuring struct {
	Target
	report  Report
	clients []*client
	create  map[string][]byte // bodies by flag; the id is in the path
	next    atomic.Int64      // numbers every request, so that each may be another reader
}

func (m *measuring) close() {
	for _, c := range m.clients {
		c.conn.Close()
	}
}

func (m *measuring) all() (err error) {
	if m.report.AtRest, err = memory(m.Processes[0], "VmRSS"); err != nil {
		return err
	}
	if err := m.row(Create, m.Links, 0, 201, m.put); err != nil {
		return err
	}
	if m.report.Filled, err = memory(m.Processes[0], "VmRSS"); err != nil {
		return err
	}
	for _, r := range []struct {
		what   string
		status int
		ask    func(i int) request
	}{
		{GetAgain, 200, m.getAgain},
		{GetNew, 200, m.getNew},
		{PostAgain, 200, m.postAgain},
		{PostNew, 200, m.postNew},
		{GetGone, 404, m.getGone},
	} {
		if err := m.row(r.what, 0, m.Each, r.status, r.ask); err != nil {
			return err
		}
	}
	if err := m.grow(); err != nil {
		return err
	}
	// The last one, because it takes memory of its own.
	if err := m.row(Guess, locked*wire.MaxAttempts, m.Each, 401, m.guess); err != nil {
		return err
	}
	m.report.Peak, err = memory(m.Processes[0], "VmHWM")
	return err
}

// grow watches the memory over many requests of all kinds. Those before have
// already made it as large as the load makes it.
func (m *measuring) grow() error {
	mixed := func(i int) request {
		return []func(int) request{m.getAgain, m.getNew, m.postAgain, m.postNew}[i%4](i)
	}
	before, err := memory(m.Processes[0], "VmRSS")
	if err != nil {
		return err
	}
	if err := m.row(Mixed, m.More, 0, 200, mixed); err != nil {
		return err
	}
	after, err := memory(m.Processes[0], "VmRSS")
	m.report.Grown = after - before
	return err
}

// The links: U and manifests in turn, and a few with a passcode behind them.

func (m *measuring) id(i int) string {
	return wire.LinkPath + storetest.ID(fmt.Sprint("load", i))
}

func (m *measuring) put(i int) request {
	flag := [...]string{"U", ""}[i%2]
	if i >= m.Links-locked {
		flag = "P"
	}
	return request{"PUT", wire.ControlPath + storetest.ID(fmt.Sprint("load", i)), m.create[flag]}
}

// some is a link of those that are opened: even ones are U.
func (m *measuring) some(i, odd int) int { return 2*(i%((m.Links-locked)/2)) + odd }

func (m *measuring) getAgain(i int) request {
	return request{"GET", m.id(m.some(i%spread, 0)) + "?recipient=again", nil}
}

func (m *measuring) getNew(i int) request {
	return request{"GET", m.id(m.some(spread+i, 0)) + "?recipient=reader-" + fmt.Sprint(m.next.Add(1)), nil}
}

func (m *measuring) postAgain(i int) request {
	return request{"POST", m.id(m.some(i%spread, 1)), []byte(`{"recipient":"again","embeddedLengthMax":20000}`)}
}

func (m *measuring) postNew(i int) request {
	return request{"POST", m.id(m.some(spread+i, 1)), fmt.Appendf(nil, `{"recipient":"reader-%d","embeddedLengthMax":20000}`, m.next.Add(1))}
}

func (m *measuring) getGone(int) request {
	var id [wire.IDBytes]byte
	for n, i := m.next.Add(1), 0; i < 8; i++ {
		id[i] = byte(n >> (8 * i))
	}
	return request{"GET", wire.LinkPath + base64.RawURLEncoding.EncodeToString(id[:]), nil}
}

func (m *measuring) guess(i int) request {
	return request{"POST", m.id(m.Links - locked + i%locked), []byte(`{"recipient":"x","passcode":"wrong"}`)}
}

// row measures count requests, or as many as come in a time, whichever ends
// first; 0 ends nothing. A row without a count begins with requests that are not
// measured, so that caches and the reader's window are as they will be.
func (m *measuring) row(what string, count int, during time.Duration, status int, ask func(i int) request) error {
	if count == 0 {
		if _, err := m.ask(2*spread, 0, status, ask); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	before, err := m.spent()
	if err != nil {
		return err
	}
	begin := m.Now()
	took, err := m.ask(count, during, status, ask)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	elapsed := m.Now().Sub(begin)
	after, err := m.spent()
	if err != nil {
		return err
	}
	slices.Sort(took)
	n := len(took)
	share := func(d time.Duration) float64 { return max(0, d.Seconds()/elapsed.Seconds()) }
	relay, us := after.relay-before.relay, after.us-before.us
	m.report.Rows = append(m.report.Rows, Row{
		What: what, Requests: n, Rate: float64(n) / elapsed.Seconds(),
		P50: took[n/2], P99: took[n*99/100], CPU: relay / time.Duration(n),
		Relay: share(relay), Generator: share(us), Others: share(after.all - before.all - relay - us), Threads: m.Threads,
	})
	return nil
}

// times are processor times since the start of the machine.
type times struct{ all, relay, us time.Duration }

func (m *measuring) spent() (t times, err error) {
	p, err := processes()
	if err != nil {
		return t, err
	}
	for _, pid := range m.Processes {
		t.relay += p.of(pid)
	}
	t.us = p.own[m.Self]
	t.all, err = busy()
	return t, err
}

// patience is how long an answer may take before the measuring is given up.
const patience = 2 * time.Minute

// ask sends requests until there are count or during is over, as row says.
func (m *measuring) ask(count int, during time.Duration, status int, ask func(i int) request) ([]time.Duration, error) {
	var (
		wait sync.WaitGroup
		i    atomic.Int64
		took = make([][]time.Duration, len(m.clients))
		errs = make([]error, len(m.clients))
	)
	end := m.Now().Add(during)
	for k, c := range m.clients {
		wait.Go(func() {
			for begin := m.Now(); during == 0 || begin.Before(end); {
				n := int(i.Add(1)) - 1
				if count > 0 && n >= count {
					return
				}
				c.conn.SetDeadline(begin.Add(patience))
				got, err := c.ask(n, ask(n))
				if err == nil && got != status {
					err = fmt.Errorf("status %d, want %d", got, status)
				}
				if err != nil {
					errs[k] = err
					return
				}
				now := m.Now()
				took[k] = append(took[k], now.Sub(begin))
				begin = now
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(took...), nil
}
