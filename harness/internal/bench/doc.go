// Package bench owns two measurements. One is how fast our fake takes mail and
// our sender hands it in, beside Postfix's smtp-sink and smtp-source, in the same
// run on the same machine. The other is what it costs to judge a long day's
// evidence, by the ledger alone and as the commands check and report: seconds,
// seconds of all processors, which a busy machine changes less, and memory for
// each submission. It consists of tests alone.
//
// It must not set a limit: a figure of one machine is no verdict about
// another. What fails a run is mail that did not arrive.
//
//	HANSEI_BENCH=1 go test -v -count=1 -run Bench ./harness/internal/bench
//	HANSEI_BENCH=1 HANSEI_BENCH_SUBMISSIONS=10000000 go test -v -count=1 -timeout 60m \
//		-run BenchJudge ./harness/internal/bench
package bench
