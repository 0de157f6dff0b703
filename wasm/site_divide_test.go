//go:build !js

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A real program, of which all that may be is left for later, says what it says whole:
// its own functions, those of the libraries, goroutines, panics, timers, and what is
// called by JavaScript.
func TestDividedRunsTheSame(t *testing.T) {
	module, names := leanProgram(t)
	file := filepath.Join(t.TempDir(), "whole.wasm")
	if err := os.WriteFile(file, module, 0o644); err != nil {
		t.Fatal(err)
	}
	want, _ := runDivided(t, file)
	if strings.Count(want, "\n") < 12 || !strings.HasSuffix(want, "ended\n") {
		t.Fatalf("whole, it says %q", want)
	}
	for name, starts := range map[string]func(string) bool{
		"nothing":             func(string) bool { return false },
		"all but its own":     func(name string) bool { return !strings.HasPrefix(name, "main.") },
		"its own main":        func(name string) bool { return strings.HasPrefix(name, "main.main") },
		"all but answers":     func(name string) bool { return name != "main.coldAnswer" },
		"all but goroutines":  func(name string) bool { return name != "main.coldWorker" },
		"all but its closure": func(name string) bool { return name != "main.main.func2" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, rest, err := divide(module, names, starts)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			one, two := filepath.Join(dir, "first.wasm"), filepath.Join(dir, "rest.wasm")
			for file, body := range map[string][]byte{one: first, two: rest} {
				if err := os.WriteFile(file, body, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, late := range []string{"0", "100"} {
				said, waited := runDivided(t, one, two, late)
				if said != want {
					t.Errorf("%s ms late it says\n%s\nwant\n%s", late, said, want)
				}
				if !strings.Contains(waited, "it waited") {
					t.Errorf("nothing was left for later: %s", waited)
				}
			}
		})
	}
}

// leanProgram is testdata/divided as divide wants it, with the names of its functions.
func leanProgram(t *testing.T) (module []byte, names []string) {
	t.Helper()
	var list bytes.Buffer
	module, err := lean(compiled(t, "./testdata/divided"), &list, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return module, namesOf(list.String())
}

func TestDivideRefusesDamage(t *testing.T) {
	module, names := leanProgram(t)
	sections, err := split(module)
	if err != nil {
		t.Fatal(err)
	}
	none := func(string) bool { return false }
	// with is the module with another body for a section, or without it.
	with := func(id byte, change func([]byte) []byte) []byte {
		var out []section
		for _, s := range sections {
			if s.id == id {
				if s.body = change(s.body); s.body == nil {
					continue
				}
			}
			out = append(out, s)
		}
		return join(out)
	}
	cut := func(b []byte) []byte { return b[:len(b)/2] }
	for name, module := range map[string][]byte{
		"nothing":                   nil,
		"half of it":                cut(module),
		"half of its code":          with(codeSection, cut),
		"half of its types":         with(typeSection, cut),
		"half of its table":         with(elementSection, cut),
		"half of its functions":     with(funcSection, cut),
		"no code":                   with(codeSection, func([]byte) []byte { return nil }),
		"no registers":              with(globalSection, func([]byte) []byte { return []byte{0} }),
		"another table":             with(elementSection, func(b []byte) []byte { b = bytes.Clone(b); b[2] ^= 1; return b }),
		"other functions in it":     with(elementSection, func(b []byte) []byte { b = bytes.Clone(b); b[len(b)-1]--; return b }),
		"an import of something":    with(importSection, func(b []byte) []byte { b = bytes.Clone(b); b[len(b)-2] = kindGlobal; return b }),
		"a function with no length": with(codeSection, func(b []byte) []byte { return append(bytes.Clone(b[:3]), 0x80) }),
	} {
		if _, _, err := divide(module, names, none); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, _, err := divide(module, names[1:], none); err == nil {
		t.Error("a name too few: no error")
	}
	names[slices.Index(names, "wasm_pc_f_loop")] = "wasm_another"
	if _, _, err := divide(module, names, none); err == nil {
		t.Error("no loop: no error")
	}
}

func TestRecode(t *testing.T) {
	// A call of function 300, between numbers that look like calls.
	code := []byte{1, 2, 0x7e, 0x41, 0x90, 0x01, 0x42, 0x10, 0x10, 0xac, 0x02, 0x43, 0x10, 0x10, 0x10, 0x10, 0x0e, 1, 0x10, 0x10, 0xfc, 10, 0, 0, 0x0b}
	var called []int
	got, err := recode(code, func(to int) []byte { called = append(called, to); return []byte{0x10, 7} })
	want := slices.Replace(slices.Clone(code), 8, 11, 0x10, 7)
	if err != nil || !slices.Equal(called, []int{300}) || !bytes.Equal(got, want) {
		t.Errorf("% x, calls %v: %v", got, called, err)
	}
	for name, code := range map[string][]byte{
		"nothing":                 nil,
		"more locals than it has": {2, 1, 0x7f},
		"an unknown instruction":  {0, 0x06, 0x0b},
		"an unknown long one":     {0, 0xfc, 18, 0, 0x0b},
		"an endless number":       {0, 0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01},
		"half a call":             {0, 0x10},
		"half a float":            {0, 0x44, 0, 0},
		"half a table":            {0, 0x0e, 3, 0, 0},
	} {
		if _, err := recode(code, func(int) []byte { return nil }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What is inside of a function is needed where it is.
func TestAmong(t *testing.T) {
	needed := among("a/b.F\na/b.(*T).m\n")
	for name, want := range map[string]bool{
		"a/b.F": true, "a/b.F.func1": true, "a/b.F.func2.1": true, "a/b.(*T).m.deferwrap1": true, "a/b.(*T).m.gowrap12.func3": true,
		"a/b": false, "a/b.Fold": false, "a/b.G.func1": false, "a/b.(*T).n": false, "": false,
	} {
		if needed(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func runDivided(t *testing.T, files ...string) (stdout, stderr string) {
	t.Helper()
	glue := filepath.Join(runtime.GOROOT(), "lib", "wasm", "wasm_exec.js")
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"testdata/divided/run.mjs", glue, "../web/rest.js"}, files...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), errs.String())
	}
	return out.String(), errs.String()
}
