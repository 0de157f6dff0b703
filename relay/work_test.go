package relay_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// solve is a client's side of package wire, in the plainest way.
func solve(w wire.Work, id string) string {
	for n := 0; ; n++ {
		if wire.WorkDone(w.Challenge, id, strconv.Itoa(n), w.Bits) {
			return w.Challenge + "." + strconv.Itoa(n)
		}
	}
}

// put creates a link, with work or without.
func (w *world) put(t testing.TB, id, work string) storetest.Answer {
	t.Helper()
	h := storetest.Headers{"If-None-Match", "*"}
	if work != "" {
		h = append(h, wire.WorkHeader, work)
	}
	return w.Do(t, "PUT", wire.ControlPath+id, storetest.NewCreate(storetest.ID("t"), "U"), h)
}

// asked expects to be asked for work.
func asked(t testing.TB, a storetest.Answer) wire.Work {
	t.Helper()
	p := storetest.Decode[wire.Problem](t, a, http.StatusPreconditionRequired)
	if p.Work == nil || p.Message == "" {
		t.Fatalf("no work in %s", a.Body)
	}
	return *p.Work
}

func few(creates int) func(*relay.Options) {
	return func(o *relay.Options) { o.Limits.Creates = creates }
}

func TestRL8_WorkBits(t *testing.T) {
	for _, tt := range []struct {
		load, full float64
		want       int
	}{
		{0, 0, 0}, {1, 0, 0}, {1, 0.5, 0}, {1.01, 0, 12}, {1.42, 0, 13}, {2, 0, 14}, {4, 0, 16}, {6, 0, 17}, {1e9, 0, 17},
		{0, 0.51, 12}, {0, 0.75, 14}, {0, 0.99, 16}, {0, 1, 17}, {0, 3, 17}, {2, 0.51, 14}, {1.01, 1, 17},
	} {
		if got := relay.WorkBits(tt.load, tt.full); got != tt.want {
			t.Errorf("load %v, full %v: %d bits, want %d", tt.load, tt.full, got, tt.want)
		}
	}
	// It never falls as the load or the store grows.
	last := 0
	for i := range 2000 {
		got := relay.WorkBits(float64(i)/100, float64(i)/2000)
		if got < last {
			t.Fatalf("%d bits after %d", got, last)
		}
		last = got
	}
}

// TestRL8_WorkRisesAndFalls: nobody pays while all is calm, later ones pay more,
// and a while after the rush nobody pays.
func TestRL8_WorkRisesAndFalls(t *testing.T) {
	w := newWorld(t, few(10))
	for i := range 10 {
		status(t, w.put(t, storetest.ID(fmt.Sprint("calm", i)), ""), http.StatusCreated)
	}
	status(t, w.put(t, storetest.ID("the tenth and one"), ""), http.StatusCreated)
	last := 0
	for i := range 12 {
		id := storetest.ID(fmt.Sprint("rush", i))
		work := asked(t, w.put(t, id, ""))
		if work.Bits < max(last, wire.MinWorkBits) || work.Bits > wire.MaxWorkBits {
			t.Errorf("%d bits after %d", work.Bits, last)
		}
		last = work.Bits
		status(t, w.put(t, id, solve(work, id)), http.StatusCreated)
	}
	if last <= wire.MinWorkBits {
		t.Errorf("%d bits at twice the calm rate", last)
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{20 * time.Second, 428}, {10 * time.Minute, 201}} {
		w.clock.move(c.after)
		status(t, w.put(t, storetest.ID(fmt.Sprint(c.after)), ""), c.want)
	}
}

// Readers and changes never pay.
func TestRL8_OnlyCreationCosts(t *testing.T) {
	w := newWorld(t, few(1))
	o := w.Create(t, "1", "U", nil)
	w.Create(t, "2", "U", nil)
	asked(t, w.put(t, storetest.ID("3"), ""))
	status(t, w.Get(t, o.ID, "x"), 200)
	status(t, o.Call(t, "PATCH", "", `{"addUses":1}`), 200)
	status(t, o.Call(t, "PUT", "/file", storetest.NewCreate("", "").File), 200)
	status(t, o.Call(t, "DELETE", "", nil), 204)
}

// TestRL8_WorkHoldsForOne: an answer is of one challenge, one id, one server and
// five minutes.
func TestRL8_WorkHoldsForOne(t *testing.T) {
	w := newWorld(t, few(1))
	w.Create(t, "1", "U", nil)
	w.Create(t, "2", "U", nil)
	id, other := storetest.ID("mine"), storetest.ID("other")
	work := asked(t, w.put(t, id, ""))
	good := solve(work, id)
	challenge, counter, _ := strings.Cut(good, ".")
	raw, err := base64.RawURLEncoding.DecodeString(challenge)
	if err != nil {
		t.Fatal(err)
	}
	easier := wire.Work{Challenge: base64.RawURLEncoding.EncodeToString(append([]byte{raw[0], raw[1], 1}, raw[3:]...)), Bits: 1}
	wrong := 0
	for wire.WorkDone(challenge, id, strconv.Itoa(wrong), work.Bits) {
		wrong++
	}
	for name, tt := range map[string]struct{ id, work string }{
		"nothing":                {id, ""},
		"another's":              {other, good},
		"another's, solved anew": {other, solve(work, other)},
		"a wrong counter":        {id, challenge + "." + strconv.Itoa(wrong)},
		"no counter":             {id, challenge},
		"no challenge":           {id, "." + counter},
		"fewer bits":             {id, solve(easier, id)},
		"padded":                 {id, challenge + "=." + counter},
		"long":                   {id, strings.Repeat("A", 4000) + "." + counter},
	} {
		if a := w.put(t, tt.id, tt.work); a.Status != http.StatusPreconditionRequired {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	for i := range raw { // whatever is changed in it
		raw[i] ^= 1
		if a := w.put(t, id, solve(wire.Work{Challenge: base64.RawURLEncoding.EncodeToString(raw), Bits: 3}, id)); a.Status != http.StatusPreconditionRequired {
			t.Errorf("byte %d changed: %d", i, a.Status)
		}
		raw[i] ^= 1
	}
	w.clock.move(wire.WorkLife - time.Second)
	for range 3 { // keep it busy
		busy := storetest.ID(fmt.Sprint("busy", w.clock.now().UnixNano()))
		if a := w.put(t, busy, ""); a.Status == http.StatusPreconditionRequired {
			w.put(t, busy, solve(asked(t, a), busy))
		}
		w.clock.move(time.Nanosecond)
	}
	status(t, w.put(t, id, good), http.StatusCreated)
	// What was asked before the load rose is enough; a repeat makes nothing new.
	if a := w.put(t, id, good); a.Status != http.StatusOK {
		t.Errorf("repeated: %d", a.Status)
	}
	w.clock.move(time.Second)
	late := storetest.ID("late")
	work = asked(t, w.put(t, late, ""))
	w.clock.move(wire.WorkLife)
	for i := range 3 {
		w.put(t, storetest.ID(fmt.Sprint("again", i)), "")
	}
	status(t, w.put(t, late, solve(work, late)), http.StatusPreconditionRequired)
}

// A store that fills asks for work before it is full, and then takes nothing.
func TestRL8_T12_FullerCostsMore(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) { o.Limits.Creates, o.Limits.Stored = 1_000_000, 10_000 })
	last, free := 0, 0
	for i := 0; ; i++ {
		id := storetest.ID(fmt.Sprint(i))
		a := w.put(t, id, "")
		if a.Status == http.StatusPreconditionRequired {
			work := asked(t, a)
			if work.Bits < last {
				t.Errorf("%d bits after %d", work.Bits, last)
			}
			last = work.Bits
			a = w.put(t, id, solve(work, id))
		} else {
			free++
		}
		if a.Status != http.StatusCreated {
			status(t, a, http.StatusServiceUnavailable)
			break
		}
	}
	if size := len(storetest.NewCreate("", "").File.JWE); free < 5000/size || free > 5000/size+1 || last < wire.MaxWorkBits-1 {
		t.Errorf("%d were free, the last cost %d bits", free, last)
	}
}

// The body of a create that has to be paid for is not read.
func TestRL8_AskedBeforeTheBody(t *testing.T) {
	w := newWorld(t, few(1))
	w.Create(t, "1", "U", nil)
	w.Create(t, "2", "U", nil)
	c := stall(t, w, "PUT "+wire.ControlPath+storetest.ID("3"))
	line := make([]byte, 12)
	c.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.Read(line); err != nil || string(line) != "HTTP/1.1 428" {
		t.Errorf("%q, %v", line, err)
	}
	// Nor is one that is empty, by which large ones are asked about.
	asked(t, w.Do(t, "PUT", wire.ControlPath+storetest.ID("3"), nil, storetest.Headers{"If-None-Match", "*"}))
}
