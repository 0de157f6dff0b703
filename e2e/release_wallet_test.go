package e2e_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// builtSite is the wallet as it was built.
func builtSite(t *testing.T) fstest.MapFS {
	t.Helper()
	files, app := fstest.MapFS{}, os.DirFS(filepath.Join(built(t), "app"))
	err := fs.WalkDir(app, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(app, p)
		files[p] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// sumShown is a long number as the page shows it.
func sumShown(p *page, css string) string {
	p.t.Helper()
	p.there(css)
	return strings.Join(strings.Fields(js[string](p, `document.querySelector(`+quote(css)+`).textContent`)), "")
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// controlledWallet is the wallet on what its service worker keeps.
func controlledWallet(t *testing.T) (*host, *page) {
	t.Helper()
	h := newHost(t, builtSite(t))
	w := newBrowser(t).open(t, h.url())
	w.there("#title")
	js[bool](w, `navigator.serviceWorker.ready.then(() => true)`)
	w.anew(w.reload, `navigator.serviceWorker.controller && document.querySelector("#title")`)
	return h, w
}

// TestT18_ReleasesInTheWallet: the page names what runs; a newer release waits, and does not take away what is typed; the
// person goes back to the one before; and a replaced worker closes everything.
func TestT18_ReleasesInTheWallet(t *testing.T) {
	t.Parallel()
	h, w := controlledWallet(t)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")

	w.to("/release")
	first := siteSends(h, "/release.json")
	if got := sumShown(w, "#release-sum"); got != sumOf(first) {
		t.Errorf("the page says %s, release.json is %s", got, sumOf(first))
	}
	if got := sumShown(w, "#keeper-sum"); got != sumOf(siteSends(h, "/sw.js")) {
		t.Errorf("the page says %s, sw.js is %s", got, sumOf(siteSends(h, "/sw.js")))
	}
	w.click("#release-look")
	w.sees(sentence(t, "release.newest"))
	w.seen("release")

	h.release(with(t, builtSite(t), "web/mark.txt", "newer"))
	w.to("/add")
	js[bool](w, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
	js[bool](w, `potliWorker({type: "update"}).then((said) => said.type === "ready")`)
	w.there("#update-now")
	w.write("main textarea", "Dear doctor")
	w.click("#update-now")
	w.sees(sentence(t, "update.lost"))
	w.accessible(looks[0], "update")
	w.click("#update-later")
	w.click("#update-now")
	if got := js[string](w, `document.querySelector("main textarea").value`); got != "Dear doctor" {
		t.Errorf("what was typed is %q", got)
	}
	w.anew(func() { w.click("#update-anyway") }, `document.querySelector("#passphrase")`)
	unlock(w, passphrase)
	w.to("/release")
	if got := sumShown(w, "#release-sum"); got != sumOf(siteSends(h, "/release.json")) {
		t.Errorf("after the update the page says %s", got)
	}
	w.click("#release-back")
	w.there("#release-back-yes")
	w.accessible(looks[0], "release back")
	w.anew(func() { w.click("#release-back-yes") }, `document.querySelector("#release-sum")`) // without unlocking
	if got := sumShown(w, "#release-sum"); got != sumOf(first) {
		t.Errorf("after going back the page says %s, want %s", got, sumOf(first))
	}
	w.to("/")
	unlock(w, passphrase)
	w.there(".who-name")
	w.addQuick(passphrase)

	worker := siteSends(h, "/sw.js")
	w.usurped(h)
	w.sees(sentence(t, "alarm.title"))
	if got := sumShown(w, "#alarm-sum"); got != sumOf(worker) {
		t.Errorf("the alarm names %s, the worker was %s", got, sumOf(worker))
	}
	w.sees(sentence(t, "alarm.quick-off"))
	if words := w.visible(); strings.Contains(words, "Meera") || strings.Contains(words, sentence(t, "alarm.safe")) {
		t.Errorf("the alarm shows\n%s", words)
	}
	for _, l := range arrivalLooks() {
		if l.lang == "en" {
			w.wear(l)
			w.accessible(l, "alarm")
		}
	}
}
