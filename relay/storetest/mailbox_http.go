package storetest

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"potli/relay"
	"potli/relay/wire"
)

// mailboxHTTPTests are RunHTTP's part for mailboxes.
var mailboxHTTPTests = []struct {
	name string
	f    func(*testing.T, Client)
}{
	{"mailbox", httpMailbox},
	{"mailbox_terms", httpMailboxTerms},
	{"RL3_mailbox_gone", httpMailboxGone},
	{"RL9_deposit_shapes", httpDepositShapes},
	{"deposit_is_repeatable", httpDepositRepeated},
	{"deposit_full", httpDepositFull},
	{"deposit_in_parallel", httpDepositParallel},
	{"entries", httpEntries},
	{"entries_wait", httpWait},
	{"entry_large", httpEntryLarge},
	{"acknowledge", httpAcknowledge},
	{"live", httpLive},
	{"about", httpAbout},
}

func httpMailbox(t *testing.T, c Client) {
	note := wire.NotePrefix + strings.Repeat("q", wire.NoteSize-len(wire.NotePrefix))
	m := c.OpenMailbox(t, "", func(o *wire.OpenMailbox) { o.Note = note })
	st := m.Status(t)
	if st.Expires != st.Created+3600 || st.Now < st.Created || st.Entries != 0 || st.Bytes != 0 || st.Highest != 0 {
		t.Errorf("got %+v", st)
	}
	a := c.Do(t, "GET", wire.MailboxPath+m.ID, nil, nil)
	if got, want := Decode[wire.MailboxNote](t, a, 200), (wire.MailboxNote{Note: note, Most: wire.MaxEntry, Room: wire.RoomAmple}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	header(t, a, "Access-Control-Allow-Origin", "*")
	sealed := Sealed("a", 1024)
	a = m.Deposit(t, "a", sealed)
	if got := Decode[wire.Deposited](t, a, http.StatusCreated); got.ID != EntryID("a") {
		t.Errorf("got %+v", got)
	}
	header(t, a, "Access-Control-Allow-Origin", "*")
	list := m.Entries(t, "")
	if len(list.Entries) != 1 || list.More {
		t.Fatalf("got %+v", list)
	}
	e := list.Entries[0]
	if e.Seq != 1 || e.ID != EntryID("a") || e.Sealed != sealed || e.Size != int64(len(sealed)) || e.Time < st.Created {
		t.Errorf("got %+v", e)
	}
	if got := m.Status(t); got.Entries != 1 || got.Bytes != e.Size || got.Highest != 1 {
		t.Errorf("got %+v", got)
	}
	// Prolonged, and given other terms; not by anybody else.
	open := NewOpenMailbox(m.Token)
	open.Life = 7200
	if got := Decode[wire.MailboxStatus](t, m.Put(t, open), http.StatusOK); got.Expires < st.Expires+3600 || got.Created != st.Created {
		t.Errorf("got %+v", got)
	}
	if got := Decode[wire.MailboxNote](t, c.Do(t, "GET", wire.MailboxPath+m.ID, nil, nil), 200); got.Note != "" {
		t.Errorf("the old note is still there")
	}
	problem(t, m.Put(t, NewOpenMailbox(ID("thief"))), http.StatusPreconditionFailed)
	problem(t, c.Do(t, "PUT", wire.MailboxesPath+m.ID, open, nil), http.StatusPreconditionRequired)
	for range 2 {
		want(t, m.Call(t, "DELETE", "", nil), http.StatusNoContent)
	}
	problem(t, m.Put(t, open), http.StatusPreconditionFailed)
}

func httpMailboxTerms(t *testing.T, c Client) {
	token := ID("token")
	for name, edit := range map[string]func(*wire.OpenMailbox){
		"token":          func(o *wire.OpenMailbox) { o.Token = "x" },
		"life short":     func(o *wire.OpenMailbox) { o.Life = 59 },
		"life long":      func(o *wire.OpenMailbox) { o.Life = 90*86400 + 1 },
		"life negative":  func(o *wire.OpenMailbox) { o.Life = -3600 },
		"life overflows": func(o *wire.OpenMailbox) { o.Life = 1<<63 - 1 },
		"entries 0":      func(o *wire.OpenMailbox) { o.Entries = 0 },
		"entries 1001":   func(o *wire.OpenMailbox) { o.Entries = 1001 },
		"bytes 0":        func(o *wire.OpenMailbox) { o.Bytes = 0 },
		"bytes too many": func(o *wire.OpenMailbox) { o.Bytes = wire.MaxMailboxBytes + 1 },
		"note text":      func(o *wire.OpenMailbox) { o.Note = "call me" },
		"note X25519":    func(o *wire.OpenMailbox) { o.Note = "age1" + strings.Repeat("q", 58) },
		"note short":     func(o *wire.OpenMailbox) { o.Note = wire.NotePrefix + strings.Repeat("q", wire.NoteSize-8) },
		"note long":      func(o *wire.OpenMailbox) { o.Note = wire.NotePrefix + strings.Repeat("q", wire.NoteSize-6) },
		"note upper":     func(o *wire.OpenMailbox) { o.Note = wire.NotePrefix + strings.Repeat("Q", wire.NoteSize-7) },
		"note b":         func(o *wire.OpenMailbox) { o.Note = wire.NotePrefix + strings.Repeat("b", wire.NoteSize-7) },
		"note secret": func(o *wire.OpenMailbox) {
			o.Note = "AGE-SECRET-KEY-PQ-1" + strings.Repeat("q", wire.NoteSize-19)
		},
	} {
		m := Mailbox{c, ID(t.Name() + name), token}
		open := NewOpenMailbox(token)
		edit(&open)
		if a := m.Put(t, open); a.Status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", name, a.Status, a.Body)
		}
		if a := m.Call(t, "GET", "", nil); a.Status != http.StatusNotFound {
			t.Errorf("%s: it exists all the same", name)
		}
	}
	for _, body := range []string{"", "null", "[]", `{"token":"` + TokenHash(token) + `","life":60,"entries":1,"bytes":1,"x":1}`} {
		problem(t, c.Do(t, "PUT", wire.MailboxesPath+ID(t.Name()), body, Headers{"If-None-Match", "*"}), http.StatusBadRequest)
	}
	m := Mailbox{c, "x", token}
	problem(t, m.Put(t, NewOpenMailbox(token)), http.StatusBadRequest)
}

// httpMailboxGone: unknown, closed, of another token: one 404 for all.
func httpMailboxGone(t *testing.T, c Client) {
	body := c.Do(t, "GET", wire.LinkPath+ID("nobody"), nil, nil).Body
	closed := c.OpenMailbox(t, "closed", nil)
	want(t, closed.Deposit(t, "a", Sealed("a", 1024)), http.StatusCreated)
	want(t, closed.Call(t, "DELETE", "", nil), http.StatusNoContent)
	alive := c.OpenMailbox(t, "alive", nil)
	other := &Mailbox{c, alive.ID, ID("thief")}
	unknown := &Mailbox{c, ID("unknown"), alive.Token}
	short := &Mailbox{c, "x", alive.Token}
	hash := &Mailbox{c, alive.ID, TokenHash(alive.Token)}
	var answers []Answer
	for _, m := range []*Mailbox{closed, unknown, short} {
		answers = append(answers, c.Do(t, "GET", wire.MailboxPath+m.ID, nil, nil), m.Deposit(t, "b", Sealed("b", 1024)))
	}
	for _, m := range []*Mailbox{closed, other, unknown, short, hash} {
		for _, call := range []struct {
			method, suffix string
			body           any
		}{
			{"GET", "", nil}, {"GET", "/entries", nil}, {"GET", "/entries?wait=1", nil}, {"GET", "/entry?seq=1", nil}, {"GET", "/live", nil},
			{"POST", "/ack", wire.Acknowledge{Seqs: []int64{1}}}, {"DELETE", "", nil},
		} {
			if m == closed && call.method == "DELETE" {
				continue // which may be repeated
			}
			answers = append(answers, m.Call(t, call.method, call.suffix, call.body))
		}
	}
	for i, a := range answers {
		if problem(t, a, http.StatusNotFound); !bytes.Equal(a.Body, body) {
			t.Errorf("answer %d is not the 404 of no link", i)
		}
	}
	if got := alive.Status(t); got.Highest != 0 {
		t.Errorf("got %+v", got)
	}
}

func httpDepositShapes(t *testing.T, c Client) {
	m := c.OpenMailbox(t, "", nil)
	age := func(header string, plain int) string { return b64.EncodeToString(AgeFile(header, t.Name(), plain)) }
	head := AgeHeader("x")
	grease := strings.Replace(head, "--- ", "-> Qzb-grease 8 `x~\n"+strings.Repeat("A", 64)+"\n\n--- ", 1)
	good := map[string]string{
		"jwe": Sealed("1", 1024), "jwe 1088": Sealed("2", 1088), "jwe 1 MiB": Sealed("3", 1<<20),
		"age": age(head, 1024), "age a chunk": age(head, 64<<10), "age two chunks": age(head, wire.SizeClass(64<<10+1)),
		"age 3 MiB": age(head, 3<<20), "age with a stanza that means nothing": age(grease, 1024),
	}
	for name, sealed := range good {
		if a := m.Deposit(t, name, sealed); a.Status != http.StatusCreated {
			t.Errorf("%s: got %d %s, want 201", name, a.Status, a.Body)
		}
	}
	swap := func(s, old, new string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(s, old, new, 1)
	}
	jwe := Sealed("x", 1024)
	file := age(head, 1024)
	long := strings.Repeat("A", 64) + "\n"
	for name, sealed := range map[string]string{
		"empty": "", "text": "hello", "html": "<html>" + jwe, "a program": "MZ\x90\x00" + jwe, "zip": "UEsDBBQAAAAIAA" + jwe,
		"jwe fhir": SealedJWE(wire.ContentTypeFHIR, "x", 1024), "jwe pdf": SealedJWE("application/pdf", "x", 1024), "jwe no cty": SealedJWE("", "x", 1024),
		"jwe zip": swap(jwe, strings.Split(jwe, ".")[0], b64.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM","zip":"DEF","cty":"application/potli-entry"}`))),
		"jwe key": swap(jwe, "..", ".AAAA."), "jwe no tag": jwe[:strings.LastIndex(jwe, ".")], "jwe 6 segments": jwe + ".AAAA", "jwe line break": jwe[:300] + "\n" + jwe[300:],
		"jwe 1023": Sealed("x", 1023), "jwe 1025": Sealed("x", 1025), "jwe 100": Sealed("x", 100), "jwe 1 MiB and 1": Sealed("x", 1<<20+1),
		"jwe of text":   swap(jwe, strings.Split(jwe, ".")[3], b64.EncodeToString(bytes.Repeat([]byte("plain text, "), 86)[:1024])),
		"age 1023":      age(head, 1023),
		"age 1025":      age(head, 1025),
		"age of text":   b64.EncodeToString(append([]byte(head), bytes.Repeat([]byte("plain text, "), 100)[:16+1024+16]...)),
		"age cut":       b64.EncodeToString(AgeFile(head, "x", 1024)[:len(head)+10]),
		"age no bytes":  b64.EncodeToString([]byte(head)),
		"age chunk":     b64.EncodeToString(append(AgeFile(head, "x", 64<<10), random("tag", 16)...)), // a last chunk that is empty
		"age padded":    file + "=",
		"age std":       std.EncodeToString(AgeFile(head, "\xff", 1024)),
		"age armor":     "-----BEGIN AGE ENCRYPTED FILE-----\n" + file,
		"age v2":        age(swap(head, "/v1", "/v2"), 1024),
		"age no stanza": age("age-encryption.org/v1\n--- "+strings.Repeat("A", 43)+"\n", 1024),
		"age many stanzas": age("age-encryption.org/v1\n"+strings.Repeat("-> X25519 "+strings.Repeat("A", 43)+"\n"+strings.Repeat("A", 43)+"\n", 5)+
			"--- "+strings.Repeat("A", 43)+"\n", 1024),
		"age long header":    age(swap(head, "--- ", "-> x\n"+strings.Repeat(long, 150)+"\n--- "), 1024),
		"age body unended":   age(swap(head, "--- ", "-> x\n"+long+"--- "), 1024),
		"age no mac":         age(head[:strings.Index(head, "--- ")], 1024),
		"age short mac":      age("age-encryption.org/v1\n-> x\n\n--- AAAA\n", 1024),
		"age no arguments":   age(swap(head, "-> mlkem768x25519 ", "-> "), 1024)[:200],
		"age empty argument": age(swap(head, "mlkem768x25519 ", "mlkem768x25519  "), 1024),
		"age loose bits":     age("age-encryption.org/v1\n-> x\n\n--- "+strings.Repeat("A", 42)+"B\n", 1024),
		"age return":         age(swap(head, "\n--- ", "\r\n--- "), 1024),
	} {
		if a := m.Deposit(t, "bad "+name, sealed); a.Status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", name, a.Status, a.Body)
		}
	}
	for name, id := range map[string]string{"short": EntryID("x")[:21], "long": EntryID("x") + "A", "loose bits": EntryID("x")[:21] + "_", "empty": ""} {
		problem(t, c.Do(t, "POST", wire.MailboxPath+m.ID, wire.Deposit{ID: id, Sealed: jwe}, nil), http.StatusBadRequest)
		_ = name
	}
	for _, body := range []string{"", "[]", "null", `{"id":"` + EntryID("x") + `"}`, `{"id":"` + EntryID("x") + `","sealed":"` + jwe + `","x":1}`} {
		problem(t, c.Do(t, "POST", wire.MailboxPath+m.ID, body, nil), http.StatusBadRequest)
	}
	problem(t, m.Deposit(t, "large", Sealed("x", wire.MaxEntry*3/4)), http.StatusRequestEntityTooLarge)
	problem(t, m.Deposit(t, "larger", Sealed("x", wire.MaxEntry)), http.StatusRequestEntityTooLarge)
	if got := m.Status(t); got.Highest != int64(len(good)) {
		t.Errorf("%d entries, want %d", got.Highest, len(good))
	}
}

func httpDepositRepeated(t *testing.T, c Client) {
	m := c.OpenMailbox(t, "", nil)
	first := m.Deposit(t, "a", Sealed("a", 1024))
	for range 2 {
		again := m.Deposit(t, "a", Sealed("a", 1024))
		if want(t, again, http.StatusCreated); !bytes.Equal(first.Body, again.Body) {
			t.Errorf("%s, and again %s", first.Body, again.Body)
		}
		want(t, m.Call(t, "POST", "/ack", wire.Acknowledge{Seqs: []int64{1}}), http.StatusNoContent)
	}
	problem(t, m.Deposit(t, "a", Sealed("b", 1024)), http.StatusConflict)
	if got := m.Status(t); got.Highest != 1 || got.Entries != 0 {
		t.Errorf("got %+v", got)
	}
}

func httpDepositFull(t *testing.T, c Client) {
	few := c.OpenMailbox(t, "few", func(o *wire.OpenMailbox) { o.Entries = 2 })
	little := c.OpenMailbox(t, "little", func(o *wire.OpenMailbox) { o.Bytes = 4000 })
	room := func(m *Mailbox) string {
		return Decode[wire.MailboxNote](t, c.Do(t, "GET", wire.MailboxPath+m.ID, nil, nil), 200).Room
	}
	for i, step := range []struct {
		few, little         int
		roomFew, roomLittle string
	}{
		{201, 201, wire.RoomLittle, wire.RoomLittle}, {201, 507, wire.RoomNone, wire.RoomLittle}, {507, 507, wire.RoomNone, wire.RoomLittle},
	} {
		seed := fmt.Sprint(i)
		want(t, few.Deposit(t, seed, Sealed(seed, 1024)), step.few)
		want(t, little.Deposit(t, seed, Sealed(seed, 1536)), step.little)
		if a, b := room(few), room(little); a != step.roomFew || b != step.roomLittle {
			t.Errorf("after %d: room is %s and %s, want %s and %s", i, a, b, step.roomFew, step.roomLittle)
		}
	}
	want(t, few.Call(t, "POST", "/ack", wire.Acknowledge{Seqs: []int64{1}}), http.StatusNoContent)
	want(t, few.Deposit(t, "2", Sealed("2", 1024)), http.StatusCreated)
}

func httpDepositParallel(t *testing.T, c Client) {
	const n = 60
	m := c.OpenMailbox(t, "", nil)
	parallel(n, func(i int) {
		// Each one comes twice, as from a phone whose first answer was lost.
		for range 2 {
			a, err := c.Try("POST", wire.MailboxPath+m.ID, wire.Deposit{ID: EntryID(fmt.Sprint(i)), Sealed: Sealed(fmt.Sprint(i), 1024)}, nil)
			if err != nil || a.Status != http.StatusCreated {
				t.Errorf("%d: %d, %v", i, a.Status, err)
			}
		}
	})
	list := m.Entries(t, "")
	for i, e := range list.Entries {
		if e.Seq != int64(i+1) {
			t.Errorf("number %d in place %d", e.Seq, i+1)
		}
	}
	if len(list.Entries) != n || list.More {
		t.Errorf("%d entries", len(list.Entries))
	}
}

func httpEntries(t *testing.T, c Client) {
	m := c.OpenMailbox(t, "", nil)
	for i := range 30 { // of 55 KB each in the list
		want(t, m.Deposit(t, fmt.Sprint(i), Sealed(fmt.Sprint(i), 40<<10)), http.StatusCreated)
	}
	var all []int64
	for query, more := "", true; more; query = fmt.Sprintf("?after=%d", all[len(all)-1]) {
		list := m.Entries(t, query)
		if len(list.Entries) == 0 {
			t.Fatal("an empty page")
		}
		all, more = append(all, Numbers(list)...), list.More
	}
	if len(all) != 30 || !slices.IsSorted(all) {
		t.Errorf("got %v", all)
	}
	if got := m.Entries(t, "?after=29"); len(got.Entries) != 1 || got.Entries[0].Sealed != Sealed("29", 40<<10) {
		t.Errorf("after 29: %v", Numbers(got))
	}
	if got := m.Entries(t, "?after=30"); len(got.Entries) != 0 || got.More {
		t.Errorf("after the last: %v", Numbers(got))
	}
	for _, bad := range []string{"/entries?after=x", "/entries?after=-1", "/entries?after=9007199254740992", "/entries?wait=26", "/entries?wait=-1", "/entry?seq=x"} {
		problem(t, m.Call(t, "GET", bad, nil), http.StatusBadRequest)
	}
	a := m.Call(t, "HEAD", "/entries?after=30&wait=25", nil) // does not wait
	if want(t, a, http.StatusOK); len(a.Body) != 0 {
		t.Error("HEAD has a body")
	}
}

// httpWait: what arrives while somebody waits is in the answer.
func httpWait(t *testing.T, c Client) {
	m := c.OpenMailbox(t, "", nil)
	if got := m.Entries(t, "?wait=1"); len(got.Entries) != 0 {
		t.Errorf("got %v", Numbers(got))
	}
	const n = 8
	answers := make([]Answer, n)
	parallel(n+1, func(i int) {
		if i == n {
			m.Deposit(t, "a", Sealed("a", 1024))
			return
		}
		a, err := c.Try("GET", wire.MailboxesPath+m.ID+"/entries?after=0&wait=25", nil, Headers{"Authorization", "Bearer " + m.Token})
		if err != nil {
			t.Error(err)
		}
		answers[i] = a
	})
	for _, a := range answers {
		if got := Numbers(Decode[wire.Entries](t, a, http.StatusOK)); !slices.Equal(got, []int64{1}) {
			t.Errorf("got %v", got)
		}
	}
}

func httpEntryLarge(t *testing.T, c Client) {
	m := c.OpenMailbox(t, "", nil)
	sealed := Sealed("a", 3<<20)
	if len(sealed) < 3*relay.PartSize {
		t.Fatal("not in several parts")
	}
	want(t, m.Deposit(t, "a", sealed), http.StatusCreated)
	list := m.Entries(t, "")
	if len(list.Entries) != 1 || list.Entries[0].Sealed != "" || list.Entries[0].Size != int64(len(sealed)) {
		t.Fatalf("got %d entries", len(list.Entries))
	}
	a := want(t, m.Call(t, "GET", "/entry?seq=1", nil), http.StatusOK)
	if header(t, a, "Content-Type", "application/octet-stream"); string(a.Body) != sealed {
		t.Error("the entry differs")
	}
	header(t, a, "Content-Disposition", "attachment")
	a = want(t, m.Call(t, "HEAD", "/entry?seq=1", nil), http.StatusOK)
	if header(t, a, "Content-Length", fmt.Sprint(len(sealed))); len(a.Body) != 0 {
		t.Error("HEAD has a body")
	}
	problem(t, m.Call(t, "GET", "/entry?seq=2", nil), http.StatusNotFound)
	problem(t, m.Call(t, "GET", "/entry", nil), http.StatusNotFound)
}

func httpAcknowledge(t *testing.T, c Client) {
	m := c.OpenMailbox(t, "", nil)
	for i := range 5 {
		want(t, m.Deposit(t, fmt.Sprint(i), Sealed(fmt.Sprint(i), 1024)), http.StatusCreated)
	}
	for range 2 {
		want(t, m.Call(t, "POST", "/ack", wire.Acknowledge{Seqs: []int64{4, 1, 2, 77}}), http.StatusNoContent)
	}
	if got := Numbers(m.Entries(t, "")); !slices.Equal(got, []int64{3, 5}) {
		t.Errorf("left are %v", got)
	}
	problem(t, m.Call(t, "GET", "/entry?seq=4", nil), http.StatusNotFound)
	many := wire.Acknowledge{Seqs: make([]int64, wire.MaxMailboxEntries+1)}
	for i := range many.Seqs {
		many.Seqs[i] = 1_000_000
	}
	for _, bad := range []any{``, `[]`, `{}`, `{"seqs":[]}`, `{"seqs":[0]}`, `{"seqs":[-1]}`, `{"seqs":[9007199254740992]}`, `{"seqs":["1"]}`, many} {
		problem(t, m.Call(t, "POST", "/ack", bad), http.StatusBadRequest)
	}
	many.Seqs = many.Seqs[1:]
	want(t, m.Call(t, "POST", "/ack", many), http.StatusNoContent)
}

// httpLive hears of arrivals over the stream, where the relay offers one.
func httpLive(t *testing.T, c Client) {
	m := c.OpenMailbox(t, "", nil)
	if about := Decode[wire.About](t, c.Do(t, "GET", wire.AboutPath, nil, nil), 200); !slices.Contains(about.Live, wire.LiveSSE) {
		want(t, m.Call(t, "GET", "/live", nil), http.StatusNoContent)
		return
	}
	want(t, m.Call(t, "HEAD", "/live", nil), http.StatusOK)
	lines, hangUp := m.Live(t)
	other, _ := m.Live(t)
	for i := range int64(4) {
		for _, l := range []<-chan string{lines, other} {
			if got := NextEvent(l); got != Event(i) {
				t.Fatalf("got %q, want %q", got, Event(i))
			}
		}
		want(t, m.Deposit(t, fmt.Sprint(i), Sealed(fmt.Sprint(i), 1024)), http.StatusCreated)
	}
	hangUp()
	if got := NextEvent(other); got != Event(4) {
		t.Errorf("got %q", got)
	}
	want(t, m.Call(t, "DELETE", "", nil), http.StatusNoContent)
	if got := NextEvent(other); got != "" {
		t.Errorf("after closing: %q", got)
	}
}

func httpAbout(t *testing.T, c Client) {
	a := c.Do(t, "GET", wire.AboutPath, nil, Headers{"Origin", c.App})
	header(t, a, "Access-Control-Allow-Origin", c.App)
	about := Decode[wire.About](t, a, http.StatusOK)
	if len(about.Live) == 0 || about.Live[0] != wire.LivePoll {
		t.Errorf("got %+v", about)
	}
}
