package main

import (
	"fmt"
	"io"
	"path/filepath"

	"ordersheet/internal/sheet"
	"ordersheet/mapping"

	"ordersheet/mapping/catalog"
)

// makeDocs writes the pages of docs that come from code.
func makeDocs(folder string) error {
	for name, write := range map[string]func(io.Writer) error{"fields.md": catalog.WriteReference, "columns.md": mapping.WriteColumns} {
		if err := makePage(filepath.Join(folder, name), write); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

func makePage(path string, write func(io.Writer) error) error {
	f, err := sheet.CreateFile(path)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := write(f); err != nil {
		return err
	}
	return f.Close()
}
