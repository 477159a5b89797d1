package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// notifyWithin is how long a notify command may take.
const notifyWithin = time.Minute

// notified runs a shell command when something failed, and returns the failure. The command gets the
// exit code and the message in its environment, which doesn't have the API token; its output goes to
// stderr.
func (a *app) notified(ctx context.Context, command string, failed error) error {
	if failed == nil || command == "" {
		return failed
	}
	code, hint := classify(failed)
	message := failed.Error()
	if message == "" {
		message = "some orders were not found"
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notifyWithin)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	c := exec.CommandContext(ctx, shell[0], shell[1], command) //nolint:gosec // it is the user's own command
	c.Stdin, c.Stdout, c.Stderr, c.WaitDelay = strings.NewReader(message+"\n"), a.Stderr, a.Stderr, time.Second
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); !strings.HasSuffix(strings.ToUpper(name), "API_KEY") {
			c.Env = append(c.Env, e)
		}
	}
	c.Env = append(c.Env, "ORDERSHEET_EXIT_CODE="+strconv.Itoa(int(code)), "ORDERSHEET_MESSAGE="+message, "ORDERSHEET_HINT="+hint)
	if err := c.Run(); err != nil {
		fmt.Fprintf(a.Stderr, "ordersheet: the notify command: %v\n", err)
	}
	return failed
}
