package check

import (
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// endpointSpare is the word by which evidence calls the spare store.
const endpointSpare = "spare"

// endpointSubmission is the word for client submission.
const endpointSubmission = "submission"

// misplacement is a delivery at a place that is not the recipient's.
type misplacement struct {
	letter, rcpt int32
	t            time.Duration
	what         string
}

// stray is mail that belongs to no message of the run, or that nobody may send.
type stray struct {
	to, what string
}

func strayOf(e *evidence.Event) stray {
	what := "unknown mail from <" + e.From + "> at " + e.Endpoint
	if e.Site != "" {
		what += " (" + e.Site + ")"
	}
	if line, _, _ := strings.Cut(e.Note, "\n"); line != "" {
		what += ": " + line
	}
	return stray{to: strings.Join(e.To, " "), what: what}
}

// bouncing is a notification that has a sender, as if somebody had written it: it
// can bounce in turn, and so can the bounce, for ever. RFC 5321 section 4.5.5 and
// RFC 3464 section 2 want the null reverse-path.
func bouncing(e *evidence.Event) stray {
	return stray{
		to:   strings.Join(e.To, " "),
		what: "a notification from <" + e.From + "> at " + e.Endpoint + ", so that it can bounce in turn",
	}
}

// place holds where a copy arrived against where its recipient lives. Who is
// not of the scenario is judged by not having been submitted to.
func (l *ledger) place(li, rcpt int32, spare bool, e *evidence.Event) {
	c := l.cohortOf(rcpt)
	wrong := ""
	switch {
	case e.Endpoint == endpointSpare && !spare:
		wrong = "delivered to the spare store under an address that is not of the spare"
	case c == nil:
	case e.Endpoint == endpointSubmission: // it hands on, wherever the recipient lives
	case spare:
		if !c.spare {
			wrong = "spare copy of mail for cohort " + c.name + ", which has none"
		}
	case c.secondMX(e):
	case e.Endpoint != c.endpoint:
		wrong = "delivered at " + e.Endpoint + ", but lives at " + c.endpoint
	case e.Site != "" && !strings.EqualFold(e.Site, domainOf(l.addresses[rcpt].text)):
		wrong = "delivered to " + e.Site
	}
	if wrong != "" {
		l.misplaced = append(l.misplaced, misplacement{letter: li, rcpt: rcpt, t: e.T, what: wrong})
	}
}
