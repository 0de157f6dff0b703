package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"potli/relay/webpush"
)

// pushTime is for one message. No engine's Post need have a limit of its own.
const pushTime = 15 * time.Second

// Push tells devices that something arrived, as many as are due. Call it every few
// seconds, or when the store says that there is more to do.
func (h *Handler) Push(ctx context.Context) error {
	for more := h.push != nil; more; {
		list, _, err := h.store.TakePushes(ctx, h.now().Unix())
		if err == nil {
			err = h.tell(ctx, list)
		}
		if err != nil {
			return fmt.Errorf("pushing: %w", err)
		}
		more = len(list) > 0
	}
	return nil
}

// tell sends some messages at the same time. Its errors are the store's.
func (h *Handler) tell(ctx context.Context, list []Push) error {
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for i, p := range list {
		all.Go(func() { errs[i] = h.tellOne(ctx, p) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (h *Handler) tellOne(ctx context.Context, p Push) error {
	asking, cancel := context.WithTimeout(ctx, pushTime)
	defer cancel()
	err := webpush.ErrGone // sealed under a key that is no more
	if endpoint, ok := h.keys.OpenEndpoint(p.Mailbox, p.Device, p.Sealed); ok {
		err = h.push.Send(asking, endpoint, h.now())
	}
	switch {
	case err == nil:
		return h.store.Pushed(ctx, p, h.now().Unix())
	case errors.Is(err, webpush.ErrGone):
		return h.store.DeletePush(ctx, p.Mailbox, p.Device)
	}
	return nil // it is due again later
}
