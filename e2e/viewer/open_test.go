package viewer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// summary is a small patient-shared collection, as the wallet's counter preset makes it.
const summary = `{"resourceType":"Bundle","type":"collection","timestamp":"2026-01-05T10:03:00+05:30","entry":[
{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"text":"Asha Verma"}],"birthDate":"1961-03-02","gender":"female"}},
{"fullUrl":"urn:uuid:2","resource":{"resourceType":"AllergyIntolerance","code":{"text":"Penicillin"},"criticality":"high","patient":{"reference":"urn:uuid:1"},
 "clinicalStatus":{"coding":[{"code":"active"}]},"reaction":[{"manifestation":[{"text":"Hives"}],"severity":"severe"}]}},
{"fullUrl":"urn:uuid:3","resource":{"resourceType":"Condition","code":{"text":"Type 2 diabetes"},"subject":{"reference":"urn:uuid:1"},"onsetDateTime":"2019"}},
{"fullUrl":"urn:uuid:4","resource":{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"reference":"urn:uuid:1"},
 "medicationCodeableConcept":{"text":"Metformin 500 mg"},"dosageInstruction":[{"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d","when":["C"]}},
 "doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]}]}},
{"fullUrl":"urn:uuid:5","resource":{"resourceType":"Observation","status":"final","code":{"text":"HbA1c"},"valueQuantity":{"value":7.0,"unit":"%"},
 "interpretation":[{"coding":[{"code":"H"}]}],"referenceRange":[{"low":{"value":4.0,"unit":"%"},"high":{"value":5.6,"unit":"%"}}],"effectiveDateTime":"2026-01-02"}},
{"fullUrl":"urn:uuid:6","resource":{"resourceType":"AllergyIntolerance","code":{"text":"Shellfish"},"patient":{"reference":"urn:uuid:1"},"verificationStatus":{"coding":[{"code":"entered-in-error"}]}}}
]}`

// A link with flag U: nothing is asked before the click, then one GET with the reader's name, and nothing is kept.
func TestDirectLink(t *testing.T) {
	s := newStage(t)
	l := s.Host.direct("/l/summary", []byte(summary))
	s.visit("shlink:/" + strings.TrimPrefix(l.String(), "shlink:/"))
	if got := s.eval(`location.href`); got != s.Viewer+"/" {
		t.Errorf("the address bar says %s", got)
	}
	s.wants("Blue folder", strings.TrimPrefix(s.Host.URL, "http://"), "This link stays in this computer’s history and dies in 10 minutes.")
	if got := s.asked(); len(got) != 0 {
		t.Errorf("asked before the click: %v", got)
	}
	s.run(chromedp.Click(submit)) // without a name
	time.Sleep(100 * time.Millisecond)
	if got := s.asked(); len(got) != 0 {
		t.Errorf("asked without a name: %v", got)
	}
	s.open()
	s.state("open")
	if got, want := s.asked(), "GET /l/summary?recipient="+url.PathEscape(reader); len(got) != 1 || got[0] != strings.Replace(want, "&", "%26", 1) {
		t.Errorf("asked %v, want one %s", got, want)
	}
	s.wants("Asha Verma", "2 March 1961", "Female", "Shared by the person themself", "Nothing is kept", "5 January 2026, 10:03",
		"Penicillin", "High risk", "Hives, severe", "Type 2 diabetes", "since 2019", "1 tablet, twice a day, with meals", "7.0%", "▲ high", "4.0 – 5.6%")
	if got := s.eval(`document.body.innerText.match(/Link ends in (10:00|9:\d\d)/)?.[0] ?? ""`); got == "" {
		t.Error("the page does not say how long the link still lives")
	}
	if got := s.eval(`[...document.querySelectorAll('.card.allergy li')].map((e) => e.innerText).join('|')`); strings.Contains(got, "Shellfish") {
		t.Errorf("an entry made in error stands as a fact: %s", got)
	}
	if got := s.eval(`document.querySelector('tr.void s').textContent`); got != "Shellfish" {
		t.Errorf("entered in error is not struck out: %q", got)
	}
	s.empty()
	if got := s.eval(`document.documentElement.outerHTML.includes('shlink') || document.documentElement.outerHTML.includes(` + fmt.Sprintf("%q", l.Payload["key"]) + `) ? 'held' : ''`); got != "" {
		t.Error("the link stands in the page")
	}
	s.run(chromedp.Click(chromedp.CSS("#clear")))
	s.state("cleared")
	if text := s.text(); strings.Contains(text, "Asha") {
		t.Errorf("not cleared: %s", text)
	}
	s.empty()
}

// Leaving the page takes the record with it: going back shows none.
func TestGoingBackShowsNothing(t *testing.T) {
	s := newStage(t)
	s.read(s.Host.direct("/l/summary", []byte(summary)).String())
	s.run(chromedp.Navigate(s.App+"/"), chromedp.NavigateBack())
	time.Sleep(500 * time.Millisecond)
	if text := s.eval(`document.body.innerText`); strings.Contains(text, "Asha") {
		t.Errorf("going back brought the record back: %s", text)
	}
}

func TestManifest(t *testing.T) {
	s := newStage(t)
	l := s.Host.link("/m/one", "")
	other := strings.Replace(summary, "Asha Verma", "Ravi Verma", 1)
	var asked, first int
	s.Host.handle("/f/first", func(w http.ResponseWriter, r *http.Request) { first++; problem(w, http.StatusNotFound, nil) })
	s.Host.handle("/f/second", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, l.seal([]byte(other), "", true)) })
	s.Host.manifest("/m/one", func() []map[string]any {
		asked++
		location := "/f/first" // dead by the time it is used, like a ticket that was spent
		if asked > 1 {
			location = s.Host.URL + "/f/second"
		}
		return []map[string]any{
			{"contentType": fhirType, "embedded": l.seal([]byte(summary), fhirType, false), "location": "https://never.invalid/asked", "zz": 1},
			{"contentType": fhirType + "; fhirVersion=4.0.1", "location": location, "lastUpdated": "2026-01-01"},
			{"contentType": "application/x-other", "embedded": "x"},
			{"contentType": fhirType, "embedded": "broken"},
		}
	})
	s.read("https://viewer.invalid/#" + l.String())
	s.wants("Asha Verma", "Ravi Verma", "Document 1 of 2", "Document 2 of 2", "One file could not be shown. It is of a kind", "One file could not be shown. The file is damaged.")
	if asked != 2 || first != 1 {
		t.Errorf("%d manifests and %d tries of the dead location, want 2 and 1", asked, first)
	}
	for _, r := range s.Host.Seen {
		if r.Method == http.MethodPost && (r.ContentType != "application/json" || r.Body["recipient"] != reader || r.Body["embeddedLengthMax"] == nil) {
			t.Errorf("asked with %+v", r)
		}
		if _, ok := r.Body["passcode"]; ok {
			t.Error("sent a passcode nobody gave")
		}
	}
	s.empty()
}

func TestPasscode(t *testing.T) {
	s := newStage(t)
	l := s.Host.link("/m/p", "P")
	left := 2
	s.Host.handle("/m/p", func(w http.ResponseWriter, r *http.Request) {
		if left == 0 {
			problem(w, http.StatusNotFound, nil)
			return
		}
		if s.Host.last().Body["passcode"] != "KX7 29Q" {
			left--
			problem(w, http.StatusUnauthorized, map[string]any{"remainingAttempts": left})
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"files": []map[string]any{{"contentType": fhirType, "embedded": l.seal([]byte(summary), fhirType, false)}}})
	})
	s.visit(l.String())
	s.open("wrong")
	s.alerts("That passcode was not accepted.", "1 try left.")
	if got := s.eval(`document.activeElement.id`); got != "passcode" {
		t.Errorf("the cursor is in %q, want the passcode", got)
	}
	if got := s.eval(`document.querySelector('#reader').value`); got != reader {
		t.Errorf("the name has to be typed again: %q", got)
	}
	s.open("KX7 29Q")
	s.state("open")
	s.wants("Asha Verma")

	left = 1
	s.visit(l.String())
	s.open("wrong")
	s.alerts("No tries are left", "Ask the person for a new link.")
	if got := s.eval(`String(document.querySelectorAll('form').length)`); got != "0" {
		t.Error("still asks for a passcode when no try is left")
	}
	s.empty()
}

// A link that does not say P, whose host wants a passcode nevertheless.
func TestPasscodeUnannounced(t *testing.T) {
	s := newStage(t)
	l := s.Host.link("/m/p", "")
	s.Host.handle("/m/p", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, "who are you?")
	})
	s.visit(l.String())
	s.open()
	s.alerts("That passcode was not accepted.")
	s.run(chromedp.WaitVisible(codeField))
}

func TestRefusals(t *testing.T) {
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { problem(w, status, nil) }
	}
	for name, c := range map[string]struct {
		host http.HandlerFunc
		want []string
		form string // whether another try is offered
	}{
		"gone":         {answer(404), []string{"This record is no longer available.", "Ask the person for a new one."}, "0"},
		"server error": {answer(500), []string{"refused to hand over the record. 500"}, "1"},
		"no network":   {func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, []string{"could not be reached.", "The link is still here."}, "1"},
		"not a JWE":    {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") }, []string{"The file is damaged."}, "1"},
		"another key": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, link{Key: make([]byte, 32)}.seal([]byte(summary), "", false))
		}, []string{"could not be unlocked"}, "1"},
		"no end": {func(w http.ResponseWriter, r *http.Request) {
			b := make([]byte, 1<<20)
			for range 30 {
				w.Write(b)
			}
		}, []string{"larger than this page can open"}, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			l := s.Host.link("/l/x", "U")
			s.Host.handle("/l/x", c.host)
			s.visit(l.String())
			s.open()
			s.alerts(c.want...)
			if got := s.eval(`String(document.querySelectorAll('form').length)`); got != c.form {
				t.Errorf("%s forms, want %s", got, c.form)
			}
			s.empty()
		})
	}
}

// SHL-34: after 429 nothing is asked before Retry-After is over.
func TestBusyHostIsWaitedFor(t *testing.T) {
	s := newStage(t)
	l := s.Host.link("/l/busy", "U")
	s.Host.handle("/l/busy", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "2")
		problem(w, http.StatusTooManyRequests, nil)
	})
	s.visit(l.String())
	s.open()
	s.alerts("is busy")
	start := time.Now()
	s.run(chromedp.WaitVisible(chromedp.CSS("#blocked")))
	s.run(chromedp.WaitNotVisible(chromedp.CSS("#blocked")), chromedp.WaitEnabled(submit))
	if waited := time.Since(start); waited < time.Second {
		t.Errorf("waited %v only", waited)
	}
	if got := s.asked(); len(got) != 1 {
		t.Errorf("asked %d times", len(got))
	}
}

func TestPastItsTime(t *testing.T) {
	s := newStage(t)
	l := s.Host.direct("/l/old", []byte(summary))
	l.Payload["exp"] = time.Now().Add(-time.Hour).Unix()
	s.visit(l.String())
	s.wants("The time of this link is over.", "Try anyway")
	s.open()
	s.state("open")
	s.wants("Asha Verma", "The link has ended.")
}

// SHL-12: a payload of a newer version shows its label and asks nobody.
func TestNewerVersion(t *testing.T) {
	s := newStage(t)
	l := s.Host.link("/l/v2", "U")
	l.Payload["v"] = 2
	s.run(chromedp.Navigate(s.Viewer + "/#" + l.String()))
	s.alerts("newer kind", "Label: Blue folder")
	if got := s.asked(); len(got) != 0 {
		t.Errorf("asked %v", got)
	}
}

func TestPastedLink(t *testing.T) {
	s := newStage(t)
	l := s.Host.direct("/l/paste", []byte(summary))
	s.run(chromedp.Navigate(s.Viewer + "/"))
	s.state("start")
	box := chromedp.CSS("#link")
	s.run(chromedp.SendKeys(box, "nothing of the kind"), chromedp.Click(submit))
	s.alerts("There is no health link in this.")
	s.run(chromedp.SendKeys(box, "Dear clinic, my record: https://other.example/view#"+l.String()+" Thanks, Asha"), chromedp.Click(submit))
	s.state("ask")
	s.open()
	s.state("open")
	s.wants("Asha Verma")
	// A second link in the address bar of the open page loads nothing; the page must notice it.
	s.eval(`location.hash = ` + fmt.Sprintf("%q", s.Host.direct("/l/next", []byte(summary)).String()) + `, ''`)
	s.state("ask")
	if got := s.eval(`location.href`); got != s.Viewer+"/" {
		t.Errorf("the address bar says %s", got)
	}
}

func TestLanguages(t *testing.T) {
	s := newStage(t, "hi-IN")
	s.visit(s.Host.direct("/l/hi", []byte(summary)).String())
	s.wants("कोई आपके साथ स्वास्थ्य रिकॉर्ड साझा कर रहा है")
	s.open()
	s.state("open")
	s.wants("एलर्जी", "दिन में दो बार", "खाने के साथ", "2 मार्च 1961", "Penicillin")
	if got := s.eval(`document.documentElement.lang`); got != "hi" {
		t.Errorf("lang=%s", got)
	}
	s.speaks("en")
	s.run(chromedp.WaitVisible(chromedp.CSS(`.glance`)))
	s.wants("Allergies", "Asha Verma")
	if got := s.asked(); len(got) != 1 {
		t.Errorf("another language cost another request: %v", got)
	}
}

// A link that may change (L) offers the newest version; the host's wish to be left alone is kept (SHL-35).
func TestLongTermLink(t *testing.T) {
	s := newStage(t)
	l := s.Host.link("/l/long", "LU")
	s.Host.handle("/l/long", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3600")
		fmt.Fprint(w, l.seal([]byte(summary), fhirType, false))
	})
	s.read(l.String())
	s.run(chromedp.WaitVisible(chromedp.CSS("#again[disabled]")))
}

// The scrubbed link is not in what scripts and the person's next click can reach.
func TestHistory(t *testing.T) {
	s := newStage(t)
	s.visit(s.Host.direct("/l/h", []byte(summary)).String())
	h := call(s, page.GetNavigationHistory, struct{}{})
	for _, e := range h.Entries {
		if strings.Contains(e.URL, "shlink") {
			t.Errorf("the tab's history holds %.60s…", e.URL)
		}
	}
}

// Cards inside a link are shown, and said to be unverified.
func TestHealthCard(t *testing.T) {
	s := newStage(t)
	body := `{"verifiableCredential":["` + strings.TrimSpace(string(mustRead(t, shared(t, "shc")+"/example-00-d-jws.txt"))) + `","broken"]}`
	s.read(s.Host.direct("/l/card", []byte(body)).String())
	s.wants("Health card, signature not verified here", "https://spec.smarthealth.cards/examples/issuer", "A health card in it is damaged.", "John B. Anyperson")
}

func TestOddFiles(t *testing.T) {
	for name, c := range map[string][2]string{
		"access token":   {`{"access_token":"secret-token","aud":"https://x.example"}`, "gives access to a live system"},
		"not JSON":       {"\x00\x01", "nothing this page can read"},
		"JSON, not FHIR": {`{"a":1}`, "nothing this page can read"},
		"array":          {`[]`, "nothing this page can read"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.visit(s.Host.direct("/l/odd", []byte(c[0])).String())
			s.open()
			s.alerts(c[1])
			if strings.Contains(s.text(), "secret-token") {
				t.Error("shows the token")
			}
		})
	}
}
