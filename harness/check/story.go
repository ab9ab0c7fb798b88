package check

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// Line is one thing that happened to a message.
type Line struct {
	// At is monotonic wall time, T scenario time, both since the start.
	At time.Duration `json:"at"`
	T  time.Duration `json:"t"`
	// Actor is one of package evidence's actors, or "ledger" for the fate.
	Actor string `json:"actor"`
	// What happened, in words.
	What string `json:"what"`
}

// Clock is the time of day of the line in the scenario's zone.
func (l Line) Clock(s *scenarios.Scenario) string {
	return (&world{s: s, start: s.From.Time}).clock(l.T)
}

// Story is the whole story of one message, in order: its submissions, what the
// fakes saw of it, the steps of the plan while it was under way, and last the
// fate of each recipient. Sessions that brought no message do not say which one
// they were for; those that named a recipient who was still waiting are told,
// like ones together. A message that nobody saw has no story.
func Story(events iter.Seq2[evidence.Event, error], msg string) []Line {
	t := &teller{msg: msg, ledger: newLedger(&scenarios.Scenario{})}
	for e, err := range events {
		if err != nil {
			t.ledger.run.cut = err
			break
		}
		t.hear(&e)
	}
	if len(t.lines) == 0 {
		return nil
	}
	slices.SortStableFunc(t.lines, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
	t.end()
	return t.lines
}

// teller picks one message's story from the evidence.
type teller struct {
	msg    string
	ledger *ledger // of this message alone
	lines  []Line
	at, t  time.Duration // of the last event
	folded fold
}

// fold is a run of sessions that ended alike.
type fold struct {
	line      int // 1 + its index; 0: none
	key, what string
	times     int
	first     time.Duration
}

// hear takes in one event.
func (t *teller) hear(e *evidence.Event) {
	t.at, t.t = e.At, e.T
	switch e.Kind {
	case evidence.KindListing:
		t.ledger.feed(e)
	case evidence.KindQueued:
		t.inQueue(e)
	case evidence.KindSubmission, evidence.KindDelivery, evidence.KindDSN:
		if e.Msg != t.msg {
			return
		}
		t.ledger.feed(e)
		t.tell(e, inWords(e))
	case evidence.KindStep:
		if what := stepInWords(e); what != "" && t.underWay() {
			t.tell(e, what)
		}
	case evidence.KindAttempt:
		t.session(e)
	}
}

// inQueue takes in an entry that is the message's or may be.
func (t *teller) inQueue(e *evidence.Event) {
	if e.Msg != "" && e.Msg != t.msg {
		t.ledger.listing.seen++
		return
	}
	t.ledger.feed(e)
	if e.Msg == t.msg {
		t.tell(e, inQueue(e))
	}
}

func (t *teller) tell(e *evidence.Event, what string) {
	t.lines = append(t.lines, Line{At: e.At, T: e.T, Actor: e.Actor, What: what})
	t.folded = fold{}
}

// underWay says that some recipient is still waiting for the message.
func (t *teller) underWay() bool {
	var m letter
	for li := range int32(t.ledger.letters.n) {
		t.ledger.letters.read(li, &m)
		for _, p := range t.ledger.pairsOf(&m) {
			if p.named && p.own.all == p.own.withheld && !p.bounced {
				return true
			}
		}
	}
	return false
}

// session tells of a session that may have been for this message.
func (t *teller) session(e *evidence.Event) {
	to := t.waiting(e)
	if to == "" {
		to = t.unnamed(e)
	}
	if to == "" {
		return
	}
	// Replies carry the session's own id and time, so they do not tell sessions
	// apart.
	key := fmt.Sprint(e.Endpoint, e.Site, to, e.Stage, e.Code, e.Fault)
	if f := &t.folded; f.line != 0 && f.key == key {
		f.times++
		t.lines[f.line-1].What = foldedInWords(f.what, f.times, e.T-f.first)
		return
	}
	t.ledger.refused(e)
	what := sessionInWords(e, to)
	t.tell(e, what+" (it may have been for another message)")
	t.folded = fold{line: len(t.lines), key: key, what: what, times: 1, first: e.T}
}

// waiting is the recipient named in a session who still waits for a copy at
// that kind of endpoint; empty: none.
func (t *teller) waiting(e *evidence.Event) string {
	for _, text := range slices.Concat(e.To, e.Refused) {
		text = canonical(text)
		spare := e.Endpoint == endpointSpare
		if spare {
			text, _ = fromSpare(text)
		}
		rcpt, known := t.ledger.byAddress[text]
		if !known || t.ledger.letters.n == 0 {
			continue
		}
		// The only letter of this ledger is the message's own.
		m := t.ledger.letter(0)
		for _, p := range t.ledger.pairsOf(&m) {
			done := p.own
			if spare {
				done = p.spare
			}
			if p.rcpt == rcpt && p.named && done.all == done.withheld {
				return text
			}
		}
	}
	return ""
}

// unnamed says of a session that was refused for good, and named none who is still
// waiting, how it may be about the message all the same: it named the sender
// alone, or had none, as a notification to the sender has.
func (t *teller) unnamed(e *evidence.Event) string {
	refused, unnamed := refusedBy(e)
	if t.ledger.letters.n == 0 || !unnamed && len(refused) == 0 || !t.underWay() {
		return ""
	}
	m := t.ledger.letter(0)
	sender := t.ledger.addresses[m.from].text
	isSender := func(address string) bool { return canonical(address) == sender }
	switch {
	case !m.submitted:
	case e.From == "" && slices.ContainsFunc(refused, isSender):
		return "<> as sender and " + sender
	case e.From == "" && unnamed && t.refused(&m):
		return "<> as sender and nobody yet"
	case e.From != "" && unnamed && isSender(e.From):
		return "the sender alone"
	}
	return ""
}

// refused says that some recipient's mail was refused for good.
func (t *teller) refused(m *letter) bool {
	return slices.ContainsFunc(t.ledger.pairsOf(m), func(p pair) bool {
		return t.ledger.refusals.of(m.from, &p)
	})
}

// end tells the fate of each recipient.
func (t *teller) end() {
	l := t.ledger
	l.close()
	if l.run.cut != nil {
		t.lines = append(t.lines, Line{At: t.at, T: t.t, Actor: "ledger",
			What: "the evidence is cut here: " + l.run.cut.Error()})
	}
	for li := range int32(l.letters.n) {
		if l.name(li) != t.msg {
			continue
		}
		m := l.letter(li)
		for _, p := range l.pairsOf(&m) {
			t.lines = append(t.lines, Line{At: t.at, T: t.t, Actor: "ledger",
				What: l.fateInWords(li, &p)})
		}
	}
}
