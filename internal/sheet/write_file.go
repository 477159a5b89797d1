package sheet

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
)

// PendingFile is a file in the making: what is written goes to a temporary file in the same folder, and only Close gives it its name. So a
// reader of that name sees the old file or the whole new one, never a part of it.
type PendingFile struct {
	f    *os.File
	path string
	done bool
	to   io.Writer // takes the place of f: a stream, which has no name to be given
	tee  io.Writer // gets every byte as well; nil for none
}

// streamTo is a file that goes to a stream, such as standard output, as it is written.
func streamTo(w io.Writer) *PendingFile { return &PendingFile{to: w, path: "the output"} }

// CreateFile starts a file that will stand at path once it is closed. A file that stands there already stays untouched until then and is
// replaced by Close.
func CreateFile(path string) (*PendingFile, error) {
	dir, base := filepath.Split(path)
	for try := 0; ; try++ {
		temporary := filepath.Join(dir, fmt.Sprintf(".%s.%08x.tmp", base, rand.Uint32()))
		f, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666) // the umask has the last word, as for any document
		if err == nil {
			return &PendingFile{f: f, path: path}, nil
		}
		if !errors.Is(err, os.ErrExist) || try == 100 {
			return nil, fmt.Errorf("creating %s: %w", path, err)
		}
	}
}

// Write adds to the temporary file.
func (p *PendingFile) Write(b []byte) (int, error) {
	if p.tee != nil {
		if n, err := p.tee.Write(b); err != nil {
			return n, err
		}
	}
	if p.to != nil {
		return p.to.Write(b)
	}
	return p.f.Write(b)
}

// Close syncs the temporary file, gives it its name and syncs the folder, so that it is there after a power cut. After an error nothing of
// the new file is left, and what stood at the name still does.
func (p *PendingFile) Close() error {
	if p.done {
		return nil
	}
	p.done = true
	if p.to != nil {
		return nil
	}
	err := p.f.Sync()
	if e := p.f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(p.f.Name(), p.path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(p.path))
	} else {
		_ = os.Remove(p.f.Name()) // the first error is the one to tell
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", p.path, err)
	}
	return nil
}

// Abort gives the file up and leaves nothing behind. After Close it does nothing, so it can be deferred.
func (p *PendingFile) Abort() {
	if p.done {
		return
	}
	p.done = true
	if p.to != nil {
		return
	}
	_ = p.f.Close() // the file goes away
	_ = os.Remove(p.f.Name())
}

// syncFolder makes a rename durable. Windows can't open a folder for it, and makes renames durable by itself.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}
