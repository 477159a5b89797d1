//go:build race

package importer_test

// slow is how much longer everything may take than the times of these tests allow for: the race detector costs several times the speed.
const slow = 4
