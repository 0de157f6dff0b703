//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// lean returns a program that does what module does and is smaller to send. Code
// stays as the compiler wrote it, byte for byte. What changes is the data:
//
//   - Go's linker cuts it wherever eight zeros stand, into a hundred thousand
//     pieces whose headers compress badly. The same bytes go to the same places
//     in a few pieces.
//   - Names of functions and files, numbers of lines and places of arguments, which
//     only the trace of a crash would print, are left out (thinTables). Of such a
//     trace stay the numbers of the functions.
//   - What the tables of functions say stands in the order of the functions, and
//     nothing stands there for what is not (packTables).
//
// That is a seventh of what a first visit downloads. names gets the names of the
// functions by their numbers; log is told what was not done.
func lean(module []byte, names, log io.Writer) ([]byte, error) {
	sections, err := split(module)
	if err != nil {
		return nil, fmt.Errorf("reading the compiled program: %w", err)
	}
	for i, s := range sections {
		if s.id != dataSection {
			continue
		}
		m, err := load(s.body)
		if err != nil {
			return nil, fmt.Errorf("reading the data of the compiled program: %w", err)
		}
		if !strings.HasPrefix(runtime.Version(), tablesOf) {
			fmt.Fprintf(log, "the tables of %s are not known: the program keeps its numbers of lines\n", runtime.Version())
		} else if err := thinTables(m.bytes); err != nil {
			return nil, fmt.Errorf("reading the tables of the compiled program: %w", err)
		} else if err := packTables(m, names); err != nil {
			return nil, fmt.Errorf("packing the tables of the compiled program: %w", err)
		}
		sections[i].body = m.pieces()
	}
	return join(sections), nil
}

// A module of wasm, by the WebAssembly Core Specification 2.0, section 5.5: eight
// bytes, then sections, each an id, a length and a body. Numbers are LEB128.
type section struct {
	id   byte
	body []byte
}

const (
	wasmHeader  = "\x00asm\x01\x00\x00\x00"
	dataSection = 11
	maxMemory   = 256 << 20 // bytes that a program may fill before it starts
)

var errModule = errors.New("it is damaged, or none that Go's linker writes")

func split(module []byte) ([]section, error) {
	rest, ok := bytes.CutPrefix(module, []byte(wasmHeader))
	if !ok {
		return nil, errModule
	}
	var out []section
	for r := (reader{rest}); len(r.b) > 0; {
		id, err := r.byte()
		if err != nil {
			return nil, err
		}
		body, err := r.sized()
		if err != nil {
			return nil, err
		}
		out = append(out, section{id, body})
	}
	return out, nil
}

func join(sections []section) []byte {
	out := []byte(wasmHeader)
	for _, s := range sections {
		out = sized(append(out, s.id), s.body)
	}
	return out
}

// memory is what a program starts with: bytes from an address on.
type memory struct {
	at    int
	bytes []byte
}

// load puts the pieces of the data section where the engine would. Each is one
// of memory 0 at a constant, the only kind that Go's linker writes.
func load(body []byte) (memory, error) {
	type piece struct {
		at    int
		bytes []byte
	}
	r := reader{body}
	count, err := r.number()
	if err != nil {
		return memory{}, err
	}
	var pieces []piece
	for range count {
		head, err1 := r.take(2)
		at, err2 := r.signed()
		end, err3 := r.byte()
		b, err4 := r.sized()
		if errors.Join(err1, err2, err3, err4) != nil || string(head) != "\x00\x41" || end != 0x0b || at < 0 || at+len(b) > maxMemory {
			return memory{}, errModule
		}
		pieces = append(pieces, piece{at, b})
	}
	if len(r.b) > 0 || len(pieces) == 0 {
		return memory{}, errModule
	}
	slices.SortFunc(pieces, func(a, b piece) int { return a.at - b.at })
	m := memory{at: pieces[0].at}
	for _, p := range pieces {
		if p.at < m.at+len(m.bytes) {
			return memory{}, errModule
		}
		m.bytes = append(m.bytes, make([]byte, p.at-m.at-len(m.bytes))...)
		m.bytes = append(m.bytes, p.bytes...)
	}
	return m, nil
}

// gap is how many zeros are worth a new piece. Fewer cost brotli less than its head.
const gap = 4096

// pieces writes m as a data section. Memory is zero where none of them is.
func (m memory) pieces() []byte {
	var body []byte
	count, zeros := 0, make([]byte, gap)
	for at, rest := m.at, m.bytes; len(rest) > 0; {
		skip := len(rest) - len(bytes.TrimLeft(rest, "\x00"))
		at, rest = at+skip, rest[skip:]
		n := bytes.Index(rest, zeros)
		if n < 0 {
			n = len(bytes.TrimRight(rest, "\x00"))
		}
		if n > 0 {
			count++
			body = appendSigned(append(body, 0, 0x41), at)
			body = sized(append(body, 0x0b), rest[:n])
		}
		at, rest = at+n, rest[n:]
	}
	return append(binary.AppendUvarint(nil, uint64(count)), body...)
}

// reader takes numbers and bytes from the front.
type reader struct{ b []byte }

func (r *reader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.b) {
		return nil, errModule
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out, nil
}

func (r *reader) byte() (byte, error) {
	b, err := r.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

func (r *reader) number() (int, error) {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > 1<<32-1 {
		return 0, errModule
	}
	r.b = r.b[n:]
	return int(v), nil
}

func (r *reader) signed() (int, error) {
	end := slices.IndexFunc(r.b, func(b byte) bool { return b < 0x80 })
	if end < 0 || end > 4 {
		return 0, errModule
	}
	v := 0
	for i, b := range r.b[:end+1] {
		v |= int(b&0x7f) << (7 * i)
	}
	if r.b[end]&0x40 != 0 {
		v -= 1 << (7 * (end + 1))
	}
	r.b = r.b[end+1:]
	return v, nil
}

func (r *reader) sized() ([]byte, error) {
	n, err := r.number()
	if err != nil {
		return nil, err
	}
	return r.take(n)
}

func sized(out, body []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(body))), body...)
}

// appendSigned appends a number that is not negative as signed LEB128.
func appendSigned(out []byte, v int) []byte {
	for ; v >= 0x40; v >>= 7 {
		out = append(out, byte(v&0x7f|0x80))
	}
	return append(out, byte(v))
}
