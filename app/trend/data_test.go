package trend_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/trend"
)

// TestData: of every document there is, each number that is shown as a result has its chart, and every chart can be drawn.
func TestData(t *testing.T) {
	const data = "../../../shared/data"
	if _, err := os.Stat(data); err != nil {
		t.Skip("the data of others is not here")
	}
	files, numbers, charts, apart := 0, 0, 0, 0
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := fhir.Parse(body)
		if err != nil {
			return nil // a key, a list of issuers
		}
		files++
		b, o := trend.NewBook(nil), f.Outline()
		for _, l := range o.Lines {
			b.Add(trend.Source{Record: path}, o.Date, l)
		}
		numbers += linked(t, path, b, f.Document())
		for _, s := range b.List(nil) {
			charts++
			c, _ := b.Chart(s.Key, "")
			from, to := c.Span()
			if d := c.Draw(from, to, 180); len(d.Lines) == 0 || len(d.Values) == 0 || s.Name == "" {
				t.Errorf("%s: %+v", path, s)
			}
			apart += len(c.Apart)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d documents, %d numbers, %d charts, %d numbers apart", files, numbers, charts, apart)
	if files < 40 || numbers < 500 || charts < 50 {
		t.Errorf("that is too few")
	}
}

// linked counts the numbers of a document's tables, and looks whether each has its chart.
func linked(t *testing.T, path string, b *trend.Book, doc *fhir.Document) (n int) {
	for _, v := range doc.Views {
		for _, r := range v.Results {
			if v.Void || len(r.Value) == 0 || r.Value[0].Type != fhir.ValueQuantity {
				continue
			}
			q := r.Value[0]
			if _, err := strconv.ParseFloat(strings.TrimLeft(q.Text, "<>=~ "), 64); err != nil {
				continue
			}
			n++
			if _, ok := b.Chart(trend.Key(fhir.Measure{Name: r.Name, Code: r.Code, Unit: q.Unit}), ""); !ok {
				t.Errorf("%s: no chart of %s, %s, %s", filepath.Base(path), r.Name, r.Code, q.Unit)
			}
		}
	}
	return n
}
