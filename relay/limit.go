package relay

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"potli/relay/wire"
)

// Limits bound what strangers can make the relay do. Zero fields get the
// defaults; a Rate with a negative PerMinute has no limit.
type Limits struct {
	Data    Rate  // readers; default 300 a minute, 120 at once
	Control Rate  // owners; default 120 a minute, 60 at once
	Checks  int   // scrypt checks at the same time, 16 MiB each; default 2
	Waiting int   // requests that wait for a check, before 429; default 256
	Uploads int64 // bytes of uploads held in memory at once; default 256 MiB
	Sends   int64 // bytes of files being sent, held in memory at once; default 512 MiB
	Stored  int64 // bytes of ciphertext kept in all, about; default 16 GiB
	// Listeners is how many may wait for entries at the same time; default 4096.
	Listeners int
	// Creates is how many creations a minute, from everywhere, are calm; beyond,
	// and when more than half of Stored is used, each needs proof of work. Default
	// 600; negative: none ever does, which is also the default when Control has no
	// limit.
	Creates int
	// Networks is how many networks are told apart before the oldest counts are
	// forgotten; default 65,536.
	Networks int
}

// Rate is a number of requests of one network (IPv4 /24, IPv6 /64).
type Rate struct {
	PerMinute int
	Burst     int
}

func (l Limits) withDefaults() Limits {
	or := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	if l.Control.PerMinute < 0 {
		or(&l.Creates, -1)
	}
	or(&l.Creates, 600)
	or(&l.Data.PerMinute, 300)
	or(&l.Data.Burst, 120)
	or(&l.Control.PerMinute, 120)
	or(&l.Control.Burst, 60)
	or(&l.Checks, 2)
	or(&l.Waiting, 256)
	or(&l.Networks, 1<<16)
	or(&l.Listeners, 4096)
	orBytes := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	orBytes(&l.Uploads, 256<<20)
	orBytes(&l.Sends, 512<<20)
	orBytes(&l.Stored, 16<<30)
	l.Uploads, l.Sends = max(l.Uploads, maxUpload), max(l.Sends, PartSize)
	return l
}

// maxUpload is the largest body of the control plane: a file and its JSON.
const maxUpload = wire.MaxFile + 16<<10

// limiter is a rate limit in memory, best effort (RL7). It knows networks only
// as MACs under a random key that is thrown away every day, so that even a dump
// of memory does not list who was here.
type limiter struct {
	step  time.Duration // between two requests; 0: no limit
	burst time.Duration
	most  int

	mu   sync.Mutex // guards what follows
	day  int64
	key  [32]byte
	next map[[16]byte]time.Time // when a network that asks no more has its full burst again
}

func newLimiter(r Rate, most int) *limiter {
	l := &limiter{most: most, day: -1}
	if r.PerMinute > 0 {
		l.step = time.Minute / time.Duration(r.PerMinute)
		l.burst = l.step * time.Duration(max(r.Burst, 1))
	}
	return l
}

// take spends one request of the network that addr is in, or returns how many
// seconds to wait.
func (l *limiter) take(addr string, now time.Time) (wait int, ok bool) {
	if l.step == 0 {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	id := l.id(addr, now)
	next, known := l.next[id]
	if next.Before(now) {
		next = now
	}
	next = next.Add(l.step)
	if over := next.Sub(now) - l.burst; over > 0 {
		return int((over + time.Second - 1) / time.Second), false
	}
	if !known && len(l.next) >= l.most {
		l.forget(now)
	}
	l.next[id] = next
	return 0, true
}

// who is what the network of addr is called today.
func (l *limiter) who(addr string, now time.Time) [16]byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.id(addr, now)
}

// id is who, with l.mu held.
func (l *limiter) id(addr string, now time.Time) [16]byte {
	l.turn(now)
	m := hmac.New(sha256.New, l.key[:])
	m.Write([]byte(network(addr)))
	return [16]byte(m.Sum(nil))
}

// turn starts a new key with each day.
func (l *limiter) turn(now time.Time) {
	if day := now.Unix() / 86400; day != l.day {
		l.day = day
		rand.Read(l.key[:])
		l.next = make(map[[16]byte]time.Time)
	}
}

// forget drops networks that have their full burst again, or, when a flood of
// networks leaves none of these, all: memory is bounded first, fairness second.
func (l *limiter) forget(now time.Time) {
	for id, next := range l.next {
		if !next.After(now) {
			delete(l.next, id)
		}
	}
	if len(l.next) >= l.most {
		clear(l.next)
	}
}

func (l *limiter) sweep(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(now)
}

// network is the part of an address that one subscriber holds. What cannot be
// parsed shares one bucket.
func network(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		ap, err := netip.ParseAddrPort(addr)
		if err != nil {
			return ""
		}
		ip = ap.Addr()
	}
	ip = ip.Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// checks lets a few scrypt computations run and a few more requests wait.
type checks struct {
	run  chan struct{}
	wait chan struct{}
}

func newChecks(run, waiting int) *checks {
	return &checks{run: make(chan struct{}, run), wait: make(chan struct{}, run+waiting)}
}

// enter returns false when the queue is full or the client has gone. After true
// the caller must leave.
func (c *checks) enter(ctx context.Context) bool {
	select {
	case c.wait <- struct{}{}:
	default:
		return false
	}
	select {
	case c.run <- struct{}{}:
		return true
	case <-ctx.Done():
		<-c.wait
		return false
	}
}

func (c *checks) leave() {
	<-c.run
	<-c.wait
}

// budget is a number of bytes of memory that can be lent, to one network no more
// than a share: what is lent to somebody who then does nothing is lost to all
// others meanwhile.
type budget struct {
	share int64

	mu   sync.Mutex // guards what follows
	left int64
	held map[[16]byte]int64 // by network; none with nothing
}

// newBudget lends total. No share is smaller than two of the largest pieces.
func newBudget(total, piece int64) *budget {
	return &budget{share: max(total/4, 2*piece), left: total, held: make(map[[16]byte]int64)}
}

// borrow returns false when there is no room for n more. After true the caller
// must give back.
func (b *budget) borrow(who [16]byte, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < n || b.held[who]+n > b.share {
		return false
	}
	b.left -= n
	b.held[who] += n
	return true
}

func (b *budget) giveBack(who [16]byte, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
	if b.held[who] -= n; b.held[who] == 0 {
		delete(b.held, who)
	}
}
