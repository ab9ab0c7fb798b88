package alerts

import (
	"fmt"
	"net"
)

// Serve answers on l until Close is called or l fails; after Close it returns
// nil. It may be called with several listeners at once.
func (h *Webhook) Serve(l net.Listener) error {
	if err := h.serving.Serve(l, h, h.Trouble); err != nil {
		return fmt.Errorf("serving the webhook: %w", err)
	}
	return nil
}

// Close ends all requests, connections and listeners and waits until the last
// Raised was called.
func (h *Webhook) Close() error {
	if err := h.serving.Close(); err != nil {
		return fmt.Errorf("closing the webhook: %w", err)
	}
	return nil
}
