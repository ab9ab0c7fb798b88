package forecast

import (
	"math"
	"math/rand/v2"

	"github.com/hansei-mail/hansei/scenarios"
)

// mailMix is the scenario's mix of mail, to draw from and to take means of.
type mailMix struct {
	mu, sigma, max float64
	atMax          float64
	recipients     []scenarios.RecipientShare
	across         float64
	clean          float64
}

// The plan's own defaults, and the least that a message has.
const (
	defaultMedian, defaultP99, defaultMax = 8_000, 120_000, 1_000_000
	leastSize                             = 1024
	// z99 is the 99th percentile of the standard normal distribution.
	z99 = 2.3263478740408408
)

func newMailMix(m scenarios.Mail) mailMix {
	size := m.Size
	if size == (scenarios.Size{}) {
		size = scenarios.Size{Median: defaultMedian, P99: defaultP99, Max: defaultMax}
	}
	mix := mailMix{
		mu: math.Log(float64(size.Median)), max: float64(size.Max),
		atMax:      size.AtMax,
		recipients: m.Recipients, across: m.Across, clean: 1,
	}
	mix.sigma = (math.Log(float64(size.P99)) - mix.mu) / z99
	if len(mix.recipients) == 0 {
		mix.recipients = []scenarios.RecipientShare{{Count: 1, Share: 1}}
	}
	for _, share := range m.Dirty {
		mix.clean -= share
	}
	mix.clean = max(0, mix.clean)
	return mix
}

func (m *mailMix) size(dice *rand.Rand) int32 {
	if m.atMax > 0 && dice.Float64() < m.atMax {
		return int32(m.max)
	}
	bytes := math.Exp(m.mu + m.sigma*dice.NormFloat64())
	return int32(max(min(bytes, m.max), leastSize))
}

func (m *mailMix) count(dice *rand.Rand) int {
	if len(m.recipients) == 1 {
		return m.recipients[0].Count
	}
	u := dice.Float64()
	for _, r := range m.recipients {
		if u -= r.Share; u < 0 {
			return r.Count
		}
	}
	return m.recipients[len(m.recipients)-1].Count
}

// meanSize is the mean of the sizes, of the drawn ones by the midpoints of a
// thousand quantiles.
func (m *mailMix) meanSize() float64 {
	const parts = 1000
	sum := 0.0
	for i := range parts {
		z := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/parts-1)
		sum += max(min(math.Exp(m.mu+m.sigma*z), m.max), leastSize)
	}
	return (1-m.atMax)*sum/parts + m.atMax*m.max
}

// means are how many pairs, and how many destinations, a message has on average
// to a cohort of so many tenants and mailboxes each.
func (m *mailMix) means(tenants, boxes int) (pairs, lanes float64) {
	all := 0.0
	for _, r := range m.recipients {
		all += r.Share
		n := float64(r.Count)
		own := min(n, float64(boxes))
		if r.Count == 1 || tenants == 1 {
			pairs += r.Share * own
			lanes += r.Share
			continue
		}
		pairs += r.Share * (m.across*n + (1-m.across)*own)
		// Of those that go across, the first two differ and each further one is at
		// any of the tenants.
		d := float64(tenants)
		distinct := d - (d-2)*math.Pow(1-1/d, n-2)
		lanes += r.Share * (m.across*distinct + (1 - m.across))
	}
	return pairs / all, lanes / all
}
