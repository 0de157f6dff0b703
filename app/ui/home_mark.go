package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/find"
	"potli/app/wallet"
)

// marked is a text in which the words that were found are marked: whole words, built as elements.
func marked(tag app.HTMLSpan, text string, q find.Query) app.UI {
	spans := q.Spans(text)
	if len(spans) == 0 {
		return tag.Text(text)
	}
	var parts []app.UI
	at := 0
	for _, s := range spans {
		if s.From > at {
			parts = append(parts, app.Text(text[at:s.From]))
		}
		parts = append(parts, app.Mark().Text(text[s.From:s.To]))
		at = s.To
	}
	if at < len(text) {
		parts = append(parts, app.Text(text[at:]))
	}
	return tag.Body(parts...)
}

// foundInside shows the words around what was found in the text of a document, when nothing that stands on its card says
// why it is here.
func foundInside(e *Env, g wallet.Group, q find.Query) app.UI {
	if q.Empty() || seen(e, g, q) {
		return nil
	}
	for _, text := range texts(g) {
		for _, part := range strings.Split(text, "\n") {
			if around := excerpt(part, q); around != "" {
				return app.P().Class("group-inside").Body(
					app.Span().Class("group-inside-where").Text(e.T("find.inside")+" "), marked(app.Span(), around, q))
			}
		}
	}
	return nil
}

// seen says whether the card shows a word that was found.
func seen(e *Env, g wallet.Group, q find.Query) bool {
	shown := []string{groupTitle(e, g), g.Author}
	for _, l := range g.Lines[:min(len(g.Lines), firstLines)] {
		shown = append(shown, e.title(l.Title, l.Type, l.Kind), e.L.Values(l.Detail))
	}
	for _, s := range shown {
		if len(q.Spans(s)) > 0 {
			return true
		}
	}
	return false
}

// texts are what a search reads beside what a card shows.
func texts(g wallet.Group) []string {
	list := []string{g.Words, g.Source.Name}
	for i, l := range g.Lines {
		if i >= firstLines {
			list = append(list, l.Title)
		}
		list = append(list, l.Words)
		for _, m := range l.Measures {
			list = append(list, m.Name)
		}
	}
	return list
}

// around is how many bytes of a text are shown on each side of what was found.
const around = 60

// excerpt is what stands around the first word found; "" where there is none.
func excerpt(text string, q find.Query) string {
	spans := q.Spans(text)
	if len(spans) == 0 {
		return ""
	}
	from, to := max(spans[0].From-around, 0), min(spans[0].To+around, len(text))
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	if i := strings.IndexByte(text[from:spans[0].From], ' '); from > 0 && i >= 0 {
		from += i + 1
	}
	if i := strings.LastIndexByte(text[spans[0].To:to], ' '); to < len(text) && i > 0 {
		to = spans[0].To + i
	}
	cut := text[from:to]
	if from > 0 {
		cut = "… " + cut
	}
	if to < len(text) {
		cut += " …"
	}
	return cut
}

// ofWhom is the name of the person a record is of, where that is not the one whose records are shown.
func ofWhom(s *wallet.Snapshot, g wallet.Group) string {
	if g.Person == "" || g.Person == s.Current {
		return ""
	}
	return person(s, string(g.Person)).Name
}
