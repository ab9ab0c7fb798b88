package smtpfake_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// FuzzConversation: whatever a client sends, every line said is a reply, every
// message opened is done or aborted once, each session and transaction has one
// Result, and nothing is left running.
func FuzzConversation(f *testing.F) {
	f.Add([]byte(whole("x\r\n..y\r\n")+"QUIT\r\n"), byte(0), byte(0), int64(0))
	f.Add([]byte("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<b@c.d>\r\nBDAT 3\r\n"+
		"abcBDAT 1 LAST\r\nxRSET\r\n"), byte(7), byte(2), int64(2))
	f.Add([]byte("HELO a\r\nMAIL FROM:<\"a\\\"@b\"@c> SIZE=1 SMTPUTF8\r\n"+
		"RCPT TO:<>\r\nDATA\r\n"), byte(5), byte(0), int64(0))
	f.Add([]byte(whole(strings.Repeat("long", 9000)+"\r\n")), byte(8), byte(3), int64(20_000))
	f.Add([]byte("STARTTLS\r\nVRFY\r\nBDAT 99999999999999999999\r\n"), byte(1), byte(1), int64(0))
	f.Fuzz(func(t *testing.T, text []byte, stage, act byte, after int64) {
		fault := acts()[actNames[int(act)%len(actNames)]]
		fault.After = after
		if fault.Do == smtpfake.Stall {
			until := make(chan struct{})
			close(until)
			fault.Until = until
		}
		at := smtpfake.Stages()[int(stage)%len(smtpfake.Stages())]
		synctest.Test(t, func(t *testing.T) { session(t, text, at, &fault) })
	})
}

func session(t *testing.T, text []byte, at smtpfake.Stage, fault *smtpfake.Act) {
	var b box
	opened := 0
	srv := &smtpfake.Server{
		Ended: b.Ended,
		Open: func(m *smtpfake.Message) (smtpfake.Sink, error) {
			opened++
			return b.Open(m)
		},
		Faults: func(p smtpfake.Point) *smtpfake.Act {
			if p.Stage != at {
				return nil
			}
			return fault
		},
	}
	l := newPipes()
	go func() { _ = srv.Serve(l) }()
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(conn)
		said <- all
	}()
	_, _ = conn.Write(text)
	synctest.Wait()
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	all := strings.Split(string(<-said), "\r\n")
	for _, line := range all[:len(all)-1] {
		if fault.Do == smtpfake.Garble {
			line = clean(line)
		}
		if len(line) < 4 || line[0] < '2' || line[0] > '5' || line[3] != ' ' && line[3] != '-' {
			t.Errorf("said %q", line)
		}
	}
	messages, results, aborted := b.take()
	if len(messages)+aborted != opened {
		t.Errorf("%d opened, %d done, %d aborted", opened, len(messages), aborted)
	}
	seen := map[int]int{}
	taken := 0
	for _, r := range results {
		seen[r.Session.Transaction]++
		if r.Taken {
			taken++
		}
	}
	for n, times := range seen {
		if times != 1 || n > len(results) {
			t.Errorf("transaction %d has %d results of %d", n, times, len(results))
		}
	}
	if len(results) == 0 || taken != len(messages) || srv.Sessions() != 0 {
		t.Errorf("%d results, %d taken of %d", len(results), taken, len(messages))
	}
}

// clean undoes what Garble does.
func clean(line string) string {
	b := []byte(line)
	for i := range b {
		b[i] &^= 0x80
	}
	return string(b)
}
