package smtpfake_test

import (
	"bufio"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// splitting serves one session whose reply at a stage comes in two pieces, a
// minute apart.
func splitting(t *testing.T, b *box, stage smtpfake.Stage, more ...func(net.Conn)) {
	t.Helper()
	l := newPipes()
	srv := &smtpfake.Server{
		Persona: brief{smtpfake.Plain{Name: "mx.test"}}, Open: b.Open, Ended: b.Ended,
		Faults: func(p smtpfake.Point) *smtpfake.Act {
			if p.Stage != stage {
				return nil
			}
			return &smtpfake.Act{Do: smtpfake.Split, Fault: "f", Bytes: 2, Delay: time.Minute}
		},
	}
	done := make(chan error)
	go func() { done <- srv.Serve(l) }()
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	for _, talk := range more {
		talk(conn)
	}
	_ = conn.Close()
	synctest.Wait()
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	<-done
}

// TestSplitSendsTwoSegments: the first piece is there at once and by itself, in
// the middle of the code, and the rest a minute later.
func TestSplitSendsTwoSegments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b box
		splitting(t, &b, smtpfake.StageBanner, func(conn net.Conn) {
			began, text := time.Now(), make([]byte, 100)
			n, err := conn.Read(text)
			if err != nil || string(text[:n]) != "22" || !time.Now().Equal(began) {
				t.Fatalf("the first segment is %q, after %s: %v", text[:n], time.Since(began), err)
			}
			n, err = conn.Read(text)
			if err != nil || string(text[:n]) != "0 mx.test ESMTP\r\n" ||
				time.Since(began) != time.Minute {
				t.Errorf("the second segment is %q, after %s: %v", text[:n], time.Since(began), err)
			}
		})
	})
}

// TestWhoLeavesASplitReplyWasNotTold: half of a 250 is no 250.
func TestWhoLeavesASplitReplyWasNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b box
		splitting(t, &b, smtpfake.StageAccepted, func(conn net.Conn) {
			in := bufio.NewReader(conn)
			for _, line := range []string{
				"", "HELO client.test", "MAIL FROM:<a@client.test>", "RCPT TO:<b@mx.test>", "DATA",
			} {
				if line != "" {
					fmt.Fprintf(conn, "%s\r\n", line)
				}
				if _, err := in.ReadString('\n'); err != nil {
					t.Fatal(err)
				}
			}
			fmt.Fprint(conn, "x\r\n.\r\n")
			if half, err := in.Peek(2); err != nil || string(half) != "25" {
				t.Fatalf("half of the reply is %q: %v", half, err)
			}
		})
		if len(b.results) != 1 || !b.results[0].Taken || b.results[0].Told || !b.results[0].Left {
			t.Errorf("the results are %+v", b.results)
		}
	})
}
