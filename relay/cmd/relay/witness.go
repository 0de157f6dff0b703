package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"potli/relay/sqlstore"
)

// witness is a small file that remembers how far the database had come, so that
// an old copy of it is recognised (sqlstore.ErrOldCopy). It is kept beside the
// key and not in the backup of the database: a witness that is put back with it
// vouches for it.
type witness struct {
	file string
	tick int64 // the last one written; 0 when there is none
}

// readWitness reads the file. One that is missing has seen nothing: that is how
// a relay starts for the first time, or on another machine.
func readWitness(file string) (witness, error) {
	w := witness{file: file}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return w, nil
	}
	if err != nil {
		return w, fmt.Errorf("reading the witness: %w", err)
	}
	w.tick, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || w.tick <= 0 {
		return w, fmt.Errorf("%s is no witness: it must hold one number. Delete it, and say potli restored if the database is an old copy", file)
	}
	return w, nil
}

// write replaces the file whole: half a number would be another number.
func (w *witness) write(tick int64) error {
	if err := os.MkdirAll(filepath.Dir(w.file), 0o700); err != nil {
		return fmt.Errorf("writing the witness: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(w.file), filepath.Base(w.file)+".*")
	if err != nil {
		return fmt.Errorf("writing the witness: %w", err)
	}
	_, err = fmt.Fprintln(f, tick)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), w.file)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("writing the witness: %w", err)
	}
	w.tick = tick
	return nil
}

// watched is a store whose ticks are witnessed: at start, at each purge, and when
// it is closed.
type watched struct {
	*sqlstore.Store
	witness witness
	out     io.Writer
	close   func() error // of the database
}

// watch makes sure of s before anybody is served from it.
func watch(ctx context.Context, s *sqlstore.Store, file string, out io.Writer, close func() error) (*watched, error) {
	w, err := readWitness(file)
	if err != nil {
		return nil, err
	}
	d := &watched{s, w, out, close}
	return d, d.tick(ctx, time.Now().Unix())
}

// tick moves database and witness on, in this order: a witness may be behind its
// database, and is when a process dies between the two.
func (d *watched) tick(ctx context.Context, now int64) error {
	tick, err := d.Tick(ctx, d.witness.tick, now)
	if errors.Is(err, sqlstore.ErrOldCopy) {
		fmt.Fprintln(d.out, "The database is older than its witness: an old copy was put back, or some of it was lost.")
		return d.distrust(ctx, now)
	}
	if err != nil {
		return fmt.Errorf("asking the database how far it has come: %w", err)
	}
	return d.witness.write(tick)
}

// distrust makes an old copy harmless, and only then lets it catch up.
func (d *watched) distrust(ctx context.Context, now int64) error {
	locked, paused, err := d.Distrust(ctx, now)
	if err != nil {
		return fmt.Errorf("locking the links of an old copy: %w", err)
	}
	tick, err := d.Tick(ctx, 0, max(now, d.witness.tick))
	if err != nil {
		return fmt.Errorf("locking the links of an old copy: %w", err)
	}
	fmt.Fprintf(d.out, "What was revoked or spent since is not known here. So %d links with a passcode are locked for good,\n"+
		"and %d others are paused until their owners resume them.\n", locked, paused)
	return d.witness.write(tick)
}

// Purge is the relay's, each minute.
func (d *watched) Purge(ctx context.Context, now int64) error {
	return errors.Join(d.Store.Purge(ctx, now), d.tick(ctx, now))
}

// Close ticks once more, so that a copy made before is behind from now on.
func (d *watched) Close() error {
	err := d.tick(context.Background(), time.Now().Unix())
	return errors.Join(err, d.close())
}

// restored is the command of that name: what an operator says who has put back
// witness and database together, or has no witness.
func restored(ctx context.Context, p program) error {
	var c config
	f := newFlags(p, "restored")
	c.storeFlags(f)
	if err := f.done(); err != nil {
		return err
	}
	if err := c.places(p.getenv); err != nil {
		return err
	}
	store, err := openStore(ctx, c, p.out)
	if err != nil {
		return err
	}
	return errors.Join(store.distrust(ctx, time.Now().Unix()), store.Close())
}
