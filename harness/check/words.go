package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// inWords tells a submission, delivery or notification.
func inWords(e *evidence.Event) string {
	switch e.Kind {
	case evidence.KindSubmission:
		return submissionInWords(e)
	case evidence.KindDelivery:
		return deliveryInWords(e)
	default:
		return fmt.Sprintf("%s got a notification: %s %s for %s", strings.Join(e.To, ", "),
			e.Action, e.Status, strings.Join(e.Final, ", "))
	}
}

func submissionInWords(e *evidence.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "attempt %d on route %s, <%s> to %s, %s bytes", e.Attempt, e.Route, e.From,
		strings.Join(e.To, ", "), count(e.Size))
	if e.Dirt != "" {
		fmt.Fprintf(&b, ", with %s in it", e.Dirt)
	}
	fmt.Fprintf(&b, ": %s after %s", e.Outcome, span(e.T-e.Began))
	if e.Began-e.Due > time.Second {
		fmt.Fprintf(&b, ", begun %s after it was due", span(e.Began-e.Due))
	}
	b.WriteString(replyInWords(e))
	if len(e.Refused) > 0 {
		b.WriteString("; not taken: " + strings.Join(e.Refused, ", "))
	}
	return b.String()
}

func deliveryInWords(e *evidence.Event) string {
	var b strings.Builder
	what := "it"
	if e.Endpoint == endpointSpare {
		what = "a spare copy"
	}
	fmt.Fprintf(&b, "%s took %s for %s", placeInWords(e), what, strings.Join(e.To, ", "))
	if e.Withheld {
		b.WriteString("; the relay was not told so")
	}
	if e.Fault != "" {
		b.WriteString("; it felt " + e.Fault)
	}
	if e.DKIM != "" {
		b.WriteString("; DKIM " + e.DKIM)
	}
	if e.Clues != "" {
		b.WriteString("; " + e.Clues)
	}
	return b.String()
}

// placeInWords is the fake that saw it: "office365 (kaede.example) at
// 127.25.1.1".
func placeInWords(e *evidence.Event) string {
	place := e.Endpoint
	if e.Site != "" {
		place += " (" + e.Site + ")"
	}
	if e.Address != "" {
		place += " at " + e.Address
	}
	return place
}

func replyInWords(e *evidence.Event) string {
	switch {
	case e.Reply == "" && e.Code == 0:
		return ""
	case e.Code == 0 || strings.HasPrefix(e.Reply, fmt.Sprint(e.Code)):
		return ": " + e.Reply
	default:
		return strings.TrimRight(fmt.Sprintf(": %d %s", e.Code, e.Reply), " ")
	}
}

func sessionInWords(e *evidence.Event, to string) string {
	what := fmt.Sprintf("a session at %s (%s) that named %s ended at %s%s", e.Endpoint, e.Site, to,
		e.Stage, replyInWords(e))
	if e.Fault != "" {
		what += ", by " + e.Fault
	}
	return what
}

func foldedInWords(what string, times int, over time.Duration) string {
	return fmt.Sprintf("%s; %d such sessions within %s (they may have been for other messages)",
		what, times, span(over))
}

// stepInWords tells the steps that change the world; submissions tell
// themselves.
func stepInWords(e *evidence.Event) string {
	switch e.Step {
	case "", "submit":
		return ""
	default:
		return "the plan: " + strings.TrimSpace(e.Step+" "+e.Name)
	}
}

func inQueue(e *evidence.Event) string {
	what := "still in the relay's queue as " + e.Queue
	if len(e.To) > 0 {
		what += " for " + strings.Join(e.To, ", ")
	}
	if e.Note != "" {
		what += ": " + e.Note
	}
	return what
}

// fateInWords is the last line about one recipient.
func (l *ledger) fateInWords(li int32, p *pair) string {
	who := l.addresses[p.rcpt].text
	copies := many(int(p.own.all), "delivery") + ", " + many(int(p.spare.all), "spare copy")
	switch {
	case !l.letter(li).submitted:
		return who + ": nobody submitted this message; " + copies
	case !p.named:
		return who + ": the message did not have this recipient; " + copies
	case p.accepted == 0 && p.unknown == 0:
		return who + ": never accepted by the relay; " + copies
	case p.accepted == 0:
		return who + ": no reply ever came, so neither accepted nor refused; " + copies
	default:
		return who + ": " + l.fate(li, p).String() + "; " + copies
	}
}
