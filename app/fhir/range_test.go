package fhir_test

import "testing"

// TestRangeOfMeasure: a range counts where there is no doubt whose it is.
func TestRangeOfMeasure(t *testing.T) {
	for name, c := range map[string]struct{ ranges, want string }{
		"one":              {`{"low":{"value":12},"high":{"value":15.5}}`, "12–15.5"},
		"the same twice":   {`{"low":{"value":12}},{"low":{"value":12}}`, "12–"},
		"women and men":    {`{"low":{"value":12},"appliesTo":[{"text":"women"}]},{"low":{"value":13},"appliesTo":[{"text":"men"}]}`, "–"},
		"a target beside":  {`{"low":{"value":12}},{"type":{"coding":[{"code":"treatment"}]},"low":{"value":10}}`, "12–"},
		"a target alone":   {`{"type":{"coding":[{"code":"therapeutic"}]},"high":{"value":7}}`, "–"},
		"in another unit":  {`{"low":{"value":120,"unit":"g/L"}}`, "–"},
		"said to be usual": {`{"type":{"coding":[{"code":"normal"}]},"high":{"value":7}}`, "–7"},
	} {
		o := mustParse(t, `{"resourceType":"Observation","status":"final","code":{"text":"Hb"},"valueQuantity":{"value":9,"unit":"g/dL"},"referenceRange":[`+c.ranges+`]}`).Outline()
		if m := o.Lines[0].Measures[0]; m.Low+"–"+m.High != c.want {
			t.Errorf("%s: got %s–%s, want %s", name, m.Low, m.High, c.want)
		}
	}
}
