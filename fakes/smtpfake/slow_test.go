package smtpfake_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// TestTrickle: a body is read at the fault's pace, and at once after the heal.
func TestTrickle(t *testing.T) {
	for _, c := range []struct {
		heal, least, most time.Duration
	}{
		{time.Hour, 80 * time.Second, 110 * time.Second}, // 100,000 bytes at 1,000 a second
		{20 * time.Second, 20 * time.Second, 21 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			healed := make(chan struct{})
			timer := time.AfterFunc(c.heal, func() { close(healed) })
			defer timer.Stop()
			var b box
			srv := &smtpfake.Server{
				Open: b.Open, Ended: b.Ended, Faults: func(p smtpfake.Point) *smtpfake.Act {
					if p.Stage != smtpfake.StageBody {
						return nil
					}
					return &smtpfake.Act{Do: smtpfake.Slow, Rate: 1000, Until: healed}
				},
			}
			l := newPipes()
			done := make(chan error)
			go func() { done <- srv.Serve(l) }()
			conn, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			go func() {
				_, _ = io.WriteString(conn, whole(strings.Repeat(strings.Repeat("z", 98)+"\r\n", 1000))+"QUIT\r\n")
			}()
			all, err := io.ReadAll(conn)
			if err != nil || !strings.Contains(string(all), "\r\n250 2.0.0 Ok: queued") {
				t.Errorf("read %q, %v", all, err)
			}
			if took := time.Since(began); took < c.least || took > c.most {
				t.Errorf("it took %s, want %s to %s", took, c.least, c.most)
			}
			if err := srv.Close(); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			if messages, _, _ := b.take(); len(messages) != 1 || len(messages[0].body) != 100_000 {
				t.Errorf("%d messages", len(messages))
			}
		})
	}
}

// TestKept: what becomes of a message after its 250 is told, and no client
// sees it; a key is made once of envelope and head.
func TestKept(t *testing.T) {
	var b box
	var keys []string
	srv := &smtpfake.Server{
		Open: b.Open, Ended: b.Ended,
		Key: func(m *smtpfake.Message, head []byte) string { return m.To[0] + " " + string(head) },
		Faults: func(p smtpfake.Point) *smtpfake.Act {
			if p.Key != "" {
				keys = append(keys, string(p.Stage)+" "+p.Key)
			}
			if p.Stage != smtpfake.StageAccepted {
				return nil
			}
			return &smtpfake.Act{Do: smtpfake.Hold, Fault: "late", Delay: time.Hour}
		},
	}
	got := answers(t, srv, "MAIL FROM:<>", "RCPT TO:<b@mx.test>", "DATA", "x", ".")
	if !strings.HasPrefix(got[3], "250 ") {
		t.Errorf("answered %q", got)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	_, results, _ := b.take()
	if r := results[0]; r.Kept != smtpfake.Hold || r.KeptFor != time.Hour || !r.Told || r.Fault != "late" {
		t.Errorf("result %+v", r)
	}
	if want := "eod b@mx.test x\r\n|accepted b@mx.test x\r\n"; strings.Join(keys, "|") != want {
		t.Errorf("keys %q, want %q", keys, want)
	}
}

// TestEveryFaultOfATransactionIsTold: a fault that only delays is not forgotten
// when another one acts later in the same transaction.
func TestEveryFaultOfATransactionIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := map[smtpfake.Stage]*smtpfake.Act{
			smtpfake.StageMail: {Do: smtpfake.Slow, Fault: "slow", Delay: time.Minute},
			smtpfake.StageRcpt: {Do: smtpfake.Slow, Fault: "slow", Delay: time.Minute},
			smtpfake.StageEOD:  {Do: smtpfake.Reply, Fault: "busy", Reply: "451 4.3.2 Later"},
		}
		var b box
		srv := &smtpfake.Server{Open: b.Open, Ended: b.Ended, Faults: func(p smtpfake.Point) *smtpfake.Act {
			return faults[p.Stage]
		}}
		l := newPipes()
		done := make(chan error)
		go func() { done <- srv.Serve(l) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.WriteString(conn, whole("x\r\n")+"QUIT\r\n") }()
		if _, err := io.ReadAll(conn); err != nil {
			t.Error(err)
		}
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		_, results, _ := b.take()
		if len(results) != 1 || results[0].Fault != "busy" || len(results[0].Also) != 1 ||
			results[0].Also[0] != "slow" {
			t.Errorf("told were %+v", results)
		}
	})
}
