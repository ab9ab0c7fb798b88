package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hansei-mail/hansei/harness/evidence"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hansei": main})
}

// TestScripts runs the command as its users do; each script is a subcommand.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("XDG_RUNTIME_DIR", filepath.Join(env.WorkDir, "state"))
			return os.Mkdir(filepath.Join(env.WorkDir, "state"), 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"record": record,
			"talk":   talk,
		},
	})
}

// exits CODE COMMAND... runs a command that must end with exactly that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("running %s: %v", args[1], err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// record FOLDER EVENTS writes the evidence of a run folder from JSON Lines, with
// the stamps that the lines themselves carry.
func record(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: record FOLDER EVENTS")
	}
	var now evidence.Event
	log, err := evidence.Create(filepath.Join(ts.MkAbs(args[0]), evidence.File),
		func() (time.Duration, time.Duration) { return now.At, now.T })
	ts.Check(err)
	lines := bufio.NewScanner(bytes.NewReader([]byte(ts.ReadFile(args[1]))))
	for lines.Scan() {
		now = evidence.Event{}
		ts.Check(json.Unmarshal(lines.Bytes(), &now))
		log.Append(now)
	}
	ts.Check(lines.Err())
	ts.Check(log.Close())
}
