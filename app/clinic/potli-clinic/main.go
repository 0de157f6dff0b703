// Command potli-clinic is the provider's side of Potli on a command line: it puts
// documents into a person's inbox under the drop code that the person shows, opens
// the links that persons give, asks for records, and verifies receipts.
//
// What was asked for goes to standard output as JSON, what went wrong to standard
// error in words. Neither holds a key, and standard error holds no link, no name of
// a file and nothing of a document, so that it may go into a log. Secrets are read
// from files that nobody else can read. potli-clinic help is the manual.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"potli/app/clinic"
	"potli/app/message"
	"potli/app/relayclient"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := program{os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr, time.Now}
	os.Exit(p.run(ctx))
}

// program is what a command is given of the process it runs in.
type program struct {
	args   []string // those after the command's name
	getenv func(string) string
	in     io.Reader
	out    io.Writer // what was asked for, JSON
	errs   io.Writer // all else
	now    func() time.Time
}

// command is the first word.
type command struct {
	name string
	run  func(context.Context, program) error
}

// commands in the order of help. Each lives in the file of its name.
func commands() []command {
	return []command{{"drop", drop}, {"open", open}, {"request", request}, {"wait", wait}, {"verify", verify}, {"sign", sign}, {"keys", keys}, {"help", help}}
}

// run performs the command and returns the exit code.
func (p program) run(ctx context.Context) int {
	err := p.dispatch(ctx)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	text, code := words(err)
	fmt.Fprintln(p.errs, "potli-clinic:", text)
	return code
}

func (p program) dispatch(ctx context.Context) error {
	if len(p.args) == 0 {
		return usage("say what to do; potli-clinic help is the manual")
	}
	name := p.args[0]
	if name == "-h" || name == "--help" || name == "-help" {
		name = "help"
	}
	for _, c := range commands() {
		if c.name == name {
			p.args = p.args[1:]
			return c.run(ctx, p)
		}
	}
	return usage("there is no such command; potli-clinic help is the manual")
}

// print writes what was asked for.
func (p program) print(v any) error {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return &fileError{"writing the answer", err}
	}
	return nil
}

// clinic is the provider that the flags describe.
func (p program) clinic(from message.Sender) *clinic.Clinic {
	return &clinic.Clinic{HTTP: newHTTP(), Now: p.now, Sleep: relayclient.Sleep, From: from}
}
