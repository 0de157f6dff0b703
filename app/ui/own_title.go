package ui

import "potli/app/diary"

// own is a title as it is said here: what notes written by hand are called is told in the reader's language, since their
// own words are English for whoever else reads them. Every other title stays as it is written.
func (e *Env) own(title string) string {
	t, ok := diary.TitleOf(title)
	if !ok {
		return title
	}
	what := e.T("diary.title."+t.Code, "who", t.Who)
	if t.Meal != "" {
		return e.T("diary.title.at-meal", "what", what, "meal", e.T("diary.meal."+t.Meal))
	}
	return what
}
