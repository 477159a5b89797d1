package ledger

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// processLives reports whether a process with that id runs on this machine. One that isn't ours to
// signal does.
func processLives(pid int) bool {
	p, err := os.FindProcess(pid) // on Windows this opens the process
	if pid <= 0 || err != nil {
		return false
	}
	defer func() { _ = p.Release() }()
	return runtime.GOOS == "windows" || !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
