//go:build js && wasm

// Command worker is the relay as a program for Cloudflare Workers and workerd:
// one shard of it, inside a Durable Object that worker.mjs makes. `make worker`
// builds it; wrangler.jsonc deploys it; config.capnp runs it on one machine.
//
// It takes from the deployment's variables
//
//	APP_ORIGIN      the wallet's origin
//	VIEWER_ORIGIN   the clinic's page's; may be missing: its desk then has no mailboxes
//	RELAY_ORIGIN    its own, where clients reach it
//	RELAY_KEY       a secret: 64 hexadecimal digits, as in the key file of
//	                relay/cmd/relay. Without it every link with a passcode is gone
//	RELAY_OLD_KEYS  keys before it, newest first, with spaces between; may be missing
//	CALM            new links and mailboxes a minute, of one shard, before each has to
//	                prove work; -1: never; may be missing (600)
//	VAPID_PRIVATE   a secret, with VAPID_SUBJECT: push messages are sent under it;
//	                may be missing (package webpush says what they are)
//
// It says on stderr why it cannot start, and nothing ever after.
package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"potli/relay"
	"potli/relay/cf"
	"potli/relay/sqlstore"
	"potli/relay/webpush"
)

func main() {
	// Memory of WebAssembly is never given back, and the isolate ends at 128 MB.
	debug.SetMemoryLimit(32 << 20)
	h, err := open(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "potli:", err)
		os.Exit(1)
	}
	cf.Serve(h)
}

// open makes the relay over the object's storage.
func open(ctx context.Context) (http.Handler, error) {
	o, err := options()
	if err != nil {
		return nil, err
	}
	store, err := sqlstore.Open(ctx, cf.OpenDB(), sqlstore.DurableObject)
	if err != nil {
		return nil, fmt.Errorf("opening the object's storage: %w", err)
	}
	var h *relay.Handler
	o.Store, o.WebSocket = store, true
	o.Publish = func(mailbox string, seq int64) {
		cf.Publish(mailbox, strconv.FormatInt(seq, 10))
		// At once, if all goes well: the row that says it is due stays until it is
		// done, and the alarm sees to it.
		go h.Push(context.Background())
	}
	if h, err = relay.New(o); err != nil {
		return nil, err
	}
	cf.OnAlarm(func(ctx context.Context) (time.Time, error) { return keepHouse(ctx, h, store) })
	return h, nil
}

// options are those of the deployment.
func options() (o relay.Options, err error) {
	o = relay.Options{Now: clock, PublicURL: cf.Getenv("RELAY_ORIGIN"), AppOrigin: cf.Getenv("APP_ORIGIN"), ViewerOrigin: cf.Getenv("VIEWER_ORIGIN"), Limits: limits}
	if calm := cf.Getenv("CALM"); calm != "" {
		if o.Limits.Creates, err = strconv.Atoi(calm); err != nil {
			return o, errors.New("the variable CALM must be a number")
		}
	}
	if o.Key, err = readKey("RELAY_KEY", cf.Getenv("RELAY_KEY")); err != nil {
		return o, err
	}
	for _, text := range strings.Fields(cf.Getenv("RELAY_OLD_KEYS")) {
		old, err := readKey("RELAY_OLD_KEYS", text)
		if err != nil {
			return o, err
		}
		o.OldKeys = append(o.OldKeys, old)
	}
	if key := cf.Getenv("VAPID_PRIVATE"); key != "" {
		if o.Push, err = webpush.New(key, cf.Getenv("VAPID_SUBJECT"), cf.Post); err != nil {
			return o, fmt.Errorf("the secret VAPID_PRIVATE: %w", err)
		}
	}
	return o, nil
}

// clock is the platform's. A test build has one that can be put forward.
var clock = time.Now

// limits are those of one shard in the memory that an isolate has. A check costs
// 16 MiB, and there is one thread.
var limits = relay.Limits{
	Checks: 1, Uploads: 1, Sends: 16 << 20, Stored: 8 << 30, Networks: 4096,
}

// keepHouse purges and tells devices, and returns when there will be more to do.
func keepHouse(ctx context.Context, h *relay.Handler, store *sqlstore.Store) (time.Time, error) {
	if err := h.Purge(ctx); err != nil {
		return time.Time{}, err
	}
	if err := h.Push(ctx); err != nil {
		return time.Time{}, err
	}
	at, err := store.Due(ctx, clock().Unix())
	if at == 0 || err != nil {
		return time.Time{}, err
	}
	return time.Unix(at, 0), nil
}

func readKey(name, text string) (key [32]byte, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(key) {
		return key, fmt.Errorf("the secret %s must hold 64 hexadecimal digits (openssl rand -hex 32)", name)
	}
	return [32]byte(b), nil
}
