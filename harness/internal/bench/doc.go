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
// The sender, a connection for each letter: half is the kernel's part of the
// connection (socket, connect and close alone a quarter), a quarter composing and
// signing (half of that is Ed25519), a twentieth the digest, the rest replies, the
// collector and the scheduler. It was 0.43 to 0.52 of smtp-source. What was mended:
//
//   - go-smtp's client in a loop of its own, with one ready letter and nothing of
//     ours, is 0.6 to 0.75 of smtp-source: it waits for each reply by itself, sets
//     and takes back a deadline for each, and writes content byte by byte. Our own
//     conversation gives the envelope in one piece where the server lets it, the
//     content in one write, and the farewell with it: four waits instead of seven.
//   - go-msgauth's signer took three fifths of composing: it copies a message three
//     times through a pipe to a goroutine. Signing where the content stands takes a
//     third of that, nearly all of it Ed25519.
//   - A goroutine and a timer for each session's patience are one for all.
//   - Keep-alives cost four calls of the kernel a connection, at either end.
//
// What remains: 0.8 to 1.06 of smtp-source, and ahead of the bare loop of go-smtp's
// client in most rounds, where other work wants the processors too; about 0.6 on a
// machine at rest, where smtp-source and smtp-sink have one each. It takes 1.6 to
// 1.8 times the processor time of smtp-source. A client in Go that pipelines and
// only repeats one letter is at 0.8 on a machine at rest; what is left then is that
// a read in Go asks the kernel in vain before it waits. One letter in sixteen is
// verified, and only those would need a signature; but a relay should see all mail
// as it comes from a tenant, so that was not done.
//
// The fake, with digest, signatures and evidence: three fifths are the kernel's, a
// tenth the verified signatures, a tenth the digest, a tenth the evidence. With a
// connection for each message it is 1.1 to 1.8 of smtp-sink, on kept connections
// 0.75 to 1.2, at 1.3 to 1.45 times the processor time: it has the second processor,
// where there is one to be had.
//
// The whole harness through Postfix: 0.73 to 0.9 of the tools, where it should be
// 0.97; its processor time is 0.35 to 0.4 of Postfix's, where it should be 0.15 and
// smtp-source with smtp-sink take 0.14. It was 0.6 to 0.7: more than half of that was
// the look at what the relay uses. To ask some 200 processes for their memory every
// quarter of a second took from the relay as well; now a look is followed by a rest
// of twenty times its length, two seconds at most. Of what remains a quarter is the
// sender, a fifth those looks, a seventh the scheduler, as much the fakes, and a
// fifteenth DNS. The processors are what all wait for, so that whatever is taken off
// it comes to the rate as well.
package bench
