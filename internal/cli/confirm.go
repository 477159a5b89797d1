package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// confirmRun shows what a run would do and asks whether to do it.
func (s *session) confirmRun(ctx context.Context, sum importer.Summary) error {
	s.progress.done()
	if sum.Run.State != ledger.Planned {
		s.say("run %d was stopped: %d to look up, %d to send", sum.Run.ID, sum.Outcomes[ledger.Unknown], sum.Outcomes[ledger.NotAttempted])
		return s.confirm(fmt.Sprintf("Continue run %d in %s?", sum.Run.ID, s.account))
	}
	if err := s.printWholePlan(ctx, sum); err != nil {
		return err
	}
	if s.beforeAsking != nil {
		if err := s.beforeAsking(sum); err != nil {
			return err
		}
	}
	if sum.Outcomes[ledger.NotAttempted] == 0 {
		return nil
	}
	return s.confirm(question(sum) + " in " + s.account + "?")
}

// question asks in counts: Create 3, update 5 and cancel 1 sales orders.
func question(sum importer.Summary) string {
	var parts []string
	last := int64(0)
	for _, action := range []string{order.Create, order.Update, order.Delete} {
		if n := sum.Actions[action]; n > 0 {
			parts, last = append(parts, importer.Verb(sum.Run.Kind, action)+" "+strconv.FormatInt(n, 10)), n
		}
	}
	text := strings.Join(parts, ", ")
	if n := len(parts); n > 1 {
		text = strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	noun := sum.Run.Kind.Word()
	if last != 1 {
		noun += "s"
	}
	if n := importer.Undoes(sum.Run); n != 0 {
		return fmt.Sprintf("Undo run %d: %s %s", n, text, noun)
	}
	return strings.ToUpper(text[:1]) + text[1:] + " " + noun
}

// longList is how many requests reading all orders may take before a person is asked.
const longList = 20

// mayList asks before a long list is read.
func (s *session) mayList(orders, requests int) error {
	if requests <= longList {
		return nil
	}
	s.progress.done()
	if s.confirm(fmt.Sprintf("To find existing orders, all %d orders in %s must be read, in %d requests. Read them?",
		orders, s.account, requests)) != nil {
		return fail(Usage, "answer y or give --yes; --check-existing off imports without it",
			"the list of the %d existing orders was not read", orders)
	}
	return nil
}

// requireConfirmation fails unless a question can be answered: by --yes, or by a person at a terminal.
func (s *session) requireConfirmation() error {
	if s.yes || s.terminal() {
		return nil
	}
	return fail(Usage, "look at the plan with --dry-run, then add --yes", "nothing was sent: it takes a terminal or --yes to confirm")
}

// ask asks a question and reports whether the answer is yes.
func (a *app) ask(question string) bool {
	fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	answer := strings.ToLower(strings.TrimSpace(readLine(a.Stdin)))
	return answer == "y" || answer == "yes"
}

// confirm asks a question; anything but a yes is an error.
func (s *session) confirm(question string) error {
	if err := s.requireConfirmation(); err != nil || s.yes {
		return err
	}
	if !s.ask(question) {
		return fail(Usage, "", "nothing was sent")
	}
	return nil
}

// readLine reads one line, and nothing after it.
func readLine(r io.Reader) string {
	var line []byte
	b := make([]byte, 1)
	for {
		n, err := r.Read(b)
		if n == 1 && b[0] == '\n' || err != nil {
			return string(line)
		}
		line = append(line, b[:n]...)
	}
}

// terminal reports whether a person can be asked: what they type and what they read is a terminal.
func (a *app) terminal() bool { return isTerminal(a.Stdin) && isTerminal(a.Stderr) }

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
