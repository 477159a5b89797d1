#!/bin/sh
# Makes input.ods of some cases from their input.xlsx, with LibreOffice. It is run after make.sh, which makes those.
set -e
cd "$(dirname "$0")"
for case in openpyxl-kinds openpyxl-sheets xlsxwriter-kinds xlsxwriter-1904 sheetjs-iso; do
	soffice --headless --convert-to ods --outdir "../$case" "../$case/input.xlsx" >/dev/null
done
