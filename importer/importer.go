// Package importer is the engine of the way in: it plans a run from files into the ledger, compares
// it with the orders that exist, submits a confirmed run, undoes one, and makes the report of any
// run. The ledger is the only thing that passes from one step to the next, so each step can be made
// again after a crash, next year, or by another process. Each step has a package of its own below
// this one, and only this package calls them.
package importer

import (
	"ordersheet/importer/inspect"
	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/importer/submit"
	"ordersheet/importer/template"
)

type (
	// AskKindError says that the headers fit both kinds of orders, so that a person has to choose.
	AskKindError = plan.AskKindError
	// Event is the progress of a step.
	Event = plan.Event
	// Job is what to plan.
	Job = plan.Job
	// NoSheetError says that the files have no sheet of orders, and what they have.
	NoSheetError = plan.NoSheetError
	// Options are the settings that are kept with a run.
	Options = plan.Options
	// OptionError says which option has a value that it doesn't take.
	OptionError = plan.OptionError
	// Phase names a step of a run.
	Phase = plan.Phase
	// BreakerError says that most orders failed for one reason.
	BreakerError = submit.BreakerError
	// SubmitConfig says which orders are sent, and how.
	SubmitConfig = submit.Config
	// Summary counts the rows and orders of a run by outcome.
	Summary = report.Summary
	// PlanSummary counts what a plan would do.
	PlanSummary = report.PlanSummary
	// Report writes the report of a run.
	Report = report.Report
	// Left is what an undo leaves as it is, for one kind of reason.
	Left = report.Left
	// RunLine is the JSON object of a run in a list.
	RunLine = report.RunLine
	// InspectConfig says how a file is inspected.
	InspectConfig = inspect.Config
	// Inspected is what a file holds.
	Inspected = inspect.File
	// InspectedSheet is what one sheet of a file holds.
	InspectedSheet = inspect.Sheet
)

// Names of the steps.
const (
	Reading    = plan.Reading
	Submitting = plan.Submitting
)

// The steps themselves, and their errors.
var (
	DefaultOptions = plan.DefaultOptions
	OptionsOf      = plan.OptionsOf
	ErrPlanChanged = plan.ErrPlanChanged
	ErrStopped     = submit.ErrStopped
	OpenInput      = plan.Open
	PlanTotals     = report.PlanTotals
	FirstOf        = report.FirstOf
	ReadSummary    = report.ReadSummary
	Submit         = submit.Run
	Undoes         = plan.Undoes
	WriteTemplate  = template.Write
)
