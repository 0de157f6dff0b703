//go:build !js

package decode_test

import (
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"potli/app/scan/scantest"
)

// TestPeerReads: zbarimg, which has nothing in common with our reader, reads the
// same pictures of our codes. What only we read would be a code that other
// people's phones do not.
func TestPeerReads(t *testing.T) {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		t.Skip("zbarimg is not installed: apt-get install zbar-tools")
	}
	for name, text := range texts {
		path := filepath.Join(t.TempDir(), "code.png")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, scantest.Draw(encode(t, text), 640, 640, scantest.Pose{Turn: 8, Grain: 4})); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path).Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
