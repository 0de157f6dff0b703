package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"potli/relay"
)

func TestIDHash(t *testing.T) {
	id := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, 32))
	sum := sha256.Sum256([]byte(id))
	want := hex.EncodeToString(sum[:])
	payload := base64.RawURLEncoding.EncodeToString([]byte(`{"url":"https://r.example/l/` + id + `","flag":"U","key":"k"}`))
	for _, text := range []string{
		id, want, strings.ToUpper(want), "https://r.example/l/" + id, "https://r.example/l/" + id + "?recipient=x", "/l/" + id,
		"shlink:/" + payload, "https://v.example/#shlink:/" + payload, "look at https://v.example/#shlink:/" + payload + " please",
	} {
		if got, err := idHash(text); got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", id[:42], id + "A", "https://r.example/l/" + id[:42], "shlink:/", "shlink:/AAAA", "shlink:/" + payload[:20],
		want[:63], "https://r.example/f/" + id, "https://v.example/#" + id} {
		if got, err := idHash(text); err == nil {
			t.Errorf("%q passed for %s", text, got)
		} else if len(text) > 10 && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats the link: %v", err)
		}
	}
}

// keeper remembers what was taken down.
type keeper struct {
	relay.Keeper
	known string
	taken []string
}

func (k *keeper) Takedown(_ context.Context, id string, _ int64) error {
	if id != k.known {
		return relay.ErrGone
	}
	k.taken = append(k.taken, id)
	return nil
}

func TestTakeDown(t *testing.T) {
	known := strings.Repeat("ab", 32)
	k := &keeper{known: known}
	var out strings.Builder
	if err := takeDown(t.Context(), k, known, &out); err != nil || len(k.taken) != 1 || out.Len() == 0 {
		t.Errorf("%v, %v", err, k.taken)
	}
	for _, other := range []string{strings.Repeat("cd", 32), "nonsense", ""} {
		if err := takeDown(t.Context(), k, other, io.Discard); err == nil || len(k.taken) != 1 {
			t.Errorf("%q: %v", other, err)
		}
	}
}

// A person ends the line, and a script the file.
func TestFirstLine(t *testing.T) {
	typed, terminal := io.Pipe()
	go terminal.Write([]byte(" a link \n")) // and never closes
	for text, in := range map[string]io.Reader{"a link": typed, "a file": strings.NewReader("a file"), "": strings.NewReader("")} {
		if got, err := firstLine(in); got != text || err != nil {
			t.Errorf("%q, %v, want %q", got, err, text)
		}
	}
	broken, write := io.Pipe()
	write.CloseWithError(errors.New("gone"))
	if _, err := firstLine(broken); err == nil {
		t.Error("a broken pipe passed")
	}
}
