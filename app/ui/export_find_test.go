package ui

import "potli/app/wallet"

// Seeking is what is looked for, for its tests.
type Seeking struct{ s seeking }

func NewSeeking() *Seeking { return &Seeking{} }

func (s *Seeking) Note(q wallet.Query, who, current string, n int) (string, int) {
	return s.s.note(q, who, current, n)
}

func (s *Seeking) Recall(fragment, current string) (q wallet.Query, who string, n int) {
	s.s.at = fragment
	return s.s.recall(current)
}

// Excerpt and Marked show what is found in a text.
var Excerpt = excerpt
