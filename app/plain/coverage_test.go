package plain_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/plain"
)

// corpora are the documents to be explained: real ones where they are present, and the
// project's own.
var corpora = []string{"../../../shared/data", "../fhir/testdata/abdm", "../../web/sample"}

// coverage counts what a reader meets and what of it is explained.
type coverage struct {
	met, said int
	never     map[string]int
}

func (c *coverage) note(name, sentence string) {
	c.met++
	if sentence != "" {
		c.said++
		return
	}
	if c.never == nil {
		c.never = map[string]int{}
	}
	c.never[name]++
}

// often are the things met most that have no sentence.
func (c *coverage) often() string {
	names := make([]string, 0, len(c.never))
	for n := range c.never {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool {
		return c.never[names[i]] > c.never[names[j]] || c.never[names[i]] == c.never[names[j]] && names[i] < names[j]
	})
	return strings.Join(names[:min(8, len(names))], "; ")
}

func documents(t *testing.T, f func(*fhir.Document)) {
	for _, root := range corpora {
		if _, err := os.Stat(root); err != nil {
			t.Logf("%s is not here", root)
			continue
		}
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(p) != ".json" {
				return err
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			if file, err := fhir.Parse(b); err == nil {
				f(file.Document())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestCoverage prints how much of what people meet in documents is explained, and fails
// when that gets less.
func TestCoverage(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("a figure is found out once")
	}
	b := book(t, "en")
	var tests, vaccines, sections coverage
	documents(t, func(d *fhir.Document) {
		for _, s := range d.Sections {
			if s.Title != "" {
				sections.note(s.Title, b.Say(plain.Section, s.Code, s.Title))
			}
		}
		for _, v := range d.Views {
			if v.Type == "Immunization" && !v.Negated {
				vaccines.note(v.Title, b.Say(plain.Vaccine, v.Code, v.Title))
			}
			if v.Type == "Observation" {
				for _, r := range v.Results {
					tests.note(r.Name, b.Say(plain.Test, r.Code, r.Name))
				}
			}
		}
	})
	for _, c := range []struct {
		name  string
		of    coverage
		least int // percent
	}{{"rows of results", tests, 80}, {"vaccines", vaccines, 90}, {"headings", sections, 90}} {
		if c.of.met == 0 {
			t.Errorf("no %s met", c.name)
			continue
		}
		percent := 100 * c.of.said / c.of.met
		t.Logf("%s explained: %d of %d (%d %%); without a sentence: %s", c.name, c.of.said, c.of.met, percent, c.of.often())
		if percent < c.least {
			t.Errorf("%s: %d %% explained, want %d", c.name, percent, c.least)
		}
	}
}
