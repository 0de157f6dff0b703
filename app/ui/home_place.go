package ui

import (
	"maps"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"potli/app/wallet"
)

// reach is a stretch of the timeline: its first row, and how many rows it has room for.
type reach struct{ from, size int }

// homePlace is what the timeline keeps while another page is shown: who comes back finds the place again that they left.
type homePlace struct {
	whose string
	query wallet.Query

	mu      sync.Mutex        // owns near and heights
	near    map[reach]bool    // stretches near the screen
	heights map[reach]float64 // that were measured, in CSS pixels

	row    string  // id of the row that led away, "" where another link did
	top, y float64 // where it stood on the screen, and how far the page was scrolled
}

// of begins anew where somebody else's timeline is shown, or something else is looked for. What is near the screen stays
// near it: the browser tells only of what changes.
func (p *homePlace) of(whose string, q wallet.Query) (anew bool) {
	if p.near != nil && p.whose == whose && reflect.DeepEqual(p.query, q) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.whose, p.query = whose, q
	if p.near == nil {
		p.near = map[reach]bool{}
	}
	p.heights = map[reach]float64{}
	p.row, p.top, p.y = "", 0, 0
	return true
}

// come notes that a stretch is near the screen, or not, and its height where that was measured. One that is not near takes
// what it is made of with it.
func (p *homePlace) come(s reach, near bool, height float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if height > 0 {
		p.heights[s] = height
	}
	if near {
		p.near[s] = true
		return
	}
	maps.DeleteFunc(p.near, func(part reach, _ bool) bool {
		return part.from >= s.from && part.from < s.from+s.size && part.size <= s.size
	})
}

// shows says whether a stretch is near the screen, height what was measured of it.
func (p *homePlace) shows(s reach) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.near[s]
}

func (p *homePlace) height(s reach) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heights[s]
}

// leave notes the place when another page is opened.
func (p *homePlace) leave(d Device, path, fragment string) {
	p.row = ""
	if id, ok := strings.CutPrefix(path, pathRecord); ok {
		p.row = rowID(id, 0)
		if n, err := strconv.Atoi(strings.TrimPrefix(fragment, "e")); err == nil {
			p.row = rowID(id, n+1)
		}
	}
	p.top, p.y = d.Scrolled(p.row)
}

// back is the place that was left, once. What stands above the list may come later than the list, so a row is a better
// mark than a height.
func (p *homePlace) back() (row string, top, y float64) {
	row, top, y = p.row, p.top, p.y
	p.forget()
	return row, top, y
}

// forget gives the place up.
func (p *homePlace) forget() { p.row, p.top, p.y = "", 0, 0 }

// rowID names the link of a row.
func rowID(record string, visit int) string { return "row-" + record + "-" + strconv.Itoa(visit) }
