package course

import (
	"math"
	"time"
)

// A spread has buckets of equal width on a logarithmic scale: perDecade of them
// for each factor of ten, from least on.
const (
	least     = time.Millisecond
	perDecade = 8
	buckets   = 9*perDecade + 1 // up to 10^9 ms: eleven days
)

// Spread is a distribution of durations.
type Spread struct {
	Count  int
	counts [buckets]int
}

func (s *Spread) add(d time.Duration) {
	s.Count++
	bucket := 0
	if d > least {
		bucket = int(math.Ceil(perDecade * math.Log10(float64(d)/float64(least))))
	}
	s.counts[min(bucket, buckets-1)]++
}

// Share is one point of a spread: so much of all took at most so long.
type Share struct {
	Within time.Duration
	Share  float64
}

// Shares are the points of the cumulative distribution at which it rises.
func (s *Spread) Shares() []Share {
	var points []Share
	sum := 0
	for i, n := range s.counts {
		if n == 0 {
			continue
		}
		sum += n
		within := time.Duration(float64(least) * math.Pow(10, float64(i)/perDecade))
		points = append(points, Share{Within: within, Share: float64(sum) / float64(s.Count)})
	}
	return points
}
