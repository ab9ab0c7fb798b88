package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/mailstore"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/traffic"
	"github.com/hansei-mail/hansei/scenarios"
)

const (
	// storeEvery is the wall time between two looks into a store.
	storeEvery = 500 * time.Millisecond
	// storeRest is how long a store must bring nothing new at the end: a copy may
	// be under way to it when the last delivery has been made.
	storeRest = 5 * time.Second
)

// copies reads the spare copies from a store that exists already and that the
// relay, or somebody behind it, fills. All of it lives in the wall's time.
type copies struct {
	*inbox
	where mailstore.Where
	spare relay.Spare

	mu      sync.Mutex
	store   mailstore.Store
	found   int // messages
	unnamed int // of those, copies that name nobody
	failed  bool
}

// refuseStore refuses a store where its copies or their times would mean nothing.
func (r *run) refuseStore() error {
	if r.cfg.Spare == nil {
		return nil
	}
	name, scenario := r.driver.Name(), r.header.Scenario
	breaks := false
	for _, f := range r.scenario.Faults {
		breaks = breaks || f.Where.Place() == scenarios.AtSpare
	}
	for _, l := range r.scenario.Links {
		breaks = breaks || l.Where.Place() == scenarios.AtSpare
	}
	switch {
	case r.traits.InProcess:
		return fmt.Errorf("%s brings its copies to hansei's own endpoint only; leave --spare out", name)
	case r.traits.SharesClock && r.cfg.Speed != 1:
		return errors.New("a store stamps its mail with the wall's time; use --speed 1 with --spare")
	case breaks:
		return fmt.Errorf("%s breaks the spare, which can be done to hansei's own endpoint only; "+
			"leave --spare out", scenario)
	case len(r.spare().Domains) == 0:
		return fmt.Errorf("%s has no spare copies; leave --spare out", scenario)
	}
	return nil
}

// openCopies opens the store and notes what is in it already: mail of an earlier
// run has the same ids.
func (r *run) openCopies(ctx context.Context) error {
	if r.cfg.Spare == nil {
		return nil
	}
	store, err := r.cfg.Spare.Open(ctx)
	if err != nil {
		return &Refusal{fmt.Sprintf("opening the spare store: %v", err)}
	}
	r.copies = &copies{
		inbox: newInbox(r.world, endpointSpare), where: *r.cfg.Spare, spare: r.spare(), store: store,
	}
	if err := store.Look(ctx, r.copies.take); err != nil {
		return &Refusal{fmt.Sprintf("reading the spare store: %v", err)}
	}
	r.manifest.Spare = fmt.Sprintf("%s, its own times exact to %s, looked at every %s", r.cfg.Spare,
		store.Grain(), storeEvery)
	return nil
}

// keep looks again and again until ctx ends.
func (c *copies) keep(ctx context.Context) {
	if c == nil {
		return
	}
	tick := time.NewTicker(storeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.look(ctx)
		}
	}
}

// look tells of what is new, and how much there has been so far.
func (c *copies) look(ctx context.Context) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed || c.store == nil {
		return c.found
	}
	if err := c.store.Look(ctx, c.take); err != nil && ctx.Err() == nil {
		c.failed = true // what it says from now on would have holes
		c.trouble("spare store", err.Error())
	}
	return c.found
}

// settle looks until nothing new has come for a while.
func (c *copies) settle(ctx context.Context) {
	if c == nil {
		return
	}
	tick := time.NewTicker(storeEvery)
	defer tick.Stop()
	found, since := c.look(ctx), time.Now()
	for time.Since(since) < storeRest {
		select {
		case <-ctx.Done():
			c.trouble("spare store", "mail still came in when the run had to end")
			return
		case <-tick.C:
		}
		if n := c.look(ctx); n != found {
			found, since = n, time.Now()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unnamed > 0 {
		c.trouble("spare store", fmt.Sprintf("%d of %d copies do not say whose they are: have the "+
			"relay, or who keeps the store, add %s", c.unnamed, c.found, recipientWords()))
	}
}

func (c *copies) close() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.store == nil {
		return
	}
	if err := c.store.Close(); err != nil && !c.failed {
		c.trouble("spare store", err.Error())
	}
	c.store = nil
}

// take records one message as our own endpoint would, at its own time. The
// caller holds the lock.
func (c *copies) take(a mailstore.Arrival, content io.Reader) error {
	x := traffic.NewExaminer(c.keys)
	var head headOf
	if _, err := io.Copy(io.MultiWriter(&head, x), content); err != nil {
		return fmt.Errorf("reading %s: %w", a.Name, err)
	}
	c.found++
	f := x.Finding()
	at, t := c.stamp()
	ago := time.Since(a.Latest)
	e := evidence.Event{
		Kind: evidence.KindDelivery, Actor: evidence.Harness, Endpoint: endpointSpare,
		Address: c.where.String(), From: head.sender(), To: head.recipients(c.spare),
		Size: f.Size, Outcome: evidence.Accepted,
		At: max(1, at-ago), T: t - ago, Blur: a.Latest.Sub(a.Earliest),
	}
	e.Began = e.T - e.Blur
	if f.Msg != "" && len(e.To) == 0 {
		c.unnamed++
	}
	c.took(e, f)
	return nil
}
