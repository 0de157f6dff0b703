package viewer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// framed opens a wallet that frames the viewer, and waits for the frame's word.
func framed(t *testing.T) *stage {
	t.Helper()
	s := newStage(t)
	s.run(chromedp.Navigate(s.App + "/"))
	if got := s.hears(); got["potli"] != "ready" {
		t.Fatalf("the frame says %v", got)
	}
	return s
}

// hears takes the next message of the frame.
func (s *stage) hears() map[string]any {
	s.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		got := s.eval(`window.heard?.length ? JSON.stringify(heard.shift()) : ''`)
		if got == "" {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal([]byte(got), &m); err != nil {
			s.Fatal(err)
		}
		return m
	}
	s.Fatal("the frame said nothing")
	return nil
}

func (s *stage) silent() {
	s.Helper()
	time.Sleep(200 * time.Millisecond)
	if got := s.eval(`JSON.stringify(heard)`); got != "[]" {
		s.Errorf("the frame says %s", got)
	}
}

func (s *stage) tells(m map[string]any) {
	s.Helper()
	b, err := json.Marshal(m)
	if err != nil {
		s.Fatal(err)
	}
	s.eval(`tell(` + string(b) + `), ''`)
}

// tap presses a real button inside the frame, which is another origin: by the mouse, where it stands.
func (s *stage) tap(words string) {
	s.Helper()
	x, y := s.find(words)
	for _, typ := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		call(s, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: typ, X: x, Y: y, Button: "left", ClickCount: 1})
	}
}

// find looks for words inside the frame (a same-site frame shares the tab's process) and returns their middle.
func (s *stage) find(words string) (x, y float64) {
	s.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var got struct {
			Words string
			X, Y  float64
		}
		for _, v := range s.inFrame(`JSON.stringify([...document.querySelectorAll('button')].map((b) => { const r = b.getBoundingClientRect(); return {Words: b.innerText, X: r.x + r.width / 2, Y: r.y + r.height / 2}; }))`) {
			if json.Unmarshal(v, &got) == nil && got.Words == words {
				off := s.eval(`(() => { const r = document.querySelector('iframe').getBoundingClientRect(); return JSON.stringify([r.x + 2, r.y + 2]); })()`)
				var at [2]float64
				if err := json.Unmarshal([]byte(off), &at); err != nil {
					s.Fatal(err)
				}
				return got.X + at[0], got.Y + at[1]
			}
		}
	}
	s.Fatalf("no button %q in the frame; it shows %s", words, s.frameText())
	return 0, 0
}

func (s *stage) frameText() string {
	s.Helper()
	var text string
	for _, v := range s.inFrame(`JSON.stringify([document.body.innerText])`) {
		_ = json.Unmarshal(v, &text)
	}
	return text
}

// inFrame evaluates a script that gives a JSON array in the frame's own world.
func (s *stage) inFrame(js string) []json.RawMessage {
	s.Helper()
	s.mu.Lock()
	id := s.world
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	text, err := evalIn(ctx, id, js)
	if err != nil {
		return nil // the frame is loading
	}
	var all []json.RawMessage
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		s.Fatal(err)
	}
	return all
}

func TestFrameFetches(t *testing.T) {
	s := framed(t)
	l := s.Host.direct("/l/summary", []byte(summary))
	host := strings.TrimPrefix(s.Host.URL, "http://")
	s.tells(map[string]any{"potli": "fetch", "id": 7, "url": l.Payload["url"], "flag": "U", "recipient": "Asha", "passcode": ""})
	s.find("Fetch from " + host)
	if got := s.inFrame(`(document.querySelector('#go').click(), document.querySelector('#go').dispatchEvent(new MouseEvent('click', {bubbles: true})), '[]')`); len(got) != 0 {
		t.Error(got)
	}
	s.silent()
	if got := s.asked(); len(got) != 0 {
		t.Fatalf("a script's click was enough: %v", got)
	}
	s.tap("Fetch from " + host)
	got := s.hears()
	files, _ := got["files"].([]any)
	if got["potli"] != "fetched" || got["id"] != 7.0 || len(files) != 1 {
		t.Fatalf("the frame says %v", got)
	}
	if jwe := files[0].(map[string]any)["jwe"].(string); strings.Count(jwe, ".") != 4 {
		t.Errorf("not a JWE: %.80s", jwe)
	}
	if got := s.asked(); len(got) != 1 || got[0] != "GET /l/summary?recipient=Asha" {
		t.Errorf("asked %v", got)
	}
}

func TestFrameCancel(t *testing.T) {
	s := framed(t)
	s.tells(map[string]any{"potli": "fetch", "id": "a", "url": s.Host.URL + "/l/x", "flag": "U", "recipient": "Asha"})
	s.tap("Cancel")
	if got := s.hears(); got["potli"] != "failed" || got["code"] != "cancelled" || got["id"] != "a" {
		t.Errorf("the frame says %v", got)
	}
	if got := s.asked(); len(got) != 0 {
		t.Errorf("asked %v", got)
	}
}

// A wrong passcode is told with what is left; another try needs no other tap, another address does.
func TestFramePasscode(t *testing.T) {
	s := framed(t)
	l := s.Host.link("/m/p", "P")
	s.Host.handle("/m/p", func(w http.ResponseWriter, r *http.Request) {
		if s.Host.last().Body["passcode"] != "right" {
			problem(w, 401, map[string]any{"remainingAttempts": 4})
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"status": "can-change", "files": []map[string]any{{"contentType": fhirType, "embedded": l.seal([]byte(summary), fhirType, false)}}})
	})
	ask := func(id int, path, passcode string) {
		s.tells(map[string]any{"potli": "fetch", "id": id, "url": s.Host.URL + path, "flag": "P", "recipient": "Asha", "passcode": passcode})
	}
	ask(1, "/m/p", "wrong")
	s.tap("Fetch from " + strings.TrimPrefix(s.Host.URL, "http://"))
	if got := s.hears(); got["code"] != "passcode" || got["remaining"] != 4.0 {
		t.Fatalf("the frame says %v", got)
	}
	ask(2, "/m/p", "right")
	if got := s.hears(); got["potli"] != "fetched" || got["id"] != 2.0 || got["status"] != "can-change" {
		t.Fatalf("the frame says %v", got)
	}
	ask(3, "/m/other", "right")
	s.silent()
}

func TestFrameFailures(t *testing.T) {
	s := framed(t)
	host := strings.TrimPrefix(s.Host.URL, "http://")
	for path, status := range map[string]int{"/gone": 404, "/busy": 429, "/no": 500} {
		s.Host.handle(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "9")
			problem(w, status, nil)
		})
	}
	s.Host.handle("/off", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	s.Host.handle("/big", func(w http.ResponseWriter, r *http.Request) {
		for range 27 {
			w.Write(make([]byte, 1<<20))
		}
	})
	for path, want := range map[string]string{"/gone": "gone", "/busy": "busy", "/no": "refused", "/off": "offline", "/big": "too-big"} {
		s.tells(map[string]any{"potli": "fetch", "id": path, "url": s.Host.URL + path, "flag": "U", "recipient": "Asha"})
		s.tap("Fetch from " + host)
		if got := s.hears(); got["code"] != want || got["id"] != path || (want == "busy" && got["retryAfter"] != 9.0) {
			t.Errorf("%s: the frame says %v", path, got)
		}
	}
	for _, url := range []string{"http://far.invalid/l", "javascript:alert(1)", "https://user@far.invalid/", "", "data:text/html,x"} {
		s.tells(map[string]any{"potli": "fetch", "id": url, "url": url, "flag": "U", "recipient": "Asha"})
		if got := s.hears(); got["code"] != "refused" || got["id"] != url {
			t.Errorf("%s: the frame says %v", url, got)
		}
	}
}

// Hostile words of a wallet that was taken over, or of a link, stay words.
func TestFrameHostileWords(t *testing.T) {
	s := framed(t)
	for _, x := range payloads(t) {
		for _, m := range []map[string]any{
			{"potli": "fetch", "id": x, "url": s.Host.URL + "/" + x, "flag": x, "recipient": "r" + x, "passcode": x},
			{"potli": "language", "tag": x},
			{"potli": x},
		} {
			s.tells(m)
		}
		for _, v := range s.inFrame(strings.ReplaceAll(`JSON.stringify([CLEAN])`, "CLEAN", clean)) {
			if string(v) != `""` {
				t.Errorf("%.60q: %s", x, v)
			}
		}
	}
	if got := s.asked(); len(got) != 0 {
		t.Errorf("asked %v", got)
	}
}

// Only the wallet that frames it is heard.
func TestFrameHearsOnlyTheWallet(t *testing.T) {
	s := newStage(t)
	s.run(chromedp.Navigate(s.Viewer + "/frame.html"))
	time.Sleep(300 * time.Millisecond)
	s.eval(`postMessage({potli: 'fetch', id: 1, url: '` + s.Host.URL + `/x', flag: 'U', recipient: 'Asha'}, '*'), ''`)
	time.Sleep(200 * time.Millisecond)
	if got := s.eval(`document.body.innerText`); !strings.Contains(got, "works only inside the Potli wallet") {
		t.Errorf("unframed, it shows %q", got)
	}
	s.run(chromedp.Navigate(s.App + "/"))
	if got := s.hears(); got["potli"] != "ready" {
		t.Fatalf("the frame says %v", got)
	}
	// From the right origin, but not from the parent: the frame's own window speaks to itself with the viewer's origin.
	s.inFrame(`(postMessage({potli: 'fetch', id: 1, url: '` + s.Host.URL + `/x', flag: 'U', recipient: 'Asha'}, '*'), '[]')`)
	time.Sleep(200 * time.Millisecond)
	if got := s.frameText(); !strings.Contains(got, "Waiting for the wallet") {
		t.Errorf("it shows %q", got)
	}
}

func TestFrameShowsPDF(t *testing.T) {
	s := framed(t)
	pdf := fmt.Sprintf("%v", smallPDF("Hello"))
	pdf = strings.ReplaceAll(pdf, " ", ",")
	s.eval(`tell({potli: 'show', id: 5, type: 'application/pdf', name: '../../evil.html\u202e', bytes: new Uint8Array(` + pdf + `).buffer}), ''`)
	if got := s.hears(); got["potli"] != "shown" || got["id"] != 5.0 {
		t.Fatalf("the frame says %v", got)
	}
	got := s.inFrame(`JSON.stringify([document.querySelector('iframe').src.slice(0, 5), document.querySelector('a').download])`)
	if len(got) != 2 || string(got[0]) != `"blob:"` || string(got[1]) != `"evil.pdf"` {
		t.Errorf("shown as %s", got)
	}
	if dir := os.Getenv("POTLI_SHOTS"); dir != "" {
		time.Sleep(2 * time.Second)
		os.WriteFile(filepath.Join(dir, "frame-pdf.png"), take(s, chromedp.CaptureScreenshot()), 0o644)
	}
	for _, m := range []string{
		`{potli: 'show', id: 6, type: 'text/html', name: 'x', bytes: new TextEncoder().encode('%PDF-<script>alert(1)</script>').buffer}`,
		`{potli: 'show', id: 6, type: 'application/pdf', name: 'x', bytes: new TextEncoder().encode('<script>alert(1)</script>').buffer}`,
		`{potli: 'show', id: 6, type: 'application/pdf', name: 'x', bytes: '%PDF-'}`,
	} {
		s.eval(`tell(` + m + `), ''`)
		if got := s.hears(); got["potli"] != "failed" || got["code"] != "refused" || got["id"] != 6.0 {
			t.Errorf("%s: the frame says %v", m, got)
		}
	}
}
