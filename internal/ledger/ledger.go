// Package ledger is the durable record of the program: runs, the spooled rows of their files, the orders planned from them, what became
// of each, and which order number belongs to whom. Submitting, resuming, reporting and undoing need nothing else. It is one SQLite file,
// written so that what a call has returned survives a kill and a power cut. It knows nothing of files' formats, of mapping or of HTTP;
// importer and exporter call it.
package ledger
