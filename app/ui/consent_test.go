package ui_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/inbox"
	"potli/app/record"
	"potli/app/ui"
	"potli/app/wallet"
)

// consentScenes are the pages of requests and consents in every way they can stand.
func consentScenes() map[string]func(say func(string) string) (*door, string) {
	out := map[string]func(say func(string) string) (*door, string){}
	for _, path := range []string{"/ask/ask1", "/consents", "/consents/log", "/consents/one/c1", "/receipt/rc1"} {
		out["asked"+path] = func(say func(string) string) (*door, string) { return consented(say), path }
		out["nothing asked"+path] = func(say func(string) string) (*door, string) { return world(say), path }
	}
	for name, change := range map[string]func(*book){
		"known":     func(b *book) { b.ask.Trust, b.ask.How = inbox.TrustKnown, inbox.HowDirectory },
		"unsigned":  func(b *book) { b.ask.Trust, b.ask.How = inbox.TrustUnsigned, inbox.HowLink },
		"posing":    func(b *book) { b.ask.Trust = inbox.TrustPosing },
		"one":       func(b *book) { b.ask.People = b.ask.People[:1] },
		"nobody":    func(b *book) { b.ask.People = nil },
		"late":      func(b *book) { b.ask.Late = true },
		"refused":   func(b *book) { b.ask.Refused = true },
		"given":     func(b *book) { b.ask.Consents = []string{"c1"} },
		"emergency": func(b *book) { b.ask.Request.Purpose.Code, b.ask.People = consent.BreakGlass, []record.ProfileID{"p2"} },
		"two":       func(b *book) { b.two, b.ask.People = true, []record.ProfileID{"p2"} },
		"alone":     func(b *book) { b.two, b.alone, b.ask.People = true, true, []record.ProfileID{"p2"} },
		"by link":   func(b *book) { b.ask.Request.Reply, b.ask.People = consent.Mailbox{}, b.ask.People[:1] },
		"bare": func(b *book) {
			b.ask.Request.Notice, b.ask.Request.Dates, b.ask.People = consent.Notice{}, consent.Dates{}, b.ask.People[:1]
		},
	} {
		out["ask "+name+"/ask/ask1"] = func(say func(string) string) (*door, string) {
			d := consented(say)
			change(&d.consents)
			return d, "/ask/ask1"
		}
	}
	for i := range standings(wallet.ConsentInfo{Terms: &consent.Grant{}}) {
		out[fmt.Sprintf("stands %d/consents/one/c1", i)] = func(say func(string) string) (*door, string) {
			d := consented(say)
			d.consents.one = &d.consents.book.All[i]
			return d, "/consents/one/c1"
		}
	}
	out["another relay/consents/one/c1"] = func(say func(string) string) (*door, string) {
		d := consented(say)
		one := d.consents.book.All[0]
		one.Relay, one.Unsent = say("https://relay.other.example"), 1
		d.consents.one = &one
		return d, "/consents/one/c1"
	}
	out["offline/ask/ask1"] = func(say func(string) string) (*door, string) {
		d := consented(say)
		d.snap.Offline, d.consents.ask.Refused = true, true
		return d, "/ask/ask1"
	}
	out["full code/receipt/rc1"] = func(say func(string) string) (*door, string) {
		d := consented(say)
		v := d.consents.receipt
		v.Full, v.Signed, v.Documents, v.Notice, v.State = true, nil, nil, consent.Notice{}, consent.Granted
		return d, "/receipt/rc1"
	}
	return out
}

// TestConsentWords: there is a sentence for every code that a request, a consent or a log can hold.
func TestConsentWords(t *testing.T) {
	en := read(t, "en")
	for _, key := range ui.ConsentKeys() {
		if en[key] == nil {
			t.Errorf("no message for %s", key)
		}
	}
	lacks := func(ok bool, code any) {
		if !ok {
			t.Errorf("nothing says %q", code)
		}
	}
	for _, c := range consent.Purposes {
		lacks(ui.Purposes[c] != "", c)
	}
	for _, k := range consent.Kinds[:8] {
		lacks(ui.HiTypes[k] != "", k)
	}
	for _, k := range consent.Kinds[8:] {
		lacks(en["kind."+string(k)] != nil, k)
	}
	for _, r := range consent.Reasons {
		lacks(ui.Reasons[r] != "", r)
	}
	for _, k := range consent.EventKinds {
		lacks(ui.Events[k] != "", k)
	}
	for _, tr := range []inbox.Trust{inbox.TrustKnown, inbox.TrustNew, inbox.TrustUnsigned, inbox.TrustPosing} {
		lacks(ui.Trusts[tr][2] != "", tr)
	}
}

// stage is a page that is drawn anew after each press.
type stage struct {
	*testing.T
	door  *door
	page  app.Composer
	press map[string]func()
	eng   app.TestEngine
	went  string // where it led
}

func play(t *testing.T, d *door, open func(*ui.Env) (app.Composer, map[string]func())) *stage {
	t.Helper()
	s := &stage{T: t, door: d, eng: app.NewTestEngine()}
	langs := ui.NewLanguages(&device{})
	if _, err := langs.Use(context.Background(), "en"); err != nil {
		t.Fatal(err)
	}
	e := &ui.Env{W: d, D: &device{}, L: langs.Current(), Langs: langs, Now: func() time.Time { return now },
		Leave: func(_ app.Context, path string) { s.went = path }}
	s.page, s.press = open(e)
	if err := s.eng.Load(s.page); err != nil {
		t.Fatal(err)
	}
	s.eng.ConsumeAll()
	return s
}

func (s *stage) do(names ...string) *stage {
	s.Helper()
	for _, name := range names {
		s.press[name]()
		s.eng.ConsumeAll()
	}
	return s
}

func (s *stage) tree() *element {
	s.Helper()
	return parse(s.T, app.HTMLString(s.page))
}

func (s *stage) says(want ...string) *stage {
	s.Helper()
	for _, w := range want {
		if words := s.tree().words(); !strings.Contains(words, w) {
			s.Errorf("does not say %q: %q", w, words)
		}
	}
	return s
}

func (s *stage) asked(want string) {
	s.Helper()
	if !slices.Contains(s.door.asked, want) {
		s.Errorf("asked %q, want %q", s.door.asked, want)
	}
}

func ask(t *testing.T, d *door) *stage {
	t.Helper()
	return play(t, d, func(e *ui.Env) (app.Composer, map[string]func()) { return ui.AskPage(e, "ask1") })
}

// TestAskIsFair: the four answers look the same; nothing is chosen for the person, neither whose records nor how much.
func TestAskIsFair(t *testing.T) {
	s := ask(t, consented(same))
	looks := map[string]bool{}
	for _, id := range []string{"ask-give", "ask-less", "ask-later", "ask-no"} {
		b := s.tree().id(id)
		if b == nil {
			t.Fatalf("no %s", id)
		}
		looks[b.attrs["class"]] = true
	}
	if len(looks) != 1 || !looks["button "+ui.Plain] {
		t.Errorf("the answers look different: %v", looks)
	}
	for _, o := range s.tree().all("button") {
		if o.attrs["aria-pressed"] == "true" {
			t.Errorf("%q is chosen beforehand", o.words())
		}
	}
	for _, id := range []string{"ask-give", "ask-less"} {
		if !set(s.tree().id(id), "disabled") {
			t.Errorf("%s can be pressed before it is said whose records", id)
		}
	}
	for _, id := range []string{"ask-later", "ask-no"} {
		if set(s.tree().id(id), "disabled") {
			t.Errorf("%s cannot be pressed", id)
		}
	}
	s.says("Sample Clinic asks for records", "That is only their note", "For treatment and care", "“To treat a cough”", "Since 1 January 2024", "We look at your reports.",
		"Again and again", "They keep it in their own files", "New to you", "You scanned it yourself")
	if slices.ContainsFunc(s.door.asked, func(a string) bool { return strings.HasPrefix(a, "prepare") }) {
		t.Error("something was prepared for nobody")
	}
}

// TestAskGiven: the person is chosen and said by name, and exactly what was shown is given.
func TestAskGiven(t *testing.T) {
	s := ask(t, consented(same)).do("p2")
	s.says("3 records would go now", "Chest report", "2 records stay with you", "Of other dates", "Of a kind that was not asked for")
	s.do("give").says("Give Ravi Kumar’s records to Sample Clinic?", "Yes, it is Ravi Kumar")
	s.asked("choose")
	s.do("give-yes").asked("grant ask1 of p2: r1 r2 r3, follow, keep, 1440h0m0s")
	if s.went != "/consents/one/consent1" {
		t.Errorf("led to %q", s.went)
	}
}

// TestAskLess: giving less begins with the least, shows at each step what would go, and gives that.
func TestAskLess(t *testing.T) {
	for name, c := range map[string]struct {
		press []string
		want  string
	}{
		"the least":  {[]string{"least"}, "grant ask1 of p1: r1 r2 r3, once, view, 24h0m0s"},
		"one kind":   {[]string{"reports"}, "grant ask1 of p1: r1, once, view, 24h0m0s"},
		"new ones":   {[]string{"new"}, "grant ask1 of p1: r1 r2, once, view, 24h0m0s"},
		"one by one": {[]string{"least", "untick"}, "grant ask1 of p1: r2 r3, once, view, 24h0m0s"},
		"as asked":   {[]string{"all"}, "grant ask1 of p1: r1 r2 r3, follow, keep, 1440h0m0s"},
		"and back":   {[]string{"reports", "untick", "less"}, "grant ask1 of p1: r1 r2 r3, follow, keep, 1440h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ask(t, consented(same)).do("p1", "less").do(c.press...)
			s.do("give", "give-yes").asked(c.want)
		})
	}
	s := ask(t, consented(same)).do("p1", "less", "least", "untick").says("2 records would go now", "You left it out")
	s.do("no kind").says("nothing is left to give")
	if !set(s.tree().id("ask-give"), "disabled") {
		t.Error("nothing can be given")
	}
}

// TestKindsOnce: a type of document and the entries it is made of are one thing to a reader, and go together.
func TestKindsOnce(t *testing.T) {
	d := consented(same)
	d.consents.ask.Request.Kinds = append(d.consents.ask.Request.Kinds, "result", "medicine", "visit")
	d.consents.rows = append(d.consents.rows, row{wallet.Row{ID: "r6", Title: "A single result"}, consent.Record{ID: "r6", Kinds: []consent.Kind{"result"}, Date: "2026-01-01"}})
	s := ask(t, d).do("p1")
	if words := s.tree().id("ask-what").words(); strings.Contains(words, "Test result") || !strings.Contains(words, "Test reports") || !strings.Contains(words, "Visit") {
		t.Errorf("kinds: %q", words)
	}
	s.do("less", "no reports", "give", "give-yes").asked("grant ask1 of p1: r2 r3, once, view, 24h0m0s")
}

// TestAskRefused: a no takes the same two touches; not now changes nothing.
func TestAskRefused(t *testing.T) {
	s := ask(t, consented(same)).do("no").says("Say no to Sample Clinic?", "They can ask again.")
	s.do("no-yes").asked("refuse ask1")
	s = ask(t, consented(same)).do("later")
	if s.went != "/inbox" || len(s.door.asked) > 0 {
		t.Errorf("led to %q after %q", s.went, s.door.asked)
	}
}

// TestAskStands: what cannot be answered any more is shown as what it is, without answers; an emergency gives nothing by itself.
func TestAskStands(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*book)
		says   string
		open   bool
	}{
		"late":      {func(b *book) { b.ask.Late = true }, "This was missed.", false},
		"refused":   {func(b *book) { b.ask.Refused = true }, "You said no.", false},
		"given":     {func(b *book) { b.ask.Consents = []string{"c1"} }, "You have said yes to this.", false},
		"nobody":    {func(b *book) { b.ask.People = nil }, "nobody here for whom you may answer", true},
		"emergency": {func(b *book) { b.ask.Request.Purpose.Code = consent.BreakGlass }, "Nothing goes by itself, even so.", true},
		"posing":    {func(b *book) { b.ask.Trust = inbox.TrustPosing }, "You know this name by another key.", true},
		"two":       {func(b *book) { b.two, b.ask.People = true, b.ask.People[:1] }, "only when Asha Devi says yes too", true},
		"alone":     {func(b *book) { b.two, b.alone, b.ask.People = true, true, b.ask.People[:1] }, "on a phone of their own", true},
	} {
		t.Run(name, func(t *testing.T) {
			d := consented(same)
			c.change(&d.consents)
			s := ask(t, d).says(c.says)
			if got := s.tree().id("ask-no") != nil; got != c.open {
				t.Errorf("answers: %v", got)
			}
			if slices.ContainsFunc(d.asked, func(a string) bool { return strings.HasPrefix(a, "grant") }) {
				t.Error("given by itself")
			}
		})
	}
	d := consented(same)
	d.snap.Offline = true
	ask(t, d).says("No network. Your answer is kept on this phone")
}

// TestTakingBack takes one touch and one to be sure, as giving did; the same for all of a clinic.
func TestTakingBack(t *testing.T) {
	one := func() *stage {
		return play(t, consented(same), func(e *ui.Env) (app.Composer, map[string]func()) { return ui.ConsentPage(e, "c1") })
	}
	s := one().do("take").says("Take it back from Sample Clinic?", "What was seen stays seen.")
	s.do("take-yes").asked("revoke consent c1")
	s = one().do("less")
	if s.tree().id("less-yes") == nil {
		t.Error("no way to give less from now on")
	}
	s.do("less-yes").asked("narrow c1: once, view, 0 kinds")
	var e *ui.Env
	s = play(t, consented(same), func(env *ui.Env) (app.Composer, map[string]func()) { e = env; return ui.BookPage(env), nil })
	s.says("Take everything back from Sample Clinic", "2 documents", "1 document", "The phone of Arjun shows another history", "trust the receipts", "Missed")
	s.press = ui.HoldingPage(e, s.page)
	s.do("all", "yes").asked("revoke all at Sample Clinic")
}

// TestConsentLog is searched by what is read on the screen, and taken out whole.
func TestConsentLog(t *testing.T) {
	var search func(string)
	s := play(t, consented(same), func(e *ui.Env) (p app.Composer, _ map[string]func()) {
		p, search = ui.LogPage(e)
		return p, nil
	})
	for words, want := range map[string]string{"": "4 entries", "gave": "1 entry", "clinic opened": "1 entry", "test reports": "1 entry", "a NOTE": "1 entry", "nothing of it": "0 entries"} {
		search(words)
		s.eng.ConsumeAll()
		if got := strings.TrimSpace(s.tree().id("log-found").words()); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}

// TestReceiptPaper: all that was agreed stands on the paper, with the hashes whole and a code.
func TestReceiptPaper(t *testing.T) {
	d := consented(same)
	page, _ := draw(t, d, "en", "/receipt/rc1")
	sheet := page.id("receipt")
	v := d.consents.receipt
	for _, want := range []string{"Asha Devi", "Meera, as guardian", "Sample Clinic", "For treatment and care", "Test reports", "Only 1 record and no other", "11 August 2026", "We look at your reports.",
		v.Documents[0].SHA256, v.ID, v.Signer.Thumbprint(), v.Root.Thumbprint(), v.Previous, "application/pdf", "confirmed on", "IN1234"} {
		if !strings.Contains(sheet.words(), want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
	if sheet.all("svg") == nil || len(sheet.all("button")) > 0 {
		t.Error("no code on the paper, or buttons")
	}
}
