package storetest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"

	"potli/relay"
	"potli/relay/wire"
)

// chance is a sequence of numbers that a seed repeats.
type chance struct {
	seed string
	n    int
}

// newChance takes a fresh seed and prints it, or the one in POTLI_SEED.
func newChance(t *testing.T) *chance {
	seed := os.Getenv("POTLI_SEED")
	if seed == "" {
		seed = rand.Text()
	}
	t.Logf("POTLI_SEED=%s repeats this", seed)
	return &chance{seed: seed}
}

// below returns 0 to n-1.
func (c *chance) below(n int) int {
	c.n++
	sum := sha256.Sum256([]byte(c.seed + strconv.Itoa(c.n)))
	return int(binary.BigEndian.Uint64(sum[:]) % uint64(n))
}

func (c *chance) oneIn(n int) bool { return c.below(n) == 0 }

// testRandom plays a random history on the store and on the model, with a clock
// of its own, and compares every answer and what is left afterwards.
func testRandom(t *testing.T, s relay.Store) {
	steps := 3000
	if testing.Short() {
		steps = 600
	}
	h := &history{T: t, s: s, m: newModel(), chance: newChance(t)}
	for h.step = range steps {
		h.next()
		if t.Failed() {
			return
		}
	}
	h.compareAll()
	t.Logf("%d steps: %v", steps, h.happened)
}

// history is a store and its model, which both have seen the same.
type history struct {
	*testing.T
	*chance
	s        relay.Store
	m        *model
	step     int
	happened map[string]int // so that a reader sees that the history was one
}

func (h *history) next() {
	switch {
	case h.oneIn(200):
		h.m.now += keeping
	case h.oneIn(6):
		h.m.now += int64([]int{1, 7, 59, 60, 361, 900}[h.below(6)])
	}
	id := h.name(h.below(9))
	if h.oneIn(6) {
		h.edge(id)
	}
	what := h.below(12)
	if h.m.links[id] == nil && h.oneIn(2) {
		what = 0
	}
	switch what {
	case 0:
		h.create(id)
	case 1:
		h.live(id)
	case 2:
		h.live(id)
	case 3, 4, 5, 6:
		h.charge(id)
	case 7, 8:
		h.change(id)
	case 9:
		h.replace(id)
	case 10:
		if h.oneIn(4) {
			h.revoke(id)
		} else {
			h.receipts(id)
		}
	case 11:
		h.keep()
	}
	h.compare(id)
}

// name is one of the nine links that things happen to; now and then they are
// others, so that not all have ended after a while.
func (h *history) name(n int) string { return hash(fmt.Sprint("link", h.step/100*9+n)) }

// edge moves the clock to the second in which something changes for a link, where
// a wrong comparison shows.
func (h *history) edge(id string) {
	l := h.m.links[id]
	if l == nil {
		return
	}
	at := []int64{l.Expires, l.Keep, l.at + tickets, l.at + window, l.at + window, l.at + window}[h.below(6)]
	if at > h.m.now && at < h.m.now+4000 {
		h.m.now = at - int64(h.below(2))
	}
}

// note counts what happened, and compares whether it was refused.
func (h *history) note(what string, served bool, err error) {
	h.Helper()
	if served != (err == nil) || err != nil && !errors.Is(err, relay.ErrGone) {
		h.Errorf("step %d, %s: got %v, want served %v", h.step, what, err, served)
	}
	if h.happened == nil {
		h.happened = map[string]int{}
	}
	if !served {
		what += " refused"
	}
	h.happened[what]++
}

func (h *history) create(id string) {
	l := newLink("")
	l.ID, l.Token, l.Sequence, l.Kid = id, hash("token of "+id), int64(h.below(3)), h.below(2)*h.below(256)
	l.Expires = h.m.now + int64(h.below(6000)) - 5
	l.Keep = l.Expires + int64(h.below(3000))
	l.UsesLeft, l.AttemptsLeft, l.Paused = 1+h.below(9), 1+h.below(5), h.oneIn(15)
	content := h.content()
	ok, err := h.s.Create(ctx, l, []byte(content), h.m.now)
	want := h.m.create(l, content)
	if err != nil || ok != want {
		h.Errorf("step %d, create: got %v, %v, want %v", h.step, ok, err, want)
	}
}

func (h *history) content() string {
	return fmt.Sprintf("%0*d", 1+h.below(3000), h.step)
}

func (h *history) reader(id string) relay.Reader {
	return relay.Reader{ID: id, Now: h.m.now, By: hash(fmt.Sprint("by ", h.below(3)))}
}

func (h *history) live(id string) {
	r := h.reader(id)
	r.Ticket = h.oneIn(2)
	got, err := h.s.Live(ctx, r)
	want := h.m.live(r)
	h.note("live", want != nil, err)
	if want != nil {
		h.same("live", got, want)
	}
}

func (h *history) charge(id string) {
	r, mac := h.reader(id), pass
	if h.oneIn(6) {
		mac = wrong
	}
	got, err := h.s.Charge(ctx, r, mac)
	want, served := h.m.charge(r, mac)
	h.note("charge", served, err)
	if got != want {
		h.Errorf("step %d, charge: got %+v, want %+v", h.step, got, want)
	}
	if want.Receipt > 0 {
		sealed := fmt.Sprint(h.step)
		if err := h.s.AddReceipt(ctx, id, want.Receipt, []byte(sealed)); err != nil {
			h.Errorf("step %d, receipt: %v", h.step, err)
		}
		h.m.links[id].sealed[want.Receipt] = sealed
	}
}

// claim is mostly good: now and then of another owner, or one sent before.
func (h *history) claim(id string) relay.Claim {
	c := relay.Claim{ID: id, Token: hash("token of " + id), Sequence: 1, Now: h.m.now}
	if l := h.m.links[id]; l != nil {
		c.Sequence = l.Sequence + 1 + int64(h.below(2))
	}
	if h.oneIn(12) {
		c.Token = hash("thief")
	}
	if h.oneIn(12) {
		c.Sequence = max(c.Sequence-2, 0)
	}
	return c
}

func (h *history) change(id string) {
	var to relay.Terms
	if h.oneIn(3) {
		paused := h.oneIn(4)
		to.Paused = &paused
	}
	if h.oneIn(4) {
		expires := h.m.now + int64(h.below(6000)) - 5
		to.Expires = &expires
	}
	if h.oneIn(3) {
		to.AddUses = 1 + h.below(3)
	}
	c := h.claim(id)
	got, err := h.s.Change(ctx, c, to)
	want := h.m.change(c, to)
	h.note("change", want != nil, err)
	if want != nil {
		h.same("change", got, want)
	}
}

func (h *history) replace(id string) {
	c, content := h.claim(id), h.content()
	got, err := h.s.Replace(ctx, c, wire.ContentTypeCard, []byte(content))
	want := h.m.replace(c, wire.ContentTypeCard, content)
	h.note("replace", want != nil, err)
	if want != nil {
		h.same("replace", got, want)
	}
}

func (h *history) revoke(id string) {
	c, keep := h.claim(id), h.m.now+int64(h.below(3000))
	err := h.s.Revoke(ctx, c, keep)
	h.note("revoke", h.m.revoke(c, keep), err)
}

func (h *history) receipts(id string) {
	l, after := h.m.links[id], h.below(3)
	if l == nil {
		return
	}
	got, err := h.s.ReceiptsAfter(ctx, id, after)
	if want := l.receipts(after); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		h.Errorf("step %d, receipts after %d: got %v, %v, want %v", h.step, after, got, err, want)
	}
}

// keep is the keeper's turn.
func (h *history) keep() {
	got, err := h.s.Count(ctx, h.m.now)
	if got.Loose = 0; err != nil || got != h.m.count() { // the model writes no parts
		h.Errorf("step %d, count: got %+v, %v, want %+v", h.step, got, err, h.m.count())
	}
	if err := h.s.Purge(ctx, h.m.now); err != nil {
		h.Errorf("step %d, purge: %v", h.step, err)
	}
	h.m.purge()
	h.compareAll()
}

func (h *history) compareAll() {
	h.Helper()
	for n := -9; n < 9; n++ { // those before, too
		h.compare(h.name(n))
	}
}

// compare looks at what the owner would see, and at the file.
func (h *history) compare(id string) {
	h.Helper()
	token := hash("token of " + id)
	got, err := h.s.Owned(ctx, id, token)
	want := h.m.owned(id, token)
	if (want == nil) != errors.Is(err, relay.ErrGone) || want != nil && err != nil {
		h.Fatalf("step %d, owned: got %v, want it there: %v", h.step, err, want != nil)
	}
	if want == nil {
		return
	}
	h.same("owned", got, want)
	if text := file(h.T, h.s, got); text != want.content {
		h.Errorf("step %d: the file is %.30q, want %.30q", h.step, text, want.content)
	}
}

// same compares what a link is, apart from the name of its file.
func (h *history) same(what string, got relay.Link, want *modelLink) {
	h.Helper()
	got.Again = false
	if got.File != "" {
		got.File = "x"
	}
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want.Link); g != w {
		h.Errorf("step %d, %s:\ngot  %s\nwant %s", h.step, what, g, w)
	}
}
