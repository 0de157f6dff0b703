package chain

import "slices"

// Past knows which of some numbered things come before which. Things are numbered
// from 0 as they are added, each after those it was written after. The answer to
// Before does not depend on the order of adding.
//
// It holds for each thing a vector clock (Fidge and Mattern, 1988) over lanes: what
// one writer did one thing after the other. A writer who says two things at once,
// as a device whose memory was set back does, gets a lane for each.
type Past struct {
	nodes []pastNode
	lanes [][]int       // of each lane, the things in it
	own   map[int][]int // lanes of each writer
}

type pastNode struct {
	lane, pos int // its place; pos counts from 1
	depth     int // 1 + that of the deepest before it
	clock     []mark
}

// mark: of this lane, everything up to pos is in the past, or is the thing itself.
type mark struct{ lane, pos int }

// Add adds what writer did after prev and returns its number.
func (p *Past) Add(writer int, prev []int) int {
	if p.own == nil {
		p.own = map[int][]int{}
	}
	n := pastNode{depth: 1}
	for _, i := range prev {
		n.clock = merge(n.clock, p.nodes[i].clock)
		n.depth = max(n.depth, p.nodes[i].depth+1)
	}
	n.lane = -1
	for _, lane := range p.own[writer] {
		if reach(n.clock, lane) == len(p.lanes[lane]) {
			n.lane = lane
			break
		}
	}
	if n.lane < 0 {
		n.lane = len(p.lanes)
		p.lanes = append(p.lanes, nil)
		p.own[writer] = append(p.own[writer], n.lane)
	}
	i := len(p.nodes)
	p.lanes[n.lane] = append(p.lanes[n.lane], i)
	n.pos = len(p.lanes[n.lane])
	n.clock = merge(n.clock, []mark{{n.lane, n.pos}})
	p.nodes = append(p.nodes, n)
	return i
}

// Len is how many things there are.
func (p *Past) Len() int { return len(p.nodes) }

// Before says whether a lies in the past of b. Nothing comes before itself.
func (p *Past) Before(a, b int) bool {
	return a != b && reach(p.nodes[b].clock, p.nodes[a].lane) >= p.nodes[a].pos
}

// Depth is 1 for a beginning, and otherwise one more than the deepest before i.
func (p *Past) Depth(i int) int { return p.nodes[i].depth }

// lasts are the newest things of writer in the past of what is written after prev,
// one of each lane.
func (p *Past) lasts(writer int, prev []int) (list []int) {
	for _, lane := range p.own[writer] {
		pos := 0
		for _, i := range prev {
			pos = max(pos, reach(p.nodes[i].clock, lane))
		}
		if pos > 0 {
			list = append(list, p.lanes[lane][pos-1])
		}
	}
	return list
}

// tips are the newest things of writer, one of each lane.
func (p *Past) tips(writer int) (list []int) {
	for _, lane := range p.own[writer] {
		list = append(list, p.lanes[lane][len(p.lanes[lane])-1])
	}
	return list
}

// reach is how far a clock has got in a lane; 0 is not at all.
func reach(clock []mark, lane int) int {
	for _, m := range clock {
		if m.lane >= lane {
			if m.lane == lane {
				return m.pos
			}
			return 0
		}
	}
	return 0
}

// merge returns a clock that has got as far as either. Neither is changed.
func merge(a, b []mark) []mark {
	if len(a) == 0 {
		return b
	}
	out := make([]mark, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].lane < b[0].lane:
			out, a = append(out, a[0]), a[1:]
		case a[0].lane > b[0].lane:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, mark{a[0].lane, max(a[0].pos, b[0].pos)}), a[1:], b[1:]
		}
	}
	return slices.Clip(append(append(out, a...), b...))
}
