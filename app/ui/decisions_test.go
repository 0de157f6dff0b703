package ui_test

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/ui"
	"potli/app/wallet"
)

func TestPlaceOf(t *testing.T) {
	tests := []struct{ path, page, id string }{
		{"/", "/", ""}, {"/add", "/add", ""}, {"/record/abc_-9", "/record/", "abc_-9"}, {"/record/", "/", ""},
		{"/show", "/show", ""}, {"/show/r1", "/show/", "r1"}, {"/shared", "/shared", ""}, {"/shared/s1", "/shared/", "s1"},
		{"/create", "/", ""}, {"/restore", "/", ""}, {"/settings/wipe", "/settings/wipe", ""}, {"/nowhere", "/", ""}, {"", "/", ""},
	}
	for _, tt := range tests {
		if page, id := ui.PlaceOf(tt.path); page != tt.page || id != tt.id {
			t.Errorf("%s: got %s %s, want %s %s", tt.path, page, id, tt.page, tt.id)
		}
	}
}

func TestEveryPlaceHasATitle(t *testing.T) {
	en := read(t, "en")
	for _, phase := range []wallet.Phase{wallet.PhaseLoading, wallet.PhaseNew, wallet.PhaseLocked, wallet.PhaseOpen, wallet.PhaseElsewhere, wallet.PhaseCleared, wallet.PhaseBroken} {
		for _, path := range append(paths, "/create", "/restore") {
			if key := ui.TitleKey(phase, path); en[key] == nil {
				t.Errorf("%s %s: no title %q", phase, path, key)
			}
		}
	}
}

// TestAsk: always two different words of those shown, whatever they are.
func TestAsk(t *testing.T) {
	for _, words := range []string{"a-b-c-d-e-f", "able-bird-coin-door-earn-fish", "zz-zz-zz-zz-zz-zz", "one-two-three-four"} {
		n := len(strings.Split(words, "-"))
		asked := ui.Ask(words)
		if len(asked) != 2 || asked[0] >= asked[1] || asked[0] < 0 || asked[1] >= n {
			t.Errorf("%s: asks %v", words, asked)
		}
	}
	if asked := ui.Ask("my own words"); asked != nil {
		t.Errorf("own words: asks %v", asked)
	}
}

func TestSlip(t *testing.T) {
	const words = "able-bird-coin-door-earn-fish"
	tests := []struct {
		name  string
		asked []int
		given map[int]string
		wrong bool
		at    int
	}{
		{"right", []int{1, 4}, map[int]string{1: "bird", 4: "earn"}, false, -1},
		{"case and spaces", []int{1, 4}, map[int]string{1: " Bird ", 4: "EARN"}, false, -1},
		{"one wrong", []int{1, 4}, map[int]string{1: "bird", 4: "fish"}, true, 4},
		{"one missing", []int{1, 4}, map[int]string{1: "bird"}, true, 4},
		{"nothing", []int{1, 4}, nil, true, 1},
		{"own, all again", nil, map[int]string{-1: words}, false, -1},
		{"own, case matters", nil, map[int]string{-1: strings.ToUpper(words)}, true, -1},
		{"own, nothing", nil, nil, true, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if wrong, at := ui.Slip(words, tt.asked, tt.given); wrong != tt.wrong || at != tt.at {
				t.Errorf("got %v at %d", wrong, at)
			}
		})
	}
}

func TestSpaced(t *testing.T) {
	for in, want := range map[string]string{"123456": "123 456", "12345678": "1234 5678", "": "", "abc-def": "abc - def"} {
		if got := ui.Spaced(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	for in, want := range map[string]string{
		"Asha Devi": "AD", "Asha": "A", "  asha  lata devi ": "ad", "": "", "रीता देवी": "रीदे", "Élodie O": "ÉO",
	} {
		if got := ui.Initials(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestShortCode(t *testing.T) {
	for want, v := range map[string]fhir.Value{
		"LOINC 718-7": {Type: fhir.ValueText, Code: "http://loinc.org|718-7"},
		"X1":          {Type: fhir.ValueText, Code: "urn:local|X1"},
		"":            {Type: fhir.ValueMessage, Code: "http://terminology.hl7.org/x|active"},
	} {
		if got := ui.ShortCode(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}

// TestNodes: the page knows its own list of tags, so that no reader can widen what reaches it.
func TestNodes(t *testing.T) {
	hostile := []fhir.Node{
		{Tag: "script", Children: []fhir.Node{{Text: "alert(1)"}}},
		{Tag: "iframe"}, {Tag: "style", Children: []fhir.Node{{Text: "*{}"}}}, {Tag: "svg"}, {Tag: "form"},
		{Tag: "a", Children: []fhir.Node{{Text: "link"}}},
		{Tag: "H1", Children: []fhir.Node{{Text: "upper"}}},
		{Tag: "h1", Children: []fhir.Node{{Text: "head"}}},
		{Tag: "td", ColSpan: -5, RowSpan: 100000, Children: []fhir.Node{{Text: "<b>"}}},
	}
	page := parse(t, app.HTMLString(app.Div().Body(ui.Nodes("h4", hostile)...)))
	if got, want := page.shape(), "<div><span><h4><td>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, text := range []string{"alert(1)", "link", "upper", "head", "<b>"} {
		if !strings.Contains(page.words(), text) {
			t.Errorf("the text %q is lost", text)
		}
	}
	if td := page.all("td")[0]; td.attrs["colspan"] != "1" || td.attrs["rowspan"] != "100" {
		t.Errorf("spans %v", td.attrs)
	}
}

func TestPickLanguage(t *testing.T) {
	for _, tt := range []struct {
		wishes []string
		want   string
	}{
		{[]string{"", "hi-IN"}, "hi"}, {[]string{"en", "hi"}, "en"}, {[]string{"", "fr"}, "en"}, {[]string{"xx", "hi"}, "hi"}, {[]string{"", "hif"}, "en"}, {nil, "en"},
	} {
		if got := ui.Pick([]ui.Language{{Tag: "en"}, {Tag: "hi"}}, tt.wishes...).Tag; got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.wishes, got, tt.want)
		}
	}
}
