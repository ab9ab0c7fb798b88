package harness

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/dnsfake"
	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/link"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/traffic"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// Where the world's own services are. All of 127.0.0.0/8 is usable on Linux.
const (
	spareAddress = "127.27.0.1"
	spareHost    = "mx." + timeline.SpareDomain
	dnsAddress   = "127.25.0.53:53"
	smtpPort     = "25"
)

// world is everything that the relay meets but its senders.
type world struct {
	*recorder
	header  timeline.Header
	network relay.Network
	faults  *faults
	keys    *traffic.Keys
	failing func(endpoint string) error // see run
	tls     *tls.Config                 // nil: no STARTTLS

	dns     *dnsfake.Server
	links   []*liveLink
	servers []*smtpfake.Server
	forests map[string][]*smtpfake.Server
	doors   *doors
	// mailboxes are what tenants have received, by forest.
	mailboxes map[string]*office365.Receiving
	services  *services          // nil: the plan has none
	leave     context.CancelFunc // ends what waits for the scenario's time
	closing   atomic.Bool
	serving   sync.WaitGroup
}

// liveLink is a link of the plan and the sites behind it.
type liveLink struct {
	timeline.Link
	path *link.Link
}

// frontEnd is one address and what is behind it.
type frontEnd struct {
	address string
	domains []string
	site    timeline.Site // any of them: forest, region and kind are shared
}

// build opens every listener of the world. When it fails, close what is open.
func (w *world) build(realDNS bool) error {
	w.dns = &dnsfake.Server{Zone: w.zone(), Wrong: w.wrongAnswers()}
	w.doors = newDoors(w.recorder, w.network)
	w.forests = map[string][]*smtpfake.Server{}
	w.mailboxes = map[string]*office365.Receiving{}
	w.faults.sessions = w.sessions
	ctx, cancel := context.WithCancel(context.Background())
	w.leave = cancel
	w.postmen(ctx)
	for _, planned := range w.header.Links {
		path, err := link.New(planned.Name, w.clock)
		if err != nil {
			return fmt.Errorf("opening the link %s: %w", planned.Name, err)
		}
		w.links = append(w.links, &liveLink{Link: planned, path: path})
	}
	for i, fe := range frontEnds(w.header.Sites) {
		if err := w.open(fe, uint64(i+1)); err != nil {
			return err
		}
	}
	spare := frontEnd{address: spareAddress, domains: []string{timeline.SpareDomain}}
	if err := w.open(spare, 0); err != nil {
		return err
	}
	if err := w.openServices(); err != nil {
		return err
	}
	if realDNS {
		return w.serveDNS()
	}
	return nil
}

// frontEnds groups the sites by address, in the order of the plan.
func frontEnds(sites []timeline.Site) []frontEnd {
	var all []frontEnd
	for _, site := range sites {
		for _, address := range site.FrontEnds {
			i := slices.IndexFunc(all, func(f frontEnd) bool { return f.address == address })
			if i < 0 {
				all = append(all, frontEnd{address: address, site: site})
				i = len(all) - 1
			}
			all[i].domains = append(all[i].domains, site.Domain)
		}
	}
	return all
}

// open starts one fake on one address.
func (w *world) open(fe frontEnd, salt uint64) error {
	endpoint := w.endpoint(fe)
	box := newInbox(w, endpoint)
	at := spot{endpoint: endpoint, address: fe.address, forest: fe.site.Forest,
		domains: fe.domains, salt: salt}
	srv := &smtpfake.Server{
		Clock: w.clock, Open: box.open, Ended: box.ended, TLS: w.tls, Key: messageKey,
		Persona: w.persona(fe, endpoint, salt),
		Faults:  w.faults.at(at),
		Path:    w.path(fe, endpoint),
		Trouble: func(err error) { w.trouble("fake "+fe.address, err.Error()) },
	}
	l, err := w.doors.listen(at, w.faults.here(at))
	if err != nil {
		return fmt.Errorf("listening on %s for %s: %w", fe.address, endpoint, err)
	}
	w.servers = append(w.servers, srv)
	w.forests[at.forest] = append(w.forests[at.forest], srv)
	w.serving.Go(func() {
		err := srv.Serve(l)
		if !w.closing.Load() {
			w.trouble("fake "+fe.address, fmt.Sprintf("it stopped in mid-run: %v", err))
		}
	})
	return nil
}

// inject begins what a fault does by itself, without a session.
func (w *world) inject(name string) {
	if l := w.faults.named(name); l != nil && l.atDoor() {
		w.doors.play(w.faults, l)
	}
}

// sessions is how many are open at the front ends of a forest.
func (w *world) sessions(forest string) int {
	n := 0
	for _, srv := range w.forests[forest] {
		n += srv.Sessions()
	}
	return n
}

func (w *world) endpoint(fe frontEnd) string {
	switch {
	case fe.address == spareAddress:
		return endpointSpare
	case fe.site.At == scenarios.Office365:
		return endpointOffice365
	}
	return endpointInternet
}

func (w *world) persona(fe frontEnd, endpoint string, salt uint64) smtpfake.Persona {
	accepts := func(rcpt string) bool {
		return slices.Contains(fe.domains, siteOf(rcpt)) ||
			w.header.TakenIn(fe.address, siteOf(rcpt)) || w.header.FallsBack(siteOf(rcpt), fe.domains)
	}
	if endpoint == endpointOffice365 {
		return office365.MX{
			Era: office365.Era(w.header.Era), Forest: fe.site.Forest, Region: fe.site.Region,
			Started: w.header.Start, Seed: w.header.Seed ^ salt, Accepts: accepts,
			Tenant:    func(domain string) string { return domain }, // one tenant each
			Elsewhere: func(rcpt string) bool { return elsewhere(w.header, fe.site.Forest, rcpt) },
			Receiving: w.receiving(fe.site.Forest),
		}
	}
	host := spareHost
	if endpoint == endpointInternet {
		host = fe.site.MX
	}
	return smtpfake.Plain{Name: host, Accepts: accepts}
}

// receiving is the count of what a forest's mailboxes have received.
func (w *world) receiving(forest string) *office365.Receiving {
	if w.mailboxes[forest] == nil {
		w.mailboxes[forest] = &office365.Receiving{}
	}
	return w.mailboxes[forest]
}

// path leads sessions through the first link that covers one of the domains.
func (w *world) path(fe frontEnd, endpoint string) func(net.Conn) (net.Conn, error) {
	for _, l := range w.links {
		if l.Where.At == endpoint || l.Where.At == "" && endpoint == endpointOffice365 {
			for _, domain := range fe.domains {
				if endpoint == endpointSpare || slices.Contains(l.Sites, domain) {
					return l.path.Through
				}
			}
		}
	}
	return nil
}

// zone is every name that can be looked up.
func (w *world) zone() *dnsfake.Zone {
	z := dnsfake.NewZone()
	hosts := map[string]bool{}
	add := func(domain, host string, addresses []string) {
		z.AddMX(domain, host, scenarios.FirstPreference)
		z.AddTXT(w.keys.Name(domain), w.keys.Record())
		if hosts[host] {
			return
		}
		hosts[host] = true
		for _, a := range addresses {
			z.AddHost(host, netip.MustParseAddr(a))
		}
	}
	for _, site := range w.header.Sites {
		add(site.Domain, site.MX, site.FrontEnds)
		if second, ok := w.header.Site(site.Fallback); ok {
			z.AddMX(site.Domain, second.MX, scenarios.FallbackPreference)
		}
	}
	add(timeline.SpareDomain, spareHost, []string{spareAddress})
	z.AddHost(relayHost, netip.MustParseAddr("127.0.0.1"))
	z.AddPTR(netip.MustParseAddr("127.0.0.1"), relayHost)
	return z
}

func (w *world) serveDNS() error {
	l, err := net.Listen("tcp", dnsAddress)
	if err != nil {
		return fmt.Errorf("listening on %s for DNS: %w", dnsAddress, err)
	}
	pc, err := net.ListenPacket("udp", dnsAddress)
	if err != nil {
		l.Close()
		return fmt.Errorf("listening on %s for DNS: %w", dnsAddress, err)
	}
	w.serving.Go(func() {
		err := w.dns.Serve(pc, l)
		if !w.closing.Load() {
			w.trouble("dns", fmt.Sprintf("it stopped in mid-run: %v", err))
		}
	})
	return nil
}

// close ends the world; it may be called on one that was not built whole.
func (w *world) close() {
	w.closing.Store(true)
	if w.leave != nil {
		w.leave()
		w.doors.close()
	}
	w.faults.healAll()
	for _, srv := range w.servers {
		_ = srv.Close()
	}
	w.services.end()
	for _, l := range w.links {
		if err := l.path.Close(); err != nil {
			w.trouble("link "+l.Name, err.Error())
		}
	}
	if w.dns != nil {
		_ = w.dns.Close()
	}
	w.serving.Wait()
}

// certificates makes the throwaway authority of a run and its certificate.
func certificates(h timeline.Header) (*tls.Config, error) {
	authority, err := certs.New(h.Start)
	if err != nil {
		return nil, err
	}
	names := []string{spareHost}
	for _, site := range h.Sites {
		if !slices.Contains(names, strings.ToLower(site.MX)) {
			names = append(names, strings.ToLower(site.MX))
		}
	}
	leaf, err := authority.Leaf(names...)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}, nil
}
