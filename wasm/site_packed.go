//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// Words of runtime/symtab.go (type moduledata), eight bytes each. The first points
// at the header of the tables.
const (
	wordFuncs   = 13 // a slice: the list of functions
	wordList    = 16 // the same, by another type
	wordBuckets = 19 // which function is at a place
	wordMin     = 20 // the first place, and after it the last
	wordData    = 40 // what functions have offsets of data into: go:func.*
	moduleWords = 42
)

// On wasm a place in code is the function's number times 65,536 and more, so that
// each function has sixteen buckets to itself: the number of the first function in
// it (four bytes), and what to add for each sixteenth of it, which is nothing.
const (
	bucketSize = 20
	bucketSpan = 4096
	searched   = 8 // functions in a row that get the number of the first: the runtime looks on from there
)

// A call that was written out in place (runtime/symtabinl.go, type inlinedCall).
const (
	dataCalls     = 3 // FUNCDATA_InlTree
	callSize      = 16
	callName      = 4
	callStartLine = 12
)

// Names that the runtime goes by (stkframe.go), and one that stands for all methods
// by which it says which of them was called with a nil pointer (error.go): it throws,
// which nothing can catch, when it cannot take the name apart.
const (
	funcName   = 4
	funcID     = 40
	idWrapper  = 23
	aWrapper   = "p.(*T).f"
	makeFunc   = "reflect.makeFuncStub"
	methodCall = "reflect.methodValueCall"
)

// packTables writes the tables of functions in m shorter, after thinTables: without
// names, with the data of functions in the order in which these point at them, and
// without empty ends. names gets the names, one a line after the function's number
// in hexadecimal: pc=0x1a2f0003 in a trace is in function 1a2f.
func packTables(m memory, names io.Writer) error {
	p, err := findPacked(m)
	if err != nil {
		return err
	}
	if err := p.nameless(names); err != nil {
		return err
	}
	p.gather()
	p.shorten()
	p.coarsen()
	return nil
}

// packed are the parts of a program's memory that packTables writes into.
type packed struct {
	tables
	names, list, data, buckets []byte
}

// findPacked finds them by the module's own description, whose every word that is
// used must fit the header.
func findPacked(m memory) (packed, error) {
	for at := 0; ; at++ {
		n := bytes.Index(m.bytes[at:], []byte(tablesMagic))
		if n < 0 {
			return packed{}, errTables
		}
		at += n
		if t, err := readTables(m.bytes[at:]); err == nil {
			return m.described(at, t)
		}
	}
}

func (m memory) described(head int, t tables) (packed, error) {
	h := m.bytes[head:]
	count, funcs := binary.LittleEndian.Uint64(h[8:]), binary.LittleEndian.Uint64(h[64:])
	address := func(off int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(m.at+off)) }
	at := bytes.Index(m.bytes, address(head))
	if at < 0 || at+8*moduleWords > len(m.bytes) {
		return packed{}, errTables
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(m.bytes[at+8*i:]) }
	list := int(funcs) + head
	start, end := int(word(wordData))-m.at, int(word(wordBuckets))-m.at
	spans := (word(wordMin+1) - word(wordMin)) / bucketSpan
	switch {
	case word(wordFuncs) != uint64(m.at+list), word(wordList) != uint64(m.at+list), word(wordList+1) != count+1,
		start < list+int(word(wordFuncs+1)), end < start, end+bucketSize*int(min(spans, maxMemory)) > len(m.bytes):
		return packed{}, errTables
	}
	p := packed{
		tables:  t,
		names:   h[tablesHead:binary.LittleEndian.Uint64(h[40:])],
		list:    m.bytes[list : list+int(word(wordFuncs+1))],
		data:    m.bytes[start:end],
		buckets: m.bytes[end : end+bucketSize*int(spans)],
	}
	for at := range p.places() {
		if at != none && int(at) >= len(p.data) {
			return packed{}, errTables
		}
	}
	return p, nil
}

// places are what functions point at in their data.
func (p *packed) places() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, f := range p.funcs {
			for i := range int(f[funcDatas]) {
				if !yield(get(f, funcHead+4*(int(get(f, funcTables))+i))) {
					return
				}
			}
		}
	}
}

// nameless tells the names and takes them away, but for those that the runtime reads.
func (p *packed) nameless(told io.Writer) error {
	kept, places := []byte{0}, map[string]uint32{"": 0}
	for _, f := range p.funcs {
		name := p.name(get(f, funcName))
		if _, err := fmt.Fprintf(told, "%x %s\n", get(f, 0), name); err != nil {
			return fmt.Errorf("telling the names: %w", err)
		}
		switch {
		case name == makeFunc, name == methodCall:
		case f[funcID] == idWrapper && strings.Contains(name, ".(*"):
			name = aWrapper
		default:
			name = ""
		}
		if _, ok := places[name]; !ok {
			places[name] = uint32(len(kept))
			kept = append(append(kept, name...), 0)
		}
		put(f, funcName, places[name])
	}
	clear(p.names[copy(p.names, kept):])
	return nil
}

func (p *packed) name(at uint32) string {
	if uint64(at) >= uint64(len(p.names)) {
		return ""
	}
	name, _, _ := bytes.Cut(p.names[at:], []byte{0})
	return string(name)
}

// gather puts the data of functions in the order of the functions, once each. What
// no function points at any more goes.
func (p *packed) gather() {
	ends := p.pieces()
	kept := make([]byte, 0, len(p.data))
	places := map[uint32]uint32{none: none}
	for _, f := range p.funcs {
		for i := range int(f[funcDatas]) {
			at := funcHead + 4*(int(get(f, funcTables))+i)
			was := get(f, at)
			if _, ok := places[was]; !ok {
				places[was] = uint32(len(kept))
				piece := p.data[was:ends[was]]
				if i == dataCalls {
					forgetNames(piece)
				}
				kept = append(kept, piece...)
			}
			put(f, at, places[was])
		}
	}
	clear(p.data[copy(p.data, kept):])
}

// pieces says of each place that a function points at where what is there ends at
// the latest: where another begins.
func (p *packed) pieces() map[uint32]uint32 {
	starts := slices.Compact(slices.Sorted(p.places()))
	if n := len(starts); n > 0 && starts[n-1] == none {
		starts = starts[:n-1]
	}
	starts = append(starts, uint32(len(p.data)))
	ends := map[uint32]uint32{}
	for i, at := range starts[:len(starts)-1] {
		ends[at] = starts[i+1]
	}
	return ends
}

func forgetNames(calls []byte) {
	for ; len(calls) >= callSize; calls = calls[callSize:] {
		put(calls, callName, 0)
		put(calls, callStartLine, 0)
	}
}

// shorten leaves out of each function the last tables and data that are not there:
// the runtime takes what is past the end for none too. The list of functions stays
// as long and points elsewhere.
func (p *packed) shorten() {
	heads := p.list[: 8*len(p.funcs)+4 : 8*len(p.funcs)+4]
	var kept []byte
	for i, f := range p.funcs {
		n, all := int(get(f, funcTables)), f[funcHead:]
		tables, datas := all[:4*n], all[4*n:]
		for len(tables) > 0 && get(tables, len(tables)-4) == 0 {
			tables = tables[:len(tables)-4]
		}
		for len(datas) > 0 && get(datas, len(datas)-4) == none {
			datas = datas[:len(datas)-4]
		}
		put(heads, 8*i+4, uint32(len(heads)+len(kept)))
		at := len(kept)
		kept = append(append(append(kept, f[:funcHead]...), tables...), datas...)
		put(kept[at:], funcTables, uint32(len(tables)/4))
		kept[at+funcDatas] = byte(len(datas) / 4)
	}
	clear(p.list[len(heads)+copy(p.list[len(heads):], kept):])
}

// coarsen gives some functions in a row one number. The runtime looks on from it
// until it is there; every place has been one function's alone.
func (p *packed) coarsen() {
	for b := p.buckets; len(b) >= bucketSize; b = b[bucketSize:] {
		if len(bytes.Trim(b[4:bucketSize], "\x00")) == 0 {
			put(b, 0, get(b, 0)/searched*searched)
		}
	}
}
