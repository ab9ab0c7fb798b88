package check

import (
	"math/bits"
	"time"
)

// latencies collects durations for a Latency: it holds each once, in pieces that
// never move, and finds ranks without putting them in order.
type latencies struct {
	n      int
	most   time.Duration
	pieces [][]time.Duration
}

const latencyPiece = 1 << 13

func (l *latencies) add(d time.Duration) {
	d = max(0, d)
	last := len(l.pieces) - 1
	switch {
	case last < 0: // the first piece grows, since most are small
		l.pieces = append(l.pieces, nil)
		last++
	case len(l.pieces[last]) == latencyPiece:
		l.pieces = append(l.pieces, make([]time.Duration, 0, latencyPiece))
		last++
	}
	l.pieces[last] = append(l.pieces[last], d)
	l.n++
	l.most = max(l.most, d)
}

// summary is by nearest rank: the smallest duration that at least that share
// of all does not exceed, so that no figure is one that nobody saw.
func (l *latencies) summary() Latency {
	if l.n == 0 {
		return Latency{}
	}
	rank := func(percent int) time.Duration { return l.ranked((l.n*percent + 99) / 100) }
	return Latency{Count: l.n, P50: rank(50), P99: rank(99), Max: l.most}
}

// rankBits is how many bits of a duration are found at a time.
const rankBits = 11

// ranked is the duration of that rank, from 1 on: of all that begin with the bits
// found so far, it counts how many go on with which.
func (l *latencies) ranked(rank int) time.Duration {
	var found time.Duration
	above := max(0, bits.Len64(uint64(l.most)))
	for above > 0 {
		shift := max(0, above-rankBits)
		var counts [1 << rankBits]int
		for _, p := range l.pieces {
			for _, d := range p {
				if d>>above == found>>above {
					counts[d>>shift&(1<<(above-shift)-1)]++
				}
			}
		}
		for i, n := range counts {
			if rank <= n {
				found |= time.Duration(i) << shift
				break
			}
			rank -= n
		}
		above = shift
	}
	return found
}
