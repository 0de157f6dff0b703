package wallet

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/vault"
)

// Folder is a folder of the device that the person picked for backups, in the
// browsers that have such a thing (File System Access). Errors of its methods
// beside those named are about the folder: it was moved, a card was taken out.
type Folder interface {
	// Can says whether this browser has it.
	Can() bool
	// Pick asks for a folder and remembers it. Call it first in what a click
	// does. Error: context.Canceled when the person picked none.
	Pick(ctx context.Context) (name string, err error)
	// Picked returns the name of the folder, "" for none, and whether it may be
	// written to without asking: a browser may want to be asked again.
	Picked(ctx context.Context) (name string, allowed bool)
	// Allow asks for that. Call it first in what a click does.
	Allow(ctx context.Context) error
	// Write makes a file, whole or not at all, in place of one of that name.
	Write(ctx context.Context, name string, b []byte) error
	Read(ctx context.Context, name string) ([]byte, error)
	List(ctx context.Context) ([]string, error)
	Remove(ctx context.Context, name string) error
	// Forget makes the folder no longer ours. What lies in it stays.
	Forget(ctx context.Context) error
}

// FolderState says how backups into a folder stand.
type FolderState struct {
	Can     bool
	Name    string // "" : none was picked
	Allowed bool
	Last    time.Time // when the newest was written and read back; zero: never
	Err     error     // what became of the last try
}

// ErrFolder: the folder cannot be reached or written to.
var ErrFolder = errors.New("the folder for backups cannot be used")

const (
	docFolder   = "folder"       // what is known of backups into a folder
	folderEvery = 24 * time.Hour // when something has changed
	folderRest  = time.Hour      // after a failure
	folderKeep  = 3              // files, of which the newest was read back
)

// kept is the document docFolder.
type kept struct {
	Last time.Time `json:"last"`
	Seq  uint64    `json:"seq"` // of the vault when it was made
}

// PickFolder lets the person pick a folder and writes the first backup into it.
// Call it first in what a click does. Errors: ErrLocked, ErrFolder,
// context.Canceled.
func (w *Wallet) PickFolder(ctx context.Context) error {
	if w.d.Folder == nil || !w.d.Folder.Can() {
		return ErrFolder
	}
	if _, err := w.d.Folder.Pick(ctx); err != nil {
		return folderError(err)
	}
	return w.BackUp(ctx)
}

// AllowFolder asks the browser again to let us write into the folder, and does.
func (w *Wallet) AllowFolder(ctx context.Context) error {
	if w.d.Folder == nil {
		return ErrFolder
	}
	if err := w.d.Folder.Allow(ctx); err != nil {
		return folderError(err)
	}
	return w.BackUp(ctx)
}

// ForgetFolder ends backups into the folder. The files in it stay.
func (w *Wallet) ForgetFolder(ctx context.Context) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if w.d.Folder == nil {
		return nil
	}
	if err := w.d.Folder.Forget(ctx); err != nil {
		return folderError(err)
	}
	if err := v.PutDocs(ctx, map[string][]byte{docFolder: nil}); err != nil {
		return err
	}
	w.showFolder(ctx, v, nil)
	return nil
}

// BackUp writes a backup into the folder, reads it back from there and verifies
// it whole; only then does it count, and only then is the oldest of more than
// three removed. Errors: ErrFolder, and those of VerifyBackup.
func (w *Wallet) BackUp(ctx context.Context) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	w.saving.Lock()
	defer w.saving.Unlock()
	progress, end := w.work(JobExport, "", false)
	err = w.backUp(ctx, v, progress)
	end()
	w.showFolder(ctx, v, err)
	return err
}

func (w *Wallet) backUp(ctx context.Context, v *vault.Vault, p vault.Progress) error {
	f, seq := w.d.Folder, v.Seq()
	if f == nil {
		return ErrFolder
	}
	name, file, err := w.export(ctx, v, p)
	if err != nil {
		return err
	}
	if err := f.Write(ctx, name, file); err != nil {
		return folderError(err)
	}
	back, err := f.Read(ctx, name)
	if err != nil {
		return folderError(err)
	}
	if !bytes.Equal(back, file) {
		return ErrFolder
	}
	if _, err := w.verify(ctx, v, back, p); err != nil {
		return err
	}
	w.thinFolder(ctx)
	return putJSON(ctx, v, docFolder, kept{Last: w.d.Now(), Seq: seq})
}

// thinFolder removes our oldest files. A folder that will not is no matter.
func (w *Wallet) thinFolder(ctx context.Context) {
	names, err := w.d.Folder.List(ctx)
	if err != nil {
		return
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !isBackupName(n) })
	slices.Sort(names)
	for len(names) > folderKeep {
		_ = w.d.Folder.Remove(ctx, names[0])
		names = names[1:]
	}
}

// backupName is what a backup of that day is called: by name, the newest is last.
func backupName(day time.Time) string { return "potli-" + day.Format(time.DateOnly) + ".age" }

// isBackupName says whether a file of a folder is ours to remove.
func isBackupName(name string) bool {
	day, ok := strings.CutPrefix(name, "potli-")
	day, age := strings.CutSuffix(day, ".age")
	t, err := time.Parse(time.DateOnly, day)
	return ok && age && err == nil && backupName(t) == name
}

// Keep writes the backup of the day into the folder, when something has changed
// and while nothing else goes on. The wiring calls it about once a minute, apart
// from Tick: a large one takes a while.
func (w *Wallet) Keep(ctx context.Context) {
	v, err := w.open()
	if err != nil {
		return
	}
	s := w.Snapshot()
	if s.Folder.Name == "" || !s.Folder.Allowed || s.Work != nil || s.Demo || !w.leads(ctx) {
		return
	}
	now := w.d.Now()
	w.mu.Lock()
	soon := now.Sub(w.saved) < folderRest
	w.mu.Unlock()
	if soon || now.Sub(s.Folder.Last) < folderEvery && !now.Before(s.Folder.Last) {
		return
	}
	w.mu.Lock()
	w.saved = now
	w.mu.Unlock()
	var last kept
	if err := getJSON(ctx, v, docFolder, &last); err == nil && last.Seq+changesOfSaving >= v.Seq() {
		return // nothing that is not in it
	}
	_ = w.BackUp(ctx) // what became of it is in the snapshot
}

// changesOfSaving is how many commits a backup itself makes: that it was made,
// that it was read back, and this.
const changesOfSaving = 3

// showFolder publishes how it stands.
func (w *Wallet) showFolder(ctx context.Context, v *vault.Vault, err error) {
	state := w.folderState(ctx, v)
	state.Err = err
	w.publish(func(s *Snapshot) { s.Folder = state })
	w.mark(v)
}

func (w *Wallet) folderState(ctx context.Context, v *vault.Vault) (s FolderState) {
	if w.d.Folder == nil || !w.d.Folder.Can() {
		return s
	}
	s.Can = true
	s.Name, s.Allowed = w.d.Folder.Picked(ctx)
	var last kept
	if getJSON(ctx, v, docFolder, &last) == nil && s.Name != "" {
		s.Last = last.Last
	}
	return s
}

func folderError(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(ErrFolder, err)
}
