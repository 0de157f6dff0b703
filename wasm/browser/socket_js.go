//go:build js

package browser

import (
	"context"
	"errors"
	"strings"
	"syscall/js"
	"time"

	"potli/app/relayclient"
	"potli/app/traffic"
)

var _ relayclient.Socketer = Network{}

// A socket that has died says nothing, like one on which nothing arrives. So it is
// asked now and then; the other side answers without waking its program.
const (
	ping      = "ping"
	pong      = "pong"
	pingEvery = 45 * time.Second // a network forgets a silent connection after a minute or so
)

// waitingTexts is how many texts may wait for their reader. Each says more than
// the one before: the oldest can go.
const waitingTexts = 16

// Socket hears a WebSocket. Nothing is sent over it but the handshake and pings.
func (n Network) Socket(ctx context.Context, url string, protocols []string, message func(string) error) error {
	noted, err := n.Meter.Begin(ctx, url, len(url)+len(strings.Join(protocols, ", ")))
	if err != nil {
		return err
	}
	err = hear(ctx, noted, url, protocols, pingEvery, message)
	noted.Over(err)
	return err
}

func hear(ctx context.Context, noted *traffic.Request, url string, protocols []string, every time.Duration, message func(string) error) error {
	offered := make([]any, len(protocols))
	for i, p := range protocols {
		offered[i] = p
	}
	socket, err := construct("WebSocket", url, offered)
	if err != nil {
		return err
	}
	defer call(socket, "close")
	closed, over := context.WithCancel(ctx)
	defer over()
	opened, alive := false, true
	texts := make(chan string, waitingTexts)
	defer listen(socket, "open", func(js.Value) { opened = true; push(texts, "") })()
	defer listen(socket, "message", func(e js.Value) {
		alive = true
		noted.Got(len(text(get(e, "data"))))
		if s := text(get(e, "data")); s != "" && s != pong {
			push(texts, s)
		}
	})()
	defer listen(socket, "close", func(js.Value) { over() })()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case s := <-texts:
			if err := message(s); err != nil {
				return err
			}
		case <-tick.C:
			if !alive {
				return errors.New("the socket is silent")
			}
			alive = false
			noted.Sent(len(ping))
			call(socket, "send", ping)
		case <-closed.Done():
			if err := ctx.Err(); err != nil || opened {
				return err
			}
			return errors.New("the socket was not opened")
		}
	}
}

// push never waits: who calls it is the browser.
func push(texts chan string, s string) {
	for {
		select {
		case texts <- s:
			return
		default:
		}
		select {
		case <-texts:
		default:
		}
	}
}
