package shrink

import "slices"

// minimize is delta debugging (ddmin: Zeller and Hildebrandt, "Simplifying and
// Isolating Failure-Inducing Input", 2002): a part of the items that still fails
// and from which no single one can be left out. The order of items is kept, and
// the order of the tests depends on nothing but the answers.
func minimize[T any](items []T, fails func([]T) bool) []T {
	if len(items) > 0 && fails(nil) {
		return nil
	}
	for n := 2; len(items) >= 2; {
		smaller, found := reduced(items, n, fails)
		switch {
		case found && len(smaller) <= (len(items)+n-1)/n:
			items, n = smaller, 2
		case found:
			items, n = smaller, max(2, n-1)
		case n >= len(items):
			return items
		default:
			n = min(2*n, len(items))
		}
	}
	return items
}

// fewParts is up to how many parts each is tried alone: a failure of a run needs
// mail before the outage and in it, which small parts have not both.
const fewParts = 4

// reduced cuts the items into n parts and looks for one that fails alone, or
// that can be left out.
func reduced[T any](items []T, n int, fails func([]T) bool) ([]T, bool) {
	for i := 0; i < n && n <= fewParts; i++ {
		if part := items[i*len(items)/n : (i+1)*len(items)/n]; len(part) > 0 && fails(part) {
			return slices.Clone(part), true
		}
	}
	if n == 2 { // what is left out is the other part
		return nil, false
	}
	for i := range n {
		rest := slices.Concat(items[:i*len(items)/n], items[(i+1)*len(items)/n:])
		if fails(rest) {
			return rest, true
		}
	}
	return nil, false
}
