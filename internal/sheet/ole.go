package sheet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"

	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/write"
)

// maxEncrypted limits encrypted workbooks, which are decrypted in memory.
const maxEncrypted = 256 << 20

// openOLE opens an OLE2 container (MS-CFB), which holds an encrypted workbook or another format.
func openOLE(r io.ReaderAt, size int64, o Options) (*Book, error) {
	found, err := oleStreams(r, size)
	if err != nil {
		return nil, fmt.Errorf("reading the OLE2 container: %w", err)
	}
	switch {
	case found["EncryptedPackage"] && o.Password == "":
		return nil, &UnreadableError{What: "is protected by a password", Option: "password", Hint: "save the workbook without a password, or read it with the password"}
	case found["EncryptedPackage"]:
		return openEncrypted(r, size, o)
	case found["Workbook"], found["Book"]:
		return nil, &UnreadableError{What: "is an Excel 97-2003 workbook (XLS)", Hint: book.SaveAsXLSX}
	case found["WordDocument"]:
		return nil, &UnreadableError{What: "is a Word document, not a workbook", Hint: copyTable}
	}
	return nil, &UnreadableError{What: "is an OLE2 file (of Office 97-2003, an e-mail or an installer), not a workbook", Hint: "use the workbook as .xlsx"}
}

// oleStreams finds out which of the streams that tell the format a container has. Directory entries
// have 128 bytes and are at multiples of that, so they are found without following the container's
// chains, which in a damaged file lead anywhere.
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

func openEncrypted(r io.ReaderAt, size int64, o Options) (*Book, error) {
	if size > maxEncrypted {
		return nil, &UnreadableError{
			What: fmt.Sprintf("is protected by a password and larger than %d bytes", maxEncrypted), Hint: "save the workbook without a password",
		}
	}
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the encrypted workbook: %w", err)
	}
	plain, err := write.Decrypt(raw, o.Password)
	if err != nil {
		return nil, &UnreadableError{
			What: fmt.Sprintf("is protected by a password, and damaged or encrypted in an unknown way (%v)", err),
			Hint: "open it in a spreadsheet program and save it without a password",
		}
	}
	if !bytes.HasPrefix(plain, []byte("PK")) {
		return nil, &UnreadableError{What: "can't be opened with this password", Hint: "check the password, or save the workbook without one"}
	}
	plain = withoutPadding(plain)
	return openZip(bytes.NewReader(plain), int64(len(plain)), o.Limits)
}

// withoutPadding removes what encryption appended to the container to fill its last block.
func withoutPadding(zip []byte) []byte {
	const endRecord = 22 // bytes, without its comment
	at := bytes.LastIndex(zip, []byte("PK\x05\x06"))
	if at < 0 || len(zip)-at < endRecord {
		return zip
	}
	end := at + endRecord + int(binary.LittleEndian.Uint16(zip[at+20:]))
	return zip[:min(end, len(zip))]
}
