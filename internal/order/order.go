// Package order holds orders in the API's own words: the two kinds, payloads as they are sent,
// answers as they come back, and changes as the ledger keeps them. It knows nothing of files, of
// HTTP or of the ledger. internal/diff compares orders.
package order
