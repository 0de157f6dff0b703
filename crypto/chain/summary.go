package chain

import (
	"cmp"
	"encoding/base64"
	"slices"
)

// Tip is the newest entry of one device, and its counter: everything this device
// wrote up to it is known. A device that said two things at once has two tips.
type Tip struct {
	Key  string `json:"key"` // base64url
	N    uint64 `json:"n"`
	Hash Hash   `json:"hash"`
}

// Summary says in a few bytes a device what a Log has: for each device its tip.
type Summary []Tip

// Summary is sent to others, who then know with Since what to send.
func (l *Log) Summary() Summary {
	var s Summary
	for key, writer := range l.writers {
		for _, i := range l.newest(writer) {
			s = append(s, Tip{base64.RawURLEncoding.EncodeToString([]byte(key)), l.entries[i].N, l.entries[i].hash})
		}
	}
	slices.SortFunc(s, func(a, b Tip) int { return cmp.Or(cmp.Compare(a.Key, b.Key), a.Hash.Compare(b.Hash)) })
	return s
}

// newest are the tips of writer that do not come before another tip of theirs.
func (l *Log) newest(writer int) []int {
	tips := l.past.tips(writer)
	return slices.DeleteFunc(slices.Clone(tips), func(a int) bool {
		return slices.ContainsFunc(tips, func(b int) bool { return l.past.Before(a, b) })
	})
}

// Since are the admitted entries that whoever sent s does not have, predecessors
// first. It is exact unless a device said two things at once and the other side
// has not noticed; then it may leave out entries, which Unknown on the other side
// and Missing bring up as soon as one is built on.
func (l *Log) Since(s Summary) (list []*Entry) {
	has := make([]bool, len(l.entries))
	for _, i := range l.covered(s) {
		for j := range has {
			has[j] = has[j] || j == i || l.past.Before(j, i)
		}
	}
	for i, e := range l.entries {
		if !has[i] {
			list = append(list, e)
		}
	}
	return list
}

// covered are the places that, with what comes before them, the sender of s has.
func (l *Log) covered(s Summary) (places []int) {
	for _, t := range s {
		if i, ok := l.index[t.Hash]; ok {
			places = append(places, i)
			continue
		}
		key, _ := base64.RawURLEncoding.DecodeString(t.Key)
		writer, ok := l.writers[string(key)]
		if !ok {
			continue
		}
		// They are ahead of us with this device, so they have what we have of it;
		// unless they are not, and then they have another entry in place of ours.
		if tips := l.newest(writer); !slices.ContainsFunc(tips, func(i int) bool { return l.entries[i].N >= t.N }) {
			places = append(places, tips...)
		}
	}
	return places
}

// Unknown are the entries that s names and this Log has not: whoever sent s can be
// asked for them, ascending.
func (l *Log) Unknown(s Summary) (list []Hash) {
	for _, t := range s {
		if !l.Has(t.Hash) && !l.refused[t.Hash] {
			list = append(list, t.Hash)
		}
	}
	slices.SortFunc(list, Hash.Compare)
	return slices.Compact(list)
}
