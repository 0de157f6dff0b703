package relay_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// slowBody takes a while to come.
type slowBody struct {
	io.Reader
	come func()
}

func (s *slowBody) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if s.come != nil {
		s.come()
		s.come = nil
	}
	return n, err
}

// TestSlowChange: a change happens when its body is there, and not when its first
// byte came. What ended meanwhile stays ended, and the parts of a file that took
// longer than orphans may live are not taken for orphans.
func TestSlowChange(t *testing.T) {
	paused := true
	for name, tt := range map[string]struct {
		method, path string
		body         any
	}{
		"file":  {"PUT", "/file", wire.File{ContentType: wire.ContentTypeFHIR, JWE: storetest.JWE(wire.ContentTypeFHIR, 999)}},
		"terms": {"PATCH", "", wire.Change{Paused: &paused}},
	} {
		w := newWorld(t, nil)
		o := w.Create(t, name, "U", func(c *wire.Create) { c.Life = 600 })
		body, err := json.Marshal(tt.body)
		if err != nil {
			t.Fatal(err)
		}
		slow := &slowBody{bytes.NewReader(body), func() { w.clock.move(601 * time.Second) }}
		r := httptest.NewRequest(tt.method, wire.ControlPath+o.ID+tt.path, slow)
		r.Header.Set("Authorization", "Bearer "+o.Token)
		r.Header.Set(wire.SequenceHeader, "1")
		a := httptest.NewRecorder()
		w.handler.ServeHTTP(a, r)
		if a.Code != http.StatusNotFound {
			t.Errorf("%s: got %d for a link that ended before the body was there", name, a.Code)
		}
	}
}
