package ui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/wallet"
)

// seeking is what is looked for on the first page, so that Back and a reload find it again.
//
// The address has it behind the # sign, which no server is told:
//
//	/#kind=result&who=everyone&from=2024&to=2024&marked&own&q=3
//
// A browser writes addresses into its history, sealed by nobody, and some send that to other devices. So nothing stands
// there but kinds, dates, choices and the random id of a person. The words that were typed and the name of a doctor or a
// clinic are in memory under the number q, which says nothing: they come back with Back and Forward, and are gone with the
// keys, as when the wallet is locked or the page loaded anew.
type seeking struct {
	last  int
	asked map[int]words
	at    string // the fragment that stands there, or stood when the page was left
}

// words are what the address does not say.
type words struct {
	whose        string // records were searched: opening one of them makes its person the current one
	text, author string
	near         bool
}

// most is how many are kept: more pages back nobody goes.
const most = 50

// note returns the fragment for a question, and the number of its words. n is that of the same page before, 0 for none.
func (s *seeking) note(q wallet.Query, who, current string, n int) (string, int) {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	kinds := make([]string, len(q.Kinds))
	for i, k := range q.Kinds {
		kinds[i] = string(k)
	}
	add("kind", strings.Join(kinds, ","))
	add("who", who)
	add("from", q.From)
	add("to", q.To)
	if q.Abnormal {
		parts = append(parts, "marked")
	}
	if q.Self {
		parts = append(parts, "own")
	}
	if q.Text != "" || q.Author != "" {
		n = s.keep(words{first(who, current), q.Text, q.Author, q.Near}, n)
		add("q", strconv.Itoa(n))
	}
	s.at = strings.Join(parts, "&")
	return s.at, n
}

// arrive hears of each page that is shown. Back from a record to the list it was found in by a link, which has no fragment,
// is back to what was looked for.
func (s *seeking) arrive(from, to, fragment string) {
	if to == pathHome && (fragment != "" || from != pathRecord) {
		s.at = fragment
	}
}

// keep keeps words under a number.
func (s *seeking) keep(w words, n int) int {
	if n == 0 {
		s.last++
		n = s.last
		delete(s.asked, n-most)
	}
	if s.asked == nil {
		s.asked = map[int]words{}
	}
	s.asked[n] = w
	return n
}

// recall reads the fragment. It may come from anywhere: what it does not know it leaves out.
func (s *seeking) recall(current string) (q wallet.Query, who string, n int) {
	if len(s.at) > 400 {
		return q, "", 0
	}
	for _, part := range strings.Split(s.at, "&") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "kind":
			for _, k := range strings.Split(value, ",") {
				if slices.Contains(kinds, fhir.Kind(k)) && len(q.Kinds) < len(kinds) {
					q.Kinds = append(q.Kinds, fhir.Kind(k))
				}
			}
		case "who":
			who = value
		case "from":
			q.From = fhirDate(value)
		case "to":
			q.To = fhirDate(value)
		case "marked":
			q.Abnormal = true
		case "own":
			q.Self = true
		case "q":
			n, _ = strconv.Atoi(value)
		}
	}
	if w, ok := s.asked[n]; ok && w.whose == first(who, current) {
		q.Text, q.Author, q.Near = w.text, w.author, w.near
		return q, who, n
	}
	return q, who, 0
}

// fhirDate is a date of any precision, or "".
func fhirDate(s string) string {
	for i, c := range []byte(s) {
		if dash := i == 4 || i == 7; dash != (c == '-') || !dash && (c < '0' || c > '9') {
			return ""
		}
	}
	if n := len(s); n != 4 && n != 7 && n != 10 {
		return ""
	}
	return s
}

// note keeps what is asked in the address and, as far as it says something, in memory.
func (p *pageHome) note(ctx app.Context) {
	var fragment string
	fragment, p.number = p.Env.Seek.note(p.query, p.who(), string(p.Snap.Current), p.number)
	p.readdress(ctx, fragment)
}

// readdress writes a fragment into the address, without a step in the browser's history: Back leads out of the search, not
// through every letter of it.
func (p *pageHome) readdress(ctx app.Context, fragment string) {
	if u := ctx.Page().URL(); u.Fragment != fragment {
		u.Fragment = fragment
		ctx.Page().ReplaceURL(u)
	}
}

// recall asks again what the address says.
func (p *pageHome) recall() {
	var who string
	p.query, who, p.number = p.Env.Seek.recall(string(p.Snap.Current))
	p.query.People = peopleOf(p.Snap, who)
}

// show puts what is asked into the address and the search box.
func (p *pageHome) show(ctx app.Context) {
	p.readdress(ctx, p.Env.Seek.at)
	text := p.query.Text
	p.here.ctx.Defer(func(app.Context) { p.Env.D.SetValue("search", text) })
}
