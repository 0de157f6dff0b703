package worker_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"potli/relay/storetest"
)

// TestContract is what a relay of any engine must do, asked from outside of the
// program as it is deployed.
func TestContract(t *testing.T) {
	s := start(t, program(t))
	storetest.RunHTTP(t, s.client())
}

// TestStoreContract is what a store of any engine must do, asked inside of the
// object. Its own output tells the cases.
func TestStoreContract(t *testing.T) { inside(t, "contract") }

// TestDriver is what relay/cf adds to database/sql.
func TestDriver(t *testing.T) { inside(t, "driver") }

func inside(t *testing.T, tests string) {
	s := start(t, testProgram(t))
	out := string(s.test(0, tests))
	if n := strings.Count(out, "--- PASS"); n < 5 || !strings.HasSuffix(strings.TrimSpace(out), "PASS") {
		t.Errorf("%d tests passed:\n%s", n, out)
	}
	t.Logf("%d tests passed inside", strings.Count(out, "--- PASS"))
}

// TestNoBackDoor: what a test build offers is not in the program that is deployed.
func TestNoBackDoor(t *testing.T) {
	dir := filepath.Join(program(t), "build")
	for _, name := range []string{"worker.mjs", "app.wasm"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"storetest", "as a test wants it", "/test/"} {
			if strings.Contains(string(b), word) {
				t.Errorf("%s has %q", name, word)
			}
		}
	}
}

// TestWasmExec: the library brings its own copy of Go's glue, changed in four
// places. Whoever moves to another Go or another library must look at them.
func TestWasmExec(t *testing.T) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib/wasm/wasm_exec.js"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(program(t), "build/wasm_exec.js"))
	if err != nil {
		t.Fatal(err)
	}
	want := string(theirs)
	for _, c := range [][2]string{
		{"async run(instance) {", "async run(instance, context) {"},
		{"\t\t\tthis.mem = new DataView(this._inst.exports.mem.buffer);\n\t\t\tthis._values", "\t\t\tthis.mem = new DataView(this._inst.exports.mem.buffer);\n\t\t\tconst globalProxy = new Proxy(globalThis, {\n\t\t\t\tget(target, prop) {\n" +
			"\t\t\t\t\tif (prop === 'context') {\n\t\t\t\t\t\treturn context;\n\t\t\t\t\t}\n\t\t\t\t\treturn Reflect.get(target, prop, target);\n\t\t\t\t}\n\t\t\t})\n\t\t\tthis._values"},
		{"\t\t\t\tglobalThis,\n", "\t\t\t\tglobalProxy,\n"},
		{"[globalThis, 5],", "[globalProxy, 5],"},
	} {
		if strings.Count(want, c[0]) != 1 {
			t.Fatalf("Go's wasm_exec.js has %d places of %q", strings.Count(want, c[0]), c[0])
		}
		want = strings.Replace(want, c[0], c[1], 1)
	}
	if strings.TrimSuffix(want, "\n") != string(got) {
		t.Error("the library's wasm_exec.js is not this Go's with the four known changes")
	}
}
