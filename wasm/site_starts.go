//go:build !js

package main

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
)

// watched is module with a global for each function that divide may move, exported by
// its number, that is set when the function is called. By that it is found which of
// them a start needs (starts.txt).
func watched(module []byte, names []string) ([]byte, error) {
	p, err := readDivision(module, names)
	if err != nil {
		return nil, err
	}
	n := 0
	var globals, exports, codes []byte
	for i, code := range p.codes {
		if stays, err := p.stays(i, names[i]); err != nil {
			return nil, err
		} else if stays {
			codes = sized(codes, code)
			continue
		}
		global := binary.AppendUvarint(nil, uint64(len(p.globals)+n))
		n++
		globals = append(globals, typeI32, mutable, 0x41, 0, 0x0b)
		exports = append(append(sized(exports, fmt.Append(nil, i)), kindGlobal), global...)
		r := &reader{code}
		if err := r.locals(); err != nil {
			return nil, err
		}
		head := code[: len(code)-len(r.b) : len(code)-len(r.b)]
		codes = sized(codes, append(append(append(head, 0x41, 1, 0x24), global...), r.b...))
	}
	for i, s := range p.sections {
		r := &reader{s.body}
		switch s.id {
		case globalSection:
			p.sections[i].body = grown(s.body, len(p.globals), n, globals)
		case exportSection:
			was, err := r.number()
			if err != nil {
				return nil, err
			}
			p.sections[i].body = grown(s.body, was, n, exports)
		case codeSection:
			p.sections[i].body = append(binary.AppendUvarint(nil, uint64(len(p.codes))), codes...)
		}
	}
	return join(p.sections), nil
}

// namesOf are the names in what lean tells, by the numbers of the functions.
func namesOf(told string) []string {
	var names []string
	for line := range strings.Lines(told) {
		_, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		names = append(names, name)
	}
	return names
}

// inner is what the compiler adds to the name of a function for one inside of it.
var inner = regexp.MustCompile(`(\.(func|gowrap|deferwrap)?[0-9]+)+$`)

// among says of a name whether the list has it, a line each, or has what it is inside of:
// a start that is slower or quicker than another calls other functions inside of the same.
func among(list string) func(name string) bool {
	named := map[string]bool{}
	for name := range strings.Lines(list) {
		named[strings.TrimSpace(name)] = true
	}
	return func(name string) bool { return named[name] || named[inner.ReplaceAllString(name, "")] }
}
