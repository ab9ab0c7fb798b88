package timeline

import (
	"slices"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// Header is the first line of timeline.jsonl: everything about the plan that
// is not a step.
type Header struct {
	Format   int     `json:"format"` // 1
	Scenario string  `json:"scenario"`
	Variant  string  `json:"variant,omitempty"`
	Seed     uint64  `json:"seed"`
	Scale    float64 `json:"scale"`
	Zone     string  `json:"zone"`
	// Start is the scenario's From, in UTC; every At counts from it.
	Start time.Time `json:"start"`
	// Length, Outage and Heal are offsets from Start, in nanoseconds.
	Length time.Duration `json:"length"`
	Outage time.Duration `json:"outage"`
	Heal   time.Duration `json:"heal"`
	Era    string        `json:"era"`
	Sites  []Site        `json:"sites"`
	Faults []Fault       `json:"faults"`
	Links  []Link        `json:"links"`
	// Health is what the provider's page says, Services the places beside the
	// mail that the world has: token, health, alerts, submission.
	Health   []Health `json:"health,omitempty"`
	Services []string `json:"services,omitempty"`
	// Relay is what happens to the relay itself; see relay.go.
	Relay []RelayStep `json:"relay,omitempty"`
	// Gaps are what is left out; every other offset is one of what is played.
	Gaps []Gap `json:"gaps,omitempty"`
}

// Gap is a stretch of waiting that is left out.
type Gap struct {
	// At is where in what is played it was.
	At time.Duration `json:"at"`
	// Length is how much is left out.
	Length time.Duration `json:"length"`
	// From and Until are times of the incident, in UTC.
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Site is one mail domain of the world outside and where its mail goes.
type Site struct {
	Domain  string         `json:"domain"`
	Cohort  string         `json:"cohort"`
	At      scenarios.Kind `json:"kind"`
	Region  string         `json:"region,omitempty"`
	Forest  string         `json:"forest,omitempty"`
	Spare   bool           `json:"spare,omitempty"`
	Control bool           `json:"control,omitempty"`
	// MX is the host name that the domain's MX record gives.
	MX string `json:"mx"`
	// FrontEnds are the IPv4 addresses of that host, shared by all tenants of
	// a forest: 127.25.F.N for office365, 127.26.C.1 for the internet.
	FrontEnds []string `json:"front_ends"`
	// Fallback is the domain whose MX host is this one's second, with the
	// preference scenarios.FallbackPreference.
	Fallback string `json:"fallback,omitempty"`
}

// SpareDomain is the domain whose MX is the spare store; the copy of mail to
// user@domain goes to user=domain@SpareDomain.
const SpareDomain = "spare.test"

// Fault is a scenario's fault with its times as offsets and its own seed, from
// which every decision about a session or transaction is drawn.
type Fault struct {
	Name  string           `json:"name"`
	Seed  uint64           `json:"seed"`
	Where scenarios.Where  `json:"where"`
	Sites []string         `json:"sites"` // domains it selects; empty for the spare
	Stage scenarios.Stage  `json:"stage"`
	Do    scenarios.Action `json:"do"`
	Reply string           `json:"reply,omitempty"`
	Delay time.Duration    `json:"delay,omitempty"`
	After int64            `json:"after,omitempty"`
	From  time.Duration    `json:"from"`
	// Heal is the offset of the heal; -1 when permanent.
	Heal  time.Duration `json:"heal"`
	Share []Share       `json:"share"` // at least one point

	Bytes int64 `json:"bytes,omitempty"`
	Rate  int64 `json:"rate,omitempty"`
	// Addresses are the front ends that Where.FrontEnds has drawn; empty: all
	// of the Sites'.
	Addresses []string `json:"addresses,omitempty"`
	// Lookup, Answers and TTL are for stage lookup; the addresses of another
	// forest are written out.
	Lookup  []string      `json:"lookup,omitempty"`
	Answers []string      `json:"answers,omitempty"`
	TTL     time.Duration `json:"ttl,omitempty"`
	// Takes: whoever has the Answers takes the mail of the Sites as its own.
	Takes bool `json:"takes,omitempty"`
	// Steps: Share and Cap are level between their points.
	Steps bool `json:"steps,omitempty"`
	// Wave and Spans narrow the window; no Spans mean all of it.
	Wave  *Wave  `json:"wave,omitempty"`
	Spans []Span `json:"spans,omitempty"`

	Attempts int                 `json:"attempts,omitempty"`
	First    int                 `json:"first,omitempty"`
	Every    int                 `json:"every,omitempty"`
	Feedback *scenarios.Feedback `json:"feedback,omitempty"`
	Cap      []Cap               `json:"cap,omitempty"`
	History  *History            `json:"history,omitempty"`
}

// TakenIn says whether the front end at an address takes the mail of a domain
// that is another's: the domain's MX is switched to it at some time.
func (h Header) TakenIn(address, domain string) bool {
	return slices.ContainsFunc(h.Faults, func(f Fault) bool {
		return f.Takes && slices.Contains(f.Answers, address) && slices.Contains(f.Sites, domain)
	})
}

// Site is the site of a mail domain.
func (h Header) Site(domain string) (Site, bool) {
	i := slices.IndexFunc(h.Sites, func(s Site) bool { return s.Domain == domain })
	if i < 0 {
		return Site{}, false
	}
	return h.Sites[i], true
}

// FallsBack says whether the second MX of a domain is the host of one of the
// others.
func (h Header) FallsBack(domain string, to []string) bool {
	site, ok := h.Site(domain)
	return ok && site.Fallback != "" && slices.Contains(to, site.Fallback)
}

// Wave is on for a part of each period, from the fault's From on.
type Wave struct {
	Period time.Duration `json:"period"`
	On     time.Duration `json:"on"`
}

// Span is a part of a fault's window, To exclusive.
type Span struct {
	From time.Duration `json:"from"`
	To   time.Duration `json:"to"`
}

// Cap is a point of a limit on concurrent sessions of a forest.
type Cap struct {
	At time.Duration `json:"at"`
	Is int           `json:"is"`
}

// History is a limit on sources by their own earlier rate.
type History struct {
	Over   float64       `json:"over"`
	Window time.Duration `json:"window"`
	For    time.Duration `json:"for"`
}

// Share is a point of a fault's share over time.
type Share struct {
	At time.Duration `json:"at"`
	Is float64       `json:"is"`
}

// Link is a scenario's link with its times as offsets.
type Link struct {
	Name      string          `json:"name"`
	Where     scenarios.Where `json:"where"`
	Sites     []string        `json:"sites"`
	From      time.Duration   `json:"from"`
	Heal      time.Duration   `json:"heal"`
	Latency   time.Duration   `json:"latency,omitempty"`
	Bandwidth int64           `json:"bandwidth,omitempty"`
	CutAfter  int64           `json:"cut_after,omitempty"`
	Slice     int64           `json:"slice,omitempty"`
	Silent    bool            `json:"silent,omitempty"`
	SlowClose time.Duration   `json:"slow_close,omitempty"`
}

// Verb says what a step does.
type Verb string

// The verbs. Inject and Heal name a fault or link of the header; Kill and
// Restart act on the relay, as do those of relay.go; Phase marks the beginning
// of a phase.
const (
	Submit  Verb = "submit"
	Phase   Verb = "phase"
	Inject  Verb = "inject"
	Heal    Verb = "heal"
	Impair  Verb = "impair"
	Repair  Verb = "repair"
	Kill    Verb = "kill"
	Restart Verb = "restart"
)

// Step is one line of the timeline: at this offset, this happens.
type Step struct {
	At   time.Duration `json:"at"`
	Verb Verb          `json:"verb"`
	// Name is the fault, link, phase or relay step concerned.
	Name   string      `json:"name,omitempty"`
	Submit *Submission `json:"submit,omitempty"`
}

// Submission is one message that a sender hands to the relay.
type Submission struct {
	// ID is "m" and the submission's ordinal in the timeline, from 1.
	ID    string         `json:"id"`
	Route string         `json:"route"`
	Goes  scenarios.Goes `json:"goes"`
	From  string         `json:"from"`
	To    []string       `json:"to"`
	Size  int            `json:"size"` // bytes of the whole message, about
	Dirt  scenarios.Dirt `json:"dirt,omitempty"`
	Shape []Shape        `json:"shape,omitempty"`
	Seed  uint64         `json:"seed"` // of the content
}

// Shape is a peculiarity of content that relays have been known to break.
type Shape string

// The shapes: 8-bit text, lines that start with a dot, lines near the limit of
// 998 octets (RFC 5322 section 2.1.1), trailing blanks, folded headers.
const (
	EightBit  Shape = "8bit"
	Dots      Shape = "dots"
	LongLines Shape = "long-lines"
	Blanks    Shape = "trailing-blanks"
	Folded    Shape = "folded"
)
