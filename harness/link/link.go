// Package link owns the network path between the relay and the world outside:
// latency, bandwidth and cut-offs on the relay's real TCP connections.
//
// It embeds toxiproxy and is the only importer of it. A path that is not
// impaired has no proxy in its way. The package must not decide when a path is
// impaired (the timeline does) nor speak any protocol above TCP.
//
// The shape of an impaired connection, all of it on loopback:
//
//	relay → near ⇄ proxy's client [toxiproxy: path toxic, each way] far → fake
//
// Both ends of the proxy are ours, so what toxiproxy itself cannot carry (a
// true reset, a half-close) goes past it, from end to end.
//
// An external toxiproxy server cannot take the embedded one's place. It has the
// stock toxics only, and those cannot do what a link must: latency and
// bandwidth lose bytes or hang when they are retuned while connections are
// open, limit_data leaves goroutines behind (see path), none of them knows the
// scenario's clock, and its API tells no connection from another, so nothing
// could go past it and the evidence could not say which session was cut. A
// relay that is behind a proxy of somebody else's has it on its own path
// already, and needs nothing of this package.
package link

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/hansei-mail/hansei/harness/clock"
)

const (
	// setupLimit bounds every wait while an impaired connection is put
	// together; loopback needs a thousandth of it.
	setupLimit = 5 * time.Second
	// flushLimit bounds how long what the fake wrote before it closed may take
	// to reach the relay: wall time, after that the connection is just ended.
	flushLimit = 30 * time.Second
)

// ErrClosed is what a link says after its Close.
var ErrClosed = errors.New("the link is closed")

// Link is one impairable path. Its methods may be called from many goroutines.
type Link struct {
	name   string
	clock  clock.Clock
	proxy  *toxiproxy.Proxy
	meet   net.Listener
	tuning atomic.Pointer[tuning]
	count  counters

	mu       sync.Mutex // guards what follows, and the order of tunings
	closed   bool
	impaired Impairment
	last     uint64
	pairs    map[uint64]*pair
	running  sync.WaitGroup
}

// Stats counts what a link has done since it was made.
type Stats struct {
	// Direct connections met an unimpaired link, Impaired ones went through
	// the proxy, Open of them are open still.
	Direct, Impaired, Open int64
	// Cuts is how many connections the link cut by CutAfter.
	Cuts int64
	// FromRelay and ToRelay are bytes carried through the proxy.
	FromRelay, ToRelay int64
}

type counters struct {
	direct, impaired, cuts, fromRelay, toRelay atomic.Int64
}

// New makes an unimpaired link; the name is for errors. Close must be called.
func New(name string, c clock.Clock) (*Link, error) {
	meet, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for link %s: %w", name, err)
	}
	l := &Link{name: name, clock: c, meet: meet, pairs: map[uint64]*pair{}}
	l.tuning.Store(Impairment{}.tune(1))
	if err := l.startProxy(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the proxy of link %s: %w", name, err),
			meet.Close())
	}
	l.running.Go(l.receive)
	return l, nil
}

// startProxy adds the toxics before the proxy listens, so that no connection
// ever sees a chain that changes (changing one can hang: Shopify/toxiproxy#558).
func (l *Link) startProxy() error {
	registerPath()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l.proxy = toxiproxy.NewProxy(server, l.name, "127.0.0.1:0", l.meet.Addr().String())
	for _, stream := range []string{"upstream", "downstream"} {
		spec := fmt.Sprintf(`{"name":%q,"type":%q,"stream":%q,"toxicity":1}`,
			stream, pathToxic, stream)
		added, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(spec))
		if err != nil {
			return fmt.Errorf("adding the %s toxic: %w", stream, err)
		}
		toxic, ok := added.Toxic.(*path)
		if !ok {
			return fmt.Errorf("adding the %s toxic: toxiproxy made a %T", stream, added.Toxic)
		}
		toxic.link, toxic.fromRelay = l, stream == "upstream"
	}
	return l.proxy.Start()
}

// Impair puts im in force for new connections and for open ones that already
// go through the proxy. Connections that were opened while the link was not
// impaired have no proxy in their way and never feel it.
func (l *Link) Impair(im Impairment) error {
	if err := im.check(); err != nil {
		return fmt.Errorf("impairing link %s: %w", l.name, err)
	}
	return l.change(func() { l.impaired = im })
}

// Repair heals the link: new connections are direct, and open ones that go
// through the proxy go on unimpaired, with nothing lost.
func (l *Link) Repair() error {
	return l.change(func() { l.impaired = Impairment{} })
}

// Retune is to be called after the clock's rate has changed: the proxy lives
// in wall time. Bytes that are on their way follow the new rate, too.
func (l *Link) Retune() error {
	return l.change(func() {})
}

func (l *Link) change(what func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return fmt.Errorf("changing link %s: %w", l.name, ErrClosed)
	}
	what()
	old := l.tuning.Swap(l.impaired.tune(l.clock.Rate()))
	close(old.changed)
	return nil
}

// Through leads a connection that was accepted from the relay along the path
// and returns its far end, for the fake to serve. It is near itself while the
// link is not impaired. Otherwise the far end has near's addresses, its Close
// lets what was written arrive first, SetLinger(0) and Close reset near, and
// near belongs to the link. After an error near is the caller's, still open.
func (l *Link) Through(near net.Conn) (net.Conn, error) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, fmt.Errorf("going through link %s: %w", l.name, ErrClosed)
	}
	if l.impaired == (Impairment{}) {
		l.mu.Unlock()
		l.count.direct.Add(1)
		return near, nil
	}
	l.last++
	p := newPair(l, l.last, near)
	l.pairs[p.id] = p
	l.mu.Unlock()

	far, err := p.connect()
	if err != nil {
		p.end(err, keepNear)
		return nil, fmt.Errorf("going through link %s: %w", l.name, err)
	}
	l.count.impaired.Add(1)
	return far, nil
}

// Stats returns the counts so far.
func (l *Link) Stats() Stats {
	l.mu.Lock()
	open := len(l.pairs)
	l.mu.Unlock()
	return Stats{
		Direct: l.count.direct.Load(), Impaired: l.count.impaired.Load(), Open: int64(open),
		Cuts:      l.count.cuts.Load(),
		FromRelay: l.count.fromRelay.Load(), ToRelay: l.count.toRelay.Load(),
	}
}

// Close ends the proxy and every connection that goes through it, and returns
// when nothing of the link runs any more. It may be called twice.
func (l *Link) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	open := make([]*pair, 0, len(l.pairs))
	for _, p := range l.pairs {
		open = append(open, p)
	}
	l.mu.Unlock()

	err := l.meet.Close()
	for _, p := range open {
		p.end(ErrClosed, closeNear)
		err = errors.Join(err, p.closeFar())
	}
	l.proxy.Stop()
	l.running.Wait()
	if err != nil {
		return fmt.Errorf("closing link %s: %w", l.name, err)
	}
	return nil
}

// start runs f unless the link is closed, and makes Close wait for it.
func (l *Link) start(f func()) bool {
	if !l.enter() {
		return false
	}
	go func() {
		defer l.running.Done()
		f()
	}()
	return true
}

// enter makes Close wait for the caller, who calls running.Done in the end.
// The lock orders it with Close's Wait.
func (l *Link) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.running.Add(1)
	return true
}

func (l *Link) find(id uint64) *pair {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pairs[id]
}

func (l *Link) forget(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pairs, id)
}
