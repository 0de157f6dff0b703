//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// divide cuts a program in two: first is enough to start, and rest is the code of
// the functions that a start does not need. Until rest is there, each of these is a
// stub in first. Who calls one stops the whole program as a wait does, and web/rest.js
// lets it go on, at the same call, when rest has come. The program notices nothing.
//
// That works because of how Go's compiler uses wasm (cmd/internal/obj/wasm, and
// runtime/asm_wasm.s of the Go in dividedOf):
//
//   - All of a goroutine is in memory. A function that returns 1 has stopped, and
//     so do its callers. What is to run next stands eight bytes under SP: the
//     function's place in the table times 65,536, and where in it to go on.
//   - wasm_pc_f_loop runs what stands there until PAUSE is set.
//   - Every function is in the table, in the order of their numbers.
//
// names are those of the functions, by their numbers. starts says which a start needs;
// the runtime, whatever is not a plain function of Go, and whatever calls the browser
// directly stays in first unasked.
func divide(module []byte, names []string, starts func(name string) bool) (first, rest []byte, err error) {
	if !strings.HasPrefix(runtime.Version(), dividedOf) {
		return nil, nil, fmt.Errorf("%w %s", errOtherGo, runtime.Version())
	}
	p, err := readDivision(module, names)
	if err != nil {
		return nil, nil, err
	}
	p.loop = slices.Index(names, "wasm_pc_f_loop")
	if p.loop < 0 {
		return nil, nil, fmt.Errorf("%w: it has no wasm_pc_f_loop", errDivide)
	}
	p.later = make([]int, len(p.codes))
	for i, name := range names {
		p.later[i] = -1
		stays, err := p.stays(i, name)
		if err != nil {
			return nil, nil, err
		}
		if !stays && !starts(name) {
			p.later[i] = p.moved
			p.moved++
		}
	}
	if rest, err = p.rest(); err != nil {
		return nil, nil, err
	}
	return p.first(), rest, nil
}

// dividedOf is the Go of which the above is known.
const dividedOf = "go1.26"

var (
	errDivide  = errors.New("the program cannot be divided")
	errOtherGo = errors.New("it is not known how functions stop that were compiled by")
)

// unasked says whether a function stays in any case: it may run where nothing can stop,
// on the scheduler's stack or amid collecting; or between two calls of the browser that
// belong together, such as those that fill a transaction.
func unasked(name string) bool {
	name, _, _ = strings.Cut(name, "[")
	for _, prefix := range []string{"runtime.", "runtime/", "internal/", "sync.", "sync/", "syscall.", "syscall/", "type:", "go:", "potli/wasm/browser."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return !strings.Contains(name, ".") // assembly: memcmp, wasm_export_run
}

// Numbers of sections, kinds, types and instructions, by the WebAssembly Core
// Specification 2.0, chapter 5.
const (
	typeSection, importSection, funcSection, tableSection, memorySection    = 1, 2, 3, 4, 5
	globalSection, exportSection, startSection, elementSection, codeSection = 6, 7, 8, 9, 10
	kindFunc, kindTable, kindMemory, kindGlobal                             = 0, 1, 2, 3
	typeI32, typeFuncref, mutable                                           = 0x7f, 0x70, 1
	plainFunc, voidFunc                                                     = "\x60\x01\x7f\x01\x7f", "\x60\x00\x00" // i32 to i32; nothing to nothing
	tableStart                                                              = 0x1000                                 // where functions begin in the table: funcValueOffset of cmd/link/internal/wasm
	stubSize                                                                = 32                                     // bytes: what is shorter would only grow
)

// Globals by number: Go's registers (cmd/internal/obj/wasm), and after the last of
// them the two that divide adds.
const (
	globalSP, globalPause = 0, 7
	globalWhole           = 8 // 1: rest is there
	globalStopped         = 9 // 1: the program waits for rest
)

// division is a module by its parts. Functions are counted without the imported ones.
type division struct {
	sections []section
	imported int      // functions
	types    []int    // of each function
	codes    [][]byte // likewise
	globals  [][2]byte
	plain    int // the type i32 to i32
	void     int // the type of what takes and gives nothing

	loop  int   // the number of wasm_pc_f_loop
	later []int // of each function its number in rest, or -1
	moved int   // how many are in rest
}

func readDivision(module []byte, names []string) (*division, error) {
	sections, err := split(module)
	if err != nil {
		return nil, err
	}
	p := &division{sections: sections}
	for _, s := range sections {
		r := &reader{s.body}
		switch s.id {
		case typeSection:
			err = p.readTypes(r)
		case importSection:
			err = p.readImports(r)
		case funcSection:
			err = r.list(func() error { t, err := r.number(); p.types = append(p.types, t); return err })
		case globalSection:
			err = p.readGlobals(r)
		case elementSection:
			err = p.checkTable(r)
		case codeSection:
			err = r.list(func() error { c, err := r.sized(); p.codes = append(p.codes, c); return err })
		case startSection:
			err = errDivide
		}
		if err != nil {
			return nil, fmt.Errorf("reading section %d: %w", s.id, err)
		}
	}
	if len(p.types) != len(p.codes) || len(p.globals) != globalPause+1 || len(names) != len(p.codes) || tableStart+len(names) > 1<<15 {
		return nil, errDivide
	}
	return p, nil
}

func (p *division) readTypes(r *reader) error {
	p.plain, p.void = -1, -1
	n := 0
	err := r.list(func() error {
		all := r.b
		if _, err := r.byte(); err != nil {
			return err
		}
		for range 2 {
			if _, err := r.sized(); err != nil {
				return err
			}
		}
		switch string(all[:len(all)-len(r.b)]) {
		case plainFunc:
			p.plain = n
		case voidFunc:
			p.void = n
		}
		n++
		return nil
	})
	if err == nil && min(p.plain, p.void) < 0 {
		return errDivide
	}
	return err
}

func (p *division) readImports(r *reader) error {
	return r.list(func() error {
		_, err1 := r.sized()
		_, err2 := r.sized()
		kind, err3 := r.byte()
		_, err4 := r.number()
		if err := errors.Join(err1, err2, err3, err4); err != nil || kind != kindFunc {
			return errors.Join(errDivide, err)
		}
		p.imported++
		return nil
	})
}

func (p *division) readGlobals(r *reader) error {
	return r.list(func() error {
		head, err := r.take(2)
		if err != nil {
			return err
		}
		p.globals = append(p.globals, [2]byte(head))
		if err := r.skip(); err != nil { // what it begins as: a constant, and the end
			return err
		}
		_, err = r.byte()
		return err
	})
}

// checkTable wants one list, from tableStart on, of all functions in their order.
func (p *division) checkTable(r *reader) error {
	want := append(appendSigned([]byte{1, 0, 0x41}, tableStart), 0x0b)
	if head, err := r.take(len(want)); err != nil || !bytes.Equal(head, want) {
		return errDivide
	}
	next := p.imported
	return r.list(func() error {
		if i, err := r.number(); err != nil || i != next {
			return errDivide
		}
		next++
		return nil
	})
}

// stays says whether function i cannot be moved, or need not be.
func (p *division) stays(i int, name string) (bool, error) {
	if unasked(name) || p.types[i] != p.plain || len(p.codes[i]) <= stubSize {
		return true, nil
	}
	calls := false
	if _, err := recode(p.codes[i], func(to int) []byte {
		calls = calls || to < p.imported
		return nil
	}); err != nil {
		return false, fmt.Errorf("reading %s: %w", name, err)
	}
	return calls, nil
}

// first is the module with stubs for what is moved, and with what rest and the page
// need of it.
func (p *division) first() []byte {
	out := slices.Clone(p.sections)
	stop := p.imported + len(p.codes) // the two functions that are added, and after it the other
	for i, s := range out {
		switch s.id {
		case funcSection:
			out[i].body = grown(s.body, len(p.types), 2, binary.AppendUvarint(binary.AppendUvarint(nil, uint64(p.plain)), uint64(p.void)))
		case globalSection:
			zero := []byte{typeI32, mutable, 0x41, 0, 0x0b}
			out[i].body = grown(s.body, len(p.globals), 2, append(zero, zero...))
		case exportSection:
			r := &reader{s.body}
			n, _ := r.number()
			more := append(sized(nil, []byte("table")), kindTable, 0)
			for g := range len(p.globals) + 2 {
				more = binary.AppendUvarint(append(sized(more, globalName(g)), kindGlobal), uint64(g))
			}
			more = binary.AppendUvarint(append(sized(more, []byte("goOn")), kindFunc), uint64(stop+1))
			out[i].body = grown(s.body, n, len(p.globals)+4, more)
		case codeSection:
			body := binary.AppendUvarint(nil, uint64(len(p.codes)+2))
			for f, code := range p.codes {
				if p.later[f] >= 0 {
					code = p.stub(f, stop)
				}
				body = sized(body, code)
			}
			out[i].body = sized(sized(body, stopCode), p.goOnCode())
		}
	}
	return join(out)
}

func globalName(i int) []byte {
	switch i {
	case globalWhole:
		return []byte("whole")
	case globalStopped:
		return []byte("stopped")
	}
	return fmt.Appendf(nil, "g%d", i)
}

// grown is a list of n with more at its end.
func grown(list []byte, n, by int, more []byte) []byte {
	_, head := binary.Uvarint(list)
	return append(append(binary.AppendUvarint(nil, uint64(n+by)), list[head:]...), more...)
}

// stub stands for function f: it calls what stands in the table in its place, or stops.
//
//	if whole { return table[f](entry) }
//	return stop(f << 16)
func (p *division) stub(f, stop int) []byte {
	code := []byte{0, 0x23, globalWhole, 0x04, 0x40, 0x20, 0, 0x41}
	code = appendSigned(code, tableStart+f)
	code = append(binary.AppendUvarint(append(code, 0x11), uint64(p.plain)), 0, 0x0f, 0x0b, 0x41)
	code = appendSigned(code, (tableStart+f)<<16)
	return append(binary.AppendUvarint(append(code, 0x10), uint64(stop)), 0x0b)
}

// stopCode notes what is to run next, sets PAUSE and stopped, and returns 1.
//
//	*(int64*)(SP - 8) = uint64(next)
var stopCode = []byte{
	0, 0x23, globalSP, 0x41, 8, 0x6b, 0x20, 0, 0xad, 0x37, 3, 0,
	0x41, 1, 0x24, globalPause, 0x41, 1, 0x24, globalStopped, 0x41, 1, 0x0b,
}

// goOnCode clears both and runs what is noted.
func (p *division) goOnCode() []byte {
	code := []byte{0, 0x41, 0, 0x24, globalPause, 0x41, 0, 0x24, globalStopped, 0x10}
	return append(binary.AppendUvarint(code, uint64(p.imported+p.loop)), 0x0b)
}

// rest is a module of the functions that are moved. Memory, table and globals are
// those of first. To be made is enough: it takes its places in the table, and
// its start says that it is there.
func (p *division) rest() ([]byte, error) {
	imports := binary.AppendUvarint(nil, uint64(len(p.globals)+3))
	of := func(name []byte, kind byte) { imports = append(sized(sized(imports, []byte("first")), name), kind) }
	of([]byte("mem"), kindMemory)
	imports = append(imports, 0, 0)
	of([]byte("table"), kindTable)
	imports = append(imports, typeFuncref, 0, 0)
	for g, kind := range append(slices.Clone(p.globals), [2]byte{typeI32, mutable}) {
		of(globalName(g), kindGlobal)
		imports = append(imports, kind[:]...)
	}
	types := binary.AppendUvarint(nil, uint64(p.moved+1))
	codes := slices.Clone(types)
	for f, code := range p.codes {
		if p.later[f] < 0 {
			continue
		}
		code, err := recode(code, p.callFromRest)
		if err != nil {
			return nil, err
		}
		types = binary.AppendUvarint(types, uint64(p.types[f]))
		codes = sized(codes, code)
	}
	types = binary.AppendUvarint(types, uint64(p.void))
	codes = sized(codes, []byte{0, 0x41, 1, 0x24, globalWhole, 0x0b})
	typeList := p.sections[slices.IndexFunc(p.sections, func(s section) bool { return s.id == typeSection })].body
	return join([]section{
		{typeSection, typeList}, {importSection, imports}, {funcSection, types},
		{startSection, binary.AppendUvarint(nil, uint64(p.moved))}, {elementSection, p.places()}, {codeSection, codes},
	}), nil
}

// callFromRest is a call in rest: straight to what is there too, by the table otherwise.
func (p *division) callFromRest(to int) []byte {
	f := to - p.imported
	if p.later[f] >= 0 {
		return binary.AppendUvarint([]byte{0x10}, uint64(p.later[f]))
	}
	code := appendSigned([]byte{0x41}, tableStart+f)
	return append(binary.AppendUvarint(append(code, 0x11), uint64(p.types[f])), 0)
}

// places are where in the table the functions of rest go, a piece for each row of them.
func (p *division) places() []byte {
	var body []byte
	count := 0
	for f := 0; f < len(p.later); f++ {
		n := 0
		for f+n < len(p.later) && p.later[f+n] >= 0 {
			n++
		}
		if n == 0 {
			continue
		}
		count++
		body = append(appendSigned(append(body, 0, 0x41), tableStart+f), 0x0b)
		body = binary.AppendUvarint(body, uint64(n))
		for i := range n {
			body = binary.AppendUvarint(body, uint64(p.later[f+i]))
		}
		f += n
	}
	return append(binary.AppendUvarint(nil, uint64(count)), body...)
}
