package alone

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"

	"github.com/hansei-mail/hansei/fakes/alerts"
	"github.com/hansei-mail/hansei/fakes/control"
	"github.com/hansei-mail/hansei/fakes/dnsfake"
	"github.com/hansei-mail/hansei/fakes/entra"
	"github.com/hansei-mail/hansei/fakes/health"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/evidence"
)

// happened stamps an event, keeps it and writes it out.
func (f *Fake) happened(e evidence.Event) {
	f.out.Lock()
	defer f.out.Unlock()
	e.At, e.T = time.Since(f.began), f.clock.Now().Sub(f.start)
	line, err := json.Marshal(e)
	if err != nil {
		f.fail(fmt.Errorf("writing an event: %w", err))
		return
	}
	f.record.Happened(line)
	if f.cfg.Out == nil {
		return
	}
	if _, err := f.cfg.Out.Write(append(line, '\n')); err != nil {
		f.fail(fmt.Errorf("writing an event: %w", err))
	}
}

// trouble tells of a failure that is the fake's own and no fault's.
func (f *Fake) trouble(err error) {
	f.happened(evidence.Event{
		Kind: evidence.KindTrouble, Actor: evidence.Fake, Name: string(f.cfg.Kind), Note: err.Error(),
	})
}

// letter takes one mail. What is beyond control.MostContent is only counted.
type letter struct {
	fake    *Fake
	from    *smtpfake.Message
	digest  hash.Hash
	content bytes.Buffer
	size    int64
}

// place is a transaction; letters of those that have not ended are kept by it.
type place struct {
	local       string
	session     uint64
	transaction int
}

func placeOf(s *smtpfake.Session) place { return place{s.Local, s.Ordinal, s.Transaction} }

// begin is the Open of the mail fakes.
func (f *Fake) begin(m *smtpfake.Message) (smtpfake.Sink, error) {
	return &letter{fake: f, from: m, digest: sha256.New()}, nil
}

// Write keeps what there is room for.
func (l *letter) Write(p []byte) (int, error) {
	l.size += int64(len(p))
	_, _ = l.digest.Write(p) // a hash takes everything
	room := control.MostContent - l.content.Len()
	_, _ = l.content.Write(p[:min(len(p), room)]) // a bytes.Buffer takes everything
	return len(p), nil
}

// Done leaves the letter for the end of its transaction.
func (l *letter) Done() string {
	l.fake.letters.Store(placeOf(l.from.Session), l)
	return ""
}

// Abort forgets it.
func (l *letter) Abort() {}

// ended is told of each transaction, and of each session that brought none.
func (f *Fake) ended(r smtpfake.Result) {
	e := evidence.Event{
		Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: string(f.cfg.Kind),
		Address: r.Session.Local, Peer: r.Session.Peer, Session: r.Session.ID,
		From: r.Session.From, To: r.Session.To, Stage: string(r.Stage), Code: r.Code,
		Reply: r.Reply, Fault: r.Fault, Began: r.Began.Sub(f.start), Outcome: evidence.Broken,
	}
	if len(e.To) > 0 {
		e.Site = domainOf(e.To[0])
	}
	switch {
	case r.Code >= 500:
		e.Outcome = evidence.Refused
	case r.Code >= 400:
		e.Outcome = evidence.Deferred
	}
	found, ok := f.letters.LoadAndDelete(placeOf(&r.Session))
	l, isLetter := found.(*letter)
	if r.Taken && ok && isLetter {
		e.Kind, e.Outcome, e.Withheld = evidence.KindDelivery, evidence.Accepted, !r.Told
		e.Size, e.Digest, e.Held = l.size, hex.EncodeToString(l.digest.Sum(nil)), string(r.Kept)
		f.record.Arrived(control.Message{
			At: r.Ended, From: e.From, To: e.To, Size: l.size, SHA256: e.Digest, Address: e.Address,
			Peer: e.Peer, Fault: e.Fault, Held: e.Held, Told: r.Told,
			Cut: l.size > int64(l.content.Len()), Content: l.content.Bytes(),
		})
	}
	f.happened(e)
}

// request is an event of a fake that speaks HTTP.
func (f *Fake) request(e evidence.Event, status int, began time.Time) {
	e.Kind, e.Actor, e.Endpoint = evidence.KindAttempt, evidence.Fake, string(f.cfg.Kind)
	e.Code, e.Began = status, began.Sub(f.start)
	switch {
	case status == 0:
		e.Outcome = evidence.Broken
	case status == 429 || status >= 500:
		e.Outcome = evidence.Deferred
	case status >= 400:
		e.Outcome = evidence.Refused
	default:
		e.Outcome = evidence.Accepted
	}
	f.happened(e)
}

// asked is told of each request for a token.
func (f *Fake) asked(r entra.Result) {
	e := evidence.Event{Address: r.Local, Peer: r.Peer, Name: r.Tenant + " " + r.Client, Fault: r.Fault}
	if r.Code != 0 {
		e.Status = fmt.Sprintf("AADSTS%d", r.Code)
	}
	f.request(e, r.Status, r.At)
}

// looked is told of each look at the health service.
func (f *Fake) looked(r health.Result) {
	f.request(evidence.Event{Address: r.Local, Peer: r.Peer, Name: r.Method + " " + r.Path,
		Fault: r.Fault, To: r.Shown}, r.Status, r.At)
}

// raised is told of each alarm.
func (f *Fake) raised(a alerts.Alarm) {
	f.record.Arrived(control.Message{
		At: a.At, Size: int64(len(a.Raw)), Peer: a.Peer, Told: a.Form != alerts.Unreadable, Content: a.Raw,
	})
	f.happened(evidence.Event{
		Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: string(Alerts), Peer: a.Peer,
		Name: a.Name, Status: string(a.Status), Action: string(a.Form), Note: a.Why,
		Began: a.At.Sub(f.start), Outcome: evidence.Accepted,
	})
}

// queried is told of each question to the DNS; those that a fault has spoilt
// are told of where it acts.
func (f *Fake) queried(q dnsfake.Query) {
	f.happened(evidence.Event{
		Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: string(DNS), Peer: q.Peer,
		Name: q.Type + " " + q.Name, Code: q.Rcode, Value: float64(q.Answers),
		Action: q.Proto, Outcome: outcomeOf(q),
	})
}

func outcomeOf(q dnsfake.Query) evidence.Outcome {
	switch {
	case q.Dropped:
		return evidence.Broken
	case q.Rcode == dnsfake.ServFail:
		return evidence.Deferred
	case q.Rcode != 0:
		return evidence.Refused
	}
	return evidence.Accepted
}
