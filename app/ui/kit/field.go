package kit

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Field puts a label over a control and a hint under the label. The control's id is id.
func Field(id, label, hint string, control app.UI) app.UI {
	body := []app.UI{app.Label().Class("label").For(id).Text(label)}
	if hint != "" {
		body = append(body, app.P().ID(id+"-hint").Class("hint").Text(hint))
		control = described(control, id+"-hint")
	}
	return app.Div().Class("field").Body(append(body, control)...)
}

// Wrong says under a control what is wrong with what stands in it, aloud as soon as it is; text is "" as long as nothing is.
// Its id is what Input.Wrong is told. What is wrong with a whole page says Fault.
func Wrong(id, text string) app.UI {
	return app.P().ID(id).Class("wrong").Aria("live", "assertive").Body(app.If(text != "", func() app.UI {
		return app.Span().Class("wrong-words").Body(Icon("warn"), app.Span().Text(text))
	}))
}

// described reads the hint aloud with the control.
func described(control app.UI, hint string) app.UI {
	switch c := control.(type) {
	case *Input:
		return c.Attr("aria-describedby", hint)
	case app.HTMLInput:
		return c.Aria("describedby", hint)
	case app.HTMLSelect:
		return c.Aria("describedby", hint)
	}
	return control
}

// Choice is one of the things a Select or Radio offers.
type Choice struct{ Value, Text, Hint string }

// Select offers a short list.
func Select(id, chosen string, choices []Choice, h app.EventHandler) app.UI {
	return app.Select().ID(id).Name(id).Class("input", "select").OnChange(h).
		Body(app.Range(choices).Slice(func(i int) app.UI {
			return app.Option().Value(choices[i].Value).Selected(choices[i].Value == chosen).Text(choices[i].Text)
		}))
}

// Check is a box to tick with its label at its side.
func Check(id, label, hint string, on bool, h app.EventHandler) app.UI {
	return app.Div().Class("check").Body(
		app.Input().ID(id).Name(id).Class("check-box").Type("checkbox").Checked(on).OnChange(h),
		app.Label().Class("check-label").For(id).Body(
			app.Span().Class("check-text").Text(label),
			app.If(hint != "", func() app.UI { return app.Span().Class("hint").Text(hint) }),
		),
	)
}

// Radio offers a few things that need a sentence each.
func Radio(name, legend, chosen string, choices []Choice, h app.EventHandler) app.UI {
	return app.FieldSet().Class("radios").Body(
		app.Legend().Class("label").Text(legend),
		app.Range(choices).Slice(func(i int) app.UI {
			id := name + "-" + strconv.Itoa(i)
			c := choices[i]
			return app.Div().Class("check").Body(
				app.Input().ID(id).Name(name).Class("check-box").Type("radio").
					Value(c.Value).Checked(c.Value == chosen).OnChange(h),
				app.Label().Class("check-label").For(id).Body(
					app.Span().Class("check-text").Text(c.Text),
					app.If(c.Hint != "", func() app.UI { return app.Span().Class("hint").Text(c.Hint) }),
				),
			)
		}),
	)
}

// Value reads what stands in the control an event came from.
func Value(ctx app.Context) string { return ctx.JSSrc().Get("value").String() }

// Checked reads whether the box an event came from is ticked.
func Checked(ctx app.Context) bool { return ctx.JSSrc().Get("checked").Bool() }
