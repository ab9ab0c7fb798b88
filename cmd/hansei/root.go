package main

import (
	"github.com/spf13/cobra"
)

// usageTemplate ends with the examples: they are what a reader looks for, and
// the end is what stays on the screen.
const usageTemplate = `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if not .HasParent}}

Exit codes:
  0 pass, 1 fail, 3 inconclusive, 64 bad usage or bad scenario, 70 internal error{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}
`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "hansei",
		Short: "Replay real mail outages against a real relay, and judge it by every message",
		Long: `hansei replays real Office 365 and Exchange Online outages against a real mail
relay and proves what became of every message.`,
		Example: `  hansei list
  hansei run ex196121
  hansei run ex196121/kill --relay postfix --seed 7
  hansei explain latest m17`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },

		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetUsageTemplate(usageTemplate)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newList(), newShow(), newValidate(), newPlan(),
		newNew(), newSchema(),
		newForecast(), newCapacity(), newCalibrate(),
		newRun(), newCheck(), newExplain(), newReport(),
		newCompare(), newGate(), newRecord(), newFlaws(), newShrink(),
		newDoctor(), newVersion(),
		newFake(),
	)
	return root
}
