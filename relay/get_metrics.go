package relay

import (
	"net/http"
	"strconv"

	"potli/relay/metrics"
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
	m := metrics.Text{Prefix: "potli_"}
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
		m.Value(f.name+"_total", "counter", f.help, f.value)
	}
	m.Value("links", "gauge", "Links that are live.", c.totals.Links)
	m.Value("kept_bytes", "gauge", "Ciphertext that is kept.", c.totals.Bytes)
	m.Value("oldest_expired_seconds", "gauge", "How long the oldest file has outlived its link. Above 120 the purge does not work.", c.totals.OldestExpired)
	m.Family("stored_bytes", "histogram", "Sizes of what was brought to be kept.")
	m.Histogram("stored_bytes", "", c.sizes, 1)
	m.Family("answer_seconds", "histogram", "Time until a request was answered, the reader's own time included.")
	for plane, took := range c.took {
		m.Histogram("answer_seconds", `class="`+classes[plane]+`",`, took, 1e6)
	}
	return m.Bytes()
}
