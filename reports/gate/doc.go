// Package gate owns what a release has to pass: which runs are made, how their
// outcomes add up to one, and how they compare with the last release's.
//
// It plays nothing and renders nothing. What a single run proved is package
// check's; the gate only holds several of them against each other, by medians
// over seeds and what the better half of the seeds came to, never by one number.
package gate
