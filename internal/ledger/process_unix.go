//go:build unix

package ledger

import (
	"errors"
	"syscall"
)

// processLives reports whether a process with that id runs on this machine. One that isn't ours to
// signal does.
func processLives(pid int) bool {
	return pid > 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
