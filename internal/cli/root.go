// Package cli is the command line: commands, flags, wiring, the progress bar and exit codes. Everything else is built here and handed down
// as fields. Results go to stdout, everything else to stderr.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/inconshreveable/mousetrap"
	"github.com/spf13/cobra"

	"ordersheet/importer"
)

// Env is what the program stands on: plain values, so that a test can hand in others.
type Env struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Signals        <-chan os.Signal
}

// app carries the environment and the global flags to every command.
type app struct {
	Env
	global globals
}

type globals struct {
	ledger, baseURL, company, keyFile string
	timeout                           time.Duration
	json                              bool
}

// Main runs one command and returns the exit code for the process.
func Main(ctx context.Context, env Env) int {
	a := &app{Env: env}
	cobra.MousetrapHelpText = "" // cobra would send away whoever drags a workbook onto the program
	defer a.keepWindow()
	out := &counter{Writer: env.Stdout}
	a.Stdout = out
	root := a.root()
	err := a.execute(ctx, root)
	code := report(env.Stderr, err)
	if err != nil && out.n == 0 && (a.global.json || slices.Contains(env.Args, "--json")) {
		if err := printFailure(out, code); err != nil {
			code = report(env.Stderr, err)
		}
	}
	return int(code)
}

// execute runs the command. A panic becomes an error, since Go's own exit code for it would be 2.
func (a *app) execute(ctx context.Context, root *cobra.Command) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			fmt.Fprintf(a.Stderr, "%s", debug.Stack())
			err = fail(Bug, "what was sent is in the ledger; see where the run stands with: ordersheet status", "this is a bug: %v", bug)
		}
	}()
	root.SetArgs(importByDefault(root, a.Args))
	return root.ExecuteContext(ctx)
}

// keepWindow lets a person read what was said in a window that closes with the program, as on Windows after a workbook was dragged onto it.
func (a *app) keepWindow() {
	if mousetrap.StartedByExplorer() {
		fmt.Fprint(a.Stderr, "press Enter to close this window ")
		readLine(a.Stdin)
	}
}

// counter knows whether anything was written.
type counter struct {
	io.Writer
	n int
}

// Write counts.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += n
	return n, err
}

// printed says whether stdout has got anything.
func (a *app) printed() bool {
	c, ok := a.Stdout.(*counter)
	return ok && c.n > 0
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ordersheet",
		Short: "orders from spreadsheets into Luminous, and back out again",
		Long: `ordersheet reads orders from CSV and Excel files, checks them, and creates them in Luminous, each exactly once. A report comes back that says,
cell by cell, what happened. "ordersheet FILE.xlsx" means "ordersheet import FILE.xlsx".

Try it without an account:  ordersheet import FILE.xlsx --sandbox

Exit codes, of several that fit the first:
` + ExitTable(),
		Version: version(), SilenceUsage: true, SilenceErrors: true,
		SuggestionsMinimumDistance: 2,
		Args:                       noSuchCommand,
		RunE:                       func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetIn(a.Stdin)
	f := root.PersistentFlags()
	f.StringVar(&a.global.ledger, "ledger", "", "file that remembers every run (default: ordersheet/ledger.db in the user's state folder)")
	f.StringVar(&a.global.baseURL, "base-url", "", "address of the API with its path, such as https://acme.api.joinluminous.com/external/api/v1 (or LUMINOUS_BASE_URL)")
	f.StringVar(&a.global.company, "company", "", "name of the company in the API's address: acme (or LUMINOUS_COMPANY)")
	f.StringVar(&a.global.keyFile, "api-key-file", "", "file that holds the API token (or the token itself in LUMINOUS_API_KEY)")
	f.DurationVar(&a.global.timeout, "timeout", 30*time.Second, "longest time to wait for one answer")
	f.BoolVar(&a.global.json, "json", false, "print exactly one JSON object on stdout")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fail(Usage, "see "+c.CommandPath()+" --help", "%w", err)
	})
	root.AddCommand(a.importCommand(), a.planCommand(), a.applyCommand(), a.templateCommand(), a.fieldsCommand(), a.matchCommand(), a.inspectCommand(), a.runsCommand(), a.reportCommand(), a.resumeCommand(), a.undoCommand(),
		a.askCommand(importer.AskStop, "end a run that another process works on; orders that stand stay", "asked run %d to stop (process %s)"),
		a.askCommand(importer.AskPause, "let a run wait until it is resumed", "asked run %d to pause (process %s)"),
		a.statusCommand(), a.exportCommand(), a.verifyCommand(), a.sandboxCommand(), a.cellsCommand())
	return root
}

// noSuchCommand refuses a first word that is neither a command nor a file.
func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "the commands are listed by ordersheet --help"
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean ordersheet " + strings.Join(near, " or ordersheet ") + "?"
	}
	return fail(Usage, hint, "%q is neither a command nor a file", args[0])
}

// importByDefault puts the word import before files that were given alone, as when a workbook is dragged onto the program.
func importByDefault(root *cobra.Command, args []string) []string {
	named := func(arg string) bool {
		switch arg {
		case "help", "completion", "__complete", "__completeNoDesc":
			return true
		}
		cmd, _, err := root.Find([]string{arg})
		return err == nil && cmd != root
	}
	if len(args) == 0 || named(args[0]) {
		return args
	}
	if !strings.HasPrefix(args[0], "-") && strings.Contains(args[0], ".") { // a file, also one that isn't there
		return append([]string{"import"}, args...)
	}
	isFile := func(arg string) bool {
		st, err := os.Stat(arg)
		return err == nil && !st.IsDir()
	}
	if slices.ContainsFunc(args, isFile) && !slices.ContainsFunc(args, named) {
		return append([]string{"import"}, args...)
	}
	return args
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "devel"
}
