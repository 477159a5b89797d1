package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"
)

// say prints a line to stderr.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.Stderr, format+"\n", args...) }

func (a *app) sayAll(lines []string) {
	for _, line := range lines {
		a.say("%s", line)
	}
}

// show prints the result of a command to stdout: with --json as the one object, else with print.
func (a *app) show(object any, print func() error) error {
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(object)
	}
	return print()
}

// nothing prints nothing: what there is to say was said on stderr.
func nothing() error { return nil }

// table aligns the columns of what is written to it.
func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// count writes a number with its noun: 1 row, 2 rows.
func count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(int64(n), 10) + " " + noun + "s"
}

func localTime(t time.Time) string { return t.Local().Format(time.DateTime) }
