package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// origin says where a record comes from: what it says of itself (who, where, when, confirmed and signed by whom) and what
// this wallet knows (how it came, when, through whom). What was not checked is called that.
type origin struct {
	app.Compo
	here
	Env  *Env
	Meta record.Meta
	Doc  *fhir.Document // nil: not opened yet, or no FHIR

	shown record.ID
	by    *wallet.Bringer
}

// CompoID keeps the origin with its record.
func (o *origin) CompoID() string { return string(o.Meta.ID) + "/origin" }

func (o *origin) OnPreRender(ctx app.Context) { o.OnMount(ctx) }

func (o *origin) OnMount(ctx app.Context) {
	o.here.OnMount(ctx)
	o.load()
}

func (o *origin) OnUpdate(app.Context) {
	if o.shown != o.Meta.ID {
		o.load()
	}
}

// load asks who brought the record. When nobody can say, nothing is said.
func (o *origin) load() {
	w, id := o.Env.W, o.Meta.ID
	o.shown, o.by = id, nil
	var by *wallet.Bringer
	run(o.ctx, func(c context.Context) (err error) {
		by, err = w.BroughtBy(c, id)
		return err
	}, func(_ app.Context, err error) {
		if o.shown == id && err == nil {
			o.by = by
		}
	})
}

func (o *origin) Render() app.UI {
	e, m := o.Env, o.Meta
	said := fhir.Origin{}
	if o.Doc != nil {
		said = o.Doc.Origin
	}
	return kit.Details(e.T("origin.title"), app.Div().ID("origin").Class("origin").Body(
		kit.Facts(
			kit.Fact{Name: e.T("origin.who"), Text: parties(e, said, m)},
			kit.Fact{Name: e.T("origin.where"), Text: said.Where},
			kit.Fact{Name: e.T("origin.made"), Text: moment(e, said.Made)},
			kit.Fact{Name: e.T("origin.kind"), Text: writtenHow(e, said, m)},
			kit.Fact{Name: e.T("origin.attested"), Text: attested(e, said)},
			kit.Fact{Name: e.T("origin.system"), Text: said.Source},
			kit.Fact{Name: e.T("origin.signed"), Text: signedHow(e, said, m, o.Doc != nil)},
		),
		kit.Facts(
			kit.Fact{Name: e.T("record.source"), Text: cameHow(e, m)},
			kit.Fact{Name: e.T("origin.sent"), Text: sentSigned(e, m.Source)},
			kit.Fact{Name: e.T("origin.brought"), Text: broughtBy(e, o.by)},
			kit.Fact{Name: e.T("record.added"), Text: e.L.DateTime(m.Added)},
			kit.Fact{Name: e.T("record.size"), Text: e.L.Bytes(m.Size)},
		),
		app.If(m.Format.FHIR(), func() app.UI { return kit.Small(e.T("origin.own-word")) }),
	))
}

func moment(e *Env, date string) string {
	if date == "" {
		return ""
	}
	return e.L.Moment(date)
}

// partyKeys say what somebody is who wrote.
var partyKeys = map[string]string{
	"Patient": "origin.patient", "Person": "origin.patient", "RelatedPerson": "origin.related", "Practitioner": "origin.practitioner",
	"PractitionerRole": "origin.practitioner", "Organization": "origin.organization", "Device": "origin.device",
}

// parties are those who wrote, with what they are.
func parties(e *Env, o fhir.Origin, m record.Meta) string {
	var names []string
	for _, a := range o.Authors {
		if key := partyKeys[a.Type]; key != "" {
			names = append(names, e.T(key, "name", a.Name))
			continue
		}
		names = append(names, a.Name)
	}
	if len(names) == 0 {
		return first(m.Outline.Author, e.T("origin.unknown"))
	}
	return e.L.List(names)
}

// writtenHow says whether a clinic wrote it, the family itself, or a program.
func writtenHow(e *Env, o fhir.Origin, m record.Meta) string {
	switch {
	case m.Source.How == wallet.HowHand:
		return e.T("origin.by-hand")
	case o.SelfEntered():
		return e.T("origin.self")
	case o.Assembled():
		return e.T("origin.assembled")
	}
	return ""
}

// attesterKeys say in which capacity somebody confirms a document.
var attesterKeys = map[string]string{"personal": "attester.personal", "professional": "attester.professional", "legal": "attester.legal", "official": "attester.official"}

func attested(e *Env, o fhir.Origin) string {
	var all []string
	for _, a := range o.Attested {
		var words []string
		for _, w := range []string{a.Name, moment(e, a.Date)} {
			if w != "" {
				words = append(words, w)
			}
		}
		if key := attesterKeys[a.Mode]; key != "" {
			words = append(words, e.T(key))
		}
		all = append(all, e.L.Comma(words))
	}
	return strings.Join(all, "; ")
}

// signedHow never says more than is known: only the signature of a health card is checked here.
func signedHow(e *Env, o fhir.Origin, m record.Meta, opened bool) string {
	switch {
	case m.Format.Card():
		return e.T("origin.card")
	case !m.Format.FHIR():
		return e.T("origin.no-look")
	case !opened:
		return ""
	case len(o.Signed) == 0:
		return e.T("origin.unsigned")
	}
	var names []string
	for _, s := range o.Signed {
		if s.Name != "" {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return e.T("origin.unchecked")
	}
	return e.T("origin.unchecked-by", "name", e.L.List(names))
}

// cameHow is how the file came into this wallet.
func cameHow(e *Env, m record.Meta) string {
	s := m.Source
	how := e.T("source." + s.How)
	if what := first(s.Host, s.Name); what != "" && s.How != "sample" && s.How != wallet.HowHand {
		return e.T("source.named", "how", how, "name", what)
	}
	return how
}

// sentSigned says whether who sent it under a code has signed it, and whether they are known now.
func sentSigned(e *Env, s record.Source) string {
	_, _, signer, sent := s.Drop()
	switch {
	case !sent:
		return ""
	case signer == "":
		return e.T("origin.sent-unsigned")
	}
	for _, pin := range e.W.Snapshot().Pins {
		if pin.Thumbprint == signer {
			return e.T("origin.sent-known", "name", pin.Name)
		}
	}
	return e.T("origin.sent-new")
}

func broughtBy(e *Env, b *wallet.Bringer) string {
	switch {
	case b == nil:
		return ""
	case !b.Me && b.Name == "":
		return e.T("origin.other")
	case !b.Me:
		return e.T("origin.other-named", "name", b.Name)
	case b.Device != "":
		return e.T("origin.my-device", "name", b.Device)
	}
	return e.T("origin.me")
}

// briefOrigin is who made a record, how it came and when, in one line.
func briefOrigin(e *Env, m record.Meta) string {
	var words []string
	for _, w := range []string{m.Outline.Author, e.T("source." + m.Source.How), e.T("origin.received", "day", e.L.Day(m.Added))} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " · ")
}
