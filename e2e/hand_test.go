package e2e_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sheet stands for the system's share sheet, which no browser without a screen has: it is given the file that the page
// makes, and says what the person does with it.
const sheet = `(
	globalThis.person = "closes it",
	navigator.canShare = (data) => data.files?.every((f) => f instanceof File && f.type === "text/plain" && f.name.endsWith(".txt")) ?? false,
	navigator.share = (data) => {
		if (!navigator.userActivation.isActive) return Promise.reject(new DOMException("", "NotAllowedError"));
		if (person === "closes it") return Promise.reject(new DOMException("", "AbortError"));
		globalThis.given = data.files[0];
		return Promise.resolve();
	},
	true)`

// TestHandOver: a backup goes to another program, in a click that the browser takes for one, and is a backup once it was
// read back; a sheet that is closed again has changed nothing.
func TestHandOver(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.createWallet("Meera Sample")
	w.bring(allergyFile(t, "Peanut"))
	w.to("/settings")
	w.to("/settings/backup")
	w.there("#export-go")
	if js[bool](w, `!!document.querySelector("#hand")`) {
		t.Error("offered where there is no share sheet")
	}
	js[bool](w, sheet)
	w.to("/settings")
	for _, l := range append(looks[:len(looks):len(looks)], large...) {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		w.to("/settings/backup")
		w.there("#hand")
		w.accessible(l, "backup-hand")
	}
	w.wear(looks[0])
	w.to("/settings")
	w.speak("en")
	w.to("/settings/backup")
	w.click("#hand")
	w.click("#hand-go")
	w.there("#hand-go:not(:disabled)")
	w.to("/settings")
	w.sees("No backup yet")

	w.to("/settings/backup")
	js[bool](w, `(globalThis.person = "mails it", true)`)
	w.click("#hand")
	w.click("#hand-go")
	w.there("#handed")
	w.accessible(looks[0], "backup-handed")
	w.sees("No backup was checked yet")
	name := js[string](w, `given.name`)
	body, err := base64.StdEncoding.DecodeString(js[string](w, `given.bytes().then((b) => b.toBase64())`))
	if err != nil || !strings.HasPrefix(string(body), "-----BEGIN AGE ENCRYPTED FILE-----\n") {
		t.Fatalf("%s holds %.40q, %v", name, body, err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	w.choose("#check-file", path)
	w.click("#check-go")
	w.there("#check-found")
	w.sees("This backup is whole and opens")
	w.quiet()
}
