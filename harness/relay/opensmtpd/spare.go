package opensmtpd

import (
	_ "embed" // the table's text
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// OpenSMTPD expands an address into others before local delivery only, and its
// rules can send what came of that on to a relay (smtpd.conf(5), "expand-only",
// "virtual"). Its own tables know addresses one by one, so the one that knows a
// rule is a program, as its other kinds of tables are (table-NAME in its folder
// of programs).

// tableText is the table's program.
//
//go:embed table.pl
var tableText string

// Where the instance sees them: the folder above OpenSMTPD's folder of programs,
// and the one in which the filter notes addresses with capitals.
const (
	programsPath = "/usr/libexec"
	writtenPath  = "/run/hansei-written"
)

// layTable lays out what the copies need.
func (in *instance) layTable() error {
	if len(in.World.Spare.Domains) == 0 {
		return nil
	}
	programs, err := in.Private.Folder("libexec", 0)
	if err != nil {
		return err
	}
	dir, err := in.Private.Folder(filepath.Join("libexec", "opensmtpd"), 0)
	if err != nil {
		return err
	}
	if _, err := in.Private.Folder(writtenPath, in.user.UID); err != nil {
		return err
	}
	in.binds = append(in.binds, process.Bind{Source: programs, Target: programsPath})
	return writeProgram(filepath.Join(dir, "table-hansei"), tableText)
}

// writeProgram writes a program that everybody may run.
func writeProgram(path, text string) error {
	err := os.WriteFile(path, []byte(text), 0o755)
	if err == nil {
		err = os.Chmod(path, 0o755) // the umask may have taken something
	}
	if err != nil {
		return fmt.Errorf("writing a program beside the server: %w", err)
	}
	return nil
}

// copyRules are the lines of the configuration before the rule that relays all:
// what comes from senders stands for the copy and itself, and what came of that
// is "from local" and goes on.
func (in *instance) copyRules() []string {
	spare := in.World.Spare
	if len(spare.Domains) == 0 {
		return nil
	}
	quoted := make([]string, len(spare.Domains))
	for i, d := range spare.Domains {
		quoted[i] = `"` + d + `"`
	}
	return []string{
		`table copies "hansei:` + writtenPath + "," + spare.Domain + `"`,
		`action "copy" expand-only virtual <copies>`,
		`match from src { "127.0.0.0/8" } for domain { ` + strings.Join(quoted, ", ") +
			` } action "copy"`,
	}
}
