package cli

import (
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"ordersheet/internal/sheet"
)

// readFlags say how a file is read; all commands that read one share them.
type readFlags struct {
	passwordFile, charset, delimiter string
	limits                           []string
}

func (f *readFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.passwordFile, "password-file", "", "file that holds the password of an encrypted workbook")
	fl.StringVar(&f.charset, "charset", "", "charset of a delimited file, such as windows-1252 (default: told from the content)")
	fl.StringArrayVar(&f.limits, "limit", nil, "what one file may cost, such as ratio=500 (may be repeated): "+strings.Join(sheet.LimitNames(), ", "))
	fl.StringVar(&f.delimiter, "delimiter", "", "what parts the fields of a delimited file, such as ; or tab (default: told from the content)")
}

// options are the reader's options, with the password from its file.
func (f *readFlags) options() (sheet.Options, error) {
	o := sheet.Options{Charset: f.charset}
	for _, l := range f.limits {
		if err := o.Limits.Set(l); err != nil {
			return o, fail(Usage, "", "--limit: %w", err)
		}
	}
	switch {
	case f.delimiter == "":
	case f.delimiter == "tab" || f.delimiter == `\t`:
		o.Delimiter = '\t'
	case utf8.RuneCountInString(f.delimiter) == 1:
		o.Delimiter, _ = utf8.DecodeRuneInString(f.delimiter)
	default:
		return o, fail(Usage, "", "--delimiter takes one character, or tab, not %q", f.delimiter)
	}
	if f.passwordFile == "" {
		return o, nil
	}
	b, err := os.ReadFile(f.passwordFile)
	if err != nil {
		return o, fail(FileTrouble, "", "reading the password: %w", err)
	}
	o.Password = strings.TrimRight(string(b), "\r\n")
	return o, nil
}
