package main

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
)

func (g *gallery) words() []app.UI {
	return []app.UI{
		kit.Back(g.say("Records", "रिकॉर्ड"), "#back"),
		kit.Text(g.say("The clinic sees what you chose, for as long as you chose.", "क्लिनिक वही देखता है जो आपने चुना, और उतनी ही देर।")),
		kit.Small(g.say("No account, no e-mail, no phone number.", "न खाता, न ई-मेल, न फ़ोन नंबर।")),
		kit.Card("card", g.say("When nobody has network", "जब किसी के पास नेटवर्क नहीं"),
			kit.Text(g.say("These hold everything in the code itself.", "इनमें सब कुछ कोड के अंदर ही है।")),
			kit.Facts(kit.Fact{Name: g.say("Written by", "लिखने वाले"), Text: "Dr. Farah Sample"}, kit.Fact{Name: g.say("Date", "तारीख़"), Text: g.say("8 September 2026", "8 सितंबर 2026")}, kit.Fact{Name: "left out"})),
		kit.Paper(kit.Text(g.say("A sheet without a heading.", "बिना शीर्षक का पन्ना।"))),
		kit.Empty("pouch", g.say("Nothing here yet", "अभी कुछ नहीं"), g.say("Add a paper, a photo or a file.", "काग़ज़, फ़ोटो या फ़ाइल जोड़ें।"),
			kit.Link(kit.Main, "plus", g.say("Add the first", "पहला जोड़ें"), "#add")),
		kit.Details(g.say("Where this comes from", "यह कहाँ से आया"), kit.Small(g.say("From a clinic, with its signature.", "क्लिनिक से, हस्ताक्षर के साथ।"))),
	}
}

func (g *gallery) buttons() []app.UI {
	show := g.say("Show the code", "कोड दिखाएँ")
	return []app.UI{
		kit.Row(
			kit.Button(kit.Main, "qr", show, idle).ID("button-main"), kit.Button(kit.Plain, "", show, idle).ID("button-plain"),
			kit.Button(kit.Quiet, "print", show, idle).ID("button-quiet"), kit.Button(kit.Grave, "delete", g.say("Erase everything", "सब मिटाएँ"), idle).ID("button-grave")),
		kit.Row(
			kit.Button(kit.Main, "qr", show, idle).Disabled(true), kit.Button(kit.Plain, "", show, idle).Disabled(true),
			kit.Submit(kit.Main, "check", g.say("Save", "सहेजें")), kit.IconButton("close", g.say("Close", "बंद करें"), idle)),
		kit.Tiles(
			kit.Link(kit.Plain, "in-tray", g.say("Receive from the clinic", "क्लिनिक से लें"), "#receive").ID("tile"),
			kit.Link(kit.Plain, "edit", g.say("Write it down", "ख़ुद लिखें"), "#write"),
			kit.Link(kit.Plain, "chart", g.say("Charts", "चार्ट"), "#charts"),
			kit.Link(kit.Plain, "print", g.say("Save or print", "सहेजें या छापें"), "#print")),
	}
}

func (g *gallery) notices() []app.UI {
	var list []app.UI
	for _, t := range []kit.Tone{kit.Good, kit.Note, kit.Warn, kit.Danger} {
		list = append(list, kit.Notice(t, g.say("Kept on this device.", "इस फ़ोन में रखा गया।")).ID("notice-"+string(t)))
	}
	return append(list,
		kit.Notice(kit.Warn, g.say("Potli locks in a minute.", "पोटली एक मिनट में ताला लगाएगी।"), kit.Row(kit.Button(kit.Main, "", g.say("Stay open", "खुली रहे"), idle))),
		kit.Fault(g.say("The network did not answer. Nothing is lost.", "नेटवर्क ने जवाब नहीं दिया। कुछ खोया नहीं।")),
		kit.Ask("ask", g.say("Erase this record?", "यह रिकॉर्ड मिटाएँ?"), g.say("It can be brought back for a while.", "कुछ देर तक वापस लाया जा सकता है।"),
			kit.Button(kit.Grave, "delete", g.say("Erase", "मिटाएँ"), idle), kit.Button(kit.Plain, "", g.say("Keep", "रखें"), idle)))
}

func (g *gallery) fields() []app.UI {
	choices := []kit.Choice{{Value: "5", Text: g.say("5 minutes", "5 मिनट")}, {Value: "0", Text: g.say("Never", "कभी नहीं"), Hint: g.say("Only on a phone of your own.", "केवल अपने फ़ोन पर।")}}
	name := g.say("Name", "नाम")
	return []app.UI{
		kit.Field("name", name, "", kit.Line("name", "Meera Sample", idle)),
		kit.Field("hinted", name, g.say("As it stands on papers.", "जैसा काग़ज़ों पर है।"), kit.Line("hinted", "", idle)),
		kit.Field("wrong", name, "", kit.Line("wrong", "?", idle).Wrong(true, "wrong-words")),
		kit.Wrong("wrong-words", g.say("Please write a name.", "कृपया नाम लिखें।")),
		kit.Field("lines", g.say("Question", "सवाल"), "", kit.Lines("lines", 3, idle)),
		kit.Field("select", g.say("Lock after", "ताला लगे"), "", kit.Select("select", "5", choices, idle)),
		kit.Check("check-on", name, g.say("As it stands on papers.", "जैसा काग़ज़ों पर है।"), true, idle),
		kit.Check("check-off", name, "", false, idle),
		kit.Radio("radio", g.say("Lock after", "ताला लगे"), "5", choices, idle),
	}
}

func (g *gallery) choices() []app.UI {
	who := kit.Portrait{Initials: "MS", Colour: 3}
	return []app.UI{
		kit.Row(
			&kit.Option{Owner: g, List: "kind", Value: "all", Text: g.say("All", "सब"), On: true},
			&kit.Option{Owner: g, List: "kind", Value: "medicine", Icon: "medicine", Text: g.say("Medicine", "दवा")},
			&kit.Option{Owner: g, List: "who", Value: "meera", Portrait: who, Text: "Meera Sample", Hint: "1992"},
			&kit.Option{Owner: g, List: "language", Value: "hi", Text: "हिन्दी", Lang: "hi"}),
		app.Ul().Class("ticks").Body(
			&kit.Tick{Owner: g, ID: "tick-on", Text: g.say("Iron deficiency", "आयरन की कमी"), Hint: "2026", On: true},
			&kit.Tick{Owner: g, ID: "tick-off", Item: 1, Text: g.say("Migraine", "माइग्रेन")}),
	}
}

func (g *gallery) marks() []app.UI {
	var faces, chips []app.UI
	for n := range 8 {
		faces = append(faces, kit.Avatar(kit.Portrait{Initials: "AB", Colour: n}))
	}
	for _, tone := range []string{"good", "warn", "danger", "quiet", "offline"} {
		chips = append(chips, kit.Chip(tone, "info", g.say("Open until 5", "5 बजे तक")))
	}
	return []app.UI{
		app.Div().Class("chips").Body(chips...),
		app.Div().Class("row").Body(append(faces, kit.Face(kit.Portrait{Initials: "MS", Colour: 1}))...),
		app.Div().Class("row").Body(kit.Icon("pouch"), kit.Icon("medicine"), app.If(!kit.HasIcon("nothing"), func() app.UI { return kit.Icon("check") })),
		app.P().Class(kit.Colour(2), "whose").Text("Meera Sample"),
	}
}

func (g *gallery) waiting() []app.UI {
	label := g.say("Opening the records", "रिकॉर्ड खुल रहे हैं")
	return []app.UI{
		kit.Wait(label), kit.Progress(label, 3, 10), kit.Progress(g.say("Asking the clinic", "क्लिनिक से पूछ रहे हैं"), 0, 0),
		kit.Place(kit.Small(g.say("A place takes no room.", "जगह कोई जगह नहीं लेती।"))),
		kit.If(false, func() app.UI { return kit.Text("never") }),
		kit.Room(8),
	}
}

func (g *gallery) pictures() []app.UI {
	chart := kit.Chart{
		ID: "chart", Label: g.say("Weight from 2024 to 2026, three values", "वज़न, 2024 से 2026, तीन मान"), HintID: "chart-hint",
		Curves: [][]kit.Spot{{{X: 0.1, Y: 0.8}, {X: 0.5, Y: 0.4}, {X: 0.9, Y: 0.5}}, {{X: 0.1, Y: 0.6}, {X: 0.9, Y: 0.7}}},
		Zones:  []kit.Zone{{Left: 0, Right: 1, Top: 0.3, Bottom: 0.7}}, Across: []kit.Label{{At: 0.5, Text: "2025"}},
		Up: []kit.Label{{At: 0.2, Text: "80"}, {At: 0.8, Text: "60"}}, From: "2024", To: "2026", OnKey: idle, OnTap: idle, OnPinch: idle,
	}
	shapes := []app.UI{}
	for i, name := range []string{"round", "square", "up", "down", "diamond", "up-bar", "down-bar", "diamond-bar"} {
		sign := kit.Sign{Spot: kit.Spot{X: 0.1 + float64(i)/10, Y: 0.5}, Shape: name, Hollow: i == 1}
		chart.Signs = append(chart.Signs, sign)
		shapes = append(shapes, kit.Shape(sign))
	}
	return []app.UI{
		chart.Draw(),
		app.Table().Class("results").Body(app.TBody().Body(
			app.Tr().Body(app.Th().Scope("row").Text("2024"), app.Td().Text("60 kg")), app.Tr().Body(app.Th().Scope("row").Text("2026"), app.Td().Text("66 kg")))),
		kit.Small(g.say("Arrow keys move along the curve.", "तीर वाले बटन रेखा पर चलाते हैं।")).(app.HTMLP).ID("chart-hint"),
		app.Div().Class("row").Body(shapes...),
		kit.Spark([]float64{60, 72, 66}, "round"),
		kit.Code("M4 4h7v7h-7zM18 4h7v7h-7zM4 18h7v7h-7zM14 14h3v3h-3z", 29, g.say("A code that says nothing", "कोड जिसमें कुछ नहीं")),
	}
}
