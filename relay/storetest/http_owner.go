package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"potli/relay/wire"
)

func httpReceipts(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5) })
	for _, step := range []struct{ recipient, passcode string }{
		{"  Dr\u202e \x00 A\n<b>ली\u200dला</b>  ", "secret"}, {"", "wrong"}, {strings.Repeat("ड", 500), "secret"},
	} {
		c.Post(t, o.ID, wire.ManifestRequest{Recipient: step.recipient, Passcode: step.passcode})
	}
	got, dropped := o.Receipts(t)
	at := c.Now().Unix()
	wants := []wire.Receipt{
		{N: 1, Recipient: "Dr A <b>ली\u200dला</b>", Outcome: wire.OutcomeOpened},
		{N: 2, Recipient: "", Outcome: wire.OutcomeRefused},
		{N: 3, Recipient: strings.Repeat("ड", 62), Outcome: wire.OutcomeOpened},
	}
	if len(got) != len(wants) || dropped != 0 {
		t.Fatalf("got %d receipts, %d dropped", len(got), dropped)
	}
	for i, w := range wants {
		if r := got[i]; r.Time%300 != 0 || at-r.Time > 310 || r.Time > at {
			t.Errorf("receipt %d: time %d, now %d", r.N, r.Time, at)
		}
		got[i].Time = 0
		if i == 2 && strings.HasPrefix(got[i].Recipient, strings.Repeat("ड", 55)) {
			w.Recipient = got[i].Recipient // as much as 256 bytes hold
		}
		if got[i] != w {
			t.Errorf("got %+v, want %+v", got[i], w)
		}
	}
	rs := Decode[wire.Receipts](t, o.Call(t, "GET", "/receipts?after=2", nil), 200)
	if len(rs.Receipts) != 1 || rs.Receipts[0].N != 3 {
		t.Errorf("after=2: %d receipts", len(rs.Receipts))
	}
	for _, bad := range []string{"x", "-1", "1.5"} {
		problem(t, o.Call(t, "GET", "/receipts?after="+bad, nil), http.StatusBadRequest)
	}

	many := c.Create(t, "many", "U", func(w *wire.Create) { w.Uses = wire.MaxUses })
	for i := range wire.MaxReceipts + 6 {
		want(t, c.Get(t, many.ID, fmt.Sprint("reader", i)), http.StatusOK)
	}
	list, dropped := many.Receipts(t)
	if len(list) != wire.MaxReceipts || dropped != 6 || many.Status(t).Receipts != wire.MaxReceipts {
		t.Errorf("%d receipts, %d dropped", len(list), dropped)
	}
}

func httpCreate(t *testing.T, c Client) {
	id, token := ID(t.Name()), ID("token of "+t.Name())
	create := NewCreate(token, "")
	for _, path := range []string{wire.ControlPath, wire.MailboxesPath} {
		ask := Headers{"If-None-Match", "*", wire.WorkHeader, wire.AskForWork}
		if a := c.Do(t, "PUT", path+id, nil, ask); a.Status != http.StatusNoContent || len(a.Body) != 0 {
			t.Errorf("asked what a creation costs: %d %s, want 204", a.Status, a.Body)
		}
	}
	before := c.Now().Unix()
	st := Decode[wire.Status](t, c.Put(t, id, create), http.StatusCreated)
	if st.Expires != st.Now+create.Life || st.Now < before-60 || st.UsesLeft != 10 || st.AttemptsLeft != -1 || st.Flag != "" || st.Sequence != 0 {
		t.Errorf("got %+v", st)
	}
	repeat := create
	repeat.Life *= 2                                                     // prolongs nothing
	again := Decode[wire.Status](t, c.Put(t, id, repeat), http.StatusOK) // the answer had been lost
	if again.Now = st.Now; again != st {
		t.Errorf("got %+v, want %+v", again, st)
	}
	other := create
	other.Token = TokenHash(ID("somebody else"))
	problem(t, c.Put(t, id, other), http.StatusPreconditionFailed)
	problem(t, c.Do(t, "PUT", wire.ControlPath+id, create, nil), http.StatusPreconditionRequired)
	problem(t, c.Do(t, "PUT", wire.ControlPath+id, create, Headers{"If-None-Match", `"x"`}), http.StatusPreconditionRequired)
}

func httpCreateBad(t *testing.T, c Client) {
	for name, edit := range map[string]func(*wire.Create){
		"token short":           func(w *wire.Create) { w.Token = w.Token[:42] },
		"token padded":          func(w *wire.Create) { w.Token += "=" },
		"token loose bits":      func(w *wire.Create) { w.Token = w.Token[:42] + "_" },
		"token empty":           func(w *wire.Create) { w.Token = "" },
		"flag UP":               func(w *wire.Create) { w.Flag = "UP"; w.Passcode = Verifier("x", 1) },
		"flag PU":               func(w *wire.Create) { w.Flag = "PU"; w.Passcode = Verifier("x", 1) },
		"flag LPU":              func(w *wire.Create) { w.Flag = "LPU"; w.Passcode = Verifier("x", 1) },
		"flag UL":               func(w *wire.Create) { w.Flag = "UL" },
		"flag X":                func(w *wire.Create) { w.Flag = "X" },
		"U with passcode":       func(w *wire.Create) { w.Flag = "U"; w.Passcode = Verifier("x", 1) },
		"passcode without P":    func(w *wire.Create) { w.Passcode = Verifier("x", 1) },
		"P without passcode":    func(w *wire.Create) { w.Flag = "P" },
		"LP without passcode":   func(w *wire.Create) { w.Flag = "LP" },
		"attempts 0":            func(w *wire.Create) { w.Flag = "P"; w.Passcode = Verifier("x", 0) },
		"attempts 6":            func(w *wire.Create) { w.Flag = "P"; w.Passcode = Verifier("x", 6) },
		"salt short":            func(w *wire.Create) { w.Flag = "P"; w.Passcode = Verifier("x", 1); w.Passcode.Salt = "AAAA" },
		"hash empty":            func(w *wire.Create) { w.Flag = "P"; w.Passcode = Verifier("x", 1); w.Passcode.Hash = "" },
		"life missing":          func(w *wire.Create) { w.Life = 0 },
		"life negative":         func(w *wire.Create) { w.Life = -3600 },
		"life under a minute":   func(w *wire.Create) { w.Life = 59 },
		"life in ms":            func(w *wire.Create) { w.Life *= 1000 },
		"life over 30 days":     func(w *wire.Create) { w.Life = 30*24*3600 + 1 },
		"life is a moment":      func(w *wire.Create) { w.Life = c.Now().Add(time.Hour).Unix() },
		"life overflows":        func(w *wire.Create) { w.Life = 1<<63 - 1 },
		"uses 0":                func(w *wire.Create) { w.Uses = 0 },
		"uses -1":               func(w *wire.Create) { w.Uses = -1 },
		"uses 1001":             func(w *wire.Create) { w.Uses = wire.MaxUses + 1 },
		"receipt key empty":     func(w *wire.Create) { w.ReceiptKey = "" },
		"receipt key short":     func(w *wire.Create) { w.ReceiptKey = w.ReceiptKey[:1600] },
		"receipt key not a key": func(w *wire.Create) { w.ReceiptKey = strings.Repeat("_", len(w.ReceiptKey)-1) + "A" },
		"file empty":            func(w *wire.Create) { w.File = wire.File{} },
		"contentType html":      func(w *wire.Create) { w.File = wire.File{ContentType: "text/html", JWE: JWE("text/html", 300)} },
		"contentType missing":   func(w *wire.Create) { w.File.ContentType = "" },
		"contentType other":     func(w *wire.Create) { w.File.ContentType = wire.ContentTypeCard },
		"4 segments":            func(w *wire.Create) { w.File.JWE = w.File.JWE[:strings.LastIndex(w.File.JWE, ".")] },
		"6 segments":            func(w *wire.Create) { w.File.JWE += ".AAAA" },
		"a wrapped key":         func(w *wire.Create) { w.File.JWE = strings.Replace(w.File.JWE, "..", ".AAAA.", 1) },
		"zip": func(w *wire.Create) {
			w.File.JWE = reheader(w.File, `{"alg":"dir","enc":"A256GCM","zip":"DEF","cty":"`+w.File.ContentType+`"}`)
		},
		"kid": func(w *wire.Create) {
			w.File.JWE = reheader(w.File, `{"alg":"dir","enc":"A256GCM","kid":"x","cty":"`+w.File.ContentType+`"}`)
		},
		"other enc": func(w *wire.Create) {
			w.File.JWE = reheader(w.File, `{"alg":"dir","enc":"A128GCM","cty":"`+w.File.ContentType+`"}`)
		},
		"no cty":          func(w *wire.Create) { w.File.JWE = reheader(w.File, `{"alg":"dir","enc":"A256GCM"}`) },
		"a line break":    func(w *wire.Create) { w.File.JWE = w.File.JWE[:200] + "\n" + w.File.JWE[200:] },
		"standard base64": func(w *wire.Create) { w.File.JWE = strings.ReplaceAll(w.File.JWE, "-", "+") },
		"no text": func(w *wire.Create) {
			w.File.JWE = w.File.JWE[:strings.LastIndex(w.File.JWE[:len(w.File.JWE)-23], ".")+1] + w.File.JWE[len(w.File.JWE)-23:]
		},
		"a line break in the IV": func(w *wire.Create) { w.File.JWE = strings.Replace(w.File.JWE, "..AAAA", "..AAA\n", 1) },
		"padding":                func(w *wire.Create) { w.File.JWE += "=" },
		"IV of 11 bytes":         func(w *wire.Create) { w.File.JWE = strings.Replace(w.File.JWE, "..A", "..", 1) },
		"tag of 15 bytes":        func(w *wire.Create) { w.File.JWE = w.File.JWE[:len(w.File.JWE)-2] },
		"plain text":             func(w *wire.Create) { w.File.JWE = "hello" },
		"a program":              func(w *wire.Create) { w.File.JWE = "MZ\x90\x00" + w.File.JWE },
		"html before":            func(w *wire.Create) { w.File.JWE = "<script>" + w.File.JWE },
	} {
		create := NewCreate(ID("token"), "")
		edit(&create)
		if a := c.Put(t, ID(t.Name()+name), create); a.Status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", name, a.Status, a.Body)
		} else {
			problem(t, a, 400)
		}
		if a := c.Post(t, ID(t.Name()+name), wire.ManifestRequest{Recipient: "x"}); a.Status != 404 {
			t.Errorf("%s: the link exists all the same", name)
		}
	}
	good := NewCreate(ID("token"), "")
	text, _ := json.Marshal(good)
	for name, body := range map[string]string{
		"empty": "", "null": "null", "array": "[]", "two": string(text) + string(text), "cut off": string(text[:len(text)-1]),
		"unknown member":  strings.Replace(string(text), `{"token"`, `{"maxOpens":1,"token"`, 1),
		"text for number": strings.Replace(string(text), `"uses":10`, `"uses":"10"`, 1),
	} {
		if a := c.Do(t, "PUT", wire.ControlPath+ID("x"+name), body, Headers{"If-None-Match", "*"}); a.Status != 400 {
			t.Errorf("%s: got %d, want 400", name, a.Status)
		}
	}
	for _, id := range []string{"x", strings.Repeat("A", 42) + "%0A", ID("x")[:42], ID("x") + "A", ID("x")[:42] + "_"} {
		problem(t, c.Put(t, id, good), http.StatusBadRequest)
	}
	for _, life := range []int64{60, 30 * 24 * 3600} {
		good.Life = life
		st := Decode[wire.Status](t, c.Put(t, ID(fmt.Sprint(t.Name(), life)), good), http.StatusCreated)
		if st.Expires-st.Now != life {
			t.Errorf("ends %d s after the relay's now, want %d", st.Expires-st.Now, life)
		}
	}
	for _, flag := range []string{"", "L", "P", "U", "LP", "LU"} { // SHL-08
		c.Create(t, "flag "+flag, flag, func(w *wire.Create) {
			if strings.Contains(flag, "P") {
				w.Passcode = Verifier("x", 5)
			}
		})
	}
}

func reheader(f wire.File, header string) string {
	_, rest, _ := strings.Cut(f.JWE, ".")
	return b64.EncodeToString([]byte(header)) + "." + rest
}

func httpToken(t *testing.T, c Client) {
	o := c.Create(t, "", "U", nil)
	unknown := c.Do(t, "GET", wire.ControlPath+ID("nobody"), nil, Headers{"Authorization", "Bearer " + o.Token})
	for _, auth := range []string{"", "Bearer", "Bearer ", "Bearer " + ID("thief"), "Bearer " + TokenHash(o.Token), "Basic " + o.Token, o.Token, "Bearer " + o.Token + "="} {
		for _, call := range []struct {
			method, suffix string
			body           any
		}{
			{"GET", "", nil}, {"GET", "/receipts", nil}, {"PATCH", "", `{"paused":true}`}, {"DELETE", "", nil},
			{"PUT", "/file", NewCreate("", "").File},
		} {
			h := Headers{wire.SequenceHeader, "99", "Authorization", auth}
			if auth == "" {
				h = h[:2]
			}
			a := c.Do(t, call.method, wire.ControlPath+o.ID+call.suffix, call.body, h)
			if problem(t, a, http.StatusNotFound); !bytes.Equal(a.Body, unknown.Body) {
				t.Errorf("%s with %q is not the 404 of no link", call.method, auth)
			}
		}
	}
	if got := o.Status(t); got.Paused || got.Sequence != 0 {
		t.Errorf("got %+v", got)
	}
	want(t, c.Get(t, o.ID, "x"), http.StatusOK)
}

func httpSequence(t *testing.T, c Client) {
	o := c.Create(t, "", "", nil)
	patch := func(seq string) Answer {
		h := Headers{"Authorization", "Bearer " + o.Token, wire.SequenceHeader, seq}
		return c.Do(t, "PATCH", wire.ControlPath+o.ID, `{"addUses":1}`, h)
	}
	for _, bad := range []string{"", "0", "-1", "x", "1.5", "9007199254740992", "99999999999999999999"} {
		problem(t, patch(bad), http.StatusBadRequest)
	}
	for _, call := range []struct{ method, suffix string }{{"DELETE", ""}, {"PUT", "/file"}} {
		h := Headers{"Authorization", "Bearer " + o.Token}
		problem(t, c.Do(t, call.method, wire.ControlPath+o.ID+call.suffix, nil, h), http.StatusBadRequest)
	}
	want(t, patch("5"), http.StatusOK)
	problem(t, patch("5"), http.StatusNotFound)
	problem(t, patch("4"), http.StatusNotFound)
	want(t, patch("9007199254740991"), http.StatusOK)
	if got := o.Status(t); got.UsesLeft != 12 || got.Sequence != 9007199254740991 {
		t.Errorf("got %+v", got)
	}
}

func httpChange(t *testing.T, c Client) {
	o := c.Create(t, "", "U", func(w *wire.Create) { w.Uses = 1 })
	want(t, c.Get(t, o.ID, "a"), http.StatusOK)
	want(t, c.Get(t, o.ID, "b"), http.StatusNotFound)
	const later = 5 * 24 * 3600
	st := Decode[wire.Status](t, o.Call(t, "PATCH", "", fmt.Sprintf(`{"addUses":2,"paused":true,"life":%d}`, later)), 200)
	if !st.Paused || st.UsesLeft != 2 || st.Expires != st.Now+later {
		t.Errorf("got %+v", st)
	}
	want(t, c.Get(t, o.ID, "b"), http.StatusNotFound)
	want(t, o.Call(t, "PATCH", "", `{"paused":false}`), http.StatusOK)
	want(t, c.Get(t, o.ID, "b"), http.StatusOK)
	for _, bad := range []string{`{}`, `null`, ``, `{"addUses":0}`, `{"addUses":-1}`, `{"addUses":1001}`, `{"life":0}`, `{"life":59}`, `{"life":-60}`,
		`{"life":2592001}`, `{"life":9223372036854775807}`, `{"expires":4000000000}`, `{"paused":"yes"}`, `{"flag":"U"}`, `{"uses":5}`} {
		if a := o.Call(t, "PATCH", "", bad); a.Status != 400 {
			t.Errorf("%s: got %d, want 400", bad, a.Status)
		}
	}
}

func httpRevoke(t *testing.T, c Client) {
	o := c.Create(t, "", "U", nil)
	want(t, c.Get(t, o.ID, "Dr+A"), http.StatusOK)
	a := want(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	if len(a.Body) != 0 {
		t.Errorf("body %q", a.Body)
	}
	want(t, c.Get(t, o.ID, "Dr+A"), http.StatusNotFound) // the very next request, and the reader of a moment ago
	if list, _ := o.Receipts(t); len(list) != 1 || list[0].Recipient != "Dr A" {
		t.Errorf("receipts after revoking: %+v", list)
	}
	if st := o.Status(t); st.Expires != 0 {
		t.Errorf("got %+v", st)
	}
	want(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	problem(t, o.Call(t, "PATCH", "", `{"addUses":1}`), http.StatusNotFound)
	problem(t, o.Call(t, "PUT", "/file", NewCreate("", "").File), http.StatusNotFound)
}
