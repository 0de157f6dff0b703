package vault_test

import (
	"strings"
	"testing"

	"potli/app/vault"
)

// What is written for one more record does not grow with how many there are: a short
// page, and now and then one long one. The pages stay few, and hold every row.
func TestAddWritesLittle(t *testing.T) {
	b := vault.Memory()
	w := watch(b)
	const n = 400
	v := fat(t, w, n)
	sealed, most := 0, 0
	for _, batch := range w.writes[len(w.writes)-250:] {
		weight := 0
		for name, body := range batch.Put {
			if strings.HasPrefix(name, "index/") {
				weight += len(body)
			}
		}
		sealed, most = sealed+weight, max(most, weight)
	}
	pages, whole := names(t, b, "index/"), 0
	for _, name := range pages {
		whole += len(raw(t, b, name))
	}
	t.Logf("%d pages of %d bytes; a record has %d bytes of them written at the mean and %d at the most", len(pages), whole, sealed/250, most)
	if sealed/250 > 16<<10 || most > 256<<10 {
		t.Errorf("a record has %d bytes of index written at the mean, %d at the most", sealed/250, most)
	}
	if len(pages) > whole/(64<<10)+14 {
		t.Errorf("%d pages for %d bytes", len(pages), whole)
	}
	if again := reopen(t, b); len(again.Entries()) != n || again.Rebuilt() || len(again.Faults()) > 0 {
		t.Errorf("%d records when opened again, rebuilt %v", len(again.Entries()), again.Rebuilt())
	}
	if err := v.Remove(ctx, v.Entries()[n/2].ID()); err != nil {
		t.Fatal(err)
	}
	if got := len(reopen(t, b).Entries()); got != n-1 {
		t.Errorf("%d records after one was removed", got)
	}
}
