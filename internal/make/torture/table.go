package main

import (
	"fmt"
	"strings"
)

// faultTitle heads the table of faults on the page.
const faultTitle = "Which test is for which fault"

// faultRow is a fault of an import and the tests that inflict it: Go tests by name, and stories as testdata/script/NAME.txtar.
type faultRow struct {
	fault, leads string
	tests        []string
}

// faultRows are all faults that an import can meet. A test holds that each test that is named exists.
var faultRows = []faultRow{
	{"connection refused, no such host", "nothing sent, backed off, stopped, resumable", []string{"TestNoServer", "TestConnectionRefused", "TestServerComesBack", "exit.txtar"}},
	{"TLS: expired, wrong host, unknown authority, none at all", "stopped at once, no retry, no byte of the request sent", []string{"TestTLS", "exit.txtar"}},
	{"reset before the request left", "sent again only when no byte was written", []string{"TestOneByteMakesTheDifference", "TestCanceledAtAnyMoment", "TestNothingIsResent"}},
	{"reset after the request", "looked up, then created or sent again; never resent by net/http", []string{"TestFaults", "TestNothingIsResent", "TestOutcomesAreTrue"}},
	{"late commit after a 504 or a reset", "nothing counts as absent before the settle wait and two look-ups", []string{"TestFaults", "TestLaggingLists", "TestRandomFaults"}},
	{"no answer in time", "as a late commit", []string{"TestFaults", "TestNoAnswer"}},
	{"an answer that drips, or never ends", "one deadline for the whole, a limit on its size, then as a late commit", []string{"TestFaults", "TestNoAnswer", "TestAnswerTooLarge"}},
	{"a server that reads slowly", "the same deadline", []string{"TestNoAnswer"}},
	{"201 cut short or not JSON", "looked up", []string{"TestFaults", "TestOutcomesAreTrue"}},
	{"200 with HTML", "looked up; twice in a row stops the run", []string{"TestFaults", "TestStops"}},
	{"an answer about another order, or with another total", "held; created with a warning at the order", []string{"TestFaults"}},
	{"201 with nothing in it", "looked up", []string{"TestFaults"}},
	{"301, 302, 303, 307, 308", "stopped with the address; never followed", []string{"TestFaults", "TestRedirects", "TestStops"}},
	{"429 with Retry-After", "nothing leaves meanwhile; more than ten minutes stops the run", []string{"TestFaults", "TestRetryAfterIsObeyed", "TestRetryAfterIsCapped"}},
	{"429 with a date, and clocks that differ", "the date less the server's own", []string{"TestFaults", "TestRetryAfter"}},
	{"429 without Retry-After, or for ever", "backed off with jitter, then stopped", []string{"TestFaults", "TestStops", "TestThrottledForever"}},
	{"500 before the commit", "looked up, sent again at most four times", []string{"TestFaults", "TestLostTooOften"}},
	{"5xx after the commit", "found by the look-up: created", []string{"TestFaults"}},
	{"look-ups that fail, lag or ignore filters", "another way of looking up, else unknown with the question", []string{"TestFaults", "TestLaggingLists", "TestRandomFaults", "exit.txtar"}},
	{"two orders under one number", "held, with both ids", []string{"TestSecondHand", "TestListing"}},
	{"an order that somebody else made, and that differs", "held, with the differences", []string{"TestSecondHand", "reimport.txtar"}},
	{"401 in the middle", "stopped at once, resumable; the token shows nowhere", []string{"TestStops", "TestRejectedToken", "token.txtar"}},
	{"403", "rejected; ten in a row stop the run", []string{"TestFaults", "TestStops"}},
	{"422 with paths", "rejected, each reason at its cell", []string{"messy.txtar", "tofix.txtar"}},
	{"422 of another shape", "rejected with the server's text", []string{"TestFaults"}},
	{"409 and numbers that are taken", "looked up: unchanged, held, or rejected", []string{"TestFaults", "TestSecondHand"}},
	{"413; an order of 10,000 lines", "sent whole, or rejected by its number. How long an order may be isn't documented, so nothing is said before sending", []string{"TestOneHugeOrder", "TestOutcomesOfAnswers"}},
	{"kill -9 at any moment", "claimed orders are looked up, the rest is sent", []string{"TestKill", "TestDeadProcess", "TestHardStop", "killed.txtar"}},
	{"kill -9 while the ledger writes", "what was returned stands", []string{"TestKilledWhileWriting", "TestCutLog"}},
	{"kill -9 while a report is written", "the old report or the new one; it can be made again", []string{"TestKilledReport", "TestFileAppearsWhole"}},
	{"power cut", "what was synced is enough", []string{"TestDiskFails", "TestCutLog"}},
	{"Ctrl-C, SIGTERM, a closed terminal", "orders in flight are finished, exit 75, the command that goes on", []string{"TestSoftStop", "TestHardStop", "stopping.txtar", "pause.txtar"}},
	{"disk full under the ledger", "stopped, nothing sent whose claim isn't durable", []string{"TestDiskFails", "TestDiskFull"}},
	{"a report that can't be written", "the orders stand, and it is said how to get it", []string{"exit.txtar", "TestWorkbookNothingLeftBehind"}},
	{"a sync that fails", "nothing more is written or sent by this process", []string{"TestDiskFails"}},
	{"a ledger that can't be written, vanished, or is newer", "refused before the first request", []string{"TestOpenRefuses", "TestVanishedFileIsNoticed", "TestBrokenDisk", "ledger.txtar"}},
	{"a ledger of an older version", "brought up to date; its runs go on", []string{"TestOlderLedger", "TestOpenBringsVersion1UpToDate"}},
	{"a report that is open in Excel or LibreOffice", "the report has another name, and that is said", []string{"report.txtar"}},
	{"two processes, one file or one account", "one has the run, the other is told which and since when; an order has one owner", []string{"TestOneProcessHasARun", "TestSilentProcessLosesItsRun", "TestOneOwnerOfANumber", "TestNoNumberHasTwoOwners", "two.txtar"}},
	{"the same content under another name", "unchanged", []string{"reimport.txtar", "existing.txtar"}},
	{"a file that changes between stop and resume", "resume needs no file; the changed file is another run, and what stands differently is held", []string{"reimport.txtar", "killed.txtar"}},
	{"a file that is still being written; Excel's mark beside an open one", "refused", []string{"TestChangedWhileRead", "report.txtar"}},
	{"a damaged workbook", "refused with the part", []string{"damaged.txtar"}},
	{"rows of an order far apart; a number in two sheets; look-alike numbers", "one order, or held with both places", []string{"numbers.txtar", "messy.txtar", "TestLookAlikes"}},
	{"clocks that jump", "waits are monotonic; dates have no zone", []string{"TestDeadProcess", "TestLeaseLapses"}},
}

// faultPage writes the table.
func faultPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\nStories are files in testdata/script; the other names are Go tests.\n\n| fault | leads to | tests |\n|---|---|---|\n", faultTitle)
	for _, r := range faultRows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.fault, r.leads, strings.Join(r.tests, ", "))
	}
	return b.String() + "\n"
}
