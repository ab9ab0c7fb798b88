package harness

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/link"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/traffic"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// phaseDrain is the name of the phase that begins with the heal.
const phaseDrain = "drain"

// conductor plays the steps of the timeline, each when it is due.
type conductor struct {
	*run
	sender *traffic.Sender
	watch  *watch
	// upheaval is the one thing at a time that happens to the relay itself.
	upheaval  sync.WaitGroup
	killed    chan struct{}
	upheavals upheavals
}

// perform conducts and settles; it returns how the run ended.
func (r *run) perform(ctx context.Context) (evidence.Outcome, error) {
	end := r.header.Start.Add(r.header.Length)
	c := &conductor{run: r, sender: &traffic.Sender{
		Dial:  func(ctx context.Context) (net.Conn, error) { return r.network.Dial(ctx, r.relay.Addr()) },
		Clock: r.warp, Start: r.header.Start, Until: end, Keys: r.world.keys,
		Record: r.log.Append, Accepted: r.tally.accept,
	}}
	c.upheavals = upheavals{conductor: c}
	c.watch = newWatch(r)
	watching, stopWatching := context.WithCancel(context.Background())
	var watchers sync.WaitGroup
	watchers.Go(func() { c.watch.keep(watching) })
	watchers.Go(func() { c.copies.keep(watching) })
	watchers.Go(func() {
		c.pace.govern(watching, c.sender.Lag, r.tally.done.Load,
			c.pace.demand(r.relay))
	})
	watchers.Go(func() { c.pace.obey(ctx, watching, r.cfg.Pause) })
	sending, stopSending := context.WithCancel(ctx)
	defer func() {
		stopSending()
		c.sender.Wait()
		stopWatching()
		watchers.Wait()
	}()
	c.pace.enter("before")
	outcome, err := c.steps(sending)
	if err != nil {
		return outcome, err
	}
	return c.settle(ctx)
}

// steps does every step and returns at the scenario's end.
func (c *conductor) steps(ctx context.Context) (evidence.Outcome, error) {
	for step := range c.timeline.Steps() {
		if err := c.warp.SleepUntil(ctx, c.header.Start.Add(step.At)); err != nil {
			return evidence.Cut, err
		}
		if err := c.log.Err(); err != nil {
			return evidence.Cut, err
		}
		if err := c.do(ctx, step); err != nil {
			return evidence.Cut, err
		}
	}
	c.upheaval.Wait()
	if err := c.warp.SleepUntil(ctx, c.header.Start.Add(c.header.Length)); err != nil {
		return evidence.Cut, err
	}
	return evidence.Settled, nil
}

func (c *conductor) do(ctx context.Context, step timeline.Step) error {
	if step.Verb == timeline.Submit {
		c.tally.offered.Add(1)
		c.sender.Submit(ctx, step.Submit, step.At)
		return nil
	}
	c.log.Append(evidence.Event{
		Kind: evidence.KindStep, Actor: evidence.Harness,
		Step: string(step.Verb), Name: step.Name, Due: step.At,
	})
	c.watch.note(step)
	switch step.Verb {
	case timeline.Phase:
		c.pace.enter(step.Name)
		c.watch.enter(step.Name)
	case timeline.Inject:
		c.world.inject(step.Name)
	case timeline.Heal:
		c.world.faults.heal(step.Name)
	case timeline.Impair, timeline.Repair:
		return c.impair(step)
	case timeline.Kill:
		c.kill(ctx)
	case timeline.Restart:
		c.restart(ctx)
	default:
		c.upheavals.play(ctx, step)
	}
	return nil
}

func (c *conductor) impair(step timeline.Step) error {
	for _, l := range c.world.links {
		if l.Name != step.Name {
			continue
		}
		var err error
		if step.Verb == timeline.Impair {
			err = l.path.Impair(link.Impairment{
				Latency: l.Latency, Bandwidth: l.Bandwidth, CutAfter: l.CutAfter,
				Slice: l.Slice, Silent: l.Silent, SlowClose: l.SlowClose,
			})
		} else {
			err = l.path.Repair()
		}
		if err != nil {
			return fmt.Errorf("link %s: %w", l.Name, err)
		}
	}
	return nil
}

// kill and restart run beside the load: senders meet a relay that is down, as
// they would that day. The clock is slow meanwhile, because a process dies and
// starts in real time.
func (c *conductor) kill(ctx context.Context) {
	killer, ok := c.relay.(relay.Killer)
	if !ok {
		c.trouble("relay", "it cannot be killed although its driver says so")
		return
	}
	c.pace.hold(down)
	c.killed = make(chan struct{})
	c.upheaval.Go(func() {
		defer close(c.killed)
		if err := killer.Kill(ctx); err != nil {
			c.trouble("relay", fmt.Sprintf("killing it: %v", err))
		}
	})
}

func (c *conductor) restart(ctx context.Context) {
	killer, ok := c.relay.(relay.Killer)
	if !ok || c.killed == nil {
		return
	}
	killed := c.killed
	c.upheaval.Go(func() {
		<-killed
		c.pace.hold(restarting)
		defer c.pace.release()
		ctx, cancel := context.WithTimeout(ctx, startLimit)
		defer cancel()
		began := time.Now()
		if err := killer.Restart(ctx); err != nil {
			c.trouble("relay", fmt.Sprintf("starting it again: %v", err))
			return
		}
		c.log.Append(evidence.Event{
			Kind: evidence.KindStep, Actor: evidence.Relay, Step: "restarted",
			Value: time.Since(began).Seconds(),
		})
	})
}
