package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
)

// newLog returns the program's log. Nothing about a request goes there, and no
// text of an error that a database or a certificate authority made: either may
// quote what a client sent (RL6).
func newLog(as string, w io.Writer) (*slog.Logger, error) {
	switch as {
	case "":
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn})), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, fmt.Errorf("-log is text or json, not %q", as)
}

// class says of what kind an error is, without a word of its text.
func class(err error) slog.Attr {
	kind := "other"
	var network net.Error
	var code interface{ Code() int }         // SQLite's
	var state interface{ SQLState() string } // PostgreSQL's
	switch {
	case errors.Is(err, context.Canceled):
		kind = "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		kind = "timeout"
	case errors.As(err, &code):
		kind = fmt.Sprintf("sqlite %d", code.Code())
	case errors.As(err, &state):
		kind = "sqlstate " + state.SQLState()
	case errors.As(err, &network):
		kind = "network"
	}
	return slog.String("class", kind)
}

// noted makes a line of the log of what would be told to a person.
type noted struct{ log *slog.Logger }

func (n noted) Write(p []byte) (int, error) {
	n.log.Warn(strings.TrimSpace(strings.ReplaceAll(string(p), "\n", " ")))
	return len(p), nil
}
