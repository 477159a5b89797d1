package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"ordersheet/internal/luminous"
	"ordersheet/mapping/profile"
)

// env returns a setting: ORDERSHEET_name, else LUMINOUS_name.
func (a *app) env(name string) string {
	return cmp.Or(a.Getenv("ORDERSHEET_"+name), a.Getenv("LUMINOUS_"+name))
}

// account returns the API's address. kept is the account of a run, which is used where none was
// given.
func (a *app) account(kept string) (string, error) {
	baseURL, company := a.global.baseURL, a.global.company
	if baseURL+company == "" {
		baseURL, company = a.env("BASE_URL"), a.env("COMPANY")
	}
	if baseURL+company == "" {
		baseURL = kept
	}
	if baseURL+company == "" {
		return "", fail(Usage, "give --company NAME (the first part of your Luminous address), or try it with --sandbox",
			"which account? neither --company nor --base-url was given")
	}
	base, err := luminous.NormalizeBaseURL(baseURL, company)
	if err != nil {
		return "", fail(Usage, "", "%w", err)
	}
	return base, nil
}

// token returns the API token: --api-key-file, else LUMINOUS_API_KEY. There is no flag for the
// token itself, since process lists and shell histories show flags.
func (a *app) token() (string, error) {
	path := cmp.Or(a.global.keyFile, a.env("API_KEY_FILE"))
	if path == "" {
		if token := strings.TrimSpace(a.env("API_KEY")); token != "" {
			return token, nil
		}
		return "", fail(Usage, "create one under Settings > API tokens in Luminous and put it into LUMINOUS_API_KEY, "+
			"or into a file named with --api-key-file", "there is no API token")
	}
	token, err := a.readToken(path)
	if err != nil {
		return "", fail(FileTrouble, "give the file that holds the token with --api-key-file", "reading the API token: %w", err)
	}
	if token == "" || len(token) > maxToken || strings.ContainsAny(token, " \t\r\n") {
		return "", fail(Usage, "the file should contain only the token, on one line", "%s doesn't hold an API token", path)
	}
	return token, nil
}

// maxToken is more than any token is long. No more of its file is read.
const maxToken = 4 << 10

// readToken reads the beginning of a token's file, and warns of one that others can read.
func (a *app) readToken(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode()&0o004 != 0 {
		a.say("warning: every user of this computer can read the API token in %s; change that with: chmod 600 %s", path, path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxToken+1))
	return strings.TrimSpace(string(b)), err
}

// ledgerPath returns the ledger: --ledger, ORDERSHEET_LEDGER, else one in the user's state folder.
func (a *app) ledgerPath() (string, error) {
	if path := cmp.Or(a.global.ledger, a.env("LEDGER")); path != "" {
		return path, nil
	}
	dir, err := a.stateDir()
	if err != nil {
		return "", fail(FileTrouble, "name one with --ledger FILE", "finding a folder for the ledger: %w", err)
	}
	return filepath.Join(dir, "ordersheet", "ledger.db"), nil
}

// stateDir is $XDG_STATE_HOME or ~/.local/state on Unix (XDG base directory specification), the
// local application data elsewhere.
func (a *app) stateDir() (string, error) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return os.UserConfigDir()
	}
	if d := a.Getenv("XDG_STATE_HOME"); filepath.IsAbs(d) {
		return d, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state"), err
}

// profileOf reads a mapping file by its path or name, if there is one, and adds --set.
func profileOf(name string, set []string) (*profile.Profile, error) {
	p := &profile.Profile{}
	if name != "" {
		path, err := mappingPath(name)
		if err != nil {
			return nil, err
		}
		file, err := os.Open(path)
		if err != nil {
			return nil, fail(FileTrouble, "", "reading the mapping file: %w", err)
		}
		defer file.Close()
		if p, err = profile.Parse(filepath.Base(path), file, os.DirFS(filepath.Dir(path))); err != nil {
			hint := "docs/mapping.md describes mapping files; ordersheet fields lists all fields"
			var at *profile.Error
			if errors.As(err, &at) && at.Hint != "" {
				hint = at.Hint
			}
			return nil, fail(Usage, hint, "%w", err)
		}
	}
	for _, assignment := range set {
		if err := p.Set(assignment); err != nil {
			return nil, fail(Usage, "--set takes FIELD=VALUE; the fields are listed by: ordersheet fields", "--set %s: %w", assignment, err)
		}
	}
	return p, nil
}

// mappingPath finds a mapping file by its path, else by its name in the user's mapping folder.
func mappingPath(name string) (string, error) {
	if fileExists(name) {
		return name, nil
	}
	dir, err := os.UserConfigDir()
	folder := filepath.Join(dir, "ordersheet", "mappings")
	if err == nil && !strings.ContainsAny(name, `/\`) {
		for _, n := range []string{name, name + ".toml"} {
			if p := filepath.Join(folder, n); fileExists(p) {
				return p, nil
			}
		}
	}
	return "", fail(FileTrouble, fmt.Sprintf("ordersheet looked here and in %s", folder), "there is no mapping file %s", name)
}

func fileExists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
