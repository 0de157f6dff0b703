package ui_test

import "context"

// script is what a fake browser has of scripts, and what it was asked for.
type script struct {
	without string // text that it cannot draw
	fonts   []string
	stays   []string // without network
	broken  error    // what becomes of fetching
}

func (s *script) CanDraw(text string) bool { return s.without == "" || text != s.without }

func (s *script) Letters(_ context.Context, font string) error {
	s.fonts = append(s.fonts, font)
	return s.broken
}

func (s *script) KeepOffline(_ context.Context, paths []string) error {
	s.stays = append(s.stays, paths...)
	return s.broken
}
