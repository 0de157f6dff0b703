//go:build unix

package sqlstore_test

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
	"potli/relay/storetest/postgres"
)

// openPostgres opens a store over the database at url.
func openPostgres(t *testing.T, url string) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.Open(ctx, db, sqlstore.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); db.Close() })
	return s, db
}

func TestPostgres(t *testing.T) {
	server := postgres.Start(t)
	t.Run("contract", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) relay.Store {
			s, _ := openPostgres(t, server.Database(t))
			return s
		})
	})
}

// TestPostgresSettings: a server that forgets what it acknowledged is refused.
func TestPostgresSettings(t *testing.T) {
	server := postgres.Start(t)
	url := server.Database(t)
	refused := func(t *testing.T, url, setting string) {
		t.Helper()
		db, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := sqlstore.Open(ctx, db, sqlstore.Postgres); err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s: got %v, want a refusal", setting, err)
		}
	}
	for setting, value := range map[string]string{
		"synchronous_commit": "off", "default_transaction_isolation": "serializable",
	} {
		refused(t, url+"&"+setting+"="+value, strings.TrimPrefix(setting, "default_"))
	}
	for _, setting := range []string{"fsync", "full_page_writes"} {
		server.Kill()
		server.Run(t, setting+"=off")
		refused(t, url, setting)
	}
	server.Kill()
	server.Run(t)
	openPostgres(t, url)
}

func TestPostgresRollingUpgrade(t *testing.T) {
	server := postgres.Start(t)
	translate := strings.NewReplacer("?", "$", " BLOB ", " BYTEA ").Replace
	rolling(t, func(t *testing.T) engine {
		return engine{"pgx", server.Database(t), sqlstore.Postgres, translate}
	})
}
