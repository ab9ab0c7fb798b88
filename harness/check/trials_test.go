package check

import (
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// hand is a submission, arrive a delivery, knock a session that brought nothing;
// all of them for one recipient of the spare cohort, in seconds.
func hand(msg, from string, began int, o evidence.Outcome) evidence.Event {
	at := time.Duration(began) * second
	return evidence.Event{Kind: evidence.KindSubmission, Msg: msg, Attempt: 1, From: from,
		To: []string{"u@kaede.example"}, Due: at, Began: at, T: at + second, At: at + second, Outcome: o}
}

func arrive(msg string, at int, withheld bool) evidence.Event {
	t := time.Duration(at) * second
	return evidence.Event{Kind: evidence.KindDelivery, Endpoint: "office365", Msg: msg,
		To: []string{"u@kaede.example"}, Began: t - second, T: t, At: t, Withheld: withheld}
}

func knock(from string, began, ended int) evidence.Event {
	t := time.Duration(ended) * second
	return evidence.Event{Kind: evidence.KindAttempt, Endpoint: "office365", From: from,
		To: []string{"u@kaede.example"}, Began: time.Duration(began) * second, T: t, At: t}
}

const (
	yes      = evidence.Accepted
	patience = int(replyPatience / time.Second)
)

// knocks are sessions that brought nothing, and whose they were.
var knocks = []struct {
	name   string
	events []evidence.Event
	want   map[string]int // seconds at which a message's first attempt ended
}{
	{"the only one", []evidence.Event{hand("m1", "a@x.test", 10, yes), knock("", 20, 30)},
		map[string]int{"m1": 30}},
	{"the earliest of several", []evidence.Event{hand("m1", "a@x.test", 10, yes),
		knock("", 40, 50), knock("", 20, 30), knock("", 25, 28)}, map[string]int{"m1": 28}},
	{"before it was handed in", []evidence.Event{hand("m1", "a@x.test", 31, yes), knock("", 20, 30)},
		map[string]int{}},
	{"as it was handed in", []evidence.Event{hand("m1", "a@x.test", 30, yes), knock("", 20, 30)},
		map[string]int{"m1": 30}},
	{"two are waiting", []evidence.Event{hand("m1", "a@x.test", 10, yes),
		hand("m2", "a@x.test", 11, yes), knock("", 20, 30)}, map[string]int{}},
	{"two, but of two senders", []evidence.Event{hand("m1", "a@x.test", 10, yes),
		hand("m2", "b@x.test", 11, yes), knock("b@x.test", 20, 30)}, map[string]int{"m2": 30}},
	{"the second came later", []evidence.Event{hand("m1", "a@x.test", 10, yes),
		hand("m2", "a@x.test", 31, yes), knock("", 20, 30)}, map[string]int{"m1": 30}},
	{"the second is recorded first", []evidence.Event{hand("m2", "a@x.test", 31, yes),
		hand("m1", "a@x.test", 10, yes), knock("", 20, 30)}, map[string]int{"m1": 30}},
	{"the first was delivered long before", []evidence.Event{hand("m1", "a@x.test", 10, yes),
		arrive("m1", 12, false), hand("m2", "a@x.test", patience+13, yes),
		knock("", patience+13, patience+20)}, map[string]int{"m2": patience + 20}},
	{"the first was delivered, and its reply may be slow", []evidence.Event{
		hand("m1", "a@x.test", 10, yes), arrive("m1", 12, false),
		hand("m2", "a@x.test", patience+1, yes), knock("", patience+12, patience+20)},
		map[string]int{}},
	{"the relay was not told of the first", []evidence.Event{
		hand("m1", "a@x.test", 10, yes), arrive("m1", 12, true),
		hand("m2", "a@x.test", patience+1, yes), knock("", patience+50, patience+60)},
		map[string]int{}},
	{"the first may have been taken twice", []evidence.Event{
		hand("m1", "a@x.test", 10, evidence.Unknown), hand("m1", "a@x.test", 11, yes),
		arrive("m1", 12, false), hand("m2", "a@x.test", patience+1, yes),
		knock("", patience+50, patience+60)}, map[string]int{}},
	{"the first was taken twice", []evidence.Event{
		hand("m1", "a@x.test", 10, yes), hand("m1", "a@x.test", 11, yes),
		arrive("m1", 12, false), hand("m2", "a@x.test", patience+1, yes),
		knock("", patience+50, patience+60)}, map[string]int{}},
	{"one pair's attempts after another's", []evidence.Event{
		hand("m1", "a@x.test", 10, yes), knock("", 15, 16), arrive("m1", 20, false),
		hand("m2", "a@x.test", patience+30, yes), knock("", patience+40, patience+41),
		knock("", patience+31, patience+50)}, map[string]int{"m1": 16, "m2": patience + 41}},
	{"somebody else's", []evidence.Event{hand("m1", "a@x.test", 10, yes), {
		Kind: evidence.KindAttempt, Endpoint: "office365", To: []string{"v@kaede.example"},
		Began: 20 * second, T: 30 * second, At: 30 * second}}, map[string]int{}},
	{"the spare's", []evidence.Event{hand("m1", "a@x.test", 10, yes), {
		Kind: evidence.KindAttempt, Endpoint: endpointSpare, To: []string{"u@kaede.example"},
		Began: 20 * second, T: 30 * second, At: 30 * second}}, map[string]int{}},
}

// TestWhichPairASessionWasFor: a session that brought nothing counts as the
// first attempt of a pair only where no other pair can be meant.
func TestWhichPairASessionWasFor(t *testing.T) {
	for _, c := range knocks {
		l := newLedger(given())
		l.readAll(feed(c.events, nil))
		got := map[string]int{}
		l.each(func(li int32, _ *letter, pi int32, _ *pair) {
			if at, ok := l.tried[pi]; ok {
				got[l.name(li)] = int(at / second)
			}
		})
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		for msg, want := range c.want {
			if got[msg] != want {
				t.Errorf("%s: %s was tried by %d, want %d", c.name, msg, got[msg], want)
			}
		}
	}
}

// TestCopiesThatNothingExplains counts by hand.
func TestCopiesThatNothingExplains(t *testing.T) {
	for _, c := range []struct {
		copies      copies
		submissions int
		want        int
	}{
		{copies{}, 0, 0}, {copies{all: 1}, 0, 0}, {copies{all: 1}, 1, 0}, {copies{all: 2}, 0, 1},
		{copies{all: 2}, 1, 1}, {copies{all: 2}, 2, 0}, {copies{all: 3}, 2, 1},
		{copies{all: 2, withheld: 1}, 1, 0}, {copies{all: 3, withheld: 1}, 1, 1},
		{copies{all: 2, withheld: 1, late: 1}, 1, 1}, {copies{all: 2, withheld: 1, late: 1}, 2, 0},
		{copies{all: 3, withheld: 1, late: 1}, 1, 2}, {copies{all: 2, withheld: 1, late: 1}, 0, 1},
	} {
		if got := c.copies.unexplained(c.submissions); got != c.want {
			t.Errorf("%+v of %d submissions: %d, want %d", c.copies, c.submissions, got, c.want)
		}
	}
	n := ^uint16(0) - 1
	bump(&n)
	bump(&n)
	if n != ^uint16(0) {
		t.Errorf("counted over the end: %d", n)
	}
}

// TestNamesOfMessages: only what a plan writes is an ordinal.
func TestNamesOfMessages(t *testing.T) {
	for msg, want := range map[string]uint32{
		"m1": 1, "m10": 10, "m4294967295": 4294967295, "m4294967296": 0, "m0": 0, "m01": 0, "m": 0,
		"x1": 0, "": 0, "m1x": 0, "m99999999999": 0, "m9": 9, "m-5": 0, "m:": 0, "m/": 0,
	} {
		if got := ordinalOf(msg); got != want {
			t.Errorf("%q: %d, want %d", msg, got, want)
		}
	}
	for address, want := range map[string]string{
		"": "", "nobody": "nobody", "@Shop.TEST": "@shop.test", " <A@B.Test> ": "A@b.test",
		"a@b@C.test": "a@b@c.test", "<>": "",
	} {
		if got := canonical(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
	for field, want := range map[string]string{
		"rfc822; A@B.test": "A@b.test", "A@B.test": "A@b.test", "utf-8;x@y.test": "x@y.test",
		"a;b@c.test": "b@c.test", "a@b;c@d.test": "a@b;c@d.test",
	} {
		if got := finalRecipient(field); got != want {
			t.Errorf("%q: %q, want %q", field, got, want)
		}
	}
}

// TestWitnessesAreTheLowest keeps five of many, whatever order they come in.
func TestWitnessesAreTheLowest(t *testing.T) {
	l := newLedger(&scenarios.Scenario{})
	var all []int32
	for _, name := range []string{"odd", "m9", "m2", "even", "m7", "m3", "m11"} {
		all = append(all, l.letterOf(name))
	}
	w := witnesses{l: l}
	told := 0
	w.call(-1, -1, func() string { told++; return "nobody" })
	for _, li := range all {
		w.call(li, -1, func() string { told++; return "seen" })
	}
	got := ""
	for _, x := range w.list() {
		got += x.Msg + " "
	}
	if got != "m2 m3 m7 m9 m11 " || w.all != 8 || len(w.list()) != maxWitnesses || told != 8 {
		t.Errorf("%s of %d, %d told", got, w.all, told)
	}
}
