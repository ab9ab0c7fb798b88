package clock

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestForwardIsExact compares with arithmetic that knows no limits.
func TestForwardIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.Int64Range(0, math.MaxInt64).Draw(t, "d")
		rate := rapid.Int64Range(0, fixed(maxRate)).Draw(t, "rate")
		want := new(big.Int).Mul(big.NewInt(d), big.NewInt(rate))
		want.Rsh(want, 16)
		if !want.IsInt64() {
			want.SetInt64(math.MaxInt64)
		}
		if got := forward(d, rate); got != want.Int64() {
			t.Fatalf("forward(%d, %d) = %d, want %s", d, rate, got, want)
		}
	})
}

// TestBackwardIsTheFirstInstant: what backward says is enough, and one
// nanosecond less is not.
func TestBackwardIsTheFirstInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.Int64Range(1, math.MaxInt64).Draw(t, "d")
		rate := rapid.Int64Range(0, fixed(maxRate)).Draw(t, "rate")
		wall := backward(d, rate)
		if wall == math.MaxInt64 {
			if rate != 0 && forward(wall, rate) >= d && rate >= rateOne {
				t.Fatalf("backward(%d, %d) gave up", d, rate)
			}
			return
		}
		if got := forward(wall, rate); got < d {
			t.Fatalf("after %d ns at %d only %d of %d have passed", wall, rate, got, d)
		}
		if got := forward(wall-1, rate); got >= d {
			t.Fatalf("%d ns at %d were enough for %d, want %d", wall-1, rate, d, wall)
		}
	})
}

func TestFixed(t *testing.T) {
	for _, c := range []struct {
		rate float64
		want int64
	}{
		{0, 0}, {1, rateOne}, {600, 600 * rateOne}, {0.5, rateOne / 2},
		{-1, 0}, {math.NaN(), 0}, {math.Inf(1), maxRate * rateOne}, {1e-9, 0},
	} {
		if got := fixed(c.rate); got != c.want {
			t.Errorf("fixed(%v) = %d, want %d", c.rate, got, c.want)
		}
	}
}
