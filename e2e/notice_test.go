package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// pushed is a page whose service worker gets push messages from the test: the push
// services of browsers' makers are out of reach here.
type pushed struct {
	*page
	b            *browser
	h            *host
	registration serviceworker.RegistrationID
}

func newPushed(t *testing.T) *pushed {
	h, b := newHost(t, hello(t)), newBrowser(t)
	_, err := chromedp.CallBrowser(b.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
		Permission: &cdpbrowser.PermissionDescriptor{Name: "notifications"}, Setting: "granted", Origin: h.url(),
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &pushed{installed(t, b, h), b, h, ""}
	found := make(chan serviceworker.RegistrationID, 100)
	chromedp.Listen(p.ctx, func(ev any) {
		if ev, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			for _, r := range ev.Registrations {
				found <- r.RegistrationID
			}
		}
	})
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, serviceworker.Enable, cdp.Empty{})
		return err
	}))
	p.registration = <-found
	update(p.page, "current") // after the one of renew.js, which takes notices away
	return p
}

func (p *pushed) push(data string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: p.h.url(), RegistrationID: p.registration, Data: data})
		return err
	}))
}

// shown are the notices on the screen, each as language, title and text.
func (p *pushed) shown() []string {
	p.t.Helper()
	return js[[]string](p.page, `navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.map((n) => [n.lang, n.title, n.body].join("|") + JSON.stringify(n.data)))`)
}

func (p *pushed) shows(want ...string) {
	p.t.Helper()
	var got []string
	defer func() {
		if p.t.Failed() {
			p.t.Logf("the screen shows %q", got)
		}
	}()
	eventually(p.t, fmt.Sprintf("notices %q", want), func() bool { got = p.shown(); return slices.Equal(got, want) })
}

// comes pushes until a notice is shown: the browser takes one away behind what it
// answers, and with it the next of the same name; so does renew.js, when it begins.
func (p *pushed) comes(want string) {
	p.t.Helper()
	for range 5 {
		p.push("")
		for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if slices.Equal(p.shown(), []string{want}) {
				return
			}
		}
	}
	p.shows(want)
}

// restWorker ends the service worker; what comes starts it anew.
func (p *pushed) restWorker() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, serviceworker.StopAllWorkers, cdp.Empty{})
		return err
	}))
}

// inWorker runs an expression in the service worker.
func (p *pushed) inWorker(expression string) string {
	p.t.Helper()
	list, err := chromedp.CallBrowser(p.b.ctx, target.GetTargets, target.GetTargetsParams{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, info := range list.TargetInfos {
		if info.Type != "service_worker" {
			continue
		}
		ctx, cancel := chromedp.NewContext(p.b.ctx, chromedp.WithTargetID(info.TargetID))
		defer cancel()
		return js[string](&page{ctx: ctx, t: p.t}, expression)
	}
	p.t.Fatal("no service worker runs")
	return ""
}

const (
	english = `en|Something arrived|Open Potli to see it.null`
	hindi   = `hi|कुछ आया है|देखने के लिए पोटली खोलें।null`
)

// A push message makes one notice in the person's language, which says neither
// what arrived nor from whom, whatever a push service puts into it.
func TestNotice(t *testing.T) {
	t.Parallel()
	p := newPushed(t)
	p.comes(english)
	p.push(`{"title":"Asha Devi","body":"HIV positive"}`)
	p.push("Asha Devi")
	p.shows(english)

	js[bool](p.page, `(document.documentElement.lang = "hi", true)`)
	eventually(t, "the worker knows the language", func() bool {
		return js[string](p.page, `caches.open("potli-state").then((c) => c.match("/language")).then((r) => r?.text() ?? "")`) == "hi"
	})
	// What the worker knows outlives it.
	p.restWorker()
	p.push("")
	p.shows(hindi)

	// Who opens the wallet needs no notice any more.
	update(p.page, "current")
	p.shows()
	p.quiet()
}

// A tap on a notice leads to the inbox: in the wallet that is open, without loading
// it anew, and not out of a form; else in a new one.
//
// Chromium without a screen has no notices that could be tapped, and lets only a
// real tap open a window or bring one to the front: so the event is made here, and
// the two calls are looked at instead of done.
func TestNoticeTapped(t *testing.T) {
	t.Parallel()
	p := newPushed(t)
	p.comes(english)
	tap := func() string {
		return p.inWorker(`(async () => {
			const did = [];
			clients.openWindow = async (path) => void did.push("opened " + path);
			WindowClient.prototype.focus = async function () { did.push("focused " + new URL(this.url).pathname); return this; };
			const [n] = await registration.getNotifications();
			const event = new NotificationEvent("notificationclick", {notification: n});
			let held;
			Object.defineProperty(event, "waitUntil", {value: (p) => { held = p; }});
			dispatchEvent(event);
			await held;
			return did.join(", ");
		})()`)
	}
	js[bool](p.page, `(window.went = "", window.goappNav = (path) => { window.went = path; }, true)`)
	if got := tap(); got != "focused /" {
		t.Errorf("with the wallet open: %q", got)
	}
	p.until("the wallet turns to its inbox", `window.went === "/inbox"`)
	p.shows()

	p.comes(english)
	js[bool](p.page, `(() => { window.went = ""; const f = document.createElement("form"); f.className = "form"; document.body.append(f); return true; })()`)
	js[bool](p.page, `(window.heard = 0, navigator.serviceWorker.addEventListener("message", () => window.heard++), true)`)
	if got := tap(); got != "focused /" {
		t.Errorf("with a form open: %q", got)
	}
	p.until("the page hears of the tap", `window.heard > 0`)
	if got := js[string](p.page, `window.went`); got != "" {
		t.Errorf("a form was left for %s", got)
	}
	p.shows() // or the next one, which takes the place of this, is taken away with it

	p.comes(english)
	p.visit("about:blank")
	if got := tap(); got != "opened /inbox" {
		t.Errorf("with no wallet open: %q", got)
	}
}
