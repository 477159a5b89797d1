package write

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
)

// File is a file that appears under its name only when it is complete. What is written goes to a
// temporary file in the same folder, and Commit renames that, so a reader sees the old file or
// the new one, never a part of it.
type File struct {
	temporary *os.File
	path      string
	closed    bool
}

// CreateFile starts a file that appears at path with Commit. A file that is already there is
// replaced then, and stays untouched until then.
func CreateFile(path string) (*File, error) {
	dir, base := filepath.Split(path)
	for try := 0; ; try++ {
		temporary := filepath.Join(dir, fmt.Sprintf(".%s.%08x.tmp", base, rand.Uint32()))
		f, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666) // as for any document, less the umask
		if err == nil {
			return &File{temporary: f, path: path}, nil
		}
		if !errors.Is(err, os.ErrExist) || try == 100 {
			return nil, fmt.Errorf("creating %s: %w", path, err)
		}
	}
}

// ToFile creates the file at path with what fn writes. After an error there is no new file, and
// one that was there before is unchanged.
func ToFile(path string, fn func(io.Writer) error) error {
	f, err := CreateFile(path)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := fn(f); err != nil {
		return err
	}
	return f.Commit()
}

// Write adds to the temporary file.
func (f *File) Write(b []byte) (int, error) {
	n, err := f.temporary.Write(b)
	if err != nil {
		err = fmt.Errorf("writing %s: %w", f.path, err)
	}
	return n, err
}

// Commit syncs the temporary file, renames it, and syncs the folder, so that the file survives a
// power failure. After an error there is no new file, and one that was there before is unchanged.
func (f *File) Commit() error {
	if f.closed {
		return nil
	}
	f.closed = true
	err := errors.Join(f.temporary.Sync(), f.temporary.Close())
	if err == nil {
		err = os.Rename(f.temporary.Name(), f.path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(f.path))
	} else {
		_ = os.Remove(f.temporary.Name()) // the first error is the one to report
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

// Abort removes the temporary file. After Commit it does nothing, so it can be deferred.
func (f *File) Abort() {
	if f.closed {
		return
	}
	f.closed = true
	_ = f.temporary.Close() // it is removed
	_ = os.Remove(f.temporary.Name())
}

// syncFolder makes a rename durable. Windows can't open a folder and makes renames durable itself.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
