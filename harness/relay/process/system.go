package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hansei-mail/hansei/harness/clock"
)

// System is the part of the machine that an instance sees as its own: the
// folders /etc and /run. They are made anew and hold only what a relay needs,
// so nothing of the machine's own configuration counts, and a relay finds its
// users, its libraries and the clock even where it is not installed.
type System struct {
	// DNS is the name server, ip:53.
	DNS     string
	Users   []User
	Package Package
	// Clock is the shared clock; nil: time is real.
	Clock *clock.File
}

// PreloadPath is the clock's library as the instance sees it. It is named in
// /etc/ld.so.preload, which setuid programs heed too, and programs that clean
// their environment (ld.so(8)).
const PreloadPath = clock.DefaultDir + "/hansei-clock.so"

// kept are the machine's files that stand in the new /etc as they are.
var kept = []string{"services", "protocols", "gai.conf", "ssl/openssl.cnf"}

// Lay writes the folders etc and run below base and returns the mounts that
// show them, and what they change.
func (s System) Lay(ctx context.Context, base string) ([]Bind, []string, error) {
	server, err := netip.ParseAddrPort(s.DNS)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the address of the world's DNS, %q: %w", s.DNS, err)
	}
	if server.Port() != 53 || !server.Addr().IsLoopback() {
		return nil, nil, fmt.Errorf("the world's DNS is at %s, but resolv.conf knows port 53 only "+
			"and a relay under test may ask loopback only", server)
	}
	etc, run := filepath.Join(base, "etc"), filepath.Join(base, "run")
	for _, dir := range []string{etc, run, filepath.Join(run, "hansei")} {
		if err := OpenFolder(dir, 0); err != nil {
			return nil, nil, err
		}
	}
	for name, text := range s.files(server.Addr()) {
		if err := writeEtc(etc, name, []byte(text)); err != nil {
			return nil, nil, err
		}
	}
	for _, name := range kept {
		data, err := os.ReadFile(filepath.Join("/etc", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = writeEtc(etc, name, data)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("copying /etc/%s: %w", name, err)
		}
	}
	if err := s.libraries(ctx, filepath.Join(etc, "ld.so.cache")); err != nil {
		return nil, nil, err
	}
	binds := []Bind{{run, "/run"}}
	changes := []string{fmt.Sprintf("/etc and /run: its own, in a private mount namespace (names "+
		"come from the world's DNS at %s alone)", server)}
	if s.Clock != nil {
		binds = append(binds, Bind{s.Clock.Dir(), clock.DefaultDir})
		changes = append(changes, "/etc/ld.so.preload: "+PreloadPath+" (the shared clock)")
	}
	if s.Package.Unpacked() {
		changes = append(changes, "its programs are unpacked in "+s.Package.Root+", not installed")
	}
	return append(binds, Bind{etc, "/etc"}), changes, nil
}

// files are those of /etc that are written anew.
func (s System) files(server netip.Addr) map[string]string {
	resolv := "nameserver " + server.String() + "\n"
	if s.Clock != nil {
		// The resolver's waits are inside the C library and stay real: stock's
		// 5 s twice would be hours of scenario time.
		resolv += "options timeout:1 attempts:2\n"
	}
	passwd := "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
	group := "root:x:0:\nnogroup:x:65534:\n"
	for _, u := range s.Users {
		home := u.Home
		if home == "" {
			home = "/"
		}
		passwd += fmt.Sprintf("%s:x:%d:%d::%s:/bin/false\n", u.Name, u.UID, u.GID, home)
		group += fmt.Sprintf("%s:x:%d:\n", u.Name, u.GID)
	}
	found := map[string]string{
		"resolv.conf": resolv, "hosts": "127.0.0.1 localhost\n", "passwd": passwd, "group": group,
		"nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n" +
			"services: files\nprotocols: files\n",
	}
	if s.Clock != nil {
		found["ld.so.preload"] = PreloadPath + "\n"
	}
	return found
}

// writeEtc writes one file that everybody may read.
func writeEtc(etc, name string, data []byte) error {
	path := filepath.Join(etc, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing its %s: %w", name, err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("writing its %s: %w", name, err)
	}
	return nil
}

// libraries writes the cache of the dynamic linker, with those that came with
// an unpacked relay. Unlike LD_LIBRARY_PATH it holds for setuid programs too.
func (s System) libraries(ctx context.Context, cache string) error {
	dirs := s.Package.libraries()
	if len(dirs) == 0 {
		data, err := os.ReadFile("/etc/ld.so.cache")
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the linker then looks itself
		}
		if err != nil {
			return fmt.Errorf("reading the linker's cache: %w", err)
		}
		return writeEtc(filepath.Dir(cache), filepath.Base(cache), data)
	}
	// -X: no links are made in those folders.
	cmd := exec.CommandContext(ctx, "ldconfig", append([]string{"-X", "-C", cache}, dirs...)...)
	cmd.Env = []string{plainPath}
	if path, err := exec.LookPath("/sbin/ldconfig"); err == nil {
		cmd.Path, cmd.Err = path, nil
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("making the linker's cache: %w: %s", err,
			strings.Join(strings.Fields(string(out)), " "))
	}
	return nil
}

// processes are those of a tree, or of what is like one.
type processes interface{ Processes() ([]Process, error) }

// ProveClock looks whether every process of the tree has the clock's library
// mapped; one without it would live in another time.
func (s System) ProveClock(ctx context.Context, tree processes) error {
	if s.Clock == nil {
		return nil
	}
	all, err := tree.Processes()
	if err != nil {
		return err
	}
	proven := 0
	for _, p := range all {
		has, err := mapsSoon(ctx, p)
		switch {
		case err != nil && Gone(err):
		case err != nil:
			return err
		case !has && p.Alive():
			return fmt.Errorf("the process %s does not run under the shared clock: "+
				"its library is not mapped there", p.Name)
		case has:
			proven++
		}
	}
	if proven == 0 {
		return errors.New("no process was found to prove the shared clock by")
	}
	return nil
}
