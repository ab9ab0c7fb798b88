package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// Description tells of an image what a driver must know. It is read from YAML,
// of which JSON is a part; a field that is not known is an error.
type Description struct {
	// Name is the relay's, as in --relay container-NAME.
	Name string `yaml:"name"`
	// Image is an image that is there or can be pulled. Build, instead, is a
	// folder with a Dockerfile, relative to the description, that is built when
	// it has changed.
	Image string `yaml:"image"`
	Build string `yaml:"build"`
	// Args are the Dockerfile's arguments. The environment's HANSEI_BUILD_NAME
	// goes before the value here.
	Args map[string]string `yaml:"args"`
	// Speaks names the driver on the host whose configuration, log and listing of
	// the queue the image has: postfix. Empty: what follows here tells.
	Speaks string `yaml:"speaks"`
	// Env are variables of the relay's programs.
	Env map[string]string `yaml:"env"`
	// Files are laid into the container; see Layout for what their text may use.
	Files []File `yaml:"files"`
	// Start is the command that is the relay; empty: the image's own.
	Start []string `yaml:"start"`
	// Stop is a command that ends it in good order; empty: SIGTERM.
	Stop []string `yaml:"stop"`
	// Version prints which version it is.
	Version []string `yaml:"version"`
	// Settings are its retry settings, where nobody can ask it.
	Settings map[string]string `yaml:"settings"`
	Queue    Queue             `yaml:"queue"`
	// Log is a folder of the container that is kept among the run's files.
	Log string `yaml:"log"`
	// Spare says that the files have spare copies made.
	Spare bool `yaml:"spare"`
	// Clock is "shared" where every program of the image heeds
	// /etc/ld.so.preload, and so can be accelerated, to MaxRate at the most;
	// "real", which is meant by nothing too, where one does not.
	Clock   string  `yaml:"clock"`
	MaxRate float64 `yaml:"max-rate"`
	Limits  Limits  `yaml:"limits"`

	// from is where the description's folder is.
	from fs.FS
}

// File is one file of a container.
type File struct {
	Path string `yaml:"path"`
	Text string `yaml:"text"`
	// Run: it is a program.
	Run bool `yaml:"run"`
}

// Queue says where the relay's queue is and how it is listed.
type Queue struct {
	// Folder is of the container. It lies on this machine's disk and outlives
	// every kill; User owns it.
	Folder string `yaml:"folder"`
	User   string `yaml:"user"`
	// List prints a line QUEUEID SENDER RECIPIENT [MESSAGE-ID [ARRIVED]] for each
	// queued recipient, where <> is the null sender, MESSAGE-ID the X-Hansei-Id ("-":
	// it has none) and ARRIVED when the message came, in seconds since 1970. It is run
	// in the relay's keeper, where the folder cannot be written to.
	List []string `yaml:"list"`
	// Messages is a pattern, below the folder, of the files that are one message
	// each; with it the queue can be counted at any time.
	Messages string `yaml:"messages"`
}

// Limits bound what a container may use; nothing: what the machine has.
type Limits struct {
	Memory    string  `yaml:"memory"` // "512m", "2g"
	CPUs      float64 `yaml:"cpus"`
	Processes int64   `yaml:"processes"`
}

// namePrefix begins the names of the drivers of this package.
const namePrefix = "container-"

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// Read reads a description from a file.
func Read(path string) (Description, error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	return read(os.DirFS(dir), name)
}

// read reads a description and holds it against itself.
func read(from fs.FS, name string) (Description, error) {
	data, err := fs.ReadFile(from, name)
	if err != nil {
		return Description{}, fmt.Errorf("reading the description of an image: %w", err)
	}
	d := Description{from: from}
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		return Description{}, fmt.Errorf("reading the description %s: %w", name, oneLine(err))
	}
	if err := d.check(); err != nil {
		return Description{}, fmt.Errorf("reading the description %s: %w", name, err)
	}
	return d, nil
}

// check tells what is wrong, all of it in one sentence.
func (d Description) check() error {
	var wrong []string
	must := func(ok bool, what string) {
		if !ok {
			wrong = append(wrong, what)
		}
	}
	must(nameForm.MatchString(d.Name), "name must be lower case letters, digits and hyphens")
	must((d.Image == "") != (d.Build == ""), "there must be either image or build")
	must(d.Build == "" || fs.ValidPath(d.Build), "build must be a folder beside or below the description")
	must(d.Speaks == "" || d.Speaks == postfixTongue, "speaks knows nothing but postfix")
	must(d.Clock == "" || d.Clock == "real" || d.Clock == "shared", "clock must be real or shared")
	must(d.Clock == "shared" || d.MaxRate == 0, "max-rate is for a shared clock")
	must(d.MaxRate >= 0 && d.Limits.CPUs >= 0 && d.Limits.Processes >= 0, "no number may be below 0")
	if _, err := d.Limits.memory(); err != nil {
		wrong = append(wrong, err.Error())
	}
	if d.Speaks == "" {
		must(strings.HasPrefix(d.Queue.Folder, "/"), "queue.folder must be an absolute path")
		must(len(d.Queue.List) > 0, "queue.list must be a command")
		must(len(d.Version) > 0, "version must be a command")
		must(len(d.Settings) > 0, "settings must tell when the relay tries again")
		for _, f := range d.Files {
			must(strings.HasPrefix(f.Path, "/"), "files: each path must be absolute")
		}
		must(d.Log == "" || strings.HasPrefix(d.Log, "/"), "log must be an absolute path")
	} else {
		must(d.Files == nil && d.Start == nil && d.Stop == nil && d.Version == nil &&
			d.Settings == nil && d.Queue.empty() && d.Log == "" && d.Clock == "",
			"what speaks postfix needs neither files, commands, queue, log, settings nor clock")
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

func (q Queue) empty() bool { return q.Folder+q.User+q.Messages == "" && q.List == nil }

// memory is the limit in bytes; 0: none.
func (l Limits) memory() (int64, error) {
	if l.Memory == "" {
		return 0, nil
	}
	var n int64
	var unit string
	if _, err := fmt.Sscanf(l.Memory, "%d%s", &n, &unit); err != nil || n <= 0 {
		return 0, fmt.Errorf("limits.memory %q is no size such as 512m or 2g", l.Memory)
	}
	switch unit {
	case "m":
		return n << 20, nil
	case "g":
		return n << 30, nil
	}
	return 0, fmt.Errorf("limits.memory %q is no size such as 512m or 2g", l.Memory)
}

// oneLine takes the picture of the place out of an error of the YAML reader.
func oneLine(err error) error {
	first, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return errors.New(first)
}
