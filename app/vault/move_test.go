package vault_test

import (
	"errors"
	"reflect"
	"testing"

	"potli/app/record"
	"potli/app/vault"
	"potli/app/vault/blobstest"
)

// Move: the bytes stay, everything known of the record stays, and nothing of it
// is left where it was, on disk either.
func TestMove(t *testing.T) {
	disk := vault.Memory()
	v := create(t, disk)
	add(t, v, "asha", "another")
	was := add(t, v, "asha", "of ravi")
	got, err := v.Move(ctx, was.ID, "ravi")
	if err != nil {
		t.Fatal(err)
	}
	if got.ID == was.ID || got.Profile != "ravi" {
		t.Errorf("moved to %s as %s", got.Profile, got.ID)
	}
	for _, v := range []*vault.Vault{v, reopen(t, disk)} {
		wantBody(t, v, got.ID, "of ravi")
		m, ok := v.Meta(got.ID)
		if !ok {
			t.Fatal("not in the index")
		}
		m.ID, m.Profile = was.ID, was.Profile
		if !reflect.DeepEqual(m, was) {
			t.Errorf("got %+v, want %+v", m, was)
		}
		if _, ok := v.Meta(was.ID); ok {
			t.Error("it is still where it was")
		}
		if _, _, err := v.Original(ctx, was.ID); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("reading it where it was: %v", err)
		}
	}
	if n := len(names(t, disk, "rec/")); n != 2 {
		t.Errorf("%d records in storage, want 2", n)
	}
	if _, err := v.Add(ctx, meta("asha", "x"), []byte("of ravi")); err != nil {
		t.Errorf("the same document for whom it was moved from: %v", err)
	}
}

func TestMoveRefuses(t *testing.T) {
	disk := vault.Memory()
	v := create(t, disk)
	a, b := add(t, v, "asha", "same"), add(t, v, "ravi", "same")
	before := copyOf(t, disk)
	if got, err := v.Move(ctx, a.ID, "ravi"); !errors.Is(err, record.ErrDuplicate) || got.ID != b.ID {
		t.Errorf("to somebody who has it: %v, %v", got.ID, err)
	}
	if got, err := v.Move(ctx, a.ID, "asha"); err != nil || got.ID != a.ID {
		t.Errorf("to whom it belongs: %v, %v", got.ID, err)
	}
	if _, err := v.Move(ctx, "nothing", "ravi"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("what is not there: %v", err)
	}
	sameStore(t, before, disk)

	set(t, disk, map[string][]byte{"rec/" + string(a.ID): []byte("not what it was")})
	if _, err := v.Move(ctx, a.ID, "sita"); !errors.Is(err, record.ErrDamaged) || len(v.Faults()) != 1 {
		t.Errorf("a damaged record: %v, faults %v", err, v.Faults())
	}
	// The one that is whole takes the place of the one that is damaged.
	got, err := v.Move(ctx, b.ID, "asha")
	if err != nil || len(v.Faults()) != 0 {
		t.Fatalf("to somebody whose copy is damaged: %v, faults %v", err, v.Faults())
	}
	wantBody(t, v, got.ID, "same")
	if n := len(v.Metas()); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

// R1: wherever the machine stops, the record is with one of the two.
func TestMoveCrashes(t *testing.T) {
	for fate, want := range map[blobstest.Fate]record.ProfileID{blobstest.DieBefore: "asha", blobstest.DieAfter: "ravi"} {
		disk := vault.Memory()
		m := add(t, create(t, disk), "asha", "body")
		f := &blobstest.Faulty{Blobs: disk}
		v := reopen(t, f)
		f.At(1, fate)
		if _, err := v.Move(ctx, m.ID, "ravi"); !errors.Is(err, blobstest.ErrDead) {
			t.Fatal(err)
		}
		v = reopen(t, disk)
		metas := v.Metas()
		if len(metas) != 1 || metas[0].Profile != want || v.Rebuilt() || len(v.Faults()) > 0 {
			t.Fatalf("died %v: %+v, faults %v", fate, metas, v.Faults())
		}
		wantBody(t, v, metas[0].ID, "body")
	}
}
