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
// world they are three host names, and a proxy in front speaks TLS, or this program
// does (-tls). With -only relay it is one of several relays over one database.
//
// It writes no request log. What it prints holds no address of a client, no
// path and no id. Folder etc holds examples for operators.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
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
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
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
		{"serve", "serve the wallet, the relay and the clinic's page; this is what no command means", serve},
		{"restored", "say that an old copy of the store was put back: lock or pause every link in it", restored},
		{"takedown", "end a link that somebody complained about; it is read from standard input", takedown},
		{"sites", "write the wallet and the clinic's page as folders for a host of static files", sites},
		{"release-key", "make a key that signs the wallet's releases, and print its public half", releaseKey},
		{"sign", "sign a release that somebody else made, where several must", sign},
		{"version", "print the version of this program", version},
		{"help", "print this", help},
	}
}

// dispatch runs the command that the first word names, or serves when there is none.
func dispatch(ctx context.Context, p program) error {
	if len(p.args) == 0 || strings.HasPrefix(p.args[0], "-") {
		return serve(ctx, p)
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
		fmt.Fprintf(p.out, "  %-11s %s\n", c.name, c.what)
	}
	_, err := fmt.Fprintln(p.out, "\npotli <command> -h lists the command's flags and their variables of the environment.")
	return err
}

func version(_ context.Context, p program) error {
	_, err := fmt.Fprintln(p.out, "potli", versionText())
	return err
}

// versionText is what the Go toolchain wrote into the program.
func versionText() string {
	v := "unknown"
	if b, ok := debug.ReadBuildInfo(); ok {
		v = b.Main.Version
	}
	return fmt.Sprintf("%s %s %s/%s", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
