package ui

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
)

// Scanning is a box that reads codes, with hands on its buttons.
type Scanning struct{ *scanBox }

func ScanningFor(d Device, l *Languages, owner CodeReader, want ...scan.Kind) Scanning {
	return Scanning{&scanBox{Env: &Env{D: d, L: l.Current(), Langs: l}, ID: "scan", Want: want, Owner: owner}}
}

func (s Scanning) Open()    { s.onOpen(s.ctx, app.Event{}) }
func (s Scanning) Close()   { s.onClose(s.ctx, app.Event{}) }
func (s Scanning) Torch()   { s.onTorch(s.ctx, app.Event{}) }
func (s Scanning) Another() { s.onOther(s.ctx, app.Event{}) }
func (s Scanning) Leave()   { s.OnDismount() }

// See is a camera that has come on.
func (s Scanning) See(c scan.Camera) {
	s.ctx.Dispatch(func(app.Context) { s.on, s.seen, s.camera = true, true, c })
}

// ScanPage is the page for any code; to says where it led, and code what it carried there.
func ScanPage(w Door, d Device, l *Languages, now time.Time) (page interface {
	app.Composer
	CodeReader
}, to func() string, code func() string) {
	var path string
	links := &held{}
	e := &Env{W: w, D: d, L: l.Current(), Langs: l, Now: func() time.Time { return now }, Leave: func(_ app.Context, p string) { path = p }}
	return &pageScan{Env: e, Snap: w.Snapshot(), Links: links}, func() string { return path }, func() string {
		if links.link != nil {
			return links.link.URL
		}
		return links.code
	}
}
