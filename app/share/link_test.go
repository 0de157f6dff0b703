package share_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"potli/app/share"
)

// encode makes a link of any payload, as a stranger would.
func encode(payload string) string {
	return "shlink:/" + base64.RawURLEncoding.EncodeToString([]byte(payload))
}

const (
	goodURL = "https://ehr.example.org/qr/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM/m"
	goodKey = "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q"
)

func payload(members string) string {
	if members != "" {
		members = "," + members
	}
	return fmt.Sprintf(`{"url":%q,"key":%q%s}`, goodURL, goodKey, members)
}

func ExampleParse() {
	text := "Here are my records: https://viewer.example/#shlink:/" +
		"eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnL2wveCIsImtleSI6InJ4VGdZbE9hS0pQRnRjRWQwcWNjZU44d0VVNHA5NFNxQXdJV1FlNnVYN1EiLCJmbGFnIjoiVSJ9 (ten minutes)"
	l, err := share.Parse(text)
	fmt.Println(l.URL, l.Flag, err)
	// Output: https://example.org/l/x U <nil>
}

// TV-1 of smart-health.md §2: SHL, "Example SMART Health Link Generation".
func TestVectorTV1(t *testing.T) {
	const label = "Back-to-school immunizations for Oliver Brown"
	bare := encode(fmt.Sprintf(`{"url":%q,"flag":"LP","key":%q,"label":%q}`, goodURL, goodKey, label))
	const want = "f8fae2b4192239f9f0d0501297be714b17029bb7216ba06e8c92ee53868b0028"
	sum := sha256.Sum256([]byte(bare))
	if len(bare) != 278 || hex.EncodeToString(sum[:]) != want {
		t.Fatalf("the vector itself is not as published: %d characters", len(bare))
	}
	l, err := share.Parse(bare)
	if err != nil {
		t.Fatal(err)
	}
	if l.URL != goodURL || l.Flag != "LP" || l.Label != label || l.Version != 1 || !l.Expires.IsZero() || len(l.Odd) != 0 {
		t.Errorf("read %+v", l)
	}
	if got := base64.RawURLEncoding.EncodeToString(l.Key); got != goodKey {
		t.Error("another key")
	}
	if l.String() != bare {
		t.Error("written differently from the published link")
	}
	if l.Hash() != want {
		t.Error("Hash differs from the published SHA-256")
	}
}

func fresh(t *testing.T) share.Link {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	return share.Link{URL: "https://relay.example/l/" + strings.Repeat("A", 43), Key: key, Flag: "U",
		Expires: time.Unix(1_790_000_000, 0).UTC(), Label: "Records", Version: 1}
}

// SHL-05, SHLX-06: minified JSON, base64url without padding, flag always there, exp in seconds, nothing unknown.
func TestSHL05String(t *testing.T) {
	for _, flag := range []string{"", "L", "P", "U", "LP", "LU"} {
		l := fresh(t)
		l.Flag = flag
		bare := l.String()
		if strings.ContainsAny(bare, "=+ \n") {
			t.Errorf("%q is not base64url", bare)
		}
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(bare, "shlink:/"))
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"url":%q,"flag":%q,"key":%q,"exp":1790000000,"label":"Records"}`,
			l.URL, flag, base64.RawURLEncoding.EncodeToString(l.Key))
		if string(raw) != want {
			t.Errorf("wrote %s", raw)
		}
		back, err := share.Parse(bare)
		if err != nil || back.Flag != flag || !bytes.Equal(back.Key, l.Key) || !back.Expires.Equal(l.Expires) || len(back.Odd) != 0 {
			t.Errorf("SHL-08: flag %q came back as %+v, %v", flag, back, err)
		}
	}
}

func TestPrefixed(t *testing.T) {
	l := fresh(t)
	for _, viewer := range []string{"https://v.example/", "https://v.example/#", "https://v.example/#old"} {
		if got, want := l.Prefixed(viewer), "https://v.example/#"+l.String(); got != want {
			t.Errorf("Prefixed(%q) = %q", viewer, got)
		}
	}
}

// SHL-02, SHL-04, SHL-06, SHL-07: what may be written.
func TestSHL02Check(t *testing.T) {
	url := func(n int) string { return "https://relay.example/l/" + strings.Repeat("A", n-24) }
	for _, c := range []struct {
		name string
		do   func(l *share.Link)
		ok   bool
	}{
		{"as it is", func(l *share.Link) {}, true},
		{"url of 128", func(l *share.Link) { l.URL = url(128) }, true},
		{"url of 129", func(l *share.Link) { l.URL = url(129) }, false},
		{"url with query", func(l *share.Link) { l.URL += "?a=b" }, false},
		{"url with fragment", func(l *share.Link) { l.URL += "#a" }, false},
		{"http", func(l *share.Link) { l.URL = "http://relay.example/l/x" }, false},
		{"http on this machine", func(l *share.Link) { l.URL = "http://localhost:8081/l/x" }, true},
		{"short key", func(l *share.Link) { l.Key = l.Key[:31] }, false},
		{"UP", func(l *share.Link) { l.Flag = "UP" }, false},
		{"PU", func(l *share.Link) { l.Flag = "PU" }, false},
		{"LPU", func(l *share.Link) { l.Flag = "LPU" }, false},
		{"UL", func(l *share.Link) { l.Flag = "UL" }, false},
		{"X", func(l *share.Link) { l.Flag = "X" }, false},
		{"label of 80", func(l *share.Link) { l.Label = strings.Repeat("a", 80) }, true},
		{"label of 81", func(l *share.Link) { l.Label = strings.Repeat("a", 81) }, false},
		{"40 emoji", func(l *share.Link) { l.Label = strings.Repeat("\U0001F600", 40) }, true},
		{"41 emoji", func(l *share.Link) { l.Label = strings.Repeat("\U0001F600", 41) }, false},
		{"no exp", func(l *share.Link) { l.Expires = time.Time{} }, true},
		{"exp before 1970", func(l *share.Link) { l.Expires = time.Unix(-5, 0) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := fresh(t)
			c.do(&l)
			if err := l.Check(); (err == nil) != c.ok {
				t.Errorf("got %v", err)
			} else if err != nil && !errors.Is(err, share.ErrBadLink) {
				t.Errorf("%v is not ErrBadLink", err)
			}
		})
	}
}

// SHLX-07: every carrier, with a payload and a key that contain - and _.
func TestSHLX07Carriers(t *testing.T) {
	key := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 0xef, 0xbf, 0xff}, 8))
	bare := encode(fmt.Sprintf(`{"url":"https://h.example/~~~???","key":%q,"label":"???>>>~~~ÿÿÿ"}`, key))
	if body := strings.TrimPrefix(bare, "shlink:/"); !strings.Contains(body, "_") || !strings.Contains(body, "-") || !strings.ContainsAny(key, "-_") {
		t.Fatal("the vector does not have both characters")
	}
	for name, s := range map[string]string{
		"bare":           bare,
		"prefixed":       "https://viewer.example/path#" + bare,
		"in prose":       "See " + bare + ". It ends soon; a shlink:/ is a link.",
		"after mention":  "A shlink:/ looks like this: " + bare,
		"after a broken": "shlink:/notreallyone and " + bare,
		"in brackets":    "<" + bare + ">",
		"new line":       "\n\t" + bare + "\r\n",
		"in HTML":        `<a href="` + bare + `">`,
	} {
		t.Run(name, func(t *testing.T) {
			l, err := share.Parse(s)
			if err != nil || len(l.Key) != 32 || l.Key[0] != 0xfb {
				t.Errorf("got %+v, %v", l, err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"nothing":          {"", share.ErrNoLink},
		"other text":       {"hello https://example.org", share.ErrNoLink},
		"a mention":        {"shlink:/ is a scheme", share.ErrNoLink},
		"not base64":       {"shlink:/a", share.ErrBadLink},
		"standard base64":  {"shlink:/" + base64.StdEncoding.EncodeToString([]byte(`{"url":"https://h.example/~~~???~~~","key":"???"}`)), share.ErrBadLink},
		"not JSON":         {encode("hello"), share.ErrBadLink},
		"cut JSON":         {encode(`{"url":"https://a.b"`), share.ErrBadLink},
		"null":             {encode("null"), share.ErrBadLink},
		"array":            {encode("[]"), share.ErrBadLink},
		"no url":           {encode(`{"key":"` + goodKey + `"}`), share.ErrBadLink},
		"url a number":     {encode(`{"url":5,"key":"` + goodKey + `"}`), share.ErrBadLink},
		"url http":         {encode(`{"url":"http://a.example/x","key":"` + goodKey + `"}`), share.ErrBadLink},
		"url javascript":   {encode(`{"url":"javascript:alert(1)","key":"` + goodKey + `"}`), share.ErrBadLink},
		"url file":         {encode(`{"url":"file:///etc/passwd","key":"` + goodKey + `"}`), share.ErrBadLink},
		"url relative":     {encode(`{"url":"/l/x","key":"` + goodKey + `"}`), share.ErrBadLink},
		"url with a user":  {encode(`{"url":"https://good.example@evil.example/","key":"` + goodKey + `"}`), share.ErrBadLink},
		"no key":           {encode(`{"url":"` + goodURL + `"}`), share.ErrBadLink},
		"key of 31 bytes":  {encode(`{"url":"` + goodURL + `","key":"` + goodKey[:42] + `"}`), share.ErrBadLink},
		"key standard b64": {encode(`{"url":"` + goodURL + `","key":"+/` + goodKey[2:] + `"}`), share.ErrBadLink},
		"U and P":          {encode(payload(`"flag":"UP"`)), share.ErrBadLink},
		"P and U":          {encode(payload(`"flag":"LPU"`)), share.ErrBadLink},
		"flag a list":      {encode(payload(`"flag":["U"]`)), share.ErrBadLink},
		"v zero":           {encode(payload(`"v":0`)), share.ErrBadLink},
		"v a half":         {encode(payload(`"v":1.5`)), share.ErrBadLink},
		"v text":           {encode(payload(`"v":"2"`)), share.ErrBadLink},
		"v 2":              {encode(payload(`"v":2`)), share.ErrVersion},
		"too long":         {encode(payload(`"x":"` + strings.Repeat("a", share.MaxPayload) + `"`)), share.ErrBadLink},
		"deep":             {encode(`{"x":` + strings.Repeat("[", 3000) + `}`), share.ErrBadLink},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := share.Parse(c.in)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if l.URL != "" || l.Key != nil {
				t.Error("a refused link has something to request")
			}
			if err != nil && (strings.Contains(err.Error(), goodKey) || strings.Contains(err.Error(), "ehr.example")) {
				t.Error("the error names the link")
			}
		})
	}
}

// SHL-12: too new a version shows its label and gives nothing to request.
func TestSHL12Version(t *testing.T) {
	l, err := share.Parse(encode(`{"v":2,"label":"From the future","where":"?"}`))
	if !errors.Is(err, share.ErrVersion) || l.Label != "From the future" || l.Version != 2 || l.URL != "" {
		t.Errorf("got %+v, %v", l, err)
	}
}

// SHL-09, SHL-10, SHL-11 and the tolerances of §2.
func TestTolerated(t *testing.T) {
	seconds := time.Unix(1_790_000_000, 0).UTC()
	for name, c := range map[string]struct {
		in   string
		want share.Link
	}{
		"SHL-09 unknown member":     {payload(`"zz":1`), share.Link{}},
		"SHL-10 unknown flag":       {payload(`"flag":"UX"`), share.Link{Flag: "U"}},
		"SHL-11 extension and _":    {payload(`"extension":[{"url":"x"}],"_sig":{"a":[1]}`), share.Link{}},
		"flags in any order":        {payload(`"flag":"UL"`), share.Link{Flag: "LU", Odd: []string{"flag-order"}}},
		"flag null":                 {payload(`"flag":null`), share.Link{}},
		"v 1":                       {payload(`"v":1`), share.Link{}},
		"v 1.0":                     {payload(`"v":1.0`), share.Link{}},
		"v null":                    {payload(`"v":null`), share.Link{}},
		"exp":                       {payload(`"exp":1790000000`), share.Link{Expires: seconds}},
		"exp with exponent":         {payload(`"exp":1.79e9`), share.Link{Expires: seconds}},
		"exp with fraction":         {payload(`"exp":1790000000.75`), share.Link{Expires: seconds, Odd: []string{"exp-fraction"}}},
		"exp text":                  {payload(`"exp":"1790000000"`), share.Link{Expires: seconds, Odd: []string{"exp-string"}}},
		"exp in ms":                 {payload(`"exp":1790000000123`), share.Link{Expires: seconds, Odd: []string{"exp-ms"}}},
		"exp text in ms":            {payload(`"exp":"1790000000123"`), share.Link{Expires: seconds, Odd: []string{"exp-string", "exp-ms"}}},
		"exp NaN":                   {payload(`"exp":"NaN"`), share.Link{Odd: []string{"exp-unusable"}}},
		"exp Inf":                   {payload(`"exp":"Inf"`), share.Link{Odd: []string{"exp-unusable"}}},
		"exp null":                  {payload(`"exp":null`), share.Link{Odd: []string{"exp-unusable"}}},
		"exp a date":                {payload(`"exp":"2026-01-01"`), share.Link{Odd: []string{"exp-unusable"}}},
		"exp huge":                  {payload(`"exp":1e300`), share.Link{Odd: []string{"exp-unusable"}}},
		"exp beyond float":          {payload(`"exp":1e999`), share.Link{Odd: []string{"exp-unusable"}}},
		"exp negative":              {payload(`"exp":-1`), share.Link{Odd: []string{"exp-unusable"}}},
		"exp an object":             {payload(`"exp":{}`), share.Link{Odd: []string{"exp-unusable"}}},
		"label with controls":       {payload(`"label":"a\u0000b\nc\u202ed"`), share.Link{Label: "a b cd"}},
		"SHL-06 80 emoji":           {payload(`"label":"` + strings.Repeat("\U0001F600", 80) + `"`), share.Link{Label: strings.Repeat("\U0001F600", 80)}},
		"label of 81":               {payload(`"label":"` + strings.Repeat("é", 81) + `"`), share.Link{Label: strings.Repeat("é", 80), Odd: []string{"label-long"}}},
		"label a number":            {payload(`"label":5`), share.Link{}},
		"names are case-sensitive":  {payload(`"FLAG":"P","Exp":5,"LABEL":"x"`), share.Link{}},
		"padding in key":            {strings.Replace(payload(""), goodKey, goodKey+"=", 1), share.Link{Odd: []string{"padding"}}},
		"url of a 200 characters":   {strings.Replace(payload(""), goodURL, "https://h.example/"+strings.Repeat("a", 182), 1), share.Link{URL: "https://h.example/" + strings.Repeat("a", 182)}},
		"url with a query":          {strings.Replace(payload(""), goodURL, goodURL+"?a=b", 1), share.Link{URL: goodURL + "?a=b"}},
		"white space between":       {" {\n" + payload("")[1:] + "\n", share.Link{}},
		"the last of two urls wins": {strings.Replace(payload(""), "{", `{"url":"https://first.example/",`, 1), share.Link{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := share.Parse(encode(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if c.want.URL == "" {
				c.want.URL = goodURL
			}
			if got.URL != c.want.URL || got.Flag != c.want.Flag || got.Label != c.want.Label ||
				!got.Expires.Equal(c.want.Expires) || strings.Join(got.Odd, " ") != strings.Join(c.want.Odd, " ") {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
	t.Run("padding", func(t *testing.T) {
		s := payload("")
		for len(s)%3 == 0 {
			s += " "
		}
		l, err := share.Parse("shlink:/" + base64.URLEncoding.EncodeToString([]byte(s)))
		if err != nil || strings.Join(l.Odd, " ") != "padding" {
			t.Errorf("got %v, %v", l.Odd, err)
		}
	})
}

// A link that is read and written again means the same, whatever it was wrapped in.
func FuzzParse(f *testing.F) {
	for _, s := range []string{payload(""), payload(`"flag":"LP","exp":1790000000,"label":"x"`), payload(`"exp":"NaN","v":1`),
		payload(`"flag":"UXL","label":"\u202e\u0000"`), `{"v":2,"label":"x"}`, `{}`} {
		f.Add(encode(s))
		f.Add("https://v.example/#" + encode(s) + " ")
	}
	f.Add("shlink:/====")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := share.Parse(s)
		if err != nil {
			if !errors.Is(err, share.ErrNoLink) && !errors.Is(err, share.ErrBadLink) && !errors.Is(err, share.ErrVersion) {
				t.Fatalf("an error of no kind: %v", err)
			}
			if l.URL != "" || l.Key != nil {
				t.Fatal("a refused link that can be requested")
			}
			return
		}
		if share.CheckURL(l.URL) != nil || len(l.Key) != 32 || strings.Contains(l.Flag, "U") && strings.Contains(l.Flag, "P") {
			t.Fatalf("let through %+v", l)
		}
		back, err := share.Parse(l.String())
		if err != nil {
			if len(l.URL) > 4000 {
				return // at the limit of a payload another order of members may not fit
			}
			t.Fatalf("cannot read what was written: %v", err)
		}
		a, _ := json.Marshal([]any{l.URL, l.Key, l.Expires, l.Flag, l.Label})
		b, _ := json.Marshal([]any{back.URL, back.Key, back.Expires, back.Flag, back.Label})
		if !bytes.Equal(a, b) || l.Hash() != back.Hash() {
			t.Fatalf("%s became %s", a, b)
		}
	})
}
