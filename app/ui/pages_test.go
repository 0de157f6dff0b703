package ui_test

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"potli/app/share"
	"potli/app/ui"
	"potli/app/wallet"
)

func same(s string) string { return s }

// draw shows a path of a wallet as the browser would be told to.
func draw(t *testing.T, d *door, tag, path string) (*element, *device) {
	t.Helper()
	return drawIn(t, d, tag, path, nil)
}

var paths = []string{
	"/", "/add", "/receive", "/scan", "/trends", "/trends/chart", "/trends/chart#" + sugarKey, "/trends/chart#" + pressureKey, "/photograph", "/record/r1", "/record/r2", "/record/r3", "/record/r4", "/record/none", "/counter", "/install", "/write", "/write/pressure", "/write/medicine", "/write/allergy", "/write/visit", "/write/horoscope", "/correct/r1", "/show", "/show/r1", "/send", "/send/r1", "/hand", "/hand/r1", "/film", "/emergency", "/emergency/print", "/export", "/export/r1",
	"/code/s1", "/code/s2", "/code/s3", "/code/none", "/shared", "/shared/s1", "/shared/s2", "/shared/s3", "/shared/s4", "/shared/s5",
	"/shared/s6", "/shared/s7", "/shared/s8", "/shared/none", "/settings", "/settings/people", "/settings/people/p1",
	"/settings/people/p2", "/settings/people/p3", "/settings/people/none", "/settings/words", "/settings/ways", "/settings/recovery",
	"/settings/recovery/kit", "/settings/recovery/contacts",
	"/settings/backup", "/settings/wipe", "/settings/devices", "/settings/link", "/handover/p1", "/handover/p2", "/handover/p3", "/handover/none", "/holder/p2", "/holder/p3", "/holder/none", "/invite/p2", "/invite/p3", "/invite/none", "/carers/p2", "/carers/p3", "/carers/none", "/join", "/about", "/release", "/privacy", "/settings/left", "/settings/storage", "/nowhere",
}

// scenes are every page in every phase.
func scenes() map[string]func(say func(string) string) (*door, string) {
	out := map[string]func(say func(string) string) (*door, string){}
	maps.Copy(out, consentScenes())
	for _, path := range append(paths, inboxPaths...) {
		out["open"+path] = func(say func(string) string) (*door, string) { return world(say), path }
	}
	for _, phase := range []wallet.Phase{wallet.PhaseLoading, wallet.PhaseNew, wallet.PhaseLocked, wallet.PhaseElsewhere, wallet.PhaseCleared, wallet.PhaseBroken} {
		for _, path := range []string{"/", "/create", "/restore", "/device", "/about", "/release", "/privacy", "/record/r1"} {
			out[string(phase)+path] = func(func(string) string) (*door, string) {
				return &door{snap: &wallet.Snapshot{Phase: phase}}, path
			}
		}
	}
	for _, path := range []string{"/", "/emergency", "/emergency/print"} {
		out["card"+path] = func(say func(string) string) (*door, string) { return carded(say), path }
	}
	for _, other := range []bool{false, true} {
		out["health "+strconv.FormatBool(other)+"/add"] = func(say func(string) string) (*door, string) {
			d := world(say)
			d.snap.Health = healthExport(say)
			d.snap.Health.Other = other
			return d, "/add"
		}
	}
	out["demo/"] = func(say func(string) string) (*door, string) {
		d := world(say)
		d.snap.Demo, d.snap.Offline, d.snap.Import = true, true, nil
		return d, "/"
	}
	for _, path := range []string{"/", "/settings/people"} {
		out["old"+path] = func(say func(string) string) (*door, string) {
			d := world(say)
			d.snap.People[0].Kin, d.snap.People[1].Kin = "", ""
			return d, path
		}
	}
	out["empty/"] = func(say func(string) string) (*door, string) {
		d := world(say)
		d.snap.Records, d.snap.Shares, d.timeline = 0, nil, wallet.Timeline{}
		return d, "/"
	}
	out["empty/shared"] = func(say func(string) string) (*door, string) {
		d := world(say)
		d.snap.Shares = nil
		return d, "/shared"
	}
	for name, ways := range map[string][]wallet.Way{
		"passkey": {{Method: wallet.MethodPasskey, Added: now}}, "quick": {{Method: wallet.MethodQuick, Added: now}},
		"both ways": {{Method: wallet.MethodQuick, Added: now}, {Method: wallet.MethodPasskey, Added: now}},
	} {
		out[name+"/"] = func(func(string) string) (*door, string) {
			return &door{snap: &wallet.Snapshot{Phase: wallet.PhaseLocked, Ways: ways}}, "/"
		}
		out[name+"/settings/ways"] = func(say func(string) string) (*door, string) {
			d := world(say)
			d.snap.Ways = ways
			return d, "/settings/ways"
		}
	}
	for _, path := range []string{"/settings/devices", "/"} {
		for _, trouble := range []wallet.DeviceTrouble{"", wallet.DeviceShutOut, wallet.DeviceSplit, wallet.DeviceRefused} {
			out["devices "+string(trouble)+path] = func(say func(string) string) (*door, string) {
				d := deviceWorld(say)
				d.snap.Trouble, d.snap.Newcomers = trouble, d.devices[1:2]
				return d, path
			}
		}
	}
	for _, path := range []string{"/", "/inbox", "/inbox/ia", "/drop", "/drop/code#d1", "/settings"} {
		out["nothing came"+path] = func(say func(string) string) (*door, string) {
			d := world(say)
			d.snap.Inbox, d.letters, d.fault = nil, letters{}, share.ErrOffline
			return d, path
		}
	}
	for _, state := range []wallet.Notify{wallet.NotifyNone, wallet.NotifyOn, wallet.NotifyDenied} {
		out["notices "+string(state)+"/settings"] = func(say func(string) string) (*door, string) {
			d := world(say)
			d.snap.Inbox.Notify = state
			return d, "/settings"
		}
	}
	out["demo/settings/ways"] = func(say func(string) string) (*door, string) {
		d := world(say)
		d.snap.Demo = true
		return d, "/settings/ways"
	}
	for _, phase := range []wallet.Phase{wallet.PhaseNew, wallet.PhaseCleared} {
		for _, path := range []string{"/", "/create", "/restore", "/device"} {
			out["tab "+string(phase)+path] = func(func(string) string) (*door, string) {
				return &door{snap: &wallet.Snapshot{Phase: phase}, tab: true}, path
			}
		}
	}
	for name, f := range map[string]wallet.FolderState{
		"no folder": {Can: true}, "folder": {Can: true, Name: "USB stick", Allowed: true, Last: now},
		"folder asks": {Can: true, Name: "USB stick", Last: now}, "folder gone": {Can: true, Name: "USB stick", Allowed: true, Err: wallet.ErrFolder},
	} {
		for _, path := range []string{"/", "/settings/backup"} {
			out[name+path] = func(say func(string) string) (*door, string) {
				d := world(say)
				d.snap.Folder, d.snap.LastVerified, d.snap.Kit = f, now, wallet.KitState{Made: now, Typed: now, Opened: now}
				return d, path
			}
		}
	}
	for _, path := range []string{"/", "/add", "/record/r1", "/show", "/send", "/export", "/code/s1", "/code/s3", "/settings/people/p2"} {
		out["acting"+path] = func(say func(string) string) (*door, string) { return acting(say), path }
	}
	for _, path := range []string{"/record/r1", "/show", "/send", "/shared/s1", "/settings/people/p2"} {
		out["fault"+path] = func(say func(string) string) (*door, string) {
			d := world(say)
			d.fault = wallet.ErrLocked
			return d, path
		}
	}
	return out
}

// TestPages draws every page in every phase and language and holds it against the rules that need no browser.
func TestPages(t *testing.T) {
	for name, scene := range scenes() {
		for _, tag := range []string{"en", "hi"} {
			t.Run(name+" "+tag, func(t *testing.T) {
				d, path := scene(same)
				d.snap.Settings.Language = tag
				page, dev := draw(t, d, tag, path)
				checkWords(t, page)
				checkOutline(t, page)
				checkControls(t, page)
				checkSafety(t, page)
				checkFields(t, page)
				if !strings.Contains(dev.title, "–") || dev.lang != tag {
					t.Errorf("title %q, language %q", dev.title, dev.lang)
				}
			})
		}
	}
}

// checkWords finds keys that no catalogue knew, and arguments that were not filled.
func checkWords(t *testing.T, page *element) {
	t.Helper()
	for _, line := range strings.Split(page.words(), "\n") {
		first, rest, dotted := strings.Cut(line, ".")
		if dotted && first != "" && rest != "" && !strings.ContainsAny(line, " /@") && strings.ToLower(line) == line &&
			strings.Trim(first, "abcdefghijklmnopqrstuvwxyz") == "" && !fileName(line) {
			t.Errorf("no message for %q", line)
		}
		if strings.ContainsAny(line, "{}") {
			t.Errorf("not filled: %q", line)
		}
	}
}

func fileName(s string) bool {
	for _, end := range []string{".pdf", ".json", ".age", ".example", ".png"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

// checkOutline: one h1, named for the focus; one main; ids once.
func checkOutline(t *testing.T, page *element) {
	t.Helper()
	if h1 := page.all("h1"); len(h1) != 1 || h1[0].attrs["id"] != "title" || strings.TrimSpace(h1[0].words()) == "" {
		t.Errorf("%d h1, want one with words and id title", len(h1))
	}
	if n := len(page.all("main")); n != 1 {
		t.Errorf("%d main", n)
	}
	ids := map[string]bool{}
	page.walk(func(e *element) {
		id := e.attrs["id"]
		if id != "" && ids[id] {
			t.Errorf("id %q twice", id)
		}
		ids[id] = true
	})
}

// checkControls: everything that can be used has a name.
func checkControls(t *testing.T, page *element) {
	t.Helper()
	labelled := map[string]bool{}
	for _, l := range page.all("label") {
		labelled[l.attrs["for"]] = strings.TrimSpace(l.words()) != ""
	}
	page.walk(func(e *element) {
		switch e.tag {
		case "input", "select", "textarea":
			if _, hidden := e.attrs["aria-hidden"]; !hidden && !labelled[e.attrs["id"]] {
				t.Errorf("<%s id=%q> has no label", e.tag, e.attrs["id"])
			}
			if hint := e.attrs["id"] + "-hint"; page.id(hint) != nil && e.attrs["aria-describedby"] != hint {
				t.Errorf("<%s id=%q> does not read its hint", e.tag, e.attrs["id"])
			}
		case "button", "a", "summary", "legend", "h2", "h3":
			if strings.TrimSpace(e.words()) == "" {
				t.Errorf("<%s class=%q> has no words", e.tag, e.attrs["class"])
			}
		case "img", "iframe", "progress", "meter":
			if first(e.attrs["alt"], e.attrs["title"], e.attrs["aria-label"]) == "" {
				t.Errorf("<%s> has no name", e.tag)
			}
		case "svg":
			if _, hidden := e.attrs["aria-hidden"]; !hidden && (e.attrs["role"] != "img" || e.attrs["aria-label"] == "") {
				t.Errorf("an <svg> neither hidden nor named: %v", e.attrs["class"])
			}
			drawn := strings.HasPrefix(e.attrs["class"], "chart") || e.attrs["class"] == "spark" // not an icon
			if drawn {
				return
			}
			if len(e.children) == 0 || e.children[len(e.children)-1].attrs["d"] == "" {
				t.Errorf("an icon without a drawing")
			}
		}
	})
}

func first(s ...string) string {
	for _, x := range s {
		if x != "" {
			return x
		}
	}
	return ""
}

// checkSafety: nothing the policy of the site would block, and no address that leaves it.
func checkSafety(t *testing.T, page *element) {
	t.Helper()
	page.walk(func(e *element) {
		switch e.tag {
		case "script", "style", "object", "embed", "base", "link", "meta":
			t.Errorf("<%s>", e.tag)
		}
		for name, value := range e.attrs {
			if name == "style" || strings.HasPrefix(name, "on") || name == "srcdoc" {
				t.Errorf("<%s %s>", e.tag, name)
			}
			if name == "href" && !strings.HasPrefix(value, "/") {
				t.Errorf("href %q", value)
			}
			if name == "src" && !strings.HasPrefix(value, "blob:") && value != "https://viewer.example/frame.html" {
				t.Errorf("src %q", value)
			}
		}
		if e.tag == "iframe" && e.attrs["id"] == ui.ViewerFrame && e.attrs["sandbox"] != "allow-scripts allow-same-origin" {
			t.Errorf("a frame without its sandbox")
		}
	})
}

// TestHostileText writes markup into every text that a stranger could have written: the page must keep its shape.
func TestHostileText(t *testing.T) {
	if raced {
		t.Skip("draws every scene fifteen times: without the race detector is enough")
	}
	payloads := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onfocus='alert(1)' autofocus x='`, `javascript:alert(1)`,
		`</title><svg onload=alert(1)>`, `{{constructor.constructor('alert(1)')()}}`, `<!--`, `]]>`, "a\x00b\u2028c", `%3Cscript%3E`,
		`<iframe srcdoc="<script>alert(1)</script>">`, `&lt;script&gt;`, `{n}{name}`, `../../x?y#z`,
	}
	for name, scene := range scenes() {
		t.Run(name, func(t *testing.T) { // what was drawn is let go of after each scene: all together are gigabytes
			d, path := scene(same)
			calm, _ := draw(t, d, "en", path)
			want := calm.shape()
			for _, payload := range payloads {
				d, path := scene(func(string) string { return payload })
				page, _ := draw(t, d, "en", path)
				if got := page.shape(); got != want {
					t.Errorf("%q changed the page\ngot  %s\nwant %s", payload, got, want)
				}
				checkSafety(t, page)
			}
		})
	}
}

// TestPhaseBeforePath: no path leads around the lock.
func TestPhaseBeforePath(t *testing.T) {
	d := world(same)
	d.snap.Phase = wallet.PhaseLocked
	for _, path := range paths {
		page, _ := draw(t, d, "en", path)
		words := page.words()
		for _, secret := range []string{"Asha", "Penicillin", "report.pdf", "Dr Rao"} {
			if strings.Contains(words, secret) {
				t.Errorf("%s shows %q while locked", path, secret)
			}
		}
		if path != "/about" && path != "/release" && path != "/privacy" && page.id("passphrase") == nil {
			t.Errorf("%s does not ask for the words", path)
		}
	}
	page, _ := draw(t, d, "en", "/")
	if a := page.id("rescue"); a == nil || a.attrs["href"] != "/restore" {
		t.Error("no way in for somebody who lost the words")
	}
	page, _ = draw(t, d, "en", "/restore")
	if strings.Contains(page.words(), "Asha") || page.id("recovery") == nil || page.id("new-words") == nil || page.id("backup-file") != nil {
		t.Error("a locked wallet does not ask for recovery text and new words alone")
	}
}

// TestCounterInTwoTaps: from the timeline to the code that still works, one tap; from there to a new one, two.
func TestCounterInTwoTaps(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/")
	if a := page.id("counter"); a == nil || a.attrs["href"] != "/counter" {
		t.Fatal("no way to the counter on the timeline")
	}
	page, _ = draw(t, world(same), "en", "/counter")
	if a := page.id("counter-show"); a == nil || a.attrs["href"] != "/show" {
		t.Fatal("no way to a new code at the counter")
	}
	if page.id("counter-mine") == nil || page.id("countdown") == nil || len(page.all("path")) == 0 {
		t.Error("the link that still works is not shown at once")
	}
	page, _ = draw(t, world(same), "en", "/show")
	if page.id("show-go") == nil {
		t.Fatal("no button that shows the code")
	}
}

// TestPreviewShowsAll: what is chosen is listed, and each can be taken out.
func TestPreviewShowsAll(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/show")
	for _, id := range []string{"item-0", "item-1", "item-2"} {
		if box := page.id(id); box == nil || box.attrs["type"] != "checkbox" {
			t.Errorf("no box for %s", id)
		}
	}
	words := page.words()
	for _, want := range []string{"They will see 2 entries", "Penicillin", "Low mood", "Leave out: mental health", "Records of Asha Devi"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not there", want)
		}
	}
}

// TestCodeIsSpoken (A5): the code is an image with a label that says what it is and how long it is good for.
func TestCodeIsSpoken(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/code/s1")
	for _, svg := range page.all("svg") {
		if svg.attrs["role"] == "img" {
			if got, want := svg.attrs["aria-label"], "Code for the clinic, in the middle of the screen, valid 1 hour."; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got := page.id("passcode").words(); got != "123 456\n" {
				t.Errorf("passcode %q", got)
			}
			return
		}
	}
	t.Error("no code")
}

// TestDeadCode: a link that ended shows no code.
func TestDeadCode(t *testing.T) {
	for _, path := range []string{"/code/s2", "/code/s3"} {
		page, _ := draw(t, world(same), "en", path)
		for _, svg := range page.all("svg") {
			if svg.attrs["role"] == "img" {
				t.Errorf("%s shows a code", path)
			}
		}
	}
}

// TestFlagsInWords (A8): a result out of range says so by a word and an icon.
func TestFlagsInWords(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/record/r1")
	words := page.all("table")
	all := ""
	for _, table := range words {
		all += table.words()
	}
	for _, want := range []string{"Low", "Critically high"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in the table", want)
		}
	}
}
