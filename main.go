// Command ordersheet gets orders out of spreadsheets into the Luminous order system and back out
// again.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"ordersheet/internal/cli"
)

func main() {
	// Libraries log on their own: net/http shows the beginning of an answer that nobody asked for,
	// with whatever secrets it holds. What is worth telling comes back as an error.
	log.SetOutput(io.Discard)
	// The first signal asks the run to finish what is in flight and stop; cli leaves at once on the
	// second.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	os.Exit(cli.Main(context.Background(), cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Signals: signals,
	}))
}
