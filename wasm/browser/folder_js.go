//go:build js

package browser

import (
	"context"
	"errors"
	"syscall/js"

	"potli/app/wallet"
)

// Folder is wallet.Folder over the File System Access API (Chromium on desktop;
// elsewhere Can says no). The handle of the folder that was picked is kept by the
// browser, in a database of its own: it names a place on this device and opens
// nothing without the browser's leave.
type Folder struct{ cupboard }

var _ wallet.Folder = (*Folder)(nil)

// NewFolder keeps its handle in the database of that name.
func NewFolder(name string) *Folder { return &Folder{cupboard{name}} }

const folderSlot = "folder"

// errNoFolder: none was picked, or the browser has forgotten it.
var errNoFolder = errors.New("browser: no folder was picked")

// Can says whether the browser lets pages ask for folders.
func (f *Folder) Can() bool {
	return get(js.Global(), "showDirectoryPicker").Type() == js.TypeFunction
}

// Pick opens the system's dialog at once, while the gesture is fresh.
func (f *Folder) Pick(ctx context.Context) (string, error) {
	h, err := promised(ctx, js.Global(), "showDirectoryPicker", object("id", "potli-backups", "mode", "readwrite"))
	if named(err, "AbortError") {
		return "", context.Canceled
	}
	if err != nil {
		return "", err
	}
	_, err = f.transact(ctx, "readwrite", true, func(s js.Value) (js.Value, error) { return call(s, "put", h, folderSlot) })
	return text(get(h, "name")), err
}

// Picked returns the folder's name, and whether it may be written to unasked.
func (f *Folder) Picked(ctx context.Context) (string, bool) {
	h, err := f.handle(ctx)
	if err != nil {
		return "", false
	}
	state, err := promised(ctx, h, "queryPermission", object("mode", "readwrite"))
	return text(get(h, "name")), err == nil && text(state) == "granted"
}

// Allow asks the person.
func (f *Folder) Allow(ctx context.Context) error {
	h, err := f.handle(ctx)
	if err != nil {
		return err
	}
	state, err := promised(ctx, h, "requestPermission", object("mode", "readwrite"))
	if err == nil && text(state) != "granted" {
		err = context.Canceled
	}
	return err
}

// Write writes to a copy that takes the file's place when it is closed.
func (f *Folder) Write(ctx context.Context, name string, b []byte) error {
	file, err := f.file(ctx, name, true)
	if err != nil {
		return err
	}
	bytes, err := toJS(b)
	if err != nil {
		return err
	}
	w, err := promised(ctx, file, "createWritable")
	if err != nil {
		return err
	}
	if _, err := promised(ctx, w, "write", bytes); err != nil {
		call(w, "abort")
		return err
	}
	_, err = promised(ctx, w, "close")
	return err
}

// Read returns the bytes of a file.
func (f *Folder) Read(ctx context.Context, name string) ([]byte, error) {
	h, err := f.file(ctx, name, false)
	if err != nil {
		return nil, err
	}
	file, err := promised(ctx, h, "getFile")
	if err != nil {
		return nil, err
	}
	buffer, err := promised(ctx, file, "arrayBuffer")
	if err != nil {
		return nil, err
	}
	return fromJS(buffer)
}

// List returns the names of what lies in the folder.
func (f *Folder) List(ctx context.Context) (names []string, err error) {
	h, err := f.handle(ctx)
	if err != nil {
		return nil, err
	}
	each, err := call(h, "keys")
	for err == nil {
		var next js.Value
		if next, err = promised(ctx, each, "next"); err != nil || yes(get(next, "done")) {
			break
		}
		names = append(names, text(get(next, "value")))
	}
	return names, err
}

// Remove removes a file.
func (f *Folder) Remove(ctx context.Context, name string) error {
	h, err := f.handle(ctx)
	if err != nil {
		return err
	}
	_, err = promised(ctx, h, "removeEntry", name)
	return err
}

// Forget forgets the folder.
func (f *Folder) Forget(ctx context.Context) error { return f.empty(ctx) }

func (f *Folder) handle(ctx context.Context) (js.Value, error) {
	h, err := f.transact(ctx, "readonly", false, func(s js.Value) (js.Value, error) { return call(s, "get", folderSlot) })
	if err == nil && h.Type() != js.TypeObject {
		err = errNoFolder
	}
	return h, err
}

func (f *Folder) file(ctx context.Context, name string, create bool) (js.Value, error) {
	h, err := f.handle(ctx)
	if err != nil {
		return h, err
	}
	return promised(ctx, h, "getFileHandle", name, object("create", create))
}
