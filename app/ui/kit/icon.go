// Package kit holds the pieces pages are built of: buttons, fields, notices, icons. It knows no words and nothing of
// health: whatever is read is given in, already in the reader's language.
package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

const svg = "http://www.w3.org/2000/svg"

// Icon is a picture beside a word, 24 × 24, drawn with one stroke. It is never alone, so it is hidden from screen readers.
func Icon(name string) app.UI {
	return app.Elem("svg").XMLNS(svg).
		Attr("viewBox", "0 0 24 24").
		Attr("class", "icon").
		Aria("hidden", true).
		Attr("focusable", "false").
		Body(app.Elem("path").XMLNS(svg).Attr("d", paths[name]))
}

// HasIcon says whether there is a drawing of that name.
func HasIcon(name string) bool { return paths[name] != "" }

// paths are strokes on a 24 × 24 grid, two units wide with round ends.
var paths = map[string]string{
	"pouch":   "M8 3h8M9 3c0 2-1 3-2 4M15 3c0 2 1 3 2 4M7 7h10M7 7c-3 3-4 6-4 9 0 3 2 5 5 5h8c3 0 5-2 5-5 0-3-1-6-4-9M12 11v5M9.5 13.5h5",
	"back":    "M15 5l-7 7 7 7",
	"next":    "M9 5l7 7-7 7",
	"down":    "M5 9l7 7 7-7",
	"up":      "M5 15l7-7 7 7",
	"turn":    "M5 12a7 7 0 1 0 2-5M4 4v4h4",
	"close":   "M6 6l12 12M18 6L6 18",
	"plus":    "M12 5v14M5 12h14",
	"check":   "M5 13l5 5L20 7",
	"lock":    "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 15v2",
	"search":  "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
	"info":    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 7.5v.5",
	"what":    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.500 10a2.500 2.500 0 1 1 3.600 2.200c-.7.4-1.100.9-1.100 1.800M12 17v.5",
	"warn":    "M12 4l9 16H3zM12 10v4M12 17v.5",
	"danger":  "M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16v.5",
	"qr":      "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 14h2M14 18v2M18 18h2v2",
	"link":    "M10 14l4-4M8.5 11.5l-2 2a3.5 3.5 0 0 0 5 5l2-2M15.5 12.5l2-2a3.5 3.5 0 0 0-5-5l-2 2",
	"send":    "M4 12l16-8-5 16-4-6zM11 14l9-10",
	"copy":    "M9 9h11v11H9zM15 9V4H4v11h5",
	"print":   "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
	"save":    "M12 4v11M7 11l5 5 5-5M4 20h16",
	"open":    "M13 4h7v7M20 4l-9 9M18 14v6H4V6h6",
	"delete":  "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
	"undo":    "M9 6L4 11l5 5M4 11h10a5 5 0 0 1 0 10h-2",
	"pause":   "M8 5v14M16 5v14",
	"play":    "M7 5l12 7-12 7z",
	"clock":   "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l4 2",
	"eye":     "M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
	"hide":    "M3 3l18 18M10 5.300A9 9 0 0 1 12 5c4 0 7 2 10 7-.8 1.400-1.800 2.600-2.800 3.600M6.500 6.700C4.800 8 3.300 9.800 2 12c3 5 6 7 10 7 1.800 0 3.400-.4 4.900-1.300M9.900 9.900a3 3 0 0 0 4.200 4.200",
	"move":    "M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4",
	"camera":  "M4 8h4l2-3h4l2 3h4v11H4zM12 10.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
	"file":    "M6 3h8l4 4v14H6zM14 3v4h4",
	"paste":   "M8 5H5v16h14V5h-3M8 3h8v4H8zM8 12h8M8 16h5",
	"people":  "M9 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM3 20c0-4 2-6 6-6s6 2 6 6M16 6a2.5 2.5 0 0 1 0 5M17 14c3 0 4 2 4 6",
	"phone":   "M7 3h10v18H7zM11 18h2",
	"person":  "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-5 3-7 8-7s8 2 8 7",
	"edit":    "M5 19l1-5L16 4l4 4L10 18z",
	"gear":    "M4 7h9M17 7h3M4 17h3M11 17h9M13 4.5v5M7 14.5v5",
	"home":    "M3 11l9-7 9 7M6 9v11h12V9M10 20v-6h4v6",
	"list":    "M9 6h11M9 12h11M9 18h11M4 6h.5M4 12h.5M4 18h.5",
	"words":   "M4 5h16v11H9l-5 4z",
	"voice":   "M4 9v6h4l5 4V5L8 9zM16 9c1.500 2 1.500 4 0 6M18.500 6.500c3 3.500 3 7.500 0 11",
	"speech":  "M3 6h7M6.5 4v2c0 4-1.500 7-3.500 9M4 10c1 2 3 4 5 5M12 20l4.500-11L21 20M13.500 16.500h6",
	"shield":  "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM8.500 12l2.500 2.500 4.500-5",
	"key":     "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l8-8M16 7l3 3",
	"box":     "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
	"offline": "M3 3l18 18M5 12a10 10 0 0 1 4-2.500M2 8.500A15 15 0 0 1 7 6M12 5c4 0 7 1.300 10 3.500M15 10a10 10 0 0 1 4 2M8.500 15.500a5 5 0 0 1 7 0M12 19v.5",
	"in-tray": "M4 5h16l1 8v6H3v-6zM3 13h5l1.500 3h5L16 13h5",
	"chart":   "M4 4v16h16M7 15l4-5 3 3 5-7",
	"in":      "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.500 15.500L20 20M10.500 7.500v6M7.500 10.500h6",
	"out":     "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.500 15.500L20 20M7.500 10.500h6",
	"sun":     "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5",
	"more":    "M5 12h.5M12 12h.5M19 12h.5",

	"patient":      "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-5 3-7 8-7s8 2 8 7",
	"allergy":      "M12 12a2 2 0 1 0 0-.1M12 3c2 2 2 5 0 7-2-2-2-5 0-7zM12 21c-2-2-2-5 0-7 2 2 2 5 0 7zM3 12c2-2 5-2 7 0-2 2-5 2-7 0zM21 12c-2 2-5 2-7 0 2-2 5-2 7 0z",
	"condition":    "M12 20C5 15 3 12 3 8.500A4.500 4.500 0 0 1 12 7a4.500 4.500 0 0 1 9 1.500C21 12 19 15 12 20z",
	"medicine":     "M6 13l7-7a3.500 3.500 0 0 1 5 5l-7 7a3.500 3.500 0 0 1-5-5zM9.500 9.500l5 5",
	"immunization": "M14 4l6 6M17 7l-8 8-4 1 1-4 8-8M5 19l-2 2M10 8l3 3",
	"result":       "M9 3h6M10 3v6l-5 9c-1 2 0 3 2 3h10c2 0 3-1 2-3l-5-9V3M8 15h8",
	"vital":        "M3 12h4l2-5 4 10 3-7 1 2h4",
	"procedure":    "M4 20l9-9M13 11l6-7c1 4 0 7-4 9zM4 20h7",
	"visit":        "M6 3v6a4 4 0 0 0 8 0V3M10 13v3a5 5 0 0 0 10 0v-2M20 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
	"careplan":     "M6 4h12v17H6zM9 3h6v3H9zM9 11l1.500 1.500L13 10M9 16.500l1.500 1.500L13 15.500M15 11.500h1M15 17h1",
	"appointment":  "M4 6h16v15H4zM4 10h16M8 3v5M16 3v5M12 13v4M10 15h4",
	"document":     "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
	"photo":        "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15 8.500h.5",
	"device":       "M3 9h7v6H3zM14 9h7v6h-7zM10 11c1-1 3-1 4 0M3 10l-1-2M21 10l1-2",
	"bill":         "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6M9 16h3",
	"other":        "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z",

	"high": "M12 20V5M6 11l6-6 6 6",
	"low":  "M12 4v15M6 13l6 6 6-6",
}
