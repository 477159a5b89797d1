package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/mapping/profile"
)

// Job says what to plan.
type Job struct {
	Files     []string
	Kind      order.Kind       // empty: inferred from the headers
	Profile   *profile.Profile // nil: no mapping file
	Sheets    []string         // names of the sheets to read; empty: every visible one whose header fits
	HeaderRow int              // one-based; 0: found
	Account   string           // the normalized base URL that the orders are for
	Options   Options          // kept with the run
	Reader    sheet.Options
	Observe   Observe
}

// Input is the files of a job, open.
type Input struct {
	Job
	files []*inputFile
}

// inputFile is one open file.
type inputFile struct {
	*os.File
	path string
	info os.FileInfo // as it was before its content was read
	hash string      // SHA-256 of the content
}

// Open opens the files of a job and hashes them. Each is opened once.
func Open(job Job) (*Input, error) {
	in := &Input{Job: job}
	for _, path := range job.Files {
		f, err := openFile(path)
		if err != nil {
			return nil, errors.Join(readError(path, err), in.Close())
		}
		in.files = append(in.files, f)
	}
	return in, nil
}

// Close closes the files.
func (in *Input) Close() error {
	var err error
	for _, f := range in.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

func openFile(path string) (*inputFile, error) {
	if name, ok := strings.CutPrefix(filepath.Base(path), "~$"); ok {
		return nil, &sheet.UnreadableError{
			File: filepath.Base(path), What: "is not a workbook but the mark that somebody has " + name + " open in Excel",
			Hint: "import " + name,
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &inputFile{File: file, path: path}
	if f.info, err = file.Stat(); err == nil {
		f.hash, err = Hash(file)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return f, nil
}

// Hash returns the SHA-256 of a content, as the ledger keeps it of each file.
func Hash(content io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, content); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// checkUnchanged fails when somebody wrote to the file while it was read.
func (f *inputFile) checkUnchanged() error {
	now, err := os.Stat(f.path)
	if err == nil && now.Size() == f.info.Size() && now.ModTime().Equal(f.info.ModTime()) {
		return nil
	}
	return &sheet.UnreadableError{
		File: filepath.Base(f.path), What: "was changed while it was read, so only a part of it may have been seen",
		Hint: "wait until it has been saved or copied completely, then try again",
	}
}

// readError says which file an error is about, unless it says so itself.
func readError(path string, err error) error {
	var unreadable *sheet.UnreadableError
	var missing *fs.PathError
	var none *NoSheetError
	if errors.As(err, &unreadable) || errors.As(err, &missing) || errors.As(err, &none) {
		return err
	}
	return fmt.Errorf("reading %s: %w", path, err)
}

// Identity returns what the job is about, whatever its files are called: the hash of the content of
// all files with the choice of sheets, and the hash of the mapping with the kind.
func (in *Input) Identity() (input, mapping string, err error) {
	content, rules := sha256.New(), sha256.New()
	for _, f := range in.files {
		fmt.Fprintln(content, f.hash)
	}
	fmt.Fprintf(content, "%q %d", in.Sheets, in.HeaderRow)
	text, err := in.mappingText()
	if err != nil {
		return "", "", err
	}
	fmt.Fprintf(rules, "%s %s", text, in.Kind)
	if in.Profile != nil {
		if err := in.Profile.Files(rules); err != nil {
			return "", "", err
		}
	}
	return hex.EncodeToString(content.Sum(nil)), hex.EncodeToString(rules.Sum(nil)), nil
}

// mappingText is the mapping as it is kept with the run.
func (j Job) mappingText() ([]byte, error) {
	if j.Profile == nil {
		return nil, nil
	}
	var b bytes.Buffer
	if err := j.Profile.Encode(&b); err != nil {
		return nil, fmt.Errorf("keeping the mapping: %w", err)
	}
	return b.Bytes(), nil
}

// mode is the action of orders whose rows have no command.
func (j Job) mode() string {
	if j.Profile == nil || j.Profile.Mode == "" {
		return order.Create
	}
	return j.Profile.Mode
}
