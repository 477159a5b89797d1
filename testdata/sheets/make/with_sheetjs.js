// Test workbooks made by SheetJS: with and without shared strings, dates as numbers and as ISO text.
const XLSX = require('xlsx')
const fs = require('fs')

function save(wb, name, options) {
  fs.mkdirSync('../' + name, { recursive: true })
  XLSX.writeFile(wb, '../' + name + '/input.xlsx', options)
}

const rows = [['Order', 'Date', 'Qty', 'Paid', 'Note']]
for (let r = 0; r < 60; r++) rows.push(['00' + r, new Date(Date.UTC(2024, 1, 1 + r)), r * 1.25, r % 2 === 0, r % 4 ? 'it\'s <fine> & "quoted"' : null])
for (const [name, options] of [
  ['sheetjs-inline', { compression: true }],
  ['sheetjs-shared', { compression: true, bookSST: true }],
  ['sheetjs-iso', { compression: true, cellDates: true }],
]) {
  const wb = XLSX.utils.book_new()
  XLSX.utils.book_append_sheet(wb, XLSX.utils.aoa_to_sheet(rows, { cellDates: name === 'sheetjs-iso', UTC: true }), 'Rows')
  const far = { '!ref': 'A1:ZZ900' }
  far.C3 = { t: 'n', v: 0.1, z: '0.00%' }
  far.ZZ900 = { t: 'e', v: 0x2a }
  far.B800 = { t: 's', v: 'sparse' }
  XLSX.utils.book_append_sheet(wb, far, 'Sparse')
  save(wb, name, options)
}
