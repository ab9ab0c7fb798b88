package reference

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"time"
)

// lookUp bounds the look-ups for one destination.
const lookUp = 30 * time.Second

// target is one address to try.
type target struct {
	host    string // the name that the MX record gave
	address string // ip:port
}

// noRoute is a routing failure: permanent or not.
type noRoute struct {
	permanent bool
	status    string // RFC 3463
	text      string
}

// Error is the reason in words.
func (n *noRoute) Error() string { return n.text }

// route finds the addresses for domain, in the order in which to try them
// (RFC 5321 section 5.1): by preference, and among equal ones from a random
// start, so that the load is spread.
func (e *engine) route(ctx context.Context, domain string, draw uint64) ([]target, error) {
	ctx, cancel := context.WithDeadline(ctx, e.world.Clock.Deadline(lookUp))
	defer cancel()
	records, err := e.world.Resolver.LookupMX(ctx, domain)
	switch {
	case notFound(err) || (err == nil && len(records) == 0):
		// RFC 5321 section 5.1: without MX records the domain is its own MX.
		records = []*net.MX{{Host: domain}}
		return e.targets(ctx, records, draw, true)
	case err != nil:
		return nil, &noRoute{status: "4.4.3", text: fmt.Sprintf("looking up MX of %s: %v", domain, err)}
	case len(records) == 1 && (records[0].Host == "." || records[0].Host == ""):
		// RFC 7505 section 3: a null MX; section 4.2 gives the status.
		text := fmt.Sprintf("domain %s does not accept mail", domain)
		return nil, &noRoute{permanent: true, status: "5.1.10", text: text}
	}
	return e.targets(ctx, records, draw, false)
}

// targets resolves MX hosts. The only one whose absence is final is the domain
// itself.
func (e *engine) targets(
	ctx context.Context, records []*net.MX, draw uint64, own bool,
) ([]target, error) {
	records = e.flaw.preferred(records)
	slices.SortStableFunc(records, func(a, b *net.MX) int { return int(a.Pref) - int(b.Pref) })
	random := rand.New(rand.NewPCG(e.world.Seed, draw))
	var all []target
	var last error
	for from := 0; from < len(records); {
		to := from
		var equal []target
		for ; to < len(records) && records[to].Pref == records[from].Pref; to++ {
			addresses, err := e.world.Resolver.LookupHost(ctx, records[to].Host)
			if err != nil {
				last = err
			}
			for _, address := range addresses {
				full := net.JoinHostPort(address, e.settings.Port)
				equal = append(equal, target{host: records[to].Host, address: full})
			}
		}
		if len(equal) > 0 {
			start := random.IntN(len(equal))
			all = append(append(all, equal[start:]...), equal[:start]...)
		}
		from = to
	}
	switch {
	case len(all) > 0:
		return all, nil
	case own && notFound(last):
		text := fmt.Sprintf("domain %s not found", records[0].Host)
		return nil, &noRoute{permanent: true, status: "5.1.2", text: text}
	}
	text := fmt.Sprintf("looking up %s: no address (%v)", records[0].Host, last)
	return nil, &noRoute{status: "4.4.3", text: text}
}

func notFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}
