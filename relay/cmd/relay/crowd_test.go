package main

import (
	"errors"
	"net"
	"testing"
	"time"
)

// caller is a connection from somewhere.
type caller struct {
	net.Conn
	from   string
	closed bool
}

func (c *caller) RemoteAddr() net.Addr {
	a, err := net.ResolveTCPAddr("tcp", c.from)
	if err != nil {
		panic(err)
	}
	return a
}

func (c *caller) Close() error { c.closed = true; return nil }

// door lets in those who stand before it.
type door []*caller

var errNobody = errors.New("nobody is there")

func (d *door) Accept() (net.Conn, error) {
	if len(*d) == 0 {
		return nil, errNobody
	}
	c := (*d)[0]
	*d = (*d)[1:]
	return c, nil
}

func (d *door) Close() error   { return nil }
func (d *door) Addr() net.Addr { return nil }

// call stands n callers of one network before the crowd and returns those let in.
func call(t *testing.T, c *crowd, from string, n int) (in []net.Conn) {
	t.Helper()
	d := &door{}
	for range n {
		*d = append(*d, &caller{from: from})
	}
	for l := c.at(d); ; {
		conn, err := l.Accept()
		if errors.Is(err, errNobody) {
			return in
		}
		in = append(in, conn)
	}
}

func stillOpen(in []net.Conn) (n int) {
	for _, conn := range in {
		if !conn.(*guest).Conn.(*caller).closed {
			n++
		}
	}
	return n
}

func TestT13_ConnectionsOfOneNetwork(t *testing.T) {
	c := newCrowd(3, 100, 0, time.Now)
	first := call(t, c, "192.0.2.1:1", 2)
	second := call(t, c, "192.0.2.200:9", 2) // the same /24
	if len(first) != 2 || len(second) != 1 {
		t.Errorf("let in %d and %d, want 2 and 1", len(first), len(second))
	}
	for _, other := range []string{"192.0.3.1:1", "[2001:db8::1]:1", "[2001:db8:0:1::1]:1"} {
		if n := len(call(t, c, other, 3)); n != 3 {
			t.Errorf("%s: let in %d, want 3", other, n)
		}
	}
	if n := len(call(t, c, "[2001:db8::ffff]:1", 1)); n != 0 {
		t.Error("an IPv6 /64 counts as many")
	}
	if n := len(call(t, c, "[::ffff:192.0.2.7]:1", 1)); n != 0 {
		t.Error("a mapped address counts apart")
	}
	first[0].Close()
	first[0].Close() // http.Server closes more than once
	if n := len(call(t, c, "192.0.2.3:1", 2)); n != 1 {
		t.Errorf("after one left %d came in", n)
	}
}

func TestT13_WhoFillsItMakesPlace(t *testing.T) {
	c := newCrowd(10, 20, 0, time.Now)
	a, b := call(t, c, "192.0.2.1:1", 10), call(t, c, "198.51.100.1:1", 10)
	small := call(t, c, "203.0.113.1:1", 1)
	if len(a) != 10 || len(b) != 10 || len(small) != 1 || stillOpen(a)+stillOpen(b) != 19 {
		t.Errorf("open: %d and %d of the full, %d of the small", stillOpen(a), stillOpen(b), stillOpen(small))
	}
	// Nobody gets more than their neighbours by pushing.
	more := call(t, c, "203.0.113.2:1", 10)
	if got := stillOpen(small) + stillOpen(more); got < 6 || got > 7 {
		t.Errorf("the third network has %d of 20", got)
	}
	if c.open != 20 {
		t.Errorf("%d are open, want 20", c.open)
	}
	for _, conn := range append(append(append(a, b...), small...), more...) {
		conn.Close() // those that had to go as well, as the server does
	}
	if c.open != 0 || len(c.by) != 0 {
		t.Errorf("%d are open after all have left, of %d networks", c.open, len(c.by))
	}
}

func TestT13_WhoIsCutComesAgain(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := newCrowd(3, 100, 5, func() time.Time { return now })
	come := func(from string) (in int) {
		for range 10 {
			for _, conn := range call(t, c, from, 1) {
				conn.Close()
				in++
			}
		}
		return in
	}
	if n := come("192.0.2.1:1"); n != 5 {
		t.Errorf("%d in a minute, want 5", n)
	}
	if n := come("192.0.3.1:1"); n != 5 {
		t.Errorf("%d of another network, want 5", n)
	}
	now = now.Add(time.Minute)
	if n := come("192.0.2.1:1"); n != 5 {
		t.Errorf("%d in the next minute, want 5", n)
	}
}
