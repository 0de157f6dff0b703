package ui_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"strings"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/share"
	"potli/app/ui"
	"potli/app/wallet"
)

// TestEveryErrorHasASentence: each exported error of the packages a person meets through the pages is named in errors.go.
func TestEveryErrorHasASentence(t *testing.T) {
	b, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, pkg := range []string{"wallet", "record", "fhir", "share", "qr"} {
		for path, f := range sources(t, "../"+pkg) {
			for _, decl := range f.Decls {
				for _, name := range errorVars(decl) {
					found++
					if full := pkg + "." + name; !strings.Contains(string(b), "{"+full+",") {
						t.Errorf("%s: no sentence for %s", path, full)
					}
				}
			}
		}
	}
	if found < 40 {
		t.Fatalf("only %d errors found: the test no longer sees them", found)
	}
}

func errorVars(d ast.Decl) (names []string) {
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR {
		return nil
	}
	for _, spec := range g.Specs {
		for _, id := range spec.(*ast.ValueSpec).Names {
			if strings.HasPrefix(id.Name, "Err") {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

// Hours are told in one zone, whoever runs the tests. It is set before any page is
// drawn: their timers read it.
func init() { time.Local = time.UTC }

func TestExplain(t *testing.T) {
	langs := ui.NewLanguages(&device{})
	if _, err := langs.Use(context.Background(), "en"); err != nil {
		t.Fatal(err)
	}
	wrong := "These are not the right words. Check the order and the spelling. Nothing is erased by trying."
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"none", nil, ""},
		{"wrapped", fmt.Errorf("opening share x: %w", share.ErrGone), "This link is no longer available. Ask whoever gave it to you for a new one."},
		{"wrong words", errors.Join(wallet.ErrWrongPassphrase, nil), wrong},
		{"wait", &wallet.WaitError{Until: now}, "Too many wrong tries. Nothing was erased. Try again after 9:00 am."},
		{"passcode, one left", &share.PasscodeError{Remaining: 1}, "The passcode is missing or wrong. 1 try is left."},
		{"passcode, several left", fmt.Errorf("x: %w", &share.PasscodeError{Remaining: 3}), "The passcode is missing or wrong. 3 tries are left."},
		{"passcode, unknown", &share.PasscodeError{Remaining: -1}, "The passcode is missing or wrong. Ask whoever gave you the link."},
		{"too big", record.ErrTooBig, "The file is larger than 25 MB and was not taken in. Ask for it in parts, or take photos of the pages."},
		{"from a worker", wallet.DecodeError("vault-full\x00secret text"), "There is no space left on this device. What is kept already is safe. Make room, then try again."},
		{"unknown", errors.New("secret text"), "Something went wrong. Nothing was lost. Please try again."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ui.Explain(langs, tt.err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
