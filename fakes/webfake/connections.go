package webfake

import (
	"net"
	"net/http"
	"sync"
)

// connections counts those that the HTTP server has, so that closing it can wait
// for their end, which net/http's own Close does not. Its zero value is ready.
type connections struct {
	mu     sync.Mutex
	gone   sync.Cond // one has ended; made by leave
	open   map[net.Conn]bool
	closed bool
}

// follow is the server's hook. A connection that is accepted while the server
// closes is closed here: net/http forgets it.
func (c *connections) follow(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		if c.open == nil {
			c.open = make(map[net.Conn]bool)
		}
		c.open[conn] = true
		if c.closed {
			_ = conn.Close()
		}
	case http.StateHijacked, http.StateClosed:
		delete(c.open, conn)
		if c.closed && len(c.open) == 0 {
			c.gone.Broadcast()
		}
	}
}

// leave waits until no connection is left.
func (c *connections) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.gone.L == nil {
		c.gone.L = &c.mu
	}
	for len(c.open) > 0 {
		c.gone.Wait()
	}
}
