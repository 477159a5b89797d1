#!/bin/sh
# Makes the test workbooks; see README.md.
set -e
cd "$(dirname "$0")"
/usr/bin/python3 with_openpyxl.py
/usr/bin/python3 with_xlsxwriter.py
node with_exceljs.js
node with_sheetjs.js
for case in openpyxl-kinds xlsxwriter-kinds openpyxl-sheets; do
	out=../libreoffice-${case#*-}
	[ "$case" = xlsxwriter-kinds ] && out=../libreoffice-formulas
	mkdir -p "$out"
	soffice --headless --convert-to 'xlsx:Calc MS Excel 2007 XML' --outdir "$out" "../$case/input.xlsx" >/dev/null
done
node with_password.js ../exceljs-stream/input.xlsx ../exceljs-stream/protected.xlsx 'sesame é'
/usr/bin/python3 wanted.py
