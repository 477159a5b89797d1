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

type (
	// AskKindError is plan.AskKindError, for callers outside.
	AskKindError = plan.AskKindError
	// Event is plan.Event, for callers outside.
	Event = plan.Event
	// Input is plan.Input, for callers outside.
	Input = plan.Input
	// Job is plan.Job, for callers outside.
	Job = plan.Job
	// NoSheetError is plan.NoSheetError, for callers outside.
	NoSheetError = plan.NoSheetError
	// Observe is plan.Observe, for callers outside.
	Observe = plan.Observe
	// Options is plan.Options, for callers outside.
	Options = plan.Options
	// Phase is plan.Phase, for callers outside.
	Phase = plan.Phase
	// CheckExisting is compare.CheckExisting, for callers outside.
	CheckExisting = compare.CheckExisting
	// BreakerError is submit.BreakerError, for callers outside.
	BreakerError = submit.BreakerError
	// Submitter is submit.Submitter, for callers outside.
	Submitter = submit.Submitter
	// Verify is submit.Verify, for callers outside.
	Verify = submit.Verify
	// Summary is report.Summary, for callers outside.
	Summary = report.Summary
	// PlanSummary is report.PlanSummary, for callers outside.
	PlanSummary = report.PlanSummary
	// Report is report.Report, for callers outside.
	Report = report.Report
	// NextStep is report.NextStep, for callers outside.
	NextStep = report.NextStep
	// Stats is report.Stats, for callers outside.
	Stats = report.Stats
	// Count is report.Count, for callers outside.
	Count = report.Count
	// InspectConfig is inspect.Config, for callers outside.
	InspectConfig = inspect.Config
	// Inspected is inspect.File, for callers outside.
	Inspected = inspect.File
	// InspectedSheet is inspect.Sheet, for callers outside.
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
