package harness

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

const (
	endpointSubmission = scenarios.AtSubmission
	// submissionHost stands for smtp.office365.com.
	submissionHost = "smtp.office365.test"
	// operatorMailbox may sign in there with a token, and send as anybody.
	operatorMailbox = "relay@" + operatorTenant
)

// openSubmission starts client submission, where the plan has it. Nobody signs
// in without TLS there, so it has a certificate even where no front end has.
func (s *services) openSubmission() error {
	if !slices.Contains(s.header.Services, scenarios.AtSubmission) {
		return nil
	}
	authority, err := certs.New(s.header.Start)
	if err != nil {
		return fmt.Errorf("making the certificate of client submission: %w", err)
	}
	secure, err := authority.Server(submissionHost)
	if err != nil {
		return fmt.Errorf("making the certificate of client submission: %w", err)
	}
	address := netip.MustParseAddrPort(timeline.SubmissionAddress)
	at := spot{endpoint: endpointSubmission, address: address.Addr().String(), salt: 1 << 20}
	box := newInbox(s.world, endpointSubmission)
	srv := &smtpfake.Server{
		Clock: s.clock, Open: box.open, Ended: box.ended, TLS: secure, Key: messageKey,
		Faults: s.faults.at(at),
		Persona: office365.Submission{
			MX: office365.MX{
				Era: office365.Era(s.header.Era), Started: s.header.Start, Seed: s.header.Seed,
			},
			Verify: s.signIn, MaySendAs: func(string, string) bool { return true },
		},
		Trouble: s.unwell("client submission"),
	}
	s.dns.Zone.AddHost(submissionHost, address.Addr())
	s.offered.Submission, s.offered.SubmissionName = timeline.SubmissionAddress, submissionHost
	s.offered.Mailbox, s.offered.Roots = operatorMailbox, authority.PEM()
	return s.open("client submission", timeline.SubmissionAddress, srv.Serve, srv.Close)
}

// signIn answers credentials: a token of the client, or its secret. What is not
// good is refused as unsuccessful, whatever is wrong with it (Microsoft's page on
// OAuth for SMTP).
func (s *services) signIn(c smtpfake.Credentials) (refusal string) {
	bad, _ := office365.ReplyNamed("auth-unsuccessful") // the fake's tests ask for it
	if c.Mechanism != "XOAUTH2" {
		if c.User == operatorMailbox && c.Secret == operatorSecret {
			return ""
		}
		return bad.Text
	}
	if s.check(scenarios.AtSubmission)(c.Secret) == nil && c.User == operatorMailbox {
		return ""
	}
	return bad.Text // as on 2021-03-15, whose tokens were issued and refused
}
