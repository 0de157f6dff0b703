package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"potli/app/wallet"
)

// Teacher fetches the texts of help, explanations and tour, and goes back from them.
type Teacher interface {
	// Lessons fetches web/learn/<tag>.json. What was fetched once is there without a network too.
	Lessons(ctx context.Context, tag string) ([]byte, error)
	// Back goes back in the browser's history, as its own button does.
	Back()
}

// lessons are the texts of web/learn in one language: sentences by key. They are data, fetched when somebody wants them.
// The nil lessons know nothing.
type lessons struct {
	tag   string // of the language they are in: English where there are none in the one that is spoken
	words map[string]string
}

// lessonsElse is the language of the texts where they do not come in the one that is spoken.
const lessonsElse = "en"

func readLessons(tag string, b []byte) (*lessons, error) {
	l := &lessons{tag: tag}
	if err := json.Unmarshal(b, &l.words); err != nil {
		return nil, fmt.Errorf("reading lessons: %w", err)
	}
	return l, nil
}

// say is one text, its arguments filled in: name, value, name, value.
func (l *lessons) say(key string, args ...string) string {
	if l == nil {
		return ""
	}
	text := l.words[key]
	for i := 0; i+1 < len(args); i += 2 {
		text = strings.ReplaceAll(text, "{"+args[i]+"}", args[i+1])
	}
	return text
}

// lines are the paragraphs under a key: key.1, key.2 and so on.
func (l *lessons) lines(key string) (out []string) {
	for n := 1; ; n++ {
		line := l.say(key + "." + strconv.Itoa(n))
		if line == "" {
			return out
		}
		out = append(out, line)
	}
}

func (e *Env) fetchLessons(ctx context.Context, tag string) (*lessons, error) {
	b, err := e.D.Lessons(ctx, tag)
	if err != nil && tag != lessonsElse {
		tag = lessonsElse
		b, err = e.D.Lessons(ctx, tag)
	}
	if err != nil {
		return nil, err
	}
	return readLessons(tag, b)
}

// wantsLessons says whether the page shows any, or will have to without a network: an open wallet keeps them for later,
// a first visit does not load them for nothing.
func (s *shell) wantsLessons() bool {
	return s.guide.helping || s.path == pathLearn || s.snap.Phase == wallet.PhaseOpen
}
