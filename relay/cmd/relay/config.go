package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"potli/relay/site"
)

// config is what flags and environment say. Each flag has a variable, which it
// overrides: -app-addr is POTLI_APP_ADDR.
type config struct {
	appAddr, relayAddr, viewerAddr string
	appURL, relayURL, viewerURL    string // "" is made of the address
	appDir, viewerDir              string
	data, key                      string
	proxy                          bool
}

func parse(args []string, getenv func(string) string) (config, error) {
	var c config
	fs := flag.NewFlagSet("potli", flag.ContinueOnError)
	text := func(to *string, name, env, otherwise, usage string) {
		if v := getenv(env); v != "" {
			otherwise = v
		}
		fs.StringVar(to, name, otherwise, usage+" ($"+env+")")
	}
	beside := besideProgram()
	text(&c.appAddr, "app-addr", "POTLI_APP_ADDR", "localhost:8080", "`address` the wallet is served on")
	text(&c.relayAddr, "relay-addr", "POTLI_RELAY_ADDR", "localhost:8081", "`address` of the relay")
	text(&c.viewerAddr, "viewer-addr", "POTLI_VIEWER_ADDR", "localhost:8082", "`address` of the clinic's page")
	text(&c.appURL, "app-url", "POTLI_APP_URL", "", "public `origin` of the wallet, like https://potli.example")
	text(&c.relayURL, "relay-url", "POTLI_RELAY_URL", "", "public `origin` of the relay")
	text(&c.viewerURL, "viewer-url", "POTLI_VIEWER_URL", "", "public `origin` of the clinic's page")
	text(&c.appDir, "app-dir", "POTLI_APP_DIR", filepath.Join(beside, "app"), "`folder` of the wallet's files")
	text(&c.viewerDir, "viewer-dir", "POTLI_VIEWER_DIR", filepath.Join(beside, "viewer"), "`folder` of the clinic's page")
	text(&c.data, "data", "POTLI_DATA", "", "`folder` of the relay's store (default: a folder potli where this system keeps state)")
	text(&c.key, "key", "POTLI_KEY_FILE", "", "`file` of the relay's key (default: relay.key in the data folder)")
	fs.BoolVar(&c.proxy, "proxy", getenv("POTLI_PROXY") == "1",
		"a proxy stands in front: limit by the last address in X-Forwarded-For ($POTLI_PROXY=1)")
	if err := fs.Parse(args); err != nil {
		return config{}, err
	}
	if fs.NArg() > 0 {
		return config{}, fmt.Errorf("%q is no flag; -h lists them", fs.Arg(0))
	}
	if c.data == "" {
		dir, err := stateDir(runtime.GOOS, getenv)
		if err != nil {
			return config{}, err
		}
		c.data = filepath.Join(dir, "potli")
	}
	if c.key == "" {
		c.key = filepath.Join(c.data, "relay.key")
	}
	return c, nil
}

// besideProgram is where `make build` puts the two folders of files.
func besideProgram() string {
	exe, err := os.Executable()
	if err != nil {
		return "."
	}
	return filepath.Dir(exe)
}

// stateDir is where a system keeps what a program must remember but nobody
// edits (XDG Base Directory Specification 0.8, and its like elsewhere).
func stateDir(goos string, getenv func(string) string) (string, error) {
	home := getenv("HOME")
	switch dir := getenv("XDG_STATE_HOME"); {
	case goos == "windows" && getenv("LocalAppData") != "":
		return getenv("LocalAppData"), nil
	case goos == "darwin" && home != "":
		return filepath.Join(home, "Library", "Application Support"), nil
	case filepath.IsAbs(dir): // the specification says to ignore a relative one
		return dir, nil
	case home != "":
		return filepath.Join(home, ".local", "state"), nil
	}
	return "", errors.New("this system does not say where your home folder is: name a folder with -data")
}

type origins struct{ site.Origins }

// origins are the public addresses: as configured, or as listened on.
func (c config) origins(ls listeners) (origins, error) {
	o := origins{site.Origins{
		App:    publicURL(c.appURL, c.appAddr, ls.app),
		Relay:  publicURL(c.relayURL, c.relayAddr, ls.relay),
		Viewer: publicURL(c.viewerURL, c.viewerAddr, ls.viewer),
	}}
	if o.App == o.Relay || o.App == o.Viewer || o.Relay == o.Viewer {
		return o, errors.New("the wallet, the relay and the clinic's page need three different origins: " +
			"on one origin a document from a stranger could read the vault")
	}
	return o, nil
}

func publicURL(configured, addr string, l net.Listener) string {
	if configured != "" {
		return configured
	}
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	_, port, _ := net.SplitHostPort(l.Addr().String()) // the real one, where 0 was asked for
	return "http://" + net.JoinHostPort(host, port)
}

// warning names what will not work, or is "".
func (o origins) warning() string {
	for _, s := range []string{o.App, o.Relay, o.Viewer} {
		u, err := url.Parse(s)
		if err != nil || u.Scheme == "https" {
			continue
		}
		if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return "browsers seal records only on https or on localhost. " + s + " is neither, so the wallet will not open there."
		}
	}
	return ""
}
