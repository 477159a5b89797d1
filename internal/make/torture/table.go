package main

import (
	"fmt"
	"strings"
)

// faultTitle heads the table of faults on the page.
const faultTitle = "Which test covers which fault"

// faultRow is a fault that an import can meet and the tests that inject it: Go tests by name,
// stories as testdata/script/NAME.txtar.
type faultRow struct {
	fault, effect string
	tests         []string
}

// faultRows are all faults that an import can meet. A test checks that each named test exists.
var faultRows = []faultRow{
	{"connection refused, no such host", "nothing is sent; retried, then stopped; can be resumed", []string{"TestNoServer", "TestConnectionRefused", "TestServerComesBack", "exit.txtar"}},
	{"TLS: expired, wrong host, unknown authority, none", "stopped at once without a retry; no byte of the request is sent", []string{"TestTLS", "exit.txtar"}},
	{"connection reset before the request was sent", "sent again only if no byte was written", []string{"TestOneByteMakesTheDifference", "TestCanceledAtAnyMoment", "TestNothingIsResent"}},
	{"connection reset after the request was sent", "looked up, then created or sent again; net/http never resends it", []string{"TestFaults", "TestNothingIsResent", "TestOutcomesAreTrue"}},
	{"processed late, after a 504 or a reset", "absent only after the settle wait and two look-ups", []string{"TestFaults", "TestLaggingLists", "TestRandomFaults"}},
	{"no answer in time", "the same", []string{"TestFaults", "TestNoAnswer"}},
	{"an answer that trickles or never ends", "one deadline for the whole answer and a size limit, then the same", []string{"TestFaults", "TestNoAnswer", "TestAnswerTooLarge"}},
	{"a server that reads slowly", "the same deadline", []string{"TestNoAnswer"}},
	{"201 that is cut off or not JSON", "looked up", []string{"TestFaults", "TestOutcomesAreTrue"}},
	{"200 with HTML", "looked up; twice in a row stops the run", []string{"TestFaults", "TestStops"}},
	{"an answer about another order, or with another total", "held; created, with a warning", []string{"TestFaults"}},
	{"201 without a body", "looked up", []string{"TestFaults"}},
	{"301, 302, 303, 307, 308", "stopped, naming the address; never followed", []string{"TestFaults", "TestRedirects", "TestStops"}},
	{"429 with Retry-After", "nothing is sent meanwhile; more than ten minutes stops the run", []string{"TestFaults", "TestRetryAfterIsObeyed", "TestRetryAfterIsCapped"}},
	{"429 with a date, and clocks that differ", "the date is compared with the server's own", []string{"TestFaults", "TestRetryAfter"}},
	{"429 without Retry-After, or always", "retried with increasing waits and jitter, then stopped", []string{"TestFaults", "TestStops", "TestThrottledForever"}},
	{"500, not processed", "looked up, sent again at most four times", []string{"TestFaults", "TestLostTooOften"}},
	{"5xx, processed", "found by the look-up: created", []string{"TestFaults"}},
	{"look-ups that fail, are late or ignore filters", "another method of looking up, else unknown with the reason", []string{"TestFaults", "TestLaggingLists", "TestRandomFaults", "exit.txtar"}},
	{"two orders with one number", "held, with both ids", []string{"TestSecondHand", "TestListing"}},
	{"a different order with the same number, created by somebody else", "held, with the differences", []string{"TestSecondHand", "reimport.txtar"}},
	{"401 during a run", "stopped at once; can be resumed; the token is never shown", []string{"TestStops", "TestRejectedToken", "token.txtar"}},
	{"403", "rejected; ten in a row stop the run", []string{"TestFaults", "TestStops"}},
	{"422 with paths", "rejected, each reason at its cell", []string{"messy.txtar", "tofix.txtar"}},
	{"422 in another form", "rejected, with the server's text", []string{"TestFaults"}},
	{"409: the number exists", "looked up: unchanged, held or rejected", []string{"TestFaults", "TestSecondHand"}},
	{"413; an order of 10,000 lines", "sent, or rejected. The API's pages give no limit, so there is no check before sending", []string{"TestOneHugeOrder", "TestOutcomesOfAnswers"}},
	{"kill -9 at any moment", "orders that may have been sent are looked up, the others are sent", []string{"TestKill", "TestDeadProcess", "TestHardStop", "killed.txtar"}},
	{"kill -9 while the ledger is written", "what was confirmed is kept", []string{"TestKilledWhileWriting", "TestCutLog"}},
	{"kill -9 while a report is written", "the old report or the new one; it can be written again", []string{"TestKilledReport", "TestFileAppearsWhole"}},
	{"power failure", "what was synced is enough", []string{"TestDiskFails", "TestCutLog"}},
	{"Ctrl-C, SIGTERM, a closed terminal", "orders in flight are finished; exit 75 with the command that resumes", []string{"TestSoftStop", "TestHardStop", "stopping.txtar", "pause.txtar"}},
	{"disk full", "stopped; nothing is sent that isn't recorded on disk first", []string{"TestDiskFails", "TestDiskFull"}},
	{"a report that can't be written", "the orders are kept; the message says how to write it again", []string{"exit.txtar", "TestWorkbookNothingLeftBehind"}},
	{"a failed sync", "this process writes and sends nothing more", []string{"TestDiskFails"}},
	{"a ledger that is read-only, was deleted or is newer", "an error before the first request", []string{"TestOpenRefuses", "TestVanishedFileIsNoticed", "TestBrokenDisk", "ledger.txtar"}},
	{"a ledger of an older version", "migrated; its runs can be resumed", []string{"TestOlderLedger", "TestOpenBringsVersion1UpToDate"}},
	{"a report that is open in Excel or LibreOffice", "the report gets another name, which is shown", []string{"report.txtar"}},
	{"two processes with one file or one account", "one has the run, the other is told which one and since when; each order belongs to one run", []string{"TestOneProcessHasARun", "TestSilentProcessLosesItsRun", "TestOneOwnerOfANumber", "TestNoNumberHasTwoOwners", "two.txtar"}},
	{"the same content under another name", "unchanged", []string{"reimport.txtar", "existing.txtar"}},
	{"a file that changes between stop and resume", "resume needs no file; the changed file is another run, and orders that exist with other values are held", []string{"reimport.txtar", "killed.txtar"}},
	{"a file that is still being written, or is open in Excel", "an error", []string{"TestChangedWhileRead", "report.txtar"}},
	{"a damaged workbook", "an error that names the part", []string{"damaged.txtar"}},
	{"rows of an order far apart; a number in two sheets; look-alike numbers", "one order, or held with both cells", []string{"numbers.txtar", "messy.txtar", "TestLookAlikes"}},
	{"clocks that jump", "waits use the monotonic clock; dates have no zone", []string{"TestDeadProcess", "TestLeaseLapses"}},
}

// faultPage writes the table.
func faultPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\nStories are files in testdata/script; the other names are Go tests.\n\n| fault | what ordersheet does | tests |\n|---|---|---|\n", faultTitle)
	for _, r := range faultRows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.fault, r.effect, strings.Join(r.tests, ", "))
	}
	return b.String() + "\n"
}
