package dnsfake_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
)

// TestWrong: each thing that can be wrong with an answer, over sockets and in
// the process.
func TestWrong(t *testing.T) {
	var mu sync.Mutex
	var acts map[string]*dnsfake.Act
	let := func(now map[string]*dnsfake.Act) {
		mu.Lock()
		defer mu.Unlock()
		acts = now
	}
	s := &dnsfake.Server{Zone: world(), Wrong: func(name, kind string) *dnsfake.Act {
		mu.Lock()
		defer mu.Unlock()
		return acts[kind+" "+name]
	}}
	address, inside := start(t, s), s.Resolver()
	ctx := context.Background()
	host := func() ([]string, error) { return inside.LookupHost(ctx, mxHost) }
	for _, c := range []struct {
		name, key string
		act       dnsfake.Act
		kind      uint16
		proto     string
		want      string // the answer, or how there is none
		inside    string
	}{
		{"servfail", "A " + mxHost, dnsfake.Act{Rcode: dnsfake.ServFail}, dns.TypeA, "udp",
			"SERVFAIL", "server misbehaving"},
		{"nxdomain", "A " + mxHost, dnsfake.Act{Rcode: dnsfake.NXDomain}, dns.TypeA, "tcp",
			"NXDOMAIN", "no such host"},
		{"truncated", "A " + mxHost, dnsfake.Act{Truncate: true}, dns.TypeA, "udp", "NOERROR TC",
			"i/o timeout"},
		{"wrong region", "A " + mxHost, dnsfake.Act{Answers: []string{"127.25.9.1"}, TTL: time.Hour},
			dns.TypeA, "udp", "NOERROR " + mxHost + ". 3600 IN A 127.25.9.1", "127.25.9.1"},
		{"six", "A " + mxHost, dnsfake.Act{Answers: []string{"::1"}, TTL: time.Minute}, dns.TypeA, "udp",
			"NOERROR " + mxHost + ". 60 IN A 127.25.1.1 " + mxHost + ". 60 IN A 127.25.1.2", "127.25.1."},
		{"another mx", "MX kaede.example", dnsfake.Act{Answers: []string{"old.test"}}, dns.TypeMX, "udp",
			"NOERROR kaede.example. 10 IN MX 10 old.test.", "127.25.1."},
	} {
		let(map[string]*dnsfake.Act{c.key: &c.act})
		name := mxHost + "."
		if c.kind == dns.TypeMX {
			name = "kaede.example."
		}
		for s.Zone != nil { // addresses take turns: begin with the first
			if got, _ := host(); len(got) != 2 || got[0] == "127.25.1.2" {
				break
			}
		}
		reply := ask(t, c.proto, address, name, c.kind)
		said := dns.RcodeToString[reply.Rcode]
		if reply.Truncated {
			said += " TC"
		}
		for _, rr := range reply.Answer {
			said += " " + strings.Join(strings.Fields(rr.String()), " ")
		}
		if said != c.want {
			t.Errorf("%s: %q, want %q", c.name, said, c.want)
		}
		got, err := host()
		if said := strings.Join(got, " "); err == nil && !strings.HasPrefix(said, c.inside) ||
			err != nil && !strings.Contains(err.Error(), c.inside) {
			t.Errorf("%s: in the process %q, %v, want %q", c.name, said, err, c.inside)
		}
	}
}

// TestTruncatedForGood: over TCP a truncated answer is none at all, as a
// resolver that is not ours finds out.
func TestTruncatedForGood(t *testing.T) {
	address := start(t, &dnsfake.Server{Zone: world(), Wrong: func(string, string) *dnsfake.Act {
		return &dnsfake.Act{Truncate: true}
	}})
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	var failed *net.DNSError
	got, err := r.LookupHost(context.Background(), mxHost)
	if !errors.As(err, &failed) || failed.IsNotFound {
		t.Errorf("got %v, %v", got, err)
	}
}
