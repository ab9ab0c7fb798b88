package shrink

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMinimizeFindsWhatIsNeeded: whatever few items a failure needs, these and no
// others are left, in their order.
func TestMinimizeFindsWhatIsNeeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		items := make([]int, n)
		for i := range items {
			items[i] = i
		}
		needed := rapid.SliceOfNDistinct(rapid.IntRange(0, max(0, n-1)), 0, min(n, 6), rapid.ID).Draw(t, "needed")
		slices.Sort(needed)
		calls := 0
		got := minimize(items, func(part []int) bool {
			calls++
			if !slices.IsSorted(part) {
				t.Fatalf("out of order: %v", part)
			}
			for _, x := range needed {
				if !slices.Contains(part, x) {
					return false
				}
			}
			return true
		})
		if !slices.Equal(got, needed) {
			t.Fatalf("%v is left, want %v", got, needed)
		}
		if calls > 30+40*max(1, len(needed)) {
			t.Fatalf("%d tests for %d of %d", calls, len(needed), n)
		}
	})
}
