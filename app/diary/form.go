package diary

// Names of questions that several forms have.
const (
	askValue = "value"
	askUnit  = "unit"
	askWhen  = "when"
	askNote  = "note"
	askName  = "name"
	askSince = "since"
)

// Options of choices. They are codes: whoever asks has words for them.
var (
	arms      = []string{"", "left", "right"}
	positions = []string{"", "sitting", "standing", "lying"}
	meals     = []string{"", "fasting", "before", "after", "random", "bedtime"}
	severe    = []string{"", "mild", "moderate", "severe"}
	stillHere = []string{"yes", "no"}
	forms     = []string{"", "tablet", "capsule", "syrup", "drops", "inhaler", "injection", "cream", "powder"}
	plans     = []string{"daytimes", "hours", "needed", "weekly"}
	food      = []string{"", "before", "with", "after"}
	papers    = []string{"", "prescription", "report", "discharge", "bill", "certificate", "other"}
)

// Form is what is asked for a kind, in this order; nil: there is no such kind.
func Form(k Kind) []Question {
	if v := vitals[k]; v.code.code != "" {
		return v.form(k)
	}
	return questions[k]
}

// form asks for the number first, and for what few know last.
func (v vital) form(k Kind) []Question {
	var qs []Question
	if k == Pressure {
		qs = []Question{{Name: "systolic", Type: Number, Must: true}, {Name: "diastolic", Type: Number, Must: true}}
	} else {
		qs = []Question{{Name: askValue, Type: Number, Must: true}}
	}
	if len(v.units) > 1 {
		qs = append(qs, Question{Name: askUnit, Type: Choice, Options: v.unitNames(), Preset: v.units[0].name, Must: true})
	}
	if k == Sugar {
		qs = append(qs, Question{Name: "meal", Type: Choice, Options: meals})
	}
	qs = append(qs, Question{Name: askWhen, Type: Moment, Must: true})
	if k == Pressure {
		qs = append(qs, Question{Name: "arm", Type: Choice, Options: arms, Aside: true},
			Question{Name: "position", Type: Choice, Options: positions, Aside: true})
	}
	return append(qs, Question{Name: askNote, Type: Text, Aside: true})
}

var questions = map[Kind][]Question{
	Medicine: {
		{Name: askName, Type: Line, List: Medicines, Must: true},
		{Name: "strength", Type: Line},
		{Name: "form", Type: Choice, Options: forms},
		{Name: "plan", Type: Choice, Options: plans, Preset: "daytimes", Must: true},
		{Name: "morning", Type: Number, When: "plan=daytimes"},
		{Name: "noon", Type: Number, When: "plan=daytimes"},
		{Name: "evening", Type: Number, When: "plan=daytimes"},
		{Name: "night", Type: Number, When: "plan=daytimes"},
		{Name: "amount", Type: Number, When: "plan=hours"},
		{Name: "hours", Type: Number, When: "plan=hours", Must: true},
		{Name: "dose", Type: Number, When: "plan=needed"},
		{Name: "weekly", Type: Number, When: "plan=weekly"},
		{Name: "food", Type: Choice, Options: food},
		{Name: "from", Type: Day},
		{Name: "until", Type: Day},
		{Name: "reason", Type: Line, List: Conditions, Aside: true},
		{Name: "prescriber", Type: Line, Aside: true},
		{Name: askNote, Type: Text, Aside: true},
	},
	Allergy: {
		{Name: askName, Type: Line, List: Allergens, Must: true},
		{Name: "reaction", Type: Line, List: Reactions},
		{Name: "severity", Type: Choice, Options: severe},
		{Name: askSince, Type: Day},
		{Name: askNote, Type: Text, Aside: true},
	},
	Condition: {
		{Name: askName, Type: Line, List: Conditions, Must: true},
		{Name: askSince, Type: Day},
		{Name: "still", Type: Choice, Options: stillHere, Preset: "yes", Must: true},
		{Name: "ended", Type: Day, When: "still=no"},
		{Name: askNote, Type: Text, Aside: true},
	},
	Vaccine: {
		{Name: askName, Type: Line, List: Vaccines, Must: true},
		{Name: "given", Type: Day, Must: true},
		{Name: "doseno", Type: Number},
		{Name: "lot", Type: Line, Aside: true},
		{Name: "place", Type: Line, Aside: true},
		{Name: askNote, Type: Text, Aside: true},
	},
	Visit: {
		{Name: "who", Type: Line, Must: true},
		{Name: "place", Type: Line},
		{Name: "day", Type: Day, Must: true},
		{Name: "reason", Type: Line},
		{Name: "said", Type: Text},
		{Name: "follow", Type: Day},
	},
	Document: {
		{Name: "title", Type: Line, Must: true},
		{Name: "paper", Type: Choice, Options: papers},
		{Name: "day", Type: Day},
		{Name: "body", Type: Text, Must: true},
	},
}
