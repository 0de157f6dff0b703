package ui_test

import (
	"fmt"
	"testing"

	"potli/app/wallet"
)

// TestManyGiven: of what left over the years the newest is drawn, and the rest on request.
func TestManyGiven(t *testing.T) {
	for more, want := range map[int]int{0: 2, 48: 50, 500: 50} {
		d := world(same)
		for i := range more {
			d.given = append(d.given, wallet.Given{Time: now, Person: "p1", Form: "ips", Name: fmt.Sprint(i), Items: 1})
		}
		page, _ := draw(t, d, "en", "/shared")
		if got := len(page.id("given").all("li")); got != want || (page.id("given-more") != nil) != (more > 48) {
			t.Errorf("of %d notes %d are drawn; more is offered: %v", more+2, got, page.id("given-more") != nil)
		}
	}
}
