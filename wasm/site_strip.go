//go:build !js

package main

import (
	"bytes"
	"path"
	"strings"
)

// withoutComments leaves out the lines of scripts and styles that are comments
// and nothing else: the clinic's page is read on a cold cache, and a sixth of
// it is there for whoever reads the source. Lines with code stay as they are,
// byte for byte, so nothing has to understand the language.
func withoutComments(site tree) tree {
	out := tree{}
	for name, body := range site {
		switch path.Ext(name) {
		case ".js", ".css":
			body = dropComments(body)
		}
		out[name] = body
	}
	return out
}

func dropComments(source []byte) []byte {
	var out bytes.Buffer
	block, quoted := false, false // inside /* … */; inside a template literal
	for line := range bytes.Lines(source) {
		text := strings.TrimSpace(string(line))
		switch {
		case block:
			block = !strings.HasSuffix(text, "*/")
			continue
		case quoted:
		case text == "", strings.HasPrefix(text, "//"):
			continue
		case strings.HasPrefix(text, "/*"):
			if !strings.Contains(text, "*/") {
				block = true
				continue
			}
			if strings.Index(text, "*/") == len(text)-2 {
				continue
			}
		}
		quoted = quoted != (strings.Count(text, "`")%2 == 1)
		out.Write(line)
	}
	return out.Bytes()
}
