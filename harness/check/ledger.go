package check

import (
	"hash/fnv"
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
	// Bounced: a DSN that says failed, about the recipient, reached a fake.
	Bounced
	// Queued: the relay's own queue listing still names the pair at the end.
	Queued
	// Lost: none of these, and the queue could be read.
	Lost
	// Unaccounted: none of these, and the queue could not be read or holds
	// entries that may be this pair, or a DSN may be about it.
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

	letters []letter
	pairs   []pair // the first is unused, so that 0 means none
	// byOrdinal holds index+1 of the letter with that ordinal; byName of all
	// others, whose names are in names.
	byOrdinal []int32
	byName    map[string]int32
	names     map[int32]string

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
	circles  circles
	tried    map[int32]time.Duration // pair: end of its first own attempt
	// blurred holds by how much earlier a pair's first spare copy may have landed.
	blurred map[int32]time.Duration
	// departures are relays that did not wait for an answer; kills why not.
	departures []departure
	kills      []time.Duration
	listing    listing
	stalls     stalls
	run        run
	manners    manners
	detours    detours
	usage      usage
	alarms     alarms
}

// address is one mail address, and its cohort (-1: none of the scenario's).
type address struct {
	text   string
	cohort int16
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
	return &ledger{
		world:     newWorld(s),
		pairs:     make([]pair, 1),
		byName:    map[string]int32{},
		names:     map[int32]string{},
		byAddress: map[string]int32{},
		early:     map[int32][]copyOf{},
		redrawn:   map[int32][]uint64{},
		tried:     map[int32]time.Duration{},
		circles:   circles{},
		blurred:   map[int32]time.Duration{},
		given:     map[int32]bool{},
		run:       newRun(),
		manners:   newManners(),
	}
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
	case evidence.KindAttempt:
		l.attempt(e)
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
	case evidence.KindStall:
		l.stalls.see(e)
	}
}

// letterOf is the index of the message's letter, made if need be.
func (l *ledger) letterOf(msg string) int32 {
	ordinal := ordinalOf(msg)
	if ordinal != 0 && int(ordinal) < len(l.byOrdinal) && l.byOrdinal[ordinal] != 0 {
		return l.byOrdinal[ordinal] - 1
	}
	if i, ok := l.byName[msg]; ok {
		return i - 1
	}
	l.letters = append(l.letters, letter{ordinal: ordinal, from: -1})
	i := int32(len(l.letters))
	// A number far beyond all others is nobody's ordinal, and must not cost
	// memory: it is kept by name.
	if ordinal == 0 || int(ordinal) > 2*len(l.byOrdinal)+1<<16 {
		l.byName[msg] = i
		l.names[i-1] = msg
		return i - 1
	}
	for int(ordinal) >= len(l.byOrdinal) {
		l.byOrdinal = append(l.byOrdinal, make([]int32, len(l.byOrdinal)+1024)...)
	}
	l.byOrdinal[ordinal] = i
	return i - 1
}

// pairOf is the index of the message's pair for the recipient, made if need be.
func (l *ledger) pairOf(li, rcpt int32) int32 {
	last := int32(0)
	for pi := l.letters[li].pairs; pi != 0; pi = l.pairs[pi].next {
		if l.pairs[pi].rcpt == rcpt {
			return pi
		}
		last = pi
	}
	l.pairs = append(l.pairs, pair{rcpt: rcpt})
	pi := int32(len(l.pairs) - 1)
	if last == 0 {
		l.letters[li].pairs = pi
	} else {
		l.pairs[last].next = pi
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
		cohort := int16(-1)
		if c, known := l.domains[domainOf(key)]; known {
			cohort = c
		}
		l.addresses = append(l.addresses, address{text: key, cohort: cohort})
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
	case l.listing.read && !l.given[p.rcpt] && !l.listing.mayHold(p, l.letters[li].from):
		return Lost
	default:
		return Unaccounted
	}
}

// digestOf shortens a digest: 64 bits tell one message's copies from others.
func digestOf(digest string) uint64 {
	if digest == "" {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(digest))
	return h.Sum64() | 1
}
