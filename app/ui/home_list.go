package ui

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Rows are drawn in stretches, and a long stretch is made of fanOut shorter ones. Ten thousand rows are ten stretches, of
// which those far from the screen are one empty box each.
const (
	stretchRows = 4   // of the shortest stretch: what comes and goes together
	fanOut      = 16  // stretches in the next longer one
	rowHeight   = 300 // CSS pixels, of one that was never drawn
	// shortList is how many rows are always drawn, so that whoever has few finds all of them on the page. Of a longer list
	// the first ones are drawn before the browser says what is near the screen, so that something is there at once.
	shortList = 12 * stretchRows
	firstRows = stretchRows
)

// homeList is the timeline: everything that is looked for, from the newest on. Only the rows near the screen are drawn and
// only their words are read from the index; where the others are is empty room of their height, so that the page is as
// long as it would be and a place in it stays a place.
//
// Each row says which of how many it is (aria-posinset, aria-setsize), since the browser can not count those that are not
// there. Keyboard and screen reader come to rows in their order: the next ones are drawn before they are reached.
type homeList struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Query wallet.Query // its Offset and Limit are the list's own

	turn  int // grows with each look at the wallet: the stretches look again
	total int
	keep  rowRange // drawn wherever they are: those around the focus, or around a row that is asked for
	at    *homePlace
	moved chan *stretch // that came near the screen, or left
	stop  chan struct{}
}

func (l *homeList) OnInit() {
	l.moved, l.stop = make(chan *stretch, 256), make(chan struct{})
	l.look()
}

func (l *homeList) OnMount(ctx app.Context) {
	l.here.OnMount(ctx)
	go l.keepUp()
}

func (l *homeList) OnDismount() { close(l.stop) }

// breath is the time that the screen has for itself after each stretch.
const breath = 8 * time.Millisecond

// keepUp draws stretches one after the other: a page that is scrolled fast must move on, and of what it passes by much is
// gone again before its turn comes.
func (l *homeList) keepUp() {
	for {
		select {
		case <-l.stop:
			return
		case s := <-l.moved:
			if s.drawn() == s.was.Load() {
				continue
			}
			s.ctx.Dispatch(func(app.Context) { s.load() })
			time.Sleep(breath)
		}
	}
}

func (l *homeList) OnUpdate(app.Context) { l.look() }

// look asks the wallet how much there is. The rows are asked for by the stretch that draws them.
func (l *homeList) look() {
	l.at = l.Env.Home
	if l.at.of(string(l.Snap.Current), l.Query) {
		l.keep = rowRange{}
	}
	l.turn++
	l.total = l.ask(0, 1).Total
}

// ask asks for a part of the list, as soon as it can be had: nothing of it is counted here.
func (l *homeList) ask(from, n int) wallet.Timeline {
	q := l.Query
	q.Offset, q.Limit, q.Soon = from, n, true
	return l.Env.W.Timeline(q)
}

// rows asks for rows of the list, and says under which month the one before them stands.
func (l *homeList) rows(from, n int) (groups []wallet.Group, before string) {
	if groups = l.ask(max(from-1, 0), n+min(from, 1)).Groups; from > 0 && len(groups) > 0 {
		before = monthOf(l.Env, groups[0])
		groups = groups[1:]
	}
	return groups, before
}

func (l *homeList) Render() app.UI {
	return app.Div().Class("timeline-whole").Body(
		app.If(l.total > shortList, func() app.UI { return &homeJump{Env: l.Env, List: l, Turn: l.turn} }),
		app.Div().ID("timeline").Class("timeline").Body(l.stretches()...),
	)
}

func (l *homeList) stretches() []app.UI {
	size := stretchRows * fanOut * fanOut
	return stretchesOf(l, 0, l.total, size)
}

func stretchesOf(l *homeList, from, to, size int) (list []app.UI) {
	for ; from < to; from += size {
		list = append(list, &stretch{List: l, From: from, To: min(from+size, to), Size: size, Turn: l.turn})
	}
	return list
}

// rowRange is rows of the list, the last one not among them.
type rowRange struct{ from, to int }

func (r rowRange) meets(from, to int) bool { return r.from < to && from < r.to }

// hold draws the shortest stretch that begins at a row, and the two beside it, from which the keyboard goes on.
func (l *homeList) hold(from int) {
	l.keep = rowRange{from - stretchRows, from + 2*stretchRows}
	l.turn++
}

// goTo draws a row wherever it is and moves the focus to the heading of its month.
func (l *homeList) goTo(row int) {
	l.hold(row - row%stretchRows)
	l.focus(l.Env, monthID(l.dateOf(row)))
}

// dateOf is the date of a row, or of the next one that has any.
func (l *homeList) dateOf(row int) string {
	const near = 40
	for ; row < l.total; row += near {
		for _, g := range l.ask(row, near).Groups {
			if g.Date != "" {
				return g.Date
			}
		}
	}
	return ""
}

// rowOf is the first row that is not later than a FHIR date, as precise as that is. The list is sorted, so a dozen looks
// find it among ten thousand.
func (l *homeList) rowOf(date string) int {
	low, high := 0, l.total-1
	for low < high {
		mid := (low + high) / 2
		if d := l.dateOf(mid); d == "" || d[:min(len(d), len(date))] <= date {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// stretch is a part of the list: rows, shorter stretches, or the room that they take.
type stretch struct {
	app.Compo
	here
	List     *homeList
	From, To int
	Size     int
	Turn     int

	months  []month
	was     atomic.Bool // drawn, when it was last looked at
	release func()
}

// month is a heading with the rows under it.
type month struct {
	name   string // "" where the heading stands in an earlier stretch
	id     string
	from   int // which row the first is
	groups []wallet.Group
}

func (s *stretch) OnInit() { s.load() }

func (s *stretch) OnMount(ctx app.Context) {
	s.here.OnMount(ctx)
	s.release = s.List.Env.D.Near(s.id(), s.heed)
}

func (s *stretch) OnDismount() {
	if s.release != nil {
		s.release()
	}
}

func (s *stretch) OnUpdate(app.Context) { s.load() }

// reach is which stretch of the list it is.
func (s *stretch) reach() reach { return reach{s.From, s.Size} }

// id names the element.
func (s *stretch) id() string { return "rows-" + strconv.Itoa(s.From) + "-" + strconv.Itoa(s.Size) }

// drawn says whether more than room is drawn.
func (s *stretch) drawn() bool {
	return s.List.total <= shortList || s.From < firstRows || s.List.at.shows(s.reach()) || s.List.keep.meets(s.From, s.To)
}

// heed is told by the browser when the stretch comes near the screen or leaves, and how high it was then.
func (s *stretch) heed(near bool, height float64) {
	if !s.was.Load() {
		height = 0 // of the room that it was given
	}
	s.List.at.come(s.reach(), near, height)
	select {
	case s.List.moved <- s:
	default: // the browser is not kept waiting
		go func() {
			select {
			case s.List.moved <- s:
			case <-s.List.stop:
			}
		}()
	}
}

// load reads the words of the rows, or lets go of them.
func (s *stretch) load() {
	s.months = nil
	s.was.Store(s.drawn())
	if s.Size > stretchRows || !s.drawn() {
		return
	}
	groups, before := s.List.rows(s.From, s.To-s.From)
	for i, g := range groups {
		name := monthOf(s.List.Env, g)
		if n := len(s.months); n == 0 || name != before {
			m := month{from: s.From + i}
			if name != before {
				m.name, m.id = name, monthID(g.Date)
			}
			s.months = append(s.months, m)
		}
		before = name
		last := &s.months[len(s.months)-1]
		last.groups = append(last.groups, g)
	}
}

func monthOf(e *Env, g wallet.Group) string { return first(e.L.Month(g.Date), e.T("date.none")) }

// monthID names the heading of a month.
func monthID(date string) string {
	return "month-" + strings.ReplaceAll(date[:min(len(date), 7)], "/", "")
}

func (s *stretch) Render() app.UI {
	d := app.Div().ID(s.id()).Class("rows")
	switch {
	case !s.drawn():
		return d.Class("rows-away").Body(kit.Room(s.height()))
	case s.Size > stretchRows:
		return d.Body(stretchesOf(s.List, s.From, s.To, s.Size/fanOut)...)
	}
	return d.On("focusin", s.onFocus).Body(app.Range(s.months).Slice(func(i int) app.UI { return s.month(s.months[i]) }))
}

// onFocus keeps the rows around the focus: it is never on a row that goes, nor before a hole.
func (s *stretch) onFocus(ctx app.Context, e app.Event) {
	l, from := s.List, s.From
	if l.keep.from != from-stretchRows {
		l.ctx.Dispatch(func(app.Context) { l.hold(from) })
	}
}

// height is what the stretch was, or is likely to be.
func (s *stretch) height() float64 {
	if h := s.List.at.height(s.reach()); h > 0 {
		return h
	}
	return float64((s.To - s.From) * rowHeight)
}

func (s *stretch) month(m month) app.UI {
	l := s.List
	return app.Section().Class("month").Body(
		kit.If(m.name != "", func() app.UI {
			return app.H2().ID(m.id).Class("month-name").TabIndex(-1).Text(m.name)
		}),
		app.Ul().Class("groups").Body(app.Range(m.groups).Slice(func(i int) app.UI {
			return &group{Env: l.Env, Group: m.groups[i], Row: m.from + i + 1, Rows: l.total, Find: l.Query.Text, Whose: ofWhom(l.Snap, m.groups[i])}
		})),
	)
}
