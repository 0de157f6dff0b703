//go:build js

package browser

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"syscall/js"
	"time"

	"potli/app/wallet"
)

// Push is wallet.Push: notices that reach the service worker while the page is
// closed. What they look like is in web/sw.js; they hold nothing.
type Push struct{}

var _ wallet.Push = Push{}

// workerWait is how long the service worker may take to be there: on the first
// visit it starts after the program.
const workerWait = 20 * time.Second

// serviceWait is how long the browser's push service may take. Chromium asks it for
// minutes where it cannot be reached, and says nothing.
const serviceWait = 30 * time.Second

// State says how it stands.
func (Push) State(ctx context.Context) wallet.Notify {
	worker := global("navigator", "serviceWorker")
	permission := text(global("Notification", "permission"))
	if !worker.Truthy() || permission == "" || global("PushManager").Type() != js.TypeFunction {
		return wallet.NotifyNone
	}
	if permission == "denied" {
		return wallet.NotifyDenied
	}
	if permission != "granted" {
		return wallet.NotifyOff
	}
	registration, err := promised(ctx, worker, "getRegistration")
	if err != nil || !registration.Truthy() {
		return wallet.NotifyOff
	}
	subscription, err := promised(ctx, get(registration, "pushManager"), "getSubscription")
	if err != nil || !subscription.Truthy() {
		return wallet.NotifyOff
	}
	return wallet.NotifyOn
}

// Ask has the browser ask the person.
func (p Push) Ask(ctx context.Context) error {
	answer, err := promised(ctx, global("Notification"), "requestPermission")
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", wallet.ErrNoPush, err)
	case text(answer) != "granted": // "default": the question was closed without an answer
		return wallet.ErrPushDenied
	}
	return nil
}

// Subscribe returns where notices go. A subscription under another key is of a
// relay whose key was lost, and nobody can use it any more.
func (p Push) Subscribe(ctx context.Context, key string) (endpoint, p256dh, auth string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return "", "", "", wallet.ErrNoPush
	}
	server, err := toJS(raw)
	if err != nil {
		return "", "", "", err
	}
	manager, err := manager(ctx)
	if err != nil {
		return "", "", "", err
	}
	timed, cancel := context.WithTimeout(ctx, serviceWait)
	defer cancel()
	options := object("userVisibleOnly", true, "applicationServerKey", server)
	subscription, err := promised(timed, manager, "subscribe", options)
	if named(err, "InvalidStateError") {
		if err = p.Unsubscribe(timed); err == nil {
			subscription, err = promised(timed, manager, "subscribe", options)
		}
	}
	if named(err, "NotAllowedError") {
		return "", "", "", wallet.ErrPushDenied
	}
	if err != nil { // the browser has no push service, or cannot reach it
		return "", "", "", fmt.Errorf("%w: %w", wallet.ErrNoPush, err)
	}
	return readSubscription(subscription)
}

// Unsubscribe ends it, and with it every notice to this browser.
func (Push) Unsubscribe(ctx context.Context) error {
	manager, err := manager(ctx)
	if err != nil {
		return err
	}
	subscription, err := promised(ctx, manager, "getSubscription")
	if err != nil || !subscription.Truthy() {
		return err
	}
	_, err = promised(ctx, subscription, "unsubscribe")
	return err
}

// manager is the PushManager of the service worker, once there is one.
func manager(ctx context.Context) (js.Value, error) {
	worker := global("navigator", "serviceWorker")
	if !worker.Truthy() {
		return js.Undefined(), wallet.ErrNoPush
	}
	timed, cancel := context.WithTimeout(ctx, workerWait)
	defer cancel()
	registration, err := await(timed, get(worker, "ready"))
	if err == nil {
		if m := get(registration, "pushManager"); m.Truthy() {
			return m, nil
		}
	}
	return js.Undefined(), errors.Join(wallet.ErrNoPush, ctx.Err())
}

func readSubscription(s js.Value) (endpoint, p256dh, auth string, err error) {
	part := func(name string) string {
		key, err := call(s, "getKey", name)
		if err != nil {
			return ""
		}
		b, _ := fromJS(key) // an ArrayBuffer
		return base64.RawURLEncoding.EncodeToString(b)
	}
	endpoint, p256dh, auth = text(get(s, "endpoint")), part("p256dh"), part("auth")
	if endpoint == "" || p256dh == "" || auth == "" {
		return "", "", "", wallet.ErrNoPush
	}
	return endpoint, p256dh, auth, nil
}
