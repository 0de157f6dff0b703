package sqlstore

import "context"

// due is when something next ends: ?1 now, ?2 the age of an orphan, ?3 the time
// from a last use to the end of its tickets, ?4 the life of an entry, ?5 the time
// in which a deposit arrives. Whether an upload became anything is not asked, only
// when it can be: one look too many after the last upload of all.
const due = `SELECT COALESCE(MIN(at), 0) FROM (
	SELECT MIN(expires_at) AS at FROM links WHERE file <> ''
	UNION ALL SELECT MIN(CASE WHEN attempts_left <= 0 OR uses_left < 0 THEN ?1 ELSE seen_at + ?3 END) FROM links WHERE ` + spent + `
	UNION ALL SELECT MIN(keep_until) FROM links WHERE file = ''
	UNION ALL SELECT MAX(added_at) + ?2 FROM parts WHERE added_at > ?1 - ?2
	UNION ALL SELECT MAX(added_at) + ?2 FROM bodies WHERE added_at > ?1 - ?2
	UNION ALL SELECT MIN(CASE WHEN state = 1 THEN expires_at + ?5 ELSE expires_at END) FROM mailboxes WHERE state < 2
	UNION ALL SELECT MIN(keep_until) FROM mailboxes WHERE state = 2
	UNION ALL SELECT MIN(added_at) + ?4 FROM entries WHERE kept = 1
	UNION ALL SELECT MIN(due_at) FROM pushes WHERE due_at > 0) AS ends`

// Due returns when Purge should be called again, or a device told, in unix
// seconds; 0 when there is nothing that ends. It is for an engine that sleeps in
// between.
func (s *Store) Due(ctx context.Context, now int64) (at int64, err error) {
	err = s.one(ctx, due, []any{now, orphanAge, lastTicket, entryLife, underWay}, &at)
	return at, err
}
