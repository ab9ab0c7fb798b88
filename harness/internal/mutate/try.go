package mutate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Fate is what became of a mutant.
type Fate string

// The fates.
const (
	// Killed: a test failed.
	Killed Fate = "killed"
	// Stuck: the tests did not end in time; they saw it as well.
	Stuck Fate = "stuck"
	// Survived: all tests passed.
	Survived Fate = "survived"
	// Unreached: no test runs that code at all.
	Unreached Fate = "unreached"
	// Impossible: the compiler refuses it.
	Impossible Fate = "impossible"
)

// Tests is how the tests of a package are run.
type Tests struct {
	// Args are the flags of the test binary.
	Args []string
	// Limit is how long they may take.
	Limit time.Duration
}

// Reached runs the tests without any mutant, which they must pass, and says
// which mutants they reach and how long they took.
func (s *Set) Reached(ctx context.Context, tests Tests) (map[int]bool, time.Duration, error) {
	notes := filepath.Join(s.folder, "seen")
	began := time.Now()
	if _, err := s.run(ctx, s.all, tests, "HANSEI_MUTANTS_SEEN="+notes); err != nil {
		return nil, 0, fmt.Errorf("without any mutant the tests do not pass: %w", err)
	}
	took := time.Since(began)
	text, err := os.ReadFile(notes)
	if err != nil {
		return nil, 0, fmt.Errorf("reading which mutants are reached: %w", err)
	}
	reached := map[int]bool{}
	for field := range strings.FieldsSeq(string(text)) {
		if id, err := strconv.Atoi(field); err == nil {
			reached[id] = true
		}
	}
	return reached, took, nil
}

// Try runs the tests against one mutant. The error is the harness's own.
func (s *Set) Try(ctx context.Context, m Mutant, tests Tests) (Fate, error) {
	binary := s.all
	if m.own != nil {
		own, err := s.compile(ctx, "one", map[string][]byte{filepath.Join(s.pkg.Dir, m.File): m.own})
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err != nil {
			return Impossible, nil
		}
		binary = own
	}
	late, err := s.run(ctx, binary, tests, "HANSEI_MUTANT="+strconv.Itoa(m.ID))
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case late:
		return Stuck, nil
	case err == nil:
		return Survived, nil
	case errors.As(err, &exit):
		return Killed, nil
	}
	return "", err
}

// run runs a test binary; late says that it took too long.
func (s *Set) run(
	ctx context.Context, binary string, tests Tests, env ...string,
) (late bool, err error) {
	limited, cancel := context.WithTimeout(ctx, tests.Limit)
	defer cancel()
	// Its own limit ends it where nobody is left to do that.
	own := "-test.timeout=" + (tests.Limit + time.Minute).String()
	cmd := exec.CommandContext(limited, binary, append([]string{own}, tests.Args...)...)
	cmd.Dir = s.pkg.Dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if limited.Err() != nil {
		return true, fmt.Errorf("running the tests: %w", limited.Err())
	}
	if err != nil {
		return false, fmt.Errorf("running the tests: %w\n%s", err, tail(out))
	}
	return false, nil
}

// tail is the end of what was printed.
func tail(out []byte) []byte { return out[max(0, len(out)-2000):] }
