package ui

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/locale"
	glossary "potli/app/plain"
	"potli/app/record"
	"potli/app/scan"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// base is the Config in the form components want it.
type base struct {
	env   Env
	links *held // a link on its way from a paste to the page that opens it
}

// held keeps what was pasted on one page until the next page asks for it. It never stands in an address.
type held struct {
	link   *share.Link
	taken  string     // what the phone's own camera has read, until the page that goes on with it asks
	code   string     // of another device, for the page that connects
	papers photoDraft // a document that is being photographed
	turn   int        // grows with each link: the page hears of a second one that comes while it shows the first
}

func (h *held) hold(l share.Link) {
	h.link = &l
	h.turn++
}

func newBase(c Config) *base {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &base{
		env:   Env{W: c.Wallet, D: c.Device, Langs: c.Languages, Viewer: c.Viewer, Home: &homePlace{}, Seek: &seeking{}, Now: c.Now},
		links: &held{},
	}
}

func (b *base) shell() app.Composer { return &shell{Base: b} }

// shell is the frame around every page: the only component that subscribes to the wallet.
type shell struct {
	app.Compo
	here
	guide guide // help and tour

	Base *base
	Path string // for tests; "" means the browser's

	env      *Env
	snap     *wallet.Snapshot
	path     string
	fragment string // of the address: what no server is told
	said     string // phase and path whose title was set last
	open     string // the one panel that is open: "", "people"
	hid      bool   // somebody was hidden a moment ago
	fault    error  // why they were not
	faces    map[record.ProfileID]face
	books    map[string]*glossary.Book // explanations by language, as they have come
	learning bool                      // they are on their way
	warn     bool                      // auto-lock is near
	dragging bool                      // a file hangs over the page
	update   bool                      // a new release is ready
	alarm    bool                      // the program that keeps releases was replaced
	was      string                    // its hash before
	quick    bool                      // the wallet could be unlocked without a question then
	badged   int                       // one more than the sign of the program shows; 0: nothing was said to it
	release  []func()
}

func (s *shell) OnInit() {
	s.env = s.speak(s.Base.env.Langs.Current())
	s.snap = s.Base.env.W.Snapshot()
	s.path, s.fragment, _ = strings.Cut(s.Path, "#")
	s.path, s.guide.helping = helpOpen(s.path)
	if s.path == "" {
		s.path = pathHome
	}
}

// speak returns the Env of a language.
func (s *shell) speak(l *locale.Locale) *Env {
	e := s.Base.env
	e.L, e.Faces = l, s.urls()
	if l != nil {
		e.Plain, e.Learn = s.books[l.Tag()], s.guide.lessons[l.Tag()]
	}
	return &e
}

func (s *shell) OnPreRender(ctx app.Context) { s.OnMount(ctx) }

func (s *shell) OnMount(ctx app.Context) {
	s.here.OnMount(ctx)
	s.release = append(s.release,
		s.env.W.Subscribe(func(snap *wallet.Snapshot) {
			ctx.Dispatch(func(ctx app.Context) { s.show(ctx, snap) })
		}),
		s.env.D.Incoming(
			func(files []wallet.File, text string) {
				ctx.Dispatch(func(ctx app.Context) { s.incoming(ctx, files, text) })
			},
			func(over bool) { ctx.Dispatch(func(app.Context) { s.dragging = over }) },
		),
		s.env.D.OnUpdate(func() { ctx.Dispatch(func(app.Context) { s.update = true }) }),
		s.env.D.OnAlarm(func(was string) {
			ctx.Dispatch(func(ctx app.Context) { s.alarmed(ctx, was) })
			s.Base.env.W.LockStill()
		}),
		s.env.D.OnOnline(func(online bool) { s.env.W.Offline(!online) }),
		s.env.D.OnLaunch(func(path string) { ctx.Dispatch(func(ctx app.Context) { s.launched(ctx, path) }) }),
		watchLock(ctx, s),
	)
	if !s.env.D.Online() {
		ctx.Async(func() { s.Base.env.W.Offline(true) })
	}
	s.show(ctx, s.env.W.Snapshot())
}

func (s *shell) OnDismount() {
	for _, release := range s.release {
		release()
	}
	s.release = nil
	s.dropFaces()
}

func (s *shell) OnNav(ctx app.Context) {
	if s.Path == "" {
		to := ctx.Page().URL()
		if s.navigateHelp(to) {
			return
		}
		if placeOf(s.path).page == pathHome && placeOf(to.Path).page != pathHome {
			s.env.Home.leave(s.env.D, to.Path, to.Fragment)
		}
		if elsewhere[placeOf(to.Path).page] {
			s.env.Home.forget()
		}
		s.env.Seek.arrive(placeOf(s.path).page, placeOf(to.Path).page, to.Fragment)
		s.path, s.fragment = to.Path, to.Fragment
		s.holdTaken(ctx, to)
	}
	s.open = ""
	s.arrive(ctx)
}

// holdTaken takes what an address brings out of it: it may be a key, and the browser keeps addresses.
func (s *shell) holdTaken(ctx app.Context, at *url.URL) {
	if placeOf(at.Path).page != pathTake || at.Fragment == "" {
		return
	}
	s.Base.links.taken = at.Fragment
	s.Base.links.turn++
	s.fragment = ""
	ctx.Page().ReplaceURL(&url.URL{Path: pathTake})
}

// elsewhere are the places of the bar below: whoever has gone to one comes back to the top of the first page, not to where
// they once left it.
var elsewhere = map[string]bool{pathAdd: true, pathCounter: true, pathShow: true, pathShared: true, pathSettings: true}

// show draws a new snapshot. Snapshots come from several goroutines: an older one that comes late is left out.
func (s *shell) show(ctx app.Context, snap *wallet.Snapshot) {
	if snap.Seq < s.snap.Seq {
		return
	}
	before := s.snap
	s.snap = snap
	s.endTour(before.Phase, snap.Phase)
	if want := snap.Settings.Language; want != "" && s.env.L != nil && want != s.env.L.Tag() &&
		snap.Phase == wallet.PhaseOpen && (before.Phase != snap.Phase || before.Settings.Language != want) {
		s.switchTo(ctx, want, func(app.Context, error) {}) // without network the language before stays
	}
	s.badge()
	s.draw()
	s.env.D.Veil(snap.Phase == wallet.PhaseOpen && !snap.Settings.NoVeil)
	if before.Phase == wallet.PhaseNew && snap.Phase == wallet.PhaseOpen && s.path == pathCreate {
		s.env.Go(ctx, pathKit) // what brings it all back comes last, and can be left for later
		return
	}
	s.arrive(ctx)
}

// arrive names the page and moves the focus to its title, once for each page and person: who uses a screen reader hears
// then for whom they act.
func (s *shell) arrive(ctx app.Context) {
	if s.env.L == nil {
		return
	}
	here := string(s.snap.Phase) + " " + s.path + " " + s.env.L.Tag() + " " + string(s.snap.Current)
	if here == s.said {
		return
	}
	s.said = here
	s.learn()
	s.fetchLessons()
	s.env.D.SetTitle(s.env.T("app.page", "title", s.env.T(s.titleKey())))
	if placeOf(s.path).page == pathHome && s.snap.Phase == wallet.PhaseOpen {
		if row, top, y := s.env.Home.back(); y > 0 { // the banner above says for whom
			s.here.ctx.Defer(func(app.Context) { s.env.D.Return(row, top, y, kit.TitleID) })
			return
		}
	}
	s.focus(s.env, s.first())
}

func (s *shell) titleKey() string {
	if s.alarm {
		return "alarm.title"
	}
	if mustInstall(s.env.D, s.snap.Phase, s.path) {
		return "install.title"
	}
	return titleKey(s.snap.Phase, s.path)
}

// switchTo speaks another language from now on; done hears whether it does.
func (s *shell) switchTo(ctx app.Context, tag string, done func(app.Context, error)) {
	var l *locale.Locale
	run(s.ctx, func(c context.Context) (err error) {
		l, err = s.env.Langs.Use(c, tag)
		return err
	}, func(ctx app.Context, err error) {
		if err == nil {
			s.env = s.speak(l)
			s.arrive(ctx)
		}
		done(ctx, err)
	})
}

// Speak is asked by the language buttons. A choice that could not be followed is not remembered.
func (s *shell) Speak(ctx app.Context, tag string, done func(app.Context, error)) {
	s.switchTo(ctx, tag, func(ctx app.Context, err error) {
		if err == nil {
			s.env.D.Remember(remembered, tag)
		}
		done(ctx, err)
	})
}

// incoming takes what was dropped or pasted anywhere.
func (s *shell) incoming(ctx app.Context, files []wallet.File, text string) {
	s.dragging = false
	if s.snap.Phase != wallet.PhaseOpen {
		return
	}
	if link, err := s.env.W.Link(text); text != "" && err == nil {
		s.Base.links.hold(link)
		s.env.Go(ctx, pathReceive)
		return
	}
	if scan.What(text) == scan.Ask {
		takeAsk(s.ctx, s.env, text, inbox.HowLink, func(err error) {
			if err != nil {
				s.hidden(ctx, err)
			}
		})
		return
	}
	if format, _ := record.Sniff([]byte(text)); format == record.FormatText {
		s.env.Go(ctx, pathAdd) // words pasted by mistake become no note: there is a box for them
		return
	}
	if text != "" {
		files = append(files, pasted(text))
	}
	if len(files) > 0 {
		ctx.Async(func() { s.env.W.Import(ctx.Context, files) })
		s.env.Go(ctx, pathAdd)
	}
}

func (s *shell) onLock(ctx app.Context, e app.Event) {
	w := s.env.W
	ctx.Async(w.Lock)
}

func (s *shell) onSkip(ctx app.Context, e app.Event) { s.env.D.Focus(kit.TitleID) }

// alarmed shows that and nothing else, until the page is closed.
func (s *shell) alarmed(ctx app.Context, was string) {
	s.alarm, s.was, s.quick, s.said = true, was, hasQuick(s.snap), ""
	s.arrive(ctx)
}
