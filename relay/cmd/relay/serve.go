package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"potli/relay"
	"potli/relay/site"
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
)

// doors are the three handlers; the relay also keeps house.
type doors struct {
	app, viewer http.Handler
	relay       *relay.Handler
}

func handlers(c config, o origins, store relay.Store) (doors, error) {
	key, err := readKey(c.key)
	if err != nil {
		return doors{}, err
	}
	app, err := openSite(c.appDir, "app-dir", site.App, o)
	if err != nil {
		return doors{}, err
	}
	viewer, err := openSite(c.viewerDir, "viewer-dir", site.Viewer, o)
	if err != nil {
		return doors{}, err
	}
	opts := relay.Options{Store: store, Key: key, PublicURL: o.Relay, AppOrigin: o.App}
	if c.proxy {
		opts.RemoteAddr = forwarded
	}
	r, err := relay.New(opts)
	return doors{app, viewer, r}, err
}

func openSite(dir, flag string, kind site.Kind, o origins) (*site.Site, error) {
	s, err := site.New(os.DirFS(dir), kind, o.Origins)
	if err != nil {
		return nil, fmt.Errorf("the files in %s (-%s) cannot be served; `make build` makes them: %w", dir, flag, err)
	}
	return s, nil
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

// serve answers on the three doors until ctx ends or one of them fails.
func serve(ctx context.Context, ls listeners, d doors, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	servers := []*http.Server{newServer(d.app), newServer(d.relay), newServer(d.viewer)}
	failed := make(chan error, len(servers))
	var running sync.WaitGroup
	for i, l := range []net.Listener{ls.app, ls.relay, ls.viewer} {
		running.Go(func() {
			if err := servers[i].Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
				cancel()
			}
		})
	}
	running.Go(func() { purge(ctx, d.relay, out) })
	<-ctx.Done()
	stop(servers)
	running.Wait()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	default:
		return nil
	}
}

func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          log.New(io.Discard, "", 0), // it would write clients' addresses
	}
}

// stop lets answers under way finish, for a while.
func stop(servers []*http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	var stopping sync.WaitGroup
	for _, s := range servers {
		stopping.Go(func() {
			if s.Shutdown(ctx) != nil {
				s.Close()
			}
		})
	}
	stopping.Wait()
}

// purge erases what has ended, at once and then every minute. Expired links are
// refused without it; it is what makes their bytes go.
func purge(ctx context.Context, r *relay.Handler, out io.Writer) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	for {
		if err := r.Purge(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintln(out, "Erasing expired links failed and will be tried again in a minute:", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
