package alone

import (
	"crypto/tls"
	"fmt"
	"net"

	"github.com/hansei-mail/hansei/fakes/alerts"
	"github.com/hansei-mail/hansei/fakes/control"
	"github.com/hansei-mail/hansei/fakes/entra"
	"github.com/hansei-mail/hansei/fakes/health"
)

// serve opens the listeners of the fake's kind, and those of the control
// interface.
func (f *Fake) serve() error {
	var err error
	switch f.cfg.Kind {
	case Office365, Internet, Spare:
		err = f.serveMail()
	case DNS:
		err = f.serveDNS()
	case Entra, Health, Alerts:
		err = f.serveWeb()
	default:
		err = fmt.Errorf("there is no fake %q; there are %v", f.cfg.Kind, Kinds())
	}
	if err != nil || f.cfg.Control == "" {
		return err
	}
	at, err := addressOf(f.cfg.Control)
	if err != nil {
		return err
	}
	l, err := listen(at.String())
	if err != nil {
		return err
	}
	api := &control.API{Of: f, Record: f.record, Trouble: f.trouble}
	f.addresses = append(f.addresses, Address{l.Addr().String(), "control"})
	f.run(func() error { return api.Serve(l) }, api.Close)
	return nil
}

// web is what the fakes that speak HTTP have in common.
type web interface {
	Serve(l net.Listener) error
	Close() error
}

func (f *Fake) serveWeb() error {
	at, err := addressOf(f.cfg.Listen)
	if err != nil {
		return err
	}
	l, err := listen(at.String())
	if err != nil {
		return err
	}
	f.addresses = append(f.addresses, Address{l.Addr().String(), string(f.cfg.Kind)})
	if f.tls != nil {
		config := f.tls.Clone()
		config.NextProtos = []string{"http/1.1"}
		l = tls.NewListener(l, config)
	}
	var srv web
	switch f.cfg.Kind {
	case Entra:
		srv = &entra.Server{Seed: f.cfg.Seed, Clock: f.clock, Faults: f.web.entra,
			Ended: f.asked, Trouble: f.trouble}
	case Health:
		srv = &health.Server{Seed: f.cfg.Seed, Clock: f.clock, Faults: f.web.health,
			Ended: f.looked, Trouble: f.trouble, Incidents: f.cfg.Incidents}
	default:
		srv = &alerts.Webhook{Clock: f.clock, Raised: f.raised, Trouble: f.trouble}
	}
	f.run(func() error { return srv.Serve(l) }, srv.Close)
	return nil
}
