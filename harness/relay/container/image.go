package container

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// argVar begins the variables that go before a description's arguments.
const argVar = "HANSEI_BUILD_"

// arguments are the Dockerfile's, with the user's own words.
func (d Description) arguments() map[string]*string {
	all := map[string]*string{}
	for name, value := range d.Args {
		if own, said := os.LookupEnv(argVar + name); said {
			value = own
		}
		all[name] = &value
	}
	return all
}

// image makes sure that the description's image is there and returns its name. What
// it is built of lies below base meanwhile.
func (d Description) image(ctx context.Context, dock *docker, base string) (string, error) {
	if d.Image != "" {
		return d.Image, nil // pulled, if need be, when its first container is made
	}
	source, err := fs.Sub(d.from, d.Build)
	if err != nil {
		return "", fmt.Errorf("finding the Dockerfile of %s: %w", d.Name, err)
	}
	key, err := d.key(source)
	if err != nil {
		return "", err
	}
	name := "hansei-" + d.Name + ":" + key
	if there, err := dock.has(ctx, name); err != nil || there {
		return name, err
	}
	copied := filepath.Join(base, "image")
	defer os.RemoveAll(copied)
	if err := os.CopyFS(copied, source); err != nil {
		return "", fmt.Errorf("building the image of %s: %w", d.Name, err)
	}
	var said bytes.Buffer
	err = dock.build(ctx, copied, name, d.arguments(), map[string]string{relayLabel: d.Name}, &said)
	if err != nil {
		return "", fmt.Errorf("%w: %s (a base image and an archive of packages of one's own are named "+
			"by %sBASE and %sMIRROR)", oneLine(err), lastWords(said.String()), argVar, argVar)
	}
	// What it was before its description changed is of no use any more; a run that
	// still has a container of it keeps it.
	_ = dock.prune(ctx, d.Name, name)
	return name, nil
}

// key changes with whatever an image is made of.
func (d Description) key(source fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(source, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(source, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(data), data)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading the Dockerfile of %s: %w", d.Name, err)
	}
	args := d.arguments()
	for _, name := range slices.Sorted(maps.Keys(args)) {
		fmt.Fprintf(sum, "%s=%s\n", name, *args[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// lastWords are the last line that a build printed.
func lastWords(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// Prepare makes sure that the image is there: pulled, or built.
func (d Driver) Prepare(ctx context.Context) error {
	if err := d.Ready(ctx); err != nil {
		return err
	}
	dock, err := connect(ctx)
	if err != nil {
		return err
	}
	p, err := process.NewPrivate(d.Name())
	if err != nil {
		return errors.Join(err, dock.close())
	}
	_, err = d.about.image(ctx, dock, p.Base())
	return errors.Join(err, p.Clear(ctx), dock.close())
}
