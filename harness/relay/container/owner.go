package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/moby/moby/client"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// The labels of what is ours.
const (
	// relayLabel is on images and containers: the description's name.
	relayLabel = "test.hansei.relay"
	// ownerLabel is on containers: whose they are.
	ownerLabel = "test.hansei.owner"
)

// owner names this process for ever: its number, its start and the namespace in
// which it has that number. Those of another namespace cannot be judged.
func owner() (string, error) {
	id, err := process.Identify(os.Getpid())
	if err != nil {
		return "", fmt.Errorf("labelling a container: %w", err)
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return "", fmt.Errorf("labelling a container: %w", err)
	}
	return fmt.Sprintf("%d %d %s", id.PID, id.Start, space), nil
}

// orphan says whether the owner of that label has ended.
func orphan(label string) bool {
	f := strings.Fields(label)
	if len(f) != 3 {
		return false
	}
	pid, err := strconv.Atoi(f[0])
	start, badStart := strconv.ParseUint(f[1], 10, 64)
	space, badSpace := os.Readlink("/proc/self/ns/pid")
	if err != nil || badStart != nil || badSpace != nil || space != f[2] {
		return false
	}
	return !process.ID{PID: pid, Start: start}.Alive()
}

// Sweep removes the containers of runs that no longer exist, and says so, a line
// each. It asks Docker only where such a run has left its folder, so that nobody
// else waits for a daemon. Call it before process.Sweep, which removes that.
func Sweep(ctx context.Context) ([]string, error) {
	left := false
	for _, parent := range []string{"/var/tmp", os.TempDir()} {
		found, err := filepath.Glob(filepath.Join(parent, process.Prefix+namePrefix+"*"))
		left = left || err == nil && len(found) > 0
	}
	if !left {
		return nil, nil
	}
	d, err := connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("sweeping containers: %w", err)
	}
	swept, err := d.sweep(ctx)
	return swept, errors.Join(err, d.close())
}

// sweep removes orphans.
func (d *docker) sweep(ctx context.Context) ([]string, error) {
	list, err := d.api.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", ownerLabel),
	})
	if err != nil {
		return nil, fmt.Errorf("sweeping containers: %w", err)
	}
	var swept []string
	var bad error
	for _, c := range list.Items {
		if !orphan(c.Labels[ownerLabel]) {
			continue
		}
		if err := d.remove(ctx, c.ID); err != nil {
			bad = errors.Join(bad, err)
			continue
		}
		swept = append(swept, fmt.Sprintf("removed container %.12s (%s)", c.ID, c.Labels[relayLabel]))
	}
	return swept, bad
}

// remove ends a container and removes it with its anonymous volumes.
func (d *docker) remove(ctx context.Context, id string) error {
	_, err := d.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{
		RemoveVolumes: true, Force: true,
	})
	if err != nil && !absent(err) {
		return fmt.Errorf("removing container %.12s: %w", id, err)
	}
	return nil
}

// Prune removes the images that were built for a description. Containers of them
// must be gone.
func (d Driver) Prune(ctx context.Context) error {
	dock, err := connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(dock.prune(ctx, d.about.Name, ""), dock.close())
}

// prune removes the images of a description, but for the one of that name.
func (d *docker) prune(ctx context.Context, relay, but string) error {
	list, err := d.api.ImageList(ctx, client.ImageListOptions{
		Filters: make(client.Filters).Add("label", relayLabel+"="+relay),
	})
	if err != nil {
		return fmt.Errorf("listing the images of %s: %w", relay, err)
	}
	var bad error
	for _, i := range list.Items {
		for _, tag := range i.RepoTags {
			if tag == but {
				continue
			}
			_, err := d.api.ImageRemove(ctx, tag, client.ImageRemoveOptions{PruneChildren: true})
			if err != nil && !absent(err) {
				bad = errors.Join(bad, fmt.Errorf("removing the image %s: %w", tag, err))
			}
		}
	}
	return bad
}
