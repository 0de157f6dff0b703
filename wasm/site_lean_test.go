//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A real program runs as before, and tells of its crash by numbers alone, to which
// the names are known here.
func TestLeanRunsTheSame(t *testing.T) {
	module := compiled(t, "./testdata/crash")
	var names bytes.Buffer
	thin, err := lean(bytes.Clone(module), &names, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	said, crashed := execute(t, module)
	if !strings.Contains(said, "deferred") || !strings.Contains(crashed, "crash/main.go:") {
		t.Fatalf("the program itself says %q and %q", said, crashed)
	}
	said2, crashed2 := execute(t, thin)
	if said2 != said {
		t.Errorf("the lean one says %q, want %q", said2, said)
	}
	if strings.Contains(crashed2, ".go:") || strings.Contains(crashed2, "0x5eed") {
		t.Errorf("lines or arguments are left:\n%s", crashed2)
	}
	if strings.Contains(crashed2, "main.") || !strings.Contains(crashed2, "assignment to entry in nil map") {
		t.Errorf("the trace has names, or not the reason:\n%s", crashed2)
	}
	trace := ""
	for _, pc := range regexp.MustCompile(` pc=0x([0-9a-f]+)[0-9a-f]{4}\n`).FindAllStringSubmatch(crashed2, -1) {
		_, after, _ := strings.Cut("\n"+names.String(), "\n"+pc[1]+" ")
		name, _, _ := strings.Cut(after, "\n")
		trace += name + " "
	}
	if !strings.Contains(trace, "main.crash main.main runtime.main") {
		t.Errorf("by its numbers the trace is %q:\n%s", trace, crashed2)
	}
	again, err := lean(bytes.Clone(thin), io.Discard, io.Discard)
	if err != nil || !bytes.Equal(again, thin) {
		t.Errorf("made lean twice it differs from once: %v", err)
	}
}

// compiled is a program for the browser, as the wallet is compiled.
func compiled(t *testing.T, program string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program.wasm")
	compile := exec.Command("go", "build", "-ldflags=-s -w", "-o", file, program)
	compile.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	module, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return module
}

// execute runs a program under Node. It must crash.
func execute(t *testing.T, module []byte) (stdout, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "run.wasm")
	if err := os.WriteFile(file, module, 0o755); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(filepath.Join(runtime.GOROOT(), "lib", "wasm", "go_js_wasm_exec"), file)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(os.Environ(), "GOTRACEBACK=system") // with places: what boot.js and worker.js ask for too
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Fatalf("%v, want a crash\n%s", err, errs.String())
	}
	return out.String(), errs.String()
}

// data is a data section with pieces at addresses.
func data(pieces map[int][]byte, order ...int) []byte {
	body := []byte{byte(len(order))}
	for _, at := range order {
		body = sized(append(appendSigned(append(body, 0, 0x41), at), 0x0b), pieces[at])
	}
	return body
}

func TestPiecesGoToTheSamePlaces(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 2*gap)
	pieces := map[int][]byte{63: {1, 0, 2}, 64 + 8: {3}, 100_000: long, 100_000 + len(long): {4}, 1_000_000: {0, 0, 5, 0}}
	m, err := load(data(pieces, 100_000, 63, 72, 1_000_000, 100_000+len(long)))
	if err != nil {
		t.Fatal(err)
	}
	after, err := load(m.pieces())
	if err != nil {
		t.Fatal(err)
	}
	if got := m.pieces()[0]; got != 3 {
		t.Errorf("%d pieces, want three: what is near is one", got)
	}
	for at, b := range pieces {
		for _, m := range []memory{m, after} {
			got := append(slices.Clone(m.bytes), 0)[at-m.at:] // a zero at the end is not sent
			if got = got[:len(b)]; !bytes.Equal(got, b) {
				t.Errorf("at %d: % x", at, got[:min(len(got), 8)])
			}
		}
	}
}

func TestLeanRefusesDamage(t *testing.T) {
	one := map[int][]byte{64: {1, 2, 3}, 66: {9}}
	for name, module := range map[string][]byte{
		"nothing":            nil,
		"a page":             []byte("<!doctype html>"),
		"half a section":     append([]byte(wasmHeader), 1, 5, 0),
		"an endless number":  append([]byte(wasmHeader), 1, 0x80),
		"no pieces":          join([]section{{dataSection, []byte{0}}}),
		"fewer pieces":       join([]section{{dataSection, []byte{1}}}),
		"more than it says":  join([]section{{dataSection, append(data(one, 64), 0)}}),
		"one over another":   join([]section{{dataSection, data(one, 64, 66)}}),
		"a passive piece":    join([]section{{dataSection, []byte{1, 1, 1, 7}}}),
		"a negative address": join([]section{{dataSection, []byte{1, 0, 0x41, 0x7f, 0x0b, 1, 7}}}),
		"an address too far": join([]section{{dataSection, append(appendSigned([]byte{1, 0, 0x41}, maxMemory), 0x0b, 1, 7)}}),
		"none of its tables": join([]section{{dataSection, data(one, 64)}}),
	} {
		if _, err := lean(module, io.Discard, io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// pctab is that of the tables below, by offset.
const pctab = "\x00" + // at 0: none
	"\x02\x10\x00" + // 1: stack
	"\x04\x08\x06\x02\x00" + // 4: lines
	"\x00\x05\x03\x07\x00" + // 9: begins with a zero, as one may
	"\x08\x01\x00" // 14: arguments

// known makes the tables of one function, which has four tables and seven data.
func known() []byte {
	b := make([]byte, tablesHead)
	copy(b, tablesMagic)
	parts := []string{"main.f\x00", "\x01\x00\x00\x00", "f.go\x00", pctab}
	binary.LittleEndian.PutUint64(b[8:], 1)
	for i, p := range parts {
		binary.LittleEndian.PutUint64(b[32+8*i:], uint64(len(b)))
		b = append(b, p...)
	}
	binary.LittleEndian.PutUint64(b[64:], uint64(len(b)))
	u32 := binary.LittleEndian.AppendUint32
	for _, v := range []uint32{0x10000, 12, 0x20000} { // the function begins at 12; after it is none
		b = u32(b, v)
	}
	for _, v := range []uint32{0x10000, 0, 8, 0, 1, 9, 4, 4, 1, 17} {
		b = u32(b, v)
	}
	b = append(b, 0, 0, 0, 7)
	for _, v := range []uint32{1, 9, 0, 14, 100, 101, none, 103, none, 105, 106} {
		b = u32(b, v)
	}
	return b
}

func TestThinTables(t *testing.T) {
	b := known()
	if err := thinTables(b); err != nil {
		t.Fatal(err)
	}
	got, err := readTables(b)
	if err != nil {
		t.Fatal(err)
	}
	f := got.funcs[0]
	for name, at := range map[string]int{"file": funcFile, "line": funcLine, "unit": funcUnit, "first line": funcStartLine, "stops": funcHead, "arguments": funcHead + 4*tableArgs} {
		if v := get(f, at); v != 0 {
			t.Errorf("%s: %d, want none", name, v)
		}
	}
	for at, want := range map[int]string{funcSP: "\x02\x10\x00", funcHead + 4: "\x00\x05\x03\x07\x00"} {
		if table := got.table(get(f, at)); string(table) != want {
			t.Errorf("table at %d: % x, want % x", at, table, want)
		}
	}
	for i, want := range []uint32{100, 101, none, 103, none, none, none} {
		if v := get(f, funcHead+4*(4+i)); v != want {
			t.Errorf("data %d: %d, want %d", i, v, want)
		}
	}
	if bytes.Contains(b, []byte("f.go")) || bytes.Contains(b, []byte("\x04\x08\x06")) || !bytes.Contains(b, []byte("main.f\x00")) {
		t.Error("the file or its lines are left, or the name is gone")
	}
}

// What is not understood is not touched.
func TestThinTablesRefuses(t *testing.T) {
	for name, damage := range map[string]func(b []byte) []byte{
		"another kind":         func(b []byte) []byte { b[0] = 0xf2; return b },
		"no function":          func(b []byte) []byte { b[8] = 0; return b },
		"more functions":       func(b []byte) []byte { b[8] = 2; return b },
		"endless functions":    func(b []byte) []byte { b[15] = 0xff; return b },
		"cut":                  func(b []byte) []byte { return b[:len(b)-1] },
		"another order":        func(b []byte) []byte { b[40], b[56] = b[56], b[40]; return b },
		"a table that is none": func(b []byte) []byte { put(b, len(b)-11*4, 99); return b },
		"a table without end":  func(b []byte) []byte { b[bytes.Index(b, []byte("\x08\x01\x00"))+2] = 1; return b },
		"another function":     func(b []byte) []byte { put(b, len(b)-11*4-funcHead, 0x30000); return b },
	} {
		b := damage(known())
		was := bytes.Clone(b)
		if err := thinTables(b); err == nil {
			t.Errorf("%s: no error", name)
		}
		if !bytes.Equal(b, was) {
			t.Errorf("%s: it was changed", name)
		}
	}
}
