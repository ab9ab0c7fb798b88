package alone

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

func (f *Fake) serveDNS() error {
	at, err := addressOf(f.cfg.Listen)
	if err != nil {
		return err
	}
	zone, domains, err := f.zone()
	if err != nil {
		return err
	}
	pc, l, err := both(at.String())
	if err != nil {
		return err
	}
	decide := f.played.DNS(func(about, name string) string { return domains[about+" "+name] })
	srv := &dnsfake.Server{Zone: zone, Wrong: func(name, kind string) *dnsfake.Act {
		act, fault := decide(name, kind)
		if act != nil {
			f.happened(evidence.Event{
				Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: string(DNS),
				Site: domains["mx "+name], Stage: string(scenarios.StageLookup), Name: kind + " " + name,
				Fault: fault, Outcome: evidence.Broken,
			})
		}
		return act
	}, Queries: f.queried}
	f.addresses = append(f.addresses, Address{l.Addr().String(), "dns (udp and tcp)"})
	f.run(func() error { return srv.Serve(pc, l) }, srv.Close)
	f.keepDoors()
	return nil
}

// zone is every name that can be asked for, and what mail domain it is about.
func (f *Fake) zone() (*dnsfake.Zone, map[string]string, error) {
	z, domains, hosts := dnsfake.NewZone(), map[string]string{}, map[string]bool{}
	for n, site := range f.header.Sites {
		host := site.MX
		if f.cfg.DANE && site.At == scenarios.Office365 {
			host = office365.DANEName(site.Domain, "rsx"[n%3])
		}
		z.AddMX(site.Domain, host, scenarios.FirstPreference)
		if second, ok := f.header.Site(site.Fallback); ok {
			z.AddMX(site.Domain, second.MX, scenarios.FallbackPreference)
		}
		domains["mx "+site.Domain], domains["a "+host] = site.Domain, site.Domain
		if hosts[host] {
			continue
		}
		hosts[host] = true
		for _, a := range site.FrontEnds {
			addr, err := netip.ParseAddr(a)
			if err != nil {
				return nil, nil, fmt.Errorf("reading the addresses of %s: %w", host, err)
			}
			z.AddHost(host, addr)
		}
	}
	for _, text := range f.cfg.Records {
		if err := addRecord(z, domains, text); err != nil {
			return nil, nil, err
		}
	}
	return z, domains, nil
}

// addRecord reads "kaede.example MX 10 mx.kaede.example", "mx.kaede.example A
// 127.0.0.1" or "kaede.example TXT text".
func addRecord(z *dnsfake.Zone, domains map[string]string, text string) error {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	kind, value, _ := strings.Cut(strings.TrimSpace(rest), " ")
	value = strings.TrimSpace(value)
	bad := fmt.Errorf("%q is no record; write \"kaede.example MX mx.kaede.example\" or "+
		"\"mx.kaede.example A 127.0.0.1\"", text)
	if name == "" || value == "" || len(name) > 253 {
		return bad
	}
	switch strings.ToUpper(kind) {
	case "MX":
		preference := uint64(10)
		if number, host, two := strings.Cut(value, " "); two {
			n, err := strconv.ParseUint(number, 10, 16)
			if err != nil {
				return bad
			}
			preference, value = n, strings.TrimSpace(host)
		}
		z.AddMX(name, value, uint16(preference))
		domains["mx "+name], domains["a "+value] = name, name
	case "A", "AAAA":
		addr, err := netip.ParseAddr(value)
		if err != nil || !addr.IsLoopback() {
			return fmt.Errorf("%q does not point to loopback, where all fakes are", text)
		}
		z.AddHost(name, addr)
	case "TXT":
		z.AddTXT(name, value)
	default:
		return bad
	}
	return nil
}
