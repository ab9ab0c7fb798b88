package reference

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/emersion/go-smtp"
)

// signIn tries client submission as the operator's devices would: over TLS, with
// a token, and without sending anything.
func (p *page) signIn(ctx context.Context) error {
	s, clock := p.watch.world.Services, p.watch.world.Clock
	token := p.bearer(ctx)
	if token == "" {
		return errors.New("no token to sign in with")
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.Roots)
	ctx, cancel := context.WithDeadline(ctx, clock.Deadline(askLimit))
	defer cancel()
	conn, err := p.watch.world.Network.Dial(ctx, s.Submission)
	if err != nil {
		return fmt.Errorf("connecting to client submission: %w", err)
	}
	// The client has time-outs of its own, on the wall's clock; this one ends
	// everything.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client, err := smtp.NewClientStartTLS(conn, &tls.Config{
		ServerName: s.SubmissionName, RootCAs: roots, Time: clock.Now, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		return errors.Join(fmt.Errorf("meeting client submission: %w", err), conn.Close())
	}
	defer client.Close()
	if err := client.Auth(bearerAuth{s.Mailbox, token}); err != nil {
		return fmt.Errorf("signing in at client submission: %w", err)
	}
	if err := client.Quit(); err != nil {
		return fmt.Errorf("leaving client submission: %w", err)
	}
	return nil
}

// bearerAuth is XOAUTH2, as Microsoft's page on OAuth for SMTP has it.
type bearerAuth struct{ user, token string }

// Start gives the one response that the mechanism has.
func (a bearerAuth) Start() (mechanism string, initial []byte, err error) {
	return "XOAUTH2", []byte("user=" + a.user + "\x01auth=Bearer " + a.token + "\x01\x01"), nil
}

// Next gives up where more is asked for.
func (a bearerAuth) Next([]byte) ([]byte, error) {
	return nil, errors.New("more is asked for than XOAUTH2 has")
}
