package sqlstore

// pushSchema is the table of devices to tell. due_at is when a device is to be
// told, 0 when there is nothing to tell; until is when that is given up; told_at
// is the last time a push service took a message.
var pushSchema = []string{
	`CREATE TABLE IF NOT EXISTS pushes (
		mailbox TEXT NOT NULL,
		slot BIGINT NOT NULL,
		device TEXT NOT NULL,
		sealed BLOB NOT NULL,
		arrived BIGINT NOT NULL,
		due_at BIGINT NOT NULL,
		until BIGINT NOT NULL,
		tries BIGINT NOT NULL,
		told_at BIGINT NOT NULL,
		PRIMARY KEY (mailbox, slot),
		UNIQUE (mailbox, device))`,
	`CREATE INDEX IF NOT EXISTS pushes_due ON pushes (due_at) WHERE due_at > 0`,
}

const (
	// ?1 mailbox, ?2 now, ?3 slot: there are as many as devices are allowed, so that
	// the limit holds however many come at once.
	insertPush = `INSERT INTO pushes (mailbox, slot, device, sealed, arrived, due_at, until, tries, told_at)
		SELECT id_hash, ?3, ?4, ?5, 0, 0, 0, 0, 0 FROM mailboxes WHERE ` + serving + `
		ON CONFLICT DO NOTHING`
	updatePush = `UPDATE pushes SET sealed = ?3 WHERE mailbox = ?1 AND device = ?2`
	deletePush = `DELETE FROM pushes WHERE mailbox = ?1 AND device = ?2`

	// arrived makes due what is not due already: ?2 now, ?3 when to give up, ?4 now
	// less the quiet time. It counts always, so that what arrives while a message
	// is on its way is followed by another one.
	told    = `(due_at = 0 OR until <= ?2)`
	arrived = `UPDATE pushes SET arrived = arrived + 1,
		until = CASE WHEN ` + told + ` THEN ?3 ELSE until END,
		tries = CASE WHEN ` + told + ` THEN 0 ELSE tries END,
		due_at = CASE WHEN NOT ` + told + ` THEN due_at WHEN told_at > ?4 THEN told_at + (?2 - ?4) ELSE ?2 END
		WHERE mailbox = ?1`

	// takePush puts off what it returns, longer each time, so that nobody else takes
	// it meanwhile; the last time it is given up. ?1 now, ?2 the first delay. Which
	// row is read below it, but whether that is still due is asked again, of the
	// version that is changed. One row at a time: two statements that each lock
	// many, in different order, could wait for one another.
	pushDue  = `due_at > 0 AND due_at <= ?1`
	later    = `(?1 + ?2 * (tries + 1) * (tries + 1))`
	takePush = `UPDATE pushes SET tries = tries + 1, due_at = CASE WHEN ` + later + ` > until THEN 0 ELSE ` + later + ` END
		WHERE ` + pushDue + ` AND (mailbox, slot) IN (SELECT mailbox, slot FROM pushes WHERE ` + pushDue + ` ORDER BY due_at LIMIT 1)
		RETURNING mailbox, device, sealed, arrived, until`
	nextPush = `SELECT COALESCE(MIN(due_at), 0) FROM pushes WHERE due_at > 0`

	// pushed: ?3 how much had arrived when it was taken, ?4 now, ?5 when it may be
	// told again, ?6 when that would be given up.
	pushed = `UPDATE pushes SET told_at = ?4, tries = 0, until = ?6, due_at = CASE WHEN arrived = ?3 THEN 0 ELSE ?5 END
		WHERE mailbox = ?1 AND device = ?2`

	// The purge, before a mailbox that has ended is forgotten.
	deletePushes = `DELETE FROM pushes WHERE mailbox IN (SELECT id_hash FROM mailboxes WHERE state = 1)`
)

// pushStatements are prepared at start beside those of links.
var pushStatements = []string{
	insertPush, updatePush, deletePush, arrived, takePush, nextPush, pushed, deletePushes,
}
