//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// tablesOf is the Go whose tables of functions are known here. Another's are left
// as they are: the program is larger then and otherwise the same.
const tablesOf = "go1.26"

// The tables, by runtime/symtab.go and runtime/runtime2.go (type _func): a header
// of 72 bytes; names; files; pctab, with tables that say something for each place
// of a function's code; and the functions themselves, each with the offsets of its
// tables in pctab and of its data elsewhere.
const (
	tablesMagic = "\xf1\xff\xff\xff\x00\x00\x01\x08" // of 64 bits, places counted in ones
	tablesHead  = 72
	funcHead    = 44 // bytes of a function before its offsets
	none        = ^uint32(0)
	maxFuncs    = 1 << 20
)

// Offsets in the head of a function, in bytes.
const (
	funcSP        = 16 // table: how far the stack goes
	funcFile      = 20 // table: the file
	funcLine      = 24 // table: the line
	funcTables    = 28 // number of further tables, which follow the head
	funcUnit      = 32 // where its files are
	funcStartLine = 36
	funcDatas     = 43 // number of offsets of data, which follow the tables
)

// Numbers of further tables and of data (internal/abi/symtab.go) that a browser has
// no use for. Some only serve to print arguments in the trace of a crash, and their
// values may be of a record; one says where a goroutine may be stopped by a signal,
// and one is of execution traces.
const (
	tableUnsafe  = 0 // PCDATA_UnsafePoint
	tableArgs    = 3 // PCDATA_ArgLiveIndex
	dataArgs     = 5 // FUNCDATA_ArgInfo
	dataArgsLive = 6 // FUNCDATA_ArgLiveInfo
	dataWrapped  = 7 // FUNCDATA_WrapInfo
)

var errTables = errors.New("the tables of functions are not those of " + tablesOf)

// thinTables leaves out of the tables in m what nothing but a trace reads: files,
// lines and arguments. The runtime takes a table at 0 for one that is not there,
// and so it prints "?:0" instead. What it runs by stays: how far stacks go, which of
// their words are pointers, what is deferred, which function was inlined where.
func thinTables(m []byte) error {
	t, err := findTables(m)
	if err != nil {
		return err
	}
	kept := []byte{0} // at 0 is none
	places := map[uint32]uint32{0: 0}
	for _, f := range t.funcs {
		for _, at := range []int{funcFile, funcLine, funcUnit, funcStartLine} {
			clear(f[at : at+4])
		}
		n := int(get(f, funcTables))
		for _, i := range []int{tableUnsafe, tableArgs} {
			if n > i {
				clear(f[funcHead+4*i:][:4])
			}
		}
		for i := range int(f[funcDatas]) {
			if i == dataArgs || i == dataArgsLive || i == dataWrapped {
				put(f, funcHead+4*(n+i), none)
			}
		}
		for _, at := range append([]int{funcSP}, offsets(n)...) {
			was := get(f, at)
			if _, ok := places[was]; !ok {
				places[was] = uint32(len(kept))
				kept = append(kept, t.table(was)...)
			}
			put(f, at, places[was])
		}
	}
	clear(t.pctab[copy(t.pctab, kept):])
	clear(t.files)
	return nil
}

// offsets says where in a function the offsets of its n further tables are.
func offsets(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = funcHead + 4*i
	}
	return out
}

// tables are parts of a program's memory. To write into them is to change it.
type tables struct {
	files []byte // what the lines are of
	pctab []byte
	funcs [][]byte
}

// findTables finds the tables in m, and checks all that thinTables builds on.
func findTables(m []byte) (tables, error) {
	for at := 0; ; at++ {
		n := bytes.Index(m[at:], []byte(tablesMagic))
		if n < 0 {
			return tables{}, errTables
		}
		at += n
		if t, err := readTables(m[at:]); err == nil {
			return t, nil
		}
	}
}

func readTables(m []byte) (tables, error) {
	if len(m) < tablesHead {
		return tables{}, errTables
	}
	// How many functions; then where names, units, files, pctab and functions begin.
	count := binary.LittleEndian.Uint64(m[8:])
	names, units := binary.LittleEndian.Uint64(m[32:]), binary.LittleEndian.Uint64(m[40:])
	pctab, funcs := binary.LittleEndian.Uint64(m[56:]), binary.LittleEndian.Uint64(m[64:])
	if count == 0 || count > maxFuncs || names != tablesHead || units < names || pctab < units || funcs < pctab || funcs > uint64(len(m)) {
		return tables{}, errTables
	}
	t := tables{files: m[units:pctab], pctab: m[pctab:funcs]}
	list := m[funcs:]
	for i := range int(count) { // where its code begins, and where it is in list
		at := 8*i + 4
		if at+4 > len(list) {
			return tables{}, errTables
		}
		f, ok := t.function(list, int(get(list, at)))
		if !ok || get(f, 0) != get(list, 8*i) {
			return tables{}, errTables
		}
		t.funcs = append(t.funcs, f)
	}
	return t, nil
}

// function returns the function at an offset in list, if all its tables are there.
func (t tables) function(list []byte, at int) (f []byte, ok bool) {
	if at+funcHead > len(list) {
		return nil, false
	}
	f = list[at:]
	n, datas := int(get(f, funcTables)), int(f[funcDatas])
	if n > 8 || datas > 8 || len(f) < funcHead+4*(n+datas) {
		return nil, false
	}
	for _, at := range append([]int{funcSP, funcFile, funcLine}, offsets(n)...) {
		if off := get(f, at); off != 0 && t.table(off) == nil {
			return nil, false
		}
	}
	return f[:funcHead+4*(n+datas)], true
}

// table returns the table of pctab at an offset: pairs of numbers, of which the
// first is zero only where it ends, or where it begins. Nil: it does not end.
func (t tables) table(at uint32) []byte {
	if uint64(at) >= uint64(len(t.pctab)) {
		return nil
	}
	rest := t.pctab[at:]
	for n := 0; n < len(rest) && (n == 0 || rest[n] != 0); {
		for range 2 {
			_, size := binary.Uvarint(rest[n:])
			if size <= 0 {
				return nil
			}
			n += size
		}
		if n < len(rest) && rest[n] == 0 {
			return rest[:n+1]
		}
	}
	return nil
}

func get(b []byte, at int) uint32    { return binary.LittleEndian.Uint32(b[at:]) }
func put(b []byte, at int, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }
