package wallet_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
	"potli/app/wallet"
)

const words = "correct-horse-battery-staple-orbit-velvet"

// clock is the time of a test.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 6, 12, 10, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// sleep lets time pass as a device does whose clock that nobody sets stands still while
// it sleeps: only the wall's goes on.
func (c *clock) sleep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	(*struct {
		wall uint64
		ext  int64 // monotonic nanoseconds, where wall says so (package time)
	})(unsafe.Pointer(&c.t)).ext -= int64(d)
}

// A device that slept has not been looked at, whatever its clocks make of that.
func TestAutoLockAfterSleep(t *testing.T) {
	for name, wake := range map[string]func(b *bench){
		"in the background": func(b *bench) { b.Hidden(true); b.clock.sleep(time.Hour); b.Hidden(false) },
		"on the screen":     func(b *bench) { b.clock.sleep(time.Hour); b.Tick(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.clock.set(time.Now())
			b.create()
			before := b.clock.now()
			wake(b)
			if after := b.clock.now(); after.Sub(before) != 0 || after.Round(0).Sub(before.Round(0)) != time.Hour {
				t.Fatalf("the clocks went on by %v and %v", after.Sub(before), after.Round(0).Sub(before.Round(0)))
			}
			if b.Snapshot().Phase != wallet.PhaseLocked {
				t.Error("it is open after an hour of sleep")
			}
		})
	}
}

// host is a browser profile: what it remembers outlives a wallet.
type host struct {
	mu       sync.Mutex
	taken    bool
	sentinel string
	dropped  int
}

func (h *host) Claim(context.Context) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.taken {
		return false, nil
	}
	h.taken = true
	return true, nil
}

func (h *host) Sentinel() string     { return h.sentinel }
func (h *host) SetSentinel(s string) { h.sentinel = s }
func (h *host) Persist(context.Context) wallet.Storage {
	return wallet.Storage{Known: true, Persisted: true}
}
func (h *host) Storage(ctx context.Context) wallet.Storage { return h.Persist(ctx) }
func (h *host) Drop()                                      { h.mu.Lock(); defer h.mu.Unlock(); h.dropped++; h.taken = false }

// inline runs jobs here. The key derivation of the unlock file takes a second
// by design; unless real is set it is only remembered here, by passphrase.
type inline struct {
	jobs wallet.Jobs
	real bool
	mu   sync.Mutex // owns runs: pages of the index are opened side by side
	runs map[string]int
	keys map[string][]byte // unlock file and passphrase -> keys
}

func (w *inline) Run(ctx context.Context, job string, in []byte, p func(int, int)) ([]byte, error) {
	w.mu.Lock()
	w.runs[job]++
	w.mu.Unlock()
	out, err := w.run(ctx, job, in, p)
	return out, wallet.DecodeError(wallet.EncodeError(err)) // as across a real boundary
}

func (w *inline) run(ctx context.Context, job string, in []byte, p func(int, int)) ([]byte, error) {
	switch {
	case job == "lock" && !w.real:
		var a struct{ Keys, Passphrase string }
		head := in[4 : 4+binary.BigEndian.Uint32(in)]
		if err := json.Unmarshal(head, &a); err != nil {
			return nil, err
		}
		file := fmt.Sprint("unlock file ", len(w.keys))
		w.keys[file+a.Passphrase] = []byte(a.Keys)
		return []byte(file), nil
	case job == "unlock" && !w.real:
		var passphrase string
		head := in[4 : 4+binary.BigEndian.Uint32(in)]
		if err := json.Unmarshal(head, &passphrase); err != nil {
			return nil, err
		}
		keys, ok := w.keys[string(in[8+len(head):])+passphrase]
		if !ok {
			return nil, wallet.ErrWrongPassphrase
		}
		return keys, nil
	}
	return w.jobs.Run(ctx, job, in, p)
}

func (w *inline) Stop() {}

// relay is a map, a switch and a clock of its own.
type relay struct {
	clock   *clock
	mu      sync.Mutex
	offline bool
	crash   func() bool // dies in Create, before or after the link is made
	lose    int         // answers that get lost on the way back
	stall   func(call string)
	calls   int
	links   map[string]share.Upload
	status  map[string]share.Status
	seq     map[string]int64
	sealed  map[string][]share.SealedReceipt
}

func newRelay() *relay {
	return &relay{clock: newClock(), links: map[string]share.Upload{}, status: map[string]share.Status{}, seq: map[string]int64{}, sealed: map[string][]share.SealedReceipt{}}
}

func (r *relay) URL(id string) string { return "https://relay.test/l/" + id }

// begin is a request that leaves: the caller holds r until end.
func (r *relay) begin(ctx context.Context, call string) (end func(), err error) {
	if r.stall != nil {
		r.stall(call)
	}
	r.mu.Lock()
	r.calls++
	if err := ctx.Err(); err != nil {
		return r.mu.Unlock, err
	}
	if r.offline {
		return r.mu.Unlock, share.ErrOffline
	}
	return r.mu.Unlock, nil
}

// set changes how a link stands, as its readers do.
func (r *relay) set(s share.Share, change func(*share.Status)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	st := r.status[s.Ref.ID]
	change(&st)
	r.status[s.Ref.ID] = st
}

func (r *relay) Create(ctx context.Context, ref share.Ref, u share.Upload) (share.Status, error) {
	end, err := r.begin(ctx, "create")
	defer end()
	if err != nil {
		return share.Status{}, err
	}
	if r.crash != nil && !r.crash() {
		panic("the page died")
	}
	r.links[ref.ID] = u
	r.status[ref.ID] = share.Status{Expires: r.clock.now().Add(u.Life), UsesLeft: u.Uses, AttemptsLeft: -1}
	if r.crash != nil {
		panic("the page died")
	}
	if r.lose > 0 {
		r.lose--
		return share.Status{}, share.ErrOffline
	}
	return r.answer(ref), nil
}

// answer is how a link stands, by the relay's own clock.
func (r *relay) answer(ref share.Ref) share.Status {
	s := r.status[ref.ID]
	s.Now, s.Seq = r.clock.now(), r.seq[ref.ID]
	return s
}

func (r *relay) ask(ref share.Ref, changes bool) error {
	switch s, ok := r.status[ref.ID]; {
	case !ok:
		return share.ErrGone
	case changes && !r.clock.now().Before(s.Expires):
		return share.ErrGone
	case changes && ref.Seq <= r.seq[ref.ID]:
		return share.ErrGone
	}
	if changes {
		r.seq[ref.ID] = ref.Seq
	}
	return nil
}

func (r *relay) Replace(ctx context.Context, ref share.Ref, typ, jwe string) (share.Status, error) {
	end, err := r.begin(ctx, "replace")
	defer end()
	if err != nil {
		return share.Status{}, err
	}
	if err := r.ask(ref, true); err != nil {
		return share.Status{}, err
	}
	u := r.links[ref.ID]
	u.JWE, u.Type = jwe, typ
	r.links[ref.ID] = u
	return r.answer(ref), nil
}

func (r *relay) Change(ctx context.Context, ref share.Ref, c share.Change) (share.Status, error) {
	end, err := r.begin(ctx, "change")
	defer end()
	if err != nil {
		return share.Status{}, err
	}
	if err := r.ask(ref, true); err != nil {
		return share.Status{}, err
	}
	s := r.status[ref.ID]
	if c.Paused != nil {
		s.Paused = *c.Paused
	}
	if c.Life != nil {
		s.Expires = r.clock.now().Add(*c.Life)
	}
	r.status[ref.ID] = s
	return r.answer(ref), nil
}

func (r *relay) Status(ctx context.Context, ref share.Ref) (share.Status, error) {
	end, err := r.begin(ctx, "status")
	defer end()
	if err != nil {
		return share.Status{}, err
	}
	return r.answer(ref), r.ask(ref, false)
}

func (r *relay) Receipts(ctx context.Context, ref share.Ref, after int) ([]share.SealedReceipt, int, error) {
	end, err := r.begin(ctx, "receipts")
	defer end()
	if err != nil {
		return nil, 0, err
	}
	return r.sealed[ref.ID], 0, r.ask(ref, false)
}

func (r *relay) Revoke(ctx context.Context, ref share.Ref) error {
	end, err := r.begin(ctx, "revoke")
	defer end()
	if err != nil {
		return err
	}
	if s, ok := r.status[ref.ID]; ok {
		s.Expires = time.Unix(0, 0)
		r.status[ref.ID] = s
	}
	delete(r.links, ref.ID)
	if r.lose > 0 {
		r.lose--
		return share.ErrOffline
	}
	return nil
}

// bench is everything a test needs, with one browser profile and one relay.
type bench struct {
	*wallet.Wallet
	t      testing.TB
	deps   wallet.Deps
	clock  *clock
	host   *host
	relay  *relay
	worker *inline
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, clock: newClock(), host: &host{}, relay: newRelay()}
	b.worker = &inline{runs: map[string]int{}, keys: map[string][]byte{}, jobs: wallet.Jobs{
		Now: b.clock.now, Rand: rand.Reader,
		Words: func([]byte) (share.Words, error) {
			return func(m fhir.Message) string { return m.Key }, nil
		},
	}}
	b.deps = wallet.Deps{
		Blobs: vault.Memory(), Host: b.host, Worker: b.worker, Relay: b.relay,
		Language: func() []byte { return nil }, Viewer: "https://viewer.test/",
		Now: b.clock.now, Rand: rand.Reader,
	}
	b.restart()
	return b
}

// restart is a reload of the page.
func (b *bench) restart() {
	b.host.taken = false
	b.Wallet = wallet.New(b.deps)
	b.Start(b.t.Context())
}

func (b *bench) create() *bench {
	b.t.Helper()
	if err := b.Create(b.t.Context(), words, wallet.Person{Name: "Meera Sample"}); err != nil {
		b.t.Fatal(err)
	}
	return b
}

func (b *bench) unlock() *bench {
	b.t.Helper()
	if err := b.Unlock(b.t.Context(), words); err != nil {
		b.t.Fatal(err)
	}
	return b
}

func file(name string, body []byte) wallet.File {
	return wallet.File{Name: name, Size: int64(len(body)), How: "file", Read: func(context.Context) ([]byte, error) { return body, nil }}
}

const allergy = `{"resourceType":"AllergyIntolerance","id":"a1","clinicalStatus":{"coding":[{"code":"active"}]},` +
	`"code":{"text":"Peanut"},"patient":{"reference":"Patient/p"},"recordedDate":"2024-03-01"}`

func (b *bench) importOne(f wallet.File) record.ID {
	b.t.Helper()
	r := b.Import(b.t.Context(), []wallet.File{f})
	if r.Files[0].Err != nil {
		b.t.Fatalf("importing %s: %v", f.Name, r.Files[0].Err)
	}
	return r.Files[0].ID
}

func (b *bench) wantPhase(want wallet.Phase) {
	b.t.Helper()
	if got := b.Snapshot().Phase; got != want {
		b.t.Fatalf("phase = %s, want %s", got, want)
	}
}

func TestPhases(t *testing.T) {
	b := newBench(t)
	b.worker.real = true
	b.wantPhase(wallet.PhaseNew)
	b.create()
	b.wantPhase(wallet.PhaseOpen)

	second := wallet.New(b.deps)
	second.Start(t.Context())
	if got := second.Snapshot().Phase; got != wallet.PhaseElsewhere {
		t.Errorf("second tab: %s", got)
	}

	b.Lock()
	b.wantPhase(wallet.PhaseLocked)
	if b.host.dropped != 1 {
		t.Error("locking did not drop the instance")
	}
	b.restart()
	b.wantPhase(wallet.PhaseLocked)
	b.unlock()
	b.wantPhase(wallet.PhaseOpen)

	// T28: the browser erases its database behind our back.
	if err := b.deps.Blobs.Erase(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.wantPhase(wallet.PhaseCleared)

	if err := b.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.wantPhase(wallet.PhaseNew)
}

func TestCreateRefusesWeakWordsAndNoName(t *testing.T) {
	b := newBench(t)
	if err := b.Create(t.Context(), "password123", wallet.Person{Name: "M"}); !errors.Is(err, wallet.ErrWeak) {
		t.Errorf("weak words: %v", err)
	}
	if err := b.Create(t.Context(), words, wallet.Person{Name: "  "}); !errors.Is(err, wallet.ErrName) {
		t.Errorf("no name: %v", err)
	}
	b.wantPhase(wallet.PhaseNew)
}

func TestWrongWordsWaitAcrossReloads(t *testing.T) {
	b := newBench(t).create()
	b.restart()
	for range 5 {
		if err := b.Unlock(t.Context(), "wrong-words-here-now-and-then"); !errors.Is(err, wallet.ErrWrongPassphrase) {
			t.Fatalf("wrong words: %v", err)
		}
	}
	b.restart() // the count is in storage
	var wait *wallet.WaitError
	if err := b.Unlock(t.Context(), words); !errors.As(err, &wait) {
		t.Fatalf("after five failures: %v", err)
	}
	b.clock.add(wait.Until.Sub(b.clock.now()))
	b.unlock()
	b.restart()
	b.unlock() // success forgets the failures
}

func TestImportKeepsBytesRefusesByNameAndFindsTwins(t *testing.T) {
	b := newBench(t).create()
	png := append([]byte("\x89PNG\r\n\x1a\n"), 0)
	report := b.Import(t.Context(), []wallet.File{
		file("allergy.json", []byte(allergy)),
		file("broken.json", []byte(`{"resourceType":`)),
		file("cut.png", png),
		file("again.json", []byte(allergy)),
		file("program.exe", []byte("MZ\x90\x00\x03\x00\x00\x00")),
		{Name: "huge.pdf", Size: record.MaxBytes + 1, Read: func(context.Context) ([]byte, error) {
			t.Error("a file that is too big was read")
			return nil, nil
		}},
	})
	want := []error{nil, record.ErrDamaged, record.ErrDamaged, record.ErrDuplicate, record.ErrUnknown, record.ErrTooBig}
	for i, f := range report.Files {
		if !errors.Is(f.Err, want[i]) || (f.Err == nil) != (want[i] == nil) {
			t.Errorf("%s: %v, want %v", f.Name, f.Err, want[i])
		}
	}
	if b.Snapshot().Records != 1 {
		t.Errorf("records = %d, want 1", b.Snapshot().Records)
	}
	b.restart()
	b.unlock()
	name, typ, body, err := b.Original(t.Context(), report.Files[0].ID)
	if err != nil || string(body) != allergy || typ != string(record.FormatFHIR) || !strings.HasSuffix(name, ".json") {
		t.Errorf("original: %q %q %v, %d bytes", name, typ, err, len(body))
	}
}

func TestImportAsksWhenADocumentIsAboutSomebodyElse(t *testing.T) {
	b := newBench(t).create()
	other := `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","name":[{"text":"Somebody Else"}],"birthDate":"1950-01-01"}},{"resource":` + allergy + `}]}`
	r := b.Import(t.Context(), []wallet.File{file("other.json", []byte(other))})
	if !r.Files[0].Waiting || r.Files[0].Subject.Name != "Somebody Else" || b.Snapshot().Records != 0 {
		t.Fatalf("report = %+v, records = %d", r.Files[0], b.Snapshot().Records)
	}
	p, err := b.AddPerson(t.Context(), wallet.Person{Name: "Somebody Else"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Settle(t.Context(), 0, p.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.Snapshot().Import.Files[0]; got.Waiting || got.Err != nil {
		t.Errorf("after the answer: %+v", got)
	}
	b.Choose(p.ID)
	if b.Snapshot().Records != 1 {
		t.Error("the file is not with the person it was given to")
	}
}

func TestCancelStopsBetweenFiles(t *testing.T) {
	b := newBench(t).create()
	first := file("one.json", []byte(allergy))
	read := first.Read
	first.Read = func(ctx context.Context) ([]byte, error) { b.Cancel(); return read(ctx) }
	r := b.Import(t.Context(), []wallet.File{first, file("two.json", []byte(strings.Replace(allergy, "Peanut", "Milk", 1)))})
	if !errors.Is(r.Files[1].Err, context.Canceled) {
		t.Errorf("second file: %v", r.Files[1].Err)
	}
	if b.Snapshot().Work != nil {
		t.Error("work is still shown")
	}
}

func TestDeleteUndoAndGone(t *testing.T) {
	b := newBench(t).create()
	id := b.importOne(file("a.json", []byte(allergy)))
	if err := b.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if b.Snapshot().Undo == nil || b.Snapshot().Records != 0 {
		t.Fatalf("snapshot = %+v", b.Snapshot())
	}
	b.Undelete()
	if b.Snapshot().Undo != nil || b.Snapshot().Records != 1 {
		t.Fatal("not taken back")
	}
	if err := b.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.clock.add(wallet.UndoFor)
	b.Touch()
	b.Tick(t.Context())
	if names, _ := b.deps.Blobs.List(t.Context(), "rec/"); len(names) != 0 {
		t.Errorf("still in storage: %d objects", len(names))
	}
	if b.Snapshot().Undo != nil {
		t.Error("undo is still offered")
	}
}

func TestDeleteIsFinishedAfterAReload(t *testing.T) {
	b := newBench(t).create()
	id := b.importOne(file("a.json", []byte(allergy)))
	if err := b.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.unlock()
	if b.Snapshot().Records != 0 {
		t.Error("closing the page brought a deleted record back")
	}
}

func TestAutoLock(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(b *bench)
		want wallet.Phase
	}{
		{"idle", func(b *bench) { b.clock.add(5 * time.Minute); b.Tick(t.Context()) }, wallet.PhaseLocked},
		{"busy", func(b *bench) {
			b.clock.add(4 * time.Minute)
			b.Touch()
			b.clock.add(4 * time.Minute)
			b.Tick(t.Context())
		}, wallet.PhaseOpen},
		{"hidden", func(b *bench) { b.Hidden(true); b.clock.add(2 * time.Minute); b.Tick(t.Context()) }, wallet.PhaseLocked},
		{"hidden while timers sleep", func(b *bench) { b.Hidden(true); b.clock.add(3 * time.Minute); b.Hidden(false) }, wallet.PhaseLocked},
		{"hidden for a moment", func(b *bench) { b.Hidden(true); b.clock.add(time.Minute); b.Hidden(false); b.Tick(t.Context()) }, wallet.PhaseOpen},
		{"off", func(b *bench) {
			if err := b.SetSettings(t.Context(), wallet.Settings{}); err != nil {
				t.Fatal(err)
			}
			b.clock.add(24 * time.Hour)
			b.Tick(t.Context())
		}, wallet.PhaseOpen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t).create()
			tt.do(b)
			b.wantPhase(tt.want)
		})
	}
}

func TestExportAndRestoreElsewhere(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	b.clock.add(time.Hour) // Create has just asked for the words
	if _, err := b.RecoveryText(t.Context(), "not the words at all no"); !errors.Is(err, wallet.ErrWrongPassphrase) {
		t.Errorf("recovery text for wrong words: %v", err)
	}
	recovery, err := b.RecoveryText(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	_, backup, err := b.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	c := newBench(t)
	if _, err := c.Restore(t.Context(), backup, []string{"no recovery text"}, words); err == nil {
		t.Error("restored with nonsense")
	}
	flipped := bytes.Clone(backup)
	flipped[len(flipped)/2] ^= 1
	if _, err := c.Restore(t.Context(), flipped, []string{recovery}, words); err == nil {
		t.Error("restored a damaged backup")
	}
	c.wantPhase(wallet.PhaseNew)
	n, err := c.Restore(t.Context(), backup, []string{recovery}, words)
	if err != nil || n != 1 {
		t.Fatalf("restore: %d, %v", n, err)
	}
	if s := c.Snapshot(); s.Records != 1 || s.Person().Name != "Meera Sample" {
		t.Errorf("restored: %d records of %q", s.Records, s.Person().Name)
	}
	if n, err := c.Restore(t.Context(), backup, nil, ""); err != nil || n != 0 {
		t.Errorf("restoring again: %d, %v", n, err)
	}

	d := newBench(t).create() // another family's wallet
	if _, err := d.Restore(t.Context(), backup, nil, ""); !errors.Is(err, wallet.ErrOtherWallet) {
		t.Errorf("another wallet's backup: %v", err)
	}
	if n, err := d.Restore(t.Context(), backup, []string{recovery}, ""); err != nil || n != 1 {
		t.Fatalf("with its recovery text: %d, %v", n, err)
	}
	if len(d.Snapshot().People) != 2 {
		t.Errorf("people after taking in another wallet: %+v", d.Snapshot().People)
	}
}

func TestErrorsCrossTheWorker(t *testing.T) {
	for _, err := range []error{record.ErrDamaged, wallet.ErrWrongPassphrase, share.ErrTooBig, wallet.ErrIsLink, context.Canceled} {
		if got := wallet.DecodeError(wallet.EncodeError(err)); !errors.Is(got, err) {
			t.Errorf("%v came back as %v", err, got)
		}
	}
	var looks *record.UnknownError
	if got := wallet.DecodeError(wallet.EncodeError(&record.UnknownError{Looks: "zip"})); !errors.As(got, &looks) || looks.Looks != "zip" {
		t.Errorf("came back as %v", got)
	}
	if wallet.DecodeError(wallet.EncodeError(nil)) != nil {
		t.Error("nil did not cross")
	}
}
