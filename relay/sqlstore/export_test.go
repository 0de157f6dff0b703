package sqlstore

import (
	"context"
	"database/sql"
)

// OpenSingly opens a store that runs each statement by itself, on every engine.
func OpenSingly(ctx context.Context, db *sql.DB, d Dialect) (*Store, error) {
	return open(ctx, db, d, true)
}
