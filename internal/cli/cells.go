package cli

import (
	"github.com/spf13/cobra"

	"ordersheet/internal/sheet"
)

// cellsCommand prints every cell of a file as the reader sees it. It is hidden: it is for tests of the
// reader and for questions about a file.
func (a *app) cellsCommand() *cobra.Command {
	var f readFlags
	c := &cobra.Command{
		Use: "cells FILE", Short: "print every cell of a file as JSON lines", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			if err := sheet.DumpCells(args[0], o, a.Stdout); err != nil {
				return readingError(args[0], err)
			}
			return nil
		},
	}
	addFlags(c, "File", f.register)
	return c
}
