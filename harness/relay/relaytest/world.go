package relaytest

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

// world is what is around one relay.
type world struct {
	t      *testing.T
	driver relay.Driver
	zone   *dnsfake.Zone
	server *dnsfake.Server
	dns    string
	net    string // the first three octets of the hosts' addresses

	patience time.Duration // see Options

	mu sync.Mutex
	// doors are where hosts really listen, by the address that names say. Only
	// a relay in process needs them: it can be sent to another port.
	doors map[string]string
	taken map[string][]letter // by recipient
}

// letter is a message that a host took.
type letter struct{ from, text string }

// newWorld starts a name server if the driver needs a real one.
func newWorld(t *testing.T, d relay.Driver) *world {
	t.Helper()
	// Addresses that other test programs do not use at the same time.
	own := os.Getpid() % 250
	w := &world{t: t, driver: d, zone: dnsfake.NewZone(), taken: map[string][]letter{},
		doors: map[string]string{}, net: fmt.Sprintf("127.25.%d.1", own)}
	w.server = &dnsfake.Server{Zone: w.zone}
	if d.Traits().InProcess {
		return w
	}
	w.dns = fmt.Sprintf("127.27.3.%d:53", own)
	packets, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp4", w.dns)
	if err != nil {
		t.Fatal(err)
	}
	l := w.listen(w.dns)
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(packets, l) }()
	t.Cleanup(func() {
		if err := errors.Join(w.server.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) listen(address string) net.Listener {
	w.t.Helper()
	l, err := new(net.ListenConfig).Listen(w.t.Context(), "tcp4", address)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// host is the address of host number n, below 100.
func (w *world) host(n int) netip.Addr {
	return netip.MustParseAddr(fmt.Sprintf("%s%02d", w.net, n))
}

// names says that mail for domain goes to one MX of these hosts, open or not.
func (w *world) names(domain string, hosts ...int) {
	w.zone.AddMX(domain, "mx."+domain, 10)
	for _, n := range hosts {
		w.zone.AddHost("mx."+domain, w.host(n))
	}
}

// opens starts host number n.
func (w *world) opens(n int) {
	w.t.Helper()
	address := w.host(n).String() + ":25"
	var l net.Listener
	if w.driver.Traits().InProcess {
		l = w.listen("127.0.0.1:0")
		w.mu.Lock()
		w.doors[address] = l.Addr().String()
		w.mu.Unlock()
	} else {
		l = w.listen(address)
	}
	server := &smtpfake.Server{Open: func(m *smtpfake.Message) (smtpfake.Sink, error) {
		return &basket{w: w, m: m}, nil
	}, Trouble: func(err error) { w.t.Log("trouble of a fake:", err) }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	w.t.Cleanup(func() {
		if err := errors.Join(server.Close(), <-served); err != nil {
			w.t.Error(err)
		}
	})
}

// Listen and Dial are the network of a relay in process.
func (w *world) Listen(string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), "tcp4", "127.0.0.1:0")
}

func (w *world) Dial(ctx context.Context, address string) (net.Conn, error) {
	w.mu.Lock()
	door, open := w.doors[address]
	w.mu.Unlock()
	if !open {
		return nil, fmt.Errorf("dialling %s: connection refused", address)
	}
	return new(net.Dialer).DialContext(ctx, "tcp4", door)
}

// basket takes one message.
type basket struct {
	bytes.Buffer
	w *world
	m *smtpfake.Message
}

// Done keeps the message for each of its recipients.
func (b *basket) Done() string {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	for _, to := range b.m.To {
		b.w.taken[to] = append(b.w.taken[to], letter{from: b.m.From, text: b.String()})
	}
	return ""
}

// Abort forgets it.
func (b *basket) Abort() {}

// got is what recipient has received.
func (w *world) got(recipient string) []letter {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]letter(nil), w.taken[recipient]...)
}

// arrives waits for the first letter to recipient.
func (w *world) arrives(recipient string) letter {
	w.t.Helper()
	w.tries("mail to "+recipient, func() bool { return len(w.got(recipient)) > 0 })
	return w.got(recipient)[0]
}

// given is what a relay is given at real time, without spare copies.
func (w *world) given() relay.World {
	return relay.World{
		Dir: filepath.Join(w.t.TempDir(), "relay"), Hostname: "relay.hansei.test",
		Clock: clock.New(time.Now(), 1), DNS: w.dns, Network: w, Resolver: w.server.Resolver(),
		Filter: []string{gtube, eicar}, Seed: 1,
	}
}

// starts starts a relay that is stopped with the test.
func (w *world) starts(given relay.World) relay.Relay {
	w.t.Helper()
	r, err := w.driver.Start(w.t.Context(), given)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := r.Stop(context.Background()); err != nil {
			w.t.Error(err)
		}
		if w.t.Failed() {
			w.showLogs(filepath.Join(given.Dir, "log"))
		}
	})
	return r
}

// showLogs shows how the relay's logs end.
func (w *world) showLogs(dir string) {
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		data, _ := os.ReadFile(name)
		w.t.Logf("the end of %s:\n%s", filepath.Base(name), data[max(0, len(data)-6000):])
	}
}

// The standard test strings, put together here so that no scanner stumbles
// over this file.
const (
	gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
	eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
)

// sender is who sends all mail here.
const sender = "anna@momiji.example"

// mail is a small message with a body and the harness's header.
func mail(id, body string) string {
	return "From: <" + sender + ">\r\nTo: <list@kaede.example>\r\nSubject: test\r\n" +
		"Date: Tue, 19 Nov 2019 02:00:00 +0000\r\nMessage-ID: <" + id + "@momiji.example>\r\n" +
		"X-Hansei-Id: " + id + "\r\n\r\n" + body + "\r\n"
}

// submit hands a message in.
func submit(r relay.Relay, text string, to ...string) error {
	return smtp.SendMail(r.Addr(), nil, sender, to, []byte(text))
}

// until polls, with a deadline on the wall.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	within(t, time.Minute, what, ok)
}

// within is until for what may rightly take longer.
func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// required says whether HANSEI_REQUIRE names a part that then must not be
// missing.
func required(part string) bool {
	for name := range strings.SplitSeq(os.Getenv("HANSEI_REQUIRE"), ",") {
		if name == part {
			return true
		}
	}
	return false
}
