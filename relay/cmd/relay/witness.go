package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"potli/relay/sqlstore"
)

// witness is a small file that remembers how far a database had come, so that an
// old copy of it is recognised (sqlstore.ErrOldCopy). It is kept beside the key
// and not in the backup of the database: a witness that is put back with it
// vouches for it. Each database that was used with it has a line: its name and
// its last tick.
type witness struct {
	file string
	name int64 // of the database
	tick int64 // the last one written; 0 when there is none
}

// readWitness reads the file. One that is missing has seen nothing: that is how
// a relay starts for the first time, or on another machine. A database that has
// no line is new, and ticked by another program if at all; one that never was is
// what a backup of a release without ticks becomes, or it is empty.
func readWitness(file string, name int64) (witness, error) {
	w := witness{file: file, name: name}
	lines, err := w.lines()
	if tick, ok := lines[name]; ok {
		w.tick = tick
	} else if len(lines) > 0 {
		w.tick = 1
	}
	return w, err
}

// lines are the ticks by the names of databases.
func (w *witness) lines() (map[int64]int64, error) {
	lines := make(map[int64]int64)
	text, err := os.ReadFile(w.file)
	if errors.Is(err, fs.ErrNotExist) {
		return lines, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the witness: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, tick, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := strconv.ParseInt(name, 10, 64)
		t, err2 := strconv.ParseInt(tick, 10, 64)
		if err != nil || err2 != nil || n <= 0 || t <= 0 {
			return nil, w.bad()
		}
		lines[n] = t
	}
	if len(lines) == 0 {
		return nil, w.bad()
	}
	return lines, nil
}

func (w *witness) bad() error {
	return fmt.Errorf("%s is no witness: it must hold lines of two numbers. Delete it, and say potli restored if the database is an old copy", w.file)
}

// write replaces the file whole: half a number would be another number. It reads
// the lines of other databases again, which may be in use meanwhile.
func (w *witness) write(tick int64) error {
	lines, err := w.lines()
	if err != nil { // it was read at start: somebody has damaged it since
		lines = make(map[int64]int64)
	}
	lines[w.name] = tick
	if err := os.MkdirAll(filepath.Dir(w.file), 0o700); err != nil {
		return fmt.Errorf("writing the witness: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(w.file), filepath.Base(w.file)+".*")
	if err != nil {
		return fmt.Errorf("writing the witness: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		_, e := fmt.Fprintln(f, name, lines[name])
		err = errors.Join(err, e)
	}
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
	name, err := s.Name(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the database for its name: %w", err)
	}
	w, err := readWitness(file, name)
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
