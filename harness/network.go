package harness

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"

	"github.com/hansei-mail/hansei/harness/relay"
)

// exact is loopback as it is: what listens on 127.25.1.1:25 is there, for any
// process of the machine to find. It needs Linux's whole 127.0.0.0/8 and, for
// ports below 1024, root.
type exact struct{}

func (exact) Listen(addr string) (net.Listener, error) { return listen(addr) }

func (exact) Dial(ctx context.Context, addr string) (net.Conn, error) {
	return dial(ctx, addr)
}

// listen and dial leave keep-alives out: between two ends of one machine nothing is
// lost unseen, and to ask for them takes four calls of the kernel a connection.
func listen(addr string) (net.Listener, error) {
	c := net.ListenConfig{KeepAlive: -1}
	return c.Listen(context.Background(), "tcp", addr)
}

func dial(ctx context.Context, addr string) (net.Conn, error) {
	d := net.Dialer{KeepAlive: -1}
	return d.DialContext(ctx, "tcp", addr)
}

// mapped is loopback for relays in process: every address is a free port of
// 127.0.0.1, so it needs neither root nor Linux, and runs do not meet.
type mapped struct {
	mu   sync.Mutex
	real map[string]string
}

func newMapped() *mapped { return &mapped{real: map[string]string{}} }

func (m *mapped) Listen(addr string) (net.Listener, error) {
	l, err := listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return nil, fmt.Errorf("listening for %s: not a TCP listener", addr)
	}
	m.mu.Lock()
	m.real[addr] = l.Addr().String()
	m.mu.Unlock()
	return &mappedListener{TCPListener: tcp, network: m, shown: name(addr)}, nil
}

func (m *mapped) Dial(ctx context.Context, addr string) (net.Conn, error) {
	m.mu.Lock()
	real, ok := m.real[addr]
	m.mu.Unlock()
	if !ok {
		return nil, refused(addr)
	}
	return dial(ctx, real)
}

// mappedListener shows the address that was asked for.
type mappedListener struct {
	*net.TCPListener
	network *mapped
	shown   name
}

// Close also forgets the port, which is anybody's now.
func (l *mappedListener) Close() error {
	l.network.mu.Lock()
	if l.network.real[string(l.shown)] == l.TCPListener.Addr().String() {
		delete(l.network.real, string(l.shown))
	}
	l.network.mu.Unlock()
	return l.TCPListener.Close()
}

func (l *mappedListener) Addr() net.Addr { return l.shown }

func (l *mappedListener) Accept() (net.Conn, error) {
	c, err := l.TCPListener.Accept()
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil, fmt.Errorf("accepting on %s: not a TCP connection", l.shown)
	}
	return &mappedConn{TCPConn: tcp, shown: l.shown}, nil
}

type mappedConn struct {
	*net.TCPConn
	shown name
}

func (c *mappedConn) LocalAddr() net.Addr { return c.shown }

// name is an address in words.
type name string

func (name) Network() string  { return "tcp" }
func (n name) String() string { return string(n) }

func refused(addr string) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: name(addr), Err: syscall.ECONNREFUSED}
}

var (
	_ relay.Network = exact{}
	_ relay.Network = (*mapped)(nil)
	_ relay.Network = (*memory)(nil)
)
