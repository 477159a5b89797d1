// Package importer is the engine of the way in: it plans a run from files into the ledger, compares it
// with the orders that exist, submits a confirmed run, undoes one, and makes the report of any run.
// The ledger is the only thing that passes from one step to the next, so each step can be made again
// after a crash, next year, or by another process. Each step has a package of its own below this one,
// and only this package calls them.
package importer

import (
	"ordersheet/importer/compare"
	"ordersheet/importer/inspect"
	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/importer/submit"
)

// What the callers of the engine still use of its steps by name.
type (
	// AskKindError says that the headers fit both kinds of orders.
	AskKindError   = plan.AskKindError
	Event          = plan.Event
	Input          = plan.Input
	Job            = plan.Job
	NoSheetError   = plan.NoSheetError
	Observe        = plan.Observe
	Options        = plan.Options
	Phase          = plan.Phase
	CheckExisting  = compare.CheckExisting
	BreakerError   = submit.BreakerError
	Submitter      = submit.Submitter
	Verify         = submit.Verify
	Summary        = report.Summary
	PlanSummary    = report.PlanSummary
	Report         = report.Report
	NextStep       = report.NextStep
	Stats          = report.Stats
	Count          = report.Count
	InspectConfig  = inspect.Config
	Inspected      = inspect.File
	InspectedSheet = inspect.Sheet
)

// Names of the steps, and of what may be asked of a run.
const (
	ColumnsSheet  = plan.ColumnsSheet
	ExamplesSheet = plan.ExamplesSheet
	Reading       = plan.Reading
	Checking      = plan.Checking
	Submitting    = plan.Submitting
	CheckAuto     = compare.CheckAuto
	CheckOn       = compare.CheckOn
	CheckOff      = compare.CheckOff
	VerifyNone    = submit.VerifyNone
	VerifySample  = submit.VerifySample
	VerifyAll     = submit.VerifyAll
)

// The steps themselves, and their errors.
var (
	DefaultOptions = plan.DefaultOptions
	OptionsOf      = plan.OptionsOf
	Verb           = report.Verb
	ErrPlanChanged = plan.ErrPlanChanged
	ErrStopped     = submit.ErrStopped
	Outcomes       = report.Outcomes
	OpenInput      = plan.Open
	Plan           = plan.Plan
	PlanTotals     = report.PlanTotals
	JoinSteps      = report.JoinSteps
	ReadSummary    = report.ReadSummary
	Undoes         = plan.Undoes
)
