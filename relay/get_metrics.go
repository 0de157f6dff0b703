package relay

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// ServeMetrics answers with counts as they stood at the last full ten minutes, in
// Prometheus' text format 0.0.4. It is no route of the relay: how busy a relay is
// concerns its operator, who gives it an address of its own.
func (h *Handler) ServeMetrics(w http.ResponseWriter, r *http.Request) {
	common(w)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		wrongMethod(w, "GET, HEAD")
		return
	}
	body := h.counts.published()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

// text is everything that is counted, in Prometheus' text format.
func (c *counts) text() []byte {
	var m metrics
	for _, f := range []struct {
		name, help string
		value      int64
	}{
		{"links_created", "Links made.", c.created.Load()},
		{"links_changed", "Changes of links, and new files.", c.changed.Load()},
		{"links_revoked", "Links ended by their owners.", c.revoked.Load()},
		{"links_opened", "Openings that counted as a use.", c.opened.Load()},
		{"passcodes_refused", "Wrong passcodes.", c.refused.Load()},
		{"links_exhausted", "Links locked by their last wrong passcode.", c.exhausted.Load()},
		{"deposits", "Entries taken into mailboxes.", c.deposits.Load()},
		{"pushes", "Wake-up calls sent.", c.pushes.Load()},
		{"answers_gone", "Answers 404.", c.gone.Load()},
		{"answers_limited", "Answers 429, and 503 for want of room.", c.limited.Load()},
		{"answers_failed", "Answers 500, and 503 of a store that did not answer.", c.failed.Load()},
		{"purges_failed", "Purges that failed.", c.unpurged.Load()},
	} {
		m.family(f.name+"_total", "counter", f.help)
		m.sample(f.name+"_total", f.value)
	}
	for _, f := range []struct {
		name, help string
		value      int64
	}{
		{"links", "Links that are live.", c.totals.Links},
		{"kept_bytes", "Ciphertext that is kept.", c.totals.Bytes},
		{"oldest_expired_seconds", "How long the oldest file has outlived its link. Above 120 the purge does not work.", c.totals.OldestExpired},
	} {
		m.family(f.name, "gauge", f.help)
		m.sample(f.name, f.value)
	}
	m.family("stored_bytes", "histogram", "Sizes of what was brought to be kept.")
	m.histogram("stored_bytes", "", c.sizes, 1)
	m.family("answer_seconds", "histogram", "Time until a request was answered, the reader's own time included.")
	for plane, took := range c.took {
		m.histogram("answer_seconds", `class="`+classes[plane]+`",`, took, 1e6)
	}
	return []byte(m.String())
}

// metrics writes the format of
// https://prometheus.io/docs/instrumenting/exposition_formats/.
type metrics struct{ strings.Builder }

func (m *metrics) family(name, kind, help string) {
	fmt.Fprintf(m, "# HELP potli_%s %s\n# TYPE potli_%s %s\n", name, help, name, kind)
}

func (m *metrics) sample(name string, v any) {
	fmt.Fprintf(m, "potli_%s %v\n", name, v)
}

// histogram writes h, of whose values unit make one of the metric. Labels end
// with a comma.
func (m *metrics) histogram(name, labels string, h *histogram, unit float64) {
	var n int64
	for i := range h.n {
		le := "+Inf"
		if i < len(h.upTo) {
			le = strconv.FormatFloat(float64(h.upTo[i])/unit, 'g', -1, 64)
		}
		n += h.n[i].Load()
		m.sample(fmt.Sprintf(`%s_bucket{%sle="%s"}`, name, labels, le), n)
	}
	if labels = strings.TrimSuffix(labels, ","); labels != "" {
		labels = "{" + labels + "}"
	}
	m.sample(name+"_sum"+labels, float64(h.sum.Load())/unit)
	m.sample(name+"_count"+labels, n)
}
