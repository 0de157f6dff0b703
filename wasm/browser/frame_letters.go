//go:build js

package browser

import (
	"context"
	"encoding/json"
	"errors"
	"syscall/js"
	"time"

	"potli/app/relayclient"
	"potli/app/share"
	"potli/app/traffic"
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
	return f.told(traffic.Because(ctx, traffic.Keys), origin, map[string]any{"potli": "keys", "origin": origin})
}

// Note asks a relay which is not ours what there is to know of a mailbox.
func (f *Frame) Note(ctx context.Context, relay, id string) (string, error) {
	b, err := f.letter(ctx, relay, map[string]any{"potli": "note", "relay": relay, "mailbox": id})
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
	b, err := f.letter(ctx, relay, map[string]any{"potli": "deposit", "relay": relay, "mailbox": id, "entry": entry, "sealed": sealed})
	var d struct {
		ID string `json:"id"`
	}
	if err == nil && (json.Unmarshal(b, &d) != nil || d.ID != entry) {
		err = errors.Join(share.ErrOffline, ErrFrame) // not the relay's answer
	}
	return err
}

// letter sends one, unless the frame is busy with what a person is waiting for.
func (f *Frame) letter(ctx context.Context, relay string, message map[string]any) ([]byte, error) {
	for start := time.NewTimer(frameThere); !contentWindow(FrameID).Truthy(); {
		select {
		case <-start.C:
			return nil, errors.Join(share.ErrOffline, ErrFrame)
		case <-time.After(frameLook):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if f.busy(contentWindow(FrameID)) {
		return nil, errors.Join(share.ErrOffline, ErrFrame)
	}
	return f.told(traffic.Because(ctx, traffic.Letter), relay, message)
}

// busy says whether a window owes an answer.
func (f *Frame) busy(window js.Value) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range f.asked {
		if q.window.Equal(window) {
			return true
		}
	}
	return false
}

// told asks the frame, and returns the text that the host at url answered.
func (f *Frame) told(ctx context.Context, url string, message map[string]any) ([]byte, error) {
	out := len(url)
	if sealed, ok := message["sealed"].(string); ok {
		out += len(sealed)
	}
	data, err := f.sends(ctx, url, out, message, func(data js.Value) int { return size(get(data, "text")) })
	if err != nil {
		return nil, err
	}
	answer := get(data, "text")
	if size(answer) > maxTold {
		return nil, share.ErrTooBig
	}
	return []byte(text(answer)), nil
}
