package alone

import (
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/fakes/internet"
	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/fakes/spare"
	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// gated is a front end and its door.
type gated struct {
	harness.Place
	gate *smtpfake.Gate
}

// frontEnds are those of the scenario, in its order, or one that takes mail for
// every domain.
func (f *Fake) frontEnds() (all []harness.Place, sites []timeline.Site) {
	kind := string(f.cfg.Kind)
	for _, site := range f.header.Sites {
		if string(site.At) != kind {
			continue
		}
		for _, address := range site.FrontEnds {
			i := slices.IndexFunc(all, func(p harness.Place) bool { return p.Address == address })
			if i < 0 {
				i = len(all)
				all = append(all, harness.Place{Endpoint: kind, Address: address,
					Forest: site.Forest, Salt: uint64(i + 1)})
				sites = append(sites, site)
			}
			all[i].Domains = append(all[i].Domains, site.Domain)
		}
	}
	if len(all) == 0 {
		all = []harness.Place{{Endpoint: kind, Salt: 1}}
		if f.cfg.Kind == Office365 {
			all[0].Forest = f.forest()
		}
		sites = []timeline.Site{{MX: "mx.test", Forest: all[0].Forest}}
	}
	return all, sites
}

func (f *Fake) serveMail() error {
	places, sites := f.frontEnds()
	if f.cfg.Scenario != nil && len(places[0].Domains) == 0 && f.cfg.Kind != Spare {
		return errors.New("the scenario has nobody at " + string(f.cfg.Kind))
	}
	quota := &office365.Quota{}
	for n, place := range places {
		if err := f.open(n, place, sites[n], quota); err != nil {
			return err
		}
	}
	f.keepDoors()
	return nil
}

// open serves one front end.
func (f *Fake) open(
	n int, place harness.Place, site timeline.Site, quota *office365.Quota,
) error {
	first, err := addressOf(f.cfg.Listen)
	if err != nil {
		return err
	}
	address, err := nth(first, n)
	if err != nil {
		return err
	}
	gate, err := smtpfake.NewGate(func() (net.Listener, error) {
		l, err := listen(address)
		if err == nil {
			address = l.Addr().String() // a free port stays the same when the door opens again
		}
		return l, err
	})
	if err != nil {
		return err
	}
	faults := f.played.SMTP(place)
	srv := &smtpfake.Server{
		Clock: f.clock, TLS: f.tls, Open: f.begin, Ended: f.ended, Faults: faults,
		Persona: f.persona(place, site), Key: harness.MessageKey, Trouble: f.trouble,
		Triggers: f.cfg.Triggers, MaxSession: f.cfg.MaxSession, MaxSessions: f.cfg.MaxSessions,
	}
	if f.cfg.Submission {
		srv.Left = quota.Left
		srv.Faults = func(p smtpfake.Point) *smtpfake.Act {
			if act := faults(p); act != nil {
				return act
			}
			return quota.Faults(p)
		}
	}
	f.servers = append(f.servers, srv)
	f.doors.Lock()
	f.gates = append(f.gates, gated{place, gate})
	f.doors.Unlock()
	what := string(f.cfg.Kind)
	if f.cfg.Submission {
		what += " submission"
	}
	if place.Forest != "" {
		what += " forest " + place.Forest
	}
	if len(place.Domains) > 0 {
		what += " " + strings.Join(place.Domains, ",")
	}
	f.addresses = append(f.addresses, Address{gate.Addr().String(), what})
	f.run(func() error { return srv.Serve(gate) }, srv.Close)
	return nil
}

func (f *Fake) persona(place harness.Place, site timeline.Site) smtpfake.Persona {
	var accepts func(rcpt string) bool
	if len(place.Domains) > 0 {
		accepts = func(rcpt string) bool { return slices.Contains(place.Domains, domainOf(rcpt)) }
	}
	switch f.cfg.Kind {
	case Office365:
		mx := office365.MX{
			Era: office365.Era(f.cfg.Era), Forest: place.Forest, Region: site.Region,
			Started: f.start, Seed: f.cfg.Seed ^ place.Salt, Accepts: accepts,
			Tenant: func(domain string) string { return domain },
			Elsewhere: func(rcpt string) bool {
				return slices.ContainsFunc(f.header.Sites, func(s timeline.Site) bool {
					return s.Domain == domainOf(rcpt) && s.Forest != "" && s.Forest != place.Forest
				})
			},
			Receiving: &office365.Receiving{},
		}
		if f.cfg.Submission {
			return office365.Submission{MX: mx, MaySendAs: func(string, string) bool { return true }}
		}
		return mx
	case Spare:
		if f.cfg.Scenario != nil {
			return spare.New(timeline.SpareDomain)
		}
		return smtpfake.Plain{Name: timeline.SpareDomain}
	}
	if accepts == nil {
		return smtpfake.Plain{Name: site.MX}
	}
	// Who falls back to these domains has its mail taken here, too.
	domains := slices.Clone(place.Domains)
	for _, s := range f.header.Sites {
		if f.header.FallsBack(s.Domain, place.Domains) {
			domains = append(domains, s.Domain)
		}
	}
	return internet.New(site.MX, nil, domains...)
}

// keepDoors turns the gates as the faults want them, until the fake is closed.
func (f *Fake) keepDoors() {
	f.serving.Go(func() {
		for {
			next, ok := f.played.Due()
			f.setDoors()
			if !f.rest(next, ok) {
				return
			}
		}
	})
}

// setDoors returns when every gate is as the faults want it.
func (f *Fake) setDoors() {
	f.doors.Lock()
	defer f.doors.Unlock()
	for _, g := range f.gates {
		if err := g.gate.Turn(f.played.Door(g.Place)); err != nil && !f.closing.Load() {
			f.trouble(err)
		}
	}
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
