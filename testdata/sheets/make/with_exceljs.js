// Test workbooks made by exceljs: shared strings with rich text, and its streaming writer.
const ExcelJS = require('exceljs')
const fs = require('fs')

async function kinds() {
  const wb = new ExcelJS.Workbook()
  const ws = wb.addWorksheet('Kinds')
  ws.addRow(['text', 1.5, true, new Date(Date.UTC(2024, 0, 15)), { error: '#N/A' }])
  ws.addRow([{ richText: [{ text: 'rich ' }, { font: { bold: true }, text: 'text' }] }, { formula: 'B1*2', result: 3 }, { formula: 'A1', result: 'text' }])
  ws.addRow([{ text: 'link', hyperlink: 'https://example.org/' }, null, ' spaces '])
  ws.addRow([{ formula: 'B1=1.5', result: true }, { formula: '1/0', result: { error: '#DIV/0!' } }])
  ws.getCell('D1').numFmt = 'dd/mm/yyyy'
  ws.getCell('F9').value = 'far'
  ws.mergeCells('A6:C7')
  ws.getCell('A6').value = 'merged'
  ws.getRow(3).hidden = true
  wb.addWorksheet('Hidden', { state: 'hidden' }).addRow(['x'])
  fs.mkdirSync('../exceljs-kinds', { recursive: true })
  await wb.xlsx.writeFile('../exceljs-kinds/input.xlsx')
}

async function stream() {
  fs.mkdirSync('../exceljs-stream', { recursive: true })
  const wb = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: '../exceljs-stream/input.xlsx', useStyles: true, useSharedStrings: false })
  const ws = wb.addWorksheet('Stream')
  for (let r = 0; r < 200; r++) ws.addRow(['SO-' + (r >> 2), r, r / 10, r % 3 ? 'Zürich' : 'Genève', new Date(Date.UTC(2024, 0, 1 + r))]).commit()
  ws.commit()
  await wb.commit()
}

kinds().then(stream)
