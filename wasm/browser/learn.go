//go:build js

package browser

import (
	"context"
	"errors"
)

// maxLessons bounds the texts of help of one language.
const maxLessons = 256 << 10

// Lessons fetches the texts of help of a language.
func (d *Device) Lessons(ctx context.Context, tag string) ([]byte, error) {
	if !plainName(tag) {
		return nil, errors.New("not a language tag")
	}
	return Asset(ctx, "/web/learn/"+tag+".json", maxLessons)
}

// Back goes back in the history.
func (d *Device) Back() { call(global("history"), "back") }
