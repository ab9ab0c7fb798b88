package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/container"
)

// imageName is the relay whose image is described in a file; those that come
// with hansei have names that begin with it.
const imageName = "container"

// imageFlags say which image is the relay of --relay container.
type imageFlags struct{ file string }

func (f *imageFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "image-file", "",
		"file that describes the image of --relay container, in YAML or JSON: which image or\n"+
			"Dockerfile, its queue, how that is listed (harness/relay/container/describe.go)")
}

// pick is the driver for the image that is described.
func (f *imageFlags) pick(driver relay.Driver) (relay.Driver, error) {
	if f.file == "" {
		return driver, nil
	}
	if driver.Name() != imageName {
		return nil, usagef("--image-file is for --relay container, not for %s", driver.Name())
	}
	about, err := container.Read(f.file)
	if err != nil {
		return nil, usagef("%w", err)
	}
	return container.New(about), nil
}

// tell tells the flag, if it was given.
func (f *imageFlags) tell(flag func(name, value string)) {
	if f.file != "" {
		flag("image-file", f.file)
	}
}

// isContainer says whether the relay is in one.
func isContainer(d relay.Driver) bool {
	return d.Name() == imageName || strings.HasPrefix(d.Name(), imageName+"-")
}
