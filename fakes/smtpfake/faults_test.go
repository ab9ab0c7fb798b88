package smtpfake_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

var update = flag.Bool("update", false, "write the golden transcripts anew")

const golden = "testdata/faults.txtar"

// secure says whether a stage is reached through STARTTLS.
func secure(stage smtpfake.Stage) bool {
	return stage == smtpfake.StageHandshake || stage == smtpfake.StageSecured ||
		stage == smtpfake.StageAuth
}

func acts() map[string]smtpfake.Act {
	return map[string]smtpfake.Act{
		"reset":    {Do: smtpfake.Reset, Fault: "f"},
		"close":    {Do: smtpfake.Close, Fault: "f"},
		"reply421": {Do: smtpfake.Reply, Fault: "f", Reply: "421 4.3.2 Not active from {ip}"},
		"reply451": {Do: smtpfake.Reply, Fault: "f", Reply: "451 4.3.0 Later {rcpt}\nsee {server}"},
		"reply554": {Do: smtpfake.Reply, Fault: "f", Reply: "554 5.7.1 Never [{trailer}]"},
		"slow":     {Do: smtpfake.Slow, Fault: "f", Delay: 30 * time.Second},
		"trickle":  {Do: smtpfake.Slow, Fault: "f", Rate: 4},
		"stall":    {Do: smtpfake.Stall, Fault: "f"},
		"stall5m":  {Do: smtpfake.Stall, Fault: "f", Delay: 5 * time.Minute},
		"cut":      {Do: smtpfake.Cut, Fault: "f", Bytes: 6},
		"cut451":   {Do: smtpfake.Cut, Fault: "f", Bytes: 3, Reply: "451 4.3.0 Later"},
		"garble":   {Do: smtpfake.Garble, Fault: "f"},
		"ahead":    {Do: smtpfake.Ahead, Fault: "f"},
		"swap":     {Do: smtpfake.Swap, Fault: "f"},
		"split":    {Do: smtpfake.Split, Fault: "f", Bytes: 2, Delay: 20 * time.Second},
		"split451": {Do: smtpfake.Split, Fault: "f", Bytes: 99, Reply: "451 4.3.0 Later"},
		// Codes outside of most relays' tables, an enhanced code of another
		// class, and lines that end in blanks have all been seen.
		"odd": {Do: smtpfake.Reply, Fault: "f", Reply: "432-4.3.2 One  \n432 5.7.3 two "},
	}
}

var actNames = []string{
	"reset", "close", "reply421", "reply451", "reply554", "odd", "slow", "trickle", "stall",
	"stall5m", "cut", "cut451", "garble", "ahead", "swap", "split", "split451",
}

// TestFaults drives each action at each stage with a raw client and compares
// what both sides said, when, how it ended and what was reported.
func TestFaults(t *testing.T) {
	var got txtar.Archive
	for _, stage := range smtpfake.Stages() {
		for _, name := range actNames {
			act := acts()[name]
			if stage == smtpfake.StageBody {
				act.After = 10
			}
			data := transcript(t, stage, act)
			got.Files = append(got.Files, txtar.File{
				Name: string(stage) + "-" + name, Data: []byte(data),
			})
		}
	}
	if *update {
		if err := os.WriteFile(golden, txtar.Format(&got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := txtar.ParseFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Files) != len(got.Files) {
		t.Fatalf("%d golden transcripts, want %d", len(want.Files), len(got.Files))
	}
	for i, f := range want.Files {
		if diff := cmp.Diff(string(f.Data), string(got.Files[i].Data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Name, diff)
		}
	}
}

// brief says little, so that the transcripts can be read.
type brief struct{ smtpfake.Plain }

func (brief) EHLO(*smtpfake.Session) []string { return []string{"mx.test", "STARTTLS"} }

func (brief) Mechanisms(*smtpfake.Session) []string { return []string{"LOGIN", "PLAIN", "XOAUTH2"} }

func (brief) Auth(_ *smtpfake.Session, c smtpfake.Credentials) string {
	if c.User != "user" || c.Secret != "secret" {
		return fmt.Sprintf("535 5.7.8 Not %+v", c)
	}
	return "235 2.7.0 Welcome"
}

// transcript is one conversation in a bubble of fake time.
func transcript(t *testing.T, stage smtpfake.Stage, act smtpfake.Act) (text string) {
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	tlsConfig, err := authority.Server("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var b box
		l := newPipes()
		if act.Do == smtpfake.Stall || act.Rate > 0 {
			until := make(chan struct{})
			time.AfterFunc(time.Hour, func() { close(until) })
			act.Until = until
		}
		srv := &smtpfake.Server{
			Persona: brief{smtpfake.Plain{Name: "mx.test"}}, Open: b.Open, Ended: b.Ended, TLS: tlsConfig,
			Faults: func(p smtpfake.Point) *smtpfake.Act {
				if p.Stage != stage || p.Session.Ordinal > 1 {
					return nil
				}
				return &act
			},
		}
		done := make(chan error)
		go func() { done <- srv.Serve(l) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		c := &client{conn: conn, in: bufio.NewReader(conn), last: time.Now()}
		switch {
		case secure(stage):
			c.talkSecurely()
		default:
			c.talk(stage == smtpfake.StageSTARTTLS)
		}
		synctest.Wait()
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		text = c.text.String() + describe(&b)
	})
	return text
}

// describe is what the server reported, in a line each.
func describe(b *box) string {
	messages, results, aborted := b.take()
	var s strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&s, "message %d.%d %q\n", m.Ordinal, m.Transaction, m.body)
	}
	if aborted > 0 {
		fmt.Fprintf(&s, "aborted %d\n", aborted)
	}
	for _, r := range results {
		fmt.Fprintf(&s, "result %d stage=%s taken=%t told=%t code=%d fault=%q reply=%q to=%v\n",
			r.Session.Transaction, r.Stage, r.Taken, r.Told, r.Code, r.Fault, r.Reply, r.Session.To)
	}
	return s.String()
}

// client says its part line by line and writes down everything.
type client struct {
	conn *end
	safe *tls.Conn // over conn, once it is on
	in   *bufio.Reader
	text strings.Builder
	last time.Time
}

// talk sends one message, as far as it is let.
func (c *client) talk(starttls bool) {
	defer c.conn.Close()
	if code, err := c.reply(); err != nil || code != '2' {
		c.quit(err)
		return
	}
	lines := []string{"EHLO client.test", "MAIL FROM:<a@client.test>", "RCPT TO:<b@mx.test>", "DATA"}
	if starttls {
		lines = append(lines[:1], "STARTTLS")
	}
	for _, line := range lines {
		code, err := c.say(line)
		if err != nil || code != '2' && code != '3' {
			c.quit(err)
			return
		}
	}
	if !starttls {
		_, err := c.say("Subject: x\r\n\r\n..dot\r\nbye\r\n.")
		c.quit(err)
	}
}

// talkSecurely signs in over TLS and sends nothing.
func (c *client) talkSecurely() {
	defer c.conn.Close()
	_, err := c.reply()
	for _, line := range []string{"EHLO client.test", "STARTTLS"} {
		if err == nil {
			_, err = c.say(line)
		}
	}
	if err != nil {
		return
	}
	c.safe = tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // a test
	if err := c.safe.Handshake(); err != nil {
		c.end(err)
		return
	}
	fmt.Fprintf(&c.text, "TLS on (%s later)\n", time.Since(c.last))
	c.last, c.in = time.Now(), bufio.NewReader(c.safe)
	for _, line := range []string{"EHLO client.test", "AUTH PLAIN AHVzZXIAc2VjcmV0"} {
		if code, err := c.say(line); err != nil || code != '2' {
			c.quit(err)
			return
		}
	}
	c.quit(nil)
}

func (c *client) quit(err error) {
	if err != nil {
		return
	}
	if _, err = c.say("QUIT"); err == nil {
		_, _ = c.reply()
	}
}

func (c *client) say(line string) (byte, error) {
	fmt.Fprintf(&c.text, "C: %s\n", strings.ReplaceAll(line, "\r\n", "\\n"))
	var conn io.Writer = c.conn
	if c.safe != nil {
		conn = c.safe
	}
	if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
		c.end(err)
		return 0, err
	}
	return c.reply()
}

func (c *client) reply() (byte, error) {
	for {
		line, err := c.in.ReadString('\n')
		if waited := time.Since(c.last); waited > 0 {
			fmt.Fprintf(&c.text, "(%s later)\n", waited)
		}
		c.last = time.Now()
		if err != nil {
			if line != "" {
				fmt.Fprintf(&c.text, "S: %s (without an end)\n", line)
			}
			c.end(err)
			return 0, err
		}
		text := strings.TrimSuffix(line, "\r\n")
		if !utf8.ValidString(text) {
			text = fmt.Sprintf("%q", text)
		}
		fmt.Fprintf(&c.text, "S: %s\n", text)
		if len(line) > 3 && line[3] != '-' && line[3] != '-'|0x80 {
			return line[0] &^ 0x80, nil
		}
	}
}

func (c *client) end(err error) {
	switch {
	case c.conn.lingers.Load():
		c.text.WriteString("RST\n")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrClosedPipe):
		c.text.WriteString("FIN\n")
	default:
		fmt.Fprintf(&c.text, "error: %s\n", err)
	}
}
