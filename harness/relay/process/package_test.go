package process

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAPackageIsFoundInTheFolderOfRelays(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(RelaysVar, dir)
	const program = "/usr/sbin/no-such-relay"
	if _, err := FindPackage("trial", program); err == nil ||
		!strings.Contains(err.Error(), filepath.Join(dir, "trial")) ||
		!strings.Contains(err.Error(), ".ci/relays") {
		t.Errorf("a relay that is nowhere: %v", err)
	}
	root := filepath.Join(dir, "trial")
	for _, name := range []string{"usr/sbin", "usr/lib/x86_64-linux-gnu"} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(root, program)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := FindPackage("trial", program); err == nil {
		t.Error("a file that cannot be run was taken for a program")
	}
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := FindPackage("trial", program)
	if err != nil || p.Root != root || !p.Unpacked() || p.Path(program) != path {
		t.Errorf("found %+v, %v", p, err)
	}
	want := []string{filepath.Join(root, "usr/lib"), filepath.Join(root, "usr/lib/x86_64-linux-gnu")}
	if got := p.libraries(); !slices.Equal(got, want) {
		t.Errorf("its libraries are in %v, want %v", got, want)
	}
	if p, err := FindPackage("sh", "/bin/sh"); err != nil || p.Unpacked() ||
		p.Path("/bin/sh") != "/bin/sh" || p.libraries() != nil {
		t.Errorf("an installed program: %+v, %v", p, err)
	}
}

func TestUsersOfTheMachineKeepTheirNumbers(t *testing.T) {
	if u, err := FindUser("root", 60999); err != nil || u.UID != 0 || u.GID != 0 {
		t.Errorf("root is %+v, %v", u, err)
	}
	if u, err := FindUser("no-such-user", 60999); err != nil || u.UID != 60999 || u.GID != 60999 ||
		u.Name != "no-such-user" {
		t.Errorf("a user of ours is %+v, %v", u, err)
	}
}
