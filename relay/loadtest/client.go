package loadtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// client is one kept-alive connection that asks and waits in turn. It speaks
// just enough HTTP/1.1 for a relay: the generator shares its processors with
// what it measures, and net/http's own client costs more than the relay does.
type client struct {
	addr string
	conn net.Conn
	out  []byte // the request
	in   []byte // the answer, as far as read
}

func newClient(base string) (*client, error) {
	addr, ok := strings.CutPrefix(base, "http://")
	if !ok {
		return nil, errors.New("a relay is measured over plain HTTP on this machine")
	}
	c := &client{addr: addr, in: make([]byte, 0, 64<<10)}
	return c, c.dial()
}

func (c *client) dial() (err error) {
	c.conn, err = net.Dial("tcp", c.addr)
	return err
}

// addressHeaders are what a proxy and what Cloudflare say who asks with.
var addressHeaders = [...]string{"\r\nX-Forwarded-For: 10.", "\r\nCf-Connecting-Ip: 10."}

// ask sends a request and reads the whole answer, of which it returns the
// status. Each i comes from another network, for a relay behind a proxy: its
// rate limit would otherwise be what is measured.
func (c *client) ask(i int, r request) (status int, err error) {
	c.out = append(c.out[:0], r.method...)
	c.out = append(c.out, ' ')
	c.out = append(c.out, r.path...)
	c.out = append(c.out, " HTTP/1.1\r\nHost: "...)
	c.out = append(c.out, c.addr...)
	for _, header := range addressHeaders {
		c.out = append(c.out, header...)
		c.out = strconv.AppendInt(c.out, int64(i>>8&255), 10)
		c.out = append(c.out, '.')
		c.out = strconv.AppendInt(c.out, int64(i&255), 10)
		c.out = append(c.out, ".1"...)
	}
	c.out = append(c.out, "\r\n"...)
	if r.method == "PUT" {
		c.out = append(c.out, "If-None-Match: *\r\n"...)
	}
	if len(r.body) > 0 {
		c.out = append(c.out, "Content-Type: application/json\r\nContent-Length: "...)
		c.out = strconv.AppendInt(c.out, int64(len(r.body)), 10)
		c.out = append(c.out, "\r\n"...)
	}
	c.out = append(c.out, "\r\n"...)
	c.out = append(c.out, r.body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, err
	}
	return c.answer()
}

var (
	headEnd = []byte("\r\n\r\n")
	length  = []byte("\r\ncontent-length: ")
	// No body of a relay holds a line break, so that this is where chunks end.
	lastChunk = []byte("\r\n0\r\n\r\n")
)

// answer reads one response to its end.
func (c *client) answer() (status int, err error) {
	c.in = c.in[:0]
	head := -1
	for head < 0 {
		if err := c.more(); err != nil {
			return 0, err
		}
		head = bytes.Index(c.in, headEnd)
	}
	if len(c.in) < len("HTTP/1.1 200") {
		return 0, errors.New("not an answer")
	}
	if status, err = strconv.Atoi(string(c.in[9:12])); err != nil {
		return 0, err
	}
	whole, err := contentLength(c.in[:head+2])
	if err != nil {
		return 0, err
	}
	whole += head + len(headEnd)
	for len(c.in) < whole || whole < 0 && !bytes.HasSuffix(c.in, lastChunk) {
		if err := c.more(); err != nil {
			return 0, err
		}
	}
	if whole >= 0 && len(c.in) > whole {
		return 0, errors.New("an answer is longer than it says")
	}
	return status, nil
}

func (c *client) more() error {
	if len(c.in) == cap(c.in) {
		c.in = append(c.in, 0)[:len(c.in)]
	}
	n, err := c.conn.Read(c.in[len(c.in):cap(c.in)])
	c.in = c.in[:len(c.in)+n]
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// chunks is far below zero, so that it stays there with a header added.
const chunks = -1 << 30

// contentLength is 0 where an answer has no body, and chunks where it comes in those.
func contentLength(head []byte) (int, error) {
	lower := bytes.ToLower(head)
	if bytes.Contains(lower, []byte("\r\ntransfer-encoding: chunked")) {
		return chunks, nil
	}
	_, rest, ok := bytes.Cut(lower, length)
	if !ok {
		return 0, nil
	}
	value, _, _ := bytes.Cut(rest, []byte("\r\n"))
	n, err := strconv.Atoi(string(value))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("an answer of %q bytes", value)
	}
	return n, nil
}

// request is one of those a row sends.
type request struct {
	method, path string
	body         []byte
}
