package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/e2e/output"
	"potli/relay/site"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) string { return m[k] }
}

func with(getenv func(string) string, args ...string) program {
	return program{args, getenv, io.Discard, io.Discard}
}

func TestStateFolder(t *testing.T) {
	for _, c := range []struct {
		name, goos string
		env        func(string) string
		want       string
	}{
		{"linux", "linux", env("HOME", "/home/a"), "/home/a/.local/state"},
		{"linux, chosen", "linux", env("HOME", "/home/a", "XDG_STATE_HOME", "/s"), "/s"},
		{"linux, relative is ignored", "linux", env("HOME", "/home/a", "XDG_STATE_HOME", "s"), "/home/a/.local/state"},
		{"mac", "darwin", env("HOME", "/Users/a"), "/Users/a/Library/Application Support"},
		{"windows", "windows", env("LocalAppData", `C:\Users\a\AppData\Local`), `C:\Users\a\AppData\Local`},
	} {
		if got, err := stateDir(c.goos, c.env); err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	if _, err := stateDir("linux", env()); err == nil {
		t.Error("no home, yet a folder")
	}
}

func TestParse(t *testing.T) {
	c, err := parse(with(env("POTLI_APP_ADDR", "localhost:2", "POTLI_RELAY_URL", "https://r.example", "POTLI_PROXY", "1"),
		"-app-addr", "localhost:1", "-data", "/d"))
	if err != nil {
		t.Fatal(err)
	}
	if c.appAddr != "localhost:1" {
		t.Errorf("the flag must win over the environment, got %q", c.appAddr)
	}
	if c.relayURL != "https://r.example" || !c.proxy {
		t.Errorf("the environment was not read: %+v", c)
	}
	if c.relayAddr != "localhost:8081" || c.viewerAddr != "localhost:8082" {
		t.Errorf("defaults: %+v", c)
	}
	if c.key != filepath.Join("/d", "relay.key") || c.store != filepath.Join("/d", "relay.db") {
		t.Errorf("key file %q, store %q", c.key, c.store)
	}
	if _, err := parse(with(env("HOME", "/h"), "run")); err == nil {
		t.Error("a stray word passed")
	}
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		args     []string
		out, err string
	}{
		{[]string{"help"}, "usage: potli [command]", ""},
		{[]string{"version"}, "potli ", ""},
		{[]string{"sing"}, "", `"sing" is no command`},
		{[]string{"serve", "loudly"}, "", `"loudly" is no flag`},
		{[]string{"-x"}, "", "flag provided but not defined"},
	} {
		var out strings.Builder
		err := dispatch(t.Context(), program{c.args, env("HOME", "/h"), &out, io.Discard})
		if !strings.Contains(out.String(), c.out) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%v: printed %q, error %v", c.args, &out, err)
		}
	}
}

func TestPublicURL(t *testing.T) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for addr, want := range map[string]string{
		"localhost:0": "http://localhost:" + port,
		":0":          "http://localhost:" + port,
		"0.0.0.0:0":   "http://localhost:" + port,
		"[::]:0":      "http://localhost:" + port,
		"127.0.0.1:0": "http://127.0.0.1:" + port,
		"[::1]:0":     "http://[::1]:" + port,
	} {
		if got := publicURL("", addr, l); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
	if got := publicURL("https://potli.example", "localhost:0", l); got != "https://potli.example" {
		t.Errorf("configured: got %s", got)
	}
}

func TestOneOriginForTwoIsRefused(t *testing.T) {
	c := config{appURL: "https://a.example", relayURL: "https://b.example", viewerURL: "https://a.example"}
	if _, err := c.origins(doors{}); err == nil || !strings.Contains(err.Error(), "three different origins") {
		t.Errorf("got %v", err)
	}
}

func TestWarning(t *testing.T) {
	for _, c := range []struct {
		app  string
		want bool
	}{
		{"http://localhost:8080", false}, {"http://127.0.0.1:8080", false}, {"https://potli.example", false},
		{"http://potli.example", true}, {"http://192.168.1.2:8080", true},
	} {
		o := origins{site.Origins{App: c.app, Relay: "https://r.example", Viewer: "https://v.example"}}
		if got := o.warning() != ""; got != c.want {
			t.Errorf("%s: warned %v", c.app, got)
		}
	}
}

func TestKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "relay.key")
	first, err := readKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if again, err := readKeys(file); err != nil || len(first) != 1 || !slices.Equal(again, first) || first[0] == [32]byte{} {
		t.Errorf("read back differs: %v", err)
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(file, []byte(strings.Repeat("ab", 32)+"\n"+string(old)), 0o600)
	if turned, err := readKeys(file); err != nil || len(turned) != 2 || turned[0][0] != 0xab || turned[1] != first[0] {
		t.Errorf("with a new line before it: %d keys, %v", len(turned), err)
	}
	good := strings.Repeat("cd", 32)
	for _, bad := range []string{"", "\n", "zz", strings.Repeat("0", 63), strings.Repeat("0", 66), good + "\nzz", good + good, good + "\n" + good[:62]} {
		os.WriteFile(file, []byte(bad), 0o600)
		if _, err := readKeys(file); err == nil {
			t.Errorf("%q passed for a key", bad)
		}
	}
}

func TestForwarded(t *testing.T) {
	r := &http.Request{RemoteAddr: "127.0.0.1:1", Header: http.Header{}}
	if got := forwarded(r); got != "127.0.0.1:1" {
		t.Errorf("without a header: %q", got)
	}
	r.Header["X-Forwarded-For"] = []string{"203.0.113.9", "198.51.100.1, 192.0.2.7"}
	if got := forwarded(r); got != "192.0.2.7" {
		t.Errorf("got %q, want what the proxy wrote last", got)
	}
}

func testConfig(t *testing.T) config {
	dir := t.TempDir()
	write := func(name, body string) {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("app/index.html", "the wallet")
	write("app/sw.js", "worker")
	write("app/release.json", `{"files":{"/index.html":"x"}}`)
	write("viewer/index.html", "the clinic's page")
	data := filepath.Join(dir, "data")
	return config{
		appAddr: "localhost:0", relayAddr: "localhost:0", viewerAddr: "localhost:0",
		appDir: filepath.Join(dir, "app"), viewerDir: filepath.Join(dir, "viewer"),
		log:  slog.New(slog.DiscardHandler),
		rate: pair{300, 120}, conns: pair{256, 4096}, stored: 16,
		data: data, store: filepath.Join(data, "relay.db"), key: filepath.Join(data, "relay.key"), witness: filepath.Join(data, "relay.witness"),
	}
}

// start runs the program and returns the three addresses it printed, and what
// stops it and waits.
func start(t *testing.T, c config) (urls map[string]string, out *output.Lines, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	out = &output.Lines{}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, c, out) }()
	address := regexp.MustCompile(`(?m)^  (The [a-z' ]+?) +(http://\S+)`)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if found := address.FindAllStringSubmatch(out.String(), -1); len(found) == 3 {
			urls = map[string]string{}
			for _, f := range found {
				urls[f[1]] = f[2]
			}
			return urls, out, func() error { cancel(); return <-ended }
		}
		select {
		case err := <-ended:
			t.Fatalf("ended at once: %v\n%s", err, out)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("never said where it listens:\n%s", out)
		}
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func TestRunServesThreeOriginsAndStopsCleanly(t *testing.T) {
	c := testConfig(t)
	urls, out, stop := start(t, c)
	for name, want := range map[string]struct {
		path, body string
		status     int
	}{
		"The wallet":        {"/", "the wallet", 200},
		"The clinic's page": {"/", "the clinic's page", 200},
		"The relay":         {"/healthz", "", 200},
	} {
		if status, body := get(t, urls[name]+want.path); status != want.status || !strings.Contains(body, want.body) {
			t.Errorf("%s%s: %d %q", name, want.path, status, body)
		}
	}
	if _, body := get(t, urls["The wallet"]+"/config.json"); body != fmt.Sprintf(`{"relay":%q,"viewer":%q}`+"\n", urls["The relay"], urls["The clinic's page"]) {
		t.Errorf("config.json: %s", body)
	}
	secret := urls["The relay"] + "/l/" + strings.Repeat("A", 43) + "?recipient=Dr+Strange"
	if status, _ := get(t, secret); status != 404 {
		t.Errorf("an unknown link: %d", status)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.data, "relay.db-*")); len(left) != 0 {
		for _, f := range left {
			if info, err := os.Stat(f); err == nil && info.Size() > 0 {
				t.Errorf("%s was left with %d bytes", f, info.Size())
			}
		}
	}
	info, err := os.Stat(c.data)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data folder: %v %v", info.Mode(), err)
	}
	for _, no := range []string{"127.0.0.1", "AAAA", "Strange", "/healthz"} { // T36
		if strings.Contains(out.String(), no) {
			t.Errorf("printed %q:\n%s", no, out)
		}
	}
}

// The folder named with -data may be open to all, and the database was as well.
func TestTheDatabaseIsForItsUserAlone(t *testing.T) {
	c := testConfig(t)
	if err := os.MkdirAll(c.data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(c.data, 0o755); err != nil {
		t.Fatal(err)
	}
	store, err := openStore(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	files, _ := filepath.Glob(filepath.Join(c.data, "relay.db*"))
	if len(files) == 0 {
		t.Fatal("no database")
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", filepath.Base(f), info.Mode(), err)
		}
	}
}

func TestKeySurvivesARestart(t *testing.T) {
	c := testConfig(t)
	sum := func() [32]byte {
		_, _, stop := start(t, c)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(c.key)
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(b)
	}
	if sum() != sum() {
		t.Error("the second start made another key")
	}
}

func TestTakenPortIsSaidPlainly(t *testing.T) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := testConfig(t)
	c.viewerAddr = l.Addr().String()
	err = run(context.Background(), c, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "already uses "+c.viewerAddr) || !strings.Contains(err.Error(), "-viewer-addr") {
		t.Errorf("got %v", err)
	}
}

func TestMissingFilesAreSaidPlainly(t *testing.T) {
	c := testConfig(t)
	c.appDir = filepath.Join(c.appDir, "none")
	err := run(context.Background(), c, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "make build") || !strings.Contains(err.Error(), "-app-dir") {
		t.Errorf("got %v", err)
	}
}

// RL10: the header must come within five seconds and stay under 8 KB.
func TestSlowAndLargeHeaders(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a time-out")
	}
	urls, _, stop := start(t, testConfig(t))
	defer stop()
	host := strings.TrimPrefix(urls["The relay"], "http://")
	t.Run("large", func(t *testing.T) {
		r, _ := http.NewRequest("GET", urls["The relay"]+"/healthz", nil)
		r.Header.Set("X-Long", strings.Repeat("x", 16<<10))
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("got %d", resp.StatusCode)
		}
	})
	t.Run("slow", func(t *testing.T) {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "GET /healthz HTTP/1.1\r\n")
		begun := time.Now()
		conn.SetReadDeadline(begun.Add(2 * headerTime))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("still open after %v", time.Since(begun))
		}
	})
}
