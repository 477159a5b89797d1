package deliver

import (
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Notice says that something failed.
type Notice struct {
	Code          int // exit code
	Message, Hint string
}

// notifyWithin is how long a command may take.
const notifyWithin = time.Minute

// Command runs a shell command that passes a notice on. It gets the notice in its environment,
// which doesn't have the API token, and the message on stdin too. What it prints goes to out.
func (n Notice) Command(ctx context.Context, command string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notifyWithin)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	c := exec.CommandContext(ctx, shell[0], shell[1], command) //nolint:gosec // it is the user's own command
	c.Stdin, c.Stdout, c.Stderr, c.WaitDelay = strings.NewReader(n.Message+"\n"), out, out, time.Second
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); !strings.HasSuffix(strings.ToUpper(name), "API_KEY") {
			c.Env = append(c.Env, e)
		}
	}
	c.Env = append(c.Env, "ORDERSHEET_EXIT_CODE="+strconv.Itoa(n.Code), "ORDERSHEET_MESSAGE="+n.Message, "ORDERSHEET_HINT="+n.Hint)
	return c.Run()
}
