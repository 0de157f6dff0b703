package sqlstore

import "context"

// due is when something of each kind next ends, 0 where nothing does: ?1 now, ?2
// the age of an orphan, ?3 the time from a last use to the end of its tickets, ?4
// the life of an entry, ?5 the time in which a deposit arrives. Whether an upload
// became anything is not asked, only when it can be: one look too many after the
// last upload of all. These are columns and no UNION, of which a Durable Object
// allows five.
const due = `SELECT
	COALESCE((SELECT MIN(expires_at) FROM links WHERE file <> ''), 0),
	COALESCE((SELECT MIN(CASE WHEN attempts_left <= 0 OR uses_left < 0 THEN ?1 ELSE seen_at + ?3 END) FROM links WHERE ` + spent + `), 0),
	COALESCE((SELECT MIN(keep_until) FROM links WHERE file = ''), 0),
	COALESCE((SELECT MAX(added_at) + ?2 FROM parts WHERE added_at > ?1 - ?2), 0),
	COALESCE((SELECT MAX(added_at) + ?2 FROM bodies WHERE added_at > ?1 - ?2), 0),
	COALESCE((SELECT MIN(CASE WHEN state = 1 THEN expires_at + ?5 ELSE expires_at END) FROM mailboxes WHERE state < 2), 0),
	COALESCE((SELECT MIN(keep_until) FROM mailboxes WHERE state = 2), 0),
	COALESCE((SELECT MIN(added_at) + ?4 FROM entries WHERE kept = 1), 0),
	COALESCE((SELECT MIN(due_at) FROM pushes WHERE due_at > 0), 0)`

// Due returns when Purge should be called again, or a device told, in unix
// seconds; 0 when there is nothing that ends. It is for an engine that sleeps in
// between.
func (s *Store) Due(ctx context.Context, now int64) (int64, error) {
	var ends [9]int64
	dest := make([]any, len(ends))
	for i := range ends {
		dest[i] = &ends[i]
	}
	if err := s.one(ctx, due, []any{now, orphanAge, lastTicket, entryLife, underWay}, dest...); err != nil {
		return 0, err
	}
	var first int64
	for _, at := range ends {
		if at > 0 && (first == 0 || at < first) {
			first = at
		}
	}
	return first, nil
}
