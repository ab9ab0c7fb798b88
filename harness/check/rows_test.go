package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// someMoment draws the usual, the edges of what rows have room for, and the absurd.
func someMoment() *rapid.Generator[time.Duration] {
	return rapid.OneOf(
		rapid.Just(time.Duration(0)),
		rapid.Map(rapid.Int64Range(0, int64(13*time.Hour)), func(n int64) time.Duration {
			return time.Duration(n)
		}),
		rapid.SampledFrom([]time.Duration{1<<48 - 1, 1 << 48, 1<<39 - 1, 1 << 39, -1, -1 << 39, 1<<47 - 1, 1 << 47,
			forever, math.MinInt64, 1<<48 + 1<<39}),
	)
}

func drawLetter(t *rapid.T) letter {
	var m letter
	m.code = rapid.SampledFrom([]uint16{0, 250, 450, 65535}).Draw(t, "code")
	m.first, m.accepted = uint16(rapid.IntRange(0, 3).Draw(t, "first")), 1
	m.submitted, m.dirty = rapid.Bool().Draw(t, "submitted"), rapid.Bool().Draw(t, "dirty")
	m.size = rapid.SampledFrom([]int64{0, 8000, math.MaxUint32, math.MaxUint32 + 1, -1}).Draw(t, "size")
	m.due = someMoment().Draw(t, "due")
	m.began, m.answered = m.due+time.Second, someMoment().Draw(t, "answered")
	m.ordinal = rapid.Uint32().Draw(t, "ordinal")
	m.from = rapid.SampledFrom([]int32{-1, 0, 7, 1<<24 - 2, 1<<24 - 1, math.MaxInt32}).Draw(t, "from")
	m.pairs = rapid.Int32Min(0).Draw(t, "pairs")
	return m
}

func drawPair(t *rapid.T, m *letter) pair {
	var p pair
	moment := func(name string, usual ...time.Duration) time.Duration {
		return rapid.OneOf(rapid.SampledFrom(append(usual, 0)), someMoment()).Draw(t, name)
	}
	p.accepted = uint16(rapid.IntRange(0, 2).Draw(t, "accepted"))
	p.own.all = uint16(rapid.IntRange(0, 2).Draw(t, "own"))
	p.named, p.bounced = rapid.Bool().Draw(t, "named"), rapid.Bool().Draw(t, "bounced")
	p.next = rapid.SampledFrom([]int32{0, 0, 1, 2, 3, 9}).Draw(t, "next")
	p.rcpt = rapid.SampledFrom([]int32{0, 7, 1<<24 - 1, 1 << 24}).Draw(t, "rcpt")
	p.taken, p.handed = moment("taken", m.answered), moment("handed", m.began)
	p.out, p.outAt = moment("out"), moment("outAt")
	p.told, p.failed = moment("told", p.out), moment("failed")
	p.copied, p.copiedAt = moment("copied"), moment("copiedAt")
	return p
}

// TestRowsGiveBackWhatTheyAreGiven, whether it fits them or not, and however
// often it is changed.
func TestRowsGiveBackWhatTheyAreGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters, pairs := newLetterRows(), newPairRows()
		for range 3 {
			letters.add(1)
			pairs.add(1)
		}
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			m := drawLetter(t)
			p := drawPair(t, &m)
			li, pi := rapid.Int32Range(0, 2).Draw(t, "li"), rapid.Int32Range(1, 3).Draw(t, "pi")
			letters.write(li, &m)
			pairs.write(pi, &m, &p)
			var m2 letter
			var p2 pair
			letters.read(li, &m2)
			pairs.read(pi, &m2, &p2)
			if m2 != m || p2 != p {
				t.Fatalf("gave %+v %+v\ngot %+v %+v", m, p, m2, p2)
			}
		}
	})
}

// TestMostMailFitsItsRow: without this, all could be kept whole beside the rows
// and nobody would notice.
func TestMostMailFitsItsRow(t *testing.T) {
	l := newLedger(given())
	l.readAll(healthy().all())
	if len(l.letters.wide) > 0 || len(l.pairs.wide) > 0 || l.pairs.n < 300 {
		t.Errorf("%d letters and %d pairs do not fit, of %d pairs", len(l.letters.wide),
			len(l.pairs.wide), l.pairs.n)
	}
}

func TestRowsGrowPieceByPiece(t *testing.T) {
	r := rows{width: 3}
	for _, n := range []int{1, 5, pieceRows - 1, pieceRows + 1, 3*pieceRows + 7} {
		r.reach(n)
		put24(r.row(int32(n-1)), uint32(n))
	}
	for _, n := range []int{1, 5, pieceRows - 1, pieceRows + 1, 3*pieceRows + 7} {
		if got := get24(r.row(int32(n - 1))); got != uint32(n) {
			t.Errorf("row %d holds %d", n-1, got)
		}
	}
	if r.n != 3*pieceRows+7 || len(r.pieces) != 4 || get24(r.row(2*pieceRows)) != 0 {
		t.Errorf("%d rows in %d pieces", r.n, len(r.pieces))
	}
}

func TestShapesAreNumberedOnce(t *testing.T) {
	var s shapes[pairShape]
	a, b := s.of(pairShape{accepted: 1}), s.of(pairShape{unknown: 1})
	if s.of(pairShape{}) != 0 || a == b || s.of(pairShape{accepted: 1}) != a ||
		*s.value(b) != (pairShape{unknown: 1}) || *s.value(0) != (pairShape{}) {
		t.Errorf("%+v", s)
	}
}

func TestRanksAreThoseOfASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(someMoment(), 1, 300).Draw(t, "list")
		var l latencies
		for i, d := range list {
			list[i] = max(0, d)
			l.add(d)
		}
		slices.Sort(list)
		want := Latency{Count: len(list), P50: list[(len(list)*50+99)/100-1],
			P99: list[(len(list)*99+99)/100-1], Max: list[len(list)-1]}
		if got := l.summary(); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

// worstOf is the backlog reckoned from every change in turn: slow, and too simple
// to be wrong.
func worstOf(l *ledger) (b Backlog) {
	type change struct {
		t     time.Duration
		pairs int
	}
	var changes []change
	spans := map[int32][2]time.Duration{}
	l.eachWaiting(func(li int32, _ *letter, _ *pair, from, until time.Duration) {
		changes = append(changes, change{from, 1}, change{until, -1})
		s, ok := spans[li]
		if !ok {
			s = [2]time.Duration{from, until}
		}
		spans[li] = [2]time.Duration{min(s[0], from), max(s[1], until)}
	})
	slices.SortFunc(changes, func(x, y change) int {
		return cmp.Or(cmp.Compare(x.t, y.t), cmp.Compare(x.pairs, y.pairs))
	})
	n := 0
	for i, c := range changes {
		n += c.pairs
		if (i == len(changes)-1 || changes[i+1].t != c.t) && n > b.Peak {
			b.Peak, b.At = n, c.t
		}
	}
	for li, s := range spans {
		if b.Peak > 0 && s[0] <= b.At && b.At < s[1] {
			b.Bytes += l.letter(li).size
		}
	}
	return b
}

func TestTheWorstBacklogIsThatOfAllChangesInTurn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawHistory(t)
		for i := range events {
			events[i].Size = int64(1 + i)
		}
		l := newLedger(given())
		l.readAll(feed(append(events, evidence.Event{Kind: evidence.KindListing}), nil))
		want, got := worstOf(l), l.worst()
		got.Oldest, got.Msg, got.Recipient = 0, "", ""
		if got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

// A session is one, however many others leave traces between its own.
func TestASessionIsOneHoweverFarApartItsTracesLie(t *testing.T) {
	a := newVisits()
	const n = 3 * recentVisits
	for round := range 2 {
		for i := range n {
			at := time.Duration(round*n + i)
			a.add(visit{session: xxhash.Sum64String(fmt.Sprint(i)), from: at, to: at, door: int32(i % 2)})
		}
	}
	all := a.byDoor(2)
	if len(all[0])+len(all[1]) != n || a.n < n {
		t.Fatalf("%d and %d sessions in %d rows, want %d", len(all[0]), len(all[1]), a.n, n)
	}
	for _, v := range append(all[0], all[1]...) {
		if v.to-v.from != n {
			t.Fatalf("%+v", v)
		}
	}
}

// TestALetterCostsLittle holds, of a run in which all goes as it
// usually does, what each message costs while it is read and while it is judged.
func TestALetterCostsLittle(t *testing.T) {
	const n = 40 * pieceRows
	l := newLedger(given())
	for i := 1; i <= n; i++ {
		at := time.Duration(i) * time.Millisecond
		to := []string{fmt.Sprintf("u%d@kaede.example", i%50)}
		l.feed(&evidence.Event{Kind: evidence.KindSubmission, Msg: fmt.Sprintf("m%d", i), Attempt: 1,
			From: "a@shop.test", To: to, At: at, T: at + 2, Due: at, Began: at + 1, Size: 8000, Code: 250,
			Digest: fmt.Sprintf("d%d", i), Outcome: evidence.Accepted,
			Reply: fmt.Sprintf("2.0.0 Ok: queued as 4dK8xj%d", i)})
		for _, endpoint := range []string{endpointSpare, "office365"} {
			if endpoint == endpointSpare {
				to = []string{spareOf(to[0])}
			}
			l.feed(&evidence.Event{Kind: evidence.KindDelivery, Msg: fmt.Sprintf("m%d", i), To: to,
				At: at + 3, T: at + 4, Digest: fmt.Sprintf("d%d", i), Endpoint: endpoint})
			to = []string{fmt.Sprintf("u%d@kaede.example", i%50)}
		}
	}
	judged := l.letters.bytes() + l.pairs.bytes()
	read := judged + l.reading.bytes()
	if len(l.letters.wide)+len(l.pairs.wide) > 0 || l.letters.n != n || l.pairs.n != n+1 {
		t.Fatalf("%d letters, %d pairs", l.letters.n, l.pairs.n)
	}
	if judged > 67*n || read > 84*n {
		t.Errorf("%d bytes a message while it is judged, %d while it is read", judged/n, read/n)
	}
	if l.close(); l.reading.bytes() != 0 {
		t.Error("what only the pass needs is kept after it")
	}
}
