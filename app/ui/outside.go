package ui

import (
	"context"

	"potli/app/wallet"
)

// Outside is what the system around the browser tells the program, and shows of it.
type Outside interface {
	// Installed says whether the program runs from the home screen.
	Installed() bool
	// Badge shows a number on the sign on the home screen, and takes it off where it is 0. It says how many, and nothing
	// else. Where the system has none, nothing happens.
	Badge(n int)
	// Handed are the files that other programs gave, by the share sheet or by being opened with this one, and that were
	// neither taken in nor refused. They wait unsealed, for a day at most. Reading them changes nothing.
	Handed(ctx context.Context) []wallet.Handed
	// DropHanded forgets those with the ids, and no others. An error means that some may still be there.
	DropHanded(ctx context.Context, ids []string) error
	// DropAllHanded forgets all of them, those that came meanwhile too.
	DropAllHanded(ctx context.Context) error
	// OnLaunch calls f each time the program is opened from outside while it runs, with the path that is wanted, "" for
	// none; and when files are given.
	OnLaunch(f func(path string)) (cancel func())
	// Visit loads another page of this site, which ends this program.
	Visit(path string)
}

// badge shows on the sign of the program how many things wait for a word of the person. A locked wallet knows of none, and
// leaves standing what there was.
func (s *shell) badge() {
	if s.snap.Phase != wallet.PhaseOpen || s.snap.Demo {
		return
	}
	if n := arrived(s.snap) + 1; n != s.badged {
		s.badged = n
		s.env.D.Badge(n - 1)
	}
}
