package viewer_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// Small files that unfolded without end: the tab of the clinic hung or died, and what it had open with it.
func TestSmallFilesThatUnfold(t *testing.T) {
	bundle := func(entries []string) []byte {
		return []byte(`{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join(entries, ",") + `]}`)
	}
	s := newStage(t)
	rows := func(body []byte) int {
		t.Helper()
		s.read(s.Host.direct("/l/"+strconv.Itoa(len(body)), body).String())
		n, err := strconv.Atoi(s.eval(`String(document.querySelectorAll('.entries tr').length)`))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}

	// Forty results that are all members of one another: 40 × 39 × 38 × 37 × 36 rows.
	var ring, members []string
	for i := range 40 {
		members = append(members, fmt.Sprintf(`{"reference":"urn:uuid:%d"}`, i))
	}
	for i := range 40 {
		ring = append(ring, fmt.Sprintf(`{"fullUrl":"urn:uuid:%d","resource":{"resourceType":"Observation","id":"%d","code":{"text":"o"},"hasMember":[%s]}}`,
			i, i, strings.Join(members, ",")))
	}
	if n := rows(bundle(ring)); n < 40 || n > 40*41*2+1 {
		t.Errorf("%d rows of 40 results", n)
	}

	// 100,000 of a kind took the square of that.
	if n := rows(bundle(strings.Split(strings.Repeat(`{"resource":{"resourceType":"Basic"}}`+"\n", 100_000)[:100_000*38-1], "\n"))); n < 150 {
		t.Errorf("%d rows of 100,000 resources", n)
	}
}
