package main

import (
	"fmt"
	"io"
	"path/filepath"

	"ordersheet/internal/sheet/write"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/flatten"
)

// makeDocs writes the pages of docs that come from code.
func makeDocs(folder string) error {
	for name, page := range map[string]func(io.Writer) error{"fields.md": catalog.WriteReference, "columns.md": flatten.WriteColumns, "problems.md": writeProblems} {
		if err := write.ToFile(filepath.Join(folder, name), page); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}
