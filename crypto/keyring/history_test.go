package keyring_test

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"potli/crypto/keyring"
)

var histories = flag.Int("histories", 20, "how many random histories to go through; a tenth of them where that is slow")

// A history is what the devices of one person do, each from what it knows: they
// add, remove, roll, set kits, recover with them, write, and pass files on now
// and then, so that documents fork and are merged.
type history struct {
	t     *testing.T
	r     *rand.Rand
	now   time.Time
	phone []*phone
	files []published
	kits  []*age.HybridIdentity
	notes []note
}

// published is a user file that anybody may have kept.
type published struct {
	file []byte
	user *keyring.User
}

// note is something sealed to a user's newest epoch.
type note struct {
	id     string
	sealed []byte
	under  keyring.Pin
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{t: t, r: rand.New(rand.NewPCG(seed, 1)), now: morning}
	d := fresh(t)
	var kit *age.HybridIdentity
	if h.r.IntN(2) == 0 {
		kit = identity(t)
		h.kits = append(h.kits, kit)
	}
	p := &phone{d: d}
	h.phone = append(h.phone, p)
	h.publish(p, must(keyring.NewUser(d, "first", kit, h.now))(t))
	return h
}

func (h *history) publish(p *phone, u *keyring.User) {
	h.t.Helper()
	p.user = u
	h.files = append(h.files, published{must(u.Seal())(h.t), u})
}

// may says which refusals are the rule and not a fault.
func (h *history) may(err error, rules ...error) bool {
	h.t.Helper()
	if err != nil && !slices.ContainsFunc(rules, func(r error) bool { return errors.Is(err, r) }) {
		h.t.Fatalf("at %s: %v", h.now, err)
	}
	return err == nil
}

func (h *history) any() *phone { return h.phone[h.r.IntN(len(h.phone))] }

// step is one thing that one device does, whether or not others still count it.
func (h *history) step() {
	h.now = h.now.Add(time.Duration(h.r.IntN(20)) * time.Hour)
	p := h.any()
	switch h.r.IntN(10) {
	case 0, 1:
		h.add(p)
	case 2:
		devices := p.user.Devices()
		u, err := p.user.RemoveDevice(p.d, devices[h.r.IntN(len(devices))].ID, h.now)
		if h.may(err, keyring.ErrRemoved, keyring.ErrNoDevice, keyring.ErrTooNew, keyring.ErrLastDevice) {
			h.publish(p, u)
		}
	case 3:
		if u, err := p.user.Roll(p.d, h.now); h.may(err, keyring.ErrRemoved) {
			h.publish(p, u)
		}
	case 4:
		h.newKit(p)
	case 5:
		h.recover()
	case 6:
		h.write(p)
	default:
		for range 1 + h.r.IntN(3) {
			h.read(p, h.files[h.r.IntN(len(h.files))])
		}
	}
}

func (h *history) add(p *phone) {
	d, info, err := keyring.NewDevice(p.user.ID(), "another")
	if err != nil {
		h.t.Fatal(err)
	}
	if u, err := p.user.AddDevice(p.d, info, h.now); h.may(err, keyring.ErrRemoved) {
		h.publish(p, u)
		h.phone = append(h.phone, &phone{d: d, user: must(pass(h.t, u, d))(h.t)})
	}
}

func (h *history) newKit(p *phone) {
	var kit *age.HybridIdentity
	if h.r.IntN(4) > 0 {
		kit = identity(h.t)
		h.kits = append(h.kits, kit)
	}
	if u, err := p.user.SetRecovery(p.d, kit, h.now); h.may(err, keyring.ErrRemoved, keyring.ErrTooNew) {
		h.publish(p, u)
	}
}

func (h *history) recover() {
	if len(h.kits) == 0 {
		return
	}
	kit, f := h.kits[h.r.IntN(len(h.kits))], h.files[h.r.IntN(len(h.files))]
	u, d, err := keyring.RecoverUser(f.file, kit, keyring.Pin{}, "recovered", h.now)
	if h.may(err, keyring.ErrNotForUs) {
		p := &phone{d: d}
		h.phone = append(h.phone, p)
		h.publish(p, u)
	}
}

func (h *history) write(p *phone) {
	r, err := keyring.NewRing(p.d, p.user)
	if h.may(err, keyring.ErrRemoved) {
		id := fmt.Sprint("note ", len(h.notes))
		h.notes = append(h.notes, note{id, sealTo(h.t, r, "", id), p.user.Pin()})
	}
}

// read is what a device does with a user file that reaches it. It says whether
// it holds another document now.
func (h *history) read(p *phone, f published) bool {
	h.t.Helper()
	u, err := keyring.OpenUser(f.file, p.d.Identity, keyring.Pin{})
	if !h.may(err, keyring.ErrNotForUs) {
		return false
	}
	err = p.user.Accept(u, h.now)
	if errors.Is(err, keyring.ErrForked) {
		m, err := keyring.Merge(p.d, p.user, u, h.now)
		if !h.may(err, keyring.ErrRemoved, keyring.ErrTooNew) {
			return false
		}
		if err := p.user.Accept(m, h.now); err != nil {
			h.t.Fatalf("what it merged itself: %v", err)
		}
		h.publish(p, m)
		return true
	}
	if !h.may(err, keyring.ErrOlder) || p.user.Pin() == u.Pin() {
		return false
	}
	p.user = u
	return true
}

// settle lets everybody read everything until nothing changes.
func (h *history) settle() []*keyring.User {
	h.t.Helper()
	h.now = h.now.Add(3 * day) // nobody is on probation
	for round := 0; ; round++ {
		changed := false
		for _, p := range h.phone {
			// The latest first, or each would merge what others have merged already.
			list := slices.Clone(h.files)
			slices.SortStableFunc(list, func(a, b published) int { return cmp.Compare(b.user.Seq(), a.user.Seq()) })
			for _, f := range list {
				if !errors.Is(p.user.Accept(f.user, h.now), keyring.ErrOlder) && h.read(p, f) {
					changed = true
				}
			}
			if active(p.user, p.d) && p.user.NeedsRoll() {
				h.publish(p, must(p.user.Roll(p.d, h.now))(h.t))
				changed = true
			}
		}
		if !changed {
			break
		}
		if round > 30 {
			h.t.Fatal("they do not agree in thirty rounds")
		}
	}
	return h.camps()
}

// camps are the documents that are held in the end by a device on their list:
// one, unless they parted into sides that no device is on both of. (That takes
// every device that was there before they parted to leave by itself.)
func (h *history) camps() []*keyring.User {
	h.t.Helper()
	var camps []*keyring.User
	for _, p := range h.phone {
		if active(p.user, p.d) && !slices.ContainsFunc(camps, func(u *keyring.User) bool { return u.Pin() == p.user.Pin() }) {
			camps = append(camps, p.user)
		}
	}
	// Not those of who was left behind, and can not read what came after.
	camps = slices.DeleteFunc(camps, func(u *keyring.User) bool {
		return slices.ContainsFunc(h.phone, func(p *phone) bool { return errors.Is(p.user.Accept(u, h.now), keyring.ErrOlder) })
	})
	for _, p := range h.phone {
		on := 0
		for _, u := range camps {
			if active(u, p.d) && active(p.user, p.d) {
				on++
			}
		}
		if on > 1 {
			h.t.Errorf("a device is on the lists of %d documents, and holds %d", on, p.user.Seq())
		}
	}
	return camps
}

// reachable are all secrets of epochs in the files that are sealed to an identity.
func (h *history) reachable(id *age.HybridIdentity) map[string]bool {
	secrets := make(map[string]bool)
	to := id.Recipient().String()
	for _, f := range h.files {
		if !slices.ContainsFunc(f.user.Recipients(), func(r *age.HybridRecipient) bool { return r.String() == to }) {
			continue
		}
		for _, d := range f.user.Devices() {
			if !d.Active() {
				continue
			}
			i := slices.IndexFunc(h.phone, func(p *phone) bool { return p.d.Device == d.ID })
			r := ring(h.t, h.phone[i].d, f.user)
			for _, n := range r.Epochs("") {
				secrets[r.Identity("", n).String()] = true
			}
			break
		}
	}
	return secrets
}

// check holds what each device and kit reaches against the last document. Where
// they parted for good (alone is false), devices that it does not list are not
// removed but on the other side, and hold what both sides had.
func (h *history) check(last *keyring.User, alone bool) {
	h.t.Helper()
	var on *phone
	newest := ""
	for _, p := range h.phone {
		if active(last, p.d) {
			on = p
			_, id, _ := ring(h.t, p.d, last).Newest("")
			newest = id.String()
		}
	}
	for i, p := range h.phone {
		if active(last, p.d) {
			continue
		}
		if _, err := pass(h.t, last, p.d); !errors.Is(err, keyring.ErrNotForUs) {
			h.t.Errorf("removed device %d: %v", i, err)
		}
		if _, listed := last.Device(p.d.Device); (alone || listed) && h.reachable(p.d.Identity)[newest] {
			h.t.Errorf("removed device %d reaches the newest key", i)
		}
	}
	kit, _ := last.Recovery()
	for i, k := range h.kits {
		if is := kit != nil && k.Recipient().String() == kit.String(); alone && h.reachable(k)[newest] != is {
			h.t.Errorf("kit %d reaches the newest key: %v, want %v", i, !is, is)
		}
	}
	h.checkFiles(on, last)
	h.checkNotes(on, last)
}

// checkFiles: everything before the last document is refused by who has seen it.
func (h *history) checkFiles(on *phone, last *keyring.User) {
	h.t.Helper()
	for _, f := range h.files {
		if f.user.Pin() == last.Pin() {
			continue
		}
		if err := last.Accept(f.user, h.now); !errors.Is(err, keyring.ErrOlder) && !errors.Is(err, keyring.ErrForked) {
			h.t.Errorf("number %d after %d: %v", f.user.Seq(), last.Seq(), err)
		}
		_, err := keyring.OpenUser(f.file, on.d.Identity, last.Pin())
		if !errors.Is(err, keyring.ErrOlder) && !errors.Is(err, keyring.ErrForked) && !errors.Is(err, keyring.ErrNotForUs) {
			h.t.Errorf("number %d after pin %d: %v", f.user.Seq(), last.Seq(), err)
		}
	}
}

// checkNotes: what was sealed under a document that went into the last one opens.
func (h *history) checkNotes(on *phone, last *keyring.User) {
	h.t.Helper()
	doc := takeApart(h.t, must(last.Seal())(h.t), on.d.Identity).doc
	was := map[string]bool{last.Pin().Hash: true}
	for _, v := range doc["previous"].([]any) {
		was[v.(string)] = true
	}
	r := ring(h.t, on.d, last)
	for _, n := range h.notes {
		if got := opens(r, "", n.id, n.sealed); was[n.under.Hash] && !got {
			h.t.Errorf("%s does not open any more", n.id)
		}
	}
}

// T25, T26: whatever happens in whatever order, those who stay agree and open
// everything, and those who were removed open nothing written later.
//
//	go test ./crypto/keyring -run Histories -histories 1000
func TestHistories(t *testing.T) {
	runs, steps := *histories, 40
	if testing.Short() || runtime.GOOS == "js" || raced {
		runs = (runs + 9) / 10
	}
	for seed := range runs {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h := newHistory(t, uint64(seed))
			for range steps {
				h.step()
			}
			camps := h.settle()
			for _, last := range camps {
				h.check(last, len(camps) == 1)
			}
		})
	}
}
