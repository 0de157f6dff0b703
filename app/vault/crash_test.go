package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"potli/app/record"
	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/crypto/keyring"
)

// model is what a vault must hold: what was acknowledged, and what may be there
// because its answer never came.
type model struct {
	records map[record.ID]string // body by id
	docs    map[string]string
	user, p int // epochs of the user and of profile p
}

func (m model) clone() model {
	m.records, m.docs = maps.Clone(m.records), maps.Clone(m.docs)
	return m
}

// empty is what a vault that was just created holds.
func empty() model {
	return model{records: make(map[record.ID]string), docs: make(map[string]string), user: 1, p: 1}
}

// held is what a vault holds; every byte of it is opened.
func held(t *testing.T, v *vault.Vault) model {
	t.Helper()
	m := empty()
	m.user = v.Ring().User().Epoch()
	m.p, _, _ = v.Ring().Newest("p")
	for _, meta := range v.Metas() {
		body, _, err := v.Original(ctx, meta.ID)
		if err != nil {
			t.Fatalf("Original: %v", err)
		}
		m.records[meta.ID] = string(body)
	}
	docs, err := v.Docs(ctx, "")
	if err != nil {
		t.Fatalf("Docs: %v", err)
	}
	for name, body := range docs {
		m.docs[name] = string(body)
	}
	return m
}

// same compares without looking at ids that were never told.
func same(a, b model) bool {
	bodies := func(m model) []string { return slices.Sorted(maps.Values(m.records)) }
	return maps.Equal(a.docs, b.docs) && slices.Equal(bodies(a), bodies(b)) && a.user == b.user && a.p == b.p
}

// step does one random thing to v and returns what the vault holds if it succeeds.
func step(r *rand.Rand, v *vault.Vault, m model, n int) (model, func() error) {
	next := m.clone()
	switch k := r.IntN(13); {
	case k == 10:
		next.p++
		return next, func() error {
			return v.Update(ctx, func(ring *keyring.Ring) (vault.Change, error) {
				ring, _, err := ring.Roll("p", 0)
				return vault.Change{Ring: ring}, err
			})
		}
	case k == 11:
		next.user++
		next.docs["roll"] = strconv.Itoa(n)
		return next, func() error {
			return v.Update(ctx, func(ring *keyring.Ring) (vault.Change, error) {
				u, err := ring.User().Roll(ring.Keys(), clock()())
				if err != nil {
					return vault.Change{}, err
				}
				ring, err = ring.WithUser(u, clock()())
				return vault.Change{Ring: ring, Docs: map[string]vault.Doc{"roll": {Profile: "p", Body: []byte(strconv.Itoa(n))}}}, err
			})
		}
	case k == 12:
		return next, func() error {
			_, err := v.ResealSome(ctx, []record.ProfileID{"", "p"}[n%2], 1+n%3)
			return err
		}
	case k < 5 || len(m.records) == 0:
		body := fmt.Sprint("body ", n, string(bytes.Repeat([]byte("x"), r.IntN(5000))))
		next.records[record.ID("new"+strconv.Itoa(n))] = body
		return next, func() error {
			got, err := v.Add(ctx, meta("p", fmt.Sprint(n)), []byte(body))
			if err == nil {
				delete(next.records, record.ID("new"+strconv.Itoa(n)))
				next.records[got.ID] = body
			}
			return err
		}
	case k < 7:
		ids := slices.Sorted(maps.Keys(m.records))
		id := ids[r.IntN(len(ids))]
		delete(next.records, id)
		return next, func() error { return v.Remove(ctx, id) }
	default:
		put := make(map[string][]byte)
		for range 1 + r.IntN(3) {
			name := "doc" + strconv.Itoa(r.IntN(4))
			if put[name] = nil; r.IntN(4) > 0 {
				put[name] = []byte(strconv.Itoa(n))
			}
		}
		for name, body := range put {
			if delete(next.docs, name); body != nil {
				next.docs[name] = string(body)
			}
		}
		return next, func() error { return v.PutDocs(ctx, put) }
	}
}

// T29: wherever the machine stops, what was acknowledged is there, what was not
// is there wholly or not at all, and the head verifies.
func TestCrashes(t *testing.T) {
	runs := 500
	if testing.Short() || raced || runtime.GOOS == "js" {
		runs = 40
	}
	for seed := range runs {
		r := rand.New(rand.NewPCG(29, uint64(seed)))
		disk := vault.Memory()
		create(t, disk)
		f := &blobstest.Faulty{Blobs: disk}
		v := reopen(t, f)
		m := empty()
		fate := []blobstest.Fate{blobstest.DieBefore, blobstest.DieAfter}[r.IntN(2)]
		f.At(1+r.IntN(12), fate)
		for n := 0; ; n++ {
			next, do := step(r, v, m, n)
			if err := do(); err == nil {
				m = next
				continue
			} else if !errors.Is(err, blobstest.ErrDead) {
				t.Fatalf("seed %d: %v", seed, err)
			}
			v = reopen(t, disk)
			got := held(t, v)
			if fate == blobstest.DieAfter && !same(got, next) || fate == blobstest.DieBefore && !same(got, m) {
				t.Errorf("seed %d: after crash %d the vault holds %v", seed, n, got)
			}
			break
		}
		if v.Rebuilt() || len(v.Faults()) > 0 {
			t.Errorf("seed %d: rebuilt %v, faults %v", seed, v.Rebuilt(), v.Faults())
		}
		if got := len(names(t, disk, "doc/")) + len(names(t, disk, "rec/")) + len(names(t, disk, "side/")); got != len(held(t, v).records)+len(held(t, v).docs) {
			t.Errorf("seed %d: %d objects, some without a row", seed, got)
		}
	}
}

// Storage that fails now and then, and lies about it: an error may come though
// all was written. The vault finds out before it writes again.
func TestFlakyStorage(t *testing.T) {
	runs := 30
	if testing.Short() || raced || runtime.GOOS == "js" {
		runs = 3
	}
	for seed := range runs {
		r := rand.New(rand.NewPCG(30, uint64(seed)))
		disk := vault.Memory()
		create(t, disk)
		f := &blobstest.Faulty{Blobs: disk}
		v := reopen(t, f)
		m := empty()
		for n := range 60 {
			if r.IntN(3) == 0 { // twice in a row, so that trying again does not hide it
				fate := []blobstest.Fate{blobstest.Refuse, blobstest.Forget, blobstest.Full}[r.IntN(3)]
				f.At(1, fate)
				f.At(2, []blobstest.Fate{blobstest.Refuse, blobstest.Forget}[r.IntN(2)])
			}
			next, do := step(r, v, m, n)
			before := m
			if err := do(); err == nil {
				m = next
				continue
			}
			// The answer was an error: it is one or the other, on disk and, once the
			// vault has written again, in memory.
			f.At(1, 0)
			f.At(2, 0)
			got := held(t, reopen(t, copyOf(t, disk)))
			if !same(got, before) && !same(got, next) {
				t.Fatalf("seed %d, step %d: neither before nor after", seed, n)
			}
			if err := v.PutDocs(ctx, map[string][]byte{"probe": []byte(strconv.Itoa(n))}); err != nil {
				t.Fatalf("seed %d, step %d: %v", seed, n, err)
			}
			got.docs["probe"] = strconv.Itoa(n)
			m = held(t, v)
			if !same(m, got) {
				t.Fatalf("seed %d, step %d: memory and disk do not agree", seed, n)
			}
		}
		if got := held(t, reopen(t, disk)); !same(got, m) {
			t.Errorf("seed %d: %d records on disk, %d in memory", seed, len(got.records), len(m.records))
		}
	}
}

// One failure is tried again and nobody notices.
func TestOneRefusalIsTriedAgain(t *testing.T) {
	disk := vault.Memory()
	create(t, disk)
	f := &blobstest.Faulty{Blobs: disk}
	v := reopen(t, f)
	for _, fate := range []blobstest.Fate{blobstest.Refuse, blobstest.Forget} {
		f.At(1, fate)
		add(t, v, "p", fmt.Sprint("body ", fate))
	}
	if len(reopen(t, disk).Metas()) != 2 {
		t.Error("a record is missing")
	}
}

// T31: when the disk is full, large things are refused and one small one still goes.
func TestFullDisk(t *testing.T) {
	disk := vault.Memory()
	f := &blobstest.Faulty{Blobs: disk}
	o := options(f)
	o.Reserve = 256 << 10
	v, err := vault.Create(ctx, o, ring(), []byte("u"))
	if err != nil {
		t.Fatal(err)
	}
	first := add(t, v, "p", "first")
	if len(names(t, disk, "reserve")) != 1 {
		t.Fatal("there is no reserve")
	}
	before := copyOf(t, disk)
	f.Limit(1)
	if _, err := v.Add(ctx, meta("p", "large"), bytes.Repeat([]byte("large"), 1<<17)); !errors.Is(err, vault.ErrFull) {
		t.Errorf("a large record on a full disk: %v, want ErrFull", err)
	}
	sameStore(t, before, disk)
	f.Limit(0)

	// The store is full for exactly the next commit; without the reserve there is room.
	f.At(1, blobstest.Full)
	small := add(t, v, "p", "the last small record")
	if len(names(t, disk, "reserve")) != 0 {
		t.Error("the reserve was not given up")
	}
	wantBody(t, v, small.ID, "the last small record")
	f.At(1, blobstest.Full)
	if _, err := v.Add(ctx, meta("p", "x"), []byte("one more")); !errors.Is(err, vault.ErrFull) {
		t.Errorf("without a reserve: %v, want ErrFull", err)
	}
	// Removing makes room, and the next opening saves up again.
	if err := v.Remove(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	if v, err = vault.Open(ctx, o, ring(), nil); err != nil || len(v.Metas()) != 1 {
		t.Fatal(err)
	}
	if len(names(t, disk, "reserve")) != 1 {
		t.Error("no new reserve")
	}
}

// An index that has to be made again on a full disk is shown all the same.
func TestRebuildOnFullDisk(t *testing.T) {
	disk := vault.Memory()
	v := family(t, disk)
	want := v.Metas()
	set(t, disk, nil, names(t, disk, "index/")...)
	f := &blobstest.Faulty{Blobs: disk}
	f.Limit(1)
	v = reopen(t, f)
	if got := v.Metas(); !reflect.DeepEqual(got, want) {
		t.Error("records are missing")
	}
	f.Limit(0)
	m := add(t, v, "p", "once there is room")
	if err := v.Remove(ctx, want[0].ID); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, disk)
	wantBody(t, v, m.ID, "once there is room")
	if v.Rebuilt() || len(v.Metas()) != len(want) {
		t.Errorf("rebuilt %v, %d records", v.Rebuilt(), len(v.Metas()))
	}
}

// Vaults as earlier releases left them: pages in JSON, packed, and with epochs.
// They must open for ever. GENERATE=1 makes the last when there is none; it is
// never written again.
func TestGoldenVault(t *testing.T) {
	for _, dir := range []string{"testdata/vault", "testdata/vault2", "testdata/vault3"} {
		t.Run(dir, func(t *testing.T) { openGolden(t, dir) })
	}
}

func openGolden(t *testing.T, dir string) {
	if _, err := os.Stat(dir); os.Getenv("GENERATE") != "" && os.IsNotExist(err) {
		writeGolden(t, dir)
	}
	b, k := readGolden(t, dir)
	r, err := vault.Ring(ctx, b, k)
	if errors.Is(err, vault.ErrNotFound) {
		v := openOlder(t, b, k)
		wantGolden(t, v, false)
		if err := migrate(t, v); err != nil {
			t.Fatal(err)
		}
		r, err = vault.Ring(ctx, b, v.Ring().Keys())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, harm := range []string{"", "index"} {
		if harm != "" {
			set(t, b, nil, names(t, b, "index/")...)
		}
		v, err := vault.Open(ctx, vault.Options{Blobs: b, Outline: outline, Edition: 1}, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantGolden(t, v, harm != "")
	}
}

func wantGolden(t *testing.T, v *vault.Vault, rebuilt bool) {
	t.Helper()
	metas := v.Metas()
	if len(metas) != 3 || len(v.Faults()) > 0 || v.Rebuilt() != rebuilt {
		t.Fatalf("%d records, faults %v, rebuilt %v", len(metas), v.Faults(), v.Rebuilt())
	}
	want := []string{"%PDF-1.4 synthetic", `{"resourceType":"Patient","id":"2"}`, `{"resourceType":"Patient","id":"1"}`}
	for i, m := range metas {
		wantBody(t, v, m.ID, want[i])
	}
	m := metas[0]
	if m.Profile != "asha" || m.Format != record.FormatPDF || m.Source != (record.Source{How: "file", Name: "रिपोर्ट.pdf"}) || m.Added.Format("2006-01-02") != "2026-05-01" {
		t.Errorf("Meta %+v", m)
	}
	if doc, err := v.Doc(ctx, "settings"); err != nil || string(doc) != `{"language":"hi"}` {
		t.Errorf("settings %q, %v", doc, err)
	}
}
