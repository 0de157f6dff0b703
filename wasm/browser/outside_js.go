//go:build js

package browser

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"syscall/js"
	"time"

	"potli/app/wallet"
)

// What the system around the browser gives to the program: files from the share sheet, which the service worker has put
// into a cache (web/sw.js), and files and addresses of the launch queue, which come while the page runs.

const (
	// handedCache is where the service worker puts what is shared; each file says when it came.
	handedCache = "potli-handed"
	handedAt    = "x-potli-at"
	handedName  = "x-potli-name"
	// handedLife is for how long a file waits, since it is not sealed there.
	handedLife = 24 * time.Hour
)

// launched are the files that the launch queue has given, and who hears of it. The queue has one consumer, and keeps what
// came before there was one.
var launched struct {
	mu    sync.Mutex
	files []wallet.Handed
	hears map[int]func(path string)
	next  int
	begun bool
}

// Installed says whether the page runs as a program of its own.
func (d *Device) Installed() bool {
	v, err := call(js.Global(), "matchMedia", "(display-mode: standalone)")
	return err == nil && yes(get(v, "matches")) || yes(get(global("navigator"), "standalone"))
}

// Badge shows a number on the program's sign. A system without badges says nothing.
func (d *Device) Badge(n int) {
	name, args := "setAppBadge", []any{n}
	if n == 0 {
		name, args = "clearAppBadge", nil
	}
	if get(global("navigator"), name).Type() != js.TypeFunction {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_, _ = promised(ctx, global("navigator"), name, args...) // refused: there is no badge
	}()
}

// Handed are the files that wait, those of the share sheet first. What has waited too long is forgotten.
func (d *Device) Handed(ctx context.Context) []wallet.Handed {
	launched.mu.Lock()
	files := slices.Clone(launched.files)
	launched.mu.Unlock()
	has, err := promised(ctx, global("caches"), "has", handedCache)
	if err != nil || !yes(has) {
		return files
	}
	cache, err := promised(ctx, global("caches"), "open", handedCache)
	if err != nil {
		return files
	}
	keys, err := promised(ctx, cache, "keys")
	if err != nil {
		return files
	}
	var shared []wallet.Handed
	for i := range integer(get(keys, "length"), 0) {
		if f, ok := handed(ctx, cache, keys.Index(i)); ok {
			shared = append(shared, f)
		}
	}
	return append(shared, files...)
}

// handed is one file of the cache; false: it has gone.
func handed(ctx context.Context, cache, key js.Value) (wallet.Handed, bool) {
	answer, err := promised(ctx, cache, "match", key)
	if err != nil || !answer.Truthy() {
		return wallet.Handed{}, false
	}
	header := func(name string) string {
		v, err := call(get(answer, "headers"), "get", name)
		if err != nil {
			return ""
		}
		return text(v)
	}
	came, err := time.Parse(time.RFC3339, header(handedAt))
	if age := time.Since(came); err != nil || age > handedLife || age < -handedLife {
		_, _ = promised(ctx, cache, "delete", key)
		return wallet.Handed{}, false
	}
	blob, err := promised(ctx, answer, "blob")
	if err != nil {
		return wallet.Handed{}, false
	}
	f := wallet.Handed{File: file(blob, howDrop), ID: text(get(key, "url")), Came: came}
	if name, err := call(js.Global(), "decodeURIComponent", header(handedName)); err == nil {
		f.Name = text(name)
	}
	return f, true
}

// DropHanded forgets those that were seen, and leaves what came since.
func (d *Device) DropHanded(ctx context.Context, ids []string) error {
	launched.mu.Lock()
	launched.files = slices.DeleteFunc(launched.files, func(h wallet.Handed) bool { return slices.Contains(ids, h.ID) })
	launched.mu.Unlock()
	cache, err := promised(ctx, global("caches"), "open", handedCache)
	for _, id := range ids {
		if err == nil && !strings.HasPrefix(id, launchedID) {
			_, err = promised(ctx, cache, "delete", id)
		}
	}
	return err
}

// DropAllHanded forgets all of them.
func (d *Device) DropAllHanded(ctx context.Context) error {
	launched.mu.Lock()
	launched.files = nil
	launched.mu.Unlock()
	_, err := promised(ctx, global("caches"), "delete", handedCache)
	return err
}

// OnLaunch calls f for each launch. An installed program that is opened again is not loaded again (launch_handler in the
// manifest), since that would lock it and lose what is being typed: it is told instead where to go.
func (d *Device) OnLaunch(f func(path string)) (cancel func()) {
	launched.mu.Lock()
	defer launched.mu.Unlock()
	if launched.hears == nil {
		launched.hears = map[int]func(string){}
	}
	id := launched.next
	launched.next++
	launched.hears[id] = f
	if queue := get(js.Global(), "launchQueue"); !launched.begun && queue.Truthy() {
		launched.begun = true
		// For as long as the page lives: there is no way to take a consumer away.
		_, _ = call(queue, "setConsumer", js.FuncOf(func(_ js.Value, args []js.Value) any {
			if len(args) > 0 {
				go launch(args[0])
			}
			return nil
		}))
	}
	return func() {
		launched.mu.Lock()
		defer launched.mu.Unlock()
		delete(launched.hears, id)
	}
}

// Visit loads another page of this site.
func (d *Device) Visit(path string) { _, _ = call(global("location"), "assign", path) }

// launch takes in what one launch brings.
func launch(params js.Value) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var files []wallet.Handed
	handles := get(params, "files")
	for i := range min(integer(get(handles, "length"), 0), mostLaunched) {
		if f, err := promised(ctx, handles.Index(i), "getFile"); err == nil {
			files = append(files, wallet.Handed{File: file(f, howDrop), ID: launchedID + rand.Text(), Came: time.Now()})
		}
	}
	path := wanted(text(get(params, "targetURL")))
	launched.mu.Lock()
	launched.files = append(launched.files, files...)
	if n := len(launched.files); n > mostLaunched {
		launched.files = launched.files[n-mostLaunched:]
	}
	hears := make([]func(string), 0, len(launched.hears))
	for _, f := range launched.hears {
		hears = append(hears, f)
	}
	launched.mu.Unlock()
	for _, f := range hears {
		f(path)
	}
}

// launchedID begins the ID of what is in no cache.
const launchedID = "launched "

// mostLaunched bounds the files that one person can sensibly have meant.
const mostLaunched = 20

// wanted is the path of an address of ours, with its fragment; "" where it is none, or the first page.
func wanted(address string) string {
	origin := text(global("location", "origin"))
	path, ours := strings.CutPrefix(address, origin)
	if !ours || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || path == "/" {
		return ""
	}
	return path
}
