package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// env reads a setting from ORDERSHEET_name, else from LUMINOUS_name.
func (a *app) env(name string) string {
	if v := a.Getenv("ORDERSHEET_" + name); v != "" {
		return v
	}
	return a.Getenv("LUMINOUS_" + name)
}

// token reads the API token: --api-key-file, else LUMINOUS_API_KEY. There is no flag for the token itself, since flags show in process lists
// and shell histories.
func (a *app) token() (string, error) {
	path := a.global.keyFile
	if path == "" {
		path = a.env("API_KEY_FILE")
	}
	if path == "" {
		return strings.TrimSpace(a.env("API_KEY")), nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fail(FileTrouble, "give the file that holds the token with --api-key-file", "reading the API token: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" || strings.ContainsAny(token, " \t\r\n") {
		return "", fail(Usage, "the file should hold the token alone, on one line", "%s doesn't hold an API token", path)
	}
	return token, nil
}

// ledgerPath is where runs are remembered: --ledger, ORDERSHEET_LEDGER, else the user's state folder.
func (a *app) ledgerPath() (string, error) {
	if a.global.ledger != "" {
		return a.global.ledger, nil
	}
	if p := a.env("LEDGER"); p != "" {
		return p, nil
	}
	dir, err := a.stateDir()
	if err != nil {
		return "", fail(FileTrouble, "say where with --ledger FILE", "finding a folder for the ledger: %w", err)
	}
	return filepath.Join(dir, "ordersheet", "ledger.db"), nil
}

// stateDir is $XDG_STATE_HOME or ~/.local/state on Unix (XDG base directory specification), the local application data elsewhere.
func (a *app) stateDir() (string, error) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return os.UserConfigDir()
	}
	if d := a.Getenv("XDG_STATE_HOME"); filepath.IsAbs(d) {
		return d, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state"), nil
}
