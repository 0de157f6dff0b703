package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"potli/relay"
	"potli/relay/site"
	"potli/relay/wire"
)

// Go's server waits for ever by default, so that a few hundred slow clients
// would be the end of it (RL10).
const (
	headerTime  = 5 * time.Second
	readTime    = 30 * time.Second
	writeTime   = 10 * time.Minute // 25 MiB at 350 kbit/s
	idleTime    = time.Minute
	headerBytes = 8 << 10
	stopTime    = 10 * time.Second // for answers under way when asked to stop
	purgeEvery  = time.Minute
	pollEvery   = time.Second
)

// http2Limits bounds what one connection of HTTP/2 may hold; Go's defaults are for
// servers that trust their clients more. A stream that is reset counts until its
// handler has returned, and a connection that resets four times as many as may be
// open is closed (CVE-2023-44487).
var http2Limits = http.HTTP2Config{
	MaxConcurrentStreams:          32,
	MaxReadFrameSize:              16 << 10,
	MaxReceiveBufferPerStream:     256 << 10,
	MaxReceiveBufferPerConnection: 1 << 20,
	SendPingTimeout:               30 * time.Second, // a phone that left without a word
	PingTimeout:                   15 * time.Second,
	WriteByteTimeout:              time.Minute,
}

func serve(ctx context.Context, p program) error {
	c, err := parse(p)
	if err != nil {
		return err
	}
	return run(ctx, c, p.out)
}

// run serves until ctx ends, then finishes what was begun, and closes the store.
func run(ctx context.Context, c config, out io.Writer) (err error) {
	c.log.Info("starting", "version", versionText())
	ds, err := open(c)
	if err != nil {
		return err
	}
	defer ds.close()
	o, err := c.origins(ds)
	if err != nil {
		return err
	}
	told := out
	if c.logged {
		told = noted{c.log}
	}
	store, err := openStore(ctx, c, told)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	s, err := newService(c, o, store)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(ds)) {
		c.log.Info("listening", "door", name, "on", ds[name].Addr().String())
	}
	welcome(out, c, o)
	err = s.serve(ctx, ds)
	c.log.Info("stopped")
	farewell(out, c)
	return err
}

// service is all that is served, and what it takes to stop.
type service struct {
	config
	relay    *relay.Handler
	servers  map[string]*http.Server // by door
	draining chan struct{}           // closed when no more readers shall come
}

func newService(c config, o origins, store relay.Store) (*service, error) {
	s := &service{config: c, draining: make(chan struct{}), servers: map[string]*http.Server{}}
	hs, err := s.handlers(o, store)
	if err != nil {
		return nil, err
	}
	if c.adminAddr != "" {
		hs["admin"] = admin(s.relay)
	}
	if c.tls {
		return s, s.serveTLS(hs)
	}
	for name, h := range hs {
		s.servers[name] = newServer(s.lastAnswer(h))
	}
	return s, nil
}

// handlers are the origins, by door.
func (s *service) handlers(o origins, store relay.Store) (map[string]http.Handler, error) {
	keys, err := readKeys(s.key)
	if err != nil {
		return nil, err
	}
	opts := relay.Options{Store: store, Key: keys[0], OldKeys: keys[1:], PublicURL: o.Relay, AppOrigin: o.App, ViewerOrigin: o.Viewer, Limits: s.limits()}
	if s.proxy {
		opts.RemoteAddr = forwarded
	}
	if opts.Push, err = newSender(s.config); err != nil {
		return nil, err
	}
	if s.relay, err = relay.New(opts); err != nil {
		return nil, err
	}
	hs := map[string]http.Handler{"relay": s.relay}
	if s.only == "relay" {
		return hs, nil
	}
	if hs["app"], err = s.wallet(o); err != nil {
		return nil, err
	}
	if hs["viewer"], err = openSite(s.viewerDir, "viewer-dir", site.Viewer, o, site.Signing{}); err != nil {
		return nil, err
	}
	return hs, nil
}

// wallet is the app's site, signed.
func (s *service) wallet(o origins) (*site.Site, error) {
	if err := s.ownKey(); err != nil {
		return nil, err
	}
	by, err := s.release.signing(time.Now())
	if err != nil {
		return nil, err
	}
	app, err := openSite(s.appDir, "app-dir", site.App, o, by)
	if err == nil && app.Missing() > 0 {
		err = fmt.Errorf("%d more of the release keys must sign: write the sites with potli sites, have them signed, and serve that folder with -app-dir", app.Missing())
	}
	return app, err
}

func openSite(dir, flag string, kind site.Kind, o origins, by site.Signing) (*site.Site, error) {
	s, err := site.New(os.DirFS(dir), kind, o.Origins, by)
	if err != nil {
		return nil, fmt.Errorf("the files in %s (-%s) cannot be served; `make build` makes them: %w", dir, flag, err)
	}
	return s, nil
}

// admin is for operators and their machines.
func admin(r *relay.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/metrics":
			r.ServeMetrics(w, q)
		case wire.HealthPath, wire.ReadyPath:
			r.ServeHTTP(w, q)
		default:
			http.NotFound(w, q)
		}
	})
}

// forwarded is the address that the proxy in front wrote last. Those before it
// are the client's own claim.
func forwarded(r *http.Request) string {
	all := r.Header.Values("X-Forwarded-For")
	if len(all) == 0 {
		return r.RemoteAddr
	}
	last := all[len(all)-1]
	return strings.TrimSpace(last[strings.LastIndex(last, ",")+1:])
}

func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerBytes,
		HTTP2:             &http2Limits,
		ErrorLog:          log.New(io.Discard, "", 0), // it would write clients' addresses
	}
}

// serve answers on all doors until ctx ends or one of them fails.
func (s *service) serve(ctx context.Context, ds doors) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	each, all, pace := s.conns[0], s.conns[1], 4*s.conns[0]
	if s.proxy { // all of them come from there
		each, pace = all, 0
	}
	crowd := newCrowd(each, all, pace, time.Now)
	failed := make(chan error, len(ds))
	var running sync.WaitGroup
	for name, l := range ds {
		srv := s.servers[name]
		if name != "admin" { // whoever watches a flood must not drown in it
			l = crowd.at(l)
		}
		running.Go(func() {
			listen := srv.Serve
			if srv.TLSConfig != nil {
				listen = func(l net.Listener) error { return srv.ServeTLS(l, "", "") }
			}
			if err := listen(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
				cancel()
			}
		})
	}
	running.Go(func() { s.purge(ctx) })
	if s.push.subject != "" {
		running.Go(func() { s.sendPushes(ctx) })
	}
	if isPostgres(s.store) { // of which there may be several relays
		running.Go(func() { s.poll(ctx) })
	}
	<-ctx.Done()
	s.stop()
	running.Wait()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	default:
		return nil
	}
}
