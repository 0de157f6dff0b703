package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The types in the comments of the hand-written JavaScript hold, by TypeScript's
// own strict check. Workers and pages have different globals, so they are
// checked apart.
func TestJavaScriptTypes(t *testing.T) {
	tsc := filepath.Join(root(t), "e2e", "node_modules", "typescript", "bin", "tsc")
	if _, err := os.Stat(tsc); err != nil {
		t.Fatal("TypeScript is not there: make deps installs it")
	}
	strict := []string{"--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2023", "--module", "esnext", "--moduleResolution", "bundler"}
	for name, args := range map[string][]string{
		"workers":           {"--lib", "es2023,webworker", "web/sw.js", "web/worker.js", "web/viewer/sw.js"},
		"page":              {"--lib", "es2023,dom,dom.iterable", "web/boot.js", "web/alarm.js", "web/renew.js", "web/emergency.js", "web/ready.js"},
		"the clinic's page": {"-p", "e2e/viewer/tsconfig.json"},
		"the relay":         {"-p", "e2e/worker/tsconfig.json"},
	} {
		t.Run(name, func(t *testing.T) {
			if args[0] != "-p" {
				args = append(args, strict...)
			}
			cmd := exec.Command("node", append([]string{tsc}, args...)...)
			cmd.Dir = root(t)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
