package wallet_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
	"potli/app/wallet"
)

// goldenDir holds a whole wallet as the release before epochs left it: three
// people, records small and large, links live, paused and ended, settings, its
// unlock file under words, and a backup with its recovery text. All of it is
// synthetic. It lies with the vault, whose tests open the same.
const goldenDir = "../vault/testdata/family"

// golden is what the wallet held when it was made: want.json.
type golden struct {
	Words    string
	Made     time.Time
	People   []wallet.Person
	Settings wallet.Settings
	LastOut  time.Time
	Records  []goldenRecord // as every person's list has them
	Shares   []goldenShare
}

type goldenRecord struct {
	ID      record.ID
	Profile record.ProfileID
	Format  record.Format
	Title   string // of its outline
	SHA256  string
}

type goldenShare struct {
	ID, State, Label string
	Profile          record.ProfileID
	Items            int
}

// TestMakeGolden makes the wallet when there is none and GENERATE=1 asks for it.
// What was made is never written again.
func TestMakeGolden(t *testing.T) {
	if _, err := os.Stat(goldenDir); os.Getenv("GENERATE") == "" || !errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is one")
	}
	b := newBench(t)
	b.worker.real = true
	b.create()
	b.liveAFamilyLife()
	recovery, err := b.RecoveryText(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	_, backup, err := b.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(b.golden(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"want.json": want, "backup.age": backup, "recovery.txt": []byte(recovery)}
	names, err := b.deps.Blobs.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name == "reserve" { // random bytes that say nothing
			continue
		}
		body, err := b.deps.Blobs.Get(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		files["blobs/"+strings.ReplaceAll(name, "/", "@")] = body
	}
	for name, body := range files {
		path := filepath.Join(goldenDir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// liveAFamilyLife fills a wallet with what a family keeps in it.
func (b *bench) liveAFamilyLife() {
	b.t.Helper()
	must := func(err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
	}
	ctx, self := b.t.Context(), b.Snapshot().Current
	must(b.EditPerson(ctx, wallet.Person{ID: self, Name: "Meera Sample", BirthDate: "1990-03-04", Gender: "female", Colour: 2}))
	child, err := b.AddPerson(ctx, wallet.Person{Name: "आरव नमूना", BirthDate: "2019-02-28", Gender: "male"})
	must(err)
	parent, err := b.AddPerson(ctx, wallet.Person{Name: "Ravi Sample"})
	must(err)
	must(b.SetSettings(ctx, wallet.Settings{AutoLock: 9 * time.Minute, Language: "hi"}))

	b.importOne(file("peanut.json", []byte(allergy)))
	b.importOne(file("hiv.json", []byte(hiv)))
	b.importOne(file("large.pdf", []byte("%PDF-1.4 synthetic\n"+strings.Repeat("synthetic line of a long report\n", 4000)+"%%EOF\n")))
	b.clock.add(time.Hour)
	b.Choose(child.ID)
	b.importOne(file("टीका.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Milk"))))
	b.importOne(file("same.json", []byte(allergy))) // the same bytes as somebody else's
	b.Choose(parent.ID)
	taken := b.importOne(file("out.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Egg"))))
	must(b.Delete(ctx, taken))
	b.clock.add(wallet.UndoFor)
	b.Tick(ctx)

	b.Choose(self)
	counter, err := b.PrepareCounter(ctx)
	must(err)
	b.share(counter.Exclude("hiv"))
	link, err := b.PrepareLink(ctx)
	must(err)
	link.Options.Label, link.Options.Follow = "For the school", true
	must(b.Pause(ctx, b.share(link).ID, true))
	b.Choose(child.ID)
	link, err = b.PrepareLink(ctx)
	must(err)
	must(b.Revoke(ctx, b.share(link).ID))
	b.Choose(self)
}

// golden reads out of an open wallet what there is to compare.
func (b *bench) golden() golden {
	b.t.Helper()
	s := b.Snapshot()
	g := golden{Words: words, Made: b.clock.now(), People: s.People, Settings: s.Settings, LastOut: s.LastOut}
	for _, p := range s.People {
		b.Choose(p.ID)
		var ids []record.ID
		for _, group := range b.Timeline(wallet.Query{Limit: 1000}).Groups {
			ids = append(ids, group.Record)
		}
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			_, _, body, err := b.Original(b.t.Context(), id)
			if err != nil {
				b.t.Fatalf("record %s: %v", id, err)
			}
			m, _ := b.Record(id)
			sum := sha256.Sum256(body)
			g.Records = append(g.Records, goldenRecord{id, m.Profile, m.Format, m.Outline.Title, hex.EncodeToString(sum[:])})
		}
	}
	for _, sh := range s.Shares {
		g.Shares = append(g.Shares, goldenShare{sh.ID, string(sh.State(b.clock.now())), sh.Label, sh.Profile, len(sh.Items)})
	}
	return g
}

func readGolden(t testing.TB) (want golden, blobs map[string][]byte, backup []byte, recovery string) {
	t.Helper()
	read := func(name string) []byte {
		body, err := os.ReadFile(filepath.Join(goldenDir, name))
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	if err := json.Unmarshal(read("want.json"), &want); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir(filepath.Join(goldenDir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	blobs = make(map[string][]byte)
	for _, e := range list {
		blobs[strings.ReplaceAll(e.Name(), "@", "/")] = read(filepath.Join("blobs", e.Name()))
	}
	return want, blobs, read("backup.age"), string(read("recovery.txt"))
}

// goldenBench is a browser that holds the golden wallet, on the day it was made.
func goldenBench(t testing.TB) (*bench, golden) {
	t.Helper()
	want, blobs, _, _ := readGolden(t)
	b := newBench(t)
	b.worker.real = true
	if err := b.deps.Blobs.Commit(t.Context(), vault.Batch{Put: blobs}); err != nil {
		t.Fatal(err)
	}
	b.clock.add(want.Made.Sub(b.clock.now()))
	b.restart()
	return b, want
}

func (b *bench) wantGolden(want golden) {
	b.t.Helper()
	got := b.golden()
	if !reflect.DeepEqual(got, want) {
		b.t.Errorf("the wallet holds\n%+v\nwant\n%+v", got, want)
	}
	if n := b.Snapshot().Faults; n != 0 {
		b.t.Errorf("%d faults", n)
	}
}

// A wallet of the release before epochs opens with its words, for ever.
func TestGoldenWallet(t *testing.T) {
	b, want := goldenBench(t)
	b.wantPhase(wallet.PhaseLocked)
	b.unlock()
	b.wantGolden(want)
	for _, s := range want.Shares {
		if s.State != string(share.StateLive) {
			continue
		}
		if link, ok := b.ShareLink(s.ID); !ok || !strings.HasPrefix(link, "https://viewer.test/#shlink:/") {
			t.Errorf("link = %q", link)
		}
	}
	b.restart()
	b.unlock()
	b.wantGolden(want)
}

// So does its backup, with the recovery text of then.
func TestGoldenBackup(t *testing.T) {
	want, _, backup, recovery := readGolden(t)
	b := newBench(t)
	b.clock.add(want.Made.Sub(b.clock.now()))
	n, err := b.Restore(t.Context(), backup, []string{recovery}, otherWords)
	if err != nil || n != len(want.Records) {
		t.Fatalf("Restore = %d, %v; want %d records", n, err, len(want.Records))
	}
	want.LastOut = b.Snapshot().LastOut // of this wallet
	b.wantGolden(want)
	if again, err := b.Restore(t.Context(), backup, []string{recovery}, ""); err != nil || again != 0 {
		t.Errorf("a second time: %d, %v", again, err)
	}
	flipped := bytes.Clone(backup)
	flipped[len(flipped)-40] ^= 1
	if _, err := b.Restore(t.Context(), flipped, []string{recovery}, ""); !errors.Is(err, record.ErrDamaged) {
		t.Errorf("a flipped byte: %v, want ErrDamaged", err)
	}
}
