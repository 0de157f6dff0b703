package inbox_test

import (
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"potli/app/inbox"
)

func TestCode(t *testing.T) {
	for _, system := range []bool{false, true} {
		for _, name := range []string{"", "Asha", strings.Repeat("अ", 100), "\"<&>\u2028\nx", strings.Repeat("\"", 100)} {
			d := newDrop(t, func(t *inbox.Terms) {
				t.System, t.Name, t.Relay = system, name, "https://a-relay-with-a-long-name.health.example.org:8443"
			})
			link, err := d.Link("https://a-viewer-with-a-long-name.health.example.org")
			if err != nil || len(link) > inbox.MaxCode {
				t.Fatalf("%q: %d characters, %v", name, len(link), err)
			}
			c, err := inbox.ParseCode("Please open " + link + " now")
			if err != nil {
				t.Fatalf("%q: %v", link, err)
			}
			want := d.Code()
			if !strings.HasPrefix(want.Name, c.Name) || name != "" && c.Name == "" {
				t.Errorf("%q became %q", want.Name, c.Name)
			}
			c.Name = want.Name
			if want.Expires = want.Expires.Truncate(time.Second); !reflect.DeepEqual(c, want) {
				t.Errorf("got %+v\nwant %+v", c, want)
			}
			if (c.Key == nil) != system || (c.To != "") != system {
				t.Errorf("%+v", c)
			}
			if err := c.Check(c.Expires.Add(-time.Second)); err != nil {
				t.Error(err)
			}
			if err := c.Check(c.Expires); !errors.Is(err, inbox.ErrExpired) {
				t.Errorf("at its end: %v", err)
			}
		}
	}
}

// Nobody is shown a code that leads nowhere, nor one too dense to be scanned.
func TestNoCode(t *testing.T) {
	d, err := inbox.NewDrop(terms, t0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Link("https://view.example"); !errors.Is(err, inbox.ErrUnopened) {
		t.Errorf("before the relay knows: %v", err)
	}
	d.Heard(inbox.Standing{Now: t0, Created: 1}, t0)
	if _, err := d.Link("https://" + strings.Repeat("x", 500)); !errors.Is(err, inbox.ErrTerms) {
		t.Errorf("a long address: %v", err)
	}
	for name, edit := range map[string]func(*inbox.Terms){
		"no life":       func(t *inbox.Terms) { t.Life = 0 },
		"a long life":   func(t *inbox.Terms) { t.Life = inbox.MaxLife + 1 },
		"no document":   func(t *inbox.Terms) { t.Most = 0 },
		"many":          func(t *inbox.Terms) { t.Most = inbox.MaxMost + 1 },
		"no byte":       func(t *inbox.Terms) { t.Bytes = 0 },
		"many bytes":    func(t *inbox.Terms) { t.Bytes = inbox.MaxBytes + 1 },
		"no relay":      func(t *inbox.Terms) { t.Relay = "" },
		"a plain relay": func(t *inbox.Terms) { t.Relay = "http://relay.example" },
		"a path":        func(t *inbox.Terms) { t.Relay = "https://relay.example/x" },
	} {
		terms := terms
		edit(&terms)
		if _, err := inbox.NewDrop(terms, t0, nil); !errors.Is(err, inbox.ErrTerms) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The clock of the relay decides when a code ends, from when it first had it.
func TestClocks(t *testing.T) {
	d, err := inbox.NewDrop(terms, t0.AddDate(-3, 0, 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	phone := t0.AddDate(-3, 0, 0).Add(time.Minute)
	d.Heard(inbox.Standing{Now: t0, Created: 1}, phone)
	if !d.Expires.Equal(t0.Add(time.Hour)) || d.State(phone) != inbox.DropOpen || d.State(phone.Add(time.Hour)) != inbox.DropEnded {
		t.Errorf("ends %s, %s", d.Expires, d.State(phone))
	}
	d.Heard(inbox.Standing{Now: t0.Add(30 * time.Minute), Created: 1}, t0.Add(30*time.Minute)) // somebody set the phone right
	if !d.Expires.Equal(t0.Add(time.Hour)) || d.State(t0.Add(59*time.Minute)) != inbox.DropOpen {
		t.Errorf("ends %s", d.Expires)
	}
	if err := d.Prolong(2*time.Hour, t0); err != nil || !d.Expires.Equal(t0.Add(2*time.Hour)) {
		t.Errorf("prolonged: ends %s, %v", d.Expires, err)
	}
	if err := d.Prolong(time.Hour, t0); err != nil || !d.Expires.Equal(t0.Add(2*time.Hour)) {
		t.Errorf("it became shorter: ends %s, %v", d.Expires, err)
	}
	box := &mail{}
	if err := d.Open(ctx, box, func() time.Time { return t0 }); err != nil || box.life != 2*time.Hour+inbox.Late {
		t.Errorf("the relay was told of %s, %v", box.life, err)
	}
	if d.Revoke(t0); d.State(t0) != inbox.DropRevoked {
		t.Error("not revoked")
	}
	if err := d.Prolong(time.Hour, t0); !errors.Is(err, inbox.ErrTerms) {
		t.Errorf("revoked, and prolonged: %v", err)
	}
}

const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func coded(json string) string {
	return "https://view.example/drop#" + base64.RawURLEncoding.EncodeToString([]byte(json))
}

func TestParseCode(t *testing.T) {
	good := `{"v":1,"relay":"https://relay.example","id":"` + key + `","key":"` + key + `","name":"A","exp":1800000000,"n":5,"max":1000}`
	change := func(old, to string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatal(old)
		}
		return coded(strings.Replace(good, old, to, 1))
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"good":                {coded(good), nil},
		"another viewer":      {strings.Replace(coded(good), "view.example", "localhost:8082", 1), nil},
		"behind it a dot":     {coded(good) + ".", nil},
		"a member more":       {change(`"v":1`, `"v":1,"x":[{}]`), nil},
		"nothing":             {"", inbox.ErrNoCode},
		"a health link":       {"https://view.example/#shlink:/eyJ1cmwiOiJodHRwczovL2EifQ", inbox.ErrNoCode},
		"without an address":  {"/drop#e30", inbox.ErrNoCode},
		"cut":                 {coded(good)[:200], inbox.ErrBadCode},
		"empty":               {"https://view.example/drop#", inbox.ErrBadCode},
		"no JSON":             {coded("hello"), inbox.ErrBadCode},
		"long":                {coded(good + strings.Repeat(" ", 3000)), inbox.ErrBadCode},
		"version 2":           {change(`"v":1`, `"v":2`), inbox.ErrNewer},
		"no version":          {change(`"v":1`, `"x":1`), inbox.ErrBadCode},
		"version in quotes":   {change(`"v":1`, `"v":"1"`), inbox.ErrBadCode},
		"a plain relay":       {change("https://relay", "http://relay"), inbox.ErrBadCode},
		"a relay with a path": {change("relay.example", "relay.example/x"), inbox.ErrBadCode},
		"a relay with a name": {change("relay.example", "a@relay.example"), inbox.ErrBadCode},
		"a long relay":        {change("relay.example", strings.Repeat("r", 200)), inbox.ErrBadCode},
		"no id":               {change(`"id"`, `"ID"`), inbox.ErrBadCode},
		"a short id":          {change(`"id":"AA`, `"id":"`), inbox.ErrBadCode},
		"no key":              {change(`"key"`, `"kei"`), inbox.ErrBadCode},
		"a short key":         {change(`"key":"AA`, `"key":"`), inbox.ErrBadCode},
		"both":                {change(`"key"`, `"to":"`+key+`","key"`), inbox.ErrBadCode},
		"a bad second":        {change(`"key"`, `"to":"A","key"`), inbox.ErrBadCode},
		"a number for a name": {change(`"name":"A"`, `"name":7`), inbox.ErrBadCode},
		"null":                {change(`"name":"A"`, `"name":null`), inbox.ErrBadCode},
		"no end":              {change(`"exp":1800000000,`, ""), inbox.ErrBadCode},
		"an end in 30000":     {change(`"exp":1800000000`, `"exp":900000000000`), inbox.ErrBadCode},
		"no documents":        {change(`"n":5`, `"n":0`), inbox.ErrBadCode},
		"a million":           {change(`"n":5`, `"n":1000000`), inbox.ErrBadCode},
		"no bytes":            {change(`"max":1000`, `"max":-1`), inbox.ErrBadCode},
	} {
		if _, err := inbox.ParseCode(c.text); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	// A code that was written today is read for ever.
	c, err := inbox.ParseCode("https://view.example/drop#eyJ2IjoxLCJyZWxheSI6Imh0dHBzOi8vcmVsYXkuZXhhbXBsZSIsImlkIjoiQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSIsImtleSI6IkFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEiLCJuYW1lIjoiQSIsImV4cCI6MTgwMDAwMDAwMCwibiI6NSwibWF4IjoxMDAwfQ")
	if err != nil || c.Name != "A" || len(c.Key) != 32 || c.ID != key || c.Most != 5 || c.Bytes != 1000 || c.Expires.Unix() != 1800000000 {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add(coded(`{"v":1,"relay":"https://relay.example","id":"` + key + `","to":"` + key + `","name":"A","exp":1800000000,"n":5,"max":1000}`))
	f.Add(coded(`{"v":2}`))
	f.Add("https://a/drop#")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := inbox.ParseCode(s)
		if err != nil {
			if !reflect.DeepEqual(c, inbox.Code{}) {
				t.Error("a code beside an error")
			}
			return
		}
		if (c.Key == nil) == (c.To == "") || len(c.ID) != 43 || c.Most < 1 || c.Bytes < 1 || strings.ContainsAny(c.Name, "\n\x00") || !strings.HasPrefix(c.Relay, "http") {
			t.Errorf("%+v", c)
		}
	})
}
