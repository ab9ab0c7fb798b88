package reference

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hansei-mail/hansei/harness/relay"
)

// wallClock is scenario time as package time has it, in a bubble or not.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now().UTC() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (wallClock) Deadline(d time.Duration) time.Time { return time.Now().Add(max(d, time.Second)) }

func (wallClock) Rate() float64 { return 1 }

// pipeNet is a network of net.Pipe connections.
type pipeNet struct {
	mu        sync.Mutex
	listeners map[string]*pipeListener
}

type pipeListener struct {
	network *pipeNet
	addr    pipeAddr
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

type pipeAddr string

func (pipeAddr) Network() string { return "pipe" }

func (a pipeAddr) String() string { return string(a) }

func (n *pipeNet) Listen(addr string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[addr] != nil {
		return nil, fmt.Errorf("address %s is taken", addr)
	}
	l := &pipeListener{network: n, addr: pipeAddr(addr), conns: make(chan net.Conn), closed: make(chan struct{})}
	n.listeners[addr] = l
	return l, nil
}

func (n *pipeNet) Dial(ctx context.Context, addr string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[addr]
	n.mu.Unlock()
	if l == nil {
		return nil, fmt.Errorf("connection to %s refused", addr)
	}
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, fmt.Errorf("connection to %s refused", addr)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		delete(l.network.listeners, string(l.addr))
		l.network.mu.Unlock()
		close(l.closed)
	})
	return nil
}

func (l *pipeListener) Addr() net.Addr { return l.addr }

// names is a resolver over two maps.
type names struct {
	mu    sync.Mutex
	mx    map[string][]*net.MX
	hosts map[string][]string
	err   error // for every look-up
}

func (n *names) LookupMX(_ context.Context, domain string) ([]*net.MX, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err != nil {
		return nil, n.err
	}
	if mx := n.mx[domain]; mx != nil {
		return mx, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: domain, IsNotFound: true}
}

func (n *names) LookupHost(_ context.Context, host string) ([]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err != nil {
		return nil, n.err
	}
	if addresses := n.hosts[host]; addresses != nil {
		return addresses, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (n *names) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.err = err
}

// mailItem is a message that a sink took.
type mailItem struct {
	at       time.Time
	from     string
	to       []string
	content  string
	session  int
	finished time.Time
}

// sink is a destination: it takes everything, but for what its hooks say.
type sink struct {
	mu       sync.Mutex
	taken    []mailItem
	greeted  int
	sessions []time.Time // when each connection came
	rcpts    []time.Time // when each RCPT came
	rcpt     func(to string) error
	end      func(content string) error
	connect  func(net.Conn) bool // false: it dealt with the connection itself
	server   *smtp.Server
	done     chan struct{}
}

type sinkListener struct {
	net.Listener
	sink *sink
}

func (l sinkListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.sink.mu.Lock()
		l.sink.sessions = append(l.sink.sessions, time.Now())
		hook := l.sink.connect
		l.sink.mu.Unlock()
		if hook == nil || hook(c) {
			return c, nil
		}
	}
}

func newSink(t *testing.T, network relay.Network, addr string) *sink {
	t.Helper()
	l, err := network.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	return serveSink(l)
}

func serveSink(l net.Listener) *sink {
	s := &sink{done: make(chan struct{})}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.greeted++
		return &sinkSession{sink: s, number: s.greeted}, nil
	}))
	s.server.Domain = "mx.example"
	s.server.MaxLineLength = maxLine
	s.server.EnableSMTPUTF8 = true
	s.server.EnableDSN = true
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	go func() {
		defer close(s.done)
		_ = s.server.Serve(sinkListener{l, s})
	}()
	return s
}

func (s *sink) close() {
	_ = s.server.Close()
	<-s.done
}

func (s *sink) set(rcpt func(string) error, end func(string) error, connect func(net.Conn) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rcpt, s.end, s.connect = rcpt, end, connect
}

func (s *sink) items() []mailItem {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

// counts are how often each recipient got a message with a text.
func (s *sink) counts() map[string]int {
	got := map[string]int{}
	for _, m := range s.items() {
		for _, to := range m.to {
			got[fieldOf(headerOf([]byte(m.content)), "X-Hansei-Id")+" "+to]++
		}
	}
	return got
}

type sinkSession struct {
	sink   *sink
	number int
	item   mailItem
}

func (s *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	s.item = mailItem{from: from, at: time.Now(), session: s.number}
	return nil
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.sink.mu.Lock()
	hook := s.sink.rcpt
	s.sink.rcpts = append(s.sink.rcpts, time.Now())
	s.sink.mu.Unlock()
	if hook != nil {
		if err := hook(to); err != nil {
			return err
		}
	}
	s.item.to = append(s.item.to, to)
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	if s.sink.end != nil {
		if err := s.sink.end(string(content)); err != nil {
			return err
		}
	}
	s.item.content, s.item.finished = string(content), time.Now()
	s.sink.taken = append(s.sink.taken, s.item)
	return nil
}

func (s *sinkSession) Reset() { s.item = mailItem{} }

func (s *sinkSession) Logout() error { return nil }

// world is a relay with a tenant at two front ends, a second tenant, the
// senders' own server and the spare.
type world struct {
	t *testing.T
	relay.World
	pipes   *pipeNet
	names   *names
	tenant  *sink // kaede.example at 127.25.0.1, 127.25.0.2
	other   *sink // sakura.example
	sender  *sink // sender.example
	spare   *sink // spare.test
	relay   relay.Relay
	options Options
}

const gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

func newWorld(t *testing.T, options Options) *world {
	t.Helper()
	pipes := &pipeNet{listeners: map[string]*pipeListener{}}
	w := &world{t: t, pipes: pipes, options: options, names: &names{
		mx: map[string][]*net.MX{
			"kaede.example":  {{Host: "mx.kaede.example", Pref: 10}},
			"sakura.example": {{Host: "mx.sakura.example", Pref: 10}},
			"sender.example": {{Host: "mx.sender.example", Pref: 10}},
			"spare.test":     {{Host: "mx.spare.test", Pref: 10}},
			"null.example":   {{Host: ".", Pref: 0}},
		},
		hosts: map[string][]string{
			"mx.kaede.example":  {"127.25.0.1"},
			"mx.sakura.example": {"127.25.1.1"},
			"mx.sender.example": {"127.25.2.1"},
			"mx.spare.test":     {"127.25.3.1"},
		},
	}}
	w.World = relay.World{
		Dir: t.TempDir(), Hostname: "relay.hansei.test", Clock: wallClock{}, Network: pipes,
		Resolver: w.names, Seed: 7, Filter: []string{gtube},
		Spare: relay.Spare{Domains: []string{"kaede.example", "sakura.example"}, Domain: "spare.test"},
	}
	w.tenant = newSink(t, pipes, "127.25.0.1:25")
	w.other = newSink(t, pipes, "127.25.1.1:25")
	w.sender = newSink(t, pipes, "127.25.2.1:25")
	w.spare = newSink(t, pipes, "127.25.3.1:25")
	w.options.Settings.NoSync = true
	w.start()
	return w
}

func (w *world) start() {
	w.t.Helper()
	r, err := New(w.options).Start(context.Background(), w.World)
	if err != nil {
		w.t.Fatal(err)
	}
	w.relay = r
}

func (w *world) close() {
	w.t.Helper()
	if err := w.relay.Stop(context.Background()); err != nil {
		w.t.Errorf("stopping the relay: %v", err)
	}
	if err := w.relay.Stop(context.Background()); err != nil {
		w.t.Errorf("stopping the relay a second time: %v", err)
	}
	for _, s := range []*sink{w.tenant, w.other, w.sender, w.spare} {
		s.close()
	}
}

func (w *world) after(d time.Duration) {
	w.t.Helper()
	if err := w.Clock.Sleep(context.Background(), d); err != nil {
		w.t.Fatal(err)
	}
}

// submit hands in a message and returns the error of the reply that refused it.
func (w *world) submit(id, from string, to ...string) error {
	return w.submitText(from, "X-Hansei-Id: "+id+"\r\nSubject: test\r\n\r\nhello "+id+"\r\n", to...)
}

func (w *world) submitText(from, text string, to ...string) error {
	conn, err := w.Network.Dial(context.Background(), w.relay.Addr())
	if err != nil {
		return err
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	if err := c.Hello("client.example"); err != nil {
		return err
	}
	if err := c.SendMail(from, to, strings.NewReader(text)); err != nil {
		return err
	}
	return c.Quit()
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) queued() []relay.Queued {
	w.t.Helper()
	synctest.Wait()
	list, err := w.relay.(relay.QueueReader).Queue(context.Background())
	w.must(err)
	size, err := w.relay.(relay.QueueSizer).QueueSize(context.Background())
	w.must(err)
	if size != len(list) {
		w.t.Errorf("queue size %d, but %d messages are listed", size, len(list))
	}
	return list
}

// refuse is a hook that answers code and status to everything.
func refuse(code int, status smtp.EnhancedCode) func(string) error {
	return func(string) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: status, Message: "not now"}
	}
}

// dead is a hook that closes every connection.
func dead(c net.Conn) bool {
	_ = c.Close()
	return false
}
