// Package bench owns one measurement: how fast our fake takes mail and our
// sender hands it in, beside Postfix's smtp-sink and smtp-source, in the same
// run on the same machine. It consists of tests alone.
//
// It must not set a limit: a figure of one machine is no verdict about
// another. What fails a run is mail that did not arrive.
//
//	HANSEI_BENCH=1 go test -v -count=1 -run Bench ./harness/internal/bench
package bench
