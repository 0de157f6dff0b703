package fountain_test

import (
	"bytes"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"potli/app/fountain"
)

// TestPeerWrites: a program that was written from the package comment alone makes the same frames, and ours puts them
// together. The other way round is in the tests of the clinic's page.
func TestPeerWrites(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	payload := noise(11, 2_345)
	s := sender(t, payload, 300)
	from := s.Blocks() - 3
	cmd := exec.Command(node, "../../e2e/peers/fountain.mjs", "300", strconv.Itoa(from), strconv.Itoa(s.Blocks()+2))
	cmd.Stdin = bytes.NewReader(payload)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	switch {
	case err != nil && strings.Contains(said.String(), "does not provide an export named 'crc32'"):
		t.Skip("this node has no crc32, which came with versions 20.15 and 22.2")
	case err != nil:
		t.Fatalf("%v: %s", err, &said)
	}
	var r fountain.Receiver
	var got []byte
	for i, text := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		if text != s.Frame(from+i) {
			t.Fatalf("frame %d differs", from+i)
		}
		if whole, _, err := r.Add(text); err != nil {
			t.Fatal(err)
		} else if whole != nil {
			got = whole
		}
	}
	if !bytes.Equal(got, payload) {
		t.Error("another payload")
	}
}
