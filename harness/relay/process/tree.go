package process

import (
	"errors"
	"strings"
)

// ErrNotLinux is why there are no trees elsewhere.
var ErrNotLinux = errors.New("private namespaces for a relay's processes exist on Linux only: " +
	"run there, or use a relay that runs in process")

// ErrGone says that the tree's processes have ended.
var ErrGone = errors.New("the relay's processes have ended")

// Options describe the surroundings of a tree.
type Options struct {
	// Binds are mounted in the tree's own mount namespace, in this order.
	Binds []Bind
	// In is the volume whose files the tree shall see, besides those of the
	// machine; nil: none.
	In *Volume
}

// Bind shows the file or folder Source where the tree's processes look for
// Target. Both must exist.
type Bind struct {
	Source string
	Target string
}

// Command is a program to run in a tree.
type Command struct {
	// Path is absolute; Args are what follows the program's name.
	Path string
	Args []string
	// Env is the whole environment, "name=value" each. A PATH is added where
	// none is given.
	Env []string
	// Stdin is fed to the program.
	Stdin string
}

// plainPath is where programs are found by those that run in a tree.
const plainPath = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"

// environment is the command's, with a PATH.
func (c Command) environment() []string {
	for _, e := range c.Env {
		if strings.HasPrefix(e, "PATH=") {
			return c.Env
		}
	}
	return append([]string{plainPath}, c.Env...)
}

// ID names one process for ever: numbers are used again, but not with the same
// start time in the same boot.
type ID struct {
	PID int `json:"pid"`
	// Start is in clock ticks since the machine booted.
	Start uint64 `json:"start"`
}

// Process is one process of a tree, as it was when looked at.
type Process struct {
	ID
	// Name is the program's, as the kernel keeps it (15 bytes at most).
	Name string
}
