package viewer_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
	"potli/crypto/jose"
)

// peer is what the page's modules are asked under Node, and answer.
type peer struct {
	Open  []sealedPeer `json:"open"`
	Codes []string     `json:"codes"`
	Kinds [][]byte     `json:"kinds"`
	Make  []madePeer   `json:"make"`
}

type sealedPeer struct {
	Sealed string `json:"sealed"`
	Key    []byte `json:"key"`
}

type paperPeer struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Body []byte `json:"body"`
}

type madePeer struct {
	By        string         `json:"by"`
	Key       []byte         `json:"key"`
	Mailbox   string         `json:"mailbox"`
	From      message.Sender `json:"from"`
	Text      string         `json:"text"`
	Documents []paperPeer    `json:"documents"`
}

type answers struct {
	Open []struct {
		Error, Type, ID, To, Text, Request, Receipt, Re, Signer string
		At                                                      int64
		From                                                    struct {
			Name, Origin, JWK string
			IDs               []message.Identifier
		}
		Documents []paperPeer
	}
	Codes []struct {
		Error, Relay, ID, To, Name string
		Key                        []byte
		Exp, Max                   int64
		N                          int
	}
	Kinds []struct{ Type, Why string }
	Make  []struct{ Error, Sealed, ID, Signer string }
}

func (p peer) ask(t *testing.T) (a answers) {
	t.Helper()
	in, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "--no-warnings", "../peers/drop.mjs")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%v: %.300s", err, out)
	}
	return a
}

// signers are none, and one of each kind.
func signers(t *testing.T) []*jose.Signer {
	t.Helper()
	_, ed, err1 := ed25519.GenerateKey(rand.Reader)
	p256, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a, err3 := jose.EdDSA(ed)
	b, err4 := jose.ES256(p256, nil)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	return []*jose.Signer{nil, a, b}
}

var peerSender = message.Sender{Name: "Sample <Clinic> & Söhne, पुणे", Origin: "https://clinic.example:8443", IDs: []message.Identifier{{System: "https://facility.abdm.gov.in", Value: "IN2710000000"}}}

// What Go writes the page reads, and what the page writes an inbox of Go takes: of each type, signed by each kind of
// key and by none, with each byte of the documents as it was.
func TestMessagesBothWays(t *testing.T) {
	key, mailbox := bytes.Repeat([]byte{9}, 32), strings.Repeat("A", 43)
	report := append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte{0, 255, '"', '\\'}, 999)...)
	report = append(report, "startxref\n0\n%%EOF\n"...)
	var q peer
	var want []*message.Message
	for _, by := range signers(t) {
		for _, typ := range []message.Type{message.Documents, message.Request, message.Answer, message.Delivery, message.Receipt, message.Revoked} {
			m, err := message.New(typ, mailbox, peerSender, time.Unix(1772620200, 0), nil)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := message.Attach("रिपोर्ट \"1\".pdf", report)
			if err != nil {
				t.Fatal(err)
			}
			m.Documents, m.Text, m.Request, m.Receipt, m.Re = []message.Document{doc}, "a\tb\n\"<\\\u2028", "{}", "x.y.z", m.ID
			packed, err := m.Pack()
			if by != nil {
				packed, err = m.PackSigned(by)
				m.Signer = by.Public().Thumbprint()
			}
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := message.SealKey(packed, key, nil)
			if err != nil {
				t.Fatal(err)
			}
			q.Open = append(q.Open, sealedPeer{sealed, key})
			want = append(want, m)
		}
	}
	d, err := inbox.NewDrop(inbox.Terms{Name: "Asha", Relay: "https://relay.example", Life: time.Hour, Most: 9, Bytes: 1 << 20}, time.Unix(1772620000, 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{"", "EdDSA", "ES256"} {
		q.Make = append(q.Make, madePeer{By: by, Key: d.Code().Key, Mailbox: d.ID, From: peerSender, Text: "नोट\n\"<\\\u2028", Documents: []paperPeer{{"a.pdf", "application/pdf", report}}})
	}
	got := q.ask(t)
	for i, m := range want {
		g := got.Open[i]
		if g.Error != "" || g.Type != string(m.Type) || g.ID != m.ID || g.To != m.To || g.At != m.At.Unix() || g.Text != "a\tb\n\"<\\" || g.Request != m.Request || g.Receipt != m.Receipt || g.Re != m.Re ||
			g.Signer != m.Signer || g.From.Name != m.From.Name || g.From.Origin != m.From.Origin || !slices.Equal(g.From.IDs, m.From.IDs) || (g.From.JWK == "") != (m.Signer == "") {
			t.Errorf("%d: %+v", i, g)
		}
		if len(g.Documents) != 1 || g.Documents[0].Name != m.Documents[0].Name || g.Documents[0].Type != "application/pdf" || !bytes.Equal(g.Documents[0].Body, report) {
			t.Errorf("%d: another document", i)
		}
	}
	box := &inbox.Inbox{Drops: []*inbox.Drop{d}}
	for i, made := range got.Make {
		arrival, err := box.Take(d, inbox.Letter{Number: int64(i + 1), Time: time.Unix(1772620300, 0), Size: int64(len(made.Sealed)), Sealed: made.Sealed}, time.Unix(1772620300, 0))
		if err != nil {
			t.Errorf("%d %s: %v", i, made.Error, err)
			continue
		}
		m, err := message.Parse(arrival.Body)
		if err != nil || m.ID != made.ID || m.Signer != made.Signer || (m.Signer == "") != (i == 0) || m.From.Name != peerSender.Name || m.From.Origin != peerSender.Origin || !slices.Equal(m.From.IDs, peerSender.IDs) ||
			m.Text != "नोट\n\"<\\" || !bytes.Equal(m.Documents[0].Body, report) || arrival.Item.Documents[0].Fault != "" {
			t.Errorf("%d: %+v, %v", i, m, err)
		}
	}
}

// Messages with a few bytes changed, moved or doubled: what one side reads the other reads as the same, and what one
// refuses the other refuses, for the same reason.
func TestChangedMessagesAsInGo(t *testing.T) {
	key, mailbox := bytes.Repeat([]byte{9}, 32), strings.Repeat("A", 43)
	var q peer
	var plain [][]byte
	seed := uint32(1)
	dice := func(n int) int { // the same for every run
		seed = seed*1664525 + 1013904223
		return int(seed>>8) % n
	}
	tokens := []string{`"`, `\`, `{`, `}`, `[`, `]`, `,`, `:`, `null`, `0`, `"v":`, `"to":`, `"name":`, `\u0000`, `\ud800`, "\xff", " ", "\n", `"type":"answer",`, `"id":"x",`, `-`, `.5`, "\u202e", "é"}
	for _, by := range signers(t) {
		m, err := message.New(message.Documents, mailbox, peerSender, time.Unix(1772620200, 0), nil)
		if err != nil {
			t.Fatal(err)
		}
		m.Text, m.Re = "note \"1\"", m.ID
		m.Documents = []message.Document{{Name: "a/b.txt", Type: "text/plain; x", Body: []byte("hello, hello")}}
		packed, err := m.Pack()
		if by != nil {
			packed, err = m.PackSigned(by)
		}
		if err != nil {
			t.Fatal(err)
		}
		text := message.Trim(packed)
		for range 600 {
			b := slices.Clone(text)
			for range 1 + dice(2) {
				at, n := dice(len(b)), dice(12)
				switch piece := b[at:min(len(b), at+n)]; dice(4) {
				case 0:
					b = slices.Concat(b[:at], []byte(tokens[dice(len(tokens))]), b[at:])
				case 1:
					b = slices.Concat(b[:at], b[at+len(piece):])
				case 2:
					b = slices.Concat(b[:at], piece, b[at:])
				default:
					b = slices.Concat(b[:at], []byte(tokens[dice(len(tokens))]), b[at+len(piece):])
				}
			}
			sealed, err := message.SealKey(b, key, nil)
			if err != nil {
				t.Fatal(err)
			}
			plain, q.Open = append(plain, b), append(q.Open, sealedPeer{sealed, key})
		}
	}
	codes := map[string]error{"malformed": message.ErrMalformed, "newer": message.ErrVersion, "forged": message.ErrForged, "too-big": message.ErrTooBig, "empty": message.ErrEmpty}
	read := 0
	for i, g := range q.ask(t).Open {
		m, err := message.Parse(plain[i])
		switch {
		case err == nil && g.Error == "":
			if read++; g.ID != m.ID || g.Text != m.Text || g.From.Name != m.From.Name || g.From.Origin != m.From.Origin || g.Re != m.Re || g.Signer != m.Signer || len(g.Documents) != len(m.Documents) ||
				len(m.Documents) > 0 && (g.Documents[0].Name != m.Documents[0].Name || g.Documents[0].Type != m.Documents[0].Type || !bytes.Equal(g.Documents[0].Body, m.Documents[0].Body)) {
				t.Errorf("%q\n%+v there\n%+v here", plain[i], g, m)
			}
		case err == nil && strings.ContainsAny(m.From.Origin, "[]") && g.Error == "malformed": // no host, though Go's URLs have it
		case err != nil && plain[i][0] != '{' && slices.Contains([]string{"forged", "malformed"}, g.Error): // whose header is what no header is
		case err == nil, g.Error == "", !errors.Is(err, codes[g.Error]):
			t.Errorf("%q: %q there, %v here", plain[i], g.Error, err)
		}
	}
	if read < 50 {
		t.Errorf("only %d of %d were read", read, len(plain))
	}
}

// A code that Go makes is read as it was, and one that was changed is read as Go reads it or not at all.
func TestCodesAsInGo(t *testing.T) {
	var q peer
	for _, system := range []bool{false, true} {
		for _, name := range []string{"", "Asha S.", "आशा", "\"<&>\u2028\nx", strings.Repeat("\"", 100)} {
			d, err := inbox.NewDrop(inbox.Terms{Name: name, Relay: "https://relay.example:8443", Life: time.Hour, Most: 5, Bytes: 20 << 20, System: system}, time.Unix(1772620200, 0), nil)
			if err != nil {
				t.Fatal(err)
			}
			d.Heard(inbox.Standing{Now: time.Unix(1772620200, 0), Created: 1}, time.Unix(1772620200, 0))
			link, err := d.Link("https://view.example")
			if err != nil {
				t.Fatal(err)
			}
			q.Codes = append(q.Codes, link)
		}
	}
	whole := len(q.Codes)
	for i := range q.Codes[1] {
		for _, c := range []byte{'A', 'B', '_', '.', '#'} {
			b := []byte(q.Codes[1])
			b[i] = c
			q.Codes = append(q.Codes, string(b))
		}
	}
	read := 0
	for i, g := range q.ask(t).Codes {
		c, err := inbox.ParseCode(q.Codes[i])
		same := err == nil && g.Relay == c.Relay && g.ID == c.ID && bytes.Equal(g.Key, c.Key) && g.To == c.To && g.Name == c.Name && g.Exp == c.Expires.Unix() && g.N == c.Most && g.Max == c.Bytes
		wants := map[error]string{inbox.ErrNoCode: "drop-none", inbox.ErrNewer: "drop-newer"}
		for is, code := range wants {
			if errors.Is(err, is) && g.Error != code {
				t.Errorf("%d: %v here, %q there", i, err, g.Error)
			}
		}
		switch {
		case g.Error == "" && !same:
			t.Errorf("%d: %+v there, %+v %v here", i, g, c, err)
		case g.Error != "" && i < whole:
			t.Errorf("%d: %s", i, g.Error)
		case g.Error == "":
			read++
		}
	}
	if read < whole {
		t.Errorf("%d of %d codes were read", read, whole)
	}
}

// The page lets through what the wallet keeps, and nothing else: of real documents, and of each of them damaged.
func TestKindsAsInGo(t *testing.T) {
	var q peer
	var names []string
	add := func(name string, b []byte) { q.Kinds, names = append(q.Kinds, b), append(names, name) }
	for _, root := range []string{"../../web/sample", "../../app/record/testdata", "../../app/ccda/testdata"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil || len(b) > 300<<10 {
				return err
			}
			add(path, b)
			add(path+", half of it", b[:len(b)/2])
			add(path+", without its beginning", b[min(len(b), 3):])
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "a note": "Take rest.\nतीन दिन बाद फिर आइए।", "a draft": "[Draft] Dear doctor, thank you", "Latin-1": "R\xe9sum\xe9 of the visit on Monday", "UTF-16": "\xff\xfeT\x00a\x00k\x00e\x00",
		"a zip": "PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "an office document": "PK\x03\x04aaaa[Content_Types].xml", "HEIC": "\x00\x00\x00\x18ftypheic\x00\x00", "a video": "\x00\x00\x00\x18ftypmp42\x00\x00",
		"GIF": "GIF89aaaaaaaaaaa", "TIFF": "II*\x00aaaaaaaa", "RTF": "{\\rtf1 hello}", "DICOM": strings.Repeat("\x00", 128) + "DICM", "a program": "MZ\x90\x00aaaa", "gzip": "\x1f\x8b\x08\x00", "old office": "\xd0\xcf\x11\xe0\xa1\xb1",
		"FHIR in XML": `<Bundle xmlns="http://hl7.org/fhir"></Bundle>`, "SVG": `<svg xmlns="http://www.w3.org/2000/svg"></svg>`, "XML": "<a/>", "a page": "<!doctype html><title>x</title><p>Visit note of Monday</p>", "JSON": `{"a":1}`, "a list": `[1,2]`,
		"a patient": `{"resourceType":"Patient","id":"a"}`, "cut": `{"resourceType":"Patient"`, "a link": "shlink:/eyJ1cmwiOiJodHRwczovL2EifQ", "a secret": "AGE-SECRET-KEY-1AAAA", "a pairing": "POTLI-PAIR-AAAA", "a backup": "age-encryption.org/v1\n-> a",
		"an armoured backup": "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA", "controls": "a\x01b\x02c\x03d\x04e\x05", "an empty page": "   \n",
	} {
		add(name, []byte(text))
	}
	kept := 0
	for i, g := range q.ask(t).Kinds {
		f, err := record.Sniff(q.Kinds[i])
		want := string(f)
		if err != nil || f == record.FormatBackup || f == record.FormatLink {
			want = ""
		}
		if g.Type != want || (g.Type == "") == (g.Why == "") {
			t.Errorf("%s: %q %q there, %q %v here", names[i], g.Type, g.Why, f, err)
		}
		if want != "" {
			kept++
		}
	}
	if kept < 20 {
		t.Errorf("only %d of %d are kept", kept, len(names))
	}
}
