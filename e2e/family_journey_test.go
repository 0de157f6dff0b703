package e2e_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// cutOff takes the network away from a tab, or gives it back.
func (p *page) cutOff(off bool) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		return err
	}))
}

// letIn lets somebody in to care for a person: one tab shows the code, the other reads it, and both compare. role and past are
// the places of the answers.
func letIn(who, other *page, person, passphrase, name, role, past string) {
	who.t.Helper()
	who.to(person)
	who.click("#invite")
	who.there("#invite-by")
	who.settled()
	who.click("#invite-role-" + role)
	who.click("#invite-past-" + past)
	meet(who, other, passphrase, name)
}

// meet shows the code, lets the other one read it under a name, and compares.
func meet(who, other *page, passphrase, name string) {
	who.t.Helper()
	who.write("#passphrase", passphrase)
	who.click("#pair-long")
	who.click("#pair-show")
	who.there("#pair-typed")
	other.to("/settings/people")
	other.click("#join")
	other.there("#join-name")
	other.settled()
	other.empty("#join-name")
	other.write("#join-name", name)
	other.write("#pair-code", js[string](who, `document.querySelector("#pair-typed").textContent`))
	other.click("#pair-connect")
	if a, b := who.digits(), other.digits(); a != b {
		who.t.Fatalf("digits %q and %q", a, b)
	}
	who.click("#pair-match")
	other.click("#pair-match")
	who.there("#pair-done")
	other.there("#pair-done")
}

// allergies are the words of allergyFile that stand on the timeline.
func (p *page) allergies() (list []string) {
	p.t.Helper()
	shown := p.visible()
	for _, word := range []string{"Dust", "Latex", "Milk", "Peanut"} {
		if strings.Contains(shown, word) {
			list = append(list, word)
		}
	}
	return list
}

func (p *page) has(want string) {
	p.t.Helper()
	if got := strings.Join(p.allergies(), " "); got != want {
		p.t.Errorf("the timeline has %q, want %q", got, want)
	}
}

// polled counts what a tab has asked the relay for about mailboxes.
func (p *page) polled() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, url := range p.got {
		if strings.Contains(url, "/mailbox") {
			n++
		}
	}
	return n
}

// TestFamilyJourney: a mother and a father care for a child, each with a wallet of their own. What each adds both have, also
// what was added while one was offline. She takes him out: he keeps what he had, is told so with her name, and nothing that
// she adds then reaches him.
func TestFamilyJourney(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	mother, father := newBrowser(t).open(t, p.App), newBrowser(t).open(t, p.App)
	mother.wear(looks[0])
	father.wear(looks[0])
	hers := mother.createWallet("Meera Sample")
	his := father.createWallet("Arjun Sample")
	child := mother.addPerson("Aarav Sample", "child", "2020")
	mother.to("/")
	mother.actFor("Aarav Sample")
	mother.bring(allergyFile(t, "Peanut"))
	letIn(mother, father, child, hers, "Arjun", "1", "1")
	mother.to("/")
	father.to("/")
	father.actFor("Aarav Sample")
	father.hears("Peanut")

	// He is on a train. Both add.
	father.quietBut(sentAgain)
	father.cutOff(true)
	father.bring(allergyFile(t, "Dust"))
	mother.bring(allergyFile(t, "Milk"))
	father.to("/")
	father.has("Dust Peanut")
	mother.to("/")
	mother.has("Milk Peanut")
	father.cutOff(false)
	father.hears("Milk")
	mother.hears("Dust")
	for _, w := range []*page{mother, father} {
		w.has("Dust Milk Peanut")
	}
	for _, c := range father.complaints() {
		if !strings.Contains(c, "ERR_INTERNET_DISCONNECTED") && !sentAgain(c) {
			t.Errorf("while he was offline: %s", c)
		}
	}

	carersPages(mother, child)
	mother.to(child)
	mother.click("#carers-change")
	mother.there("[id$=-out]")
	mother.click("[id$=-out]")
	mother.sees("Take Arjun out of the care of Aarav Sample?")
	mother.sees("Arjun keeps what they have opened so far.")
	mother.click("#carer-yes")
	mother.sees("Arjun is out.")
	mother.to("/")
	mother.bring(allergyFile(t, "Latex"))
	mother.to("/")
	mother.has("Dust Latex Milk Peanut")

	father.hears("Meera Sample has taken you out.")
	father.sees("What was here stays here, and you can read it.")
	father.has("Dust Milk Peanut")
	for n, deadline := father.polled(), time.Now().Add(3*time.Minute); father.polled() < n+3; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("he no longer asks for anything")
		}
	}
	father.has("Dust Milk Peanut")

	// Nor after he has opened it anew; and it is still said.
	father.anew(func() { father.reload() }, `document.querySelector("#passphrase")`)
	father.write("#passphrase", his)
	father.click("#unlock")
	father.there("#person")
	father.actFor("Aarav Sample")
	father.hears("Meera Sample has taken you out.")
	father.has("Dust Milk Peanut")
	for _, l := range append([]look{looks[1], looks[2]}, large...) {
		father.wear(l)
		father.to("/settings")
		father.speak(l.lang)
		father.to("/")
		father.accessible(l, "removed")
	}
	for _, w := range []*page{mother, father} {
		w.sent(t, []string{"Meera", "Arjun", "Aarav", "Peanut", "Milk", "Dust", "Latex", hers, his, "AGE-SECRET-KEY", "age1pq1"})
		w.quietBut(sentAgain)
	}
}

// carersPages holds what is asked before somebody is taken out against A1 to A4.
func carersPages(w *page, child string) {
	w.t.Helper()
	for _, l := range append([]look{looks[1], looks[2]}, large...) {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		w.to(strings.Replace(child, "/settings/people/", "/carers/", 1))
		w.arrived(l, "carers")
		w.there("[id$=-out]")
		w.accessible(l, "carers")
		w.click("[id$=-change]")
		w.there("[id$=-save]")
		w.accessible(l, "carers-role")
		w.click("[id$=-out], [id$=-save] + button")
		w.there("[id$=-out]")
		w.click("[id$=-out]")
		w.there("#carer-sure")
		w.until("the question has the focus", `document.activeElement?.id === "carer-sure"`)
		w.accessible(l, "carers-out")
	}
	w.wear(looks[0])
	w.to("/settings")
	w.speak("en")
}

// later sets the clock of a tab ahead, from the next time it is loaded.
func (p *page) later(by time.Duration) {
	p.t.Helper()
	ms := strconv.FormatInt(by.Milliseconds(), 10)
	p.begins(`{
		const Real = Date;
		globalThis.Date = class extends Real {
			constructor(...a) { a.length ? super(...a) : super(Real.now() + ` + ms + `); }
			static now() { return Real.now() + ` + ms + `; }
		};
	}`)
}

// again loads the program anew and unlocks it, for a person's records.
func (p *page) again(passphrase, name string) {
	p.t.Helper()
	p.anew(func() { p.reload() }, `document.querySelector("#passphrase")`)
	p.write("#passphrase", passphrase)
	p.click("#unlock")
	p.there("#person")
	p.actFor(name)
}

// TestEighteenthBirthday: a child turns 18 tomorrow. He is let in as himself and says so; on the day his mother can only read,
// and hands over; he keeps nobody, and what he adds then she does not see. The clock is set ahead by about a day, as a relay
// that keeps another time is not believed further.
func TestEighteenthBirthday(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	mother, son := newBrowser(t).open(t, p.App), newBrowser(t).open(t, p.App)
	mother.wear(looks[0])
	son.wear(looks[0])
	hers := mother.createWallet("Meera Sample")
	his := son.createWallet("Aarav")

	// It is his birthday where the law is: at midnight in India.
	india := time.FixedZone("IST", 5*3600+1800)
	soon := time.Now().In(india).Add(2 * time.Hour)
	day := time.Date(soon.Year(), soon.Month(), soon.Day()+1, 0, 0, 0, 0, india)
	child := mother.addPerson("Aarav Sample", "child", day.AddDate(-18, 0, 0).Format(time.DateOnly))
	mother.to("/")
	mother.actFor("Aarav Sample")
	mother.bring(allergyFile(t, "Peanut"))

	handover := strings.Replace(child, "/settings/people/", "/handover/", 1)
	mother.to(handover)
	mother.there("#invite-by")
	mother.settled()
	meet(mother, son, hers, "Aarav")
	mother.click("#handover-on")
	son.to("/")
	son.actFor("Aarav Sample")
	son.hears("Peanut")
	son.to(handover)
	son.click("#handover-accept")
	son.sees("You have said that these are your records.")
	mother.to(handover)
	mother.hears("Aarav has said yes.")

	ahead := time.Until(day) + time.Hour
	mother.later(ahead)
	son.later(ahead)
	mother.again(hers, "Aarav Sample")
	mother.hears("Aarav Sample is 18 now")
	mother.click(`nav a[href="/add"]`)
	mother.choose("#files", allergyFile(t, "Milk"))
	mother.sees("This person is of age and decides themselves.")
	mother.to(handover)
	mother.click("#handover-go")
	mother.there("#handover-done")

	son.again(his, "Aarav Sample")
	son.to(handover)
	son.hears("Who may go on reading?")
	son.click("#handover-keep")
	son.there("#handover-done")
	son.to("/")
	son.bring(allergyFile(t, "Latex"))
	son.to("/")
	son.has("Latex Peanut")
	mother.to("/")
	mother.hears("You no longer care for Aarav Sample.")
	mother.has("Peanut")
	for _, w := range []*page{mother, son} {
		w.sent(t, []string{"Meera", "Aarav", "Peanut", "Latex", hers, his, "AGE-SECRET-KEY", "age1pq1"})
		w.quietBut(sentAgain)
	}
}
