//go:build !js

package main

import (
	"encoding/binary"
	"slices"
)

// recode returns the code of a function with call(to) in place of each call of
// function number to. Everything else stays, byte for byte. An instruction that Go's
// compiler does not write is an error.
func recode(code []byte, call func(to int) []byte) ([]byte, error) {
	r := &reader{code}
	if err := r.locals(); err != nil {
		return nil, err
	}
	var out []byte
	for kept := 0; ; {
		at := len(code) - len(r.b)
		if len(r.b) == 0 {
			return append(out, code[kept:]...), nil
		}
		if r.b[0] != opCall {
			if err := r.skip(); err != nil {
				return nil, err
			}
			continue
		}
		r.b = r.b[1:]
		to, err := r.number()
		if err != nil {
			return nil, err
		}
		out = append(append(out, code[kept:at]...), call(to)...)
		kept = len(code) - len(r.b)
	}
}

const opCall = 0x10

// locals passes over the variables of a function: how many of which type.
func (r *reader) locals() error {
	return r.list(func() error {
		_, err := r.number()
		if err == nil {
			_, err = r.byte()
		}
		return err
	})
}

// skip passes over one instruction (WebAssembly Core Specification 2.0, section 5.4).
func (r *reader) skip() error {
	op, err := r.byte()
	if err != nil {
		return err
	}
	switch {
	case op <= 0x01, op == 0x05, op == 0x0b, op == 0x0f, op == 0x1a, op == 0x1b, op >= 0x45 && op <= 0xc4: // nothing follows
		return nil
	case op >= 0x02 && op <= 0x04, op == 0x0c, op == 0x0d, op == opCall, op >= 0x20 && op <= 0x24, op == 0x3f, op == 0x40, op == 0x41, op == 0x42:
		return r.pass(1)
	case op == 0x11, op >= 0x28 && op <= 0x3e:
		return r.pass(2)
	case op == 0x0e: // a table of branches, and one for all else
		n, err := r.number()
		if err != nil {
			return err
		}
		return r.pass(n + 1)
	case op == 0x43:
		_, err := r.take(4)
		return err
	case op == 0x44:
		_, err := r.take(8)
		return err
	case op == 0xfc:
		return r.skipLong()
	}
	return errModule
}

// skipLong passes over the rest of an instruction of two bytes: numbers that are cut
// to fit, and copying and filling of memory.
func (r *reader) skipLong() error {
	n, err := r.number()
	switch {
	case err != nil:
		return err
	case n <= 7:
		return nil
	case n == 10:
		return r.pass(2)
	case n == 11:
		return r.pass(1)
	}
	return errModule
}

// pass passes over n numbers in LEB128, of either sign.
func (r *reader) pass(n int) error {
	for range n {
		end := slices.IndexFunc(r.b, func(b byte) bool { return b < 0x80 })
		if end < 0 || end >= binary.MaxVarintLen64 {
			return errModule
		}
		r.b = r.b[end+1:]
	}
	return nil
}

// list reads how many there are, and each of them by read.
func (r *reader) list(read func() error) error {
	n, err := r.number()
	if err != nil {
		return err
	}
	for range n {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}
