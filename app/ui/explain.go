package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	glossary "potli/app/plain"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// explain is the control "what is this?" beside a line, a result or a heading. It opens the sentences in their place: who
// reads them does not lose where they were.
type explain struct {
	app.Compo
	Env  *Env
	Key  string // what it stands beside, once on a page
	Name string // of that, as the record has it
	Says string // the sentences, a line each

	open bool
}

// CompoID keeps the control with what it stands beside.
func (x *explain) CompoID() string { return "explain-" + x.Key }

func (x *explain) Render() app.UI {
	id := idOf(x.CompoID())
	label := x.Env.T("explain.what")
	if x.Name != "" {
		label = x.Env.T("explain.what-of", "name", x.Name)
	}
	return app.Div().Class("explain").Body(
		app.Button().ID(id+"-ask").Type("button").Class("button-icon", "explain-ask").Title(label).Aria("label", label).
			Aria("expanded", x.open).Aria("controls", id).OnClick(x.onClick).Body(kit.Icon("what")),
		app.Div().ID(id).Class("explain-says").Hidden(!x.open).Body(app.If(x.open, func() app.UI {
			return app.Div().Class("explain-lines").Body(app.Range(strings.Split(x.Says, "\n")).Slice(func(i int) app.UI {
				return app.P().Text(strings.Split(x.Says, "\n")[i])
			}))
		})),
	)
}

// idOf makes one word of a key: what a record calls things may have spaces, and an id has none.
func idOf(key string) string { return strings.Join(strings.Fields(key), "-") }

func (x *explain) onClick(ctx app.Context, e app.Event) { x.open = !x.open }

// explained is the control, or nothing where there is nothing to say.
func explained(e *Env, key, name string, says ...string) app.UI {
	var lines []string
	for _, s := range says {
		if s != "" {
			lines = append(lines, s)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return &explain{Env: e, Key: key, Name: name, Says: strings.Join(lines, "\n")}
}

// explainedLine explains an entry by its code or name, and the abbreviations in what it says.
func explainedLine(e *Env, key string, kind fhir.Kind, code, title string, detail []fhir.Value) app.UI {
	says := []string{e.sentence(kind, code, title)}
	switch kind {
	case fhir.KindMedicine:
		says = append(says, e.Plain.Medicine(title, written(detail))...)
	case fhir.KindResult, fhir.KindVital:
		says = append(says, e.Plain.Shorts(units(detail))...)
	}
	return explained(e, key, title, says...)
}

// sentence says what a test or vaccine is.
func (e *Env) sentence(kind fhir.Kind, code, title string) string {
	switch kind {
	case fhir.KindResult, fhir.KindVital:
		return e.Plain.SayAlone(code, title)
	case fhir.KindImmunization:
		return e.Plain.Say(glossary.Vaccine, code, title)
	}
	return ""
}

// explainedSection explains a heading of a document.
func explainedSection(e *Env, key string, s fhir.Section) app.UI {
	return explained(e, key, s.Title, e.Plain.Say(glossary.Section, s.Code, s.Title))
}

// explainedResult explains one row of a results table, by where says: what the table is called, and of which sample it is.
func explainedResult(e *Env, key, where string, r fhir.Result) app.UI {
	says := []string{e.Plain.SayOf(where, r.Code, r.Name)}
	return explained(e, key, r.Name, append(says, e.Plain.Shorts(units(r.Value))...)...)
}

// whereOf is what a resource is called, and the sample it is of.
func whereOf(w *fhir.View) string {
	where := w.Title
	for _, f := range w.Fields {
		if f.Label == "field.specimen" {
			where += " " + written(f.Values)
		}
	}
	return where
}

// written are the words of values, as the record has them.
func written(list []fhir.Value) string {
	var out []string
	for _, v := range list {
		if v.Type != fhir.ValueMessage {
			out = append(out, v.Text, v.Unit)
		}
	}
	return strings.Join(out, " ")
}

// units are those of values, each in one piece.
func units(list []fhir.Value) string {
	var out []string
	for _, v := range list {
		if v.Unit != "" {
			out = append(out, strings.ReplaceAll(v.Unit, " ", ""))
		}
	}
	return strings.Join(out, " ")
}

// learn fetches the explanations of the language that is spoken, once the wallet is open. Where they do not come, nothing
// is explained; the next page asks again.
func (s *shell) learn() {
	tag := s.env.L.Tag()
	if s.books[tag] != nil || s.learning || s.snap.Phase != wallet.PhaseOpen {
		return
	}
	s.learning = true
	var b *glossary.Book
	run(s.ctx, func(c context.Context) (err error) {
		b, err = s.Base.env.fetchBook(c, tag)
		return err
	}, func(ctx app.Context, err error) {
		s.learning = false
		if err != nil {
			return
		}
		if s.books == nil {
			s.books = map[string]*glossary.Book{}
		}
		s.books[tag] = b
		s.env = s.speak(s.env.L)
	})
}

func (e *Env) fetchBook(ctx context.Context, tag string) (*glossary.Book, error) {
	terms, err := e.D.Plain(ctx, "terms")
	if err != nil {
		return nil, err
	}
	words, err := e.D.Plain(ctx, tag)
	if err != nil {
		return nil, err
	}
	return glossary.Read(terms, words)
}
