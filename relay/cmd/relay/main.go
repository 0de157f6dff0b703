// Command relay is Potli on one machine: it serves the wallet's files, the
// clinic's page and the relay, each on an origin of its own, from one process
// with an embedded SQLite store.
//
//	http://localhost:8080  the wallet        static files
//	http://localhost:8082  the clinic's page static files
//	http://localhost:8081  the relay         sealed links, in the data folder
//
// Three origins, because nothing the relay answers may touch the storage of the
// wallet, and a document from a stranger must not lie beside the vault. In the
// world they are three host names, and a proxy in front speaks TLS.
//
// It writes no request log. What it prints holds no address of a client, no
// path and no id.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := dispatch(ctx, program{os.Args[1:], os.Getenv, os.Stdout, os.Stderr})
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "potli:", err)
		os.Exit(1)
	}
}

// program is what a command is given of the process it runs in.
type program struct {
	args   []string // those after the command's name
	getenv func(string) string
	out    io.Writer // what was asked for
	errs   io.Writer // all else
}

// command is a word that may stand before the flags.
type command struct {
	name, what string
	run        func(context.Context, program) error
}

// commands in the order of help. Each lives in the file of its name.
func commands() []command {
	return []command{
		{"serve", "serve the wallet, the relay and the clinic's page; this is what no command means", serveCommand},
		{"version", "print the version of this program", version},
		{"help", "print this", help},
	}
}

// dispatch runs the command that the first word names, or serves when there is none.
func dispatch(ctx context.Context, p program) error {
	if len(p.args) == 0 || strings.HasPrefix(p.args[0], "-") {
		return serveCommand(ctx, p)
	}
	for _, c := range commands() {
		if c.name == p.args[0] {
			p.args = p.args[1:]
			return c.run(ctx, p)
		}
	}
	return fmt.Errorf("%q is no command; potli help lists them", p.args[0])
}

func help(_ context.Context, p program) error {
	fmt.Fprintln(p.out, "usage: potli [command] [flags]")
	fmt.Fprintln(p.out)
	for _, c := range commands() {
		fmt.Fprintf(p.out, "  %-10s %s\n", c.name, c.what)
	}
	_, err := fmt.Fprintln(p.out, "\npotli <command> -h lists the command's flags and their variables of the environment.")
	return err
}

// version prints what the Go toolchain wrote into the program.
func version(_ context.Context, p program) error {
	v := "unknown"
	if b, ok := debug.ReadBuildInfo(); ok {
		v = b.Main.Version
	}
	_, err := fmt.Fprintf(p.out, "potli %s, %s, %s/%s\n", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func serveCommand(ctx context.Context, p program) error {
	c, err := parse(p)
	if err != nil {
		return err
	}
	return run(ctx, c, p.out)
}

// run serves until ctx ends, then finishes what was begun, and closes the store.
func run(ctx context.Context, c config, out io.Writer) (err error) {
	ls, err := listen(c)
	if err != nil {
		return err
	}
	defer ls.close()
	o, err := c.origins(ls)
	if err != nil {
		return err
	}
	store, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	hs, err := handlers(c, o, store)
	if err != nil {
		return err
	}
	welcome(out, c, o)
	err = serve(ctx, ls, hs, out)
	if ctx.Err() != nil {
		fmt.Fprintln(out, "Potli has stopped. Nothing was lost: records are in the browser, links in the data folder.")
	}
	return err
}

// listeners are the three doors, open before anything else is done, so that a
// taken port is the first thing said.
type listeners struct{ app, relay, viewer net.Listener }

func listen(c config) (ls listeners, err error) {
	for _, d := range []struct {
		to         *net.Listener
		addr, flag string
	}{
		{&ls.app, c.appAddr, "app-addr"}, {&ls.relay, c.relayAddr, "relay-addr"}, {&ls.viewer, c.viewerAddr, "viewer-addr"},
	} {
		if *d.to, err = net.Listen("tcp", d.addr); err != nil {
			ls.close()
			return listeners{}, doorError(d.addr, d.flag, err)
		}
	}
	return ls, nil
}

func doorError(addr, flag string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("another program already uses %s. Is Potli running in another window? "+
			"If not, choose another address: -%s localhost:9080", addr, flag)
	}
	return fmt.Errorf("cannot listen on %s (-%s): %w", addr, flag, err)
}

func (ls listeners) close() {
	for _, l := range []net.Listener{ls.app, ls.relay, ls.viewer} {
		if l != nil {
			l.Close()
		}
	}
}

func welcome(out io.Writer, c config, o origins) {
	fmt.Fprintf(out, `
Potli is running on this machine.

  The wallet         %s   open this one first
  The clinic's page  %s   what a clinic sees when it opens a link
  The relay          %s   carries sealed links; there is nothing to look at

Open the wallet and tap "Try it with sample records".
Records stay in your browser, sealed. The relay keeps sealed links in
%s
Ctrl-C stops it.
`, o.App, o.Viewer, o.Relay, c.data)
	if warning := o.warning(); warning != "" {
		fmt.Fprintf(out, "\nNote: %s\n", warning)
	}
	fmt.Fprintln(out)
}
