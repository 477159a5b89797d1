// Package book holds what the readers and the writers of spreadsheets share.
package book

// What a sheet can hold (Excel specifications and limits).
const (
	MaxRows    = 1 << 20
	MaxColumns = 1 << 14
)

// ReportMark is the defined name that marks a workbook as one of our own reports.
const ReportMark = "ordersheet_report"
