//go:build js

package browser_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"syscall/js"
	"testing"

	"potli/wasm/browser"
)

// The browser's own private folder stands for one that a person picks: the same
// handles, without a dialog of the system.
func TestFolder(t *testing.T) {
	onPage(t)
	ctx := context.Background()
	name := "test-folder"
	f := browser.NewFolder(name)
	t.Cleanup(func() { f.Forget(ctx) })
	if got, ok := f.Picked(ctx); got != "" || ok {
		t.Errorf("before one is picked: %q, %v", got, ok)
	}
	if err := f.Write(ctx, "a", []byte("b")); err == nil {
		t.Error("wrote into no folder")
	}
	root, failed := settle(t, js.Global().Get("navigator").Get("storage").Call("getDirectory"))
	if failed != "" {
		t.Fatal(failed)
	}
	dir, failed := settle(t, root.Call("getDirectoryHandle", "potli backups", map[string]any{"create": true}))
	if failed != "" {
		t.Fatal(failed)
	}
	pick := func(answer func() js.Value) {
		before := js.Global().Get("showDirectoryPicker")
		js.Global().Set("showDirectoryPicker", function(t, func(js.Value, []js.Value) any { return answer() }))
		t.Cleanup(func() { js.Global().Set("showDirectoryPicker", before) })
	}
	promise := js.Global().Get("Promise")
	pick(func() js.Value {
		return promise.Call("reject", js.Global().Get("DOMException").New("the person closed it", "AbortError"))
	})
	if _, err := f.Pick(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a dialog that was closed: %v", err)
	}
	pick(func() js.Value { return promise.Call("resolve", dir) })
	if got, err := f.Pick(ctx); got != "potli backups" || err != nil {
		t.Fatalf("Pick: %q, %v", got, err)
	}
	again := browser.NewFolder(name) // as after a reload
	if got, ok := again.Picked(ctx); got != "potli backups" || !ok {
		t.Errorf("Picked: %q, %v", got, ok)
	}
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	for _, body := range [][]byte{large, []byte("short"), {}} {
		if err := again.Write(ctx, "potli-2026-06-12.age", body); err != nil {
			t.Fatal(err)
		}
		if got, err := again.Read(ctx, "potli-2026-06-12.age"); err != nil || !bytes.Equal(got, body) {
			t.Errorf("Read: %d bytes, %v; wrote %d", len(got), err, len(body))
		}
	}
	if err := again.Write(ctx, "other.txt", []byte("x")); err != nil {
		t.Fatal(err)
	}
	names, err := again.List(ctx)
	slices.Sort(names)
	if want := []string{"other.txt", "potli-2026-06-12.age"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("List: %v, %v", names, err)
	}
	for _, n := range names {
		if err := again.Remove(ctx, n); err != nil {
			t.Errorf("Remove: %v", err)
		}
	}
	if names, err := again.List(ctx); err != nil || len(names) != 0 {
		t.Errorf("after Remove: %v, %v", names, err)
	}
	if _, err := again.Read(ctx, "other.txt"); err == nil {
		t.Error("read what was removed")
	}
	if err := again.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	if got, ok := f.Picked(ctx); got != "" || ok {
		t.Errorf("after Forget: %q, %v", got, ok)
	}
}
