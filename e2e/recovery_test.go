package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"potli/e2e/agecli"
)

// kitWords and kitCode read the sheet that the page shows.
func (p *page) kitWords() []string {
	p.t.Helper()
	p.there("#sheet-words")
	words := js[[]string](p, `[...document.querySelectorAll("#sheet-words .sheet-word")].map(e => e.textContent.trim())`)
	if len(words) != 24 {
		p.t.Fatalf("%d words on the sheet", len(words))
	}
	return words
}

func (p *page) kitCode() string {
	p.t.Helper()
	p.there("#sheet-code")
	return js[string](p, `document.querySelector("#sheet-code").textContent.trim()`)
}

// makeKit goes from the first page of the kit to both halves proved, and returns
// its words, its code and the backup that it opened.
func (p *page) makeKit(dir string) (words []string, code, backup string) {
	p.t.Helper()
	p.to("/settings/recovery/kit")
	p.click("#kit-make")
	words, code = p.kitWords(), p.kitCode()
	p.clickUntil("#kit-paper", "#kit-proved")
	p.settled()
	p.answer(words)
	p.click("#kit-proved")
	p.there("#kit-backup")
	p.click("#kit-backup")
	backup = saved(p.t, dir, "potli-2*.age")
	p.choose("#backup-file", backup)
	p.click("#kit-try")
	p.there("#kit-home")
	return words, code, backup
}

// answer types the words that are asked for.
func (p *page) answer(words []string) {
	p.t.Helper()
	for _, asked := range js[[]string](p, `[...document.querySelectorAll("form input[id^=kit-word-]")].map(e => e.id)`) {
		place, err := strconv.Atoi(strings.TrimPrefix(asked, "kit-word-"))
		if err != nil {
			p.t.Fatal(err)
		}
		p.empty("#" + asked)
		p.write("#"+asked, words[place-1])
	}
}

// trial presses a button that tries what was given, and returns what the page
// says went wrong, or what it needs next. What it said before is gone by then:
// it goes when something else is given.
func (p *page) trial(css string) string {
	p.t.Helper()
	p.gone("#fault")
	p.click(css)
	p.there("#fault")
	return js[string](p, `document.querySelector("#fault").innerText.trim()`)
}

// The phone is lost: what is on paper and one file bring everything back on a
// device that has never seen the wallet.
func TestThePhoneIsLost(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Meera Sample")
	files := samples(t)
	w.bring(files...)
	dir := w.downloads()
	w.to("/")
	w.there("#kit-reminder")

	// Shown once, white in the dark, one page of paper, and the code is the words.
	w.to("/settings/recovery/kit")
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	w.click("#kit-make")
	words, code := w.kitWords(), w.kitCode()
	if !strings.HasPrefix(code, "AGE-SECRET-KEY-PQ-1") || len(code) != 77 {
		t.Fatalf("a code of %d characters", len(code))
	}
	js[bool](w, `(document.querySelector("#sheet .code").scrollIntoView({block: "center"}), true)`)
	if got := decodeQR(t, w); got != code {
		t.Error("the picture holds another code than the line under it")
	}
	if got := js[string](w, `getComputedStyle(document.querySelector("#sheet")).backgroundColor`); got != "rgb(255, 255, 255)" {
		t.Errorf("the sheet is %s in the dark", got)
	}
	pdf, err := chromedp.Run(w.ctx, chromedp.PrintToPDF())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("shots/kit.pdf", pdf, 0o644); err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`/Type\s*/Page[^s]`).FindAll(pdf, -1)); n != 1 {
		t.Errorf("the sheet is printed on %d pages", n)
	}

	// A wrong word is named; the right ones prove one half, a backup the other.
	w.clickUntil("#kit-paper", "#kit-proved")
	w.settled()
	w.answer(append([]string{"zoo"}, words[:23]...))
	w.click("#kit-proved")
	w.there("#wrong")
	w.answer(words)
	w.click("#kit-proved")
	w.there("#kit-backup")
	w.to("/settings/recovery")
	w.sees(sentence(t, "recovery.opened-not"))
	if strings.Contains(js[string](w, `document.documentElement.outerHTML`), code) {
		t.Error("the code stays on the page")
	}
	w.to("/")
	w.there("#kit-reminder")
	w.to("/settings/backup")
	w.click("#export-go")
	backup := saved(t, dir, "potli-2*.age")
	w.to("/settings/recovery")
	w.fill("#kit-text", strings.Join(words, " "))
	w.choose("#check-file", backup)
	w.click("#kit-check-go")
	w.sees(sentence(t, "recovery.proved"))
	w.to("/")
	w.there("#timeline")
	w.gone("#kit-reminder")
	w.quiet()

	// Another device, with nothing but paper and file. The words as somebody in a
	// hurry types them: numbered, in capitals, four letters each.
	var typed strings.Builder
	for i, word := range words {
		fmt.Fprintf(&typed, "%d. %s\n", i+1, strings.ToUpper(word[:min(4, len(word))]))
	}
	fresh := newBrowser(t).open(t, p.App)
	fresh.clickUntil(`a[href="/restore"]`, "#backup-file")
	fresh.choose("#backup-file", backup)
	fresh.click("#suggest")
	fresh.fill("#recovery", strings.Replace(typed.String(), "7. ", "7. x", 1))
	if got := fresh.trial("#restore-go"); !strings.Contains(got, "7") {
		t.Errorf("a wrong word is not named: %s", got)
	}
	fresh.fill("#recovery", typed.String())
	fresh.click("#restore-go")
	fresh.there("#counter")
	fresh.sees("Meera Sample")
	if got := records(fresh.rows()); got != len(files) {
		t.Errorf("%d records came back, want %d", got, len(files))
	}
	fresh.sees(sentence(t, "kit.due"))
	again := fresh.downloads()
	fresh.click("#timeline .kind-photo")
	fresh.click("#original")
	got, err := os.ReadFile(saved(t, again, "*.jpg"))
	if want, _ := os.ReadFile(files[2]); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the photo is not the one that went in: %v", err)
	}
	fresh.quiet()
}

// Phone and paper are lost, and two of three neighbours have their sheets.
func TestTwoOfThree(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Meera Sample")
	files := samples(t)
	w.bring(files...)
	_, code, _ := w.makeKit(w.downloads())

	w.to("/settings/recovery/contacts")
	w.click("#contacts-begin")
	w.there("#contact-3")
	w.settled()
	names := []string{"Asha", "Ravi", "Dr Sen"}
	for i, name := range names {
		w.write("#contact-"+strconv.Itoa(i+1), name)
	}
	w.click("#contacts-chosen")
	w.fill("#kit-text", code)
	w.click("#contacts-make")
	var sheets []string
	for i, name := range names {
		w.there("#sheet")
		w.sees(name)
		sheets = append(sheets, w.kitCode())
		if i > 0 && sheets[i] == sheets[i-1] {
			t.Fatal("two people hold the same sheet")
		}
		w.click("#sheet-next")
		if i < len(names)-1 {
			w.until("the next sheet is shown", `document.querySelector("#sheet-code")?.textContent.trim() !== `+quote(sheets[i]))
		}
	}
	w.there("#contacts-backup")
	dir := w.downloads()
	w.click("#contacts-backup")
	backup := saved(t, dir, "potli-2*.age")

	// Tried while nothing is lost.
	w.click("#contacts-try")
	w.fill("#sheet-one", sheets[1])
	w.fill("#sheet-two", sheets[1])
	w.choose("#backup-file", backup)
	if got := w.trial("#contacts-try-go"); got != sentence(t, "error.same-sheet") {
		t.Errorf("one sheet twice: %s", got)
	}
	w.fill("#sheet-two", sheets[2])
	w.click("#contacts-try-go")
	w.gone("#fault")
	w.there(".notice-good")
	w.to("/settings/recovery")
	w.click("#contacts-open")
	w.there("#these")
	if text := js[string](w, `document.querySelector("#these").innerText`); strings.Contains(text, sentence(t, "contacts.tried-not")) {
		t.Error("it is not remembered that the sheets were tried")
	}
	w.quiet()

	// And when everything is: one sheet alone, a stranger's beside it, then the right two.
	fresh := newBrowser(t).open(t, p.App)
	fresh.clickUntil(`a[href="/restore"]`, "#backup-file")
	fresh.choose("#backup-file", backup)
	fresh.click("#suggest")
	fresh.fill("#recovery", sheets[2])
	if got := fresh.trial("#restore-go"); got != sentence(t, "error.second-sheet") {
		t.Errorf("one sheet: %s", got)
	}
	if rows := fresh.rows(); len(rows) != 0 {
		t.Errorf("one sheet left something behind: %d rows", len(rows))
	}
	fresh.fill("#recovery-two", code)
	if got := fresh.trial("#restore-go"); got != sentence(t, "error.sheet-2") {
		t.Errorf("the kit for the second sheet: %s", got)
	}
	fresh.fill("#recovery-two", sheets[0])
	fresh.click("#restore-go")
	fresh.there("#counter")
	fresh.sees("Meera Sample")
	if got := records(fresh.rows()); got != len(files) {
		t.Errorf("%d records came back, want %d", got, len(files))
	}
	fresh.quiet()
}

// What the page promises of the stock tool holds, for the kit that was saved as a
// file.
func TestKitFileOpensABackup(t *testing.T) {
	t.Parallel()
	age := agecli.Path(t)
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Meera Sample")
	w.bring(samples(t)...)
	dir := w.downloads()
	w.to("/settings/recovery/kit")
	w.click("#kit-make")
	w.press(sentence(t, "kit.as-file"))
	w.click("#kit-file")
	key := saved(t, dir, "potli-kit*.txt")
	w.to("/settings/backup")
	w.click("#export-go")
	backup := saved(t, dir, "potli-2*.age")
	out, err := exec.Command(age, "-d", "-i", key, "-o", filepath.Join(dir, "backup.zip"), backup).CombinedOutput()
	if err != nil {
		t.Fatalf("age -d: %v: %s", err, out)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "backup.zip")); err != nil || !bytes.HasPrefix(b, []byte("PK")) {
		t.Errorf("what comes out is no zip: %v", err)
	}
}
