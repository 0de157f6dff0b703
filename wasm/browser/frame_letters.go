//go:build js

package browser

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"potli/app/relayclient"
	"potli/app/share"
	"potli/app/wallet"
)

var (
	_ wallet.Directory      = (*Frame)(nil)
	_ relayclient.Elsewhere = (*Frame)(nil)
)

const (
	// maxTold bounds an answer of a stranger's host that is public text.
	maxTold = 64 << 10
	// frameThere is how long a letter waits for the frame. It may be one that is sent
	// again by itself, when no page shows the frame: then it waits for another day.
	frameThere = 3 * time.Second
)

// Keys returns what a provider publishes at its origin, once the person has tapped in
// the frame: the question tells the host that somebody looks.
func (f *Frame) Keys(ctx context.Context, origin string) ([]byte, error) {
	return f.told(ctx, map[string]any{"potli": "keys", "origin": origin})
}

// Note asks a relay which is not ours what there is to know of a mailbox.
func (f *Frame) Note(ctx context.Context, relay, id string) (string, error) {
	b, err := f.letter(ctx, map[string]any{"potli": "note", "relay": relay, "mailbox": id})
	var n struct {
		Note string `json:"note"`
	}
	if err == nil && json.Unmarshal(b, &n) != nil {
		err = share.ErrRefused
	}
	return n.Note, err
}

// Deposit puts a sealed letter into a mailbox of a relay which is not ours.
func (f *Frame) Deposit(ctx context.Context, relay, id, entry, sealed string) error {
	b, err := f.letter(ctx, map[string]any{"potli": "deposit", "relay": relay, "mailbox": id, "entry": entry, "sealed": sealed})
	var d struct {
		ID string `json:"id"`
	}
	if err == nil && (json.Unmarshal(b, &d) != nil || d.ID != entry) {
		err = errors.Join(share.ErrOffline, ErrFrame) // not the relay's answer
	}
	return err
}

func (f *Frame) letter(ctx context.Context, message map[string]any) ([]byte, error) {
	for start := time.NewTimer(frameThere); !contentWindow(FrameID).Truthy(); {
		select {
		case <-start.C:
			return nil, errors.Join(share.ErrOffline, ErrFrame)
		case <-time.After(frameLook):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return f.told(ctx, message)
}

// told asks the frame, and returns the text that a host answered.
func (f *Frame) told(ctx context.Context, message map[string]any) ([]byte, error) {
	data, err := f.ask(ctx, FrameID, message)
	if err != nil {
		return nil, err
	}
	answer := get(data, "text")
	if size(answer) > maxTold {
		return nil, share.ErrTooBig
	}
	return []byte(text(answer)), nil
}
