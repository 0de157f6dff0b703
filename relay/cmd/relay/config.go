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
	"strings"

	"potli/relay/site"
)

// config is what flags and environment say.
type config struct {
	appAddr, relayAddr, viewerAddr string
	appURL, relayURL, viewerURL    string // "" is made of the address
	appDir, viewerDir              string
	data, store, key               string
	proxy                          bool
}

// flags are a command's flags. Each has a variable of the environment, which it
// overrides.
type flags struct {
	*flag.FlagSet
	p program
}

func newFlags(p program, command string) flags {
	fs := flag.NewFlagSet("potli "+command, flag.ContinueOnError)
	fs.SetOutput(p.errs)
	return flags{fs, p}
}

// text is a flag that holds words: -app-addr is POTLI_APP_ADDR.
func (f flags) text(to *string, name, otherwise, usage string) {
	env := variable(name)
	if v := f.p.getenv(env); v != "" {
		otherwise = v
	}
	f.StringVar(to, name, otherwise, usage+" ($"+env+")")
}

func (f flags) yes(to *bool, name, usage string) {
	env := variable(name)
	f.BoolVar(to, name, f.p.getenv(env) == "1", usage+" ($"+env+"=1)")
}

// variable is the name of a flag's variable.
func variable(flag string) string {
	if flag == "key" {
		return "POTLI_KEY_FILE" // where the key is: a key itself never stands in an environment
	}
	return "POTLI_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// done parses the arguments, of which none may be left over.
func (f flags) done() error {
	if err := f.Parse(f.p.args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%q is no flag; -h lists them", f.Arg(0))
	}
	return nil
}

// storeFlags are those of every command that opens the store.
func (c *config) storeFlags(f flags) {
	f.text(&c.data, "data", "", "`folder` of the relay's store and key (default: a folder potli where this system keeps state)")
	f.text(&c.store, "store", "", "`where` sealed links are kept: a file, or postgres://… (default: relay.db in the data folder)")
	f.text(&c.key, "key", "", "`file` of the relay's key (default: relay.key in the data folder)")
}

// places fills in what storeFlags left open.
func (c *config) places(getenv func(string) string) error {
	if c.data == "" {
		dir, err := stateDir(runtime.GOOS, getenv)
		if err != nil {
			return err
		}
		c.data = filepath.Join(dir, "potli")
	}
	if c.key == "" {
		c.key = filepath.Join(c.data, "relay.key")
	}
	if c.store == "" {
		c.store = filepath.Join(c.data, "relay.db")
	}
	return nil
}

// parse reads the flags of serve.
func parse(p program) (config, error) {
	var c config
	f := newFlags(p, "serve")
	beside := besideProgram()
	f.text(&c.appAddr, "app-addr", "localhost:8080", "`address` the wallet is served on")
	f.text(&c.relayAddr, "relay-addr", "localhost:8081", "`address` of the relay")
	f.text(&c.viewerAddr, "viewer-addr", "localhost:8082", "`address` of the clinic's page")
	f.text(&c.appURL, "app-url", "", "public `origin` of the wallet, like https://potli.example")
	f.text(&c.relayURL, "relay-url", "", "public `origin` of the relay")
	f.text(&c.viewerURL, "viewer-url", "", "public `origin` of the clinic's page")
	f.text(&c.appDir, "app-dir", filepath.Join(beside, "app"), "`folder` of the wallet's files")
	f.text(&c.viewerDir, "viewer-dir", filepath.Join(beside, "viewer"), "`folder` of the clinic's page")
	c.storeFlags(f)
	f.yes(&c.proxy, "proxy", "a proxy stands in front: limit by the last address in X-Forwarded-For")
	if err := f.done(); err != nil {
		return config{}, err
	}
	return c, c.places(p.getenv)
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
