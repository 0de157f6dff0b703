package relayclient

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"potli/app/share"
	"potli/app/traffic"
	"potli/relay/wire"
)

// Streamer is what an HTTP may offer besides: answers that are read line by line as they come.
type Streamer interface {
	// Stream performs r and calls line for every line of the answer's body, without its end. It returns when the stream
	// ends (nil), when line returns an error (that error), or when there is no answer of status 200 (any other).
	Stream(ctx context.Context, r Request, line func(string) error) error
}

// Socketer is what an HTTP may offer besides: WebSockets, which some relays hold open while they sleep.
type Socketer interface {
	// Socket opens a WebSocket, offering protocols, and calls message with "" once it is open and then with every text that
	// comes. It returns when the socket closes (nil), when message returns an error (that error), or when it could not be
	// opened (any other).
	Socket(ctx context.Context, url string, protocols []string, message func(string) error) error
}

// silence is how long a stream may say nothing, not even that it lives, before it is taken for dead. A network that was
// left behind closes nothing.
const silence = 3 * wire.Heartbeat

var (
	errSilent = fmt.Errorf("%w: the stream is silent", share.ErrOffline)
	errAbout  = errors.New("asking what the relay offers")
)

// Hear calls arrived with the highest number of the mailbox: once at the start, and whenever it grows. Where the number is
// not known it is math.MaxInt64: there may be something. Hear returns when arrived returns an error (that error), or when
// nothing can be heard any more: ErrNoLive when nothing ever could, any other error or nil when it may be tried again.
func (m *Mailbox) Hear(ctx context.Context, arrived func(seq int64) error) error {
	ctx = traffic.Because(ctx, traffic.Live)
	stream, streams := m.c.http.(Streamer)
	socket, sockets := m.c.http.(Socketer)
	if !streams && !sockets {
		return ErrNoLive
	}
	about, err := m.c.About(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errAbout, err)
	case sockets && slices.Contains(about.Live, wire.LiveWebSocket):
		return m.overSocket(ctx, socket, arrived)
	case streams && slices.Contains(about.Live, wire.LiveSSE):
		return m.overStream(ctx, stream, arrived)
	}
	return ErrNoLive
}

func (m *Mailbox) overStream(ctx context.Context, s Streamer, arrived func(int64) error) error {
	alive, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	dead := time.AfterFunc(silence, func() { cut(errSilent) })
	defer dead.Stop()
	q := m.request("GET", "/live")
	q.Header["Accept"] = wire.ContentTypeEvents
	err := s.Stream(alive, q, func(line string) error {
		dead.Reset(silence)
		text, ok := strings.CutPrefix(line, "data: ")
		seq, err := strconv.ParseInt(text, 10, 64)
		if !ok || err != nil {
			return nil // a comment, the type of the event
		}
		return arrived(seq)
	})
	if err != nil && ctx.Err() == nil && alive.Err() != nil {
		return context.Cause(alive)
	}
	return err
}

// overSocket has the token among the protocols, since a page can send no header with a WebSocket. What arrived before it
// was open is looked for then.
func (m *Mailbox) overSocket(ctx context.Context, s Socketer, arrived func(int64) error) error {
	url := "ws" + strings.TrimPrefix(m.request("GET", "/live").URL, "http")
	return s.Socket(ctx, url, []string{wire.LiveProtocol, m.token}, func(text string) error {
		if text == "" {
			return arrived(math.MaxInt64)
		}
		seq, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil
		}
		return arrived(seq)
	})
}

// Rests of Listen after a failure: the first, doubled each time, and the longest.
const (
	firstRest   = time.Second
	longestRest = time.Minute
)

// Listen calls each for every entry above after, in order and as they arrive, until ctx ends, the mailbox does
// (share.ErrGone) or each returns an error, which it returns. It hears of arrivals over a live stream or a WebSocket where
// there is one, and by waiting requests otherwise; when the relay cannot be reached it tries again, after longer and longer rests.
func (m *Mailbox) Listen(ctx context.Context, after int64, each func(wire.Entry) error) error {
	l := listener{Mailbox: m, after: after, each: each}
	for rest := firstRest; ; rest *= 2 {
		before := l.after
		err := l.once(ctx)
		var own errEach
		switch {
		case errors.As(err, &own):
			return own.error
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, share.ErrGone), errors.Is(err, share.ErrRefused):
			return err
		case l.after > before: // there may be more
			rest = firstRest / 2
			continue
		case err == nil: // a relay that is about to stop lets nobody wait
			rest = firstRest
		}
		var busy *share.BusyError
		if errors.As(err, &busy) {
			rest = max(rest, busy.Wait)
		}
		if err := Sleep(ctx, min(rest, longestRest)); err != nil {
			return err
		}
	}
}

// errEach is an error of the caller's own.
type errEach struct{ error }

// listener is one Listen.
type listener struct {
	*Mailbox
	after int64
	each  func(wire.Entry) error
	deaf  bool // nothing comes through here
}

// once listens until there is a reason to begin anew: nil when all went well.
func (l *listener) once(ctx context.Context) error {
	if l.deaf {
		return l.take(ctx, l.Wait)
	}
	heard := false
	err := l.Hear(ctx, func(seq int64) error {
		heard = true
		var err error
		for err == nil && seq > l.after {
			before := l.after
			if err = l.take(ctx, l.List); l.after == before {
				break // acknowledged already
			}
		}
		return err
	})
	if errors.Is(err, errAbout) {
		return err
	}
	if !heard && err != nil {
		// Something between here and the relay does not let streams through; or the mailbox is gone, which the waiting
		// request is told.
		l.deaf = true
		return l.take(ctx, l.Wait)
	}
	return err
}

// take gives a page of entries to the caller.
func (l *listener) take(ctx context.Context, list func(context.Context, int64) ([]wire.Entry, bool, error)) error {
	page, _, err := list(ctx, l.after)
	for _, e := range page {
		if err := l.each(e); err != nil {
			return errEach{err}
		}
		l.after = e.Seq
	}
	return err
}
