package smtpfake_test

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// pipes is a listener in memory: Dial gives one end, Accept the other.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return addr("127.25.1.1:25") }

func (p *pipes) Dial() (*end, error) {
	client, server := net.Pipe()
	lingers := new(atomic.Bool)
	select {
	case p.conns <- &end{Conn: server, lingers: lingers, local: "127.25.1.1:25", peer: "127.0.0.1:4242"}:
		return &end{Conn: client, lingers: lingers, local: "127.0.0.1:4242", peer: "127.25.1.1:25"}, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// end is one end of a pipe; both ends know whether it was reset.
type end struct {
	net.Conn
	lingers     *atomic.Bool
	local, peer addr
}

func (e *end) SetLinger(sec int) error { e.lingers.Store(sec == 0); return nil }
func (e *end) LocalAddr() net.Addr     { return e.local }
func (e *end) RemoteAddr() net.Addr    { return e.peer }

type addr string

func (a addr) Network() string { return "pipe" }
func (a addr) String() string  { return string(a) }

// box keeps messages and results.
type box struct {
	mu       sync.Mutex
	messages []message
	aborted  int
	results  []smtpfake.Result
	reply    string // of Done
	failAt   int    // Write fails once so many bytes have come; 0: never
}

type message struct {
	smtpfake.Message
	body string
}

func (b *box) Open(m *smtpfake.Message) (smtpfake.Sink, error) {
	return &sink{box: b, m: m}, nil
}

func (b *box) Ended(r smtpfake.Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.results = append(b.results, r)
}

func (b *box) take() ([]message, []smtpfake.Result, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.messages, b.results, b.aborted
}

type sink struct {
	box  *box
	m    *smtpfake.Message
	body bytes.Buffer
}

var errFull = errors.New("no room")

func (s *sink) Write(p []byte) (int, error) {
	if s.box.failAt > 0 && s.body.Len()+len(p) > s.box.failAt {
		return 0, errFull
	}
	return s.body.Write(p)
}

func (s *sink) Done() string {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.messages = append(s.box.messages, message{*s.m, s.body.String()})
	return s.box.reply
}

func (s *sink) Abort() {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.aborted++
}
