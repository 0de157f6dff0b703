package sqlstore

import "slices"

const columns = `id_hash, flag, strict, expires_at, keep_until, paused, uses_left, attempts_left, pass_salt, pass_mac,
	manage_hash, manage_seq, receipt_key, receipts, file, size, content_type, updated_at, kid`

const (
	// held and live say who is served: ?1 id hash, ?2 now, ?3 the reader's MAC, ?4
	// now less the debounce window. Every read repeats them, so that a late purge
	// serves nothing. held leaves out the uses, for a ticket already paid for.
	held = `id_hash = ?1 AND expires_at > ?2 AND paused = 0 AND attempts_left > 0 AND file <> ''`
	live = held + ` AND (` + unused + `)`

	unused = `uses_left > 0 OR (seen_by = ?3 AND seen_at > ?4)`

	// right and again are the two questions of a charge: ?5 is the passcode's MAC.
	right = `pass_mac = ?5`
	again = `seen_by = ?3 AND seen_at > ?4`

	// Whether it is a repeat is read from the same version of the row that is
	// found live: with the right passcode, charge would have left this version as
	// it is, whoever else is at it. What comes after does not undo the reading.
	selectLive = `SELECT ` + columns + `, CASE WHEN ` + again + ` THEN 1 ELSE 0 END FROM links WHERE ` + near +
		` AND (` + heldSign + ` & ((0 - uses_left) | ((?4 - seen_at)` + seenSign + `))) < 0`
	selectHeld = `SELECT ` + columns + ` FROM links WHERE ` + near + ` AND (` + heldSign + `) < 0`

	// These two reads say the same as live and held, but that Live looks itself
	// whether there is a file, and take the same time whatever the reason for a no
	// (RL3, T10). For an id that does not exist they read the row that comes next,
	// or the first one after the last, and compare two whole ids more, as finding
	// one would. Where AND would stop at the first condition that fails, they join
	// the signs of numbers that are negative for yes: a & b is negative when both
	// are, a | b when either is.
	near     = `id_hash = COALESCE((SELECT MIN(id_hash) FROM links WHERE id_hash >= ?1), (SELECT MIN(id_hash) FROM links))`
	heldSign = `(?2 - expires_at) & (paused - 1) & (0 - attempts_left) &
		(CASE WHEN id_hash = ?1 THEN -1 ELSE CASE WHEN id_hash = id_hash AND id_hash >= id_hash THEN 0 ELSE -1 END END)`
	seenSign = ` & (CASE WHEN seen_by = ?3 THEN -1 ELSE 0 END)`

	// What is forgotten is written over with as many zeros, and so is the place of
	// the reader before there is one: a shorter row would be read faster.
	zeros    = `0000000000000000000000000000000000000000000000000000000000000000`
	zeros512 = zeros + zeros + zeros + zeros + zeros + zeros + zeros + zeros
	zerosKey = zeros512 + zeros512 + zeros + zeros + zeros // wire.MaxReceiptKey
	blank    = `'` + zeros + `'`
	blankKey = `'` + zerosKey + `'`
	// As long as a mark, and as a mark, a file's name and a contentType together.
	blankMark = `'00000000000000000000000000'`
	blankRest = `'00000000000000000000000000` + zeros + `000000000000000000000'`
	// A time that is none, as many bytes as any that is one, and of the same sign:
	// 0 is read faster, and one below it is reckoned with more slowly.
	past = `1000000000`
	none = int64(1000000000)

	// charge spends an attempt, or a use, or (the same reader within the window)
	// nothing. The window runs from the first opening and does not slide. There
	// is no reserve and refund: a right passcode is never turned away because
	// guesses are in flight. ?6 is a fresh random number, by which the outcome
	// tells whether this very opening counted.
	charge = `UPDATE links SET
		attempts_left = attempts_left - (CASE WHEN ` + right + ` THEN 0 ELSE 1 END),
		uses_left = uses_left - (CASE WHEN ` + right + ` AND NOT (` + again + `) THEN 1 ELSE 0 END),
		receipts = receipts + (CASE WHEN ` + right + ` AND ` + again + ` THEN 0 ELSE 1 END),
		mark = CASE WHEN ` + right + ` AND ` + again + ` THEN mark ELSE ?6 END,
		seen_at = CASE WHEN ` + right + ` AND NOT (` + again + `) THEN ?2 ELSE seen_at END,
		seen_by = CASE WHEN ` + right + ` THEN ?3 ELSE seen_by END
		WHERE ` + live + `
		RETURNING attempts_left, uses_left, CASE WHEN ` + right + ` THEN 1 ELSE 0 END, CASE WHEN mark = ?6 THEN receipts ELSE 0 END`

	selectOwned = `SELECT ` + columns + ` FROM links WHERE id_hash = ?1 AND manage_hash = ?2`
	selectTaken = `SELECT manage_hash FROM links WHERE id_hash = ?1`

	insertLink = `INSERT INTO links (` + columns + `, seen_by, seen_at, mark)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ` + blank + `, ` + past + `, ` + blankMark + `)
		ON CONFLICT DO NOTHING`

	// claimed: ?1 id hash, ?2 token hash, ?3 sequence. lasting: ?4 now; a link
	// that has ended stays ended.
	claimed = `id_hash = ?1 AND manage_hash = ?2 AND manage_seq < ?3`
	lasting = ` AND expires_at > ?4 AND attempts_left > 0 AND uses_left >= 0`

	// ?5 whether and ?6 to what paused changes, ?7 whether, ?8 and ?9 to what the
	// end and the keeping change, ?10 uses to add, up to ?11 in all.
	change = `UPDATE links SET manage_seq = ?3,
		paused = CASE WHEN ?5 = 1 THEN ?6 ELSE paused END,
		expires_at = CASE WHEN ?7 = 1 THEN ?8 ELSE expires_at END,
		keep_until = CASE WHEN ?7 = 1 THEN ?9 ELSE keep_until END,
		uses_left = CASE WHEN ?10 = 0 THEN uses_left WHEN uses_left + ?10 > ?11 THEN ?11 ELSE uses_left + ?10 END
		WHERE ` + claimed + lasting + ` RETURNING ` + columns

	replace = `UPDATE links SET manage_seq = ?3, file = ?5, size = ?6, content_type = ?7, updated_at = ?4
		WHERE ` + claimed + lasting + ` RETURNING ` + columns

	// revoke makes the row dead for ever before any part is erased, and forgets
	// all that serving needed.
	revoke = `UPDATE links SET manage_seq = ?3, expires_at = ` + past + `, pass_salt = '', pass_mac = ` + blank + `, seen_by = ` + blank + `,
		keep_until = CASE WHEN keep_until < ?4 OR ` + takenDown + ` THEN keep_until ELSE ?4 END
		WHERE ` + claimed + ` RETURNING file`

	// A part that an earlier, broken-off upload left is young again, or the purge
	// could take it from under the link that is about to be made.
	insertPart = `INSERT INTO parts (file, n, link, added_at, body) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (file, n) DO UPDATE SET added_at = excluded.added_at`
	selectPart  = `SELECT body FROM parts WHERE file = ?1 AND n = ?2`
	deleteParts = `DELETE FROM parts WHERE file = ?1`

	// A receipt of a link that has been purged meanwhile would stay for ever.
	insertReceipt = `INSERT INTO receipts (link, n, sealed) SELECT ?1, ?2, ?3
		WHERE EXISTS (SELECT 1 FROM links WHERE id_hash = ?1) ON CONFLICT DO NOTHING`
	selectReceipts = `SELECT n, sealed FROM receipts WHERE link = ?1 AND n > ?2 ORDER BY n`

	// The purge, ?1 now. In turns of few rows each, because secure_delete writes
	// zeros over all that goes and everybody waits meanwhile. Each pair is repeated
	// until it finds nothing: first parts of links that are over, then what
	// remains of links whose parts are gone, so that a crash between loses neither.
	//
	// A used-up link is closed first, once no ticket of its last opening can be
	// alive (?1 is then that moment), so that nobody adds uses to a file that is
	// being erased.
	closeSpent = `UPDATE links SET uses_left = -1 WHERE ` + spent + ` AND uses_left = 0 AND seen_at <= ?1`

	spent   = `file <> '' AND (attempts_left <= 0 OR uses_left <= 0)` // as in the index links_spent
	over    = spent + ` AND (attempts_left <= 0 OR uses_left < 0)`
	expired = `file <> '' AND expires_at <= ?1`
	ended   = `file = '' AND keep_until <= ?1`

	// What a link leaves behind is what its owner needs to read the receipts.
	forget = `UPDATE links SET file = '', size = 0, content_type = '', receipt_key = ` + blankKey + `,
		pass_salt = '', pass_mac = ` + blank + `, seen_by = ` + blank + `, mark = ` + blankRest + `, keep_until = CASE WHEN receipts = 0 AND NOT (` + takenDown + `) THEN 0 ELSE keep_until END WHERE `
	noParts = ` AND NOT EXISTS (SELECT 1 FROM parts WHERE parts.file = links.file)`

	erase         = forget + `id_hash = ?1 AND file = ?2` + noParts
	deleteExpired = `DELETE FROM parts WHERE file IN (SELECT file FROM links WHERE ` + expired + ` LIMIT 20)`
	forgetExpired = forget + expired + noParts
	deleteOver    = `DELETE FROM parts WHERE file IN (SELECT file FROM links WHERE ` + over + ` LIMIT 20)`
	forgetOver    = forget + over + noParts

	deleteReceipts = `DELETE FROM receipts WHERE link IN (SELECT id_hash FROM links WHERE ` + ended + ` LIMIT 200)`
	deleteEnded    = `DELETE FROM links WHERE ` + ended + ` AND NOT EXISTS (SELECT 1 FROM receipts WHERE receipts.link = links.id_hash)`

	// Parts added between ?2 and ?1 that never became a link's file, or have been
	// replaced. The time is bounded below so that parts that are well are not
	// looked at every minute for ever.
	deleteOrphans = `DELETE FROM parts WHERE file IN (SELECT p.file FROM parts AS p WHERE p.added_at <= ?1 AND p.added_at > ?2
		AND NOT EXISTS (SELECT 1 FROM links WHERE links.id_hash = p.link AND links.file = p.file) LIMIT 20)`
	// What those take of the disk until then: whoever breaks off uploads again and
	// again could fill it. ?1 is how far back to look.
	countOrphans = `SELECT CAST(COALESCE(SUM(LENGTH(p.body)), 0) AS BIGINT) FROM parts AS p WHERE p.added_at > ?1
		AND NOT EXISTS (SELECT 1 FROM links WHERE links.id_hash = p.link AND links.file = p.file)`
	// Of SQLite alone.
	truncateLog = `PRAGMA wal_checkpoint(TRUNCATE)`

	insertName = `INSERT INTO meta (name, value) VALUES ('name', ?1) ON CONFLICT DO NOTHING`
	selectName = `SELECT value FROM meta WHERE name = 'name'`

	// ?1 the tick that the caller knows of, ?2 now.
	nextTick = `UPDATE meta SET value = CASE WHEN value < ?2 THEN ?2 ELSE value + 1 END
		WHERE name = 'tick' AND value >= ?1 RETURNING value`
	guarded  = `flag IN ('P', 'LP')` // as wire.Create has it
	lockAll  = `UPDATE links SET attempts_left = 0 WHERE ` + guarded + ` AND attempts_left > 0 AND file <> ''`
	pauseAll = `UPDATE links SET paused = 1 WHERE NOT (` + guarded + `) AND paused = 0 AND file <> ''`

	// A number that nobody will get holds the place of all that may have been given
	// out since. ?1 now, ?2 what makes its name another than those of entries.
	skipNumbers = `INSERT INTO entries (mailbox, seq, entry, file, size, added_at, kept)
		SELECT id_hash, 1000000 + COALESCE((SELECT MAX(seq) FROM entries WHERE mailbox = id_hash), 0),
			CAST(?2 AS TEXT) || id_hash, CAST(?2 AS TEXT) || id_hash, 0, CAST(?1 AS BIGINT), 0
		FROM mailboxes WHERE state = 0 ON CONFLICT DO NOTHING`

	countLinks = `SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM links WHERE file <> '' AND expires_at > ?1`
	oldestFile = `SELECT COALESCE(MIN(expires_at), ?1) FROM links WHERE file <> '' AND expires_at <= ?1 AND expires_at > ` + past
)

// statements are prepared once, at start.
func statements(d Dialect) []string {
	list := []string{
		selectLive, selectHeld, charge, selectOwned, selectTaken, insertLink, change, replace, revoke,
		insertPart, selectPart, deleteParts, insertReceipt, selectReceipts, takedown,
		closeSpent, erase, deleteExpired, forgetExpired, deleteOver, forgetOver, deleteReceipts, deleteEnded, deleteOrphans,
		insertName, selectName, nextTick, lockAll, pauseAll, skipNumbers, countLinks, countOrphans, oldestFile,
	}
	if d == SQLite {
		list = append(list, truncateLog)
	}
	if d != Postgres { // which never sleeps
		list = append(list, due)
	}
	return slices.Concat(list, mailboxStatements, pushStatements)
}
