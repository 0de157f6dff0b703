//go:build js && wasm

// Command worker is the relay as a program for Cloudflare Workers and workerd:
// one shard of it, inside a Durable Object that worker.mjs makes. `make worker`
// builds it; wrangler.jsonc deploys it; config.capnp runs it on one machine.
//
// It takes from the deployment's variables
//
//	APP_ORIGIN     the wallet's origin
//	RELAY_ORIGIN   its own, where clients reach it
//	RELAY_KEY      a secret: 64 hexadecimal digits, as in the key file of
//	               relay/cmd/relay. Another key ends every link with a passcode
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
	"time"

	"potli/relay"
	"potli/relay/cf"
	"potli/relay/sqlstore"
)

func main() {
	h, err := open(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "potli:", err)
		os.Exit(1)
	}
	cf.Serve(h)
}

// open makes the relay over the object's storage.
func open(ctx context.Context) (http.Handler, error) {
	key, err := readKey(cf.Getenv("RELAY_KEY"))
	if err != nil {
		return nil, err
	}
	store, err := sqlstore.Open(ctx, cf.OpenDB(), sqlstore.DurableObject)
	if err != nil {
		return nil, fmt.Errorf("opening the object's storage: %w", err)
	}
	h, err := relay.New(relay.Options{
		Store: store, Key: key, PublicURL: cf.Getenv("RELAY_ORIGIN"), AppOrigin: cf.Getenv("APP_ORIGIN"), Limits: limits,
	})
	if err != nil {
		return nil, err
	}
	cf.OnAlarm(func(ctx context.Context) (time.Time, error) {
		if err := h.Purge(ctx); err != nil {
			return time.Time{}, err
		}
		return due(ctx, store)
	})
	return h, nil
}

// limits are those of one shard in the memory that an isolate has. A check costs
// 16 MiB, and there is one thread.
var limits = relay.Limits{
	Checks: 1, Uploads: 1, Sends: 16 << 20, Stored: 8 << 30, Networks: 4096,
}

// due is when something in the store ends.
func due(ctx context.Context, store *sqlstore.Store) (time.Time, error) {
	at, err := store.Due(ctx, time.Now().Unix())
	if at == 0 || err != nil {
		return time.Time{}, err
	}
	return time.Unix(at, 0), nil
}

func readKey(text string) (key [32]byte, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(key) {
		return key, errors.New("the secret RELAY_KEY must hold 64 hexadecimal digits (openssl rand -hex 32)")
	}
	return [32]byte(b), nil
}
