package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
)

// confirmRun shows what a run would do and asks whether to do it.
func (s *session) confirmRun(ctx context.Context, sum importer.Summary) error {
	s.progress.done()
	if sum.Run.State != ledger.Planned {
		s.say("run %d was stopped: %d to look up, %d to send", sum.Run.ID, sum.Outcomes[ledger.Unknown], sum.Outcomes[ledger.NotAttempted])
		return s.confirm(fmt.Sprintf("Continue run %d in %s?", sum.Run.ID, s.account))
	}
	lines, err := s.PlanLines(ctx, sum)
	s.sayAll(lines)
	if err != nil {
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
	return s.confirm(sum.Question() + " in " + s.account + "?")
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
	var answer string
	_, err := fmt.Fscanln(a.Stdin, &answer) // it reads nothing after the line
	answer = strings.ToLower(answer)
	return err == nil && (answer == "y" || answer == "yes")
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

// terminal reports whether a person can be asked: what they type and what they read is a terminal.
func (a *app) terminal() bool { return isTerminal(a.Stdin) && isTerminal(a.Stderr) }

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
