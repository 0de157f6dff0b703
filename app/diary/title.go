package diary

import "strings"

// Title is what Compose called something, taken apart, so that it can be said in the
// reader's language. In a note it stands in English, for whoever else reads it.
type Title struct {
	Code string // a Kind that is a measurement; or "visit", "follow" or "said"
	Meal string // an option of the question "meal"; ""
	Who  string // who was visited
}

// Titles that are not those of measurements, with who was visited behind them.
const (
	titleVisit  = "Visit to "
	titleFollow = "Follow-up: "
	titleSaid   = "What was said"
)

// TitleOf takes a title apart. false: Compose gives none like it. Others may have written the
// same words; then they mean the same.
func TitleOf(words string) (Title, bool) {
	if words == titleSaid {
		return Title{Code: "said"}, true
	}
	for code, before := range map[string]string{"visit": titleVisit, "follow": titleFollow} {
		if who, ok := strings.CutPrefix(words, before); ok && who != "" {
			return Title{Code: code, Who: who}, true
		}
	}
	what, meal, _ := strings.Cut(words, ", ")
	at := key(mealWords, meal)
	for k, v := range vitals {
		if v.title == what && (meal == "") == (at == "") {
			return Title{Code: string(k), Meal: at}, true
		}
	}
	return Title{}, false
}
