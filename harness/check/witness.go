package check

import (
	"cmp"
	"fmt"
	"slices"
)

// maxWitnesses bounds the witnesses of one verdict.
const maxWitnesses = 5

// witnesses keeps the lowest few of all that are called, so that the same
// evidence always names the same ones, and counts them all.
type witnesses struct {
	l    *ledger
	all  int
	kept []called
}

// called is a witness with what orders it.
type called struct {
	letter int32
	Witness
}

// call adds a witness; what is told only if it is kept.
func (w *witnesses) call(li, rcpt int32, what func() string) {
	w.all++
	c := called{letter: li}
	if li >= 0 {
		c.Msg = w.l.name(li)
	}
	if rcpt >= 0 {
		c.Recipient = w.l.addresses[rcpt].text
	}
	at, _ := slices.BinarySearchFunc(w.kept, c, w.order)
	if at == maxWitnesses {
		return
	}
	c.What = what()
	w.kept = slices.Insert(w.kept, at, c)
	w.kept = w.kept[:min(len(w.kept), maxWitnesses)]
}

// order is by ordinal, then name, then recipient; mail of nobody comes last.
func (w *witnesses) order(a, b called) int {
	rank := func(c called) uint64 {
		switch {
		case c.letter < 0:
			return 2 << 32
		case w.l.letter(c.letter).ordinal == 0:
			return 1 << 32
		}
		return uint64(w.l.letter(c.letter).ordinal)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Msg, b.Msg),
		cmp.Compare(a.Recipient, b.Recipient))
}

// list is what the verdict holds; never nil, so that JSON has a list.
func (w *witnesses) list() []Witness {
	list := make([]Witness, 0, len(w.kept))
	for _, c := range w.kept {
		list = append(list, c.Witness)
	}
	return list
}

// name is the message's id.
func (l *ledger) name(li int32) string {
	if name, ok := l.names[li]; ok {
		return name
	}
	return fmt.Sprintf("m%d", l.letter(li).ordinal)
}
