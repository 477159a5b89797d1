package write

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Decrypt returns the workbook inside an encrypted container. It only wraps excelize, which no
// other package imports. Excelize trusts the container, so a panic there means a damaged file.
func Decrypt(raw []byte, password string) (plain []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decrypting: %v", p)
		}
	}()
	return excelize.Decrypt(raw, &excelize.Options{Password: password})
}
