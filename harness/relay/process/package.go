package process

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// RelaysVar names the folder with relays that are unpacked but not installed:
// Debian's packages of mail relays exclude each other, so of all but one the
// files lie in this folder, in a folder of the relay's name each, laid out as
// on a machine where it is installed (usr/sbin/exim4 and so on), with the
// libraries that the machine lacks. The script .ci/relays fills it.
const RelaysVar = "HANSEI_RELAYS"

// relaysDir is where it is if nobody says.
const relaysDir = "/opt/hansei-relays"

// Package is where a relay's files are.
type Package struct {
	// Root is the folder it was unpacked to, "/" where it is installed.
	Root string
}

// FindPackage looks for a relay by one of its programs (an absolute path as
// installed): first among what is installed on the machine, then unpacked.
func FindPackage(relay, program string) (Package, error) {
	dir := os.Getenv(RelaysVar)
	if dir == "" {
		dir = relaysDir
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Package{}, fmt.Errorf("finding the folder of relays: %w", err)
	}
	for _, p := range []Package{{"/"}, {filepath.Join(dir, relay)}} {
		s, err := os.Stat(p.Path(program))
		if err == nil && s.Mode().IsRegular() && s.Mode().Perm()&0o111 != 0 {
			return p, nil
		}
	}
	return Package{}, fmt.Errorf("%s is neither installed nor unpacked in %s "+
		"(see %s): install it, or run .ci/relays", relay, filepath.Join(dir, relay), RelaysVar)
}

// Path is where the file is that an installed relay has at path.
func (p Package) Path(path string) string { return filepath.Join(p.Root, path) }

// Unpacked says that the relay is not installed on the machine.
func (p Package) Unpacked() bool { return p.Root != "/" }

// libraries are the folders with libraries that came with the relay.
func (p Package) libraries() []string {
	if !p.Unpacked() {
		return nil
	}
	var found []string
	for _, pattern := range []string{"lib", "lib/*-linux-gnu", "usr/lib", "usr/lib/*-linux-gnu"} {
		dirs, _ := filepath.Glob(p.Path(pattern)) // the patterns are well formed
		found = append(found, dirs...)
	}
	return found
}

// User is a user and group of the same name.
type User struct {
	Name     string
	UID, GID int
	// Home is the home folder; empty: the root.
	Home string
}

// FindUser is the machine's user of that name, as a package's installation made
// it, or else one with the number spare, whom nobody but the instance knows.
func FindUser(name string, spare int) (User, error) {
	found, err := user.Lookup(name)
	if err != nil {
		return User{Name: name, UID: spare, GID: spare}, nil
	}
	u := User{Name: name}
	if u.UID, err = strconv.Atoi(found.Uid); err != nil {
		return User{}, fmt.Errorf("reading the number of user %s: %w", name, err)
	}
	if u.GID, err = strconv.Atoi(found.Gid); err != nil {
		return User{}, fmt.Errorf("reading the number of group %s: %w", name, err)
	}
	return u, nil
}
