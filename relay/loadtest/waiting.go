package loadtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// Waiting is what it costs a relay that wallets wait: mailboxes that are open, and
// streams on which arrivals are told.
type Waiting struct {
	Mailboxes, Streams       int
	AtRest, Opened, Streamed int64         // memory of the relay at the start, with the mailboxes, and with the streams too, in bytes
	Opening                  time.Duration // processor time of the relay a mailbox
	Idle                     float64       // processors that the relay keeps busy while all wait
	P50, P99                 time.Duration // from the begin of a deposit of 1 KiB until its stream tells
	CPU                      time.Duration // of the relay a deposit that is told
}

func (w Waiting) String() string {
	return fmt.Sprintf("%.1f MB at rest, %.1f MB with %d mailboxes (%.2f ms CPU each), %.1f MB with %d streams (%.3f processors while all wait); deposit to word of it p50 %.1f ms, p99 %.1f ms, %.2f ms CPU",
		mb(w.AtRest), mb(w.Opened), w.Mailboxes, ms(w.Opening), mb(w.Streamed), w.Streams, w.Idle, ms(w.P50), ms(w.P99), ms(w.CPU))
}

// Wait opens mailboxes and a stream at each of the first of them, lets all wait for
// t.Each, and puts something in where somebody listens, one after the other.
func (t Target) Wait(mailboxes, streams int) (w Waiting, err error) {
	m := &measuring{Target: t}
	w = Waiting{Mailboxes: mailboxes, Streams: streams}
	if w.AtRest, err = memory(t.Processes[0], "VmRSS"); err != nil {
		return w, err
	}
	before, err := m.spent()
	if err != nil {
		return w, err
	}
	if err := t.each(mailboxes, func(i int) error { return t.expect(i, http.StatusCreated, "PUT", "", openMailbox(i)) }); err != nil {
		return w, fmt.Errorf("opening mailboxes: %w", err)
	}
	after, err := m.spent()
	if err != nil {
		return w, err
	}
	w.Opening = (after.relay - before.relay) / time.Duration(mailboxes)
	if w.Opened, err = memory(t.Processes[0], "VmRSS"); err != nil {
		return w, err
	}
	ctx, hangUp := context.WithCancel(context.Background())
	defer hangUp()
	told := make([]<-chan time.Time, streams)
	if err := t.each(streams, func(i int) (err error) { told[i], err = t.listen(ctx, i); return err }); err != nil {
		return w, fmt.Errorf("opening streams: %w", err)
	}
	if before, err = m.spent(); err != nil {
		return w, err
	}
	begun := t.Now()
	time.Sleep(t.Each)
	if after, err = m.spent(); err != nil {
		return w, err
	}
	w.Idle = (after.relay - before.relay).Seconds() / t.Now().Sub(begun).Seconds()
	if w.Streamed, err = memory(t.Processes[0], "VmRSS"); err != nil {
		return w, err
	}
	return w, t.tell(m, &w, told)
}

// tell puts something into each mailbox that is listened at.
func (t Target) tell(m *measuring, w *Waiting, told []<-chan time.Time) error {
	before, err := m.spent()
	if err != nil {
		return err
	}
	var took []time.Duration
	for i := range told {
		begun := t.Now()
		if err := t.expect(i, http.StatusCreated, "POST", "m", wire.Deposit{ID: storetest.EntryID(fmt.Sprint(i)), Sealed: storetest.Sealed("a", 1024)}); err != nil {
			return fmt.Errorf("putting something in: %w", err)
		}
		select {
		case at, ok := <-told[i]:
			if !ok {
				return fmt.Errorf("stream %d ended", i)
			}
			took = append(took, at.Sub(begun))
		case <-time.After(patience):
			return fmt.Errorf("stream %d is not told", i)
		}
	}
	after, err := m.spent()
	if err != nil || len(took) == 0 {
		return err
	}
	slices.Sort(took)
	n := len(took)
	w.P50, w.P99, w.CPU = took[n/2], took[n*99/100], (after.relay-before.relay)/time.Duration(n)
	return nil
}

func mailboxID(i int) string { return storetest.ID(fmt.Sprint("waiting ", i)) }

func mailboxToken(i int) string { return storetest.ID(fmt.Sprint("token of waiting ", i)) }

func openMailbox(i int) wire.OpenMailbox { return storetest.NewOpenMailbox(mailboxToken(i)) }

// asking keeps as many connections as there are clients.
var asking = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}

// each does something for 0 to n-1, as many at a time as there are clients.
func (t Target) each(n int, do func(i int) error) error {
	var wait sync.WaitGroup
	errs := make([]error, t.Clients)
	for c := range t.Clients {
		wait.Go(func() {
			for i := c; i < n && errs[c] == nil; i += t.Clients {
				errs[c] = do(i)
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// request is about mailbox i, by its owner, or of somebody who knows its id where as is "m".
// Each mailbox is another network's.
func (t Target) request(ctx context.Context, i int, method, as string, body any) (*http.Request, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	path := wire.MailboxesPath + mailboxID(i)
	switch as {
	case "m":
		path = wire.MailboxPath + mailboxID(i)
	case "live":
		path, b = path+"/live", nil
	}
	r, err := http.NewRequestWithContext(ctx, method, t.Base+path, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	network := fmt.Sprintf("10.%d.%d.1", i>>8&255, i&255)
	for k, v := range map[string]string{"X-Forwarded-For": network, "Cf-Connecting-Ip": network, "Content-Type": "application/json"} {
		r.Header.Set(k, v)
	}
	if as != "m" {
		r.Header.Set("Authorization", "Bearer "+mailboxToken(i))
	}
	if method == "PUT" {
		r.Header.Set("If-None-Match", "*")
	}
	return r, nil
}

func (t Target) expect(i, status int, method, as string, body any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := t.request(ctx, i, method, as, body)
	if err != nil {
		return err
	}
	res, err := asking.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); err != nil || res.StatusCode != status {
		return fmt.Errorf("mailbox %d: status %d, want %d: %.200s %v", i, res.StatusCode, status, answer, err)
	}
	return nil
}

// listen opens the stream of mailbox i, past the word of where it stands, and says when something came.
func (t Target) listen(ctx context.Context, i int) (<-chan time.Time, error) {
	r, err := t.request(ctx, i, "GET", "live", nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", wire.ContentTypeEvents)
	res, err := asking.Do(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, fmt.Errorf("stream %d: status %d", i, res.StatusCode)
	}
	lines := bufio.NewScanner(res.Body)
	next := func() bool {
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "data:") {
				return true
			}
		}
		return false
	}
	if !next() {
		res.Body.Close()
		return nil, fmt.Errorf("stream %d ended before it began", i)
	}
	told := make(chan time.Time, 1)
	go func() {
		defer res.Body.Close()
		defer close(told)
		for next() {
			told <- t.Now()
		}
	}()
	return told, nil
}
