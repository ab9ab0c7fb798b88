package course

import (
	"math"
	"math/bits"
	"time"
)

// nobody is since when nobody waits.
const nobody time.Duration = math.MaxInt64

// longest finds for each bin since when the one who waited longest at its end has
// waited, whatever the order in which it is told of them. Row k holds stretches of
// 2^k bins by their beginning: any stretch is two of those, which may overlap.
type longest struct{ rows [][]time.Duration }

func newLongest(bins int) *longest {
	l := &longest{}
	for k := range bits.Len(uint(bins)) {
		row := make([]time.Duration, bins-1<<k+1)
		for i := range row {
			row[i] = nobody
		}
		l.rows = append(l.rows, row)
	}
	return l
}

// wait takes in one that waited at the ends of the bins from in up to before out.
func (l *longest) wait(in, out int, since time.Duration) {
	k := bits.Len(uint(out-in)) - 1
	row := l.rows[k]
	row[in] = min(row[in], since)
	row[out-1<<k] = min(row[out-1<<k], since)
}

// since is the answer for each bin; the table is of no use after it.
func (l *longest) since() []time.Duration {
	for k := len(l.rows) - 1; k > 0; k-- {
		half := l.rows[k-1]
		for i, t := range l.rows[k] {
			half[i] = min(half[i], t)
			half[i+1<<(k-1)] = min(half[i+1<<(k-1)], t)
		}
	}
	if len(l.rows) == 0 {
		return nil
	}
	return l.rows[0]
}
