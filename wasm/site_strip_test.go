//go:build !js

package main

import "testing"

func TestDropComments(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"line comment", "// why\nlet a = 1;\n", "let a = 1;\n"},
		{"end of a line", "let a = 1; // why\n", "let a = 1; // why\n"},
		{"block", "/**\n * @param {string} a\n */\nf();\n", "f();\n"},
		{"block on one line", "  /** @type {string} */\nlet a;\n", "let a;\n"},
		{"cast before code", "/** @type {any} */ (a).b();\n", "/** @type {any} */ (a).b();\n"},
		{"two on a line", "/* a */ f(); /* b */\n", "/* a */ f(); /* b */\n"},
		{"an address", "const a = 'https://example.org';\n", "const a = 'https://example.org';\n"},
		{"inside a template", "const a = `\n// text\n\n`;\n// gone\n", "const a = `\n// text\n\n`;\n"},
		{"blank lines", "a\n\n\nb\n", "a\nb\n"},
		{"style", "/* tokens */\na { b: c; }\n", "a { b: c; }\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(dropComments([]byte(tt.source))); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
