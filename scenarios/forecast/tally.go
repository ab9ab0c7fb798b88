package forecast

import "time"

// maxBins bounds a curve: enough for a chart as wide as a page.
const maxBins = 156

// tally counts what an engine sees. Pairs may be fractions: a fluid has no
// smallest part.
type tally struct {
	width, heal float64
	points      []Point
	now         float64
	at          int

	waiting, affected, bytes, spool float64 // at present
	files                           float64

	peak, peakBytes, peakAt       float64
	spoolPeak, filesPeak          float64
	oldestPeak, connPeak, rate    float64
	attempts, failed              float64
	perMinute, perBin             []float64
	messages, accepted, delivered float64
	bounced, spare, spareBytes    float64
	atHeal, lastOut               float64
	healed                        bool
}

func newTally(w *world, horizon float64) *tally {
	width := float64(int((w.length + maxBins - 1) / maxBins))
	return &tally{
		width: max(width, 1), heal: w.heal, perMinute: make([]float64, int(horizon/minute)+2),
	}
}

// advance goes on to a moment: the curve is filled up to it.
func (t *tally) advance(now float64) {
	for float64(t.at+1)*t.width <= now {
		t.points = append(t.points, Point{
			T:       time.Duration(float64(t.at) * t.width * float64(time.Second)),
			Backlog: t.affected, All: t.waiting, Bytes: t.spool,
		})
		t.at++
	}
	if !t.healed && now >= t.heal {
		t.healed, t.atHeal = true, t.affected
	}
	t.now = now
}

// change enters what comes (or, below 0, goes).
func (t *tally) change(pairs float64, affected bool) {
	t.waiting += pairs
	if affected {
		t.affected += pairs
		if t.affected > t.peak {
			t.peak, t.peakBytes, t.peakAt = t.affected, t.bytes, t.now
		}
	}
}

func (t *tally) spooled(bytes, files float64) {
	t.spool += bytes
	t.files += files
	t.spoolPeak = max(t.spoolPeak, t.spool)
	t.filesPeak = max(t.filesPeak, t.files)
}

// tried counts attempts at a moment, of which so many brought nothing.
func (t *tally) tried(at, n, failed float64) {
	t.attempts += n
	t.failed += failed
	if m := int(at / minute); m >= 0 && m < len(t.perMinute) {
		t.perMinute[m] += n
		t.rate = max(t.rate, t.perMinute[m])
	}
	for b := int(at / t.width); b >= len(t.perBin); {
		t.perBin = append(t.perBin, 0)
	}
	t.perBin[int(at/t.width)] += n
}

// out enters pairs of an affected destination that left, accepted at born.
func (t *tally) out(born, now float64) {
	t.oldestPeak = max(t.oldestPeak, now-born)
	if born < t.heal && now >= t.heal {
		t.lastOut = max(t.lastOut, now)
	}
}

// drain is from the heal to the last delivery of what waited then.
func (t *tally) drain() float64 { return max(0, t.lastOut-t.heal) }
