package sqlstore

// mailboxSchema are the tables of mailboxes; version 2 of the tables includes
// them.
var mailboxSchema = []string{
	// state: 0 takes entries, 1 has ended and is being emptied, 2 is empty and
	// only keeps its id from being taken, until keep_until.
	`CREATE TABLE IF NOT EXISTS mailboxes (
		id_hash TEXT NOT NULL PRIMARY KEY,
		token_hash TEXT NOT NULL,
		created_at BIGINT NOT NULL,
		expires_at BIGINT NOT NULL,
		keep_until BIGINT NOT NULL,
		state BIGINT NOT NULL,
		most_entries BIGINT NOT NULL,
		most_bytes BIGINT NOT NULL,
		note TEXT NOT NULL)`,
	`CREATE INDEX IF NOT EXISTS mailboxes_end ON mailboxes (expires_at) WHERE state < 2`,
	`CREATE INDEX IF NOT EXISTS mailboxes_keep ON mailboxes (keep_until) WHERE state = 2`,
	// kept is 0 once the body is given up: what remains keeps the number from being
	// used again, and knows a repeat by its id and the name of its file.
	`CREATE TABLE IF NOT EXISTS entries (
		mailbox TEXT NOT NULL,
		seq BIGINT NOT NULL,
		entry TEXT NOT NULL,
		file TEXT NOT NULL,
		size BIGINT NOT NULL,
		added_at BIGINT NOT NULL,
		kept BIGINT NOT NULL,
		PRIMARY KEY (mailbox, seq),
		UNIQUE (mailbox, entry))`,
	`CREATE INDEX IF NOT EXISTS entries_file ON entries (file)`,
	`CREATE INDEX IF NOT EXISTS entries_room ON entries (mailbox, size) WHERE kept = 1`,
	`CREATE INDEX IF NOT EXISTS entries_kept ON entries (added_at, mailbox, seq) WHERE kept = 1`,
	`CREATE INDEX IF NOT EXISTS entries_left ON entries (added_at) WHERE kept = 0`,
	// Apart from the parts of links: a relay of the release before, which may be
	// running yet, would erase what belongs to no link.
	`CREATE TABLE IF NOT EXISTS bodies (
		file TEXT NOT NULL,
		n BIGINT NOT NULL,
		added_at BIGINT NOT NULL,
		body BLOB NOT NULL,
		PRIMARY KEY (file, n))`,
	`CREATE INDEX IF NOT EXISTS bodies_added ON bodies (added_at, file)`,
}

const (
	// ?1 id hash throughout.
	entriesKept = `(SELECT COUNT(*) FROM entries WHERE mailbox = ?1 AND kept = 1)`
	bytesKept   = `(SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM entries WHERE mailbox = ?1 AND kept = 1)`
	highest     = `COALESCE((SELECT MAX(seq) FROM entries WHERE mailbox = ?1), 0)`

	// serving: ?2 now.
	serving = `id_hash = ?1 AND state = 0 AND expires_at > ?2`

	selectMailbox = `SELECT id_hash, created_at, expires_at, most_entries, most_bytes, note, ` +
		entriesKept + `, ` + bytesKept + `, ` + highest + ` FROM mailboxes WHERE ` + serving
	selectOwnMailbox = selectMailbox + ` AND token_hash = ?3`

	insertMailbox = `INSERT INTO mailboxes (id_hash, token_hash, created_at, expires_at, keep_until, state, most_entries, most_bytes, note)
		VALUES (?1, ?2, ?3, ?4, ?4, 0, ?5, ?6, ?7) ON CONFLICT DO NOTHING`

	// ?3 token hash, ?4 the new end, which comes no earlier than the old one.
	changeMailbox = `UPDATE mailboxes SET most_entries = ?5, most_bytes = ?6, note = ?7,
		expires_at = CASE WHEN expires_at < ?4 THEN ?4 ELSE expires_at END,
		keep_until = CASE WHEN expires_at < ?4 THEN ?4 ELSE expires_at END
		WHERE ` + serving + ` AND token_hash = ?3`

	// closeMailbox makes the row dead for ever before any part is erased.
	closeMailbox = `UPDATE mailboxes SET note = '',
		state = CASE WHEN state = 0 THEN 1 ELSE state END,
		expires_at = CASE WHEN expires_at < ?2 THEN expires_at ELSE ?2 END
		WHERE id_hash = ?1 AND token_hash = ?3`

	// As insertPart of links: what a broken-off upload left is young again.
	insertBody = `INSERT INTO bodies (file, n, added_at, body) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (file, n) DO UPDATE SET added_at = excluded.added_at`
	selectBody = `SELECT body FROM bodies WHERE file = ?1 AND n = ?2`

	selectDeposited = `SELECT seq, file FROM entries WHERE mailbox = ?1 AND entry = ?2`

	// deposit decides all at once: the mailbox is there, has room, and this entry
	// is the next. Two that come together read the same highest number; the key
	// lets one in, and the other finds no row written and begins anew. So number
	// n+1 cannot be taken before n is committed, and whoever took n+1 has seen all
	// that came before when the room was measured. ?2 now, ?3 entry, ?4 file, ?5
	// size. PostgreSQL must be told the types of what it only passes on.
	deposit = `INSERT INTO entries (mailbox, seq, entry, file, size, added_at, kept)
		SELECT id_hash, 1 + ` + highest + `, CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS BIGINT), CAST(?2 AS BIGINT), 1
		FROM mailboxes WHERE ` + serving + ` AND ` + entriesKept + ` < most_entries AND ` + bytesKept + ` + ?5 <= most_bytes
		ON CONFLICT DO NOTHING RETURNING seq`

	// fresh: ?3 now less the life of an entry, so that a late purge serves nothing.
	fresh = `mailbox = ?1 AND kept = 1 AND added_at > ?3`

	selectEntry = `SELECT seq, entry, file, size, added_at FROM entries WHERE ` + fresh + ` AND seq = ?2`

	// A page ends with the entry that makes ?5 bytes of small bodies full (?4 is
	// the largest that is small), or after ?6 entries. The last column tells
	// whether there are others.
	small         = `CASE WHEN size <= ?4 THEN size ELSE 0 END`
	selectEntries = `SELECT e.seq, e.entry, e.file, e.size, e.added_at, COALESCE(p.body, ''), (SELECT MAX(seq) FROM entries WHERE ` + fresh + `)
		FROM (SELECT seq, entry, file, size, added_at, SUM(` + small + `) OVER (ORDER BY seq) - ` + small + ` AS ahead
			FROM entries WHERE ` + fresh + ` AND seq > ?2 ORDER BY seq LIMIT ?6) AS e
		LEFT JOIN bodies AS p ON p.file = e.file AND p.n = 0 AND e.size <= ?4
		WHERE e.ahead < ?5 ORDER BY e.seq`

	// acknowledge makes the rows dead first; ?2 to ?3 are numbers in a row.
	run         = `mailbox = ?1 AND seq >= ?2 AND seq <= ?3`
	acknowledge = `UPDATE entries SET kept = 0 WHERE ` + run + ` AND kept = 1`

	// In turns of few rows, as in the purge of links.
	bodiesOf          = `DELETE FROM bodies WHERE file IN (SELECT e.file FROM entries AS e JOIN bodies AS p ON p.file = e.file WHERE `
	eraseAcknowledged = bodiesOf + `e.mailbox = ?1 AND e.seq >= ?2 AND e.seq <= ?3 AND e.kept = 0 LIMIT 20)`
	eraseMailbox      = bodiesOf + `e.mailbox = ?1 LIMIT 20)`

	selectArrivals = `SELECT mailbox, MAX(seq) FROM entries WHERE kept = 1 AND added_at >= ?1 GROUP BY mailbox`

	// The purge. Mailboxes are ended first, so that nobody prolongs what is being
	// emptied. ?1 now.
	endMailboxes = `UPDATE mailboxes SET state = 1, note = '' WHERE state = 0 AND expires_at <= ?1`

	bodyless      = ` AND NOT EXISTS (SELECT 1 FROM bodies WHERE bodies.file = entries.file)`
	emptyBodies   = bodiesOf + `e.mailbox IN (SELECT id_hash FROM mailboxes WHERE state = 1) LIMIT 20)`
	deleteEntries = `DELETE FROM entries WHERE mailbox IN (SELECT id_hash FROM mailboxes WHERE state = 1)` + bodyless

	// A deposit that was on its way when the mailbox ended has arrived by ?1.
	emptyMailboxes = `UPDATE mailboxes SET state = 2 WHERE state = 1 AND expires_at <= ?1
		AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.mailbox = mailboxes.id_hash)`
	deleteMailboxes = `DELETE FROM mailboxes WHERE state = 2 AND keep_until <= ?1`

	// Entries nobody came for, ?1 now less their life.
	staleBodies   = bodiesOf + `e.kept = 1 AND e.added_at <= ?1 LIMIT 20)`
	forgetEntries = `UPDATE entries SET kept = 0 WHERE kept = 1 AND added_at <= ?1` + bodyless

	// What remains of entries goes after the same time, but for the highest number.
	// The time is bounded below as for orphans.
	deleteLeft = `DELETE FROM entries WHERE file IN (SELECT e.file FROM entries AS e WHERE e.kept = 0 AND e.added_at <= ?1 AND e.added_at > ?2
		AND e.seq < (SELECT MAX(l.seq) FROM entries AS l WHERE l.mailbox = e.mailbox) LIMIT 200)`

	// Bodies added between ?2 and ?1 that never became an entry, or were given up.
	deleteLoose = `DELETE FROM bodies WHERE file IN (SELECT b.file FROM bodies AS b WHERE b.added_at <= ?1 AND b.added_at > ?2
		AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.file = b.file AND entries.kept = 1) LIMIT 20)`

	countLoose = `SELECT CAST(COALESCE(SUM(LENGTH(b.body)), 0) AS BIGINT) FROM bodies AS b WHERE b.added_at > ?1
		AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.file = b.file AND entries.kept = 1)`

	countEntries   = `SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM entries WHERE kept = 1`
	countMailboxes = `SELECT COUNT(*) FROM mailboxes WHERE state = 0 AND expires_at > ?1`
	oldestMailbox  = `SELECT COALESCE(MIN(expires_at), ?1) FROM mailboxes WHERE state < 2 AND expires_at <= ?1
		AND EXISTS (SELECT 1 FROM entries WHERE entries.mailbox = mailboxes.id_hash)`
)

// mailboxStatements are prepared at start beside those of links.
var mailboxStatements = []string{
	selectMailbox, selectOwnMailbox, insertMailbox, changeMailbox, closeMailbox,
	insertBody, selectBody, selectDeposited, deposit, selectEntry, selectEntries, acknowledge, eraseAcknowledged, eraseMailbox, selectArrivals,
	endMailboxes, emptyBodies, deleteEntries, emptyMailboxes, deleteMailboxes, staleBodies, forgetEntries, deleteLeft, deleteLoose,
	countEntries, countLoose, countMailboxes, oldestMailbox,
}
