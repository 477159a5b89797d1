// Saves a workbook again under a password, encrypted as Excel 2010 and later do (agile): node with_password.js IN OUT PASSWORD (needs xlsx-populate).
const populate = require('xlsx-populate')
const [source, target, password] = process.argv.slice(2)
populate.fromFileAsync(source).then(book => book.toFileAsync(target, { password }))
