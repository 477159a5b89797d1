package main

import (
	"fmt"
	"path/filepath"

	"ordersheet/internal/sheet"
	"ordersheet/mapping"
)

// makeDocs writes the pages of docs that come from code.
func makeDocs(folder string) error {
	f, err := sheet.CreateFile(filepath.Join(folder, "fields.md"))
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := mapping.WriteReference(f); err != nil {
		return fmt.Errorf("writing the reference of the fields: %w", err)
	}
	return f.Close()
}
