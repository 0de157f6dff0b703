// Package limit bounds what strangers can make a server do: how often a network
// asks, how much memory it is lent, how many costly checks run at once, and what a
// creation costs while many are made.
//
// All of it is in the memory of one process and best effort; it bounds load, and
// decides nothing about who may read what. Nothing here knows a request or an
// answer, or reads a clock: the moment is a parameter.
package limit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"
)

// Network stands for one subscriber's part of the internet, for a day: an IPv4 /24
// or an IPv6 /64, as a MAC.
type Network [16]byte

// Rate is how often each network may ask. It knows networks only as MACs under a
// random key that is thrown away every day, so that even a dump of memory does
// not list who was here. Make one with NewRate.
type Rate struct {
	step  time.Duration // between two requests; 0: no limit
	burst time.Duration
	most  int

	mu   sync.Mutex // guards what follows
	day  int64
	key  [32]byte
	next map[Network]time.Time // when a network that asks no more has its full burst again
}

// NewRate allows each network so many requests a minute and so many at once. With
// perMinute of 0 or less there is no limit. It tells apart as many networks as
// most, and then forgets the counts of the oldest.
func NewRate(perMinute, burst, most int) *Rate {
	r := &Rate{most: most, day: -1}
	if perMinute > 0 {
		r.step = time.Minute / time.Duration(perMinute)
		r.burst = r.step * time.Duration(max(burst, 1))
	}
	return r
}

// Take spends one request of the network that addr is in, or returns how many
// seconds to wait. An address may have a port.
func (r *Rate) Take(addr string, now time.Time) (wait int, ok bool) {
	if r.step == 0 {
		return 0, true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id := r.id(addr, now)
	next, known := r.next[id]
	if next.Before(now) {
		next = now
	}
	next = next.Add(r.step)
	if over := next.Sub(now) - r.burst; over > 0 {
		return int((over + time.Second - 1) / time.Second), false
	}
	if !known && len(r.next) >= r.most {
		r.forget(now)
	}
	r.next[id] = next
	return 0, true
}

// Who is what the network of addr is called today.
func (r *Rate) Who(addr string, now time.Time) Network {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.id(addr, now)
}

// id is Who, with r.mu held.
func (r *Rate) id(addr string, now time.Time) Network {
	r.turn(now)
	m := hmac.New(sha256.New, r.key[:])
	m.Write([]byte(network(addr)))
	return Network(m.Sum(nil))
}

// turn starts a new key with each day.
func (r *Rate) turn(now time.Time) {
	if day := now.Unix() / 86400; day != r.day {
		r.day = day
		rand.Read(r.key[:])
		r.next = make(map[Network]time.Time)
	}
}

// forget drops networks that have their full burst again, or, when a flood of
// networks leaves none of these, all: memory is bounded first, fairness second.
func (r *Rate) forget(now time.Time) {
	for id, next := range r.next {
		if !next.After(now) {
			delete(r.next, id)
		}
	}
	if len(r.next) >= r.most {
		clear(r.next)
	}
}

// Sweep forgets the networks that have their full burst again. Call it now and
// then.
func (r *Rate) Sweep(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(now)
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
