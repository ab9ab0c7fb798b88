// Package dnsfake owns the names of the world outside: a DNS server that
// answers from one Zone and never asks anybody else.
//
// It must not forward, resolve or look at the host's own resolver. It opens no
// socket: callers pass a net.PacketConn and a net.Listener, or use Resolver,
// which needs neither.
package dnsfake

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// DefaultTTL is that of Exchange Online's A records: about ten seconds, so that
// a front end taken out of rotation is soon forgotten. (From memory; no source.)
const DefaultTTL = 10 * time.Second

// Zone is everything that can be asked for. Names are compared without case,
// with or without the final dot. It may be changed while it is served.
type Zone struct {
	// TTL is that of every answer, and of the absence of one; 0: DefaultTTL.
	TTL time.Duration // not to be changed while served

	mu      sync.RWMutex
	records map[string][]dns.RR // by lower-case name with final dot
	parents map[string]int      // names that exist because something is below
	turns   map[turn]int        // of the next answer with addresses
}

// turn is what addresses take turns for.
type turn struct {
	name string
	kind uint16
}

// NewZone is an empty zone.
func NewZone() *Zone { return &Zone{} }

// AddMX says that mail for domain goes to host, lowest preference first. The
// host "." means that the domain takes no mail (RFC 7505).
func (z *Zone) AddMX(domain, host string, preference uint16) {
	z.add(&dns.MX{Hdr: header(domain, dns.TypeMX), Mx: fqdn(host), Preference: preference})
}

// AddHost says where a host is, by A and AAAA records.
func (z *Zone) AddHost(host string, addrs ...netip.Addr) {
	for _, a := range addrs {
		a = a.Unmap()
		if a.Is4() {
			z.add(&dns.A{Hdr: header(host, dns.TypeA), A: a.AsSlice()})
			continue
		}
		z.add(&dns.AAAA{Hdr: header(host, dns.TypeAAAA), AAAA: a.AsSlice()})
	}
}

// AddTXT adds a TXT record; texts beyond 255 bytes are cut into several
// strings of the one record (RFC 1035 section 3.3).
func (z *Zone) AddTXT(name, text string) {
	rr := &dns.TXT{Hdr: header(name, dns.TypeTXT)}
	for len(text) > 255 {
		rr.Txt, text = append(rr.Txt, text[:255]), text[255:]
	}
	rr.Txt = append(rr.Txt, text)
	z.add(rr)
}

// AddPTR says whose an address is.
func (z *Zone) AddPTR(addr netip.Addr, host string) {
	name, err := dns.ReverseAddr(addr.Unmap().String())
	if err != nil {
		return // the zero Addr: it has no name to be asked for
	}
	z.add(&dns.PTR{Hdr: header(name, dns.TypePTR), Ptr: fqdn(host)})
}

// Remove forgets a name with all its records.
func (z *Zone) Remove(name string) {
	name = fqdn(name)
	z.mu.Lock()
	defer z.mu.Unlock()
	if _, ok := z.records[name]; !ok {
		return
	}
	delete(z.records, name)
	z.countParents(name, -1)
}

func (z *Zone) add(rr dns.RR) {
	name := rr.Header().Name
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.records == nil {
		z.records = make(map[string][]dns.RR)
		z.parents = make(map[string]int)
		z.turns = make(map[turn]int)
	}
	if _, ok := z.records[name]; !ok {
		z.countParents(name, 1)
	}
	z.records[name] = append(z.records[name], rr)
}

// countParents notes that the names above name exist (RFC 8020: only a name
// with nothing below it is NXDOMAIN).
func (z *Zone) countParents(name string, by int) {
	for i, end := dns.NextLabel(name, 0); !end; i, end = dns.NextLabel(name, i) {
		z.parents[name[i:]] += by
	}
}

// lookup finds the answer to a question: records, and whether the name exists.
// Addresses take turns, so that clients spread over front ends.
func (z *Zone) lookup(name string, kind uint16) (answer []dns.RR, exists bool) {
	name = fqdn(name)
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, rr := range z.records[name] {
		if kind == rr.Header().Rrtype || kind == dns.TypeANY {
			rr = dns.Copy(rr)
			rr.Header().Ttl = z.ttl()
			answer = append(answer, rr)
		}
	}
	if n := len(answer); n > 1 && (kind == dns.TypeA || kind == dns.TypeAAAA) {
		whose := turn{name, kind}
		first := z.turns[whose] % n
		z.turns[whose]++
		answer = append(answer[first:n:n], answer[:first]...)
	}
	return answer, len(z.records[name]) > 0 || z.parents[name] > 0
}

func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: fqdn(name), Rrtype: kind, Class: dns.ClassINET}
}

func fqdn(name string) string { return dns.Fqdn(strings.ToLower(name)) }
