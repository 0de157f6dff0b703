package ui

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/traffic"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// leftList draws lines of the account.
func leftList(e *Env, list []traffic.Sum) app.UI {
	if len(list) == 0 {
		return kit.Small(e.T("left.none"))
	}
	return app.Ul().ID("left-list").Class("given-list").Body(app.Range(list).Slice(func(i int) app.UI { return leftRow(e, list[i]) }))
}

func leftRow(e *Env, s traffic.Sum) app.UI {
	words := leftWords(e, s)
	return app.Li().Class("given-row").Body(
		app.P().Class("given-name").Text(words[0]),
		app.Range(words[1:]).Slice(func(i int) app.UI { return app.P().Class("hint").Text(words[1+i]) }),
	)
}

// leftWords says one line of the account: why, when and where to, how often and how much, and what did not work.
func leftWords(e *Env, s traffic.Sum) []string {
	at := e.L.DateTime(time.Unix(s.From, 0))
	if s.Day != "" {
		at = e.L.Date(s.Day)
	}
	often := e.T("left.went-on")
	if s.N > 0 {
		often = e.N("left.times", s.N)
	}
	words := []string{
		e.T("left.reason." + string(s.Reason)),
		e.T("left.line", "time", at, "host", s.Host),
		often,
		e.T("left.sizes", "out", e.L.Bytes(int(s.Out)), "in", e.L.Bytes(int(s.In))),
	}
	if s.Failed > 0 {
		words = append(words, e.N("left.failed", s.Failed))
	}
	return words
}

// leftText is the account as a text to be kept: all lines that were chosen, and what cannot be counted.
func leftText(e *Env, left *wallet.Left, list []traffic.Sum) string {
	lines := []string{e.T("left.title"), e.L.DateTime(e.Now()), ""}
	if left.Lost {
		lines = append(lines, e.T("left.lost"), "")
	}
	for _, s := range list {
		lines = append(lines, strings.Join(leftWords(e, s), "\n  "), "")
	}
	lines = append(lines, e.T("left.itself"), e.T("left.itself-text"))
	for _, s := range byItself(e) {
		lines = append(lines, "- "+s)
	}
	return strings.Join(lines, "\n") + "\n"
}

// byItself is what the browser sends of its own, which no page of it can count.
func byItself(e *Env) []string {
	return []string{e.T("left.itself-files"), e.T("left.itself-lazy"), e.T("left.itself-frame"), e.T("left.itself-push"), e.T("left.itself-voice"), e.T("left.itself-more")}
}

func leftByItself(e *Env) app.UI {
	list := byItself(e)
	return kit.Card("left-itself", e.T("left.itself"), kit.Text(e.T("left.itself-text")),
		app.Ul().Class("list").Body(app.Range(list).Slice(func(i int) app.UI { return app.Li().Text(list[i]) })))
}
