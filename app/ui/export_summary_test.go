package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/summary"
)

// FactRow is the row of one fact of the summary.
func FactRow(e *Env, f summary.Fact) app.Composer { return &summaryFact{Env: e, Key: "f", Fact: &f} }
