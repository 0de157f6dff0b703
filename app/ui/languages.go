package ui

import (
	"context"
	"sync"
	"sync/atomic"

	"potli/app/locale"
	"potli/app/share"
)

// Language is one that can be chosen; its name is written in its own script, so that those find it who read only that.
type Language struct{ Tag, Name string }

// Offered are the languages with a complete catalogue under web/messages.
var Offered = []Language{{"en", "English"}, {"hi", "हिन्दी"}}

// Languages fetches catalogues and remembers which language is spoken. Safe for concurrent use.
type Languages struct {
	device  Device
	current atomic.Pointer[locale.Locale]
	mu      sync.Mutex // owns loaded
	loaded  map[string]*locale.Locale
}

// remembered is the key under which the choice is kept outside the vault: the welcome page must know it too.
const remembered = "language"

// NewLanguages speaks nothing yet; Start or Use make it speak.
func NewLanguages(d Device) *Languages {
	return &Languages{device: d, loaded: map[string]*locale.Locale{}}
}

// Start uses the remembered language, else the browser's, else English.
func (l *Languages) Start(ctx context.Context) error {
	_, err := l.Use(ctx, pick(l.device.Recall(remembered), l.device.Language()))
	return err
}

// Use fetches a catalogue, once, and speaks it from now on.
func (l *Languages) Use(ctx context.Context, tag string) (*locale.Locale, error) {
	loc, err := l.load(ctx, tag)
	if err != nil {
		return nil, err
	}
	l.current.Store(loc)
	l.device.SetLanguage(loc.Tag(), loc.Dir())
	return loc, nil
}

// load fetches a catalogue, once.
func (l *Languages) load(ctx context.Context, tag string) (*locale.Locale, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	loc := l.loaded[tag]
	if loc == nil {
		b, err := l.device.Catalogue(ctx, tag)
		if err != nil {
			return nil, err
		}
		if loc, err = locale.Load(tag, b, nil); err != nil {
			return nil, err
		}
		l.loaded[tag] = loc
	}
	return loc, nil
}

// Current is the language of the moment; nil before the first catalogue has arrived.
func (l *Languages) Current() *locale.Locale { return l.current.Load() }

// Language is the language of the moment as bytes for wallet.Deps.Language; Words turns it into words again, in a worker.
func (l *Languages) Language() []byte {
	if loc := l.current.Load(); loc != nil {
		return loc.Marshal()
	}
	return nil
}

// Words is what wallet.Jobs.Words wants.
func Words(language []byte) (share.Words, error) {
	loc, err := locale.Unmarshal(language)
	if err != nil {
		return nil, err
	}
	return loc.Message, nil
}

// pick returns the first wish that is offered, compared by primary language: "hi-IN" asks for "hi".
func pick(wishes ...string) string {
	for _, w := range wishes {
		for _, o := range Offered {
			if w == o.Tag || (len(w) > len(o.Tag) && w[:len(o.Tag)] == o.Tag && w[len(o.Tag)] == '-') {
				return o.Tag
			}
		}
	}
	return Offered[0].Tag
}
