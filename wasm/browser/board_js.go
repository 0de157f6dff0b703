//go:build js

package browser

import (
	"context"
	"errors"
	"syscall/js"
)

// Board is where lies what is shown without unlocking: a database of its own, unsealed.
// It holds one text, JSON, which a page reads that needs no program: emergency cards
// (web/emergency.js), or a code (web/ready.js).
type Board struct{ cupboard }

// onBoard is the key of that text.
const onBoard = "cards"

// cover is the key in localStorage that covers the board: it is written at once and needs no database.
func (b *Board) cover() string { return b.name + "-cover" }

// NewBoard names the database; it is made with the first card.
func NewBoard(name string) *Board { return &Board{cupboard{name}} }

// Put replaces what lies there, and takes the cover off. When it returns nil, it survives a crash.
func (b *Board) Put(ctx context.Context, body []byte) error {
	_, err := b.transact(ctx, "readwrite", true, func(s js.Value) (js.Value, error) {
		return call(s, "put", string(body), onBoard)
	})
	if err == nil {
		remember(b.cover(), "")
	}
	return err
}

// Read returns what lies there, "" where nothing does.
func (b *Board) Read(ctx context.Context) (string, error) {
	v, err := b.transact(ctx, "readonly", false, func(s js.Value) (js.Value, error) { return call(s, "get", onBoard) })
	if errors.Is(err, errNothing) {
		return "", nil
	}
	return text(v), err
}

// Clear takes everything away, the database and the cover with it.
func (b *Board) Clear(ctx context.Context) error {
	err := b.empty(ctx)
	if err == nil {
		remember(b.cover(), "")
	}
	return err
}

// Cover makes that what lies there is not shown until the next Put or Clear.
func (b *Board) Cover() error {
	if remember(b.cover(), "1"); recall(b.cover()) == "" {
		return errors.New("browser: nothing can be remembered")
	}
	return nil
}
