package wallet_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"potli/app/record"
	"potli/app/wallet"
)

func TestBackupDue(t *testing.T) {
	now := time.Date(2026, 6, 12, 10, 0, 0, 0, time.UTC)
	month := 30 * 24 * time.Hour
	folder := wallet.FolderState{Can: true, Name: "USB stick", Allowed: true, Last: now}
	refused, broken := folder, folder
	refused.Allowed, broken.Err = false, errors.New("the card was taken out")
	for _, tt := range []struct {
		name string
		s    wallet.Snapshot
		want wallet.Due
	}{
		{"nothing to lose", wallet.Snapshot{}, wallet.DueNothing},
		{"samples", wallet.Snapshot{Demo: true, Records: 9}, wallet.DueNothing},
		{"never", wallet.Snapshot{Records: 1}, wallet.DueFirst},
		{"taken out, never read back", wallet.Snapshot{Records: 1, LastOut: now}, wallet.DueFirst},
		{"lately", wallet.Snapshot{Records: 1, LastVerified: now.Add(-month)}, wallet.DueNothing},
		{"long ago", wallet.Snapshot{Records: 1, LastVerified: now.Add(-month - 1)}, wallet.DueDrill},
		{"the clock was set back", wallet.Snapshot{Records: 1, LastVerified: now.Add(time.Hour)}, wallet.DueNothing},
		{"into a folder", wallet.Snapshot{Records: 1, LastVerified: now, Folder: folder}, wallet.DueNothing},
		{"the browser asks again", wallet.Snapshot{Records: 1, LastVerified: now, Folder: refused}, wallet.DueFolder},
		{"the folder is gone", wallet.Snapshot{Records: 1, LastVerified: now, Folder: broken}, wallet.DueFolder},
	} {
		if got := tt.s.BackupDue(now); got != tt.want {
			t.Errorf("%s: due %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestHandOver: what goes to another program is text, opens with the stock tool's
// own armor, and counts as taken out only once it was, and as a backup once it was
// read back.
func TestHandOver(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("allergy.json", []byte(allergy)))
	if _, _, err := newBench(t).Pack(t.Context()); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	name, text, err := b.Pack(t.Context())
	if err != nil || !strings.HasPrefix(name, "potli-") || !strings.HasSuffix(name, ".age.txt") || !utf8.Valid(text) {
		t.Fatalf("%q, %v", name, err)
	}
	if s := b.Snapshot(); !s.LastOut.IsZero() {
		t.Error("it counts as taken out, though it may never go")
	}
	if err := b.HandedOver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := b.Snapshot(); s.LastOut.IsZero() || s.BackupDue(b.clock.now()) != wallet.DueFirst {
		t.Errorf("after it went: %v, %q", s.LastOut, s.BackupDue(b.clock.now()))
	}
	mended := bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) // as mail does
	for what, file := range map[string][]byte{"as it was": text, "with other line ends": mended} {
		if r, err := b.VerifyBackup(t.Context(), file); err != nil || r.Records != 1 {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
	if due := b.Snapshot().BackupDue(b.clock.now()); due != wallet.DueNothing {
		t.Errorf("read back: %q", due)
	}
	for what, file := range map[string][]byte{"cut short": text[:len(text)/2], "changed": bytes.Replace(text, []byte("A"), []byte("B"), 1)} {
		if _, err := b.VerifyBackup(t.Context(), file); !errors.Is(err, record.ErrDamaged) && !errors.Is(err, wallet.ErrOtherWallet) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := b.Restore(t.Context(), text, nil, ""); err != nil {
		t.Errorf("brought in again: %v", err)
	}
}
