//go:build js

package browser

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"syscall/js"
	"time"

	"potli/app/wallet"
)

// answerTime bounds a question to the service worker about what it has; what makes it
// fetch something lasts as long as the network does.
const answerTime = 20 * time.Second

// Releases tells what the service worker keeps.
func (d *Device) Releases(ctx context.Context) (wallet.Releases, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	v, err := askWorker(ctx, "release")
	if err != nil {
		return wallet.Releases{}, err
	}
	running := get(v, "running")
	if running.Type() != js.TypeObject {
		return wallet.Releases{}, ErrUnsupported // the first visit is still being kept
	}
	r := wallet.Releases{Running: releaseOf(running), Next: releaseOf(get(v, "current")), Worker: sum(get(v, "worker"))}
	if before := get(v, "previous"); before.Type() == js.TypeObject {
		previous := releaseOf(before)
		r.Previous = &previous
	}
	return r, nil
}

func releaseOf(v js.Value) wallet.Release {
	r := wallet.Release{Version: text(get(v, "version")), Seq: integer(get(v, "seq"), 0), Hash: sum(get(v, "hash"))}
	if ms := get(v, "installed"); ms.Type() == js.TypeNumber && ms.Float() > 0 {
		r.Installed = time.UnixMilli(int64(ms.Float()))
	}
	return r
}

// sum is a SHA-256 in hexadecimal, or "".
func sum(v js.Value) string {
	b, err := base64.StdEncoding.DecodeString(text(v))
	if err != nil {
		return ""
	}
	return hex.EncodeToString(b)
}

// CheckRelease has the service worker look for a newer release.
func (d *Device) CheckRelease(ctx context.Context) (ready bool, err error) {
	v, err := askWorker(ctx, "update")
	return text(get(v, "type")) == "ready", err
}

// BackRelease has it use the release before this one from the next start on.
func (d *Device) BackRelease(ctx context.Context) error {
	_, err := askWorker(ctx, "back")
	return err
}

// askWorker sends the service worker a message, about files or about none, and returns its answer. web/renew.js has
// the way there once the program runs.
func askWorker(ctx context.Context, kind string, paths ...any) (js.Value, error) {
	if !global("navigator", "serviceWorker").Truthy() {
		return js.Undefined(), ErrUnsupported
	}
	if global("potliWorker").Type() != js.TypeFunction {
		if _, err := first(ctx, js.Global(), "potli-worker"); err != nil {
			return js.Undefined(), err
		}
	}
	v, err := promised(ctx, js.Global(), "potliWorker", map[string]any{"type": kind, "paths": paths})
	if err != nil {
		return js.Undefined(), err
	}
	if text(get(v, "type")) == "refused" {
		return js.Undefined(), &Error{"NetworkError"}
	}
	return v, nil
}

// Unsaved says whether something is typed that a reload would lose.
func (d *Device) Unsaved() bool {
	if global("potliTyped").Type() != js.TypeFunction {
		return false
	}
	v, err := call(js.Global(), "potliTyped")
	return err == nil && yes(v)
}

// OnAlarm calls f once, when web/alarm.js says that the service worker was replaced.
func (d *Device) OnAlarm(f func(was string)) (cancel func()) {
	told := false // the page's thread alone
	look := func(js.Value) {
		if text(global("potliAlarm")) != "" && !told {
			told = true
			go f(sum(global("potliAlarm")))
		}
	}
	cancel = listen(js.Global(), "potli-alarm", look)
	look(js.Undefined())
	return cancel
}
