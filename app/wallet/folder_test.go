package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/vault"
	"potli/app/wallet"
)

// folder is a map, and a person who answers the browser's questions.
type folder struct {
	picked  string
	asks    bool // the browser wants to be asked again
	refuses bool // the person says no
	gone    bool // the card was taken out
	rots    bool // what is read is not what was written
	files   map[string][]byte
}

var errGone = errors.New("no such folder")

func (f *folder) Can() bool { return true }
func (f *folder) Pick(context.Context) (string, error) {
	if f.refuses {
		return "", context.Canceled
	}
	f.picked = "USB stick"
	return f.picked, nil
}
func (f *folder) Picked(context.Context) (string, bool) { return f.picked, f.picked != "" && !f.asks }
func (f *folder) Allow(context.Context) error {
	if f.refuses {
		return context.Canceled
	}
	f.asks = false
	return nil
}
func (f *folder) Write(_ context.Context, name string, b []byte) error {
	if f.gone {
		return errGone
	}
	f.files[name] = bytes.Clone(b)
	return nil
}
func (f *folder) Read(_ context.Context, name string) ([]byte, error) {
	b := bytes.Clone(f.files[name])
	if f.rots {
		b[len(b)/2] ^= 1
	}
	return b, nil
}
func (f *folder) List(context.Context) ([]string, error) {
	return slices.Collect(maps.Keys(f.files)), nil
}
func (f *folder) Remove(_ context.Context, name string) error {
	delete(f.files, name)
	return nil
}
func (f *folder) Forget(context.Context) error { f.picked = ""; return nil }

// another is a record that is like no other.
func another(n int) []byte {
	return []byte(strings.Replace(allergy, `"id":"a1"`, fmt.Sprintf(`"id":"a%d"`, n), 1))
}

// A folder gets a backup at once, one a day after that if anything has changed,
// and keeps three; nobody else's files are touched.
func TestBackupsIntoAFolder(t *testing.T) {
	f := &folder{files: map[string][]byte{"holiday.jpg": {1}, "potli-notes.age": {2}, "potli-2026-13-40.age": {3}}}
	b := newBench(t)
	b.deps.Folder = f
	b.restart()
	b.create()
	ctx := t.Context()
	if s := b.Snapshot().Folder; !s.Can || s.Name != "" {
		t.Errorf("at first: %+v", s)
	}
	b.Keep(ctx)
	if len(f.files) != 3 {
		t.Error("wrote into a folder that nobody picked")
	}
	f.refuses = true
	if err := b.PickFolder(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a dialog that was closed: %v", err)
	}
	f.refuses = false
	if err := b.PickFolder(ctx); err != nil {
		t.Fatal(err)
	}
	s := b.Snapshot()
	if s.Folder.Name != "USB stick" || !s.Folder.Allowed || !s.Folder.Last.Equal(b.clock.now()) || !s.LastVerified.Equal(b.clock.now()) || s.Work != nil {
		t.Errorf("after the first: %+v, read back %v, work %v", s.Folder, s.LastVerified, s.Work)
	}
	if f.files["potli-2026-06-12.age"] == nil {
		t.Fatalf("files %v", slices.Collect(maps.Keys(f.files)))
	}

	b.clock.add(25 * time.Hour)
	b.Keep(ctx)
	if len(f.files) != 4 {
		t.Error("a backup although nothing changed")
	}
	for day := range 5 {
		b.clock.add(25 * time.Hour)
		b.importOne(file("a.json", another(day)))
		b.Keep(ctx)
		b.Keep(ctx)
	}
	got := slices.Sorted(maps.Keys(f.files))
	want := []string{"holiday.jpg", "potli-2026-06-16.age", "potli-2026-06-17.age", "potli-2026-06-18.age", "potli-2026-13-40.age", "potli-notes.age"}
	if !slices.Equal(got, want) {
		t.Errorf("the folder holds %v, want %v", got, want)
	}
	newest := f.files["potli-2026-06-18.age"]
	if r, err := b.VerifyBackup(ctx, newest); err != nil || r.Records != 5 || r.Newer != 0 {
		t.Errorf("the newest: %+v, %v", r, err)
	}

	// What the browser asks about again waits for the person, over a restart.
	f.asks = true
	b.restart()
	b.unlock()
	if s := b.Snapshot().Folder; s.Name != "USB stick" || s.Allowed || s.Last.IsZero() {
		t.Errorf("after a restart: %+v", s)
	}
	b.clock.add(25 * time.Hour)
	b.importOne(file("b.json", another(99)))
	b.Keep(ctx)
	if f.files["potli-2026-06-19.age"] != nil {
		t.Error("wrote without leave")
	}
	if err := b.AllowFolder(ctx); err != nil || f.files["potli-2026-06-19.age"] == nil {
		t.Errorf("with leave: %v", err)
	}
	if err := b.ForgetFolder(ctx); err != nil || b.Snapshot().Folder.Name != "" || f.files["potli-2026-06-19.age"] == nil {
		t.Errorf("ForgetFolder: %v, %+v", err, b.Snapshot().Folder)
	}
}

// Nothing counts as a backup that was not read back.
func TestABackupThatDoesNotReadBack(t *testing.T) {
	f := &folder{files: map[string][]byte{}}
	b := newBench(t)
	b.deps.Folder = f
	b.restart()
	b.create()
	ctx := t.Context()
	if err := b.PickFolder(ctx); err != nil {
		t.Fatal(err)
	}
	first := b.clock.now()
	for name, fault := range map[string]*bool{"rots": &f.rots, "gone": &f.gone} {
		*fault = true
		b.clock.add(48 * time.Hour)
		b.importOne(file("a.json", another(int(b.clock.now().Unix()))))
		b.Keep(ctx)
		s := b.Snapshot()
		if !errors.Is(s.Folder.Err, wallet.ErrFolder) || !s.Folder.Last.Equal(first) || !s.LastVerified.Equal(first) {
			t.Errorf("%s: %+v, read back %v", name, s.Folder, s.LastVerified)
		}
		*fault = false
	}
	b.Keep(ctx) // not again at once
	if s := b.Snapshot().Folder; s.Err == nil {
		t.Error("tried again within the hour")
	}
	b.clock.add(2 * time.Hour)
	b.Keep(ctx)
	if s := b.Snapshot().Folder; s.Err != nil || !s.Last.Equal(b.clock.now()) {
		t.Errorf("an hour later: %+v", s)
	}
	if exists, err := vault.Exists(ctx, b.deps.Blobs); !exists || err != nil {
		t.Error("the vault is gone")
	}
}
