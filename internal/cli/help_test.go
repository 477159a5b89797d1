package cli_test

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"ordersheet/internal/cli"
)

// help returns a help page.
func help(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	code := cli.Main(context.Background(), cli.Env{
		Args: append(args, "--help"), Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard,
		Getenv: func(string) string { return "" },
	})
	if code != int(cli.OK) {
		t.Fatalf("%v --help: exit code %d", args, code)
	}
	return out.String()
}

var (
	commandLine = regexp.MustCompile(`(?m)^  ([a-z]+) +\S`)
	flagLine    = regexp.MustCompile(`(?m)^  (?:-\w, )?--[a-z-]+.*$`)
	withDefault = regexp.MustCompile(`\((default .+|required)\)$`)
	groupTitle  = regexp.MustCompile(`(?m)^([A-Z][a-z ]+) flags:$`)
)

// Every command is in a group; every line of help is short; every flag has a group and its default.
func TestHelp(t *testing.T) {
	root := help(t)
	_, groups, _ := strings.Cut(root, "\nUsage:\n")
	groups, _, _ = strings.Cut(groups, "\nFlags of every command:")
	for _, title := range []string{"Import:", "Changes:", "Runs:", "Export:", "Tools:"} {
		if !strings.Contains(groups, "\n"+title+"\n") {
			t.Errorf("no group %s", title)
		}
	}
	if strings.Contains(root, "Additional Commands") {
		t.Error("a command is in no group")
	}
	pages := map[string]string{"": root}
	for _, m := range commandLine.FindAllStringSubmatch(groups, -1) {
		if name := m[1]; name != "ordersheet" {
			pages[name] = help(t, name)
		}
	}
	for _, sub := range []string{"info", "prune"} {
		pages["ledger "+sub] = help(t, "ledger", sub)
	}
	for _, name := range []string{"bash", "fish", "powershell", "zsh"} {
		pages["completion "+name] = help(t, "completion", name)
	}
	if len(pages) < 20 {
		t.Errorf("only %d help pages were found", len(pages))
	}
	for name, page := range pages {
		for line := range strings.Lines(page) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 100 {
				t.Errorf("help of %q: a line has %d characters: %s", name, n, line)
			}
		}
		if name != "" && !groupTitle.MatchString(page) {
			t.Errorf("help of %q: no group of flags", name)
		}
		for _, line := range flagLine.FindAllString(page, -1) {
			if !withDefault.MatchString(line) {
				t.Errorf("help of %q: no default: %s", name, line)
			}
		}
	}
}
