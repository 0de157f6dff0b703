package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// hosts are the origins to speak TLS for, by host name, and the name of each door.
func (c config) hosts() (origins, doors map[string]string, err error) {
	urls := map[string]string{"app": c.appURL, "relay": c.relayURL, "viewer": c.viewerURL}
	if c.only == "relay" {
		urls = map[string]string{"relay": c.relayURL}
	}
	origins, doors = map[string]string{}, map[string]string{}
	for name, s := range urls {
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
			return nil, nil, fmt.Errorf("-tls needs an https origin with a host name: -%s-url is %q", name, s)
		}
		host := strings.ToLower(u.Hostname())
		if doors[host] != "" {
			return nil, nil, fmt.Errorf("-tls needs another host name for each origin: %s is there twice", host)
		}
		origins[host], doors[host] = s, name
	}
	return origins, doors, nil
}

// certificates gets, keeps and renews one certificate a host name: one of all
// three would let a browser carry the relay's answers over the vault's connection.
func certificates(c config, hosts []string) (*autocert.Manager, error) {
	if err := makeData(c.acmeDir); err != nil {
		return nil, err
	}
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      notedCache{autocert.DirCache(c.acmeDir), hosts, c.log},
		HostPolicy: autocert.HostWhitelist(hosts...),
		Email:      c.acmeEmail,
	}
	if c.acmeURL != "" {
		m.Client = &acme.Client{DirectoryURL: c.acmeURL}
	}
	return m, nil
}

// tlsConfig is m's, with failures noted for our own names, not for those that a
// stranger wrote, and not more often than every ten minutes.
func tlsConfig(m *autocert.Manager, hosts []string, log *slog.Logger) *tls.Config {
	t := m.TLSConfig()
	t.MinVersion = tls.VersionTLS12
	get := t.GetCertificate
	quiet := make([]atomic.Int64, len(hosts)) // unix seconds until which a host's failures are not noted again
	t.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := get(hello)
		if i := slices.Index(hosts, strings.ToLower(hello.ServerName)); err != nil && i >= 0 {
			now, until := time.Now().Unix(), quiet[i].Load()
			if now >= until && quiet[i].CompareAndSwap(until, now+600) {
				log.Warn("no certificate", "host", hosts[i], class(err))
			}
		}
		return cert, err
	}
	return t
}

// notedCache says when a certificate has come.
type notedCache struct {
	autocert.Cache
	hosts []string
	log   *slog.Logger
}

func (n notedCache) Put(ctx context.Context, key string, data []byte) error {
	err := n.Cache.Put(ctx, key, data)
	if host, _, _ := strings.Cut(key, "+"); slices.Contains(n.hosts, host) && !strings.HasSuffix(key, "+token") {
		if err != nil {
			n.log.Warn("a certificate could not be kept", "host", host)
		} else {
			n.log.Info("certificate", "host", host)
		}
	}
	return err
}

// serveTLS puts the origins behind one door with TLS, and another that leads there.
func (s *service) serveTLS(hs map[string]http.Handler) error {
	origins, doors, err := s.hosts()
	if err != nil {
		return err
	}
	hosts := slices.Sorted(maps.Keys(doors))
	m, err := certificates(s.config, hosts)
	if err != nil {
		return err
	}
	named := byHost{}
	for host, door := range doors {
		named[host] = hs[door]
	}
	if admin := hs["admin"]; admin != nil {
		s.servers["admin"] = newServer(admin)
	}
	s.servers["http"] = newServer(m.HTTPHandler(toHTTPS(origins)))
	s.servers["https"] = newServer(s.lastAnswer(named))
	s.servers["https"].TLSConfig = tlsConfig(m, hosts, s.log)
	return nil
}

// byHost serves each host name its own origin, and nothing to any other name.
type byHost map[string]http.Handler

func (b byHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, ok := b[hostName(r)]
	if !ok {
		http.Error(w, "another host was meant", http.StatusMisdirectedRequest)
		return
	}
	h.ServeHTTP(w, r)
}

// toHTTPS leads browsers that begin with http to the same page on https. It maps
// host names to origins.
type toHTTPS map[string]string

func (t toHTTPS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	origin, ok := t[hostName(r)]
	if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead || !strings.HasPrefix(r.RequestURI, "/") {
		http.Error(w, "only https is spoken here", http.StatusMisdirectedRequest)
		return
	}
	w.Header().Set("Connection", "close")
	w.Header().Set("Location", origin+r.URL.RequestURI())
	w.WriteHeader(http.StatusPermanentRedirect)
}

func hostName(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(host)
}
