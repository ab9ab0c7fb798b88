package harness

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/fakes/alerts"
	"github.com/hansei-mail/hansei/fakes/entra"
	"github.com/hansei-mail/hansei/fakes/health"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// The operator's own tenant at the provider, and the client that reads the
// health page in its name.
const (
	operatorTenant = "operator.example"
	operatorClient = "11111111-2222-4333-8444-555555555555"
	operatorSecret = "only-for-this-run"
	operatorScope  = "https://graph.microsoft.com/.default"
	healthPath     = "/v1.0/admin/serviceAnnouncement"
)

// services are those beside the mail, as far as the plan has them.
type services struct {
	*world
	token   *entra.Server
	health  *health.Server
	alerts  *alerts.Webhook
	closers []func() error
	offered relay.Services
}

// openServices starts what the plan has of them.
func (w *world) openServices() error {
	if len(w.header.Services) == 0 {
		return nil
	}
	s := &services{world: w}
	w.services = s
	s.token = &entra.Server{
		Seed: w.header.Seed, Clock: w.clock, Ended: s.tokenAsked, Faults: s.tokenFaults(),
		Clients: entra.Clients{operatorTenant: {operatorClient: operatorSecret}},
		Trouble: s.unwell("token endpoint"),
	}
	s.health = &health.Server{
		Seed: w.header.Seed, Clock: w.clock, Ended: s.healthAsked, Faults: s.healthFaults(),
		Check: s.check(scenarios.AtHealth), Incidents: incidents(w.header),
		Trouble: s.unwell("health page"),
	}
	s.alerts = &alerts.Webhook{Clock: w.clock, Raised: s.raised, Trouble: s.unwell("webhook")}
	s.offered = relay.Services{
		ClientID: operatorClient, ClientSecret: operatorSecret, Scope: operatorScope,
		TokenURL:  "http://" + urlHost(timeline.TokenAddress) + "/" + operatorTenant + "/oauth2/v2.0/token",
		HealthURL: "http://" + urlHost(timeline.HealthAddress) + healthPath,
		AlertsURL: "http://" + urlHost(timeline.AlertsAddress) + "/",
	}
	for _, one := range []struct {
		what, address string
		serve         func(net.Listener) error
		close         func() error
	}{
		{"token endpoint", timeline.TokenAddress, s.token.Serve, s.token.Close},
		{"health page", timeline.HealthAddress, s.health.Serve, s.health.Close},
		{"webhook", timeline.AlertsAddress, s.alerts.Serve, s.alerts.Close},
	} {
		if err := s.open(one.what, one.address, one.serve, one.close); err != nil {
			return err
		}
	}
	return s.openSubmission()
}

// urlHost leaves the port of HTTP out, as URLs do.
func urlHost(address string) string { return strings.TrimSuffix(address, ":80") }

// open serves one of them on its address.
func (s *services) open(what, address string, serve func(net.Listener) error, end func() error) error {
	l, err := s.network.Listen(address)
	if err != nil {
		return fmt.Errorf("listening on %s for the %s: %w", address, what, err)
	}
	s.closers = append(s.closers, end)
	s.serving.Go(func() {
		err := serve(l)
		if !s.closing.Load() {
			s.trouble(what, fmt.Sprintf("it stopped in mid-run: %v", err))
		}
	})
	return nil
}

// unwell tells failures that are no fault's. A client that hangs up is none.
func (s *services) unwell(what string) func(error) {
	return func(err error) { s.trouble(what, err.Error()) }
}

// end closes them; it may be called on a world that has none.
func (s *services) end() {
	if s == nil {
		return
	}
	for _, end := range s.closers {
		if err := end(); err != nil {
			s.trouble("services", err.Error())
		}
	}
}

// offer is what the relay is told of them.
func (w *world) offer() relay.Services {
	if w.services == nil {
		return relay.Services{}
	}
	return w.services.offered
}

// tokenAsked records a request for a token.
func (s *services) tokenAsked(r entra.Result) {
	e := s.request(scenarios.AtToken, r.Local, r.Peer, r.Fault, r.Status, r.At)
	e.Name = r.Client
	if r.Code != 0 {
		e.Note = fmt.Sprintf("AADSTS%d", r.Code)
	}
	if r.Issued {
		e.Note = "a token"
	}
	s.log.Append(e)
}

// healthAsked records a look at the page.
func (s *services) healthAsked(r health.Result) {
	e := s.request(scenarios.AtHealth, r.Local, r.Peer, r.Fault, r.Status, r.At)
	e.Name, e.Note = r.Path, strings.Join(r.Shown, " ")
	s.log.Append(e)
}

func (s *services) request(
	endpoint, address, peer, fault string, status int, at time.Time,
) evidence.Event {
	if fault != "" {
		s.tally.faults.Add(1)
	}
	e := evidence.Event{
		Kind: evidence.KindRequest, Actor: evidence.Fake, Endpoint: endpoint, Address: address,
		Peer: peer, Stage: string(scenarios.StageRequest), Code: status, Fault: fault,
		Began: at.Sub(s.start), Outcome: evidence.Accepted,
	}
	switch {
	case status == 0:
		e.Outcome = evidence.Broken
	case status >= 500 || status == http.StatusTooManyRequests:
		e.Outcome = evidence.Deferred
	case status >= 400:
		e.Outcome = evidence.Refused
	}
	return e
}

// raised records an alarm.
func (s *services) raised(a alerts.Alarm) {
	e := evidence.Event{
		Kind: evidence.KindAlarm, Actor: evidence.Monitor, Name: a.Name, Action: string(a.Status),
		Peer: a.Peer, Note: firstLines(a.Raw),
	}
	if a.Form == alerts.Unreadable {
		e.Action, e.Note = "unreadable", a.Why+": "+e.Note
	}
	s.log.Append(e)
}

// check says whether a token is good where it is shown. Who withdraws tokens, and
// from how many, is the plan's to say.
func (s *services) check(place string) func(string) error {
	var withdrawals []*liveFault
	for _, l := range s.faults.all {
		if l.Do == scenarios.Withdraw {
			withdrawals = append(withdrawals, l)
		}
	}
	return func(token string) error {
		share, by := 0.0, ""
		for _, l := range withdrawals {
			if is := l.ShareAt(s.now()); is > share {
				share, by = is, l.Name
			}
		}
		s.token.Withdraw(share)
		_, _, err := s.token.Verify(token)
		if errors.Is(err, entra.ErrWithdrawn) && by != "" {
			e := s.request(scenarios.AtToken, "", "", by, http.StatusUnauthorized, s.clock.Now())
			e.Note = "a token was refused at " + place
			s.log.Append(e)
		}
		return err
	}
}

// incidents are the issues of the page as its fake needs them.
func incidents(h timeline.Header) []health.Incident {
	var all []health.Incident
	at := func(t time.Duration) time.Time { return h.Start.Add(t) }
	for _, planned := range h.Health {
		i := health.Incident{
			ID: planned.Issue, Title: planned.Title, Impact: planned.Title, Feature: planned.Feature,
			Start: at(planned.Starts), Lag: planned.Visible - planned.Starts,
			Updates: []health.Update{{At: at(planned.Visible), Current: planned.Title}},
		}
		for _, u := range planned.Updates {
			update := health.Update{At: at(u.At), Current: u.Says, Status: health.Status(u.Status)}
			if len(u.Regions) > 0 {
				update.Scope = "Users in " + strings.Join(u.Regions, ", ")
			}
			i.Updates = append(i.Updates, update)
		}
		if planned.Resolved >= 0 {
			i.End = at(planned.Resolved)
		}
		all = append(all, i)
	}
	return all
}
