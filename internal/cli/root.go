// Package cli is the command line: it parses, asks and prints. Everything that the program is made
// of is built here and handed down as fields. Results go to stdout, everything else to stderr.
// Carrying runs is importer.Service's business, exports are exporter's.
package cli

import (
	"cmp"
	"context"
	"encoding/json"
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

// Env is the environment of the program, as plain values, so that a test can use others.
type Env struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Signals        <-chan os.Signal
}

// app is what every command needs: the environment and the global flags.
type app struct {
	Env
	global  globals
	started time.Time
	shown   bool // the one JSON object was printed
}

type globals struct {
	ledger, baseURL, company, keyFile string
	timeout                           time.Duration
	json                              bool
}

// Main runs one command and returns the exit code for the process.
func Main(ctx context.Context, env Env) int {
	a := &app{Env: env, started: time.Now()}
	cobra.EnableCommandSorting = false
	cobra.MousetrapHelpText = "" // cobra would refuse a workbook that is dragged onto the program
	defer a.keepWindow()
	root := a.root()
	err := a.withHints(a.execute(ctx, root))
	code := printError(env.Stderr, err)
	if err != nil && !a.shown && (a.global.json || slices.Contains(env.Args, "--json")) {
		if err := a.printFailure(code); err != nil {
			code = printError(env.Stderr, err)
		}
	}
	return int(code)
}

// printFailure prints the one JSON object of a command that ended before it had a result.
func (a *app) printFailure(code Code) error {
	r := importer.Summary{}.Result(a.started, importer.Left{}, importer.Left{})
	r.ElapsedSeconds, r.Balanced = 0, code != Bug
	return json.NewEncoder(a.Stdout).Encode(r)
}

// execute runs the command. A panic becomes an error, since Go's own exit code for it would be 2.
func (a *app) execute(ctx context.Context, root *cobra.Command) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			fmt.Fprintf(a.Stderr, "%s", debug.Stack())
			err = fail(Bug, "what was sent is in the ledger; see how far the run is with: ordersheet status", "this is a bug: %v", bug)
		}
	}()
	root.SetArgs(importByDefault(root, a.Args))
	return root.ExecuteContext(ctx)
}

// keepWindow keeps a window open that would close with the program, as on Windows after a workbook
// was dragged onto it.
func (a *app) keepWindow() {
	if mousetrap.StartedByExplorer() {
		fmt.Fprint(a.Stderr, "press Enter to close this window ")
		_, _ = fmt.Fscanln(a.Stdin)
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ordersheet",
		Short: "import orders from spreadsheets into Luminous, and export them again",
		Long: `ordersheet reads orders from CSV and Excel files, checks them, and creates them in Luminous, each
exactly once. A report says what happened to every order and every cell. "ordersheet FILE.xlsx"
means "ordersheet import FILE.xlsx".

Try it without an account:  ordersheet import FILE.xlsx --sandbox

Exit codes; if several apply, the first is used:
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
	f.StringVar(&a.global.company, "company", "", "`NAME` of your company in the API's address, or LUMINOUS_COMPANY")
	f.StringVar(&a.global.baseURL, "base-url", "", "`URL` of the API, or LUMINOUS_BASE_URL (default that of --company)")
	f.StringVar(&a.global.keyFile, "api-key-file", "", "`FILE` with the API token (default the token in LUMINOUS_API_KEY)")
	f.StringVar(&a.global.ledger, "ledger", "", "`FILE` that keeps all runs (default ordersheet/ledger.db in your state folder)")
	f.DurationVar(&a.global.timeout, "timeout", importer.DefaultOptions().Timeout, "longest time to wait for an answer")
	f.BoolVar(&a.global.json, "json", false, "print exactly one JSON object to stdout")
	group(f, "Global")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fail(Usage, "see "+c.CommandPath()+" --help", "%w", err)
	})
	root.AddCommand(
		a.importCommand(), a.inspectCommand(), a.matchCommand(), a.fieldsCommand(), a.templateCommand(),
		a.planCommand(), a.applyCommand(), a.undoCommand(),
		a.statusCommand(), a.runsCommand(), a.reportCommand(), a.resumeCommand(),
		a.askCommand("pause", "make a run wait until it is resumed", (*importer.Service).Pause),
		a.askCommand("stop", "end a run that another process is working on; created orders stay", (*importer.Service).Stop),
		a.ledgerCommand(),
		a.exportCommand(), a.verifyCommand(),
		a.sandboxCommand(), a.cellsCommand())
	setHelp(root)
	return root
}

// noSuchCommand fails for a first word that is neither a command nor a file.
func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "the commands are listed by: ordersheet --help"
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean ordersheet " + strings.Join(near, " or ordersheet ") + "?"
	}
	return fail(Usage, hint, "%q is neither a command nor a file", args[0])
}

// importByDefault puts the word import before files that were given alone, as when a workbook is
// dragged onto the program.
func importByDefault(root *cobra.Command, args []string) []string {
	named := func(arg string) bool {
		cmd, _, err := root.Find([]string{arg})
		return err == nil && cmd != root || strings.HasPrefix(arg, cobra.ShellCompRequestCmd)
	}
	if len(args) == 0 || named(args[0]) {
		return args
	}
	looksLikeFile := !strings.HasPrefix(args[0], "-") && strings.Contains(args[0], ".") // even a missing one
	if looksLikeFile || slices.ContainsFunc(args, fileExists) && !slices.ContainsFunc(args, named) {
		return append([]string{"import"}, args...)
	}
	return args
}

// version returns the module's version, which names the commit that it was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "(devel)" {
		return cmp.Or(info.Main.Version, "devel")
	}
	return "devel"
}
