package entra

import (
	"fmt"
	"net"
)

// Serve answers on l until Close is called or l fails; after Close it returns
// nil. It may be called with several listeners at once.
func (s *Server) Serve(l net.Listener) error {
	if err := s.serving.Serve(l, s, s.Trouble); err != nil {
		return fmt.Errorf("serving the token endpoint: %w", err)
	}
	return nil
}

// Close ends all requests, connections and listeners and waits until the last
// Ended was called.
func (s *Server) Close() error {
	if err := s.serving.Close(); err != nil {
		return fmt.Errorf("closing the token endpoint: %w", err)
	}
	return nil
}
