package harness

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
)

const (
	// settleLimit is how much scenario time after its end a run waits for mail
	// that is still under way.
	settleLimit = 2 * time.Hour
	// stillness is how long an empty queue must stay empty, and nothing arrive,
	// before what is missing counts as gone.
	stillness = 5 * time.Minute
	// listLimit bounds the reading of the queue, in wall time.
	listLimit = 2 * time.Minute
)

// settle waits until no accepted mail is under way, then asks the relay what it
// still holds and how it kept its own retry times.
func (c *conductor) settle(ctx context.Context) (evidence.Outcome, error) {
	outcome, err := c.calm(ctx)
	listing, cancel := context.WithTimeout(context.WithoutCancel(ctx), listLimit)
	defer cancel()
	c.copies.settle(listing)
	c.listQueue(listing)
	c.readRetries(listing)
	c.proveClock()
	return outcome, err
}

// proveClock refuses to take a shared clock on trust: a process of the relay
// must have told at least once what time it believes it is.
func (c *conductor) proveClock() {
	if c.file != nil && c.watch.canaries.Load() == 0 {
		c.trouble("clock", "no process of the relay ever told its time, so that nothing "+
			"shows that it followed the accelerated clock")
	}
}

// calm returns when every accepted pair is done and the queue is empty, when an
// empty queue stays empty although pairs are missing, or at the limit.
func (c *conductor) calm(ctx context.Context) (evidence.Outcome, error) {
	limit := c.header.Start.Add(c.header.Length + settleLimit)
	var emptySince time.Time
	var done int64 = -1
	for {
		waiting, size, known := c.tally.Waiting(), 0, false
		if sizer, ok := c.relay.(relay.QueueSizer); ok {
			var err error
			size, err = sizer.QueueSize(ctx)
			known = err == nil
		}
		now := c.warp.Now()
		if waiting == 0 && (!known || size == 0) && !c.sender.Busy() {
			return evidence.Settled, nil
		}
		// A message that is being handed in right now may be accepted yet.
		if !known || size > 0 || c.sender.Busy() || c.tally.done.Load() != done {
			emptySince, done = now, c.tally.done.Load()
		}
		switch {
		case now.Sub(emptySince) >= stillness:
			return evidence.Settled, nil
		case now.After(limit) && waiting == 0 && !c.sender.Busy():
			return evidence.Settled, nil
		case now.After(limit):
			return evidence.Limit, nil
		}
		if err := c.warp.Sleep(ctx, c.glance()); err != nil {
			return evidence.Cut, err
		}
	}
}

// glance is the scenario time between two looks: about 50 ms of the wall's, at
// least a second.
func (c *conductor) glance() time.Duration {
	return max(time.Second, time.Duration(c.warp.Rate()*float64(50*time.Millisecond)))
}

func (c *conductor) listQueue(ctx context.Context) {
	closing := evidence.Event{
		Kind: evidence.KindListing, Actor: evidence.Relay, Began: c.now(),
	}
	defer func() { c.log.Append(closing) }()
	reader, ok := c.relay.(relay.QueueReader)
	if !ok {
		closing.Note = "this driver cannot list the relay's queue"
		return
	}
	entries, err := reader.Queue(ctx)
	if err != nil {
		closing.Note = fmt.Sprintf("reading the queue: %v", err)
		return
	}
	for _, q := range entries {
		c.log.Append(evidence.Event{
			Kind: evidence.KindQueued, Actor: evidence.Relay, Queue: q.ID, Msg: q.MessageID,
			From: q.Sender, To: q.Recipients, Note: q.Reason,
		})
	}
	closing.Value = float64(len(entries))
	if err := writeListing(filepath.Join(c.cfg.Dir, "relay", "queue.jsonl"), entries); err != nil {
		c.trouble("run folder", err.Error())
	}
}

func (c *conductor) readRetries(ctx context.Context) {
	keeper, ok := c.relay.(relay.LogKeeper)
	if !ok {
		return
	}
	kept, err := keeper.Retries(ctx)
	if errors.Is(err, relay.ErrNoRetries) {
		return
	}
	if err != nil {
		c.trouble("relay log", err.Error())
		return
	}
	c.log.Append(evidence.Event{
		Kind: evidence.KindRetries, Actor: evidence.Relay, Note: kept.Rule,
		Values: map[string]float64{
			"intervals": float64(kept.Intervals), "early": float64(kept.Early),
			"late": float64(kept.Late), "worst_early_s": kept.WorstEarly.Seconds(),
			"worst_late_s": kept.WorstLate.Seconds(),
		},
	})
}
