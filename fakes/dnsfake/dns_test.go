package dnsfake_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
)

const mxHost = "kaede-example.mail.protection.outlook.test"

func world() *dnsfake.Zone {
	z := dnsfake.NewZone()
	z.AddMX("kaede.example", mxHost, 10)
	z.AddMX("kaede.example", "backup.test", 5)
	z.AddHost(mxHost, netip.MustParseAddr("127.25.1.1"), netip.MustParseAddr("127.25.1.2"))
	z.AddHost("six.test", netip.MustParseAddr("::1"))
	z.AddTXT("s1._domainkey.kaede.example", "v=DKIM1; p="+strings.Repeat("A", 400))
	z.AddPTR(netip.MustParseAddr("127.25.1.1"), mxHost)
	return z
}

// start serves on loopback sockets, UDP and TCP on the same port.
func start(t *testing.T, s *dnsfake.Server) (address string) {
	t.Helper()
	pc, l := sockets(t)
	done := make(chan error, 1)
	go func() { done <- s.Serve(pc, l) }()
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return pc.LocalAddr().String()
}

// sockets are UDP and TCP on one port: another one where the first is taken.
func sockets(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	for attempt := 0; ; attempt++ {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", pc.LocalAddr().String())
		if err == nil {
			return pc, l
		}
		if _ = pc.Close(); attempt == 20 {
			t.Fatal(err)
		}
	}
}

func ask(t *testing.T, proto, address, name string, kind uint16) *dns.Msg {
	t.Helper()
	q := new(dns.Msg)
	q.SetQuestion(name, kind)
	c := dns.Client{Net: proto, Timeout: 10 * time.Second}
	reply, _, err := c.Exchange(q, address)
	if err != nil {
		t.Fatalf("%s %s over %s: %s", name, dns.TypeToString[kind], proto, err)
	}
	return reply
}

func TestAnswers(t *testing.T) {
	address := start(t, &dnsfake.Server{Zone: world()})
	for _, c := range []struct {
		name  string
		kind  uint16
		rcode int
		want  []string
	}{
		{"kaede.example.", dns.TypeMX, dns.RcodeSuccess, []string{
			"kaede.example.\t10\tIN\tMX\t10 " + mxHost + ".", "kaede.example.\t10\tIN\tMX\t5 backup.test."}},
		{"KaEdE.example.", dns.TypeMX, dns.RcodeSuccess, []string{
			"KaEdE.example.\t10\tIN\tMX\t10 " + mxHost + ".", "KaEdE.example.\t10\tIN\tMX\t5 backup.test."}},
		{mxHost + ".", dns.TypeAAAA, dns.RcodeSuccess, nil},
		{"outlook.test.", dns.TypeA, dns.RcodeSuccess, nil}, // there is something below it
		{"nobody.example.", dns.TypeMX, dns.RcodeNameError, nil},
		{"six.test.", dns.TypeAAAA, dns.RcodeSuccess, []string{"six.test.\t10\tIN\tAAAA\t::1"}},
		{"1.1.25.127.in-addr.arpa.", dns.TypePTR, dns.RcodeSuccess,
			[]string{"1.1.25.127.in-addr.arpa.\t10\tIN\tPTR\t" + mxHost + "."}},
	} {
		for _, proto := range []string{"udp", "tcp"} {
			reply := ask(t, proto, address, c.name, c.kind)
			var got []string
			for _, rr := range reply.Answer {
				got = append(got, rr.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" || reply.Rcode != c.rcode {
				t.Errorf("%s over %s: %s\n%s", c.name, proto, dns.RcodeToString[reply.Rcode], diff)
			}
			if c.want == nil && (len(reply.Ns) != 1 || reply.Ns[0].Header().Rrtype != dns.TypeSOA) {
				t.Errorf("%s: the absence has no SOA: %v", c.name, reply.Ns)
			}
		}
	}
}

// TestAddressesTakeTurns: each answer begins with another front end.
func TestAddressesTakeTurns(t *testing.T) {
	address := start(t, &dnsfake.Server{Zone: world()})
	var firsts []string
	for range 4 {
		ask(t, "udp", address, "kaede.example.", dns.TypeMX) // must not use a turn up
		a, ok := ask(t, "udp", address, mxHost+".", dns.TypeA).Answer[0].(*dns.A)
		if !ok {
			t.Fatal("no A record")
		}
		firsts = append(firsts, a.A.String())
	}
	want := []string{"127.25.1.1", "127.25.1.2", "127.25.1.1", "127.25.1.2"}
	if diff := cmp.Diff(want, firsts); diff != "" {
		t.Error(diff)
	}
}

// TestSizes: an answer too long for UDP is cut and comes whole over TCP, or over
// UDP where the client takes more (EDNS0).
func TestSizes(t *testing.T) {
	z := dnsfake.NewZone()
	for range 5 {
		z.AddTXT("long.test", strings.Repeat("x", 300))
	}
	address := start(t, &dnsfake.Server{Zone: z})
	if reply := ask(t, "udp", address, "long.test.", dns.TypeTXT); !reply.Truncated {
		t.Error("an answer of 1500 bytes was not cut")
	}
	if reply := ask(t, "tcp", address, "long.test.", dns.TypeTXT); len(reply.Answer) != 5 {
		t.Errorf("%d records over TCP", len(reply.Answer))
	}
	q := new(dns.Msg).SetQuestion("long.test.", dns.TypeTXT).SetEdns0(4096, false)
	reply, _, err := new(dns.Client).Exchange(q, address)
	if err != nil {
		t.Fatal(err)
	}
	if reply.Truncated || len(reply.Answer) != 5 || reply.IsEdns0() == nil {
		t.Errorf("with EDNS0: truncated %t, %d records", reply.Truncated, len(reply.Answer))
	}
}

// TestGoResolver asks with an independent client: Go's own.
func TestGoResolver(t *testing.T) {
	address := start(t, &dnsfake.Server{Zone: world()})
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, proto, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, proto, address)
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	same(t, ctx, r)
	txt, err := r.LookupTXT(ctx, "s1._domainkey.kaede.example")
	if err != nil || len(txt) != 1 || len(txt[0]) != 411 {
		t.Errorf("TXT %v, %v", txt, err)
	}
}

type resolver interface {
	LookupMX(context.Context, string) ([]*net.MX, error)
	LookupHost(context.Context, string) ([]string, error)
	LookupAddr(context.Context, string) ([]string, error)
}

// same is what both resolvers must answer.
func same(t *testing.T, ctx context.Context, r resolver) {
	t.Helper()
	mx, err := r.LookupMX(ctx, "kaede.example")
	if err != nil || len(mx) != 2 || *mx[0] != (net.MX{Host: "backup.test.", Pref: 5}) ||
		*mx[1] != (net.MX{Host: mxHost + ".", Pref: 10}) {
		t.Errorf("MX %v, %v", mx, err)
	}
	hosts, err := r.LookupHost(ctx, mxHost)
	if err != nil || len(hosts) != 2 {
		t.Errorf("hosts %v, %v", hosts, err)
	}
	names, err := r.LookupAddr(ctx, "127.25.1.1")
	if diff := cmp.Diff([]string{mxHost + "."}, names); diff != "" || err != nil {
		t.Errorf("PTR %s, %v", diff, err)
	}
	var failed *net.DNSError
	if _, err = r.LookupMX(ctx, "nobody.example"); !errors.As(err, &failed) || !failed.IsNotFound {
		t.Errorf("an unknown name: %v", err)
	}
	if _, err = r.LookupHost(ctx, "kaede.example"); !errors.As(err, &failed) || !failed.IsNotFound {
		t.Errorf("a name without address: %v", err)
	}
}

// TestResolverInABubble: no socket is needed.
func TestResolverInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		same(t, t.Context(), (&dnsfake.Server{Zone: world()}).Resolver())
	})
}

// TestFaults: a question can fail or go unanswered, and the record says so.
func TestFaults(t *testing.T) {
	var mu sync.Mutex
	var seen []dnsfake.Query
	s := &dnsfake.Server{
		Zone: world(),
		Faults: func(q dns.Question) *dnsfake.Act {
			switch q.Name {
			case "broken.example.":
				return &dnsfake.Act{Rcode: dns.RcodeServerFailure}
			case "silent.example.":
				return &dnsfake.Act{Drop: true}
			}
			return nil
		},
		Queries: func(q dnsfake.Query) {
			mu.Lock()
			defer mu.Unlock()
			q.Peer = ""
			seen = append(seen, q)
		},
	}
	address := start(t, s)
	if reply := ask(t, "udp", address, "broken.example.", dns.TypeMX); reply.Rcode != dns.RcodeServerFailure {
		t.Errorf("answered %s", dns.RcodeToString[reply.Rcode])
	}
	q := new(dns.Msg).SetQuestion("silent.example.", dns.TypeMX)
	if _, _, err := (&dns.Client{Net: "tcp"}).Exchange(q, address); err == nil {
		t.Error("a dropped question was answered")
	}
	var failed *net.DNSError
	if _, err := s.Resolver().LookupMX(t.Context(), "broken.example"); !errors.As(err, &failed) ||
		!failed.IsTemporary || failed.IsNotFound {
		t.Errorf("broken: %v", err)
	}
	if _, err := s.Resolver().LookupMX(t.Context(), "silent.example"); !errors.As(err, &failed) ||
		!failed.IsTimeout {
		t.Errorf("silent: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := []dnsfake.Query{
		{Proto: "udp", Name: "broken.example", Type: "MX", Rcode: dns.RcodeServerFailure},
		{Proto: "tcp", Name: "silent.example", Type: "MX", Dropped: true},
		{Name: "broken.example", Type: "MX", Rcode: dns.RcodeServerFailure},
		{Name: "silent.example", Type: "MX", Dropped: true},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

// TestRemove: a name that goes takes the empty names above it along.
func TestRemove(t *testing.T) {
	z := world()
	s := &dnsfake.Server{Zone: z}
	z.Remove(mxHost)
	_, err := s.Resolver().LookupHost(t.Context(), mxHost)
	var failed *net.DNSError
	if !errors.As(err, &failed) || !failed.IsNotFound {
		t.Errorf("a removed host: %v", err)
	}
	if reply := ask(t, "udp", start(t, s), "protection.outlook.test.", dns.TypeA); reply.Rcode != dns.RcodeNameError {
		t.Errorf("the name above it: %s", dns.RcodeToString[reply.Rcode])
	}
}

// TestCloseBeforeServe closes the sockets it is given.
func TestCloseBeforeServe(t *testing.T) {
	s := &dnsfake.Server{}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(pc, nil); err != nil {
		t.Error(err)
	}
	if err := pc.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the socket was left open: %v", err)
	}
}
