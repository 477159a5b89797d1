package importer_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets many tests wait at once: nearly all of their time is spent waiting for time-outs.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "24"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
