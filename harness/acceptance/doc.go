// Package acceptance owns the proof on the real thing: Ginkgo suites that run
// scenarios against real relays over real sockets, judge what was seen, and say
// so in Gomega's words. Labels name the relay: --label-filter=reference.
//
// It holds no code of the product: what a suite needs, a user needs too, and
// lives in the packages.
package acceptance
