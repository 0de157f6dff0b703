package viewer_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A provider's keys are looked up after a tap that names the host, and the host answers
// for itself: not by sending on to another, not with megabytes.
func TestFrameLooksUpKeys(t *testing.T) {
	s := framed(t)
	host := strings.TrimPrefix(s.Host.URL, "http://")
	const path = "/.well-known/jwks.json"
	ask := func(id string) map[string]any {
		t.Helper()
		s.tells(map[string]any{"potli": "keys", "id": id, "origin": s.Host.URL})
		s.tap("Ask " + host)
		return s.hears()
	}
	s.tells(map[string]any{"potli": "keys", "id": "first", "origin": s.Host.URL})
	s.find("Ask " + host)
	s.silent()
	if got := s.asked(); len(got) != 0 {
		t.Fatalf("asked before the tap: %v", got)
	}
	s.Host.handle(path, func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(`{"keys":[]}`)) })
	s.tap("Ask " + host)
	if got := s.hears(); got["potli"] != "answered" || got["id"] != "first" || got["text"] != `{"keys":[]}` {
		t.Errorf("the frame says %v", got)
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"none":     {http.NotFound, "gone"},
		"sent on":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, "offline"},
		"too much": {func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 65<<10)) }, "too-big"},
		"broken":   {func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, "offline"},
	} {
		s.Host.handle(path, c.answer)
		if got := ask(name); got["potli"] != "failed" || got["code"] != c.want || got["id"] != name {
			t.Errorf("%s: the frame says %v, want %s", name, got, c.want)
		}
	}
	if got := s.asked(); slices.Contains(got, "GET /elsewhere") {
		t.Errorf("another place was asked: %v", got)
	}
	for _, origin := range []string{"", s.Host.URL + "/", s.Host.URL + "/a", "http://far.invalid", "https://a@far.invalid", "javascript:alert(1)", "HTTPS://FAR.INVALID"} {
		s.tells(map[string]any{"potli": "keys", "id": origin, "origin": origin})
		if got := s.hears(); got["code"] != "refused" || got["id"] != origin {
			t.Errorf("%s: the frame says %v", origin, got)
		}
	}
}

// A letter goes to a mailbox of another relay: one tap is good for what there is to
// know of the mailbox and for every letter to it, and for no other mailbox.
func TestFrameDepositsLetters(t *testing.T) {
	s := framed(t)
	host := strings.TrimPrefix(s.Host.URL, "http://")
	box, entry := strings.Repeat("b", 43), strings.Repeat("e", 22)
	message := func(potli, mailbox, id string) map[string]any {
		return map[string]any{"potli": potli, "id": id, "relay": s.Host.URL, "mailbox": mailbox, "entry": entry, "sealed": "sealed.letter"}
	}
	s.Host.handle("/m/"+box, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Write([]byte(`{"note":"age1pq1"}`))
			return
		}
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte(`{"id":"` + entry + `"}`))
	})
	s.tells(message("note", box, "note"))
	s.tap("Send to " + host)
	if got := s.hears(); got["potli"] != "answered" || got["text"] != `{"note":"age1pq1"}` {
		t.Fatalf("the frame says %v", got)
	}
	s.tells(message("deposit", box, "deposit"))
	if got := s.hears(); got["potli"] != "answered" || got["text"] != `{"id":"`+entry+`"}` {
		t.Fatalf("the frame says %v", got)
	}
	if got := s.Host.last(); got.Method != "POST" || got.ContentType != "application/json" || got.Body["id"] != entry || got.Body["sealed"] != "sealed.letter" {
		t.Errorf("the relay was given %+v", got)
	}
	for status, want := range map[int]string{404: "gone", 429: "busy", 507: "full"} {
		s.Host.handle("/m/"+box, func(w http.ResponseWriter, r *http.Request) { problem(w, status, nil) })
		s.tells(message("deposit", box, want))
		if got := s.hears(); got["code"] != want {
			t.Errorf("%d: the frame says %v", status, got)
		}
	}
	s.Host.handle("/m/"+box, func(w http.ResponseWriter, r *http.Request) { problem(w, 409, nil) })
	s.tells(message("deposit", box, "again"))
	if got := s.hears(); got["potli"] != "answered" || got["text"] != `{"id":"`+entry+`"}` {
		t.Errorf("sealed again, where it is already: the frame says %v", got)
	}
	before := len(s.asked())
	s.tells(message("deposit", strings.Repeat("c", 43), "another"))
	s.find("Send to " + host)
	s.silent()
	// What waits for a tap is given up when the wallet wants something else.
	s.tells(map[string]any{"potli": "keys", "id": "keys", "origin": "far.invalid"})
	if got := s.hears(); got["code"] != "cancelled" || got["id"] != "another" {
		t.Errorf("the frame says %v", got)
	}
	if got := s.hears(); got["code"] != "refused" || got["id"] != "keys" {
		t.Errorf("the frame says %v", got)
	}
	for name, m := range map[string]map[string]any{
		"a mailbox that is a path": message("deposit", "../v1/links/x", ""), "another entry": {"potli": "deposit", "relay": s.Host.URL, "mailbox": box, "entry": "x", "sealed": "s"},
		"nothing sealed": {"potli": "deposit", "relay": s.Host.URL, "mailbox": box, "entry": entry}, "a relay with a path": {"potli": "note", "relay": s.Host.URL + "/m", "mailbox": box},
	} {
		m["id"] = name
		s.tells(m)
		if got := s.hears(); got["code"] != "refused" || got["id"] != name {
			t.Errorf("%s: the frame says %v", name, got)
		}
	}
	if got := s.asked(); len(got) != before {
		t.Errorf("asked without a tap: %v", got[before:])
	}
}
