package check

import (
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// Fate is what became of one accepted (message, recipient) pair. Mail is
// conserved: each pair has exactly one.
type Fate int8

// The fates, in the order in which they take precedence: a pair that was both
// delivered and bounced is delivered, and the bounce is judged by itself.
const (
	// Delivered: a fake at a tenant or inbox took a message for the recipient,
	// whether the relay was told so or not. One that went to a wrong tenant is
	// delivered too, since the relay has let go of it; the promise no-invention
	// judges the place. The spare store delivers nothing.
	Delivered Fate = iota
	// Bounced: a DSN that says failed, about the recipient, reached a fake, or was
	// refused for good where its sender is, as the message had been.
	Bounced
	// Queued: the relay's own queue listing still names the pair at the end.
	Queued
	// Lost: none of these, and the queue could be read.
	Lost
	// Unaccounted: none of these, and the queue could not be read or holds
	// entries that may be this pair, or a DSN may be about it, also a refused one.
	Unaccounted
)

var fateNames = [...]string{"delivered", "bounced", "queued", "lost", "unaccounted"}

// String is the fate's word.
func (f Fate) String() string { return fateNames[f] }

// ledger is the state of the one pass over the evidence. Events of different
// messages may come in any order, and a delivery before the submission whose
// reply the sender had not read yet.
type ledger struct {
	*world

	letters letterRows
	pairs   pairRows
	reading reading // what only the pass needs
	// byName holds index+1 of the letters that reading.byOrdinal does not find,
	// names their names.
	byName map[string]int32
	names  map[int32]string

	addresses []address
	byAddress map[string]int32

	early     map[int32][]copyOf // copies that came before their submission
	compared  int                // copies whose content was compared
	altered   []copyOf
	redrawn   map[int32][]uint64 // further digests of the same message
	misplaced []misplacement
	strays    []stray
	spareDSN  []notice
	vague     []notice // about all recipients
	// nameless counts the DSNs that say failed about no message in particular,
	// given holds their recipients.
	nameless int
	given    map[int32]bool
	trials   []trial
	refusals refusals
	vain     vain
	tried    map[int32]time.Duration // pair: end of its first own attempt
	// blurred holds by how much earlier a pair's first spare copy may have landed.
	blurred map[int32]time.Duration
	// departures are relays that did not wait for an answer; kills why not.
	departures []departure
	kills      []time.Duration
	listing    listing
	downtimes  downtimes
	stalls     stalls
	speeds     speeds
	run        run
	manners    manners
	detours    detours
	usage      usage
	backlog    func() Backlog // the worst of it, reckoned once
	alarms     alarms
}

// address is one mail address, its cohort (-1: none of the scenario's), and
// whose spare mailbox it is (-1: nobody's).
type address struct {
	text   string
	cohort int16
	owner  int32
}

// copyOf is one message that a fake took, as its content goes.
type copyOf struct {
	letter, rcpt int32
	digest       uint64
	t            time.Duration
	endpoint     string
	dkim         bool // DKIM says fail
	clues        string
}

func newLedger(s *scenarios.Scenario) *ledger {
	l := &ledger{
		world:     newWorld(s),
		letters:   newLetterRows(),
		pairs:     newPairRows(),
		reading:   newReading(),
		byName:    map[string]int32{},
		names:     map[int32]string{},
		byAddress: map[string]int32{},
		early:     map[int32][]copyOf{},
		redrawn:   map[int32][]uint64{},
		tried:     map[int32]time.Duration{},
		refusals:  refusals{},
		blurred:   map[int32]time.Duration{},
		given:     map[int32]bool{},
		run:       newRun(),
		manners:   newManners(),
		vain:      newVain(),
	}
	l.backlog = sync.OnceValue(l.worst)
	return l
}

// feed takes in one event.
func (l *ledger) feed(e *evidence.Event) {
	l.run.see(e)
	l.manners.see(l.world, e)
	l.detours.see(e)
	l.usage.see(e)
	l.alarms.see(e)
	switch e.Kind {
	case evidence.KindSubmission:
		l.submission(e)
	case evidence.KindDelivery:
		l.delivery(e)
		l.refused(e)
	case evidence.KindAttempt:
		l.attempt(e)
		l.refused(e)
	case evidence.KindDSN:
		l.dsn(e)
	case evidence.KindStray:
		l.strays = append(l.strays, strayOf(e))
	case evidence.KindQueued:
		l.queued(e)
	case evidence.KindListing:
		l.listing.close(e)
	case evidence.KindStep:
		l.killed(e)
		l.downtimes.see(l, e)
	case evidence.KindStall:
		l.stalls.see(e)
	case evidence.KindRate:
		l.speeds.see(e)
	}
}

// letterOf is the index of the message's letter, made if need be.
func (l *ledger) letterOf(msg string) int32 {
	ordinal := ordinalOf(msg)
	if li, ok := l.reading.find(ordinal); ok {
		return li
	}
	if i, ok := l.byName[msg]; ok {
		return i - 1
	}
	li := l.letters.add(ordinal)
	if !l.reading.enter(ordinal, li) {
		msg = strings.Clone(msg) // it may be part of a block of evidence
		l.byName[msg] = li + 1
		l.names[li] = msg
	}
	return li
}

// letter is one letter, to be looked at.
func (l *ledger) letter(li int32) (m letter) {
	l.letters.read(li, &m)
	return m
}

// pairFor is the message's pair for the recipient, to be looked at; one of which
// nothing is known if it has none.
func (l *ledger) pairFor(li, rcpt int32) pair {
	m := l.letter(li)
	var p pair
	for pi := m.pairs; pi != 0; pi = p.next {
		if l.pairs.read(pi, &m, &p); p.rcpt == rcpt {
			return p
		}
	}
	return pair{rcpt: rcpt}
}

// alter changes one pair of a letter.
func (l *ledger) alter(li, pi int32, change func(*pair)) {
	m := l.letter(li)
	var p pair
	l.pairs.read(pi, &m, &p)
	change(&p)
	l.pairs.write(pi, &m, &p)
}

// eachOf changes all pairs of a letter.
func (l *ledger) eachOf(li int32, change func(*pair)) {
	m := l.letter(li)
	var p pair
	for pi := m.pairs; pi != 0; pi = p.next {
		l.pairs.read(pi, &m, &p)
		change(&p)
		l.pairs.write(pi, &m, &p)
	}
}

// pairOf is the index of the message's pair for the recipient, made if need be.
func (l *ledger) pairOf(li, rcpt int32) int32 {
	m := l.letter(li)
	var p pair
	last := int32(0)
	for pi := m.pairs; pi != 0; pi = p.next {
		if l.pairs.read(pi, &m, &p); p.rcpt == rcpt {
			return pi
		}
		last = pi
	}
	pi := l.pairs.add(rcpt)
	if last == 0 {
		m.pairs = pi
		l.letters.write(li, &m)
	} else {
		p.next = pi
		l.pairs.write(last, &m, &p)
	}
	return pi
}

// addressOf is the index of the address, in canonical form.
func (l *ledger) addressOf(text string) int32 {
	if i, ok := l.byAddress[text]; ok {
		return i
	}
	key := canonical(text)
	i, ok := l.byAddress[key]
	if !ok {
		key = strings.Clone(key)
		a := address{text: key, cohort: -1, owner: -1}
		if c, known := l.domains[domainOf(key)]; known {
			a.cohort = c
		}
		if owner, spare := fromSpare(key); spare {
			a.owner = l.addressOf(owner)
		}
		l.addresses = append(l.addresses, a)
		i = int32(len(l.addresses) - 1)
		l.byAddress[key] = i
	}
	return i
}

func (l *ledger) cohortOf(rcpt int32) *cohort {
	if c := l.addresses[rcpt].cohort; c >= 0 {
		return &l.cohorts[c]
	}
	return nil
}

// fate is the one fate of an accepted pair, once the pass is over.
func (l *ledger) fate(li int32, p *pair) Fate {
	switch {
	case p.own.all > 0:
		return Delivered
	case p.bounced:
		return Bounced
	case p.queued:
		return Queued
	case l.listing.read && !l.given[p.rcpt] && !l.vain.doubtful[[2]int32{li, p.rcpt}] &&
		!l.listing.mayHold(p, l.letter(li).from):
		return Lost
	default:
		return Unaccounted
	}
}
