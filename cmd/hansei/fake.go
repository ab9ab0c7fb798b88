package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/harness/alone"
)

const fakeLong = `Serve one fake of the world outside by itself, for your own tests, until SIGTERM
or Ctrl-C. Each address is told in a line "listening ADDRESS WHAT"; after them
every event is a line of JSON, in the form of a run's evidence.

Kinds: office365, internet and spare speak SMTP, dns UDP and TCP; entra (tokens),
health (service health) and alerts (a webhook) HTTP. Without --scenario a fake
takes mail for every domain. With it there is one address for each front end,
and the scenario's faults come and go as its hours pass.

A fault (--fault, or PUT /faults/NAME) is written in the words of scenarios:
  stage  connect banner ehlo starttls handshake secured auth mail rcpt data body
         eod accepted quit; lookup for dns
  do     reset close reply slow stall refuse syn-drop cut garble ahead swap hold
         quarantine lose; for dns servfail nxdomain timeout truncate answer
  and    reply delay after bytes rate share first every attempts lookup answers
         ttl tenants recipients sources min_bytes max_bytes attachment
For entra and health: do, delay, retry_after, share, first, every.

Control interface (--control ADDRESS), JSON over HTTP:
  GET /healthz                     200 while it serves
  GET /faults                      what is set, and how often each was felt
  PUT, DELETE /faults/NAME         set one (the body is a JSON object), heal one
  GET /messages, /messages/N       what arrived; the content of one
  GET /events                      what happened
  POST /heal, /reset               heal all; be as at the start`

const fakeExample = `  hansei fake office365 --listen 127.0.0.1:2525 --control 127.0.0.1:8025
  hansei fake office365 --fault 'stage=connect do=reset share=0.3' --era 2019 --tls
  hansei fake office365 --scenario ex196121 --speed 60
  hansei fake dns --record 'kaede.example MX mx.kaede.example' --fault 'stage=lookup do=servfail'
  hansei fake entra --fault 'do=throttle retry_after=30s first=3'
  curl -X PUT -d '{"stage":"eod","do":"stall"}' http://127.0.0.1:8025/faults/silence
  curl -X POST http://127.0.0.1:8025/heal`

// fakeFlags are what the command line says about the fake.
type fakeFlags struct {
	scenario, variant   string
	faults, records     []string
	incidents           []string
	sessions            int
	listen, control     string
	era, forest         string
	tls, submission     bool
	triggers, dane      bool
	seed                uint64
	speed               float64
	session             time.Duration
	kind                alone.Kind
	officeOnly, dnsOnly []string
}

func newFake() *cobra.Command {
	flags := fakeFlags{
		officeOnly: []string{"era", "forest", "submission"}, dnsOnly: []string{"record", "dane"},
	}
	kinds := make([]string, 0, len(alone.Kinds()))
	for _, k := range alone.Kinds() {
		kinds = append(kinds, string(k))
	}
	c := &cobra.Command{
		Use:       "fake " + strings.Join(kinds, "|"),
		Short:     "Serve one fake by itself, for your own tests",
		Long:      fakeLong,
		Example:   fakeExample,
		ValidArgs: kinds,
		Args:      cobra.ExactArgs(1),
		RunE: own(func(c *cobra.Command, args []string) error {
			if !slices.Contains(kinds, args[0]) {
				return usagef("there is no fake %q; there are %s", args[0], strings.Join(kinds, ", "))
			}
			flags.kind = alone.Kind(args[0])
			return flags.serve(c)
		}),
	}
	flags.add(c)
	return c
}

func (f *fakeFlags) add(c *cobra.Command) {
	set := c.Flags()
	set.StringVar(&f.listen, "listen", "127.0.0.1:0", "first address, on loopback; port 0: free ones")
	set.StringVar(&f.control, "control", "", "address of the control interface, on loopback")
	set.StringArrayVar(&f.faults, "fault", nil, "a fault, 'stage=connect do=reset share=0.3' (repeatable)")
	set.StringVar(&f.scenario, "scenario", "", "scenario or file whose faults are played")
	set.StringVar(&f.variant, "variant", "", "variant of the scenario")
	set.Uint64Var(&f.seed, "seed", 1, "seed from which everything random is drawn")
	set.Float64Var(&f.speed, "speed", 1, "scenario seconds that pass in a second")
	set.BoolVar(&f.tls, "tls", false, "offer STARTTLS, or serve HTTPS; the authority is told as \"ca FILE\"")
	set.IntVar(&f.sessions, "max-sessions", 0, "sessions at once, those beyond are told 421 (0: any)")
	set.DurationVar(&f.session, "max-session", office365.MaxSession,
		"longest session, as Exchange has it (0: any)")
	set.BoolVar(&f.triggers, "triggers", false, "let recipients such as rcpt-451-4.7.500@mx.test ask for faults")
	set.StringVar(&f.era, "era", "", "office365: banners and names of 2019, 2023 or 2026")
	set.StringVar(&f.forest, "forest", "", "office365: forest in the names, without a scenario")
	set.BoolVar(&f.submission, "submission", false, "office365: be port 587, with TLS and AUTH, not an MX")
	set.StringArrayVar(&f.records, "record", nil, "dns: 'NAME MX HOST', 'NAME A 127.0.0.1' or TXT (repeatable)")
	set.BoolVar(&f.dane, "dane", false, "dns: MX names as with DANE, in mx.microsoft.test")
	set.StringArrayVar(&f.incidents, "incident", nil,
		"health: 'id=EX1 title=\"...\" lag=30m lasts=4h' (repeatable)")
}

// config turns the flags into what is served.
func (f *fakeFlags) config(c *cobra.Command) (alone.Config, error) {
	cfg := alone.Config{
		Kind: f.kind, Listen: f.listen, Control: f.control, Seed: f.seed, Speed: f.speed, TLS: f.tls,
		Era: f.era, Forest: f.forest, Submission: f.submission, MaxSession: f.session,
		MaxSessions: f.sessions, Triggers: f.triggers, Records: f.records, DANE: f.dane,
		Out: c.OutOrStdout(),
	}
	for kind, names := range map[alone.Kind][]string{
		alone.Office365: f.officeOnly, alone.DNS: f.dnsOnly, alone.Health: {"incident"},
	} {
		for _, name := range names {
			if kind != f.kind && c.Flags().Changed(name) {
				return cfg, usagef("--%s is for %s, not for %s", name, kind, f.kind)
			}
		}
	}
	if !(f.speed > 0 && f.speed <= 100_000) {
		return cfg, usagef("--speed must be above 0 and at most 100000, not %v", f.speed)
	}
	if f.era != "" && !slices.Contains([]string{"2019", "2023", "2026"}, f.era) {
		return cfg, usagef("there is no era %q; use 2019, 2023 or 2026", f.era)
	}
	if f.submission && !f.tls {
		return cfg, usagef("nobody can sign in without TLS; add --tls")
	}
	if f.scenario != "" {
		s, err := find(f.scenario, f.variant)
		if err != nil {
			return cfg, err
		}
		cfg.Scenario = s
	}
	for i, line := range f.faults {
		name, words, err := alone.ParseLine(line)
		if err != nil {
			return cfg, usagef("--fault: %w", err)
		}
		if name == "" {
			name = "fault-" + strconv.Itoa(i+1)
		}
		if slices.ContainsFunc(cfg.Faults, func(n alone.Named) bool { return n.Name == name }) {
			return cfg, usagef("--fault: two faults are named %q", name)
		}
		cfg.Faults = append(cfg.Faults, alone.Named{Name: name, Words: words})
	}
	for _, line := range f.incidents {
		incident, err := alone.ParseIncident(line, time.Now())
		if err != nil {
			return cfg, usagef("--incident: %w", err)
		}
		cfg.Incidents = append(cfg.Incidents, incident)
	}
	return cfg, nil
}

// serve runs the fake until it is told to end.
func (f *fakeFlags) serve(c *cobra.Command) error {
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := f.config(c)
	if err != nil {
		return err
	}
	// Events wait until the addresses are told.
	gate := &gatedWriter{to: c.OutOrStdout(), open: make(chan struct{})}
	cfg.Out = gate
	fake, err := alone.Start(cfg)
	if err != nil {
		return usagef("%w", err)
	}
	told := f.tell(c.OutOrStdout(), fake)
	close(gate.open)
	defer told.remove()
	if told.err != nil {
		return errors.Join(told.err, fake.Close())
	}
	return wait(ctx, fake)
}

func wait(ctx context.Context, fake *alone.Fake) error {
	select {
	case <-ctx.Done():
		return fake.Close()
	case err := <-fake.Failed():
		return errors.Join(err, fake.Close())
	}
}

// gatedWriter holds events back until it is opened.
type gatedWriter struct {
	to   io.Writer
	open chan struct{}
}

// Write waits for the opening.
func (g *gatedWriter) Write(p []byte) (int, error) {
	<-g.open
	return g.to.Write(p)
}

// beginning is what was told before the first event.
type beginning struct {
	ca  string
	err error
}

// remove takes the authority's file away.
func (b beginning) remove() {
	if b.ca != "" {
		_ = os.Remove(b.ca) // somebody else has removed it
	}
}

// tell prints the addresses, and where the authority is.
func (f *fakeFlags) tell(w io.Writer, fake *alone.Fake) (b beginning) {
	if pem := fake.Authority(); pem != nil {
		file, err := os.CreateTemp("", "hansei-ca-*.pem")
		if err != nil {
			b.err = fmt.Errorf("keeping the authority: %w", err)
			return b
		}
		b.ca = file.Name()
		_, err = file.Write(pem)
		if b.err = errors.Join(err, file.Close()); b.err != nil {
			return b
		}
		if _, b.err = fmt.Fprintln(w, "ca", b.ca); b.err != nil {
			return b
		}
	}
	for _, a := range fake.Addresses() {
		if _, b.err = fmt.Fprintln(w, "listening", a.At, a.What); b.err != nil {
			return b
		}
	}
	return b
}
