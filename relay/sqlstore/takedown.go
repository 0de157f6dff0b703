package sqlstore

import (
	"context"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

// A link that was taken down is a revoked one whose row stays until none that was
// made before can live, so that its id, which is in a code on somebody's wall,
// cannot be made again. paused = 2 marks it; nothing else sets that.
const (
	takenDown = `paused = 2`
	takedown  = `UPDATE links SET expires_at = ` + past + `, paused = 2, pass_salt = '', pass_mac = ` + blank + `, seen_by = ` + blank + `,
		keep_until = CASE WHEN keep_until > ?2 THEN keep_until ELSE ?2 END WHERE id_hash = ?1 RETURNING file`
)

// Takedown implements relay.Keeper.
func (s *Store) Takedown(ctx context.Context, id string, now int64) error {
	var file string
	if err := s.one(ctx, takedown, []any{id, now + int64(wire.MaxLife/time.Second)}, &file); err != nil {
		return err
	}
	return s.Erase(ctx, relay.Link{ID: id, File: file})
}
