//go:build !race

package importer_test

// slow is how much longer everything may take than the times of these tests allow for.
const slow = 1
