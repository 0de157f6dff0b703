//go:build js

package browser

import (
	"context"
	"syscall/js"
)

// Board is where emergency cards lie that are shown without unlocking: a database
// of their own, unsealed, which web/emergency.js reads. It holds one text, JSON.
type Board struct{ cupboard }

// onBoard is the key of that text.
const onBoard = "cards"

// NewBoard names the database; it is made with the first card.
func NewBoard(name string) *Board { return &Board{cupboard{name}} }

// Put replaces what lies there. When it returns nil, it survives a crash.
func (b *Board) Put(ctx context.Context, body []byte) error {
	_, err := b.transact(ctx, "readwrite", true, func(s js.Value) (js.Value, error) {
		return call(s, "put", string(body), onBoard)
	})
	return err
}

// Clear takes everything away, and the database with it.
func (b *Board) Clear(ctx context.Context) error { return b.empty(ctx) }
