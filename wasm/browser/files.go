//go:build js

package browser

import (
	"context"
	"syscall/js"

	"potli/app/wallet"
)

// Picked takes the files out of a file input and empties it, so that picking
// the same file again is a change. Nothing is read yet.
func (d *Device) Picked(inputID, how string) []wallet.File {
	input := element(inputID)
	files := list(get(input, "files"), how)
	set(input, "value", "")
	return files
}

// list makes wallet files of a FileList or an array of File.
func list(v js.Value, how string) []wallet.File {
	n := integer(get(v, "length"), 0)
	files := make([]wallet.File, 0, n)
	for i := range n {
		item, err := try(func() js.Value { return v.Index(i) })
		if err == nil && item.Truthy() {
			files = append(files, file(item, how))
		}
	}
	return files
}

// file reads its bytes when it is asked to. A file that was moved or changed
// since it was picked is an error then (NotFoundError, NotReadableError).
func file(f js.Value, how string) wallet.File {
	return wallet.File{
		Name: text(get(f, "name")),
		Size: number(get(f, "size")),
		How:  how,
		Read: func(ctx context.Context) ([]byte, error) {
			buffer, err := promised(ctx, f, "arrayBuffer")
			if err != nil {
				return nil, err
			}
			return fromJS(buffer)
		},
		At: func(ctx context.Context, b []byte, off int64) (int, error) {
			part, err := call(f, "slice", off, off+int64(len(b)))
			if err != nil {
				return 0, err
			}
			buffer, err := promised(ctx, part, "arrayBuffer")
			if err != nil {
				return 0, err
			}
			read, err := fromJS(buffer)
			return copy(b, read), err
		},
	}
}

// How a file came, as record.Source.How knows it.
const (
	howDrop  = "file"
	howPaste = "paste"
)

// maxPaste bounds pasted text: a link or a small document, not a novel.
const maxPaste = 1 << 20

// Incoming calls f for what is dropped on the page or pasted into it, and
// dragging while files hang over it. Text pasted into an input belongs to the
// input.
func (d *Device) Incoming(f func(files []wallet.File, text string), dragging func(bool)) (cancel func()) {
	document := global("document")
	over := teller{f: dragging}
	depth := 0 // dragenter and dragleave come for every element on the way
	cancels := []func(){
		listen(document, "dragenter", func(e js.Value) {
			if carriesFiles(e) {
				call(e, "preventDefault")
				depth++
				over.say(true)
			}
		}),
		listen(document, "dragover", func(e js.Value) {
			if carriesFiles(e) {
				call(e, "preventDefault")
			}
		}),
		listen(document, "dragleave", func(e js.Value) {
			if depth > 0 {
				depth--
			}
			over.say(depth > 0)
		}),
		listen(document, "drop", func(e js.Value) {
			depth = 0
			over.say(false)
			// Also without files: a dropped link would navigate away from the page.
			call(e, "preventDefault")
			if files := list(get(e, "dataTransfer", "files"), howDrop); len(files) > 0 {
				go f(files, "")
			}
		}),
		listen(document, "paste", func(e js.Value) {
			data := get(e, "clipboardData")
			files := list(get(data, "files"), howPaste)
			if len(files) > 0 {
				call(e, "preventDefault")
				go f(files, "")
				return
			}
			if editable(get(e, "target")) {
				return
			}
			v, err := call(data, "getData", "text/plain")
			if err != nil || v.Type() != js.TypeString || size(v) > maxPaste {
				return
			}
			if s := v.String(); s != "" {
				go f(nil, s)
			}
		}),
	}
	return func() {
		for _, c := range cancels {
			c()
		}
	}
}

func carriesFiles(e js.Value) bool {
	types := get(e, "dataTransfer", "types")
	for i := range integer(get(types, "length"), 0) {
		if text(types.Index(i)) == "Files" {
			return true
		}
	}
	return false
}

func editable(el js.Value) bool {
	switch text(get(el, "localName")) {
	case "input", "textarea", "select":
		return true
	}
	return yes(get(el, "isContentEditable"))
}
