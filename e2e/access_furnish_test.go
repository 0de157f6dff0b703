package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// furnish fills a wallet so that no page is bare, and says what is where.
func furnish(t *testing.T, w *page, p *potli) map[string]string {
	t.Helper()
	names := map[string]string{}
	w.to("/add")
	broken := filepath.Join(t.TempDir(), "a_report_that_was_cut_off_while_it_was_downloaded_from_the_laboratory.json")
	if err := os.WriteFile(broken, []byte(`{"resourceType": "Bundle", "type": "docu`), 0o600); err != nil {
		t.Fatal(err)
	}
	sample := func(name string) string { return fixture(t, "web", "sample", name) }
	w.choose("#files", ips(t), sample("meera_consultation.json"), sample("meera_prescription.json"), sample("sample_eye_report.pdf"),
		sample("sample_vaccination_card.jpg"), sample("raghunath_laboratory_report.json"), broken)
	w.brought()
	w.judgeEnglish("report")
	for js[bool](w, `!!document.querySelector("#report .ask .button-plain")`) {
		left := js[int](w, `document.querySelectorAll("#report .ask").length`)
		w.click("#report .ask .button-plain")
		w.until("answered", `document.querySelectorAll("#report .ask").length < `+strconv.Itoa(left))
	}
	names["record"] = w.after(`#report .report-in`, "/record/")
	names["person"] = strings.TrimPrefix(w.addPerson("Raghunath Sample", "parent", "1950"), "/settings/people/")
	w.writes("allergy", "name", "Dust")
	w.there(`main a[href^="/record/"]`)
	names["hand"] = w.after(`main a[href^="/record/"]`, "/record/")
	w.to("/trends")
	w.there(".trend-row")
	names["chart"] = w.after(".trend-row", "")
	w.card()
	names["share"], names["revoked"] = w.links()
	w.given(t, p, names)
	w.arrivals(t, p, names)
	return names
}

// after is the end of a link's address.
func (p *page) after(css, prefix string) string {
	p.t.Helper()
	p.there(css)
	href := js[string](p, `document.querySelector(`+quote(css)+`).getAttribute("href")`)
	if !strings.HasPrefix(href, prefix) {
		p.t.Fatalf("%s leads to %q", css, href)
	}
	return strings.TrimPrefix(href, prefix)
}

// card keeps an emergency card.
func (p *page) card() {
	p.t.Helper()
	p.to("/emergency")
	p.there(".ticks input[type=checkbox]")
	p.until("what is known is there", `(() => { const e = [...document.querySelectorAll(".ticks label")].find(l => l.textContent.includes("Allergies")); return !!e && (e.click(), true); })()`)
	p.until("it can be kept", `!document.querySelector("#emergency-keep").disabled`)
	p.click("#emergency-keep")
	p.there("#emergency-kept")
}

// links makes one that works, with a passcode, and one that was taken back.
func (p *page) links() (live, dead string) {
	p.t.Helper()
	made := func(name string) string {
		p.to("/send")
		p.there("#send-go")
		p.write("#for", name)
		if name != "Dr Rao at the City Clinic" {
			p.click("#passcode")
		}
		p.click("#send-go")
		p.there("#countdown")
		return strings.TrimPrefix(p.tellLink(), "/code/")
	}
	dead, live = made("Dr Rao at the City Clinic"), made("My sister in Pune")
	p.to("/shared/" + dead)
	p.click("#revoke")
	p.click("#revoke-yes")
	p.sees("Taken back")
	return live, dead
}

// given is a consent with its receipt, and a request nobody has answered.
func (p *page) given(t *testing.T, at *potli, names map[string]string) {
	t.Helper()
	desk := opensDesk(t, at, "City Clinic")
	scans := func(link string) string {
		p.to("/add")
		p.to("/scan")
		p.write("#scan-text", link)
		p.click("#scan-go")
		p.there("#ask-no")
		return strings.TrimPrefix(p.tellLink(), "/ask/")
	}
	scans(desk.asks("stay", "Token 12"))
	js[bool](p, `(document.querySelector("#ask-whose .option[aria-pressed=false]")?.click(), true)`)
	p.until("it can be given", `document.querySelector("#ask-give")?.disabled === false`)
	p.clickUntil("#ask-give", "#give-sure")
	p.clickUntil("#give-yes", "#consent-terms")
	names["consent"] = strings.TrimPrefix(p.tellLink(), "/consents/one/")
	p.there("#consent-receipts a")
	names["receipt"] = p.after("#consent-receipts a", "/receipt/")
	desk.click("#desk-back")
	names["ask"] = scans(desk.asks("today", "Token 13"))
}

// arrivals is a code for a clinic, and what the clinic has sent to it.
func (p *page) arrivals(t *testing.T, at *potli, names map[string]string) {
	t.Helper()
	p.to("/drop")
	p.there("#drop-go")
	js[bool](p, `(document.querySelector("main .filters .option:not([aria-pressed=true])")?.click(), true)`)
	p.click("#drop-go")
	p.there("svg.code")
	names["drop"] = js[string](p, `location.pathname + location.hash`)
	p.settled()
	js[bool](p, `(document.querySelector("svg.code").scrollIntoView({block: "center"}), true)`)
	c := newBrowser(t).open(t, decodeQR(t, p))
	c.choose("#drop-files", fixture(t, "web", "sample", "sample_eye_report.pdf"))
	c.write("#drop-from", "City Clinic")
	c.click("#drop-send")
	c.there("#drop-arrived")
	p.clickUntil("#drop-look", "#item-keep")
	names["item"] = strings.TrimPrefix(p.tellLink(), "/inbox/")
}
