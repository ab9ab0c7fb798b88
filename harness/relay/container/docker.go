package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
)

// reaperVar switches testcontainers' own reaper off (testcontainers-go,
// features/configuration). It is an image of its own from a registry, and Sweep
// does its work; whoever wants it all the same sets the variable to false.
const reaperVar = "TESTCONTAINERS_RYUK_DISABLED"

// docker is the connection to the daemon.
type docker struct {
	provider *testcontainers.DockerProvider
	api      client.APIClient
}

// errNoDocker is what to do where no daemon answers.
var errNoDocker = errors.New("no Docker daemon answers here: install and start one " +
	"(apt-get install docker.io; service docker start), or name it in DOCKER_HOST")

// connect finds the daemon and asks whether it is there.
func connect(ctx context.Context) (*docker, error) {
	if _, said := os.LookupEnv(reaperVar); !said {
		if err := os.Setenv(reaperVar, "true"); err != nil {
			return nil, fmt.Errorf("switching testcontainers' reaper off: %w", err)
		}
	}
	quiet := tclog.NewNoopLogger()
	tclog.SetDefault(quiet)
	p, err := testcontainers.NewDockerProvider(testcontainers.WithLogger(quiet),
		// Otherwise it makes a network where the daemon has no bridge; ours is the host's.
		testcontainers.WithDefaultBridgeNetwork("host"))
	if err != nil {
		return nil, errNoDocker
	}
	d := &docker{provider: p, api: p.Client()}
	if _, err := d.api.Ping(ctx, client.PingOptions{}); err != nil {
		return nil, errors.Join(errNoDocker, p.Close())
	}
	return d, nil
}

// close lets go of the daemon.
func (d *docker) close() error {
	if err := d.provider.Close(); err != nil {
		return fmt.Errorf("letting go of the Docker daemon: %w", err)
	}
	return nil
}

// version is the daemon's.
func (d *docker) version(ctx context.Context) (string, error) {
	v, err := d.api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return "", fmt.Errorf("asking the Docker daemon for its version: %w", err)
	}
	return v.Version, nil
}

// has says whether an image is there.
func (d *docker) has(ctx context.Context, image string) (bool, error) {
	list, err := d.api.ImageList(ctx, client.ImageListOptions{
		Filters: make(client.Filters).Add("reference", image),
	})
	if err != nil {
		return false, fmt.Errorf("looking for the image %s: %w", image, err)
	}
	return len(list.Items) > 0, nil
}

// build makes an image of a folder with a Dockerfile. What the build says goes
// to out.
func (d *docker) build(ctx context.Context, folder, name string, args map[string]*string,
	labels map[string]string, out io.Writer,
) error {
	repo, tag, _ := strings.Cut(name, ":")
	_, err := d.provider.BuildImage(ctx, &testcontainers.ContainerRequest{
		FromDockerfile: testcontainers.FromDockerfile{
			Context: folder, Repo: repo, Tag: tag, BuildArgs: args, KeepImage: true,
			BuildLogWriter: out,
			BuildOptionsModifier: func(o *client.ImageBuildOptions) {
				o.Labels = labels
				o.NetworkMode = "host" // packages are fetched the way this machine fetches them
			},
		},
	})
	if err != nil {
		return fmt.Errorf("building the image %s: %w", name, err)
	}
	return nil
}

// Version says which Docker daemon answers here, or why none does.
func Version(ctx context.Context) (string, error) {
	d, err := connect(ctx)
	if err != nil {
		return "", err
	}
	v, err := d.version(ctx)
	return v, errors.Join(err, d.close())
}
