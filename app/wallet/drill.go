package wallet

import "time"

// Due says what is due for backups. The sample family needs none.
type Due string

const (
	DueNothing Due = ""
	DueFirst   Due = "first"  // there are records, and no backup was ever read back
	DueDrill   Due = "drill"  // the last one was read back more than a month ago
	DueFolder  Due = "folder" // the folder cannot be written to: the browser asks again, or it is gone
)

// drillEvery is how often a backup is to be read back: what nobody has tried does
// not work on the day it is needed (R10, O4).
const drillEvery = 30 * 24 * time.Hour

// BackupDue says what is due. Only what was read back counts as a backup.
func (s *Snapshot) BackupDue(now time.Time) Due {
	switch {
	case s.Demo || s.Records == 0:
		return DueNothing
	case s.LastVerified.IsZero():
		return DueFirst
	case s.Folder.Name != "" && (!s.Folder.Allowed || s.Folder.Err != nil):
		return DueFolder
	case now.Sub(s.LastVerified) > drillEvery:
		return DueDrill
	}
	return DueNothing
}
