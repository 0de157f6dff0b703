package e2e_test

import (
	"strings"
	"testing"
	"time"
)

// TestHolder: an aunt is to take over for a child when the mother is gone. She is named, says that it has happened, and the
// father's phone waits for a week. Then what was there before she came opens for her, and she shows it at a counter. The
// mother is there after all, and undoes it in one tap.
func TestHolder(t *testing.T) {
	t.Parallel()
	// One address for three homes that do in a minute what takes people a week.
	p := startPotli(t, "", "-rate", "900/900")
	start := inIndia(2029, time.June, 4, 10, 0)
	mother, father, aunt := clockedTab(t, start), clockedTab(t, start), clockedTab(t, start)
	for w, name := range map[*clocked]string{mother: "Meera Sample", father: "Arjun Sample", aunt: "Usha Sample"} {
		w.visit(p.App)
		w.passphrase = w.createWallet(name)
	}
	child := mother.addPerson("Aarav Sample", "child", "2024")
	holder := strings.Replace(child, "/settings/people/", "/holder/", 1)
	id := strings.TrimPrefix(holder, "/holder/")
	mother.to("/")
	mother.actFor("Aarav Sample")
	mother.bring(allergyFile(t, "Peanut"))

	letIn(mother.page, aunt.page, child, mother.passphrase, "Usha", "0", "0")
	letIn(mother.page, father.page, child, mother.passphrase, "Arjun", "1", "1")
	mother.to(holder)
	js[bool](mother.page, `([...document.querySelectorAll("label[for^=holder-who-]")].find(l => l.innerText.includes("Usha")).click(), true)`)
	mother.click("#holder-days-0")
	mother.seenHere(looks[2], "holder-named")
	mother.click("#holder-save:not(:disabled)")
	mother.sees("Usha may take over. Others have 7 days to say no.")

	// She is told, sees nothing of before yet, and says that it has happened.
	aunt.to("/")
	aunt.actFor("Aarav Sample")
	aunt.to(child)
	aunt.click("#holder")
	aunt.hears("You may take over. Others have 7 days to say no.")
	aunt.click("#holder-claim")
	aunt.until("the question has the focus", `document.activeElement?.id === "holder-sure"`)
	aunt.seenHere(large[0], "holder-sure")
	aunt.click("#holder-claim-yes")
	aunt.sees("You have said that nobody decides for Aarav Sample any more")
	father.to("/")
	father.hears("says that nobody decides for Aarav Sample any more") // he was not told her name
	aunt.to("/")
	if got := aunt.allergies(); len(got) != 0 {
		t.Errorf("before she takes over she reads %q", got)
	}

	// A week later his phone has waited, and she takes over.
	later := start.AddDate(0, 0, 7).Add(2 * time.Hour)
	father.on(later)
	aunt.on(later)
	aunt.to(holder)
	aunt.hears("The waiting is over, and nobody has said no.")
	aunt.seenHere(large[0], "holder-ready")
	aunt.click("#recover-" + id)
	aunt.hears("You have taken over for Aarav Sample")
	aunt.to("/")
	aunt.actFor("Aarav Sample")
	aunt.hears("Peanut")
	aunt.to("/hand")
	aunt.click("#hand-go")
	aunt.there(".hand-phrase")
	aunt.sees("Aarav Sample")

	// The mother is there after all.
	mother.to("/")
	mother.hears("Usha has taken over for Aarav Sample")
	mother.click("#veto-" + id)
	aunt.to(holder)
	aunt.hears("One who decides for Aarav Sample has said no")
	for _, w := range []*clocked{mother, father, aunt} {
		w.sent(t, []string{"Meera", "Arjun", "Usha", "Aarav", "Peanut", w.passphrase, "AGE-SECRET-KEY", "age1pq1"})
		w.quietBut(sentAgain)
	}
}

// seenHere draws a page as it stands in a look that breaks pages.
func (c *clocked) seenHere(l look, name string) {
	c.t.Helper()
	c.wear(l)
	c.accessible(l, name)
	c.wear(looks[0])
}
