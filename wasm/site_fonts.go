//go:build !js

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A phone may have no letters for a language of its own country. The wallet then fetches those of one script, 11 to 50 KB,
// from beside itself: the font of that language in web/messages/languages.json. The files are those of @fontsource, pinned by
// web/fonts/package-lock.json and installed by make, not kept in this repository. Only the ordinary weight is sent: a browser
// makes the bold one of it. Of each font the licence is sent beside it, as the licence wants.

// subset is the part of a family that has the letters of our languages: it is called like the family.
func subset(font string) string { return strings.TrimPrefix(font, "noto-sans-") }

// letters gathers the fonts that the languages name. from is the folder of the @fontsource packages.
func letters(languages []byte, from string) (tree, error) {
	var list []struct{ Tag, Font string }
	if err := json.Unmarshal(languages, &list); err != nil {
		return nil, fmt.Errorf("reading the list of languages: %w", err)
	}
	out := tree{}
	for _, l := range list {
		if l.Font == "" {
			continue
		}
		files := []struct{ name, at string }{
			{l.Font + ".woff2", filepath.Join("files", l.Font+"-"+subset(l.Font)+"-400-normal.woff2")},
			{l.Font + ".OFL.txt", "LICENSE"},
		}
		for _, f := range files {
			body, err := os.ReadFile(filepath.Join(from, l.Font, f.at))
			if errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("the letters of %s are not there (make build installs them with npm): %w", l.Tag, err)
			}
			if err != nil {
				return nil, err
			}
			out["web/fonts/"+f.name] = body
		}
		if !bytes.HasPrefix(out["web/fonts/"+l.Font+".woff2"], []byte("wOF2")) {
			return nil, fmt.Errorf("%s is no font", l.Font)
		}
		if !bytes.Contains(out["web/fonts/"+l.Font+".OFL.txt"], []byte("SIL OPEN FONT LICENSE")) {
			return nil, fmt.Errorf("%s has another licence", l.Font)
		}
	}
	return out, nil
}

// isSource says of a file of web that only a build needs it.
func isSource(name string) bool {
	return slices.Contains([]string{"fonts/package.json", "fonts/package-lock.json"}, name)
}
