package main

import (
	_ "embed" // the blank scenario
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

//go:embed blank.yaml
var blank []byte

func newNew() *cobra.Command {
	var from string
	var empty bool
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Begin a scenario file: a good one to edit",
		Long: `Write NAME.yaml, a scenario that is good as it is, to be edited: a small one with a
word on each part (--blank, the default), or one of the catalogue under a new name.
Its first line lets editors complete and explain the fields. A file that is there
already is left alone.`,
		Example: `  hansei new last-night
  hansei new ours-2019 --from ex196121`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error {
			file, err := begin(args[0], from)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: edit it, then 'hansei validate %s'\n", file, file)
			return nil
		}),
	}
	c.Flags().StringVar(&from, "from", "", "scenario of the catalogue, or file, to begin with")
	c.Flags().BoolVar(&empty, "blank", false, "begin with a small one that explains itself")
	c.MarkFlagsMutuallyExclusive("from", "blank")
	return c
}

// nameLine is the line that names a scenario.
var nameLine = regexp.MustCompile(`(?m)^name:.*$`)

// begin writes the file; what it writes is read before, so that it is good.
func begin(name, from string) (string, error) {
	text := blank
	if from != "" {
		base, err := find(from, "")
		if err != nil {
			return "", err
		}
		text = base.Text()
		if _, whole, ok := catalog.File(base.Name); ok && base.Variant == "" {
			text = whole
		}
	}
	file := name + ".yaml"
	text = nameLine.ReplaceAllLiteral(text, []byte("name: "+name))
	text = append([]byte(modeline+"\n"), text...)
	s, err := scenarios.Read(file, text)
	if err != nil {
		return "", err
	}
	if s.Name != name {
		return "", usagef("the scenario %s has no line of its own for its name", from)
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return "", usagef("%s is there already", file)
	case err != nil:
		return "", usagef("writing %s: %w", file, err)
	}
	_, err = out.Write(text)
	if err = errors.Join(err, out.Close()); err != nil {
		return "", fmt.Errorf("writing %s: %w", file, err)
	}
	return file, nil
}
