package storetest

import (
	"net/http"
	"strings"
	"testing"

	"potli/relay/wire"
)

// RunHTTP drives a whole relay from outside, by the rules of SMART Health Links
// and of package wire. c.Now may be the true clock: nothing here waits.
// The relay must not limit the rate.
func RunHTTP(t *testing.T, c Client) {
	tests := []struct {
		name string
		f    func(*testing.T, Client)
	}{
		{"SHLX-02_direct_file", httpDirect},
		{"SHL-22_manifest", httpManifest},
		{"SHL-25_SHL-27_location", httpLocation},
		{"SHL-32_embedded", httpEmbedded},
		{"SHL-31_replace", httpReplace},
		{"long_term_status", httpLongTerm},
		{"large_file", httpLarge},
		{"SHL-18_RL3_gone", httpGone},
		{"SHL-19_SHL-20_wrong_passcode", httpPasscode},
		{"SHLX-04_no_passcode_costs_nothing", httpProbe},
		{"SHL-21_T9_wrong_in_parallel", httpParallel},
		{"SHLX-05_RL5_two_posts_one_use", httpDebounce},
		{"RL3_head_and_options_are_free", httpFree},
		{"SHLX-01_cors", httpCORS},
		{"SHLX-03_errors_are_objects", httpErrors},
		{"405_allow", httpMethods},
		{"strict_recipient", httpStrict},
		{"KTC-03_RL16_receipts", httpReceipts},
		{"RL13_create_is_repeatable", httpCreate},
		{"RL9_T12_create_checks_everything", httpCreateBad},
		{"RL2_wrong_token_is_the_404", httpToken},
		{"RL13_sequence", httpSequence},
		{"pause_extend_more_uses", httpChange},
		{"revoke", httpRevoke},
		{"RL1_T35_cross_site", httpCrossSite},
		{"counts", httpCounts},
	}
	tests = append(tests, mailboxHTTPTests...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.f(t, c) })
	}
}

func want(t *testing.T, a Answer, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Errorf("got %d %.200s, want %d", a.Status, a.Body, status)
	}
	return a
}

func header(t *testing.T, a Answer, name, want string) {
	t.Helper()
	if got := a.Header.Get(name); got != want {
		t.Errorf("%s is %q, want %q", name, got, want)
	}
}

func problem(t *testing.T, a Answer, status int) wire.Problem {
	t.Helper()
	header(t, a, "Content-Type", "application/json")
	return Decode[wire.Problem](t, a, status)
}

func manifest(t *testing.T, a Answer) wire.ManifestFile {
	t.Helper()
	header(t, a, "Content-Type", "application/json")
	m := Decode[wire.Manifest](t, a, http.StatusOK)
	if len(m.Files) != 1 || (m.Files[0].Embedded == "") == (m.Files[0].Location == "") {
		t.Fatalf("want one file with either embedded or location: %.300s", a.Body)
	}
	return m.Files[0]
}

// follow fetches a manifest's location, with nothing but its address.
func (c Client) follow(t *testing.T, location string) Answer {
	t.Helper()
	path, ok := strings.CutPrefix(location, c.Base)
	if !ok {
		t.Fatalf("location is not at the relay's public URL")
	}
	return c.Do(t, "GET", path, nil, nil)
}
