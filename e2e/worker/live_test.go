package worker_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// socket is a WebSocket as a browser opens one (RFC 6455), as far as the relay
// needs it.
type socket struct {
	conn net.Conn
	in   *bufio.Reader
}

var errRefused = errors.New("the relay does not open a socket")

// listen opens the socket of a mailbox, or returns the status of the refusal.
func (s *server) listen(id, token, origin string) (*socket, int, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.Base, "http://"))
	if err != nil {
		return nil, 0, err
	}
	s.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET %s%s/live HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: %s\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s, %s\r\n\r\n",
		wire.MailboxesPath, id, strings.TrimPrefix(s.Base, "http://"), origin, wire.LiveProtocol, token)
	in := bufio.NewReader(conn)
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, 0, err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		return nil, res.StatusCode, errRefused
	}
	if got := res.Header.Get("Sec-WebSocket-Protocol"); got != wire.LiveProtocol {
		s.t.Errorf("the protocol is %q", got)
	}
	return &socket{conn, in}, res.StatusCode, nil
}

// say sends a text of less than 126 bytes.
func (k *socket) say(text string) error {
	frame := append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...) // masked with zeros
	_, err := k.conn.Write(frame)
	return err
}

// hear returns the next message, and its opcode: 1 is a text, 8 the end.
func (k *socket) hear(within time.Duration) (opcode byte, payload []byte, err error) {
	k.conn.SetReadDeadline(time.Now().Add(within))
	var head [2]byte
	if _, err := io.ReadFull(k.in, head[:]); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, head[1]&0x7f)
	_, err = io.ReadFull(k.in, payload)
	return head[0] & 0xf, payload, err
}

func deposit(t *testing.T, m *storetest.Mailbox, seed string) {
	t.Helper()
	if a := m.Deposit(t, seed, storetest.Sealed(seed, wire.MinEntryPlain)); a.Status != http.StatusCreated {
		t.Fatalf("deposit: %d %s", a.Status, a.Body)
	}
}

func (k *socket) wants(t *testing.T, want string) {
	t.Helper()
	if op, text, err := k.hear(20 * time.Second); op != 1 || string(text) != want || err != nil {
		t.Fatalf("heard %d %q, %v, want %q", op, text, err, want)
	}
}

// TestLive: who has the token hears of what arrives, and nobody else is let in.
func TestLive(t *testing.T) {
	s := start(t, program(t))
	c := s.client()
	m, other := c.OpenMailbox(t, "", nil), c.OpenMailbox(t, "other", nil)
	for name, try := range map[string][3]string{
		"another token": {m.ID, storetest.ID("thief"), appOrigin}, "no such mailbox": {storetest.ID("nobody"), m.Token, appOrigin},
		"no token": {m.ID, "", appOrigin}, "another mailbox's": {other.ID, m.Token, appOrigin},
	} {
		if _, status, err := s.listen(try[0], try[1], try[2]); status != http.StatusNotFound {
			t.Errorf("%s: %d %v, want the 404", name, status, err)
		}
	}
	if _, status, _ := s.listen(m.ID, m.Token, "https://elsewhere.example"); status != http.StatusForbidden {
		t.Errorf("from a page elsewhere: %d, want 403", status)
	}
	first, _, err := s.listen(m.ID, m.Token, appOrigin)
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := s.listen(m.ID, m.Token, appOrigin)
	if err != nil {
		t.Fatal(err)
	}
	deposit(t, other, "elsewhere")
	deposit(t, m, "1")
	deposit(t, m, "2")
	for _, k := range []*socket{first, second} {
		k.wants(t, "1")
		k.wants(t, "2")
	}
	first.say("ping")
	first.wants(t, "pong")
	first.say("hello")
	if op, _, err := first.hear(20 * time.Second); op != 8 || err != nil {
		t.Errorf("whoever talks is not hung up on: %d, %v", op, err)
	}
	if a := c.Do(t, "DELETE", wire.MailboxesPath+m.ID, nil, storetest.Headers{"Authorization", "Bearer " + m.Token}); a.Status != http.StatusNoContent {
		t.Fatalf("closing the mailbox: %d %s", a.Status, a.Body)
	}
	if op, _, err := second.hear(20 * time.Second); op != 8 || err != nil {
		t.Errorf("the mailbox is closed and its socket is not: %d, %v", op, err)
	}
}

// TestLiveCrowd: so many may listen at one mailbox and no more.
func TestLiveCrowd(t *testing.T) {
	s := start(t, program(t))
	m := s.client().OpenMailbox(t, "", nil)
	for i := range 32 {
		if _, status, err := s.listen(m.ID, m.Token, appOrigin); err != nil {
			t.Fatalf("listener %d: %d %v", i, status, err)
		}
	}
	if _, status, _ := s.listen(m.ID, m.Token, appOrigin); status != http.StatusTooManyRequests {
		t.Errorf("one too many: %d, want 429", status)
	}
}

// TestHibernate: an object with open sockets and nothing to do goes out of memory,
// with its Go program. The sockets stay, and hear of the next deposit.
func TestHibernate(t *testing.T) {
	t.Parallel() // it is all waiting
	s := start(t, testProgram(t))
	m := s.client().OpenMailbox(t, "", nil)
	k, _, err := s.listen(m.ID, m.Token, appOrigin)
	if err != nil {
		t.Fatal(err)
	}
	before := s.state(shardOf(m.ID))
	for n := 1; ; n++ {
		time.Sleep(16 * time.Second) // the runtime waits ten before it evicts, and looks now and then
		deposit(t, m, fmt.Sprint(n))
		k.wants(t, fmt.Sprint(n))
		after := s.state(shardOf(m.ID))
		if after.Programs == before.Programs+1 && after.Objects == before.Objects+1 && after.Sockets == 1 {
			return
		}
		if n == 5 {
			t.Fatalf("before %+v, after %+v: want a new object with a new program and the old socket", before, after)
		}
	}
}
