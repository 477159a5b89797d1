//go:build !unix

package main

import "time"

// processTime isn't known here.
func processTime() time.Duration { return 0 }
