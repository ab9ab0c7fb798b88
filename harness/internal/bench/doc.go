// Package bench owns three measurements. One is how fast our fake takes mail and
// our sender hands it in, beside Postfix's smtp-sink and smtp-source, in the same
// run on the same machine. The second is the whole harness through Postfix, beside
// the two tools through a Postfix that the same driver set up, with the processor
// time around the relay over the relay's own. The third is what it costs to judge
// a long day's evidence, by the ledger alone and as the commands check and report:
// seconds, seconds of all processors, which a busy machine changes less, and
// memory for each submission. It consists of tests alone.
//
// It must not set a limit: a figure of one machine is no verdict about
// another. What fails a run is mail that did not arrive.
//
//	HANSEI_BENCH=1 go test -v -count=1 -run Bench ./harness/internal/bench
//	HANSEI_BENCH=1 HANSEI_BENCH_SUBMISSIONS=10000000 go test -v -count=1 -timeout 60m \
//		-run BenchJudge ./harness/internal/bench
//	HANSEI_BENCH=1 HANSEI_BENCH_THROUGH=10000 go test -v -count=1 -run BenchWhole \
//		./harness/internal/bench
//
// The lines that begin with Benchmark are for benchstat.
//
// # What costs what
//
// Figures are shares of the processor time of a letter of 5 KiB, or ratios to the
// tool beside it; two processors, which both sides shared with other work.
//
// The sender, a connection for each letter, is 0.43 to 0.52 of smtp-source. Half of
// its time is the kernel's part of the connection, a quarter composing and signing,
// a twentieth the digest. Keep-alives cost four calls of the kernel a connection, at
// either end, and are gone on one machine. What was tried and is not here:
//
//   - A conversation of our own (the envelope in one piece where the server lets it,
//     the content in one write, the farewell with it) and a signer of our own, which
//     signs where the content stands: both together 2.3 times as many letters. They
//     were twelve hundred lines to keep instead of go-smtp's client and go-msgauth's
//     signer, and no scenario is held up by its sender. go-smtp's client in a bare
//     loop, with one ready letter, is 0.6 to 0.75 of smtp-source: it waits for each
//     reply by itself, sets a deadline for each, and writes content byte by byte.
//   - To sign only the letters that are verified, one in sixteen: a relay should see
//     all mail as it comes from a tenant.
//
// The fake, with digest, signatures and evidence: three fifths are the kernel's, a
// tenth the verified signatures, a tenth the digest, a tenth the evidence. With a
// connection for each message it is 1.1 to 1.8 of smtp-sink, on kept connections
// 0.75 to 1.2, at 1.3 to 1.45 times the processor time: it has the second processor,
// where there is one to be had.
//
// The whole harness through Postfix was 0.7 to 0.85 of the tools, where it should be
// 0.97; its processor time was 0.6 to 0.7 of Postfix's, where it should be 0.15 and
// smtp-source with smtp-sink take 0.14. More than half of that was the look at what
// the relay uses: to ask some 200 processes for their memory every quarter of a
// second took from the relay as well. Now a look is followed by a rest of twenty times
// its length, two seconds at most. Of what remains the sender is the most, then those
// looks, the scheduler, the fakes and DNS. The processors are what all wait for, so
// that whatever is taken off it comes to the rate as well.
package bench
