package metrics_test

import (
	"testing"

	"potli/relay/metrics"
)

func TestText(t *testing.T) {
	h := metrics.NewHistogram(1_000, 25_000)
	for _, v := range []int64{0, 1_000, 1_001, 25_000, 25_001, 1_000_000} {
		h.Add(v)
	}
	text := metrics.Text{Prefix: "x_"}
	text.Value("links_total", "counter", "Links made.", 3)
	text.Family("seconds", "histogram", "Time.")
	text.Histogram("seconds", `class="own",`, h, 1e6)
	text.Histogram("bytes", "", metrics.NewHistogram(), 1)
	const want = `# HELP x_links_total Links made.
# TYPE x_links_total counter
x_links_total 3
# HELP x_seconds Time.
# TYPE x_seconds histogram
x_seconds_bucket{class="own",le="0.001"} 2
x_seconds_bucket{class="own",le="0.025"} 4
x_seconds_bucket{class="own",le="+Inf"} 6
x_seconds_sum{class="own"} 1.052002
x_seconds_count{class="own"} 6
x_bytes_bucket{le="+Inf"} 0
x_bytes_sum 0
x_bytes_count 0
`
	if got := string(text.Bytes()); got != want {
		t.Errorf("got\n%s", got)
	}
}
