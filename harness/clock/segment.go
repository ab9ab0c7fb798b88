package clock

import (
	"math"
	"math/bits"
)

// rateOne is the rate 1 in the fixed point notation of segments: 16 binary
// digits behind the point. Integers make Go and C compute the same instant.
const rateOne = 1 << 16

// maxRate keeps products well inside 128 bits, and is far beyond any rate at
// which a program could still do anything.
const maxRate = 1e9

// segment is a stretch of constant rate. Its layout is that of the clock file:
// four native 64-bit integers (see struct segment in shim/shim.h).
type segment struct {
	mono int64 // monotonic wall clock at which the segment begins, ns
	fake int64 // scenario time at that instant, ns since 1970
	wall int64 // wall-clock time of day at that instant, ns since 1970
	rate int64 // scenario ns per wall ns, times rateOne; 0 is frozen
}

// at is the scenario time at the monotonic instant t. Before the segment's
// beginning time is taken to run at the pace of the wall.
func (s segment) at(t int64) int64 {
	if t < s.mono {
		return s.fake - (s.mono - t)
	}
	return later(s.fake, forward(t-s.mono, s.rate))
}

// due is the first monotonic instant at which the scenario time is fake or
// later, or MaxInt64 if this segment never gets there.
func (s segment) due(fake int64) int64 {
	if fake <= s.fake {
		return s.mono
	}
	wait := backward(fake-s.fake, s.rate)
	if wait > math.MaxInt64-s.mono {
		return math.MaxInt64
	}
	return s.mono + wait
}

// forward turns d ns of wall time into scenario time, rounded down.
func forward(d, rate int64) int64 {
	hi, lo := bits.Mul64(uint64(d), uint64(rate))
	if hi>>15 != 0 {
		return math.MaxInt64
	}
	return int64(hi<<48 | lo>>16)
}

// backward turns d ns of scenario time into wall time, rounded up so that
// nothing that waits this long wakes early.
func backward(d, rate int64) int64 {
	if rate == 0 {
		return math.MaxInt64
	}
	hi, lo := uint64(d)>>48, uint64(d)<<16
	lo, carry := bits.Add64(lo, uint64(rate)-1, 0)
	hi += carry
	if hi >= uint64(rate) {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(hi, lo, uint64(rate))
	return int64(min(quotient, math.MaxInt64))
}

// fixed turns a rate into fixed point; what is no rate is frozen.
func fixed(rate float64) int64 {
	if !(rate > 0) {
		return 0
	}
	return int64(math.Round(min(rate, maxRate) * rateOne))
}

// later adds two instants or durations that may be very large.
func later(a, b int64) int64 {
	if b > 0 && a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
