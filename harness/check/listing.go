package check

import (
	"iter"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// listing is the relay's own queue at the end, as far as it could be read.
type listing struct {
	seen   int
	closed bool
	read   bool
	note   string
	// began is when the relay was asked; what it took after that is in no list.
	began   time.Duration
	unnamed []entry // entries that do not name their message
	// maybe holds addresses of entries that stayed unknown: a pair of such a
	// recipient or sender cannot be called lost. anyone: some entry has no
	// address either.
	maybe  map[int32]bool
	anyone bool
}

// entry is a queue entry that does not name its message.
type entry struct {
	id string
	to []int32
}

// queued takes in one entry of the listing.
func (l *ledger) queued(e *evidence.Event) {
	l.listing.seen++
	if e.Msg != "" {
		to := make([]int32, 0, len(e.To))
		for _, text := range e.To {
			to = append(to, l.addressOf(text))
		}
		l.hold(l.letterOf(e.Msg), to)
		return
	}
	unnamed := entry{id: strings.Clone(e.Queue)}
	for _, text := range e.To {
		unnamed.to = append(unnamed.to, l.addressOf(text))
	}
	l.listing.unnamed = append(l.listing.unnamed, unnamed)
}

// hold marks the pairs that wait in the queue; an entry without recipients
// holds them all. A waiting spare copy does not hold the pair itself.
func (l *ledger) hold(li int32, to []int32) {
	if len(to) == 0 {
		l.eachOf(li, func(p *pair) { p.queued = true })
	}
	for _, rcpt := range to {
		if l.addresses[rcpt].owner >= 0 {
			continue
		}
		l.alter(li, l.pairOf(li, rcpt), func(p *pair) { p.queued = true })
	}
}

// close ends the listing. One that promises more entries than came was not
// read to its end.
func (q *listing) close(e *evidence.Event) {
	q.closed, q.note, q.began = true, e.Note, e.Began
	if q.began == 0 {
		q.began = e.T
	}
	if q.note == "" && int(e.Value) > q.seen {
		q.note = "the listing is not complete"
	}
	q.read = q.note == ""
}

// mayHold says whether the queue may hold a pair that no entry names: one of an
// entry that stayed unknown, or one that was accepted only then.
func (q *listing) mayHold(p *pair, from int32) bool {
	return q.anyone || q.maybe[p.rcpt] || q.maybe[from] || p.taken >= q.began
}

// identify ties unnamed entries to messages by the queue id that the relay told
// the sender. What stays unknown may be any pair of its addresses; a DSN that
// waits for its sender may be the end of any pair of that sender.
func (l *ledger) identify() {
	q := &l.listing
	if len(q.unnamed) == 0 {
		return
	}
	wanted := make(map[uint64]int32, len(q.unnamed))
	for _, u := range q.unnamed {
		wanted[xxhash.Sum64String(u.id)] = -1
	}
	l.reading.named(wanted)
	q.maybe = map[int32]bool{}
	for _, u := range q.unnamed {
		if li := wanted[xxhash.Sum64String(u.id)]; li >= 0 && u.id != "" {
			l.hold(li, u.to)
			continue
		}
		q.anyone = q.anyone || len(u.to) == 0
		for _, rcpt := range u.to {
			q.maybe[rcpt] = true
		}
	}
}

// queueTokens are the words of a reply that may be a queue id: letters, digits
// and dashes, with a digit among them or all hexadecimal, and no status code.
func queueTokens(reply string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for from := 0; from < len(reply); from++ {
			until := from
			for until < len(reply) && inWord[reply[until]] {
				until++
			}
			word := strings.Trim(reply[from:until], "-.")
			if len(word) >= 5 && !strings.Contains(word, ".") && looksLikeID(word) && !yield(word) {
				return
			}
			from = until
		}
	}
}

// inWord are the bytes of words: letters, digits, dashes and dots.
var inWord = wordBytes()

func wordBytes() (in [256]bool) {
	for _, b := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-.") {
		in[b] = true
	}
	return in
}

func looksLikeID(word string) bool {
	return strings.ContainsAny(word, "0123456789") ||
		len(word) >= 8 && strings.Trim(word, "abcdefABCDEF") == ""
}
