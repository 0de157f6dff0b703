package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
)

// face is a photo of a person, drawn anew by the browser. They are drawn once, and shown on every page.
type face struct {
	sum     string // Person.Photo of which it was drawn
	url     string // "" as long as it is being drawn, or when it cannot be
	release func()
}

// urls are the faces that are there.
func (s *shell) urls() map[record.ProfileID]string {
	urls := map[record.ProfileID]string{}
	for id, f := range s.faces {
		if f.url != "" {
			urls[id] = f.url
		}
	}
	return urls
}

// draw draws the photos that are new, and drops those of people who are gone, hidden or locked away.
func (s *shell) draw() {
	wanted := map[record.ProfileID]string{}
	for _, p := range append(s.snap.Shown(), s.snap.PutAside()...) {
		if p.Photo != "" {
			wanted[p.ID] = p.Photo
		}
	}
	dropped := false
	for id, f := range s.faces {
		if wanted[id] != f.sum {
			f.drop()
			delete(s.faces, id)
			dropped = true
		}
	}
	for id, sum := range wanted {
		if _, known := s.faces[id]; !known {
			s.drawOne(id, sum)
		}
	}
	if dropped && s.env.L != nil {
		s.env = s.speak(s.env.L)
	}
}

func (s *shell) drawOne(id record.ProfileID, sum string) {
	if s.faces == nil {
		s.faces = map[record.ProfileID]face{}
	}
	s.faces[id] = face{sum: sum}
	f := face{sum: sum}
	run(s.ctx, func(c context.Context) error {
		b, err := s.Base.env.W.Photo(c, id)
		if err == nil {
			f.url, f.release, err = s.Base.env.D.Picture(c, b)
		}
		return err
	}, func(ctx app.Context, err error) {
		if s.faces[id].sum != sum || err != nil { // another photo since; a face that cannot be drawn is its initials
			f.drop()
			return
		}
		s.faces[id] = f
		if s.env.L != nil {
			s.env = s.speak(s.env.L)
		}
	})
}

func (f face) drop() {
	if f.release != nil {
		f.release()
	}
}

func (s *shell) dropFaces() {
	for _, f := range s.faces {
		f.drop()
	}
	s.faces = nil
}
