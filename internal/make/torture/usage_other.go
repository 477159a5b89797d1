//go:build !unix

package main

import (
	"os"
	"time"
)

// processTime isn't measured here.
func processTime() time.Duration { return 0 }

// peakMemory isn't measured here.
func peakMemory(*os.ProcessState) int64 { return 0 }
