package wallet_test

import (
	"errors"
	"testing"
	"time"

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
