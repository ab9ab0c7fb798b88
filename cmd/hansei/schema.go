package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/scenarios"
)

// modeline is the line by which editors find the schema (yaml-language-server,
// README, "Using inlined schema").
const modeline = "# yaml-language-server: $schema=" + scenarios.SchemaURL

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files, for completion in editors",
		Long: `Print the JSON Schema of scenario files. Editors with yaml-language-server complete
and explain every field of a file whose first line is

  ` + modeline + `

or, with the schema kept beside it, "# yaml-language-server: $schema=hansei.json".
What a scenario means is checked by validate alone.`,
		Example: `  hansei schema > hansei.json`,
		Args:    cobra.NoArgs,
		RunE: own(func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(scenarios.Schema())
			return err
		}),
	}
}

// writeJSON writes a document for programs.
func writeJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}
