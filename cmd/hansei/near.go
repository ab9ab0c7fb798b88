package main

import (
	"slices"
	"strings"
)

// nearest are the known names that a mistyped one may have meant, the likeliest
// first.
func nearest(typed string, known []string) []string {
	type candidate struct {
		name string
		far  int
	}
	var near []candidate
	for _, name := range known {
		far := distance(strings.ToLower(typed), name)
		if far <= max(2, len(typed)/3) || strings.HasPrefix(name, strings.ToLower(typed)) {
			near = append(near, candidate{name, far})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.far - b.far })
	names := make([]string, 0, len(near))
	for _, c := range near {
		names = append(names, c.name)
	}
	return names[:min(3, len(names))]
}

// few is how many names an error may list.
const few = 12

// suggestion is the end of an error about an unknown name: the likeliest ones,
// or all of them when none is like it and there are few.
func suggestion(typed string, known []string) string {
	names := nearest(typed, known)
	switch {
	case len(names) > 0:
		return "; did you mean " + strings.Join(names, " or ") + "?"
	case len(known) > 0 && len(known) <= few:
		return "; there is " + strings.Join(known, ", ")
	}
	return ""
}

// distance is how many letters have to be changed, put in or left out to make
// one word of the other (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		corner := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := corner
			if a[i-1] != b[j-1] {
				cost++
			}
			corner, row[j] = row[j], min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
