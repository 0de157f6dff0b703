package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"potli/relay"
	"potli/relay/site"
)

// config is what flags and environment say.
type config struct {
	only                                      string // "relay" or ""
	appAddr, relayAddr, viewerAddr, adminAddr string
	appURL, relayURL, viewerURL               string // "" is made of the address
	appDir, viewerDir                         string
	data, store, key, witness                 string

	proxy, tls                  bool
	httpsAddr, httpAddr         string
	acmeEmail, acmeDir, acmeURL string

	rate    pair // of readers, of owners
	conns   pair // of a network, in all
	stored  int  // GiB
	calm    int  // creations a minute without proof of work, 0: as relay.Limits has it
	push    pushConfig
	release releaseConfig
	drain   time.Duration

	log    *slog.Logger
	logged bool // the log says what a person would be told
}

// parse reads the flags of serve.
func parse(p program) (config, error) {
	c := config{rate: pair{300, 120}, conns: pair{256, 4096}}
	f := newFlags(p, "serve")
	beside := besideProgram()
	f.StringVar(&c.only, "only", "", "`relay`: serve the relay alone, without the two folders of files")
	f.StringVar(&c.appAddr, "app-addr", "localhost:8080", "`address` the wallet is served on")
	f.StringVar(&c.relayAddr, "relay-addr", "localhost:8081", "`address` of the relay")
	f.StringVar(&c.viewerAddr, "viewer-addr", "localhost:8082", "`address` of the clinic's page")
	f.StringVar(&c.adminAddr, "admin-addr", "", "`address` for operators, like localhost:8083: /metrics, /healthz, /readyz. Whoever reaches it sees how busy the relay is")
	f.StringVar(&c.appURL, "app-url", "", "public `origin` of the wallet, like https://potli.example")
	f.StringVar(&c.relayURL, "relay-url", "", "public `origin` of the relay")
	f.StringVar(&c.viewerURL, "viewer-url", "", "public `origin` of the clinic's page")
	f.StringVar(&c.appDir, "app-dir", filepath.Join(beside, "app"), "`folder` of the wallet's files")
	f.StringVar(&c.viewerDir, "viewer-dir", filepath.Join(beside, "viewer"), "`folder` of the clinic's page")
	c.storeFlags(f)
	f.BoolVar(&c.proxy, "proxy", false, "a proxy stands in front: limit by the last address in X-Forwarded-For")
	f.BoolVar(&c.tls, "tls", false, "speak TLS for the host names of the -url flags, in place of the -addr flags, with certificates from Let's Encrypt, whose terms this accepts")
	f.StringVar(&c.httpsAddr, "https-addr", ":443", "`address` for -tls")
	f.StringVar(&c.httpAddr, "http-addr", ":80", "`address` for -tls: proves the host names, and leads to https")
	f.StringVar(&c.acmeEmail, "acme-email", "", "`address` to which Let's Encrypt may write about certificates")
	f.StringVar(&c.acmeDir, "acme-dir", "", "`folder` of certificates (default: acme in the data folder)")
	f.StringVar(&c.acmeURL, "acme-url", "", "`directory` of another certificate authority that speaks ACME")
	f.Var(&c.rate, "rate", "`readers/owners`: requests a minute of one network; 0 is no limit")
	f.Var(&c.conns, "conns", "`each/all`: connections of one network, of which four times as many may come in a minute, and in all. Behind -proxy only the second counts")
	f.IntVar(&c.stored, "stored", 16, "most `GiB` of sealed files to keep")
	f.IntVar(&c.calm, "calm", 0, "`number` of new links and mailboxes a minute, from everywhere, before each has to prove work; -1: never (default: 600, or never where -rate does not limit owners)")
	f.DurationVar(&c.drain, "drain", 0, "how `long` to say no on /readyz before closing, for a balancer to notice")
	c.push.flags(f)
	c.release.flags(f, " (default: release.key in the data folder, made at the first start)")
	logAs := f.String("log", "", "`text` or json: write a structured log to standard error. Without it: a few words for a person, and warnings")
	if err := f.done(); err != nil {
		return config{}, err
	}
	if err := c.places(p.getenv); err != nil {
		return config{}, err
	}
	var err error
	if c.log, err = newLog(*logAs, p.errs); err != nil {
		return config{}, err
	}
	c.logged = *logAs != ""
	return c, c.check()
}

// check refuses what cannot be meant.
func (c config) check() error {
	switch {
	case c.only != "" && c.only != "relay":
		return errors.New("-only knows nothing but relay")
	case c.only != "" && c.relayURL != "" && c.appURL == "":
		return errors.New("-only relay needs -app-url: pages of that origin alone may make links")
	case c.tls && c.proxy:
		return errors.New("-tls and -proxy exclude each other: only one of them speaks to the clients")
	case c.tls && (c.appURL == "" || c.relayURL == "" || c.only == "" && c.viewerURL == ""):
		return errors.New("-tls needs the host names: give -app-url, -relay-url and -viewer-url")
	case c.stored < 1:
		return errors.New("-stored must be at least 1")
	case c.conns[0] == 0 || c.conns[1] == 0:
		return errors.New("-conns must let somebody in")
	}
	return nil
}

// storeFlags are those of every command that opens the store.
func (c *config) storeFlags(f flags) {
	f.StringVar(&c.data, "data", "", "`folder` of the relay's store and key (default: a folder potli where this system keeps state)")
	f.StringVar(&c.store, "store", "", "`where` sealed links are kept: a file, or postgres://… (default: relay.db in the data folder)")
	f.StringVar(&c.key, "key", "", "`file` of the relay's key; its variable is $POTLI_KEY_FILE (default: relay.key in the data folder)")
	f.StringVar(&c.witness, "witness", "", "`file` that tells an old copy of the store (default: relay.witness beside the key)")
}

// places fills in what was left open.
func (c *config) places(getenv func(string) string) error {
	if c.data == "" {
		dir, err := stateDir(runtime.GOOS, getenv)
		if err != nil {
			return err
		}
		c.data = filepath.Join(dir, "potli")
	}
	for name, to := range map[string]*string{"relay.key": &c.key, "relay.db": &c.store, "acme": &c.acmeDir} {
		if *to == "" {
			*to = filepath.Join(c.data, name)
		}
	}
	if c.witness == "" {
		c.witness = filepath.Join(filepath.Dir(c.key), "relay.witness")
	}
	return nil
}

func (c config) limits() relay.Limits {
	rate := func(perMinute, burst int) relay.Rate {
		if perMinute == 0 {
			return relay.Rate{PerMinute: -1}
		}
		return relay.Rate{PerMinute: perMinute, Burst: max(burst, 1)}
	}
	return relay.Limits{
		Data:    rate(c.rate[0], c.rate[0]*2/5),
		Control: rate(c.rate[1], c.rate[1]/2),
		Stored:  int64(c.stored) << 30,
		Creates: c.calm,
	}
}

// flags are a command's flags. Each has a variable of the environment, which it
// overrides: -app-addr is POTLI_APP_ADDR.
type flags struct {
	*flag.FlagSet
	p program
}

func newFlags(p program, command string) flags {
	f := flags{flag.NewFlagSet("potli "+command, flag.ContinueOnError), p}
	f.SetOutput(io.Discard) // an error is said once, by main
	f.Usage = func() {}
	return f
}

func variable(flag string) string {
	if flag == "key" {
		return "POTLI_KEY_FILE" // where the key is: a key itself never stands in an environment
	}
	return "POTLI_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// done reads environment and arguments, of which none may be left over.
func (f flags) done() (err error) {
	f.VisitAll(func(fl *flag.Flag) {
		if v := f.p.getenv(variable(fl.Name)); v != "" && err == nil {
			if bad := fl.Value.Set(v); bad != nil {
				err = fmt.Errorf("$%s: %w", variable(fl.Name), bad)
			}
		}
	})
	if err != nil {
		return err
	}
	switch err := f.Parse(f.p.args); {
	case errors.Is(err, flag.ErrHelp):
		f.usage(f.p.out)
		return err
	case err != nil:
		return err
	case f.NArg() > 0:
		return fmt.Errorf("%q is no flag; -h lists them", f.Arg(0))
	}
	return nil
}

func (f flags) usage(out io.Writer) {
	fmt.Fprintf(out, "usage: %s [flags]\n\nEach flag has a variable: -app-addr is $POTLI_APP_ADDR.\n\n", f.Name())
	f.VisitAll(func(fl *flag.Flag) {
		value, text := flag.UnquoteUsage(fl)
		if fl.DefValue != "" && fl.DefValue != "false" && fl.DefValue != "0s" {
			text += " (default " + fl.DefValue + ")"
		}
		fmt.Fprintf(out, "  -%s %s\n        %s\n", fl.Name, value, text)
	})
}

// pair is a flag of two numbers with a slash between.
type pair [2]int

func (p *pair) String() string { return fmt.Sprintf("%d/%d", p[0], p[1]) }

func (p *pair) Set(s string) error {
	var rest string
	n, err := fmt.Sscanf(s+" .", "%d/%d %s", &p[0], &p[1], &rest)
	if err != nil || n != 3 || rest != "." || p[0] < 0 || p[1] < 0 {
		return errors.New("want two numbers, like 300/120")
	}
	return nil
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
func (c config) origins(ds doors) (origins, error) {
	o := origins{site.Origins{
		App:    publicURL(c.appURL, c.appAddr, ds["app"]),
		Relay:  publicURL(c.relayURL, c.relayAddr, ds["relay"]),
		Viewer: publicURL(c.viewerURL, c.viewerAddr, ds["viewer"]),
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
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	if l != nil {
		_, port, _ = net.SplitHostPort(l.Addr().String()) // the real one, where 0 was asked for
	}
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
