package viewer_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"potli/app/consent"
	"potli/app/inbox"
	"potli/app/message"
	"potli/app/message/messagetest"
	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/crypto/jose"
	"potli/crypto/jose/josetest"
)

// patient answers requests as a wallet does, by the wallet's own packages.
type patient struct {
	*counter
	q           *consent.Request
	grant       *consent.Grant
	device      *jose.Signer
	certificate string
	previous    string
}

// asked is a person who scanned the code that the desk shows.
func (c *counter) asked(link string) *patient {
	c.Helper()
	text, err := consent.ParseAsk(link)
	if err != nil {
		c.Fatal(err)
	}
	p := &patient{counter: c, device: josetest.EdDSA("device")}
	if p.q, err = consent.Parse(text, time.Now()); err != nil {
		c.Fatal(err)
	}
	if p.certificate, err = consent.Certify(josetest.EdDSA("user"), 1, "meera", "phone", p.device.Public(), time.Now()); err != nil {
		c.Fatal(err)
	}
	return p
}

func (p *patient) allow(choice consent.Choice) {
	p.Helper()
	id, err := consent.NewID(nil)
	if err == nil {
		p.grant, err = p.q.Allow(id, "asha", choice, "", time.Now())
	}
	if err != nil {
		p.Fatal(err)
	}
}

func (p *patient) receipt(state consent.EventKind, given ...consent.Given) string {
	p.Helper()
	r := consent.Receipt{State: state, Issued: time.Now().UTC().Truncate(time.Second), Terms: *p.grant, Notice: p.q.Notice, Principal: "Asha Sample", Documents: given,
		Actor: consent.Actor{User: "meera", Device: "phone", Name: "Meera Sample", Authority: "guardian"}, Previous: p.previous}
	jws, err := r.Sign(p.device, p.certificate)
	if err != nil {
		p.Fatal(err)
	}
	p.previous = consent.Hash([]byte(jws))
	return jws
}

// sends puts a message into the mailbox of the request.
func (p *patient) sends(typ message.Type, edit func(*message.Message)) *message.Message {
	p.Helper()
	m, err := message.New(typ, p.q.Reply.ID, message.Sender{Name: "Asha"}, time.Now(), nil)
	if err != nil {
		p.Fatal(err)
	}
	m.Re = p.q.ID
	edit(m)
	key, err := base64.RawURLEncoding.DecodeString(p.q.Reply.Key)
	if err != nil {
		p.Fatal(err)
	}
	sealed, err := message.SealKey(messagetest.Pack(p, m, nil), key, rand.Reader)
	if err != nil {
		p.Fatal(err)
	}
	entry, _ := consent.NewID(nil)
	if err := relayclient.New(p.q.Reply.Relay, direct.HTTP{}, nil).Deposit(context.Background(), p.q.Reply.ID, entry, sealed); err != nil {
		p.Fatal(err)
	}
	return m
}

// is waits until the request on the screen stands so.
func (c *counter) is(attributes string) {
	c.Helper()
	c.run(chromedp.WaitVisible(chromedp.CSS(`#ask-state` + attributes)))
}

// asks makes the code of a request on the desk and returns its link.
func (c *counter) asks(about string) string {
	c.Helper()
	c.run(chromedp.Click(chromedp.CSS("#desk-new")))
	c.look("desk-new")
	c.run(chromedp.SendKeys(chromedp.CSS("#about"), about), chromedp.Click(chromedp.CSS("#desk-ask")))
	c.look("desk-one")
	return c.eval(`document.querySelector('#ask-link').value`)
}

const report = `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","name":[{"text":"Asha Sample"}]}},` +
	`{"resource":{"resourceType":"Observation","status":"final","code":{"text":"Haemoglobin"},"valueString":"Eleven point five"}}]}`

// look judges a page of the desk as people see it who need it large, on a small and dark screen (A1–A3, A8).
func (c *counter) look(state string) {
	c.Helper()
	c.state(state)
	c.eval(`(() => { const s = new CSSStyleSheet(); s.replaceSync(':root{font-size:200% !important}'); document.adoptedStyleSheets = [s]; for (const d of document.querySelectorAll('main > details, form > details')) d.open = true; return ''; })()`)
	if got := c.eval(`document.documentElement.scrollWidth > innerWidth ? 'scrolls to ' + document.documentElement.scrollWidth : ''`); got != "" {
		c.Errorf("%s: %s", state, got)
	}
	if got := c.eval(`[...document.querySelectorAll('button, a[href], input:not([type=radio], [type=checkbox]), .tick, select, summary, textarea')].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 47.9).map((e) => e.id + ' ' + e.innerText + e.getBoundingClientRect().height).join('; ')`); got != "" {
		c.Errorf("%s: too small to hit: %.300s", state, got)
	}
	if got := c.eval(`String(document.querySelectorAll('h1').length) + (document.activeElement === document.body)`); got != "1false" {
		c.Errorf("%s: h1 and focus: %s", state, got)
	}
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		c.Log("axe-core is not installed here; its rules are not checked")
		return
	}
	c.run(chromedp.Evaluate[chromedp.Void](string(axe)))
	if got := c.eval(`axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120) + ' ' + n.failureSummary).slice(0, 3).join(' | ')).join('\n'))`); got != "" {
		c.Errorf("%s: axe says\n%s", state, got)
	}
}

// A clinic's desk from its first day: it gets a name and a key, asks, is given less than it asked, may only read it, says
// that it has the receipt, and loses what is taken back. Of the person nothing stays.
func TestDesk(t *testing.T) {
	c := newCounter(t)
	call(c.stage, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 320, Height: 740, DeviceScaleFactor: 1})
	call(c.stage, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	c.to(c.Viewer+"/clinic", "desk-setup")
	c.look("desk-setup")
	c.run(chromedp.SendKeys(chromedp.CSS("#clinic-name"), "City <b>Clinic"), chromedp.SendKeys(chromedp.CSS("#clinic-hfr"), "IN2710000000"),
		chromedp.SendKeys(chromedp.CSS("#clinic-origin"), "no address"), chromedp.Click(chromedp.CSS("#desk-save")))
	c.alerts("not the address of a website")
	c.speaks("hi") // what was typed stays
	c.speaks("en")
	c.eval(`document.querySelector('#clinic-origin').value = ''`)
	c.run(chromedp.Click(chromedp.CSS("#desk-save")))
	c.state("desk-list")
	p := c.asked(c.asks("Token 12"))
	c.is(`[data-state="waiting"]`)
	if q := p.q; !q.Signed() || q.From.Name != "City <b>Clinic" || q.From.IDs[0].Value != "IN2710000000" || q.About != "Token 12" || q.After != consent.View || q.Reply.Key == "" || q.Notice.Text == "" {
		t.Errorf("the wallet reads %+v", q)
	}

	// The person shows a code of their own instead: the request goes in there.
	c.eval("document.querySelector('#drop-link').value = `" + c.shows(nil) + "`")
	c.run(chromedp.Click(chromedp.CSS("#drop-put")), chromedp.WaitVisible(chromedp.CSS(`#ask-state[data-sent="Asha <b>S."]`)))
	if m := c.came(1)[0]; m.Type != message.Request || m.Request != p.q.Text || m.Signer != p.q.From.Key || m.From.Name != p.q.From.Name {
		t.Errorf("into the person's inbox went %+v", m)
	}

	// Somebody saw the code and plays the person: nothing of it counts.
	p.sends(message.Revoked, func(*message.Message) {})
	p.sends(message.Delivery, func(m *message.Message) { m.Text = "hello" })
	c.run(chromedp.WaitVisible(chromedp.CSS(`#ask-state[data-state="waiting"] #desk-odd[data-codes="receipt-damaged receipt-damaged"]`)))

	c.shows(func(terms *inbox.Terms) { terms.Kinds = []message.Type{message.Receipt} })
	reply, err := c.drop.Link(c.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	p.allow(consent.Choice{Kinds: []consent.Kind{consent.Report}})
	granted := p.receipt(consent.Granted)
	p.sends(message.Answer, func(m *message.Message) { m.Receipt, m.Reply = granted, reply })
	c.is(`[data-state="narrowed"][data-counter="sent"]`)
	c.wants("Asha Sample", "less than was asked")
	if m := c.came(1)[0]; m.Type != message.Receipt || m.Signer != p.q.From.Key {
		t.Errorf("a countersignature in %+v", m)
	} else if got, err := consent.CheckCountersigned(granted, m.Receipt); err != nil || got.From.Key != p.q.From.Key {
		t.Errorf("countersigned: %+v, %v", got, err)
	}

	doc := func(name, typ, body string) message.Document {
		d, err := message.Attach(name, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	given := func(d message.Document) consent.Given {
		return consent.Given{SHA256: consent.Hash(d.Body), Bytes: len(d.Body), Type: d.Type}
	}
	blood, scan := doc("blood.json", "", report), doc("scan.pdf", "", string(messagetest.PDF))
	delivered := p.receipt(consent.Delivered, given(blood), given(scan))
	p.sends(message.Delivery, func(m *message.Message) {
		m.Receipt, m.Documents = delivered, []message.Document{blood, doc("slipped in.json", "", strings.Replace(report, "Asha", "Ravi", 1))}
	})
	p.sends(message.Delivery, func(m *message.Message) { m.Receipt, m.Documents = delivered, []message.Document{scan} })
	c.is(`[data-papers="2"]`)
	c.wants("Haemoglobin", "Eleven point five", "scan.pdf", "read this and not keep it", "A document is not one that the receipt names")
	if text := c.text(); strings.Contains(text, "Ravi") || c.eval(`String(document.querySelectorAll('a[download][href^=blob]').length + document.querySelectorAll('#desk-print').length)`) != "1" { // of the receipt
		t.Errorf("what may only be read can be kept, or what no receipt names is shown:\n%s", text)
	}
	c.look("desk-one")
	c.checksReceipt(granted)

	ended := p.receipt(consent.Revoked)
	p.sends(message.Revoked, func(m *message.Message) { m.Receipt = ended })
	c.is(`[data-state="revoked"][data-papers="0"]`)
	c.wants("taken back", "2 documents were taken off this screen")
	if strings.Contains(c.eval(`document.documentElement.outerHTML`), "Haemoglobin") {
		t.Error("what was taken back is still on the page")
	}
	c.keepsNameAlone()
}

// checksReceipt checks a receipt on the desk's own page, without network, and comes back.
func (c *counter) checksReceipt(jws string) {
	c.Helper()
	c.run(chromedp.Click(chromedp.CSS("#desk-back")))
	c.state("desk-list")
	c.run(chromedp.Click(chromedp.CSS("#desk-check")))
	c.state("desk-check")
	for _, text := range []string{jws[:len(jws)-20] + "A" + jws[len(jws)-19:], jws} {
		want := `.verified[data-good="` + map[bool]string{true: "true", false: "false"}[text == jws] + `"]`
		c.eval(`document.querySelector('#receipt').value = ` + "`" + text + "`" + `, ''`)
		c.run(chromedp.Click(chromedp.CSS("#verify-go")), chromedp.WaitVisible(chromedp.CSS(want)))
	}
	c.look("desk-check")
	c.wants("genuine", "Asha Sample", "Meera Sample, for them (guardian)", "City <b>Clinic · IN2710000000")
	c.run(chromedp.Click(chromedp.CSS("#desk-back")))
	c.look("desk-list")
	c.run(chromedp.Click(chromedp.CSS(`.desk-row`)))
	c.state("desk-one")
}

// keepsNameAlone closes the desk and looks at all that a browser can keep.
func (c *counter) keepsNameAlone() {
	c.Helper()
	before := c.eval(`document.querySelector('#ask-state') ? 'open' : ''`)
	c.to(c.Viewer+"/clinic", "desk-list")
	if before != "open" || c.eval(`String(document.querySelectorAll('.desk-row').length)`) != "0" {
		c.Error("the list came back")
	}
	kept := c.eval(`(async () => {
		const out = { storage: localStorage.length + sessionStorage.length, cookies: document.cookie, caches: await caches.keys(), workers: (await navigator.serviceWorker.getRegistrations()).length,
			state: history.state, name: window.name, url: location.href, dbs: (await indexedDB.databases()).map((d) => d.name) };
		for await (const k of (await navigator.storage.getDirectory()).keys()) out.file = k;
		const db = await new Promise((ok) => { const r = indexedDB.open('potli-desk'); r.onsuccess = () => ok(r.result); });
		out.stores = [...db.objectStoreNames];
		const get = db.transaction('desk').objectStore('desk');
		const all = await new Promise((ok) => { const r = get.getAll(); r.onsuccess = () => ok(r.result); });
		db.close();
		out.rows = all.map(({ name, ids, origin, key, jwk, made, ...more }) => [name, ids.map((i) => i.value), origin, key.privateKey.extractable, typeof made, more]);
		out.secret = await crypto.subtle.exportKey('jwk', all[0].key.privateKey).then(() => 'can be read out', () => 'stays');
		out.d = 'd' in all[0].jwk;
		return JSON.stringify(out);
	})()`)
	want := `{"storage":0,"cookies":"","caches":[],"workers":0,"state":null,"name":"","url":"` + c.Viewer + `/clinic","dbs":["potli-desk"],"stores":["desk"],` +
		`"rows":[["City <b>Clinic",["IN2710000000"],"",false,"number",{}]],"secret":"stays","d":false}`
	if kept != want {
		c.Errorf("kept %s, want %s", kept, want)
	}
	c.run(chromedp.Click(chromedp.CSS("#desk-key")))
	c.look("desk-key") // opens what is folded
	c.run(chromedp.Click(chromedp.CSS("#desk-erase")))
	c.state("desk-setup")
	if dbs := c.eval(`(async () => JSON.stringify(await indexedDB.databases()))()`); dbs != "[]" {
		c.Errorf("kept %s", dbs)
	}
}
