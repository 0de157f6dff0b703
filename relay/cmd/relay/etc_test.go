package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// flagsOf are the flags of a command, as its help names them.
func flagsOf(t *testing.T, command string) (names []string) {
	t.Helper()
	var out bytes.Buffer
	if err := dispatch(t.Context(), program{[]string{command, "-h"}, env("HOME", "/h"), &out, &out}); err != flag.ErrHelp {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^  -([a-z-]+)`).FindAllStringSubmatch(out.String(), -1) {
		names = append(names, m[1])
	}
	return names
}

func serveFlags(t *testing.T) []string {
	t.Helper()
	names := flagsOf(t, "serve")
	if len(names) < 20 {
		t.Fatalf("help lists %v", names)
	}
	return names
}

// The examples for operators name no flag and no variable that is not there.
func TestExamplesNameFlagsThatExist(t *testing.T) {
	names := serveFlags(t)
	var variables []string
	for _, n := range names {
		variables = append(variables, variable(n))
	}
	used := 0
	check := func(file, kind, name string, known []string) {
		used++
		if !slices.Contains(known, name) {
			t.Errorf("%s: there is no %s %s", file, kind, name)
		}
	}
	for _, file := range []string{"potli-relay.service", "Containerfile", "nginx.conf", "Caddyfile", "../../../../README.md"} {
		text := read(t, filepath.Join("etc", file))
		for _, m := range regexp.MustCompile(`POTLI_[A-Z_]*[A-Z]`).FindAllString(text, -1) {
			check(file, "variable", m, variables)
		}
		for _, command := range regexp.MustCompile(`(?m)(?:\.build/potli|/potli serve) (?:(sites|sign|release-key) )?((?:.*\\\n)*.*)`).FindAllStringSubmatch(text, -1) {
			known := names
			if command[1] != "" {
				known = flagsOf(t, command[1])
			}
			for _, m := range regexp.MustCompile(`(?:^|\s)-([a-z][a-z-]*)`).FindAllStringSubmatch(command[2], -1) {
				if m[1] != "h" {
					check(file, "flag", m[1], known)
				}
			}
		}
		for _, command := range regexp.MustCompile(`(?m)^CMD \["serve", (.*)\]$`).FindAllStringSubmatch(text, -1) {
			for _, m := range regexp.MustCompile(`"-([a-z-]+)"`).FindAllStringSubmatch(command[1], -1) {
				check(file, "flag", m[1], names)
			}
		}
	}
	if used < 20 {
		t.Errorf("only %d flags and variables were found", used)
	}
}

// The service's unit must be sound, and leave the service little that it could do.
func TestUnit(t *testing.T) {
	tool := needs(t, "systemd-analyze")
	unit := filepath.Join(t.TempDir(), "potli-relay.service")
	text := strings.ReplaceAll(read(t, "etc/potli-relay.service"), "/usr/local/bin/potli ", built(t)+" ")
	if err := os.WriteFile(unit, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify"}, {"security", "--offline=yes", "--threshold=20"}} {
		if out, err := exec.Command(tool, append(args, unit)...).CombinedOutput(); err != nil {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}

func TestProxyExamples(t *testing.T) {
	t.Run("caddy", func(t *testing.T) {
		cmd := exec.Command(needs(t, "caddy"), "validate", "--adapter", "caddyfile", "--config", "etc/Caddyfile")
		cmd.Env = []string{"HOME=" + t.TempDir()}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("nginx", func(t *testing.T) {
		tool, dir := needs(t, "nginx"), t.TempDir()
		for _, host := range tlsHosts { // a certificate and its key in one file, as nginx may have them
			seedCertificate(t, dir, host, nil)
		}
		text := regexp.MustCompile(`/etc/ssl/potli/(\S+)\.(pem|key);`).ReplaceAllString(read(t, "etc/nginx.conf"), dir+"/$1;")
		text = "pid " + dir + "/pid; events {} http {\n" + text + "\n}\n"
		conf := filepath.Join(dir, "nginx.conf")
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(tool, "-t", "-p", dir, "-c", conf).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// needs finds a program that not every machine has.
func needs(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not here, so that its example is not checked", name)
	}
	return path
}
