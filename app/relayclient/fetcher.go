package relayclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"potli/app/share"
	"potli/app/traffic"
	"potli/relay/wire"
)

// Times of a receiver (SHL 1.0.0: a location "SHALL be short-lived … not longer than one hour").
const (
	locationLife = time.Hour
	longestWait  = 15 * time.Second // a 429 that asks for more is told to the person instead
	embedMax     = 4 << 20          // characters we like to have embedded; a larger file comes by location
	manifestTry  = 2                // times a manifest is asked for when its locations are spent
)

// Fetcher opens links as a conformant receiver. It implements share.Fetcher over HTTP and decrypts nothing.
//
//	flag U:  GET url?recipient=…                        → the file
//	else:    POST url {recipient, passcode, …}          → manifest; then embedded, or GET location
//	                                                      spent or expired location → the manifest once more
type Fetcher struct {
	HTTP  HTTP
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error // for a 429 with a short Retry-After
}

var _ share.Fetcher = (*Fetcher)(nil)

// Fetch performs the requests of one opening. A file that cannot be had is in the list with an empty JWE, as long as
// another one could.
func (f *Fetcher) Fetch(ctx context.Context, r share.Request) (share.Fetched, error) {
	ctx = traffic.Because(ctx, traffic.LinkOpen)
	if err := share.CheckURL(r.URL); err != nil {
		return share.Fetched{}, err
	}
	if strings.TrimSpace(r.Recipient) == "" {
		return share.Fetched{}, share.ErrRecipient
	}
	// The fragment is ours alone; url.Parse succeeded in CheckURL.
	r.URL, _, _ = strings.Cut(r.URL, "#")
	if strings.Contains(r.Flag, "U") {
		return f.direct(ctx, r)
	}
	var got share.Fetched
	var err error
	for try := 0; try < manifestTry; try++ {
		var again bool
		if got, again, err = f.manifest(ctx, r); !again {
			break
		}
	}
	return got, err
}

// direct is the way of flag U: one GET, never a manifest request.
func (f *Fetcher) direct(ctx context.Context, r share.Request) (share.Fetched, error) {
	sep := "?"
	if strings.Contains(r.URL, "?") {
		sep = "&"
	}
	resp, err := f.request(ctx, Request{
		Method: "GET",
		URL:    r.URL + sep + "recipient=" + strings.ReplaceAll(url.QueryEscape(r.Recipient), "+", "%20"),
		Header: map[string]string{"Accept": wire.ContentTypeJOSE},
		Limit:  maxFile,
	})
	if err != nil {
		return share.Fetched{}, err
	}
	file := share.EncryptedFile{JWE: strings.TrimSpace(string(resp.Body))}
	return share.Fetched{Files: []share.EncryptedFile{file}, Wait: seconds(resp)}, nil
}

// manifest asks for the manifest and its files. again: no location worked, a fresh manifest may have better ones.
func (f *Fetcher) manifest(ctx context.Context, r share.Request) (got share.Fetched, again bool, err error) {
	limit := int64(embedMax)
	ask := wire.ManifestRequest{Recipient: r.Recipient, EmbeddedLengthMax: &limit}
	if strings.Contains(r.Flag, "P") {
		ask.Passcode = r.Passcode
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return got, false, err
	}
	resp, err := f.request(ctx, Request{Method: "POST", URL: r.URL, Body: body, Limit: maxManifest,
		Header: map[string]string{"Content-Type": "application/json", "Accept": "application/json"}})
	if err != nil {
		return got, false, err
	}
	asked := f.Now()
	m, err := parseManifest(resp.Body)
	if err != nil {
		return got, false, err
	}
	got = share.Fetched{Status: m.status, Wait: seconds(resp)}
	return f.files(ctx, r.URL, m, got, asked)
}

func (f *Fetcher) files(ctx context.Context, base string, m manifest, got share.Fetched, asked time.Time) (share.Fetched, bool, error) {
	var failed error
	good, total := 0, 0
	for _, entry := range m.files {
		file := share.EncryptedFile{ContentType: entry.contentType, JWE: entry.embedded}
		if file.JWE == "" && entry.location != "" {
			var err error
			if file.JWE, err = f.location(ctx, base, entry.location, asked); err != nil {
				if ctx.Err() != nil {
					return got, false, ctx.Err()
				}
				failed = err
			}
		}
		if file.JWE != "" {
			good++
		}
		if total += len(file.JWE); total > 2*share.MaxJWE {
			return got, false, share.ErrTooBig
		}
		got.Files = append(got.Files, file)
	}
	switch {
	case failed != nil && errors.Is(failed, share.ErrGone):
		if good == 0 {
			return got, true, failed
		}
		return got, true, nil
	case failed != nil && good == 0:
		return got, false, failed
	}
	return got, false, nil
}

// location gets one file. After an hour a location is not even tried: it is for a fresh manifest to say.
func (f *Fetcher) location(ctx context.Context, base, location string, asked time.Time) (string, error) {
	if f.Now().Sub(asked) >= locationLife {
		return "", share.ErrGone
	}
	at, err := url.Parse(base)
	if err != nil {
		return "", share.ErrBadLink
	}
	at, err = at.Parse(location)
	if err != nil || share.CheckURL(at.String()) != nil {
		return "", share.ErrBadLink
	}
	resp, err := f.request(ctx, Request{Method: "GET", URL: at.String(), Limit: maxFile,
		Header: map[string]string{"Accept": wire.ContentTypeJOSE}})
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(resp.Body)), nil
}

// request sends r, once more after a 429 with a short wait, and turns statuses into errors.
func (f *Fetcher) request(ctx context.Context, r Request) (Response, error) {
	for waited := false; ; waited = true {
		resp, err := do(ctx, f.HTTP, r)
		if err != nil {
			return Response{}, err
		}
		if resp.Status == 200 {
			return resp, nil
		}
		if resp.Status == 401 {
			return Response{}, passcodeError(resp)
		}
		wait := retryAfter(resp)
		if resp.Status != 429 || waited || wait == 0 || wait > longestWait {
			return Response{}, failure(resp)
		}
		if err := f.Sleep(ctx, wait); err != nil {
			return Response{}, err
		}
	}
}

func passcodeError(resp Response) error {
	var p struct {
		Remaining *int `json:"remainingAttempts"`
	}
	if json.Unmarshal(resp.Body, &p) != nil || p.Remaining == nil || *p.Remaining < 0 {
		return &share.PasscodeError{Remaining: -1}
	}
	return &share.PasscodeError{Remaining: *p.Remaining}
}

func seconds(resp Response) int { return int(retryAfter(resp) / time.Second) }

// manifest is a manifest reduced to what is needed, with the faults of the field tolerated.
type manifest struct {
	status string
	files  []manifestFile
}

type manifestFile struct{ contentType, embedded, location string }

// parseManifest reads the answer of a manifest request. Unknown members, a FHIR List, a status beside the files, both
// embedded and location: all fine. A file whose members have the wrong type is kept, empty, so that it is not silently
// missing.
func parseManifest(b []byte) (manifest, error) {
	var top struct {
		Status json.RawMessage   `json:"status"`
		Files  []json.RawMessage `json:"files"`
	}
	if err := json.Unmarshal(b, &top); err != nil || !isObject(b) {
		return manifest{}, errManifest
	}
	if len(top.Files) > share.MaxFiles {
		return manifest{}, share.ErrTooBig
	}
	m := manifest{status: text(top.Status)}
	for _, raw := range top.Files {
		var file map[string]json.RawMessage
		if json.Unmarshal(raw, &file) != nil {
			file = nil
		}
		m.files = append(m.files, manifestFile{text(file["contentType"]), text(file["embedded"]), text(file["location"])})
		if m.status == "" {
			m.status = text(file["status"])
		}
	}
	return m, nil
}

var errManifest = errors.Join(share.ErrRefused, errors.New("the host's answer is no manifest"))

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// Sleep waits for d or until ctx ends: the usual Fetcher.Sleep.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
