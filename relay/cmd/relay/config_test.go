package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"potli/relay"
)

func TestFlags(t *testing.T) {
	c, err := parse(with(env("HOME", "/h", "POTLI_RATE", "1/2", "POTLI_DRAIN", "7s", "POTLI_CONNS", "9/10", "POTLI_STORE", "/s.db"),
		"-conns", "3/4", "-stored", "2", "-calm", "70", "-log", "json"))
	if err != nil {
		t.Fatal(err)
	}
	if c.rate != (pair{1, 2}) || c.conns != (pair{3, 4}) || c.drain != 7*time.Second || c.store != "/s.db" || !c.logged {
		t.Errorf("got %+v", c)
	}
	l := c.limits()
	if l.Stored != 2<<30 || l.Creates != 70 || l.Data != (relay.Rate{PerMinute: 1, Burst: 1}) || l.Control != (relay.Rate{PerMinute: 2, Burst: 1}) {
		t.Errorf("limits %+v", l)
	}
	c, err = parse(with(env("HOME", "/h")))
	if err != nil {
		t.Fatal(err)
	}
	// As in package relay, so that help says what holds.
	if l := c.limits(); l.Data != (relay.Rate{PerMinute: 300, Burst: 120}) || l.Control != (relay.Rate{PerMinute: 120, Burst: 60}) || l.Stored != 16<<30 {
		t.Errorf("limits by default %+v", l)
	}
	c.rate = pair{0, 0}
	if l := c.limits(); l.Data.PerMinute >= 0 || l.Control.PerMinute >= 0 {
		t.Errorf("no limits: %+v", l)
	}
}

func TestFlagsThatCannotBeMeant(t *testing.T) {
	for args, want := range map[string]string{
		"-rate 300":       "two numbers",
		"-rate 300/120/1": "two numbers",
		"-rate -1/1":      "two numbers",
		"-rate 3/4x":      "two numbers",
		"-conns 0/1":      "let somebody in",
		"-only app":       "knows nothing but relay",
		"-only relay -relay-url https://r.example": "needs -app-url",
		"-tls": "needs the host names",
		"-tls -proxy -app-url https://a.example -relay-url https://r.example -viewer-url https://v.example": "exclude each other",
		"-stored 0":  "at least 1",
		"-log xml":   "text or json",
		"-drain 5":   "invalid value",
		"-stored 1x": "invalid value",
	} {
		if _, err := parse(with(env("HOME", "/h"), strings.Fields(args)...)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", args, err, want)
		}
	}
	if _, err := parse(with(env("HOME", "/h", "POTLI_STORED", "many"))); err == nil || !strings.Contains(err.Error(), "$POTLI_STORED") {
		t.Errorf("a variable that cannot be meant: %v", err)
	}
	for url, want := range map[string]string{"http://a.example": "https origin", "https://192.0.2.1": "host name", "https://r.example": "there twice"} {
		c := config{tls: true, appURL: url, relayURL: "https://r.example", viewerURL: "https://v.example"}
		if _, _, err := c.hosts(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("-tls for %s: %v", url, err)
		}
	}
}

// Help goes where one can page it, and each flag takes a line or two of a screen.
func TestHelpOfServe(t *testing.T) {
	var out, errs bytes.Buffer
	err := dispatch(t.Context(), program{[]string{"-h"}, env("HOME", "/h"), &out, &errs})
	if !errors.Is(err, flag.ErrHelp) || errs.Len() > 0 {
		t.Errorf("got %v, and on standard error %q", err, &errs)
	}
	for _, want := range []string{"usage: potli serve [flags]", "-store where", "(default 300/120)", "$POTLI_KEY_FILE"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help does not say %q:\n%s", want, &out)
		}
	}
}

// What a database or an authority says in an error is not written down.
func TestClassHasNoWords(t *testing.T) {
	secret := errors.New("Key (id)=(4fzq) already exists")
	var out bytes.Buffer
	log, err := newLog("json", &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{secret, errors.Join(secret, io.EOF), &coded{secret}, &stated{secret}} {
		log.Warn("x", class(err))
	}
	if strings.Contains(out.String(), "4fzq") {
		t.Errorf("written: %s", &out)
	}
	for _, want := range []string{`"class":"other"`, `"class":"sqlite 13"`, `"class":"sqlstate 23505"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %s in %s", want, &out)
		}
	}
}

type coded struct{ error }

func (*coded) Code() int { return 13 }

type stated struct{ error }

func (*stated) SQLState() string { return "23505" }
