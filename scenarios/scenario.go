// Package scenarios owns what is *given*: the language in which an incident is
// written down, its reader and its validator.
//
// It is pure: no sockets, no clock, no randomness. It must not know how a
// scenario is planned, run or judged; those stages read the types below and
// nothing else. One file of the package is one part of the language:
// scenario.go the nouns, fault.go what breaks, expect.go what is promised.
package scenarios

import "time"

// Scenario is one incident as an on-call engineer writes it down. Times are
// wall-clock times of the incident in its own Zone.
type Scenario struct {
	// Name is the word used on the command line: lower case, digits, dashes.
	Name string `yaml:"name"`
	// Title is one line; About a few sentences: what happened, what a relay
	// must do, what this scenario would have caught.
	Title string   `yaml:"title"`
	About string   `yaml:"about,omitempty"`
	Tags  []string `yaml:"tags,omitempty"`
	// Variant names the entry of Variants that is in force; empty: none.
	Variant string `yaml:"variant,omitempty"`

	// Zone is an IANA time zone name; every Moment is a wall-clock time in it.
	Zone  string `yaml:"zone"`
	From  Moment `yaml:"from"`
	Until Moment `yaml:"until"`
	// Outage is when the provider is down, by the promise's own reckoning:
	// drain is counted from Outage.Heal even where single faults fade later.
	Outage Window `yaml:"outage"`

	// Sources names what Basis.Source refers to: key to citation.
	Sources map[string]string `yaml:"sources,omitempty"`
	// Era is the generation of Exchange Online's banners and addresses:
	// "2019", "2023" or "2026".
	Era string `yaml:"era,omitempty"`

	Cohorts []Cohort         `yaml:"cohorts"`
	Curves  map[string]Curve `yaml:"curves,omitempty"`
	Routes  []Route          `yaml:"routes"`
	Mail    Mail             `yaml:"mail,omitempty"`
	// Messages, where there are any, are all the mail there is: the routes then
	// only say where it goes, and draw none.
	Messages []Message `yaml:"messages,omitempty"`

	Faults []Fault     `yaml:"faults,omitempty"`
	Links  []Link      `yaml:"links,omitempty"`
	Relay  []RelayStep `yaml:"relay,omitempty"`

	// Health is what the provider's own page said of the incident, and when.
	Health []HealthIssue `yaml:"health,omitempty"`

	Expect Expect `yaml:"expect"`
	// Foreseen is what even a good relay cannot keep, by the promise's name.
	Foreseen map[string]Foreseen `yaml:"foreseen,omitempty"`

	// Gaps are stretches of waiting that are not played.
	Gaps []Gap `yaml:"gaps,omitempty"`

	// Variants are named changes of this scenario, run as NAME/VARIANT.
	Variants map[string]Variant `yaml:"variants,omitempty"`

	// The text that this was read from, the file's name, how far its fields are
	// indented, and where each part stands in it.
	text   []byte
	file   string
	indent int
	places *places
}

// Variant is a named change: its faults, links and relay steps are added to
// the scenario's own, and each promise it names, or foresees, replaces the
// scenario's.
type Variant struct {
	Title  string      `yaml:"title"`
	Faults []Fault     `yaml:"faults,omitempty"`
	Links  []Link      `yaml:"links,omitempty"`
	Relay  []RelayStep `yaml:"relay,omitempty"`
	Expect Expect      `yaml:"expect,omitempty"`

	Foreseen map[string]Foreseen `yaml:"foreseen,omitempty"`
}

// Moment is a wall-clock time in the scenario's zone, written
// "2019-11-19 11:00", "2019-11-19 11:00:30" or, on the day of From, "11:00".
type Moment struct {
	Text string
	Time time.Time
}

// Window is a span of scenario time, from inclusive, Heal exclusive.
type Window struct {
	From  Moment `yaml:"from"`
	Heal  Moment `yaml:"heal"`
	Basis *Basis `yaml:"basis,omitempty"`
}

// Basis says where a figure comes from. Catalogued scenarios carry one on
// every cohort, route, fault, window, mail mix and promise.
type Basis struct {
	Sure   Sureness `yaml:"sure"`
	Source []string `yaml:"source,omitempty"` // keys of Scenario.Sources
	Note   string   `yaml:"note,omitempty"`
}

// Sureness is "known" (a source states the figure) or "assumed" (we chose it).
type Sureness string

// The two degrees of sureness.
const (
	Known   Sureness = "known"
	Assumed Sureness = "assumed"
)

// Kind says where a cohort's mailboxes live.
type Kind string

// The two kinds of cohort.
const (
	Office365 Kind = "office365"
	Internet  Kind = "internet"
)

// Cohort is a group of mailboxes that share a fate.
type Cohort struct {
	Name string `yaml:"name"`
	At   Kind   `yaml:"at"`
	// Region and Forest are set for office365 cohorts, e.g. "apac" and
	// "jpnprd01"; front ends belong to a forest.
	Region string `yaml:"region,omitempty"`
	Forest string `yaml:"forest,omitempty"`
	// Domains are reserved names (.test, .example), one tenant each; an entry such
	// as t{001..999}.example stands for many.
	Domains Domains `yaml:"domains"`
	// Mailboxes is how many mailboxes each domain has.
	Mailboxes int `yaml:"mailboxes"`
	// Spare: clean mail to these mailboxes must be copied to the spare store.
	Spare bool `yaml:"spare,omitempty"`
	// Control: the incident did not touch this cohort, and the relay must not
	// let it feel it.
	Control bool `yaml:"control,omitempty"`
	// Fallback names an internet cohort whose host is the second MX of these
	// domains, with a worse preference: a gateway of their own that keeps the mail
	// for them. A relay must try it when the first is down, and only then.
	Fallback string `yaml:"fallback,omitempty"`
	Basis    *Basis `yaml:"basis,omitempty"`
}

// Curve is a rate over the day as shares of its peak, linear between points.
type Curve []CurvePoint

// CurvePoint is one point of a Curve; At is a time of day in the zone.
type CurvePoint struct {
	At string  `yaml:"at"`
	Is float64 `yaml:"is"`
}

// Route is a stream of mail between two cohorts, through the relay.
type Route struct {
	Name string `yaml:"name"`
	From string `yaml:"from"` // cohort name
	To   string `yaml:"to"`   // cohort name
	// Peak is messages an hour where the curve is 1.
	Peak  float64 `yaml:"peak"`
	Curve string  `yaml:"curve,omitempty"` // empty: flat
	// Goes says what the route is for: inbound, outbound or elsewhere (mail
	// with the affected tenants' own addresses to unaffected places, the
	// promise sending-goes-on).
	Goes  Goes   `yaml:"goes"`
	Basis *Basis `yaml:"basis,omitempty"`
}

// Goes is the direction of a route as the affected tenants see it.
type Goes string

// The directions of a route.
const (
	Inbound   Goes = "inbound"
	Outbound  Goes = "outbound"
	Elsewhere Goes = "elsewhere"
)

// Mail is the mix of messages on every route.
type Mail struct {
	// Size of a message in bytes: a log-normal by its median and 99th
	// percentile, cut at Max.
	Size Size `yaml:"size,omitempty"`
	// Recipients is how many recipients a message has.
	Recipients []RecipientShare `yaml:"recipients,omitempty"`
	// Across is the share of messages with several recipients whose
	// recipients belong to more than one tenant of the cohort.
	Across float64 `yaml:"across,omitempty"`
	// Dirty is the share of messages that the relay must filter, by kind.
	Dirty map[Dirt]float64 `yaml:"dirty,omitempty"`
	Basis *Basis           `yaml:"basis,omitempty"`
}

// Size is a distribution of message sizes in bytes.
type Size struct {
	Median int `yaml:"median"`
	P99    int `yaml:"p99"`
	Max    int `yaml:"max"`
	// AtMax is the share of messages of exactly Max bytes, 0 to 1; the others are
	// drawn from the median and the 99th percentile.
	AtMax float64 `yaml:"at_max,omitempty"`
}

// RecipientShare is the share of messages with Count recipients.
type RecipientShare struct {
	Count int     `yaml:"count"`
	Share float64 `yaml:"share"`
}

// Dirt is a standard test string that every filter must know.
type Dirt string

// The test strings: https://spamassassin.apache.org/gtube/ and
// https://www.eicar.org/download-anti-malware-testfile/.
const (
	GTUBE Dirt = "gtube"
	EICAR Dirt = "eicar"
)
