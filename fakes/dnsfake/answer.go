package dnsfake

import (
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// answer is the reply to a message and the record of it; the reply is nil when
// the question is dropped.
func (s *Server) answer(q *dns.Msg, peer, proto string) (reply *dns.Msg) {
	reply = new(dns.Msg)
	reply.SetReply(q) // copies id, RD and the question
	if len(q.Question) != 1 || q.Opcode != dns.OpcodeQuery {
		reply.Rcode = dns.RcodeNotImplemented
		return reply
	}
	question := q.Question[0]
	var act *Act
	if s.Faults != nil {
		act = s.Faults(question)
	}
	if act == nil && s.Wrong != nil {
		act = s.Wrong(plain(question.Name), dns.TypeToString[question.Qtype])
	}
	switch {
	case act != nil && (act.Drop || act.Truncate && proto != "udp"):
		reply = nil
	case act != nil && act.Truncate:
		reply.Truncated = true
	case act != nil && act.Rcode != dns.RcodeSuccess:
		reply.Rcode = act.Rcode
	case question.Qclass != dns.ClassINET && question.Qclass != dns.ClassANY:
		reply.Rcode = dns.RcodeRefused
	default:
		s.fill(reply, question)
		if act != nil {
			act.change(reply, question)
		}
	}
	s.told(question, reply, peer, proto)
	return reply
}

// fill answers from the zone. It claims both authority and recursion, because
// to the relay it is the only resolver there is.
func (s *Server) fill(reply *dns.Msg, question dns.Question) {
	reply.Authoritative, reply.RecursionAvailable = true, true
	answer, exists := s.zone().lookup(question.Name, question.Qtype)
	for _, rr := range answer {
		rr.Header().Name = question.Name // in the letters it was asked in
	}
	reply.Answer = answer
	if len(answer) == 0 {
		// How long the absence may be remembered (RFC 2308 section 3).
		reply.Ns = []dns.RR{s.zone().soa(question.Name)}
		if !exists {
			reply.Rcode = dns.RcodeNameError
		}
	}
}

// change puts the fault's answers and TTL in the place of the zone's.
func (a *Act) change(reply *dns.Msg, question dns.Question) {
	hdr := dns.RR_Header{Name: question.Name, Rrtype: question.Qtype, Class: dns.ClassINET,
		Ttl: uint32(DefaultTTL / time.Second)}
	var wrong []dns.RR
	for _, text := range a.Answers {
		addr, err := netip.ParseAddr(text)
		switch {
		case question.Qtype == dns.TypeMX && err != nil:
			wrong = append(wrong, &dns.MX{Hdr: hdr, Mx: fqdn(text), Preference: 10})
		case question.Qtype == dns.TypeA && addr.Is4():
			wrong = append(wrong, &dns.A{Hdr: hdr, A: addr.AsSlice()})
		case question.Qtype == dns.TypeAAAA && addr.Is6():
			wrong = append(wrong, &dns.AAAA{Hdr: hdr, AAAA: addr.AsSlice()})
		}
	}
	if len(wrong) > 0 {
		reply.Answer, reply.Ns, reply.Rcode = wrong, nil, dns.RcodeSuccess
	}
	for _, rr := range reply.Answer {
		if a.TTL > 0 {
			rr.Header().Ttl = uint32(a.TTL / time.Second)
		}
	}
}

// plain is a name as people write it.
func plain(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

func (s *Server) zone() *Zone {
	if s.Zone == nil {
		return &Zone{} // where nothing exists
	}
	return s.Zone
}

func (s *Server) told(question dns.Question, reply *dns.Msg, peer, proto string) {
	if s.Queries == nil {
		return
	}
	q := Query{
		Peer: peer, Proto: proto, Type: dns.TypeToString[question.Qtype],
		Name: plain(question.Name), Dropped: reply == nil,
	}
	if reply != nil {
		q.Rcode, q.Answers = reply.Rcode, len(reply.Answer)
	}
	s.Queries(q)
}

// soa is the start of authority above a name: its top level domain, which in a
// fake world is one of the reserved ones (RFC 2606).
func (z *Zone) soa(name string) dns.RR {
	labels := dns.SplitDomainName(fqdn(name))
	apex := "."
	if len(labels) > 0 {
		apex = labels[len(labels)-1] + "."
	}
	ttl := z.ttl()
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: apex, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: ttl},
		Ns:  "ns." + strings.TrimPrefix(apex, "."), Mbox: "hostmaster." + strings.TrimPrefix(apex, "."),
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: ttl,
	}
}

// ttl is whole seconds, at least 0.
func (z *Zone) ttl() uint32 {
	if z.TTL == 0 {
		return uint32(DefaultTTL / time.Second)
	}
	return uint32(max(z.TTL, 0) / time.Second)
}
