package viewer_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	_ "modernc.org/sqlite"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/relay"
	"potli/relay/sqlstore"
)

// counter is a clinic's counter: the page, a relay, and the inbox of the person in front of it.
type counter struct {
	*stage
	inbox.Inbox
	mail   inbox.Mail
	drop   *inbox.Drop
	bodies [][]byte
	lose   atomic.Bool  // the next answer to a deposit gets lost on its way
	cut    atomic.Bool  // each deposit is cut off in its middle
	cuts   atomic.Int64 // how many were
}

func (c *counter) Keep(_ context.Context, _ *inbox.Drop, a *inbox.Arrival) error {
	if a != nil {
		c.bodies = append(c.bodies, a.Body)
	}
	return nil
}

func newCounter(t *testing.T, languages ...string) *counter {
	t.Helper()
	c := &counter{stage: newStage(t, languages...)}
	db, err := sql.Open("sqlite", sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	store, err := sqlstore.Open(context.Background(), db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	h, err := relay.New(relay.Options{Store: store, Key: [32]byte{1}, PublicURL: c.Host.URL, AppOrigin: c.App, ViewerOrigin: c.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	c.Host.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && c.lose.CompareAndSwap(true, false) {
			h.ServeHTTP(httptest.NewRecorder(), r)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprint(conn, "HTTP/1.1 201 Created\r\nContent-Length: 99\r\nAccess-Control-Allow-Origin: *\r\n\r\n{") // or the browser repeats it by itself
			conn.Close()
			return
		}
		if r.Method == http.MethodPost && c.cut.Load() {
			if n, _ := io.CopyN(io.Discard, r.Body, 300_000); n == 300_000 {
				c.cuts.Add(1)
			}
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	})
	c.mail = relayclient.Drops(relayclient.New(c.Host.URL, direct.HTTP{}, nil))
	return c
}

// shows is the link that a person shows; edit changes the terms.
func (c *counter) shows(edit func(*inbox.Terms)) string {
	c.Helper()
	terms := inbox.Terms{Name: "Asha <b>S.", Relay: c.Host.URL, Life: time.Hour, Most: 5, Bytes: 8 << 20}
	if edit != nil {
		edit(&terms)
	}
	d, err := inbox.NewDrop(terms, time.Now(), nil)
	if err == nil {
		err = d.Open(context.Background(), c.mail, time.Now)
	}
	if err != nil {
		c.Fatal(err)
	}
	c.drop, c.Inbox, c.bodies = d, inbox.Inbox{Drops: []*inbox.Drop{d}}, nil
	link, err := d.Link(c.Viewer)
	if err != nil {
		c.Fatal(err)
	}
	return link
}

// to opens a link as a camera does: in a new page.
func (c *counter) to(link, state string) {
	c.Helper()
	c.run(chromedp.Navigate("about:blank"), chromedp.Navigate(link))
	c.state(state)
}

// came are the messages that are in the inbox now.
func (c *counter) came(want int) (list []*message.Message) {
	c.Helper()
	r, err := c.Collect(context.Background(), c.mail, c.drop, c, time.Now)
	if err != nil || len(c.drop.Refused) > 0 || r.Waits > 0 || len(c.bodies) != want {
		c.Fatalf("%d came, want %d; %+v, refused %v, %v", len(c.bodies), want, r, c.drop.Refused, err)
	}
	for _, b := range c.bodies {
		m, err := message.Parse(b)
		if err != nil {
			c.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

// chooses gives files to the page and waits until it has read them.
func (c *counter) chooses(files map[string][]byte, order ...string) {
	c.Helper()
	dir, paths := c.TempDir(), []string{}
	for _, name := range order {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, files[name], 0o600); err != nil {
			c.Fatal(err)
		}
		paths = append(paths, path)
	}
	c.run(chromedp.SetUploadFiles(chromedp.CSS("#drop-files"), paths))
	for _, name := range order {
		c.run(chromedp.WaitVisible(chromedp.CSS(fmt.Sprintf("#drop-list [data-paper=%q], #drop-list [data-refused=%q]", name, name))))
	}
}

// writes fills a field in, as typing does.
func (c *counter) writes(css, text string) {
	c.Helper()
	c.eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = ''; e.focus(); return ''; })()`, css))
	c.run(chromedp.SendKeys(chromedp.CSS(css), text))
}

func (c *counter) click(css string) {
	c.Helper()
	c.run(chromedp.Click(chromedp.CSS(css)))
}

// network is how many bytes the line takes a second; -1: all.
func (c *counter) network(upload float64) {
	c.Helper()
	conditions := &network.Conditions{DownloadThroughput: -1, UploadThroughput: upload}
	call(c.stage, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{conditions}})
}

// nothing fails when the browser kept anything but the databases of such names.
func (c *counter) nothing(databases ...string) {
	c.Helper()
	kept := c.eval(`(async () => JSON.stringify([localStorage.length, sessionStorage.length, (await indexedDB.databases()).map((d) => d.name).join(), await caches.keys(), history.state, location.href]))()`)
	if want := `[0,0,"` + strings.Join(databases, ",") + `",[],null,"` + c.Viewer + `/drop"]`; kept != want {
		c.Errorf("kept %s, want %s", kept, want)
	}
}

var (
	paperPDF  = append(append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("haemoglobin 13.2\n\x00\xff"), 60_000)...), "startxref\n0\n%%EOF\n"...)
	paperFHIR = []byte(summary)
)

// A visit: a PDF, a FHIR record and a note reach the inbox of the person byte for byte. What the wallet does not keep is
// named, and left out. The answer to the first try gets lost, and nothing arrives twice. Then the next person.
func TestDrop(t *testing.T) {
	c := newCounter(t)
	link := c.shows(nil)
	c.to(link, "drop-form")
	c.wants("Asha <b>S.", "60 minutes more", "5 documents", "8.4 MB")
	if url := c.eval(`location.href`); url != c.Viewer+"/drop" {
		t.Errorf("the address still holds the code: %s", url)
	}
	c.click("#drop-send") // the browser asks for the name
	c.writes("#drop-from", " ")
	c.click("#drop-send")
	c.alerts("Write your name and place first.")
	c.writes("#drop-from", "Dr Rao, City Clinic")
	c.writes("#drop-number", "IN2710000000")
	c.click("#drop-send")
	c.run(chromedp.WaitVisible(chromedp.CSS("[data-fault=drop-nothing]")))
	c.alerts("There is nothing to send yet.")
	c.chooses(map[string][]byte{"report.pdf": paperPDF, "visit.json": paperFHIR, "scan.zip": []byte("PK\x03\x04aaaa")}, "report.pdf", "visit.json", "scan.zip")
	c.wants("report.pdf", "visit.json", "FHIR record", "scan.zip: this is a ZIP archive", "Give 2 documents (1.1 MB)")
	c.click("#drop-note-form")
	c.writes("#drop-complaint", "Cough")
	c.writes("#drop-advice", "तीन दिन बाद फिर आइए")
	c.lose.Store(true)
	c.click("#drop-send")
	c.run(chromedp.WaitVisible(chromedp.CSS("#drop-wait")))
	c.wants("It goes on by itself")
	c.eval(`dispatchEvent(new Event('online')), ''`) // rather than wait
	c.state("drop-done")
	c.wants("Everything has arrived", "report.pdf", "visit.json", "Visit note", "✓ arrived")
	m := c.came(1)[0]
	if m.Signer != "" || m.From.Name != "Dr Rao, City Clinic" || len(m.From.IDs) != 1 || m.From.IDs[0] != (message.Identifier{System: "https://facility.abdm.gov.in", Value: "IN2710000000"}) {
		t.Errorf("from %+v, %q", m.From, m.Signer)
	}
	if len(m.Documents) != 2 || !bytes.Equal(m.Documents[0].Body, paperPDF) || !bytes.Equal(m.Documents[1].Body, paperFHIR) || m.Documents[0].Name != "report.pdf" || m.Documents[0].Fault != nil || m.Documents[1].Fault != nil {
		t.Errorf("other documents arrived: %d", len(m.Documents))
	}
	if m.Text != "Complaint:\nCough\n\nAdvice:\nतीन दिन बाद फिर आइए" {
		t.Errorf("the note is %q", m.Text)
	}
	c.nothing()

	// More for the same person, within what is left of the code.
	c.click("#drop-more")
	c.state("drop-form")
	c.wants("3 documents")
	c.writes("#drop-advice", "Drink water")
	c.click("#drop-send")
	c.state("drop-done")
	if list := c.came(2); list[1].Text != "Advice:\nDrink water" || list[1].From.Name != "Dr Rao, City Clinic" {
		t.Errorf("%+v", list[1])
	}

	// The next one in the queue: nothing of the first is left but who gives. A code is pasted where there is no camera.
	next := c.shows(func(t *inbox.Terms) { t.Name, t.Most = "Ravi", 1 })
	c.click("#drop-clear")
	c.state("drop-start")
	if text := c.eval(`document.body.innerText`); strings.Contains(text, "Asha") || strings.Contains(text, "report.pdf") {
		t.Errorf("of the one before there is still: %s", text)
	}
	c.writes("#drop-link", "Please: "+next+" thanks")
	c.click("#drop-open")
	c.state("drop-form")
	c.wants("Ravi", "1 document,")
	if got := c.eval(`document.querySelector('#drop-from').value + document.querySelectorAll('#drop-list li').length + document.querySelector('#drop-note').value`); got != "Dr Rao, City Clinic0" {
		t.Errorf("the form holds %q", got)
	}
	c.chooses(map[string][]byte{"a.txt": []byte("one note"), "b.txt": []byte("another note")}, "a.txt", "b.txt")
	c.click("#drop-send")
	c.alerts("more documents than the person allows")
	c.click("[data-paper='a.txt'] button")
	c.click("#drop-send")
	c.state("drop-done")
	if m := c.came(1)[0]; string(m.Documents[0].Body) != "another note" {
		t.Errorf("%+v", m.Documents)
	}
	c.nothing()
}

// The browser that is a clinic's desk signs what it gives, without being asked who it is. The code comes by way of the
// page that opens links.
func TestDropSigned(t *testing.T) {
	c := newCounter(t)
	c.run(chromedp.Navigate(c.Viewer + "/"))
	c.state("start")
	key := c.eval(`import('/desk-key.js').then((m) => m.save({name: 'City Clinic', ids: [{system: 'https://facility.abdm.gov.in', value: 'IN2710000000'}], origin: ''})).then((d) => d.signer.public.thumbprint)`)
	c.writes("#link", c.shows(nil))
	c.run(chromedp.Click(submit))
	c.state("drop-form")
	c.wants("Asha <b>S.", "Signed as City Clinic", "IN2710000000")
	c.writes("#drop-note", "Come again on Monday")
	// A photo is let fall on the page, of a kind that only some browsers read: this one is made to.
	c.eval(`(() => {
		const real = createImageBitmap, canvas = new OffscreenCanvas(60, 40);
		canvas.getContext('2d').fillRect(0, 0, 30, 40);
		globalThis.createImageBitmap = () => real(canvas);
		const dataTransfer = new DataTransfer();
		dataTransfer.items.add(new File(['\0\0\0\x18ftypheic\0\0\0\0'], 'IMG_1.HEIC'));
		document.querySelector('.drop-zone').dispatchEvent(new DragEvent('drop', {dataTransfer, cancelable: true}));
		return '';
	})()`)
	c.run(chromedp.WaitVisible(chromedp.CSS("[data-paper='IMG_1.jpg']")))
	c.click("#drop-send")
	c.state("drop-done")
	m := c.came(1)[0]
	if len(m.Documents) != 1 || m.Documents[0].Fault != nil || m.Documents[0].Format != record.FormatJPEG {
		t.Errorf("%+v", m.Documents)
	}
	if m.Signer != key || m.From.Name != "City Clinic" || len(m.From.IDs) != 1 || m.Text != "Come again on Monday" {
		t.Errorf("%+v, want it signed by %s", m, key)
	}
	c.nothing("potli-desk")
}

// The line breaks in the middle of a document, comes back, and the document arrives once. Then somebody stops it in the
// middle, and what did not arrive is still there; and the person takes the code back.
func TestDropOnABadLine(t *testing.T) {
	c := newCounter(t)
	c.to(c.shows(nil), "drop-form")
	c.writes("#drop-from", "Dr Rao")
	c.chooses(map[string][]byte{"report.pdf": paperPDF}, "report.pdf")
	half := func() {
		t.Helper()
		c.eval(`new Promise((done) => { const look = () => { const p = document.querySelector('#drop-progress'); p && p.value > p.max / 20 && p.value < p.max ? done('') : setTimeout(look, 5); }; look(); })`)
	}
	c.cut.Store(true)
	c.click("#drop-send")
	c.run(chromedp.WaitVisible(chromedp.CSS("#drop-wait")))
	c.wants("There is no network.", "Nothing arrives twice.")
	if c.cuts.Load() == 0 {
		t.Error("nothing was cut off in its middle")
	}
	c.cut.Store(false)
	c.eval(`dispatchEvent(new Event('online')), ''`)
	c.state("drop-done")
	if m := c.came(1)[0]; !bytes.Equal(m.Documents[0].Body, paperPDF) || m.Text != "" {
		t.Errorf("%d bytes arrived", len(m.Documents[0].Body))
	}

	c.click("#drop-more")
	c.state("drop-form")
	c.chooses(map[string][]byte{"second.pdf": append([]byte("%PDF-1.7\n"), paperPDF[9:]...)}, "second.pdf")
	c.network(400_000)
	c.click("#drop-send")
	half()
	c.click("#drop-cancel")
	c.state("drop-form")
	c.alerts("You stopped the sending.", "second.pdf")
	c.network(-1)
	if err := c.mail.Close(context.Background(), c.drop.Box()); err != nil {
		t.Fatal(err)
	}
	c.click("#drop-send")
	c.alerts("The person has taken this code back, or it has ended.", "second.pdf")
	c.nothing()
}

// The time of a code runs out while somebody writes. The person gives more time, the code is read again, and what was
// written is still there; under the code of another it is not.
func TestDropProlonged(t *testing.T) {
	c := newCounter(t)
	link := c.shows(nil)
	code, err := inbox.ParseCode(link)
	if err != nil {
		t.Fatal(err)
	}
	ends := time.Now().Add(3 * time.Second)
	c.to(c.Viewer+"/drop#"+coded(code, ends), "drop-form")
	c.writes("#drop-from", "Dr Rao")
	c.writes("#drop-note", "Drink water")
	c.eval(fmt.Sprintf(`new Promise((done) => setTimeout(() => done(''), %d - Date.now()))`, ends.UnixMilli()))
	c.click("#drop-send")
	c.alerts("The time of this code is over. Nothing was sent with it.")
	c.run(chromedp.WaitVisible(chromedp.CSS("#drop-scan")))
	c.eval(fmt.Sprintf(`location.hash = %q`, link[strings.Index(link, "#"):]))
	c.run(chromedp.WaitNotPresent(chromedp.CSS("#drop-fault")))
	c.state("drop-form")
	c.click("#drop-send")
	c.state("drop-done")
	if m := c.came(1)[0]; m.Text != "Drink water" {
		t.Errorf("%+v", m)
	}
	c.click("#drop-more")
	c.state("drop-form")
	c.writes("#drop-note", "For Asha alone")
	c.eval(`location.hash = '#AAAA'`)
	c.run(chromedp.WaitVisible(chromedp.CSS("[data-fault=drop-damaged]")))
	c.wants("Asha")
	if got := c.eval(`document.querySelector('#drop-note').value`); got != "For Asha alone" {
		t.Errorf("a code that was misread took what was written, and left %q", got)
	}
	next := c.shows(func(t *inbox.Terms) { t.Name = "Ravi" })
	c.eval(fmt.Sprintf(`location.hash = %q`, next[strings.Index(next, "#"):]))
	c.run(chromedp.WaitVisible(chromedp.Search(`//dd[@id="drop-name"][.="Ravi"]`)))
	if got := c.eval(`document.querySelector('#drop-note').value`); got != "" {
		t.Errorf("what was written for another goes to Ravi: %q", got)
	}
}

// coded is the fragment of a code that ends at another time.
func coded(c inbox.Code, ends time.Time) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"v":1,"relay":%q,"id":%q,"key":%q,"name":"Asha","exp":%d,"n":1,"max":1000}`,
		c.Relay, c.ID, base64.RawURLEncoding.EncodeToString(c.Key), ends.Unix()))
}

// What cannot be used is said before anybody types.
func TestDropCodesThatAreOver(t *testing.T) {
	c := newCounter(t)
	link := c.shows(nil)
	fragment := link[strings.Index(link, "#")+1:]
	code, err := inbox.ParseCode(link)
	if err != nil {
		t.Fatal(err)
	}
	c.to(c.Viewer+"/drop#"+coded(code, time.Now().Add(-time.Minute)), "drop-over")
	c.alerts("The time of this code is over.")
	c.to(c.Viewer+"/drop#"+fragment[:100], "drop-start")
	c.alerts("This code is damaged or incomplete.")
	c.to(c.Viewer+"/drop#"+base64.RawURLEncoding.EncodeToString([]byte(`{"v":2}`)), "drop-start")
	c.alerts("This code is of a newer kind")
	c.writes("#drop-link", "hello")
	c.click("#drop-open")
	c.run(chromedp.WaitVisible(chromedp.CSS("[data-fault=drop-none]")))
	c.alerts("There is no drop code in this.")
	c.to(c.shows(func(t *inbox.Terms) { t.System = true }), "drop-system")
	c.wants("This code is for a hospital’s program", "Ask the person to make a code for a visit", "potli-clinic drop")
	link = c.shows(nil)
	if err := c.mail.Close(context.Background(), c.drop.Box()); err != nil {
		t.Fatal(err)
	}
	c.to(link, "drop-over")
	c.alerts("The person has taken this code back")
	c.nothing()
}

// A1–A3, A8 for each state of the page.
func TestDropAccess(t *testing.T) {
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Log("axe-core is not installed here; its rules are not checked")
	}
	for _, l := range []struct {
		lang, scheme string
		width        int64
		size         string
	}{{"en", "light", 360, "100%"}, {"hi", "dark", 320, "200%"}} {
		t.Run(l.lang, func(t *testing.T) {
			c := newCounter(t, l.lang)
			c.T = t
			call(c.stage, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: 740, DeviceScaleFactor: 1})
			call(c.stage, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}})
			check := func(state string) {
				t.Helper()
				c.state(state)
				c.eval(`(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(':root{font-size:` + l.size + ` !important}'); document.adoptedStyleSheets = [sheet]; return ''; })()`)
				if got := c.eval(`document.documentElement.scrollWidth > innerWidth ? 'scrolls to ' + document.documentElement.scrollWidth : ''`); got != "" {
					t.Errorf("%s: %s", state, got)
				}
				if got := c.eval(`[...document.querySelectorAll('button, a[href], input:not(.sr), .sr + label, textarea')].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 48).map((e) => e.className + ' ' + e.innerText + e.getBoundingClientRect().height).join('; ')`); got != "" {
					t.Errorf("%s: too small to hit: %.300s", state, got)
				}
				if got := c.eval(`String(document.querySelectorAll('h1').length) + document.querySelectorAll('main').length + (document.activeElement.localName)`); got != "11h1" && got != "11button" {
					t.Errorf("%s: h1, main and focus: %s", state, got)
				}
				if dir := os.Getenv("POTLI_SHOTS"); dir != "" {
					os.WriteFile(filepath.Join(dir, l.lang+"-"+state+".png"), take(c.stage, chromedp.Screenshot(chromedp.CSS("html"))), 0o644)
				}
				if axe == nil {
					return
				}
				c.run(chromedp.Evaluate[chromedp.Void](string(axe)))
				if got := c.eval(`axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120) + ' ' + n.failureSummary).slice(0, 3).join(' | ')).join('\n'))`); got != "" {
					t.Errorf("%s: axe says\n%s", state, got)
				}
			}
			c.to(c.Viewer+"/drop", "drop-start")
			check("drop-start")
			c.to(c.Viewer+"/drop#AAAA", "drop-start")
			check("drop-start")
			c.to(c.shows(func(t *inbox.Terms) { t.System = true }), "drop-system")
			check("drop-system")
			c.to(c.shows(nil), "drop-form")
			c.chooses(map[string][]byte{"a very long name of a report without any space in it, which_goes_on_and_on_and_on_and_on.pdf": paperPDF, "visit.json": paperFHIR, "scan.zip": []byte("PK\x03\x04aaaa")},
				"a very long name of a report without any space in it, which_goes_on_and_on_and_on_and_on.pdf", "visit.json", "scan.zip")
			c.eval(`document.querySelector('h1').focus(), ''`)
			check("drop-form")
			c.writes("#drop-from", "Dr Rao")
			c.network(100_000)
			c.click("#drop-send")
			check("drop-sending")
			c.network(-1)
			check("drop-done")
		})
	}
}
