package wallet

import (
	"context"
	"time"
)

// Release is one version of this program, as the device keeps it.
type Release struct {
	Version   string
	Seq       int
	Hash      string    // SHA-256 of its list of files, in hexadecimal: what its makers publish
	Installed time.Time // zero: not known
}

// Releases are those that the device keeps.
type Releases struct {
	Running  Release  // what the open page is
	Next     Release  // what the next start will be; mostly the same
	Previous *Release // what the person can go back to; nil: there is none
	Worker   string   // SHA-256 of the program that keeps them, in hexadecimal; "": not known
}

// Waiting says whether the next start will be another release than the open page.
func (r Releases) Waiting() bool { return r.Next.Version != r.Running.Version }

// LockStill locks this tab and leaves the page where it is. Lock starts the program anew,
// because only a new instance has no keys left in its memory; but where the service worker
// was replaced by a stranger's, the next thing to be loaded is theirs. What is left in the
// memory of this page nobody else can read. Other tabs see the worker replaced themselves.
// Quick unlock asks nobody, so it is taken away: whoever comes next could use it as well.
func (w *Wallet) LockStill() {
	w.shut()
	gone := w.forgetQuick(context.Background()) // it may not have been looked up yet
	w.mu.Lock()
	quick := w.unlocking.Quick != nil
	w.mu.Unlock()
	if quick && gone == nil {
		_ = w.dropQuick(context.Background()) // without its key it opens nothing
	}
}
