package e2e_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"slices"
	"strings"
	"testing"

	agefile "filippo.io/age"
)

// classical are the marks of an age file that is sealed to a recipient whom a quantum computer could find the key of:
// its stanza in bytes, and in base64 at each of the three places where it can begin. Nothing that leaves a phone may
// have one, since what is copied today can be kept until then (T37).
var classical = func() []string {
	const stanza = "\n-> X25519 "
	marks := []string{stanza}
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", before) + stanza))
		text = text[(before*8+5)/6 : (before+len(stanza))*8/6] // letters that hold nothing but bytes of the stanza
		marks = append(marks, text, strings.NewReplacer("+", "-", "/", "_").Replace(text))
	}
	return marks
}()

// TestT37_MarksAreFound: what the journeys look for is in a file of the kind that they must not find.
func TestT37_MarksAreFound(t *testing.T) {
	seal := func(r agefile.Recipient) []byte {
		var b bytes.Buffer
		w, err := agefile.Encrypt(&b, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "Milk"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	marked := func(s string) bool {
		return slices.ContainsFunc(classical, func(c string) bool { return inClear(s, c) })
	}
	old, err := agefile.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := agefile.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for before := range 3 {
		for name, coding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.RawURLEncoding} {
			begin := bytes.Repeat([]byte{0xff}, before)
			if !marked(coding.EncodeToString(append(begin, seal(old.Recipient())...))) {
				t.Errorf("%s, %d bytes on: the stanza is not found", name, before)
			}
			if marked(coding.EncodeToString(append(begin, seal(hybrid.Recipient())...))) {
				t.Errorf("%s, %d bytes on: a hybrid file is taken for a classical one", name, before)
			}
		}
	}
	if !marked(string(seal(old.Recipient()))) || marked(string(seal(hybrid.Recipient()))) {
		t.Error("the bytes of the two kinds of file are not told apart")
	}
}
