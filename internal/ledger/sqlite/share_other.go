//go:build !linux

package sqlite

// networkShare returns the network file system of a folder; it isn't known here.
func networkShare(string) string { return "" }
