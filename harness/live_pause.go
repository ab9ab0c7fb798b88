package harness

import "context"

// obey pauses and goes on as it is told, until the watching ends. A run that is
// being ended is not left standing.
func (p *pace) obey(running, watching context.Context, orders <-chan bool) {
	if orders == nil {
		return
	}
	defer p.pause(false)
	for {
		select {
		case <-running.Done():
			return
		case <-watching.Done():
			return
		case paused := <-orders:
			p.pause(paused)
		}
	}
}

// pause stops the clock, or slows it to the wall's, and lets it go on.
func (p *pace) pause(paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused != paused {
		p.paused = paused
		p.apply()
	}
}

// standing is the rate of a paused run.
func (p *pace) standing() float64 {
	if p.inProcess {
		return 0
	}
	return 1
}
