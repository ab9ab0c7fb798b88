package mutate

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Set is a package with its mutants, ready to be tried.
type Set struct {
	// Mutants are all of them, in the order of the code.
	Mutants []Mutant

	pkg    *Package
	folder string // for what is built
	all    string // the test binary that holds all that can be switched
}

// Build plants all mutants and builds the tests in a folder.
func (p *Package) Build(ctx context.Context, folder string) (*Set, error) {
	made := p.plant()
	extra := filepath.Join(p.Dir, "mutants_of_"+p.name+".go")
	made.texts[extra] = []byte("package " + p.name + "\n" + switches)
	s := &Set{Mutants: made.mutants, pkg: p, folder: folder}
	var err error
	s.all, err = s.compile(ctx, "all", made.texts)
	return s, err
}

// compile builds the tests with changed texts of some files, and says where.
func (s *Set) compile(ctx context.Context, name string, texts map[string][]byte) (string, error) {
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for path, text := range texts {
		copied := filepath.Join(s.folder, name+"-"+filepath.Base(path))
		if err := os.WriteFile(copied, text, 0o600); err != nil {
			return "", fmt.Errorf("writing the overlay: %w", err)
		}
		overlay.Replace[path] = copied
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	file, binary := filepath.Join(s.folder, name+".json"), filepath.Join(s.folder, name+".test")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", file, "-o", binary, ".")
	build.Dir = s.pkg.Dir
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the tests of %s: %w\n%s", name, err, out)
	}
	return binary, nil
}

// Shard is every n-th mutant, from the i-th on; both count from 0.
func Shard(all []Mutant, i, n int) []Mutant {
	return slices.Collect(func(yield func(Mutant) bool) {
		for k := i; k < len(all); k += n {
			if !yield(all[k]) {
				return
			}
		}
	})
}
