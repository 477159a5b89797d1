// Package diff compares orders: what is wanted, what was before, and what is there now. It says what
// an update has to send, whether somebody changed an order meanwhile, and how a change is undone. It
// knows no files, no HTTP and no ledger; importer calls it.
package diff
