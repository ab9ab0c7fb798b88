package clock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// flags compile the shim. Only what it exports on purpose is visible.
var flags = []string{
	"-std=gnu11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra",
}

// sources reads the shim: the C files' names and all files' text, by name.
func sources() (files []string, text map[string][]byte, err error) {
	entries, err := shim.ReadDir("shim")
	if err != nil {
		return nil, nil, err
	}
	text = make(map[string][]byte)
	for _, entry := range entries {
		name := entry.Name()
		if text[name], err = shim.ReadFile("shim/" + name); err != nil {
			return nil, nil, err
		}
		if filepath.Ext(name) == ".c" {
			files = append(files, name)
		}
	}
	return files, text, nil
}

// install puts the compiled shim at path. A shim that this machine's compiler
// made before is taken from the user's cache.
func install(ctx context.Context, path string) error {
	key, err := cacheKey(ctx)
	if err != nil {
		return err
	}
	cached := ""
	if base, err := os.UserCacheDir(); err == nil {
		cached = filepath.Join(base, "hansei", "clock-"+key+".so")
		if object, err := os.ReadFile(cached); err == nil {
			return place(path, object)
		}
	}
	object, err := compile(ctx, filepath.Dir(path))
	if err != nil {
		return err
	}
	if cached != "" && os.MkdirAll(filepath.Dir(cached), 0o700) == nil {
		_ = place(cached, object) // no cache only costs a compilation next time
	}
	return place(path, object)
}

// cacheKey names what the compiled shim depends on: our text, the compiler and
// the C library.
func cacheKey(ctx context.Context) (string, error) {
	_, text, err := sources()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(text)) {
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text[name]), text[name])
	}
	fmt.Fprintf(sum, "%s\n", strings.Join(flags, " "))
	for _, question := range []string{"--version", "-dumpmachine", "-print-file-name=libc.so.6"} {
		answer, err := exec.CommandContext(ctx, "cc", question).Output()
		if err != nil {
			return "", fmt.Errorf("asking cc for its %s: %w", question, err)
		}
		sum.Write(answer)
		if path := strings.TrimSpace(string(answer)); filepath.IsAbs(path) {
			library, err := os.ReadFile(path)
			if err != nil {
				return "", fmt.Errorf("reading the C library: %w", err)
			}
			sum.Write(library)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:12]), nil
}

// compile returns the shim as a shared library, built in a folder of its own
// below dir.
func compile(ctx context.Context, dir string) ([]byte, error) {
	work, err := os.MkdirTemp(dir, "cc-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	files, text, err := sources()
	if err != nil {
		return nil, err
	}
	for name, content := range text {
		if err := os.WriteFile(filepath.Join(work, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	args := slices.Concat(flags, []string{"-o", shimName}, files, []string{"-ldl", "-lpthread"})
	cmd := exec.CommandContext(ctx, "cc", args...)
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "TMPDIR="+work, "LC_ALL=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("running cc: %w: %s", err, out)
	}
	return os.ReadFile(filepath.Join(work, shimName))
}

// place writes a file that everybody may read, by rename: a process that has
// the old one mapped keeps it whole.
func place(path string, object []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".so-")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // after the rename there is nothing to remove
	if _, err := temporary.Write(object); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Chmod(0o755); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
