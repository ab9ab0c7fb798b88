package tidy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Top is the folder of the repository that dir lies in.
func Top(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("looking for the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("looking for the repository: no go.mod in any folder above")
		}
		dir = up
	}
}

// Read returns the files of the repository at top: those that git tracks or
// would track, and without git all but its own and those of runs.
func Read(ctx context.Context, top string) ([]File, error) {
	names, err := tracked(ctx, top)
	if err != nil {
		if names, err = walked(top); err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	var files []File
	for _, name := range slices.Compact(names) {
		full := filepath.Join(top, filepath.FromSlash(name))
		info, err := os.Lstat(full)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and git has not been told yet
		}
		if err != nil {
			return nil, fmt.Errorf("reading the repository: %w", err)
		}
		if !info.Mode().IsRegular() {
			continue
		}
		text, err := os.ReadFile(full)
		if err != nil {
			return nil, fmt.Errorf("reading the repository: %w", err)
		}
		files = append(files, File{Path: name, Text: string(text)})
	}
	return files, nil
}

func tracked(ctx context.Context, top string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", "ls-files", "-coz", "--exclude-standard")
	cmd.Dir = top
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("asking git for the files: %w", err)
	}
	names := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	if !slices.Contains(names, "go.mod") {
		return nil, errors.New("asking git for the files: it knows another repository")
	}
	return names, nil
}

func walked(top string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(top, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, full)
		if err != nil {
			return err
		}
		if d.IsDir() && (name == ".git" || name == "runs") {
			return filepath.SkipDir
		}
		if !d.IsDir() {
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("walking the repository: %w", err)
	}
	return names, nil
}
