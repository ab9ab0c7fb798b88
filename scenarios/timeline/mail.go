package timeline

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/hansei-mail/hansei/scenarios"
)

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

// minSize is what headers and a line of text need.
const minSize = 1024

// mailMix is what the scenario says about its messages, ready to draw from.
type mailMix struct {
	mu, sigma  float64
	max, atMax float64
	recipients []scenarios.RecipientShare
	across     float64
	dirty      []dirtShare
}

type dirtShare struct {
	kind  scenarios.Dirt
	share float64
}

func newMailMix(m scenarios.Mail) mailMix {
	if m.Size == (scenarios.Size{}) {
		m.Size = scenarios.Size{Median: 8_000, P99: 120_000, Max: 1_000_000}
	}
	if len(m.Recipients) == 0 {
		m.Recipients = []scenarios.RecipientShare{{Count: 1, Share: 1}}
	}
	mix := mailMix{
		mu: math.Log(float64(m.Size.Median)), max: float64(m.Size.Max),
		atMax:      m.Size.AtMax,
		recipients: m.Recipients, across: m.Across,
	}
	mix.sigma = (math.Log(float64(m.Size.P99)) - mix.mu) / z99
	for _, kind := range slices.Sorted(maps.Keys(m.Dirty)) {
		mix.dirty = append(mix.dirty, dirtShare{kind, m.Dirty[kind]})
	}
	return mix
}

// size draws from the log-normal distribution, within the limits.
func (m *mailMix) size(dice *rand.Rand) int {
	if m.atMax > 0 && dice.Float64() < m.atMax {
		return int(m.max)
	}
	bytes := math.Exp(m.mu + float64(m.sigma*dice.NormFloat64()))
	return int(max(min(bytes, m.max), minSize))
}

func (m *mailMix) count(dice *rand.Rand) int {
	u := dice.Float64()
	for _, r := range m.recipients {
		if u -= r.Share; u < 0 {
			return r.Count
		}
	}
	return m.recipients[len(m.recipients)-1].Count
}

func (m *mailMix) dirt(dice *rand.Rand) scenarios.Dirt {
	u := dice.Float64()
	for _, d := range m.dirty {
		if u -= d.share; u < 0 {
			return d.kind
		}
	}
	return ""
}

// shapeShares are the shares of messages with each peculiarity, independent of
// each other. They are chosen, not measured: often enough that each occurs in a
// run of some hundred messages, alone and together.
var shapeShares = []struct {
	shape Shape
	share float64
}{
	{EightBit, 0.20}, {Dots, 0.10}, {LongLines, 0.05}, {Blanks, 0.05}, {Folded, 0.10},
}

func shapes(dice *rand.Rand) []Shape {
	var out []Shape
	for _, s := range shapeShares {
		if dice.Float64() < s.share {
			out = append(out, s.shape)
		}
	}
	return out
}

// address is mailbox n of a domain. Most are u1, u2, and so on; of each ten one
// has a dot, a plus, a dash and an underscore, as addresses of people have.
func address(domain string, n int) string {
	local := "u" + strconv.Itoa(n+1)
	switch n % 10 {
	case 3:
		local += ".desk"
	case 5:
		local += "+orders"
	case 7:
		local += "-sales"
	case 9:
		local += "_info"
	}
	return local + "@" + domain
}
