package webfake

import (
	"net"
	"net/http"
)

// Reset ends the request's connection with a RST instead of an answer. It needs
// HTTP/1, whose connection can be taken over.
func Reset(w http.ResponseWriter) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	raw := conn
	for {
		inner, ok := raw.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		raw = inner.NetConn()
	}
	if l, ok := raw.(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0) // fails only where the connection is gone already
	}
	_ = raw.Close()
	return nil
}
