// Package check owns what is *judged*: it reads the evidence of a run beside
// the scenario's promises and says which of them were kept.
//
// It makes one pass over the events, in which the ledger gives each accepted
// (message, recipient) pair exactly one fate; every promise is then a reading
// of that ledger. Premises come before promises: a promise that was kept in a
// run that proves nothing is inconclusive, and so is a promise that was broken
// in a run whose evidence cannot be trusted.
//
// The machine is not the relay. Where the clock runs fast, a hiccup of the
// machine is minutes of the scenario, so the promises on how long something
// took (spare-timely, acceptance, sending-goes-on, drain, isolation, retry-manners, alarm) excuse
// what a recorded stall and its aftermath explain: what would have kept its
// limit without that time breaks no promise, and keeps none either. Such a
// promise is inconclusive. Order is never excused, and none of them can fail
// when the load could not keep its schedule (see Premise.TrustFor). An
// excuse can only take a verdict away: it never turns one into another.
//
// What a relay may do by the standards is no failure of it. Mail refused for good
// whose notification is refused for good as well is returned as far as can be (RFC
// 5321 section 6.1), though it arrives nowhere; and who comes while the plan itself
// keeps the relay from taking mail may be asked to come again (section 4.2.3).
//
// A promise is waived where nobody took part in the run who could have kept or
// broken it: alarm, for a relay that raises none, in a run to which its operator
// brought no monitor. The verdict stays inconclusive and says what to bring, but
// the outcome of the whole is that of the others. A run with a monitor is judged
// by it, and one that promises nothing else proves nothing.
//
// A run may have ten million messages, so what the ledger keeps of each is a row
// of bytes (letterRows, pairRows) of which usual mail needs 65: numbers as narrow as
// they usually are, what letters have in common as the number of a shape, and what
// does not fit kept whole beside the rows, so that nothing is ever rounded. While
// the evidence is read each letter has 16 to 18 bytes more (reading: its digest, the
// sum of its queue id, how to find it), which are dropped before judging, whose own
// lists of durations then have their room. Mail that went another way than the
// usual one (accepted at a later attempt, delivered twice) is what takes more: some
// 130 bytes a pair. What a run costs goes mostly into reading it: of the processor's
// time about a sixth is decompression, two fifths are the parsing of lines (package
// evidence), a sixth is the ledger, an eighth are the promises and the figures,
// side by side. What was tried and is not here: a slice of structs (249 bytes a
// message, and twice that while it grew); a column for each field (a cache line for
// each, and more code than rows); moments rounded to 10 µs (figures are of something
// that was seen); witnesses fetched by a second reading (they are five a verdict).
//
// It is pure: it must not open files or sockets, ask a clock, know a relay by
// name, or alter the evidence. The same evidence always gives the same
// judgement, byte for byte.
package check
