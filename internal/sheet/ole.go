package sheet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf16"

	"ordersheet/internal/sheet/write"
)

// maxEncrypted bounds encrypted workbooks, which are decrypted in memory.
const maxEncrypted = 256 << 20

// openOLE opens an OLE2 container (MS-CFB): an encrypted workbook, or something that is refused.
func openOLE(name string, f *os.File, size int64, o Options) (*Book, error) {
	found, err := oleStreams(f, size)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	refuse := func(what, hint string) error { return &RefusedError{File: name, What: what, Hint: hint} }
	switch {
	case found["EncryptedPackage"] && o.Password == "":
		return nil, refuse("is protected by a password", "put the password into a file and name it with --password-file, or save the workbook without one")
	case found["EncryptedPackage"]:
		return openEncrypted(name, f, size, o)
	case found["Workbook"], found["Book"]:
		return nil, refuse("is a workbook of Excel 97-2003 (XLS)", saveAs)
	case found["WordDocument"]:
		return nil, refuse("is a Word document, not a workbook", "copy its table into a workbook and save that as .xlsx")
	}
	return nil, refuse("is an OLE2 file (of Office 97-2003, an e-mail or an installer), not a workbook", "give the workbook as .xlsx")
}

// oleStreams finds which of the telling streams a container has. Directory entries are of 128 bytes and stand at multiples of that, so they are found without
// following the container's chains, which in a damaged file lead anywhere.
func oleStreams(r io.ReaderAt, size int64) (map[string]bool, error) {
	const entry = 128
	names := map[string]string{}
	for _, n := range []string{"EncryptedPackage", "Workbook", "Book", "WordDocument"} {
		var b []byte
		for _, u := range utf16.Encode([]rune(n)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		names[string(b)] = n
	}
	found := map[string]bool{}
	buf := make([]byte, 512*entry)
	for at := int64(0); at < size; at += int64(len(buf)) {
		n, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for b := buf[:n]; len(b) >= entry; b = b[entry:] {
			if length := int(binary.LittleEndian.Uint16(b[64:])); length > 2 && length <= 64 && b[66] == 2 {
				if name := names[string(b[:length-2])]; name != "" {
					found[name] = true
				}
			}
		}
	}
	return found, nil
}

func openEncrypted(name string, f *os.File, size int64, o Options) (*Book, error) {
	if size > maxEncrypted {
		return nil, &RefusedError{File: name, What: fmt.Sprintf("is protected by a password and larger than %d bytes", maxEncrypted), Hint: "save the workbook without a password"}
	}
	raw := make([]byte, size)
	if _, err := f.ReadAt(raw, 0); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	plain, err := write.Decrypt(raw, o.Password)
	if err != nil {
		return nil, &RefusedError{File: name, What: fmt.Sprintf("is protected by a password, and damaged or encrypted in a way that isn't known (%v)", err), Hint: "open it in a spreadsheet program and save it without a password"}
	}
	if !bytes.HasPrefix(plain, []byte("PK")) {
		return nil, &RefusedError{File: name, What: "can't be opened with this password", Hint: "check the password, or save the workbook without one"}
	}
	plain = unpadded(plain)
	return openXLSX(name, bytes.NewReader(plain), int64(len(plain)), o.Limits.or(), f.Close)
}

// unpadded cuts off what encryption put behind the container to fill its last block.
func unpadded(zip []byte) []byte {
	at := bytes.LastIndex(zip, []byte("PK\x05\x06"))
	if at < 0 || len(zip)-at < lenEnd {
		return zip
	}
	end := at + lenEnd + int(binary.LittleEndian.Uint16(zip[at+20:]))
	return zip[:min(end, len(zip))]
}
