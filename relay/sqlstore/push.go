package sqlstore

import (
	"context"
	"errors"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

const (
	pushQuiet = int64(relay.PushQuiet / time.Second)
	pushLife  = int64(relay.PushLife / time.Second)
	pushRetry = int64(relay.PushRetry / time.Second)

	pushesAtOnce = 20
)

// PutPush implements relay.Pushes: in a free slot, or where the device is.
func (s *Store) PutPush(ctx context.Context, p relay.Push, now int64) (bool, error) {
	for slot := range int64(wire.MaxPushes) {
		n, err := s.exec(ctx, insertPush, p.Mailbox, now, slot, p.Device, p.Sealed)
		if n == 0 && err == nil {
			n, err = s.exec(ctx, updatePush, p.Mailbox, p.Device, p.Sealed)
		}
		if n == 1 || err != nil {
			return n == 1, err
		}
	}
	return false, nil
}

// DeletePush implements relay.Pushes.
func (s *Store) DeletePush(ctx context.Context, mailbox, device string) error {
	_, err := s.exec(ctx, deletePush, mailbox, device)
	return err
}

// Arrived implements relay.Pushes.
func (s *Store) Arrived(ctx context.Context, mailbox string, now int64) error {
	_, err := s.exec(ctx, arrived, mailbox, now, now+pushLife, now-pushQuiet)
	return err
}

// TakePushes implements relay.Pushes.
func (s *Store) TakePushes(ctx context.Context, now int64) (list []relay.Push, next int64, err error) {
	for len(list) < pushesAtOnce {
		var p relay.Push
		var until int64
		err := s.one(ctx, takePush, []any{now, pushRetry}, &p.Mailbox, &p.Device, &p.Sealed, &p.Arrived, &until)
		if errors.Is(err, relay.ErrGone) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		if until > now { // else nobody looked for a day, and it is too late
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		err = s.one(ctx, nextPush, nil, &next)
	}
	return list, next, err
}

// Pushed implements relay.Pushes.
func (s *Store) Pushed(ctx context.Context, p relay.Push, now int64) error {
	_, err := s.exec(ctx, pushed, p.Mailbox, p.Device, p.Arrived, now, now+pushQuiet, now+pushQuiet+pushLife)
	return err
}
