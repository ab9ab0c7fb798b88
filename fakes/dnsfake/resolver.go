package dnsfake

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Resolver looks names up in a Server's zone without any socket. Its methods
// and errors are those of net.Resolver, except that a question that gets no
// answer times out at once: nobody has to wait to learn what is known.
type Resolver struct{ server *Server }

// LookupMX is the MX records of name, lowest preference first.
func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	answer, err := r.ask(ctx, name, dns.TypeMX)
	if err != nil {
		return nil, err
	}
	var found []*net.MX
	for _, rr := range answer {
		if mx, ok := rr.(*dns.MX); ok {
			found = append(found, &net.MX{Host: mx.Mx, Pref: mx.Preference})
		}
	}
	slices.SortStableFunc(found, func(a, b *net.MX) int { return int(a.Pref) - int(b.Pref) })
	return found, nil
}

// LookupHost is the addresses of host, IPv4 first; one that is an address
// already is returned as it is.
func (r *Resolver) LookupHost(ctx context.Context, host string) ([]string, error) {
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}, nil
	}
	var found []string
	var failed error
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		answer, err := r.ask(ctx, host, kind)
		if err != nil && failed == nil {
			failed = err
		}
		for _, rr := range answer {
			switch a := rr.(type) {
			case *dns.A:
				found = append(found, a.A.String())
			case *dns.AAAA:
				found = append(found, a.AAAA.String())
			}
		}
	}
	if len(found) == 0 {
		return nil, failed
	}
	return found, nil
}

// LookupTXT is the texts of name, each record's strings joined.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	answer, err := r.ask(ctx, name, dns.TypeTXT)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, rr := range answer {
		if txt, ok := rr.(*dns.TXT); ok {
			found = append(found, strings.Join(txt.Txt, ""))
		}
	}
	return found, nil
}

// LookupAddr is the names of an address.
func (r *Resolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	name, err := dns.ReverseAddr(addr)
	if err != nil {
		return nil, &net.DNSError{Err: "unrecognized address", Name: addr}
	}
	answer, err := r.ask(ctx, name, dns.TypePTR)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, rr := range answer {
		if ptr, ok := rr.(*dns.PTR); ok {
			found = append(found, ptr.Ptr)
		}
	}
	return found, nil
}

// ask is one question; no record of the kind is an error, as in package net.
func (r *Resolver) ask(ctx context.Context, name string, kind uint16) ([]dns.RR, error) {
	failed := &net.DNSError{Name: name, Server: "dnsfake"}
	if err := ctx.Err(); err != nil {
		failed.Err, failed.IsTimeout, failed.UnwrapErr = err.Error(), true, err
		return nil, failed
	}
	if _, ok := dns.IsDomainName(name); !ok || name == "" {
		failed.Err, failed.IsNotFound = "no such host", true
		return nil, failed
	}
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(name), kind)
	reply := r.server.answer(q, "", "")
	switch {
	case reply == nil:
		failed.Err, failed.IsTimeout, failed.IsTemporary = "i/o timeout", true, true
	case reply.Rcode == dns.RcodeNameError,
		reply.Rcode == dns.RcodeSuccess && len(reply.Answer) == 0:
		failed.Err, failed.IsNotFound = "no such host", true
	case reply.Rcode != dns.RcodeSuccess:
		failed.Err, failed.IsTemporary = "server misbehaving", true
	default:
		return reply.Answer, nil
	}
	return nil, failed
}
