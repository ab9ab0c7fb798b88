package main

import (
	"bufio"
	"math"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// planFlags are the flags that decide what is planned; run shares them.
type planFlags struct {
	variant string
	seed    uint64
	scale   float64
	// compress is a share of the waiting, or a length to play; empty: all of it.
	compress string
}

func (p *planFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&p.variant, "variant", "", "variant of the scenario; as NAME/VARIANT")
	c.Flags().Uint64Var(&p.seed, "seed", 1, "seed from which everything random is drawn")
	c.Flags().Float64Var(&p.scale, "scale", 1, "multiply the amount of mail")
	c.Flags().StringVar(&p.compress, "compress", "", "leave out waiting in which nothing changes: "+
		"a share of it such as 0.5 (1: all), or the length to play such as 4h")
}

// plan finds the scenario and plans it.
func (p *planFlags) plan(arg string) (*scenarios.Scenario, *timeline.Timeline, error) {
	if !(p.scale > 0) || math.IsInf(p.scale, 0) {
		return nil, nil, usagef("--scale must be a number above 0, not %v", p.scale)
	}
	s, err := find(arg, p.variant)
	if err != nil {
		return nil, nil, err
	}
	if p.compress != "" {
		if s, err = compressed(s, p.compress); err != nil {
			return nil, nil, err
		}
	}
	tl, err := timeline.Plan(s, timeline.Options{Seed: p.seed, Scale: p.scale})
	if err != nil {
		return nil, nil, &ending{exitUsage, err}
	}
	return s, tl, nil
}

func newPlan() *cobra.Command {
	var flags planFlags
	var svg bool
	var how string
	c := &cobra.Command{
		Use:   "plan SCENARIO|FILE",
		Short: "Print what a run would do, step by step",
		Long: `Print the timeline of a run as JSON Lines: a header, then each step in order.
The same scenario and seed give the same bytes on every machine. --format text tells
it to a person, --svg draws what breaks and what mail flows.`,
		Example: `  hansei plan ex196121 | head
  hansei plan ex196121 --compress 1 --format text
  hansei plan ex196121 --svg > plan.svg
  hansei plan ex196121 --seed 7 | jq -c 'select(.verb == "inject")'`,
		Args: cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error {
			s, tl, err := flags.plan(args[0])
			switch {
			case err != nil:
				return err
			case svg:
				return planSVG(c.OutOrStdout(), s, tl)
			case how == "text":
				return planText(c.OutOrStdout(), s, tl, styleOf(c.OutOrStdout()))
			case how != "jsonl":
				return usagef("there is no --format %q; there are jsonl, text", how)
			}
			w := bufio.NewWriterSize(c.OutOrStdout(), 64<<10)
			if _, err := tl.WriteTo(w); err != nil {
				return err
			}
			return w.Flush()
		}),
	}
	flags.add(c)
	c.Flags().StringVar(&how, "format", "jsonl", "how to tell it: jsonl, text")
	c.Flags().BoolVar(&svg, "svg", false, "draw it as a picture")
	c.MarkFlagsMutuallyExclusive("format", "svg")
	return c
}
