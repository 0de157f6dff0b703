package storetest

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

func httpDirect(t *testing.T, c Client) {
	for _, flag := range []string{"U", "LU"} {
		o := c.Create(t, flag, flag, nil)
		jwe := NewCreate("", flag).File.JWE
		for _, recipient := range []string{"Dr+A", "", "%E0%A4%A1%E0%A5%89", "%ff%00", strings.Repeat("x", 2000)} {
			a := want(t, c.Get(t, o.ID, recipient), http.StatusOK)
			header(t, a, "Content-Type", wire.ContentTypeJOSE)
			if string(a.Body) != jwe || strings.Count(string(a.Body), ".") != 4 {
				t.Errorf("the body is not the file that was stored")
			}
		}
		want(t, c.Do(t, "GET", wire.LinkPath+o.ID, nil, nil), http.StatusOK) // no query at all
		f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
		if string(c.follow(t, f.Location).Body) != jwe {
			t.Error("the manifest of a link with U leads elsewhere")
		}
	}
}

func httpManifest(t *testing.T, c Client) {
	for _, typ := range []string{wire.ContentTypeFHIR, wire.ContentTypeCard, wire.ContentTypeAccess} {
		o := c.Create(t, typ, "", func(w *wire.Create) { w.File = wire.File{ContentType: typ, JWE: JWE(typ, 300)} })
		f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "Dr A"}))
		if f.ContentType != typ {
			t.Errorf("contentType is %q, want %q", f.ContentType, typ)
		}
		if fhir := f.FHIRVersion != ""; fhir != (typ == wire.ContentTypeFHIR) {
			t.Errorf("fhirVersion is %q for %s", f.FHIRVersion, typ)
		}
		// SHL-13: unknown members, a missing recipient and another content type do no harm.
		for _, body := range []string{`{}`, `{"recipient":""}`, `{"recipient":"x","zz":{"a":[1]}}`, " \n{\"recipient\":null}\n"} {
			a := c.Do(t, "POST", wire.LinkPath+o.ID, body, Headers{"Content-Type", "text/plain", "X-Unknown", "1"})
			manifest(t, a)
		}
	}
}

func httpLocation(t *testing.T, c Client) {
	o := c.Create(t, "", "P", func(w *wire.Create) { w.Passcode = Verifier("secret", 5); w.Uses = 1 })
	req := wire.ManifestRequest{Recipient: "Dr A", Passcode: "secret"}
	f := manifest(t, c.Post(t, o.ID, req))
	for range 2 { // browsers repeat
		a := want(t, c.follow(t, f.Location), http.StatusOK)
		header(t, a, "Content-Type", wire.ContentTypeJOSE)
		if !bytes.Equal(a.Body, []byte(NewCreate("", "").File.JWE)) {
			t.Error("the location has another file")
		}
	}
	path := strings.TrimPrefix(f.Location, c.Base)
	for i := len(wire.FilePath); i < len(path); i += 7 {
		other := byte('A')
		if path[i] == 'A' {
			other = 'B'
		}
		want(t, c.Do(t, "GET", path[:i]+string(other)+path[i+1:], nil, nil), http.StatusNotFound)
	}
	want(t, c.Do(t, "GET", path[:len(path)-1], nil, nil), http.StatusNotFound)
	want(t, c.Do(t, "GET", path+"A", nil, nil), http.StatusNotFound)
	want(t, o.Call(t, "PATCH", "", `{"paused":true}`), http.StatusOK)
	want(t, c.follow(t, f.Location), http.StatusNotFound)
	want(t, o.Call(t, "PATCH", "", `{"paused":false}`), http.StatusOK)
	want(t, c.follow(t, f.Location), http.StatusOK)
	want(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	want(t, c.follow(t, f.Location), http.StatusNotFound)
}

func httpEmbedded(t *testing.T, c Client) {
	o := c.Create(t, "", "", nil)
	n := int64(len(NewCreate("", "").File.JWE))
	for most, embedded := range map[int64]bool{n: true, n + 1: true, 1 << 40: true, n - 1: false, 0: false, -1: false} {
		f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", EmbeddedLengthMax: &most}))
		if got := f.Embedded != ""; got != embedded {
			t.Errorf("embeddedLengthMax %d, file %d: embedded %v, want %v", most, n, got, embedded)
		}
		if embedded && f.Embedded != NewCreate("", "").File.JWE {
			t.Error("the embedded file is another")
		}
	}
	if manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"})).Embedded != "" {
		t.Error("embedded without having been asked for")
	}
}

func httpReplace(t *testing.T, c Client) {
	o := c.Create(t, "", "L", nil)
	old := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
	next := wire.File{ContentType: wire.ContentTypeCard, JWE: JWE(wire.ContentTypeCard, 900)}
	want(t, o.Call(t, "PUT", "/file", next), http.StatusOK)
	most := int64(1 << 20)
	f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", EmbeddedLengthMax: &most}))
	if f.Embedded != next.JWE || f.ContentType != next.ContentType {
		t.Error("the manifest does not have the new file")
	}
	want(t, c.follow(t, old.Location), http.StatusNotFound) // SHL-28, SHL-30: receivers ask again
	for name, bad := range map[string]wire.File{
		"no file": {}, "html": {ContentType: wire.ContentTypeFHIR, JWE: "<html>"},
		"other header": {ContentType: wire.ContentTypeFHIR, JWE: next.JWE},
	} {
		if a := o.Call(t, "PUT", "/file", bad); a.Status != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", name, a.Status)
		}
	}
}

func httpLongTerm(t *testing.T, c Client) {
	for _, flag := range []string{"", "L", "U", "LU"} {
		o := c.Create(t, flag, flag, nil)
		a := c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"})
		f := manifest(t, a)
		if long := strings.Contains(flag, "L"); long != (f.Status == "can-change") || long != (f.LastUpdated != "") || long != (a.Header.Get("Retry-After") != "") {
			t.Errorf("flag %q: status %q, lastUpdated %q, Retry-After %q", flag, f.Status, f.LastUpdated, a.Header.Get("Retry-After"))
		}
		if f.LastUpdated != "" {
			if _, err := time.Parse(time.RFC3339, f.LastUpdated); err != nil {
				t.Error(err)
			}
		}
	}
}

func httpLarge(t *testing.T, c Client) {
	// Where the parts meet, and the largest there may be.
	for _, size := range []int{relay.PartSize - 1, relay.PartSize, 2*relay.PartSize + 1, wire.MaxFile} {
		jwe := JWE(wire.ContentTypeFHIR, size)
		o := c.Create(t, fmt.Sprint(size), "U", func(w *wire.Create) { w.File.JWE = jwe })
		if a := want(t, c.Get(t, o.ID, "x"), http.StatusOK); string(a.Body) != jwe {
			t.Errorf("size %d: the file differs", size)
		}
		most := int64(len(jwe))
		if f := manifest(t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", EmbeddedLengthMax: &most})); f.Embedded != jwe {
			t.Errorf("size %d: the embedded file differs", size)
		}
		want(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
	}
	create := NewCreate(ID("t"), "U")
	create.File.JWE = JWE(wire.ContentTypeFHIR, wire.MaxFile+8)
	want(t, c.Put(t, ID(t.Name()), create), http.StatusRequestEntityTooLarge)
	create.File.JWE = JWE(wire.ContentTypeFHIR, 2*wire.MaxFile)
	if a, err := c.Try("PUT", wire.ControlPath+ID(t.Name()), create, Headers{"If-None-Match", "*"}); err == nil {
		want(t, a, http.StatusRequestEntityTooLarge) // or cut off while sending
	}
}
