package viewer_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestModules runs the unit tests of the page's modules in Node.
func TestModules(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	files, err := filepath.Glob("*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: no tests", err)
	}
	out, err := exec.Command(node, slices.Concat([]string{"--test", "--no-warnings"}, files)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
