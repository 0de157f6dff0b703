package sync_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"potli/app/sync"
	"potli/app/sync/synctest"
	"potli/crypto/chain"
)

// mortal is a relay as a program sees it that can be killed before a request and
// before its answer.
type mortal struct {
	sync.Mail
	d *device
}

func around[T any](d *device, f func() (T, error)) (T, error) {
	var none T
	if err := d.step(); err != nil {
		return none, err
	}
	v, err := f()
	if killed := d.step(); killed != nil {
		return none, killed
	}
	return v, err
}

func (m mortal) Open(ctx context.Context, b sync.Box, life time.Duration) (sync.Standing, error) {
	return around(m.d, func() (sync.Standing, error) { return m.Mail.Open(ctx, b, life) })
}

func (m mortal) List(ctx context.Context, b sync.Box, after int64) ([]sync.Letter, bool, error) {
	type page struct {
		list []sync.Letter
		more bool
	}
	p, err := around(m.d, func() (p page, err error) { p.list, p.more, err = m.Mail.List(ctx, b, after); return p, err })
	return p.list, p.more, err
}

func (m mortal) Fetch(ctx context.Context, b sync.Box, l sync.Letter) (string, error) {
	return around(m.d, func() (string, error) { return m.Mail.Fetch(ctx, b, l) })
}

func (m mortal) Deposit(ctx context.Context, b sync.Box, id, sealed string) error {
	_, err := around(m.d, func() (int, error) { return 0, m.Mail.Deposit(ctx, b, id, sealed) })
	return err
}

func (m mortal) Ack(ctx context.Context, b sync.Box, numbers []int64) error {
	_, err := around(m.d, func() (int, error) { return 0, m.Mail.Ack(ctx, b, numbers) })
	return err
}

// TestKilled kills the program of either device at every point between two things
// that last, the relay's and its own. Nothing is lost, and nothing is sent twice.
func TestKilled(t *testing.T) {
	points := 0
	for victim := range 2 {
		for fuse := 1; ; fuse++ {
			if !killed(t, victim, fuse) {
				points += fuse - 1
				break
			}
			if raced || short {
				fuse += 12
			}
		}
	}
	t.Logf("%d points", points)
	if points < 40 {
		t.Errorf("%d points only", points)
	}
}

// killed plays a story in which the victim is killed after so many steps, and says
// whether that came before the story was over.
func killed(t *testing.T, victim, fuse int) (died bool) {
	l, r, all := world(t, "a", "b")
	before := len(r.All)
	for _, d := range all {
		d.mail = mortal{r, d}
		d.start()
	}
	all[victim].fuse = fuse
	large := make([]byte, sync.PartSize+10_000)
	story := []func(){
		func() { all[0].add([]byte("one"), large); all[1].add([]byte("two")) },
		func() { all[0].roll() },
		func() { all[0].add([]byte("three")); all[1].add([]byte("four")) },
		func() {}, func() {}, func() {},
	}
	for _, do := range story {
		do()
		for _, d := range all {
			if _, err := d.engine.Round(ctx, profile); errors.Is(err, errKilled) {
				died = true
				d.start()
				d.round()
			} else if err != nil {
				t.Fatal(err)
			}
		}
		l.now = l.now.Add(20 * time.Minute)
	}
	l.same(all...)
	for what, n := range items(r, all[0], before) {
		if n > 1 {
			t.Errorf("killed at %d: %s was sent %d times", fuse, what, n)
		}
	}
	return died
}

// items counts what was put into mailboxes, as one who holds every epoch reads it.
func items(r *synctest.Relay, d *device, from int) map[string]int {
	count := map[string]int{}
	for _, p := range r.All[from:] {
		for _, secret := range d.disk.secrets {
			items, err := sync.OpenLetter(p.Sealed, secret)
			if err != nil {
				continue
			}
			for _, it := range items {
				switch it.Kind {
				case "entry":
					e, err := chain.Verify(it.Body)
					if err != nil {
						d.lab.t.Fatal(err)
					}
					count["entry "+e.Hash().String()]++
				case "record", "part":
					count[fmt.Sprint(it.Kind, " ", it.ID, " ", it.At)]++
				}
			}
		}
	}
	return count
}
