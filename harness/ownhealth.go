package harness

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
)

const (
	// dnsWait is how long our own DNS may take to answer us, on the wall, and
	// dnsSilent how often in a row it may fail to before it counts as dead.
	dnsWait   = 5 * time.Second
	dnsSilent = 2
	// leastRoom is how much room the run folder needs: the evidence's next
	// minutes, and the relay's queue, where that lies in it as well.
	leastRoom = 4 << 20
)

// ownHealth asks whether the harness's own parts still do what the relay needs
// of them. What a relay cannot do then is not its fault.
func (w *watch) ownHealth(ctx context.Context) {
	w.askDNS(ctx)
	if room, err := roomIn(w.cfg.Dir); err == nil && room < leastRoom && !w.full {
		w.full = true
		w.trouble("run folder", fmt.Sprintf("its disk is full: %d bytes are left", room))
	}
}

// askDNS asks for a name that no fault is about.
func (w *watch) askDNS(ctx context.Context) {
	if w.silent >= dnsSilent || ctx.Err() != nil {
		return
	}
	limited, cancel := context.WithTimeout(ctx, dnsWait)
	defer cancel()
	var err error
	if w.traits.InProcess {
		_, err = w.world.dns.Resolver().LookupHost(limited, relayHost)
	} else {
		asking := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, dnsAddress)
		}}
		_, err = asking.LookupHost(limited, relayHost+".")
	}
	switch {
	case ctx.Err() != nil:
	case err == nil:
		w.silent = 0
	default:
		if w.silent++; w.silent == dnsSilent {
			w.trouble("dns", fmt.Sprintf("it does not answer: %v", err))
		}
	}
}

// muteDNS lets the DNS fall silent, where a run was told to see that.
func (r *run) muteDNS() {
	if r.silence == nil {
		return
	}
	planned := r.world.dns.Wrong
	r.world.dns.Wrong = func(name, kind string) *dnsfake.Act {
		switch {
		case r.silence():
			return &dnsfake.Act{Drop: true}
		case planned != nil:
			return planned(name, kind)
		}
		return nil
	}
}
