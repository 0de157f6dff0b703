package main

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// crowd bounds how many connections are open, of one network (IPv4 /24, IPv6 /64)
// and in all, and how many of one network come in a minute. A connection costs
// memory, and a handshake, before a header has come that any other limit could
// look at; and whoever is cut comes again.
type crowd struct {
	each, all, pace int // pace is by the minute; 0: no limit
	now             func() time.Time

	mu     sync.Mutex // guards what follows
	open   int
	by     map[netip.Prefix]map[*guest]bool
	minute int64
	came   map[netip.Prefix]int // in this minute
}

func newCrowd(each, all, pace int, now func() time.Time) *crowd {
	return &crowd{each: each, all: all, pace: pace, now: now, by: make(map[netip.Prefix]map[*guest]bool), came: make(map[netip.Prefix]int)}
}

// at bounds the connections of one listener; several share the crowd.
func (c *crowd) at(l net.Listener) net.Listener { return &gate{l, c} }

type gate struct {
	net.Listener
	crowd *crowd
}

// Accept returns the next connection that is let in, and closes those that are not.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		in := &guest{Conn: conn, crowd: g.crowd, from: networkOf(conn.RemoteAddr())}
		out, ok := g.crowd.enter(in)
		if out != nil {
			out.Conn.Close()
		}
		if ok {
			return in, nil
		}
	}
}

// guest is a connection that was let in.
type guest struct {
	net.Conn
	crowd *crowd
	from  netip.Prefix
	left  sync.Once
}

func (g *guest) Close() error {
	g.left.Do(func() { g.crowd.leave(g) })
	return g.Conn.Close()
}

// enter lets g in, or says that it has to go. When there is no more room at all,
// one of the network with the most connections makes place: whoever fills the
// relay from a few networks shuts out these and no other.
func (c *crowd) enter(g *guest) (out *guest, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.by[g.from]) >= c.each || c.hurries(g.from) {
		return g, false
	}
	if c.open >= c.all {
		most := c.most()
		if len(c.by[most]) <= len(c.by[g.from])+1 {
			return g, false
		}
		for out = range c.by[most] {
			break
		}
		c.forget(out)
	}
	if c.by[g.from] == nil {
		c.by[g.from] = make(map[*guest]bool)
	}
	c.by[g.from][g] = true
	c.open++
	return out, true
}

// mostNetworks is how many are told apart within a minute: memory is bounded
// first, fairness second.
const mostNetworks = 1 << 16

// hurries counts one more of a network, and says whether these are too many.
func (c *crowd) hurries(from netip.Prefix) bool {
	if minute := c.now().Unix() / 60; minute != c.minute || len(c.came) >= mostNetworks {
		c.minute = minute
		clear(c.came)
	}
	c.came[from]++
	return c.pace > 0 && c.came[from] > c.pace
}

func (c *crowd) most() (most netip.Prefix) {
	for p, guests := range c.by {
		if len(guests) > len(c.by[most]) {
			most = p
		}
	}
	return most
}

func (c *crowd) leave(g *guest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(g)
}

// forget is leave with c.mu held. Whoever had to make place leaves once more when
// the server closes it.
func (c *crowd) forget(g *guest) {
	if !c.by[g.from][g] {
		return
	}
	c.open--
	delete(c.by[g.from], g)
	if len(c.by[g.from]) == 0 {
		delete(c.by, g.from)
	}
}

func networkOf(a net.Addr) netip.Prefix {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 24
	}
	p, _ := ip.Prefix(bits) // no error: ip is valid and so are the bits
	return p
}
