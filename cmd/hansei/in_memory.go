package main

import (
	"context"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/bubbletest"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// playInMemory plays a run within this process, in a bubble in which waiting
// costs nothing: a busy machine makes it slower, but never late.
func playInMemory(
	ctx context.Context, s *scenarios.Scenario, tl *timeline.Timeline, d relay.Driver,
	cfg harness.Config,
) error {
	cfg.Speed = 1 // of the bubble's time, which passes as fast as it can
	return bubbletest.Run(ctx, func(ctx context.Context) error {
		cfg.Network = harness.Memory()
		return harness.Run(ctx, s, tl, d, cfg)
	})
}

// livesInMemory says that a scenario and its relay need nothing but memory.
func livesInMemory(s *scenarios.Scenario, d relay.Driver) bool {
	return d.Traits().InProcess && len(s.Links) == 0
}

// quickReference is the reference relay with a flaw, without syncing its disk:
// in memory a power cut is played, not real.
func quickReference(flaw string) relay.Driver {
	return reference.New(reference.Options{
		Flaw: flaw, Settings: reference.Settings{NoSync: true},
	})
}
