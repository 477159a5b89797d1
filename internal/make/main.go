// Make makes files of the repository that aren't written by hand: the samples that a user may open
// and try, and the pages of docs that come from code. It is run from the repository's top folder,
// as go run ./internal/make samples. The same program makes the same bytes, so a test can tell
// whether the files in the repository are current.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ordersheet/internal/sheet/write"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/flatten"
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

// makeDocs writes the pages of docs that come from code.
func makeDocs(folder string) error {
	pages := map[string]func(io.Writer) error{"fields.md": catalog.WriteReference, "columns.md": flatten.WriteColumns, "problems.md": writeProblems}
	for name, page := range pages {
		if err := write.ToFile(filepath.Join(folder, name), page); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}
