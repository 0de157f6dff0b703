//go:build !js

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// shellPage is what web/shell.html is printed with.
type shellPage struct {
	Name, Description string
	Wasm, WasmBytes   string // the pieces of the program's first part in order: addresses and lengths, apart by spaces
	Rest, RestBytes   string // likewise of its rest
	Styles            string // of the program, which the shell does without, apart by spaces
	Languages         []shellLanguage
	Labels            string // the word for language in each of them
	Said              []string

	words map[string]string
}

// shellLanguage is a line of web/messages/languages.json.
type shellLanguage struct {
	Tag      string `json:"tag"`
	Name     string `json:"name"`
	Dir      string `json:"dir"`
	Complete bool   `json:"complete"`
}

// firstStyles are linked in the shell itself: nothing is painted before they are there.
var firstStyles = []string{"web/styles/tokens.css"}

// saidLater are sentences that have no place on the page until they are needed.
var saidLater = []string{"start.loading", "start.bytes", "start.left", "start.starting", "start.waiting", "start.offline", "start.unable", "start.stopped", "start.again",
	"start.alarm", "start.alarm-now"}

func newShellPage(site tree) (*shellPage, error) {
	p := &shellPage{
		Name: appName, Description: appDescription,
		Said: saidLater,
	}
	p.Wasm, p.WasmBytes = piecesOf(site, firstPrefix)
	p.Rest, p.RestBytes = piecesOf(site, restPrefix)
	var styles []string
	for _, name := range site.names() {
		if strings.HasPrefix(name, "web/styles/") && strings.HasSuffix(name, ".css") && !slices.Contains(firstStyles, name) {
			styles = append(styles, "/"+name)
		}
	}
	p.Styles = strings.Join(styles, " ")
	if err := p.readLanguages(site); err != nil {
		return nil, err
	}
	return p, json.Unmarshal(site[startWords("en")], &p.words)
}

func startWords(tag string) string { return "web/messages/start/" + tag + ".json" }

// readLanguages takes those that are complete: only they can be chosen.
func (p *shellPage) readLanguages(site tree) error {
	const list = "web/messages/languages.json"
	var all []shellLanguage
	if err := json.Unmarshal(site[list], &all); err != nil {
		return fmt.Errorf("reading %s: %w", list, err)
	}
	var labels []string
	for _, l := range all {
		if !l.Complete {
			continue
		}
		var words map[string]string
		if err := json.Unmarshal(site[startWords(l.Tag)], &words); err != nil {
			return fmt.Errorf("reading %s: %w", startWords(l.Tag), err)
		}
		p.Languages = append(p.Languages, l)
		if label := words["start.language"]; !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	p.Labels = strings.Join(labels, ", ")
	return nil
}

// Word is a sentence in English, which the page has until it has those of the person's
// language. The template fails where there is none.
func (p *shellPage) Word(name string) (string, error) {
	if p.words[name] == "" {
		return "", fmt.Errorf("%s has no %s", startWords("en"), name)
	}
	return p.words[name], nil
}
