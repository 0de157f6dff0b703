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

	y   float64 // how far the page was scrolled
	row string  // id of the row that led away, "" where another link did
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
	p.y, p.row = 0, ""
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
func (p *homePlace) leave(y float64, path, fragment string) {
	p.y, p.row = y, ""
	if id, ok := strings.CutPrefix(path, pathRecord); ok {
		p.row = rowID(id, 0)
		if n, err := strconv.Atoi(strings.TrimPrefix(fragment, "e")); err == nil {
			p.row = rowID(id, n+1)
		}
	}
}

// back is the place that was left, once.
func (p *homePlace) back() (row string, y float64) {
	row, y = p.row, p.y
	p.row, p.y = "", 0
	return row, y
}

// rowID names the link of a row.
func rowID(record string, visit int) string { return "row-" + record + "-" + strconv.Itoa(visit) }
