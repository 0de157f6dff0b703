// Package agecli gives tests the stock age tool, so that they can show that what
// we write opens without us.
package agecli

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Path builds the tool in the version of go.mod and returns where it is, with
// age-keygen beside it. Its own
// dependencies are not ours, so it is built outside the module, and needs the
// module cache or the network once; where it can not be built, one that is
// installed serves, and where there is none the test is skipped.
func Path(t testing.TB) string {
	t.Helper()
	version, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "filippo.io/age").Output()
	if err != nil && runtime.GOOS == "js" {
		t.Skip("no go command here to build the age tool with")
	}
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	at := "@" + strings.TrimSpace(string(version))
	cmd := exec.Command("go", "install", "filippo.io/age/cmd/age"+at, "filippo.io/age/cmd/age-keygen"+at)
	cmd.Dir = bin
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return filepath.Join(bin, "age")
	}
	if path, err := exec.LookPath("age"); err == nil {
		return path
	}
	t.Skipf("the age tool can not be built here (is there a network?): %s", out)
	return ""
}
