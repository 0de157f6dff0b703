package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"potli/app/locale"
	"potli/app/share"
)

// Language is one line of web/messages/languages.json. Its name is written in its own script, so that those find it who
// read only that.
type Language struct {
	Tag      string `json:"tag"`
	Name     string `json:"name"`
	English  string `json:"english"` // its name there, for who cannot read it, and for machines
	Script   string `json:"script"`  // ISO 15924
	Font     string `json:"font"`    // the file under web/fonts that has its letters; "": every device has them
	Checked  bool   `json:"checked"` // somebody who speaks it at home has read its words
	Complete bool   `json:"complete"`
}

// english is what every release speaks, and what others are translated from.
const english = "en"

// ErrLanguage: this release does not speak it.
var ErrLanguage = errors.New("a language that is not offered")

// Linguist is what a language asks of the browser.
type Linguist interface {
	// CanDraw says whether the device has letters for text, without a font of ours. Where that cannot be found out, it has.
	CanDraw(text string) bool
	// Letters fetches the font web/fonts/<font>.woff2, once, and draws with it what the device has no letters for. Errors: as
	// Catalogue; then nothing has changed.
	Letters(ctx context.Context, font string) error
	// KeepOffline has files of the site that are fetched only when they are asked for, like the words of a language: they are
	// here from now on, also after an update. paths begin with a slash. An error: not all of them are here now.
	KeepOffline(ctx context.Context, paths []string) error
}

// Languages fetches catalogues and remembers which language is spoken. Safe for concurrent use.
type Languages struct {
	device   Device
	current  atomic.Pointer[locale.Locale]
	mu       sync.Mutex // owns what follows; held while something is fetched
	loaded   map[string]*locale.Locale
	lettered map[string]bool // fonts that are in use
	all      atomic.Pointer[[]Language]
}

// remembered is the key under which the choice is kept outside the vault: the welcome page must know it too.
const remembered = "language"

// NewLanguages speaks nothing yet; Start or Use make it speak.
func NewLanguages(d Device) *Languages {
	return &Languages{device: d, loaded: map[string]*locale.Locale{}, lettered: map[string]bool{}}
}

// Start uses the remembered language, else the browser's, else English. What the person chose once is spoken even where its
// letters cannot be fetched today: the words may be known by their places.
func (l *Languages) Start(ctx context.Context) error {
	all, err := l.list(ctx)
	if err != nil {
		return err
	}
	lang := pick(all, l.device.Recall(remembered), l.device.Language())
	if _, err := l.Use(ctx, lang.Tag); err == nil {
		return nil
	}
	if err := l.speak(ctx, lang); err == nil {
		return nil
	}
	_, err = l.Use(ctx, english)
	return err
}

// Use fetches a catalogue and the letters it needs, once, and speaks it from now on. After an error everything is as it was.
func (l *Languages) Use(ctx context.Context, tag string) (*locale.Locale, error) {
	all, err := l.list(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(o Language) bool { return o.Tag == tag })
	if at < 0 {
		return nil, fmt.Errorf("%w: %s", ErrLanguage, tag)
	}
	lang := all[at]
	if _, err := l.load(ctx, tag); err != nil {
		return nil, err
	}
	if err := l.letters(ctx, lang); err != nil {
		return nil, err
	}
	if err := l.speak(ctx, lang); err != nil {
		return nil, err
	}
	return l.Current(), nil
}

// speak makes a language the one of the moment. Beside words that nobody has checked stand the English ones, so they are
// fetched with them.
func (l *Languages) speak(ctx context.Context, lang Language) error {
	loc, err := l.load(ctx, lang.Tag)
	if err != nil {
		return err
	}
	if !lang.Checked {
		if _, err := l.load(ctx, english); err != nil {
			return err
		}
	}
	l.current.Store(loc)
	l.device.SetLanguage(loc.Tag(), loc.Dir())
	return nil
}

// Keep asks that all that a language needs stays here for days without network, and after an update.
func (l *Languages) Keep(ctx context.Context, tag string) error {
	paths := []string{"/web/messages/" + tag + ".json", "/web/messages/start/" + tag + ".json", "/web/plain/terms.json", "/web/plain/" + tag + ".json", "/web/learn/" + tag + ".json"}
	if lang := l.Of(tag); lang.Font != "" && !l.device.CanDraw(lang.Name) {
		paths = append(paths, "/web/fonts/"+lang.Font+".woff2")
	}
	return l.device.KeepOffline(ctx, paths)
}

// keepOwn is Keep of the language of the moment. It is asked at each start: a first visit has had its words over the
// network, before anything could keep them. Where it fails the next start asks again.
func (l *Languages) keepOwn(ctx context.Context) {
	if loc := l.Current(); loc != nil {
		_ = l.Keep(ctx, loc.Tag())
	}
}

// list fetches what languages there are, once, and returns those that are complete.
func (l *Languages) list(ctx context.Context) ([]Language, error) {
	if all := l.all.Load(); all != nil {
		return *all, nil
	}
	b, err := l.device.Catalogue(ctx, "languages")
	if err != nil {
		return nil, err
	}
	var all []Language
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("reading the list of languages: %w", err)
	}
	all = slices.DeleteFunc(all, func(o Language) bool { return !o.Complete })
	if !slices.ContainsFunc(all, func(o Language) bool { return o.Tag == english }) {
		return nil, errors.New("the list of languages has no English")
	}
	l.all.Store(&all)
	return all, nil
}

// Offered are the languages that can be chosen, in their order; nil before the list has come.
func (l *Languages) Offered() []Language {
	if all := l.all.Load(); all != nil {
		return *all
	}
	return nil
}

// Of is the language with a tag; one that is not offered has no name but that.
func (l *Languages) Of(tag string) Language {
	for _, o := range l.Offered() {
		if o.Tag == tag {
			return o
		}
	}
	return Language{Tag: tag, Name: tag, English: tag}
}

// Beside is English, to stand beneath sentences in a language whose words nobody has checked; nil where it need not.
func (l *Languages) Beside(tag string) *locale.Locale {
	if l == nil || l.Of(tag).Checked {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.loaded[english]
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

// letters fetches the letters of a language where the device has none, once.
func (l *Languages) letters(ctx context.Context, lang Language) error {
	if lang.Font == "" || l.device.CanDraw(lang.Name) {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lettered[lang.Font] {
		return nil
	}
	err := l.device.Letters(ctx, lang.Font)
	l.lettered[lang.Font] = err == nil
	return err
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

// pick returns the first wish that is offered, by its whole tag or else by its primary language: "hi-IN" asks for "hi". Where
// none is, English.
func pick(offered []Language, wishes ...string) Language {
	for _, w := range append(wishes, english) {
		primary, _, _ := strings.Cut(w, "-")
		for _, tag := range []string{w, primary} {
			for _, o := range offered {
				if tag == o.Tag {
					return o
				}
			}
		}
	}
	return Language{}
}
