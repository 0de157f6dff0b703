package ui

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/locale"
	glossary "potli/app/plain"
	"potli/app/record"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Env is what every page is given: the wallet, the browser, the words. It is never changed; another language is another
// Env, so that every component that holds one draws itself again.
type Env struct {
	W      Door
	D      Device
	L      *locale.Locale
	Plain  *glossary.Book // what things are, in a sentence; nil until it has come
	Langs  *Languages
	Viewer string
	Faces  map[record.ProfileID]string // blob: URLs of photos; another photo is another map
	Learn  *lessons                    // help, explanations and tour; nil until they have come
	Home   *homePlace                  // where the timeline was left
	Seek   *seeking                    // what was looked for in it
	Now    func() time.Time
	Held   string                             // the page of a document that is no record, while one is shown; "" for records
	Leave  func(ctx app.Context, path string) // nil: go-app's Navigate
}

// T says a message. It is called a thousand times: copied into each place it weighed a hundred kilobytes.
//
//go:noinline
func (e *Env) T(key string, args ...string) string { return e.L.T(key, args...) }

// N says a message about a number of things.
func (e *Env) N(key string, n int) string { return e.L.T(key, "n", strconv.Itoa(n)) }

// Go leads to another page.
func (e *Env) Go(ctx app.Context, path string) {
	if e.Leave != nil {
		e.Leave(ctx, path)
		return
	}
	ctx.Navigate(path)
}

// run does something slow away from the screen and comes back with what became of it. It is not copied into its callers, for
// the same reason as T.
//
//go:noinline
func run(ctx app.Context, work func(context.Context) error, done func(app.Context, error)) {
	ctx.Async(func() {
		err := work(ctx.Context)
		ctx.Dispatch(func(ctx app.Context) { done(ctx, err) })
	})
}

// kind says a kind of record in one word or two.
func (e *Env) kind(k fhir.Kind) string {
	if k == "" {
		k = fhir.KindOther
	}
	return e.T("kind." + string(k))
}

// title says what a thing is called: by its own words, else by its type, else by its kind.
func (e *Env) title(own, typ string, k fhir.Kind) string {
	if own = strings.TrimSpace(own); own != "" {
		return e.own(own)
	}
	if key := "type." + typ; typ != "" && e.L.Has(key) {
		return e.T(key)
	}
	if typ != "" && (k == "" || k == fhir.KindOther) {
		return typ
	}
	return e.kind(k)
}

// date says a date, or that there is none.
func (e *Env) date(s string) string {
	if s == "" {
		return e.T("date.none")
	}
	return e.L.Date(s)
}

// initials are the first letters of the first and last name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first := locale.FirstLetter(words[0])
	if len(words) == 1 {
		return first
	}
	return first + locale.FirstLetter(words[len(words)-1])
}

// person finds somebody of the family by their id; the zero Person if they are gone, or hidden.
func person(s *wallet.Snapshot, id string) wallet.Person {
	for _, p := range s.People {
		if string(p.ID) == id && !s.Hidden[p.ID] {
			return p
		}
	}
	return wallet.Person{}
}

// portrait is how a person looks.
func (e *Env) portrait(p wallet.Person) kit.Portrait {
	return kit.Portrait{Photo: e.Faces[p.ID], Alt: e.T("people.photo-of", "name", p.Name), Initials: initials(p.Name), Colour: p.Colour}
}

// born says the year somebody was born in, "" where it is not known: enough to tell two people of one name apart.
func (e *Env) born(p wallet.Person) string {
	if p.BirthYear() == "" {
		return ""
	}
	return e.T("people.born-year", "year", p.BirthYear())
}

// shareOf finds a share of the ledger.
func shareOf(s *wallet.Snapshot, id string) (share.Share, bool) {
	for _, sh := range s.Shares {
		if sh.ID == id {
			return sh, true
		}
	}
	return share.Share{}, false
}

// host is the part of an address that says who answers.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}
