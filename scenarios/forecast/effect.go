package forecast

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// layer is where in an attempt a fault acts.
type layer int

const (
	atLookup  layer = iota // no way is found
	atSession              // before any message is named
	atMessage              // on a transaction
	atNothing              // after the relay has done its part
)

// harm is what a fault does there.
type harm int

const (
	breaks  harm = iota // the session ends
	defers              // a temporary refusal
	bounces             // a permanent one
	delays              // it only takes longer
)

// wait is what the attempt waits for before it fails.
type wait int

const (
	atOnce wait = iota
	connectTimeout
	replyTimeout
	finishTimeout
)

// cause is a fault or link of the plan as the engines see it.
type cause struct {
	fault    *timeline.Fault
	link     *timeline.Link
	layer    layer
	harm     harm
	wait     wait
	delay    float64
	share    float64 // of what it would hit, by First and Every
	attempts int     // 0: all
	hosts    []bool  // of the lane's group; nil: all
}

// suffer works out what hits each lane.
func (w *world) suffer() {
	w.effects = make([][]*cause, len(w.lanes))
	for i := range w.header.Faults {
		w.fault(&w.header.Faults[i])
	}
	for i := range w.header.Links {
		l := &w.header.Links[i]
		if l.Silent {
			w.unmodelled = append(w.unmodelled,
				fmt.Sprintf("link %s: the silence in which nothing passes", l.Name))
		}
		for _, domain := range l.Sites {
			if at, ok := w.byDomain[domain]; ok {
				w.effects[at] = append(w.effects[at], &cause{link: l, harm: delays})
			}
		}
	}
}

func (w *world) fault(f *timeline.Fault) {
	c := cause{fault: f, share: 1, attempts: f.Attempts, delay: seconds(f.Delay)}
	c.layer, c.harm, c.wait = classify(*f)
	if f.Every > 1 {
		c.share = 1 / float64(f.Every)
	}
	w.leftOut(*f, c)
	if c.layer == atNothing {
		return
	}
	for i, l := range w.lanes {
		hit := slices.Contains(f.Sites, l.domain)
		if f.Where.Place() == scenarios.AtSpare {
			hit = l.spare
		}
		if !hit || c.layer == atSession && l.fallback && c.harm != bounces && c.harm != delays {
			continue
		}
		one := c
		if len(f.Addresses) > 0 {
			one.hosts = make([]bool, len(w.groups[l.group].addresses))
			for h, a := range w.groups[l.group].addresses {
				one.hosts[h] = slices.Contains(f.Addresses, a)
			}
		}
		w.effects[i] = append(w.effects[i], &one)
	}
}

// leftOut notes what of a fault the engines do not follow.
func (w *world) leftOut(f timeline.Fault, c cause) {
	note := func(what string) {
		w.unmodelled = append(w.unmodelled, fmt.Sprintf("fault %s: %s", f.Name, what))
	}
	if f.Feedback != nil {
		note("the share that rises with the load (feedback)")
	}
	if f.History != nil {
		note("the throttling by a source's own history")
	}
	if c.layer == atSession && w.fallsBack(f.Sites) {
		note("the time that is lost before a relay turns to the second MX")
	}
	if f.First > 0 {
		note("that only the first ones feel it")
	}
	if w := f.Where; len(w.Recipients) > 0 || w.MinBytes > 0 || w.MaxBytes > 0 || w.Attachment ||
		len(w.Sources) > 0 {
		note("that it selects single recipients, sizes or sources; it is taken to hit all mail")
	}
	if f.Stage == scenarios.StageAccepted && f.Do != scenarios.Lose && f.Do != scenarios.Hold &&
		f.Do != scenarios.Quarantine {
		note("second deliveries after a reply that was withheld")
	}
}

// fallsBack says whether a domain of a fault has a second MX.
func (w *world) fallsBack(domains []string) bool {
	return slices.ContainsFunc(w.lanes, func(l lane) bool {
		return l.fallback && slices.Contains(domains, l.domain)
	})
}

// stageLayers are the layers of the stages; those not named are on a message.
var stageLayers = map[scenarios.Stage]layer{
	scenarios.StageLookup: atLookup, scenarios.StageConnect: atSession,
	scenarios.StageBanner: atSession, scenarios.StageEHLO: atSession,
	scenarios.StageSTARTTLS: atSession, scenarios.StageHandshake: atSession,
	scenarios.StageSecured: atSession, scenarios.StageAuth: atSession,
	scenarios.StageAccepted: atNothing, scenarios.StageQuit: atNothing,
}

// classify is what a fault means to an attempt.
func classify(f timeline.Fault) (layer, harm, wait) {
	at, known := stageLayers[f.Stage]
	if !known {
		at = atMessage
	}
	switch f.Do {
	case scenarios.Slow, scenarios.Split:
		return at, delays, atOnce
	case scenarios.Reply:
		if len(f.Reply) > 0 && f.Reply[0] == '5' && at == atMessage {
			return at, bounces, atOnce
		}
		return at, defers, atOnce
	case scenarios.SynDrop:
		return at, breaks, connectTimeout
	case scenarios.Timeout:
		return at, defers, connectTimeout
	case scenarios.Stall:
		if f.Stage == scenarios.StageEOD || f.Stage == scenarios.StageBody {
			return at, breaks, finishTimeout
		}
		return at, breaks, replyTimeout
	case scenarios.NXDomain:
		return at, bounces, atOnce
	case scenarios.ServFail, scenarios.Truncate:
		return at, defers, atOnce
	case scenarios.Answer:
		return at, breaks, connectTimeout
	}
	return at, breaks, atOnce
}

// effect is what an attempt meets at a lane at one moment.
type effect struct {
	until float64 // it is true up to then
	// lookup is the share of attempts that find no way, broken the share of
	// sessions that break at each host; both with what that costs.
	lookup, lookupCost float64
	broken             []float64
	brokenCost         float64
	// deferred, bounced and cut are shares of transactions.
	deferred, bounced, cut float64
	messageCost            float64 // of those that fail
	attempts               int     // only so many attempts feel the three; 0: all
	slow                   float64 // added to a transaction
	session                float64 // added to a session
	perByte                float64
	cutBytes               float64 // messages above it do not pass; 0: all do
	// cap is the most sessions of the group at a time, beyond which over of them
	// are refused; negative: none.
	cap  int
	over float64
}

// ramp is how long a share that changes is taken to be level.
const ramp = 1.0

// effect works out what an attempt meets at a lane.
func (w *world) effect(at int, t float64, s Service) effect {
	hosts := len(w.groups[w.lanes[at].group].addresses)
	e := effect{until: math.Inf(1), broken: make([]float64, hosts), cap: -1}
	var sessions, messages, lookups weighted
	for _, c := range w.effects[at] {
		if c.link != nil {
			e.join(c.link, t)
			continue
		}
		share, until := c.at(t)
		e.until = min(e.until, until)
		if share <= 0 {
			continue
		}
		if limit, ok := c.fault.CapAt(span(t)); ok {
			e.cap, e.over = limit, share
			continue
		}
		cost := c.cost(s, t)
		switch {
		case c.harm == delays && c.layer == atMessage:
			e.slow += share * c.delay
		case c.harm == delays:
			e.session += share * c.delay
		case c.layer == atLookup:
			e.lookup = either(e.lookup, share)
			lookups.add(share, cost)
		case c.layer == atSession:
			for h := range e.broken {
				if c.hosts == nil || c.hosts[h] {
					e.broken[h] = either(e.broken[h], share)
				}
			}
			sessions.add(share, cost)
		default:
			e.message(c, share)
			messages.add(share, cost)
		}
	}
	e.lookupCost, e.brokenCost, e.messageCost = lookups.mean(), sessions.mean(), messages.mean()
	return e
}

// message takes a fault on transactions in.
func (e *effect) message(c *cause, share float64) {
	if c.hosts != nil {
		hit := 0
		for _, yes := range c.hosts {
			if yes {
				hit++
			}
		}
		share *= float64(hit) / float64(len(c.hosts))
	}
	e.attempts = max(e.attempts, c.attempts)
	switch c.harm {
	case bounces:
		e.bounced = either(e.bounced, share)
	case defers:
		e.deferred = either(e.deferred, share)
	default:
		e.cut = either(e.cut, share)
	}
}

// join takes a link's impairment in.
func (e *effect) join(l *timeline.Link, t float64) {
	from, heal := seconds(l.From), seconds(l.Heal)
	switch {
	case t < from:
		e.until = min(e.until, from)
		return
	case t >= heal:
		return
	}
	e.until = min(e.until, heal)
	// RFC 5321 section 4.3.1: a session has three exchanges before MAIL (the
	// connection, the greeting, EHLO), a transaction four (MAIL, RCPT, DATA and
	// the end of data); each crosses the link twice.
	e.session += 6 * seconds(l.Latency)
	e.slow += 8 * seconds(l.Latency)
	if l.Bandwidth > 0 {
		e.perByte += 1 / float64(l.Bandwidth)
	}
	if l.CutAfter > 0 {
		e.cutBytes = float64(l.CutAfter)
	}
}

// at is the share at a moment, and until when it is about that.
func (c *cause) at(t float64) (share, until float64) {
	f := c.fault
	at := span(t)
	until = math.Inf(1)
	if next, ok := f.Turn(at); ok {
		until = max(seconds(next), t+0.001)
	}
	if !f.On(at) {
		return 0, until
	}
	if len(f.Share) > 1 || len(f.Cap) > 1 {
		until = min(until, t+ramp)
	}
	return c.share * f.ShareAt(at), until
}

// cost is what an attempt that the cause fails takes.
func (c *cause) cost(s Service, t float64) float64 {
	full := s.Refused
	switch c.wait {
	case connectTimeout:
		full = s.Connect
	case replyTimeout:
		full = s.Stall
	case finishTimeout:
		full = s.Finish
	default:
		return full
	}
	if c.delay > 0 {
		full = min(full, c.delay)
	}
	if c.fault.Heal >= 0 { // a stall ends with its fault
		full = min(full, max(s.Refused, seconds(c.fault.Heal)-t))
	}
	return full
}

func span(t float64) time.Duration { return time.Duration(t * float64(time.Second)) }

// either is the share that at least one of two independent causes hits.
func either(a, b float64) float64 { return 1 - (1-a)*(1-b) }

// weighted is a mean by weights.
type weighted struct{ sum, weight float64 }

func (w *weighted) add(weight, v float64) {
	w.sum += weight * v
	w.weight += weight
}

func (w *weighted) mean() float64 {
	if w.weight == 0 {
		return 0
	}
	return w.sum / w.weight
}
