package relay_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

func scrape(t *testing.T, h *relay.Handler) map[string]float64 {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeMetrics(rec, httptest.NewRequest("GET", "/metrics", nil))
	for name, want := range map[string]string{
		"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "X-Content-Type-Options": "nosniff",
		"Content-Disposition": "attachment", "Cache-Control": "no-store", "Content-Length": strconv.Itoa(rec.Body.Len()),
	} {
		if got := rec.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	return parseMetrics(t, rec.Body.String())
}

var (
	metricName = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	sampleLine = regexp.MustCompile(`^([a-z_]+)(?:\{([^{}]*)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`^[a-z]+="[^"\\]*"$`)
)

// parseMetrics reads Prometheus' text format and allows nothing that is not
// needed: each family announced once, with help before type before its samples;
// histograms whose classes ascend and whose counts agree.
func parseMetrics(t *testing.T, text string) map[string]float64 {
	t.Helper()
	values, kinds := map[string]float64{}, map[string]string{}
	var family, helped string
	body, ok := strings.CutSuffix(text, "\n")
	if !ok {
		t.Error("the last line does not end")
	}
	for line := range strings.SplitSeq(body, "\n") {
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			helped, _, ok = strings.Cut(rest, " ")
			if !ok || !metricName.MatchString(helped) || kinds[helped] != "" {
				t.Errorf("help: %q", line)
			}
			continue
		}
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			var kind string
			family, kind, _ = strings.Cut(rest, " ")
			if family != helped || kinds[family] != "" || !slices.Contains([]string{"counter", "gauge", "histogram"}, kind) ||
				(kind == "counter") != strings.HasSuffix(family, "_total") {
				t.Errorf("type: %q", line)
			}
			kinds[family] = kind
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil || kinds[family] == "" {
			t.Errorf("sample: %q", line)
			continue
		}
		suffix, ok := strings.CutPrefix(m[1], family)
		if histogram := kinds[family] == "histogram"; !ok || histogram != slices.Contains([]string{"_bucket", "_sum", "_count"}, suffix) ||
			!histogram && suffix != "" {
			t.Errorf("%q stands under %s", line, family)
		}
		if m[2] != "" {
			for pair := range strings.SplitSeq(m[2], ",") {
				if !labelPair.MatchString(pair) {
					t.Errorf("label: %q", line)
				}
			}
		}
		v, err := strconv.ParseFloat(m[3], 64)
		name, _, _ := strings.Cut(line, " ")
		if _, twice := values[name]; err != nil || v < 0 || twice {
			t.Errorf("value: %q", line)
		}
		values[name] = v
		checkBucket(t, values, name)
	}
	for name := range values {
		checkCount(t, values, name)
	}
	return values
}

var bucket = regexp.MustCompile(`^(.*)_bucket\{(.*)le="([^"]*)"\}$`)

// checkBucket compares a class with those before it.
func checkBucket(t *testing.T, values map[string]float64, name string) {
	t.Helper()
	m := bucket.FindStringSubmatch(name)
	if m == nil {
		return
	}
	le := func(s string) float64 { // ParseFloat knows +Inf
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Errorf("class: %s", name)
		}
		return v
	}
	for other, v := range values {
		o := bucket.FindStringSubmatch(other)
		if o == nil || o[1] != m[1] || o[2] != m[2] || other == name {
			continue
		}
		if le(o[3]) >= le(m[3]) || v > values[name] {
			t.Errorf("%s = %v after %s = %v", name, values[name], other, v)
		}
	}
}

// checkCount compares a histogram's count with its last class.
func checkCount(t *testing.T, values map[string]float64, name string) {
	t.Helper()
	m := bucket.FindStringSubmatch(name)
	if m == nil || m[3] != "+Inf" {
		return
	}
	labels := strings.TrimSuffix(m[2], ",")
	if labels != "" {
		labels = "{" + labels + "}"
	}
	count, ok := values[m[1]+"_count"+labels]
	_, sum := values[m[1]+"_sum"+labels]
	if !ok || !sum || count != values[name] {
		t.Errorf("%s: count %v, want %v", name, count, values[name])
	}
}

// TestRL6_CountsAreCoarse: everything is counted, and shown by whole ten minutes
// that nobody who asks can choose.
func TestRL6_CountsAreCoarse(t *testing.T) {
	w := newWorld(t, nil)
	fresh := scrape(t, w.handler)
	for name, v := range fresh {
		if v != 0 {
			t.Errorf("at the start: %s = %v", name, v)
		}
	}
	o := w.Create(t, "", "U", nil)
	w.Get(t, o.ID, "x")
	w.Get(t, storetest.ID("nobody"), "x")
	guarded := w.Create(t, "p", "P", func(c *wire.Create) { c.Passcode = storetest.Verifier("secret", 1) })
	w.Post(t, guarded.ID, wire.ManifestRequest{Passcode: "no"})
	o.Call(t, "PATCH", "", `{"paused":true}`)
	w.Create(t, "r", "U", nil).Call(t, "DELETE", "", nil)
	purge := func() {
		if err := w.handler.Purge(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	purge()
	if got := scrape(t, w.handler); !maps.Equal(got, fresh) {
		t.Errorf("what happened just now is shown: %v", got)
	}
	w.clock.move(10 * time.Minute)
	if got := scrape(t, w.handler); !maps.Equal(got, fresh) {
		t.Errorf("who asks chooses the moment: %v", got)
	}
	purge()
	got := scrape(t, w.handler)
	size := len(storetest.NewCreate("", "U").File.JWE)
	for name, want := range map[string]int{
		"links_created_total": 3, "links_changed_total": 1, "links_revoked_total": 1, "links_opened_total": 1,
		"passcodes_refused_total": 1, "links_exhausted_total": 1, "answers_gone_total": 1,
		"answers_limited_total": 0, "answers_failed_total": 0, "purges_failed_total": 0, "deposits_total": 0, "pushes_total": 0,
		"links": 1, "kept_bytes": size, "oldest_expired_seconds": 0,
		"stored_bytes_count": 3, "stored_bytes_sum": 3 * size, `stored_bytes_bucket{le="16384"}`: 3, `stored_bytes_bucket{le="+Inf"}`: 3,
		`answer_seconds_count{class="read"}`: 3, `answer_seconds_count{class="own"}`: 5,
		`answer_seconds_count{class="watch"}`: 0, `answer_seconds_count{class="none"}`: 0, `answer_seconds_count{class="wait"}`: 0,
	} {
		v, ok := got["potli_"+name]
		if !ok || v != float64(want) {
			t.Errorf("%s is %v, %v, want %d", name, v, ok, want)
		}
	}
	before := got
	w.Get(t, storetest.ID("nobody"), "x")
	purge()
	if got := scrape(t, w.handler); !maps.Equal(got, before) {
		t.Error("the counts changed within ten minutes")
	}
}

// A store that cannot erase is seen by whoever watches.
func TestRL12_FailedPurgesAreCounted(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) { o.Store = &stuck{o.Store} })
	w.clock.move(10 * time.Minute)
	if err := w.handler.Purge(context.Background()); err == nil {
		t.Error("no error")
	}
	if got := scrape(t, w.handler)["potli_purges_failed_total"]; got != 1 {
		t.Errorf("got %v failed purges", got)
	}
}

type stuck struct{ relay.Store }

func (*stuck) Purge(context.Context, int64) error { return fmt.Errorf("stuck") }

func TestMetricsAreRead(t *testing.T) {
	w := newWorld(t, nil)
	rec := httptest.NewRecorder()
	w.handler.ServeMetrics(rec, httptest.NewRequest("POST", "/metrics", nil))
	if rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("got %d, Allow %q", rec.Code, rec.Header().Get("Allow"))
	}
}

// TestReady: who is about to stop gets no new readers, and still serves.
func TestReady(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "U", nil)
	if got := storetest.Decode[relay.Health](t, w.Do(t, "GET", wire.ReadyPath, nil, nil), 200); got.Status != "ok" {
		t.Errorf("got %+v", got)
	}
	w.handler.Drain()
	got := storetest.Decode[relay.Health](t, w.Do(t, "GET", wire.ReadyPath, nil, nil), http.StatusServiceUnavailable)
	if got.Status != "draining" {
		t.Errorf("got %+v", got)
	}
	status(t, w.Do(t, "GET", wire.HealthPath, nil, nil), 200)
	status(t, w.Get(t, o.ID, "x"), 200)

	dead := newWorld(t, func(o *relay.Options) { o.Store = &dead{} })
	got = storetest.Decode[relay.Health](t, dead.Do(t, "GET", wire.ReadyPath, nil, nil), http.StatusServiceUnavailable)
	if got.Status != "store" {
		t.Errorf("got %+v", got)
	}
	status(t, dead.Do(t, "GET", wire.HealthPath, nil, nil), 200)
}
