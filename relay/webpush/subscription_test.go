package webpush_test

import (
	"errors"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"potli/relay/webpush"
)

const (
	point = rfcKey
	auth  = "BTBZMqHH6r4Tts7J_aSIgg" // RFC 8291, section 5
)

var good = []string{
	"https://fcm.googleapis.com/fcm/send/cUP7:APA91bH-_x",
	"https://fcm.googleapis.com:443/wp/abc",
	"https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk==",
	"https://web.push.apple.com/QO-5",
	"https://wns2-par02p.notify.windows.com/w/?token=BQYAAAA%2fb%3d",
}

// bad endpoints, by what is wrong with them (T34).
var bad = map[string]string{
	"empty":                   "",
	"http":                    "http://fcm.googleapis.com/a",
	"no scheme":               "//fcm.googleapis.com/a",
	"scheme in capitals":      "HTTPS://fcm.googleapis.com/a",
	"no path":                 "https://fcm.googleapis.com",
	"another port":            "https://fcm.googleapis.com:8443/a",
	"port 80":                 "https://fcm.googleapis.com:80/a",
	"port twice":              "https://fcm.googleapis.com:443:443/a",
	"empty port":              "https://fcm.googleapis.com:/a",
	"user":                    "https://a@fcm.googleapis.com/a",
	"user that looks like":    "https://fcm.googleapis.com@127.0.0.1/a",
	"user and port":           "https://fcm.googleapis.com:443@127.0.0.1/a",
	"backslash":               `https://fcm.googleapis.com\@127.0.0.1/a`,
	"backslash for slash":     `https:\\127.0.0.1\.push.apple.com/a`,
	"backslash in the path":   `https://fcm.googleapis.com/\..\a`,
	"fragment":                "https://127.0.0.1#.push.apple.com/a",
	"query before path":       "https://127.0.0.1?.push.apple.com/a",
	"fragment at the end":     "https://fcm.googleapis.com/a#b",
	"capitals":                "https://FCM.googleapis.com/a",
	"dot at the end":          "https://fcm.googleapis.com./a",
	"another host":            "https://push.example.net/a",
	"name at the end":         "https://evilfcm.googleapis.com/a",
	"name under":              "https://a.fcm.googleapis.com/a",
	"name before":             "https://fcm.googleapis.com.example.net/a",
	"parent itself":           "https://push.apple.com/a",
	"empty label":             "https://.push.apple.com/a",
	"two labels":              "https://a.b.push.apple.com/a",
	"name glued":              "https://evilpush.apple.com/a",
	"label with a slash":      "https://127.0.0.1%2f.push.apple.com/a",
	"label in another script": "https://wеb.push.apple.com/a",
	"full stop look-alike":    "https://web。push.apple.com/a",
	"loopback":                "https://127.0.0.1/a",
	"loopback, short":         "https://127.1/a",
	"loopback, one number":    "https://2130706433/a",
	"loopback, octal":         "https://0177.0.0.1/a",
	"loopback, hexadecimal":   "https://0x7f.1/a",
	"loopback, IPv6":          "https://[::1]/a",
	"mapped":                  "https://[::ffff:127.0.0.1]/a",
	"mapped metadata":         "https://[::ffff:a9fe:a9fe]/a",
	"metadata":                "https://169.254.169.254/latest/meta-data/",
	"metadata by name":        "https://metadata.google.internal/",
	"localhost":               "https://localhost/a",
	"unspecified":             "https://0/a",
	"private":                 "https://10.0.0.1/a",
	"space":                   "https://fcm.googleapis.com/a b",
	"tab in the scheme":       "ht\ttps://fcm.googleapis.com/a",
	"line break":              "https://fcm.googleapis.com/a\r\nHost: b",
	"line break at the end":   "https://fcm.googleapis.com/a\n",
	"zero byte":               "https://fcm.googleapis.com/\x00",
	"quote":                   `https://fcm.googleapis.com/"`,
	"not ASCII":               "https://fcm.googleapis.com/é",
	"long":                    "https://fcm.googleapis.com/" + strings.Repeat("a", 1024),
	"bad escape":              "https://fcm.googleapis.com/%zz",
	"file":                    "file:///etc/passwd",
	"data":                    "data:text/plain,a",
}

func TestT34_RL11_Endpoints(t *testing.T) {
	for _, e := range good {
		if err := (webpush.Subscription{Endpoint: e}).Check(); err != nil {
			t.Errorf("%s: %v", e, err)
		}
	}
	for name, e := range bad {
		if err := (webpush.Subscription{Endpoint: e}).Check(); !errors.Is(err, webpush.ErrEndpoint) {
			t.Errorf("%s: got %v, want ErrEndpoint", name, err)
		}
	}
}

func TestKeys(t *testing.T) {
	offCurve := "A" + strings.Repeat("A", len(point)-1)
	for name, c := range map[string]struct {
		p256dh, auth string
		want         error
	}{
		"none":             {"", "", nil},
		"both":             {point, auth, nil},
		"no auth":          {point, "", webpush.ErrKeys},
		"no point":         {"", auth, webpush.ErrKeys},
		"swapped":          {auth, point, webpush.ErrKeys},
		"off the curve":    {point[:len(point)-1] + "o", auth, webpush.ErrKeys},
		"infinity":         {"AA", auth, webpush.ErrKeys},
		"zeros":            {offCurve, auth, webpush.ErrKeys},
		"compressed":       {"Aw1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxH", auth, webpush.ErrKeys},
		"point padded":     {point + "=", auth, webpush.ErrKeys},
		"auth of 15 bytes": {point, auth[:20], webpush.ErrKeys},
		"auth of 17 bytes": {point, auth + "A", webpush.ErrKeys},
		"standard base64":  {strings.ReplaceAll(point, "_", "/"), auth, webpush.ErrKeys},
	} {
		if err := (webpush.Subscription{Endpoint: good[0], P256dh: c.p256dh, Auth: c.auth}).Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// TestBrowsersReadTheSame: what passes has the same host for the URL parser of
// browsers and workers, which reads backslashes, tabs and numbers in its own way.
func TestBrowsersReadTheSame(t *testing.T) {
	cmd := exec.Command(node(t), "-e", `for (const l of require("fs").readFileSync(0, "utf8").trim().split("\n")) { const u = new URL(l); console.log(u.protocol + u.host); }`)
	cmd.Stdin = strings.NewReader(strings.Join(good, "\n"))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(out))
	if len(lines) != len(good) {
		t.Fatalf("%d answers for %d endpoints", len(lines), len(good))
	}
	for i, e := range good {
		u, err := url.Parse(e)
		if err != nil || lines[i] != "https:"+u.Hostname() {
			t.Errorf("%s: a browser reads %s, Go %v, %v", e, lines[i], u, err)
		}
	}
}

// FuzzSubscription: whatever a stranger sends, what passes leads to a push
// service, on port 443, for Go's reader of URLs too.
func FuzzSubscription(f *testing.F) {
	for _, e := range good {
		f.Add(e, point, auth)
	}
	for _, e := range bad {
		f.Add(e, "", "")
	}
	f.Fuzz(func(t *testing.T, endpoint, p256dh, auth string) {
		s := webpush.Subscription{Endpoint: endpoint, P256dh: p256dh, Auth: auth}
		switch err := s.Check(); {
		case errors.Is(err, webpush.ErrEndpoint), errors.Is(err, webpush.ErrKeys):
			return
		case err != nil:
			t.Fatalf("an error of another kind: %v", err)
		}
		u, err := url.Parse(endpoint)
		if err != nil {
			t.Fatalf("no request can be made of it: %v", err)
		}
		host := u.Hostname()
		known := host == "fcm.googleapis.com" || host == "updates.push.services.mozilla.com" ||
			strings.HasSuffix(host, ".push.apple.com") || strings.HasSuffix(host, ".notify.windows.com")
		if !known || u.Scheme != "https" || u.User != nil || u.Fragment != "" || (u.Port() != "" && u.Port() != "443") {
			t.Errorf("%q passed and leads to %s", endpoint, u)
		}
	})
}
