package wallet_test

import (
	"errors"
	"fmt"
	"testing"

	"potli/app/fhir"
	"potli/app/trend"
	"potli/app/wallet"
)

func glucose(date, value, unit string) []byte {
	return fmt.Appendf(nil, `{"resourceType":"Observation","status":"final","effectiveDateTime":%q,"code":{"text":"Glucose","coding":[{"system":"http://loinc.org","code":"2345-7"}]},`+
		`"valueQuantity":{"value":%s,"unit":%q}}`, date, value, unit)
}

// TestTrends: charts are made of what is there, follow what comes and goes, keep the unit that was chosen, and are gone
// when the wallet is locked.
func TestTrends(t *testing.T) {
	b := newBench(t)
	b.create()
	ctx := t.Context()
	key := trend.Key(fhir.Measure{Name: "Glucose", Code: "http://loinc.org|2345-7"})
	if _, err := b.Trend(ctx, key); !errors.Is(err, wallet.ErrNoChart) {
		t.Errorf("a chart of nothing: %v", err)
	}
	count := func(want int) *trend.Chart {
		t.Helper()
		c, err := b.Trend(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(c.Series[0].Points); n != want {
			t.Errorf("%d points, want %d", n, want)
		}
		return c
	}
	b.importOne(file("a.json", glucose("2024-01-02", "99", "mg/dL")))
	second := b.importOne(file("b.json", glucose("2025-01-02", "5.5", "mmol/L")))
	if p := count(2).Series[0].Points[1]; p.Sources[0].Title != "Glucose" || p.Sources[0].Record != string(second) {
		t.Errorf("%+v", p)
	}
	list, err := b.Trends(ctx)
	if err != nil || len(list) != 1 || list[0].Key != key || list[0].Count != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := b.SetUnit(ctx, key, "mmol/L"); err != nil {
		t.Fatal(err)
	}
	b.importOne(file("c.json", glucose("2026-01-02", "6", "mmol/L")))
	if c := count(3); c.Unit != "mmol/L" {
		t.Errorf("told in %s", c.Unit)
	}
	if err := b.Delete(ctx, second); err != nil {
		t.Fatal(err)
	}
	count(2)
	b.Lock()
	if _, err := b.Trends(ctx); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("charts of a locked wallet: %v", err)
	}
	b.unlock()
	if c := count(2); c.Unit != "mmol/L" {
		t.Errorf("after unlocking told in %s", c.Unit)
	}
}
