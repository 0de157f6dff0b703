package wallet_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"potli/app/wallet"
)

// Who hides somebody in one tab hides them in all: another tab would show them, and lay
// their card open again with the next change.
func TestHideReachesOtherTabs(t *testing.T) {
	open := &board{}
	p := newProfile(t)
	p.first.deps.Board = open
	a, b := p.open(), p.open()
	p.check(a.Create(t.Context(), words, wallet.Person{Name: "Meera Sample", Kin: wallet.KinSelf}))
	p.until("b sees the wallet", func() bool { return b.Snapshot().Phase == wallet.PhaseLocked })
	p.check(b.Unlock(t.Context(), words))
	arjun, err := a.AddPerson(t.Context(), wallet.Person{Name: "Arjun Sample"})
	p.check(err)
	p.until("b sees Arjun", func() bool { return len(b.Snapshot().People) == 2 })
	p.check(a.SetCard(t.Context(), cardOf(arjun, true)))
	p.until("b sees the card", func() bool { return len(b.Snapshot().Cards) == 1 })
	open.becomes(t, "Arjun", true)
	p.check(a.Hide(arjun.ID))
	open.becomes(t, "Arjun", false)
	p.until("b is locked", func() bool { return b.Snapshot().Phase == wallet.PhaseLocked && b.drops() > 0 })
	open.becomes(t, "Arjun", false) // b may have been about to lay it open
	_, err = a.AddPerson(t.Context(), wallet.Person{Name: "Zoya Sample"})
	p.check(err)
	b.Tick(t.Context())
	if open.has("Arjun") {
		t.Error("the card of somebody who is hidden lies open again")
	}
}

// lateBoard is a Board whose first card comes late: once now is closed.
type lateBoard struct {
	*board
	asked chan struct{}
	now   chan struct{}
	once  sync.Once
}

func (l *lateBoard) Put(ctx context.Context, body []byte) error {
	if strings.Contains(string(body), "Arjun") {
		l.once.Do(func() { close(l.asked); <-l.now })
	}
	return l.board.Put(ctx, body)
}

// A tab that was about to lay a card open when its person was hidden in another one is slow:
// the other takes the card away again.
func TestHideBeforeALateTab(t *testing.T) {
	open := &board{}
	late := &lateBoard{board: open, asked: make(chan struct{}), now: make(chan struct{})}
	p := newProfile(t)
	p.first.deps.Board = open
	a := p.open()
	p.first.deps.Board = late
	b := p.open()
	p.check(a.Create(t.Context(), words, wallet.Person{Name: "Meera Sample", Kin: wallet.KinSelf}))
	p.until("b sees the wallet", func() bool { return b.Snapshot().Phase == wallet.PhaseLocked })
	p.check(b.Unlock(t.Context(), words))
	arjun, err := a.AddPerson(t.Context(), wallet.Person{Name: "Arjun Sample"})
	p.check(err)
	p.check(a.SetCard(t.Context(), cardOf(a.Snapshot().Person(), true)))
	p.check(a.SetCard(t.Context(), cardOf(arjun, true)))
	<-late.asked
	p.check(a.Hide(arjun.ID))
	open.becomes(t, "Arjun", false)
	open.becomes(t, "Meera", true) // no longer covered: a has done its part
	close(late.now)
	p.until("b is locked", func() bool { return b.drops() > 0 })
	open.becomes(t, "Arjun", false)
	open.becomes(t, "Meera", true)
}

// What a tab that has not heard of a card yet does to what lies open, it puts right once it
// has: each tab lays open what it hears of.
func TestOtherTabsKeepCardOpen(t *testing.T) {
	p := newProfile(t)
	a := p.open()
	open := &board{}
	p.first.deps.Board = open // of b alone
	b := p.open()
	p.check(a.Create(t.Context(), words, wallet.Person{Name: "Meera Sample", Kin: wallet.KinSelf}))
	p.until("b sees the wallet", func() bool { return b.Snapshot().Phase == wallet.PhaseLocked })
	p.check(b.Unlock(t.Context(), words))
	p.check(a.SetCard(t.Context(), cardOf(a.Snapshot().Person(), true)))
	open.becomes(t, "Meera", true)
	p.check(a.SetCard(t.Context(), cardOf(a.Snapshot().Person(), false)))
	open.becomes(t, "Meera", false)
}
