package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

const (
	pushQuiet = int64(relay.PushQuiet / time.Second)
	pushLife  = int64(relay.PushLife / time.Second)
	pushRetry = int64(relay.PushRetry / time.Second)
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
	err = naming(ctx, s.run.query(ctx, takePushes, []any{now, pushRetry}, func(rows *sql.Rows) error {
		list = nil
		for rows.Next() {
			var p relay.Push
			var until int64
			if err := rows.Scan(&p.Mailbox, &p.Device, &p.Sealed, &p.Arrived, &until); err != nil {
				return err
			}
			if until > now { // else nobody looked for a day, and it is too late
				list = append(list, p)
			}
		}
		return nil
	}))
	if err != nil || len(list) > 0 {
		return list, 0, err
	}
	return nil, next, s.one(ctx, nextPush, nil, &next)
}

// Pushed implements relay.Pushes.
func (s *Store) Pushed(ctx context.Context, p relay.Push, now int64) error {
	_, err := s.exec(ctx, pushed, p.Mailbox, p.Device, p.Arrived, now, now+pushQuiet, now+pushQuiet+pushLife)
	return err
}
