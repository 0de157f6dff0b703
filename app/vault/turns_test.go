package vault_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/crypto/keyring"
)

// turns is the lock of one browser profile.
type turns struct {
	lock chan struct{}
	mu   sync.Mutex
	told int // how often the others were told of a change
}

func newTurns() *turns { return &turns{lock: make(chan struct{}, 1)} }

func (t *turns) Turn(ctx context.Context) (func(bool), error) {
	select {
	case t.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return func(changed bool) {
		t.mu.Lock()
		if changed {
			t.told++
		}
		t.mu.Unlock()
		<-t.lock
	}, nil
}

func (t *turns) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.told
}

// shared are the options of a tab.
func shared(b vault.Blobs, t *turns) vault.Options {
	o := options(b)
	o.Turns = t
	return o
}

// tab opens the vault in one more tab.
func tab(t testing.TB, b vault.Blobs, turns *turns) *vault.Vault {
	t.Helper()
	r, err := vault.Ring(ctx, b, keys())
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(ctx, shared(b, turns), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// T30: whatever several tabs do, in whatever order, each sees what all have done, and
// storage holds that and no more. Some of their writes fail, and some of those say so
// though all was written; a tab goes and another comes.
func TestT30_Interleaved(t *testing.T) {
	runs := 16
	if testing.Short() || raced || runtime.GOOS == "js" {
		runs = 1
	}
	for seed := range runs {
		r := rand.New(rand.NewPCG(30, uint64(seed)))
		disk, lock := vault.Memory(), newTurns()
		create(t, disk)
		var stores [3]*blobstest.Faulty
		var tabs [3]*vault.Vault
		for i := range tabs {
			stores[i] = &blobstest.Faulty{Blobs: disk}
			tabs[i] = tab(t, stores[i], lock)
		}
		m := empty()
		for n := range 50 {
			i := r.IntN(len(tabs))
			if r.IntN(6) == 0 {
				stores[i].At(1, blobstest.Refuse)
				stores[i].At(2, []blobstest.Fate{blobstest.Refuse, blobstest.Forget}[r.IntN(2)])
			}
			next, do := step(r, tabs[i], m, n)
			err := do()
			stores[i].At(1, 0)
			stores[i].At(2, 0)
			if err == nil {
				m = next
			} else if got := held(t, reopen(t, copyOf(t, disk))); same(got, next) || same(got, m) {
				m = got
			} else {
				t.Fatalf("seed %d, step %d: neither before nor after: %v", seed, n, err)
			}
			switch r.IntN(8) {
			case 0:
				tabs[i] = tab(t, stores[i], lock)
			case 1:
				if err := tabs[i].Refresh(ctx); err != nil {
					t.Fatalf("seed %d, step %d: %v", seed, n, err)
				}
				if got := held(t, tabs[i]); !same(got, m) {
					t.Fatalf("seed %d, step %d: a tab does not see what is there", seed, n)
				}
			}
		}
		sameTabs(t, seed, disk, m, tabs[:])
	}
}

// sameTabs fails unless every tab and storage hold m, and nothing is known against it.
func sameTabs(t *testing.T, seed int, disk vault.Blobs, m model, tabs []*vault.Vault) {
	t.Helper()
	for i, v := range tabs {
		if err := v.Refresh(ctx); err != nil {
			t.Fatalf("seed %d, tab %d: %v", seed, i, err)
		}
	}
	last := reopen(t, disk)
	for i, v := range append(tabs, last) {
		if !same(held(t, v), m) || v.Seq() != last.Seq() || v.Rebuilt() || len(v.Faults()) > 0 {
			t.Errorf("seed %d, tab %d: sequence %d of %d, rebuilt %v, faults %v", seed, i, v.Seq(), last.Seq(), v.Rebuilt(), v.Faults())
		}
		if v.Ring().User().Pin() != last.Ring().User().Pin() {
			t.Errorf("seed %d, tab %d has other keys", seed, i)
		}
	}
	if got := len(names(t, disk, "doc/")) + len(names(t, disk, "rec/")) + len(names(t, disk, "side/")); got != len(m.records)+len(m.docs) {
		t.Errorf("seed %d: %d objects, some without a row", seed, got)
	}
}

// T30: two tabs at the same time.
func TestT30_AtOnce(t *testing.T) {
	each := 60
	if testing.Short() || raced || runtime.GOOS == "js" {
		each = 12
	}
	disk, lock := vault.Memory(), newTurns()
	create(t, disk)
	tabs := []*vault.Vault{tab(t, disk, lock), tab(t, disk, lock)}
	before := lock.count()
	var wait sync.WaitGroup
	for i, v := range tabs {
		wait.Go(func() {
			for n := range each {
				if _, err := v.Add(ctx, meta("p", "x"), fmt.Appendf(nil, "tab %d body %d", i, n)); err != nil {
					t.Error(err)
				}
				if n%8 == 0 { // somebody reads meanwhile
					for _, e := range v.Entries()[:1] {
						if _, _, err := v.Original(ctx, e.ID()); err != nil {
							t.Error(err)
						}
					}
				}
			}
		})
	}
	wait.Wait()
	if got := lock.count() - before; got != 2*each {
		t.Errorf("told %d times of %d changes", got, 2*each)
	}
	for _, v := range append(tabs, reopen(t, disk)) {
		if err := v.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		if got := len(v.Metas()); got != 2*each || len(v.Faults()) > 0 || v.Rebuilt() {
			t.Errorf("%d records, faults %v, rebuilt %v", got, v.Faults(), v.Rebuilt())
		}
	}
	if lock.count() != before+2*each {
		t.Error("a look at storage is told as a change")
	}
}

// What two people would expect who write one after the other.
func TestT30_Conflicts(t *testing.T) {
	disk, lock := vault.Memory(), newTurns()
	create(t, disk)
	a, b := tab(t, disk, lock), tab(t, disk, lock)
	first := add(t, a, "p", "the same document")
	if m, err := b.Add(ctx, meta("p", "again"), []byte("the same document")); !errors.Is(err, record.ErrDuplicate) || m.ID != first.ID {
		t.Errorf("added twice: %v", err)
	}
	if err := a.Remove(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Move(ctx, first.ID, "asha"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("moved after it was removed: %v", err)
	}
	second := add(t, b, "p", "another")
	moved, err := a.Move(ctx, second.ID, "asha")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Original(ctx, second.ID); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("read under the old id after it was moved: %v", err)
	}
	wantBody(t, b, moved.ID, "another")
	// A document that both change: none of the two is lost.
	count := func(v *vault.Vault) {
		if err := v.Update(ctx, func(*keyring.Ring) (vault.Change, error) {
			body, err := v.Peek(ctx, "count")
			if errors.Is(err, vault.ErrNotFound) {
				err = nil
			}
			n, _ := strconv.Atoi(string(body))
			return vault.Change{Docs: map[string]vault.Doc{"count": {Body: []byte(strconv.Itoa(n + 1))}}}, err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		count(a)
		count(b)
	}
	if err := a.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Doc(ctx, "count"); string(got) != "6" || err != nil {
		t.Errorf("counted %q, %v", got, err)
	}
	// Keys that one tab has made seal what the other writes next.
	setRing(t, a, rolled(t, a.Ring(), "asha"))
	m := add(t, b, "asha", "after the roll")
	if _, epoch, _ := b.Sum(m.ID); epoch != 2 {
		t.Errorf("sealed to epoch %d, want 2", epoch)
	}
	// And keys that were made of older ones are refused, not merged.
	if err := b.SetRing(ctx, rolled(t, b.Ring(), "")); err != nil {
		t.Fatal(err)
	}
	if err := a.SetRing(ctx, rolled(t, a.Ring(), "")); !errors.Is(err, vault.ErrPutBack) {
		t.Errorf("keys made of older ones: %v", err)
	}
}

// A tab that only reads sees what is new after Refresh, and reads no more than that;
// entries of before stay the same.
func TestRefreshReadsWhatIsNew(t *testing.T) {
	disk, lock := vault.Memory(), newTurns()
	v := create(t, disk)
	for i := range 80 {
		m := meta("asha", "report")
		m.Outline = fhir.Outline{Title: strings.Repeat("t", 5000)}
		if _, err := v.Add(ctx, m, fmt.Append(nil, "body ", i)); err != nil {
			t.Fatal(err)
		}
	}
	w := watch(disk)
	reader, writer := tab(t, w, lock), tab(t, disk, lock)
	before := reader.Entries()
	add(t, writer, "asha", "new")
	clear(w.reads)
	if err := reader.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if w.reads["head"] != 1 || w.reads["index"] != 1 || w.reads["rec"]+w.reads["doc"]+w.reads["user"]+w.reads["ring"] > 0 {
		t.Errorf("reads %v", w.reads)
	}
	if pages := len(names(t, disk, "index/")); pages < 3 {
		t.Fatalf("only %d pages", pages)
	}
	after := reader.Entries()
	if len(after) != 81 {
		t.Fatalf("%d entries", len(after))
	}
	known := make(map[vault.Entry]bool)
	for _, e := range before {
		known[e] = true
	}
	for _, e := range after {
		delete(known, e)
	}
	if len(known) > 0 {
		t.Errorf("%d entries are others than before", len(known))
	}
	before0, before1 := reader.TakenOf("history/a/"), reader.TakenOf("history/b/")
	if err := writer.PutDocs(ctx, map[string][]byte{"history/a/1": []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if err := reader.Refresh(ctx); err != nil || reader.TakenOf("history/a/") <= before0 || reader.TakenOf("history/b/") != before1 {
		t.Errorf("%v, taken %d and %d", err, reader.TakenOf("history/a/"), reader.TakenOf("history/b/"))
	}
	clear(w.reads)
	if err := reader.Refresh(ctx); err != nil || w.reads["head"] != 1 || len(w.reads) != 1 {
		t.Errorf("nothing new: %v, reads %v", err, w.reads)
	}
}

// A vault that was erased, replaced or put back is not written to, and nothing of it
// is brought back.
func TestT30_Replaced(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(b, day vault.Blobs)
		want error
	}{
		"erased": {func(b, _ vault.Blobs) { erase(t, b) }, vault.ErrReplaced},
		"another": {func(b, _ vault.Blobs) {
			erase(t, b)
			if _, err := vault.Create(ctx, options(b), newRing("p"), []byte("unlock")); err != nil {
				t.Fatal(err)
			}
		}, vault.ErrReplaced},
		"put back": {func(b, day vault.Blobs) {
			erase(t, b)
			for _, n := range names(t, day, "") {
				set(t, b, map[string][]byte{n: raw(t, day, n)})
			}
		}, vault.ErrPutBack},
	} {
		t.Run(name, func(t *testing.T) {
			b := vault.Memory()
			create(t, b)
			v := tab(t, b, newTurns())
			day := copyOf(t, b)
			m := add(t, v, "p", "of today")
			seq := v.Seq()
			tt.do(b, day)
			before := copyOf(t, b)
			if _, err := v.Add(ctx, meta("p", "x"), []byte("more")); !errors.Is(err, tt.want) {
				t.Errorf("Add: %v", err)
			}
			if err := v.PutDocs(ctx, map[string][]byte{"x": []byte("y")}); !errors.Is(err, tt.want) {
				t.Errorf("PutDocs: %v", err)
			}
			if err := v.Refresh(ctx); !errors.Is(err, tt.want) {
				t.Errorf("Refresh: %v", err)
			}
			if _, _, err := v.Original(ctx, m.ID); !errors.Is(err, tt.want) {
				t.Errorf("Original: %v", err)
			}
			if v.Seq() != seq || len(v.Metas()) != 1 {
				t.Errorf("sequence %d, %d records", v.Seq(), len(v.Metas()))
			}
			sameStore(t, before, b)
		})
	}
}

func erase(t testing.TB, b vault.Blobs) {
	t.Helper()
	if err := b.Erase(ctx); err != nil {
		t.Fatal(err)
	}
}

// Two tabs make a wallet at the same time: one is made, the other is told.
func TestT30_CreatedTwice(t *testing.T) {
	b, lock := vault.Memory(), newTurns()
	var wait sync.WaitGroup
	var mu sync.Mutex
	made, refused := 0, 0
	rings := []*keyring.Ring{newRing("p"), newRing("p")}
	for _, r := range rings {
		wait.Go(func() {
			_, err := vault.Create(ctx, shared(b, lock), r, []byte("unlock"))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				made++
			case errors.Is(err, vault.ErrExists):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if made != 1 || refused != 1 {
		t.Errorf("%d made, %d refused", made, refused)
	}
}

// While a tab waits for its turn it can be stopped, and the turn of others goes on.
func TestTurnEndsWithItsContext(t *testing.T) {
	b, lock := vault.Memory(), newTurns()
	create(t, b)
	v := tab(t, b, lock)
	end, err := lock.Turn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := v.Add(stopped, meta("p", "x"), []byte("body")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	end(false)
	add(t, v, "p", "body")
}

// A backup that is restored in one tab is seen in the other; a damaged record that
// came back with it is sound there too.
func TestT30_Restored(t *testing.T) {
	disk, lock := vault.Memory(), newTurns()
	create(t, disk)
	a, b := tab(t, disk, lock), tab(t, disk, lock)
	m := add(t, a, "p", "kept")
	add(t, a, "p", "also kept")
	file := export(t, a)
	var object string
	for _, n := range names(t, disk, "rec/") {
		if strings.HasSuffix(n, string(m.ID)) {
			object = n
		}
	}
	set(t, disk, map[string][]byte{object: []byte("flipped")})
	if err := b.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Original(ctx, m.ID); !errors.Is(err, record.ErrDamaged) || len(b.Faults()) != 1 {
		t.Fatalf("%v, faults %v", err, b.Faults())
	}
	if _, _, err := a.Original(ctx, m.ID); !errors.Is(err, record.ErrDamaged) {
		t.Fatal(err)
	}
	if n, err := a.Restore(ctx, openBackup(t, file), nil, nil); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if err := b.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	wantBody(t, b, m.ID, "kept")
	if len(b.Faults()) > 0 {
		t.Errorf("faults %v", b.Faults())
	}
}
