package mapping

// Columns is every column of a header; the ledger keeps it with the source, so that an answer's error path can be led back to a cell.
type Columns []Column
