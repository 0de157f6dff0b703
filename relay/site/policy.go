package site

import (
	"net/http"
	"strings"
)

// policy is the set of headers of a kind, and of the one page that differs.
type policy struct {
	all   http.Header
	frame http.Header // FramePath of the Viewer; nil for the App
}

func newPolicy(kind Kind, o Origins) policy {
	if kind == App {
		return policy{all: headers(appCSP(o), o.App, appPermissions, "same-origin")}
	}
	return policy{
		all:   headers(viewerCSP(o, "'none'", true), o.Viewer, viewerPermissions, "same-origin"),
		frame: headers(viewerCSP(o, o.App, false), o.Viewer, framePermissions, "cross-origin"),
	}
}

func (p policy) of(path string) http.Header {
	if p.frame != nil && path == FramePath {
		return p.frame
	}
	return p.all
}

// signed are the headers of every page of the App.
func (p policy) signed() map[string]string {
	all := map[string]string{}
	for name := range p.all {
		all[name] = p.all.Get(name)
	}
	return all
}

// The wallet scans codes and uses passkeys; the clinic's page films a phone's screen where there is no network, and asks
// for nothing else. Its frame in the wallet asks for nothing.
const (
	appPermissions = "camera=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), " +
		"geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=()"
	viewerPermissions = "camera=(self), publickey-credentials-get=(), publickey-credentials-create=(), " +
		"geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=()"
	framePermissions = "camera=(), publickey-credentials-get=(), publickey-credentials-create=(), " +
		"geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=()"
)

func headers(csp, self, permissions, resource string) http.Header {
	h := http.Header{}
	if overTLS(self) {
		// Never on plain http: a browser would carry it over to every port of localhost.
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload")
		csp += "; upgrade-insecure-requests"
	}
	h.Set("Content-Security-Policy", csp)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", resource)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Permissions-Policy", permissions)
	h.Set("Cache-Control", "no-cache")
	return h
}

// appCSP lets wasm compile but no script be made from a string, and pins the
// only other machine the wallet can send anything to: its relay. The framed
// viewer is where links of other relays are fetched.
func appCSP(o Origins) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		"img-src 'self' blob: data:",
		"font-src 'self'",
		"connect-src 'self' " + o.Relay + " " + socketOrigin(o.Relay),
		"frame-src " + o.Viewer,
		"worker-src 'self'",
		"manifest-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types wallet-sw wallet-worker",
	}, "; ")
}

// socketOrigin is where the WebSockets of an origin are. A policy that names the
// one does not cover the other.
func socketOrigin(origin string) string { return "ws" + strings.TrimPrefix(origin, "http") }

// viewerCSP has no policy that could make a script, and may fetch from any host,
// since anybody's link may be opened. Attachments are shown in frames of blob:
// URLs, which inherit this policy. alone: it is not in the wallet's frame. Then it
// may start the two scripts that it has beside itself, the reader of codes, which
// is wasm, and the worker that keeps the page for days without network.
func viewerCSP(o Origins, ancestors string, alone bool) string {
	connect := "connect-src 'self' https:"
	if !overTLS(o.Relay) {
		connect += " " + o.Relay // on one machine, where https: does not cover it
	}
	if loopback(o.Viewer) {
		connect += " http://localhost:* http://127.0.0.1:*" // and the links of other programs on that machine
	}
	scripts, workers, types := "script-src 'self'", "worker-src 'none'", "trusted-types 'none'"
	if alone {
		scripts, workers, types = "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", "trusted-types viewer-worker"
	}
	return strings.Join([]string{
		"default-src 'none'",
		scripts,
		"style-src 'self'",
		"img-src 'self' blob: data:",
		"font-src 'self'",
		connect,
		"frame-src blob:",
		workers,
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors " + ancestors,
		"require-trusted-types-for 'script'",
		types,
	}, "; ")
}

// loopback says whether an origin is for this machine alone.
func loopback(origin string) bool {
	return strings.HasPrefix(origin, "http://localhost:") || strings.HasPrefix(origin, "http://127.0.0.1:")
}

func overTLS(origin string) bool { return strings.HasPrefix(origin, "https://") }
