package summary

import (
	"slices"
	"strings"

	"potli/app/fhir"
)

// Allergies are denied in words more often than in codes: "NKDA" stands in the place of an
// allergy, or "No known drug allergies", and "Allergy to penicillin" in one document is the
// "Penicillin" of another. What is read here only puts side by side what documents say, so
// that a contradiction is seen; it never takes an allergy away.

// set are words.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	allergyWords = set("allergy allergies allergic hypersensitivity एलर्जी ऐलर्जी एलर्जियाँ")
	noWords      = set("no nil none denies nka nkda nkma nkfa नहीं")
	notWords     = set("no nil not denies") // before what is denied
	drugWords    = set("drug drugs medication medications medicine medicines nkda nkma दवा दवाओं दवाई")
	foodWords    = set("food foods nkfa भोजन खाने")
	// fillers add nothing to a denial of all.
	fillers = set("known any reported documented stated history h o ho of to कोई ज्ञात से की का है")
	// turns are words after which something else may follow: such a title is left as it is.
	turns = set("but except other than and or with without yet test tested only if till until लेकिन और या सिवाय")
)

func wordsOf(title string) []string {
	return strings.Fields(strings.ReplaceAll(strings.TrimPrefix(name(title), "name:"), ".", "")) // N.K.D.A.
}

// deniesAll is the message of a title that says in words that there is no allergy: none, or
// none to medicines, or none to food. "" where it says anything else beside.
func deniesAll(title string) string {
	no, key := false, "known.none.allergy"
	for _, w := range wordsOf(title) {
		no = no || noWords[w]
		switch {
		case drugWords[w]:
			key = "known.none.drugallergy" // "no food or drug allergies" says nothing of others either
		case foodWords[w]:
			if key == "known.none.allergy" {
				key = "known.none.foodallergy"
			}
		case !noWords[w] && !allergyWords[w] && !fillers[w]:
			return ""
		}
	}
	if !no {
		return ""
	}
	return key
}

// mostAllergen is how many words name an allergen; a longer title is a sentence that may say
// more.
const mostAllergen = 3

// deniesOne is the allergen of a title that says in words that there is no allergy to it:
// "No known allergy to penicillin", "Not allergic to latex", "No egg allergy".
func deniesOne(title string) (allergen string, ok bool) {
	words := wordsOf(title)
	if len(words) == 0 || !notWords[words[0]] || !slices.ContainsFunc(words, func(w string) bool { return allergyWords[w] }) {
		return "", false
	}
	var of []string
	for _, w := range words[1:] {
		if turns[w] || noWords[w] || notWords[w] {
			return "", false
		}
		if !fillers[w] && !allergyWords[w] {
			of = append(of, w)
		}
	}
	return strings.Join(of, " "), len(of) > 0 && len(of) <= mostAllergen && deniesAll(title) == ""
}

// denied is the allergen of a line that denies it by its title alone. What takes such words
// back denies nothing.
func denied(l *fhir.Line) (allergen string, ok bool) {
	if l.Negated || l.Inactive {
		return "", false
	}
	return deniesOne(l.Title)
}

// subject is what a line is about, as lines are compared by it: its name, of an allergy
// what the allergy is to.
func subject(part Part, l *fhir.Line) string {
	if part != Allergies {
		return name(l.Title)
	}
	if allergen, ok := denied(l); ok {
		return "name:" + allergen
	}
	words := slices.DeleteFunc(wordsOf(l.Title), func(w string) bool { return allergyWords[w] || w == "to" || w == "से" })
	if len(words) == 0 {
		return name(l.Title)
	}
	return "name:" + strings.Join(words, " ")
}

// contradicts says whether a document that says that there is no allergy of a kind speaks
// against a fact. "No known drug allergies" says nothing against an allergy to nuts.
func (a absence) contradicts(part Part, f Fact) bool {
	switch {
	case !f.holds():
		return false
	case a.key == "known.none."+string(part):
		return true
	case a.key == "known.none.drugallergy":
		return part == Allergies && toMedicine(f.Line)
	}
	return a.key == "known.none.foodallergy" && part == Allergies && toFood(f.Line)
}

// holds says whether any document has it that it is, or was named so: a title that denies
// stands on the page as it is written, and is no fact.
func (f Fact) holds() bool {
	return slices.ContainsFunc(f.Sources, func(s Source) bool { return s.State == Now || s.State == Unsaid && f.State == Now })
}

// drugSystems are code systems of medicines alone.
var drugSystems = []string{"http://www.nlm.nih.gov/research/umls/rxnorm|", "http://www.whocc.no/atc|", "http://hl7.org/fhir/sid/ndc|"}

// drugStems are how the names of the medicines end to which people are allergic most often
// (WHO, "The use of stems in the selection of International Nonproprietary Names"), and
// drugBegin how the others begin.
var (
	drugStems = []string{"cillin", "cilline", "mycin", "floxacin", "cycline", "oxacin", "profen", "coxib", "caine", "azole", "statin", "sartan", "olol", "dipine", "semide", "thiazide", "formin"}
	drugBegin = []string{"penicill", "amoxi", "ceph", "cef", "sulfa", "sulpha", "sulfon", "sulphon", "cotrimox", "trimethoprim", "aspirin", "diclofenac", "nsaid", "paracetamol", "acetaminophen",
		"codeine", "morphine", "tramadol", "opioid", "opiate", "phenytoin", "carbamazepine", "heparin", "insulin", "vancomycin", "antibiotic", "analgin", "contrast", "disprin", "combiflam"}
	foods = set("nut nuts peanut peanuts groundnut groundnuts cashew cashews almond almonds walnut walnuts milk dairy egg eggs fish shellfish prawn prawns shrimp crab seafood wheat gluten soy soya sesame mustard brinjal मूंगफली दूध अंडा अंडे मछली")
)

// toMedicine says whether an allergy is plainly one to a medicine. Of what it does not know
// it says no: a warning that is wrong teaches to overlook the one that is right.
func toMedicine(l fhir.Line) bool {
	if slices.ContainsFunc(drugSystems, func(s string) bool { return strings.HasPrefix(l.Code, s) }) {
		return true
	}
	return slices.ContainsFunc(wordsOf(l.Title), func(w string) bool {
		return drugWords[w] || slices.ContainsFunc(drugStems, func(s string) bool { return len(w) > len(s) && strings.HasSuffix(w, s) }) ||
			slices.ContainsFunc(drugBegin, func(s string) bool { return strings.HasPrefix(w, s) })
	})
}

func toFood(l fhir.Line) bool {
	return slices.ContainsFunc(wordsOf(l.Title), func(w string) bool { return foods[w] })
}
