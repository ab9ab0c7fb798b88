package bench

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// The long day is that of this scenario, which has its outage and its heal at
// these offsets. What is accepted meanwhile is delivered within drained.
const (
	scenario = "ex196121"
	day      = 13 * time.Hour
	outage   = time.Hour
	heal     = 10*time.Hour + 30*time.Minute
	drained  = 50 * time.Minute
)

// longDay is evidence of n submissions, five events each: the submission, its
// spare copy, two attempts that were reset before any command, and the delivery,
// which during the outage comes only after the heal.
func longDay(n int) iter.Seq[*evidence.Event] {
	return func(yield func(*evidence.Event) bool) {
		ok := yield(&evidence.Event{Kind: evidence.KindBegin, Actor: evidence.Harness, At: 1})
		due := func(i int) time.Duration { return time.Duration(float64(day) * float64(i) / float64(n)) }
		late, lates := 1, 0 // of those that wait for the heal
		for ; late <= n && due(late) < outage; late++ {
		}
		for lates = late; lates <= n && due(lates) < heal; lates++ {
		}
		for i := 1; i <= n && ok; i++ {
			t := due(i)
			for ; late < lates && afterHeal(due(late)) < t && ok; late++ {
				ok = yield(delivered(late, afterHeal(due(late))))
			}
			for _, e := range submitted(i, t) {
				ok = ok && yield(e)
			}
			if t < outage || t >= heal {
				ok = ok && yield(delivered(i, t+4*time.Second))
			}
		}
		ok = ok && yield(&evidence.Event{Kind: evidence.KindListing, At: day / 600, T: day})
		_ = ok && yield(&evidence.Event{Kind: evidence.KindEnd, At: day/600 + 1, T: day,
			Outcome: evidence.Settled})
	}
}

// afterHeal is when something that waits since t is delivered.
func afterHeal(t time.Duration) time.Duration {
	return heal + time.Duration(float64(drained)*float64(t-outage)/float64(heal-outage))
}

// submitted is a submission, its copy and two attempts that came to nothing.
func submitted(i int, t time.Duration) []*evidence.Event {
	took := time.Duration(50+i*7919%400) * time.Millisecond
	s := &evidence.Event{Kind: evidence.KindSubmission, Actor: evidence.Load, T: t + took,
		Msg: "m" + strconv.Itoa(i), Attempt: 1, Route: "to-japan", Goes: "inbound",
		From: "u" + strconv.Itoa(i%1000) + "@harbour.example",
		To:   []string{"u" + strconv.Itoa(i%1000) + ".desk@sakura.example"},
		Size: int64(4000 + i*31%9000), Digest: digest(i), Due: t, Began: t + 1234567, Code: 250,
		Outcome: evidence.Accepted, Reply: "2.0.0 Ok: queued as 4dK8" + strconv.Itoa(i*17)}
	c := &evidence.Event{Kind: evidence.KindDelivery, Actor: evidence.Fake, T: s.T + time.Second,
		Msg: s.Msg, From: s.From, To: []string{"u" + strconv.Itoa(i%1000) + ".desk=sakura.example@spare.test"},
		Size: s.Size, Digest: s.Digest, Began: s.T + time.Second/2, Outcome: evidence.Accepted,
		Code: 250, Reply: "250 2.0.0 kept", Endpoint: "spare", Address: "127.27.0.1:25",
		Session: "c" + strconv.Itoa(i), Stage: "accepted"}
	all := []*evidence.Event{s, c}
	for a := range time.Duration(2) {
		all = append(all, &evidence.Event{Kind: evidence.KindAttempt, Actor: evidence.Fake,
			T: s.T + (2+a)*time.Second, Began: s.T + (1+a)*time.Second, Outcome: evidence.Broken,
			Endpoint: "office365", Address: "127.25.1.1:25", Peer: "127.0.0.1:" + strconv.Itoa(30000+i%9999),
			Session: strconv.Itoa(i), Stage: "connect", Fault: "reset"})
	}
	for _, e := range all {
		e.At = e.T / 600
	}
	return all
}

// delivered is a message at its tenant.
func delivered(i int, t time.Duration) *evidence.Event {
	return &evidence.Event{Kind: evidence.KindDelivery, Actor: evidence.Fake, At: t / 600, T: t,
		Msg: "m" + strconv.Itoa(i), From: "u" + strconv.Itoa(i%1000) + "@harbour.example",
		To:   []string{"u" + strconv.Itoa(i%1000) + ".desk@sakura.example"},
		Size: int64(4200 + i*31%9000), Digest: digest(i), Began: t - time.Second,
		Outcome: evidence.Accepted, Code: 250,
		Reply:    fmt.Sprintf("250 2.6.0 <m%d@harbour.example> [InternalId=%d] Queued mail", i, i*13),
		Endpoint: "office365", Site: "sakura.example", Address: "127.25.1.1:25",
		Peer: "127.0.0.1:" + strconv.Itoa(30000+i%9999), Session: "d" + strconv.Itoa(i),
		Stage: "accepted"}
}

func digest(i int) string { return strconv.FormatInt(int64(i)*7919, 16) + "-0123456789abcdef0123" }

// run is a run folder, and how much is in it.
type run struct {
	folder              string
	submissions, events int
}

// runFolder makes a run folder of the long day of n submissions.
func runFolder(t *testing.T, n int) run {
	t.Helper()
	r := run{folder: t.TempDir(), submissions: n}
	yaml, err := os.ReadFile(filepath.Join("../../../scenarios/catalog/incidents", scenario+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"scenario.yaml": yaml, "manifest.json": []byte(`{"format":1}`),
	} {
		if err := os.WriteFile(filepath.Join(r.folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stamp := func() (at, t time.Duration) { return 1, 1 } // the events bear their own
	log, err := evidence.Create(filepath.Join(r.folder, evidence.File), stamp)
	if err != nil {
		t.Fatal(err)
	}
	for e := range longDay(n) {
		log.Append(*e)
		r.events++
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return r
}
