// Make makes files of the repository that aren't written by hand: the samples that a user may open
// and try, and the reference of the fields. It is run from the repository's top folder, as go run
// ./internal/make samples. The same program makes the same bytes, so a test can tell whether the
// files that stand are current.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return fmt.Errorf("usage: go run ./internal/make samples|docs [folder]")
	}
	folder := args[0]
	if len(args) == 2 {
		folder = args[1]
	}
	switch args[0] {
	case "samples":
		return makeSamples(folder)
	case "docs":
		return makeDocs(folder)
	default:
		return fmt.Errorf("there is nothing to make called %s; there are samples and docs", args[0])
	}
}
