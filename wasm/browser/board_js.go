//go:build js

package browser

import (
	"context"
	"errors"
	"syscall/js"
)

// Board is where emergency cards lie that are shown without unlocking: a database
// of their own, unsealed, which web/emergency.js reads. It holds one text, JSON.
type Board struct{ cupboard }

// onBoard is the key of that text, coverKey that of the cover in localStorage, which is written at once and needs no database.
const (
	onBoard  = "cards"
	coverKey = "potli-emergency-cover"
)

// NewBoard names the database; it is made with the first card.
func NewBoard(name string) *Board { return &Board{cupboard{name}} }

// Put replaces what lies there, and takes the cover off. When it returns nil, it survives a crash.
func (b *Board) Put(ctx context.Context, body []byte) error {
	_, err := b.transact(ctx, "readwrite", true, func(s js.Value) (js.Value, error) {
		return call(s, "put", string(body), onBoard)
	})
	if err == nil {
		remember(coverKey, "")
	}
	return err
}

// Clear takes everything away, the database and the cover with it.
func (b *Board) Clear(ctx context.Context) error {
	err := b.empty(ctx)
	if err == nil {
		remember(coverKey, "")
	}
	return err
}

// Cover makes that what lies there is not shown until the next Put or Clear.
func (b *Board) Cover() error {
	if remember(coverKey, "1"); recall(coverKey) == "" {
		return errors.New("browser: nothing can be remembered")
	}
	return nil
}
