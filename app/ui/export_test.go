package ui

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// What the tests see of the inside: the shell over a fake wallet, and the decisions pages make without a browser.

func ShellFor(w Door, d Device, l *Languages, now func() time.Time, path string) app.Composer {
	b := &base{env: Env{W: w, D: d, Langs: l, Viewer: "https://viewer.example/", Home: &homePlace{}, Seek: &seeking{}, Now: now, Leave: func(app.Context, string) {}}, links: &held{}}
	return &shell{Base: b, Path: path}
}

var (
	Ask       = ask
	Slip      = slip
	Spaced    = spaced
	Initials  = initials
	ErrorKey  = errorKey
	TitleKey  = titleKey
	ShortCode = shortCode
	Nodes     = nodes
	Pick      = pick
)

// PlaceOf is placeOf in two strings.
func PlaceOf(path string) (page, id string) { p := placeOf(path); return p.page, p.id }

// Explain says an error.
func Explain(l *Languages, err error) string { return (&Env{L: l.Current()}).Explain(err) }
