//go:build !js

package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// webManifest is what installing reads: W3C Web Application Manifest, with the share target, file, protocol and launch handlers
// of WICG's incubations.
type webManifest struct {
	ID, Name, Lang, Dir, Display, Scope string
	ShortName                           string `json:"short_name"`
	StartURL                            string `json:"start_url"`
	Categories                          []string
	Icons                               []manifestIcon
	Shortcuts                           []struct {
		Name, URL string
		ShortName string `json:"short_name"`
		Icons     []manifestIcon
	}
	LaunchHandler struct {
		ClientMode string `json:"client_mode"`
	} `json:"launch_handler"`
	ShareTarget struct {
		Action, Method, Enctype string
		Params                  struct {
			Title, Text, URL string
			Files            []struct {
				Name   string
				Accept []string
			}
		}
	} `json:"share_target"`
	FileHandlers []struct {
		Action string
		Accept map[string][]string
	} `json:"file_handlers"`
	ProtocolHandlers []struct{ Protocol, URL string } `json:"protocol_handlers"`
}

type manifestIcon struct{ Src, Type, Sizes, Purpose string }

const webFolder = "../web"

func readManifest(t *testing.T) (m webManifest) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(webFolder, "manifest.webmanifest"))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestManifest: every field is what browsers ask for, and every address in it is there.
func TestManifest(t *testing.T) {
	m := readManifest(t)
	if m.ID != "/" || m.Name == "" || m.ShortName == "" || len(m.ShortName) > 12 || m.StartURL != "/" || m.Scope != "/" || m.Display != "standalone" || m.Lang != "en" || m.Dir != "ltr" || !slices.Contains(m.Categories, "health") {
		t.Errorf("the head says %+v", m)
	}
	if m.LaunchHandler.ClientMode != "focus-existing" {
		t.Errorf("a second launch would load the page anew, and lock the wallet: %q", m.LaunchHandler.ClientMode)
	}
	want := []string{"/counter", "/ready.html", "/scan", "/emergency.html"}
	var got []string
	for _, s := range m.Shortcuts {
		got = append(got, s.URL)
		if s.Name == "" || s.ShortName == "" || len(s.Icons) == 0 {
			t.Errorf("the shortcut %+v lacks something", s)
		}
		m.Icons = append(m.Icons, s.Icons...)
		if page, ok := strings.CutSuffix(s.URL, ".html"); ok {
			if _, err := os.Stat(filepath.Join(webFolder, page+".html")); err != nil {
				t.Errorf("%s is no page: %v", s.URL, err)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("shortcuts lead to %q, want %q", got, want)
	}
	for _, icon := range m.Icons {
		checkIcon(t, icon)
	}
}

// checkIcon: the file is there and as large as the manifest says; Chromium leaves out one that is not.
func checkIcon(t *testing.T, icon manifestIcon) {
	t.Helper()
	path, ok := strings.CutPrefix(icon.Src, "/web/")
	b, err := os.ReadFile(filepath.Join(webFolder, path))
	if !ok || err != nil {
		t.Fatalf("%s: %v", icon.Src, err)
	}
	if icon.Type == "image/svg+xml" {
		if icon.Sizes != "any" || !bytes.Contains(b, []byte("<svg")) {
			t.Errorf("%s is %s", icon.Src, icon.Sizes)
		}
		return
	}
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if size := strconv.Itoa(c.Width) + "x" + strconv.Itoa(c.Height); err != nil || icon.Type != "image/png" || size != icon.Sizes {
		t.Errorf("%s is %s, the manifest says %s (%v)", icon.Src, size, icon.Sizes, err)
	}
}

// TestManifestHandlers: what the system may hand over, and that the worker and the pages take it where the manifest says.
func TestManifestHandlers(t *testing.T) {
	m := readManifest(t)
	s := m.ShareTarget
	worker, err := os.ReadFile(filepath.Join(webFolder, "sw.js"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Method != "POST" || s.Enctype != "multipart/form-data" || !bytes.Contains(worker, []byte(`shareTarget = "`+s.Action+`"`)) {
		t.Errorf("the share target is %+v", s)
	}
	if len(s.Params.Files) != 1 || !bytes.Contains(worker, []byte(`form.getAll("`+s.Params.Files[0].Name+`")`)) {
		t.Fatalf("the worker does not read the files of %+v", s.Params)
	}
	for _, kind := range []string{"application/pdf", "image/jpeg", "image/png", "text/plain", "application/fhir+json", ".age", ".smart-health-card"} {
		if !slices.Contains(s.Params.Files[0].Accept, kind) {
			t.Errorf("%s cannot be shared", kind)
		}
	}
	opens := map[string]bool{}
	for _, h := range m.FileHandlers {
		if h.Action != "/add" {
			t.Errorf("files are opened at %s", h.Action)
		}
		for typ, ends := range h.Accept {
			if !strings.Contains(typ, "/") || len(ends) == 0 {
				t.Errorf("%q opens %q", typ, ends)
			}
			for _, end := range ends {
				opens[end] = true
			}
		}
	}
	for _, end := range []string{".age", ".smart-health-card", ".json", ".pdf", ".jpg", ".png"} {
		if !opens[end] {
			t.Errorf("%s cannot be opened", end)
		}
	}
	// HTML, "Custom scheme handlers": a scheme of one's own begins with web+; shlink is on no safelist. The link
	// stands behind "#", so that no server is told of it.
	for _, p := range m.ProtocolHandlers {
		if !strings.HasPrefix(p.Protocol, "web+") || p.URL != "/take#%s" {
			t.Errorf("%s is opened at %s", p.Protocol, p.URL)
		}
	}
}
