package postfix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/relay"
)

// The standard test strings, put together here so that no scanner stumbles
// over this file.
const (
	gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
	eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
)

// outside is the world around one instance: a name server and mail hosts.
type outside struct {
	t    *testing.T
	zone *dnsfake.Zone
	dns  string
	net  string // the first three octets of the hosts' addresses

	mu    sync.Mutex
	taken map[string][]letter // by recipient
}

// letter is a message that a host took.
type letter struct{ from, text string }

// needPostfix skips where Postfix cannot run.
func needPostfix(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("real relays take a while; leave -short out")
	}
	if err := (Driver{}).Ready(t.Context()); err != nil {
		if strings.Contains(os.Getenv("HANSEI_REQUIRE"), "postfix") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// newOutside starts a name server.
func newOutside(t *testing.T) *outside {
	t.Helper()
	needPostfix(t)
	// Addresses that other test programs do not use at the same time.
	own := os.Getpid() % 250
	o := &outside{t: t, zone: dnsfake.NewZone(), taken: map[string][]letter{},
		dns: fmt.Sprintf("127.27.2.%d:53", own), net: fmt.Sprintf("127.25.%d.", own)}
	packets, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp4", o.dns)
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t, o.dns)
	server := &dnsfake.Server{Zone: o.zone}
	served := make(chan error, 1)
	go func() { served <- server.Serve(packets, l) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	return o
}

// listen listens on TCP.
func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// names says that mail for domain goes to host number n, open or not.
func (o *outside) names(domain string, n int) {
	o.zone.AddMX(domain, "mx."+domain, 10)
	o.zone.AddHost("mx."+domain, netip.MustParseAddr(fmt.Sprintf("%s%d", o.net, n)))
}

// opens starts host number n.
func (o *outside) opens(n int) {
	l := listen(o.t, fmt.Sprintf("%s%d:25", o.net, n))
	server := &smtpfake.Server{Open: func(m *smtpfake.Message) (smtpfake.Sink, error) {
		return &basket{o: o, m: m}, nil
	}, Trouble: func(err error) { o.t.Log("trouble of a fake:", err) }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	o.t.Cleanup(func() {
		if err := errors.Join(server.Close(), <-served); err != nil {
			o.t.Error(err)
		}
	})
}

// basket takes one message.
type basket struct {
	bytes.Buffer
	o *outside
	m *smtpfake.Message
}

// Done keeps the message for each of its recipients.
func (b *basket) Done() string {
	b.o.mu.Lock()
	defer b.o.mu.Unlock()
	for _, to := range b.m.To {
		b.o.taken[to] = append(b.o.taken[to], letter{from: b.m.From, text: b.String()})
	}
	return ""
}

// Abort forgets it.
func (b *basket) Abort() {}

// got is what recipient has received.
func (o *outside) got(recipient string) []letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]letter(nil), o.taken[recipient]...)
}

// world is what an instance is given at real time.
func (o *outside) world() relay.World {
	return relay.World{
		Dir: filepath.Join(o.t.TempDir(), "relay"), Hostname: "relay.hansei.test",
		Clock: clock.New(time.Now(), 1), DNS: o.dns,
		Spare:  relay.Spare{Domains: []string{"kaede.example"}, Domain: "spare.test"},
		Filter: []string{gtube, eicar},
	}
}

// starts starts an instance that is stopped with the test.
func (o *outside) starts(w relay.World) *instance {
	o.t.Helper()
	r, err := Driver{}.Start(o.t.Context(), w)
	if err != nil {
		o.t.Fatal(err)
	}
	in := r.(*instance)
	o.t.Cleanup(func() {
		if err := in.Stop(context.Background()); err != nil {
			o.t.Error(err)
		}
		if o.t.Failed() {
			log, _ := os.ReadFile(in.place.log)
			o.t.Logf("the end of the log:\n%s", log[max(0, len(log)-8000):])
		}
	})
	return in
}

// mail is a small message with a body and the harness's header.
func mail(id, body string) string {
	return "From: <anna@momiji.example>\r\nTo: <anna@kaede.example>\r\nSubject: test\r\n" +
		"X-Hansei-Id: " + id + "\r\n\r\n" + body + "\r\n"
}

// submit hands a message in.
func submit(addr, text string, to ...string) error {
	return smtp.SendMail(addr, nil, "anna@momiji.example", to, []byte(text))
}

// until polls, with a deadline on the wall.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}
