package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// onWorkerd starts the relay that is built for Cloudflare Workers, in workerd,
// when POTLI_RELAY=workerd asks for it, with its store in data. It returns the
// flags by which the binary sends the wallet there, and what ends it.
func onWorkerd(t testing.TB, data string) (flags []string, end func()) {
	t.Helper()
	if os.Getenv("POTLI_RELAY") != "workerd" {
		return nil, func() {}
	}
	found, err := filepath.Glob(filepath.Join(root(t), "e2e/node_modules/@cloudflare/workerd-*/bin/workerd"))
	if err != nil || len(found) == 0 {
		t.Fatal("workerd is not there: make deps installs it")
	}
	store := filepath.Join(data, "worker")
	if err := os.MkdirAll(store, 0o700); err != nil {
		t.Fatal(err)
	}
	app, viewer, port := freePort(t), freePort(t), freePort(t)
	relay := "http://localhost:" + port
	cmd := exec.Command(found[0], "serve", "--experimental", "config.capnp", "--socket-addr", "http=127.0.0.1:"+port, "--directory-path", "data="+store)
	cmd.Dir = filepath.Join(root(t), "relay/cmd/worker")
	cmd.Env = append(os.Environ(), "RELAY_KEY="+fmt.Sprintf("%x", random()), "RELAY_ORIGIN="+relay, "APP_ORIGIN=http://localhost:"+app,
		"VIEWER_ORIGIN=http://localhost:"+viewer, "SHARDS=16")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end = func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
	t.Cleanup(end)
	eventually(t, "the relay in workerd is healthy", func() bool {
		res, err := http.Get(strings.Replace(relay, "localhost", "127.0.0.1", 1) + "/healthz")
		if err == nil {
			res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusOK
	})
	return []string{"-app-addr", "localhost:" + app, "-viewer-addr", "localhost:" + viewer, "-relay-url", relay}, end
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
