package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThreats compares the table of threats in the README with the tests that there are: each row names tests that
// exist, and each test that is named for a threat stands in its row.
func TestThreats(t *testing.T) {
	written, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t)
	for _, fault := range threats(string(written), tests) {
		t.Error(fault)
	}
	for what, broken := range map[string]string{
		"a row is gone":                strings.Replace(string(written), "| T9 |", "| T99 |", 1),
		"a test is none":               strings.Replace(string(written), "`TestPadme`", "`TestPadmeIsGone`", 1),
		"a row without tests":          strings.Replace(string(written), "`TestFreshIVs` |\n| T40", " |\n| T40", 1),
		"a test of it is not named":    strings.Replace(string(written), "`TestT8_*`", "`TestPadme`", 1),
		"a pattern that means nothing": strings.Replace(string(written), "`TestT8_*`", "`TestT8_*`, `TestNeverWritten_*`", 1),
	} {
		if broken == string(written) || len(threats(broken, tests)) == 0 {
			t.Errorf("%s, and nothing is said", what)
		}
	}
}

var (
	threatRow  = regexp.MustCompile(`(?m)^\| (T\d+) \|(.*)\|(.*)\|(.*)\|$`)
	threatName = regexp.MustCompile("`(Test[A-Za-z0-9_]+)(\\*?)`")
	threatTag  = regexp.MustCompile(`(?:^Test|_)(T\d+)_`)
)

// threats says what is wrong with a table.
func threats(readme string, tests map[string]bool) (faults []string) {
	rows := threatRow.FindAllStringSubmatch(readme, -1)
	named := map[string]map[string]bool{}
	for i, row := range rows {
		id := row[1]
		if want := fmt.Sprintf("T%d", i+1); id != want {
			return []string{fmt.Sprintf("row %d is %s, want %s", i+1, id, want)}
		}
		named[id] = map[string]bool{}
		for _, n := range threatName.FindAllStringSubmatch(row[4], -1) {
			found := matching(tests, n[1], n[2] == "*")
			if len(found) == 0 {
				faults = append(faults, id+": there is no "+n[0])
			}
			for _, name := range found {
				named[id][name] = true
			}
		}
		if len(named[id]) == 0 || strings.TrimSpace(row[3]) == "" {
			faults = append(faults, id+" has no tests, or nothing is said of how it stands")
		}
	}
	if len(rows) != 40 {
		faults = append(faults, fmt.Sprintf("the table has %d rows", len(rows)))
	}
	for name := range tests {
		for _, tag := range threatTag.FindAllStringSubmatch(name, -1) {
			if !named[tag[1]][name] {
				faults = append(faults, tag[1]+" does not name "+name)
			}
		}
	}
	return faults
}

func matching(tests map[string]bool, name string, begins bool) (found []string) {
	for test := range tests {
		if test == name || begins && strings.HasPrefix(test, name) {
			found = append(found, test)
		}
	}
	return found
}
