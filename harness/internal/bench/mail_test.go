package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hansei-mail/hansei/harness/traffic"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// mail is what smtp-source sends: two of our own letters again and again, since
// what arrives is looked at as in a run, where one in sixteen has its signature
// verified.
type mail struct {
	keys            *traffic.Keys
	letters         map[string]string // digests by id
	plain, verified part
	content         []byte // of the plain one
}

// part is so many messages of one file.
type part struct {
	file     string
	messages int
}

// verifiedShare is package traffic's: one in so many.
const verifiedShare = 16

func (m mail) parts(n int) []part {
	share := n / verifiedShare
	plain, verified := m.plain, m.verified
	plain.messages, verified.messages = n-share, share
	return []part{plain, verified}
}

// write composes the letters and writes them as smtp-source reads them, with a
// line feed at the end of a line.
func (programs) write(t *testing.T) mail {
	t.Helper()
	m := mail{keys: traffic.NewKeys(1), letters: map[string]string{}}
	dir := t.TempDir()
	for i := 1; m.plain.file == "" || m.verified.file == ""; i++ {
		sub := timeline.Submission{
			ID: fmt.Sprintf("m%d", i), Route: "bench", From: "a@momiji.example",
			To: []string{"b@kaede.example"}, Size: size, Seed: uint64(i),
		}
		content, err := traffic.Compose(&sub, time.Now(), m.keys)
		if err != nil {
			t.Fatal(err)
		}
		x := traffic.NewExaminer(m.keys)
		_, _ = x.Write(content)
		_, _ = x.Write([]byte("\r\n")) // smtp-source ends with an empty line of its own
		f, where := x.Finding(), &m.plain
		if f.DKIM != "" {
			where = &m.verified
		}
		if where.file != "" {
			continue
		}
		where.file, m.letters[sub.ID] = filepath.Join(dir, sub.ID), f.Digest
		if where == &m.plain {
			m.content = content
		}
		text := strings.ReplaceAll(string(content), "\r\n", "\n")
		if err := os.WriteFile(where.file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// fromLibrary is go-smtp's client to smtp-sink, without anything of ours: it sends
// one ready letter again and again, as smtp-source does.
func fromLibrary(t *testing.T, p programs, m mail, n int) effort {
	addr, stop := p.startSink(t)
	defer stop()
	var sent atomic.Int64
	e := measured(t, func() {
		var group sync.WaitGroup
		for range sessions {
			group.Go(func() {
				for sent.Add(1) <= int64(n) {
					if err := oneLetter(t.Context(), addr, m.content); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
	})
	if t.Failed() {
		t.FailNow()
	}
	return e
}

func oneLetter(ctx context.Context, addr string, content []byte) error {
	d := net.Dialer{KeepAlive: -1}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	if err := errors.Join(c.Hello("mx.momiji.example"), c.Mail("a@momiji.example", nil),
		c.Rcpt("b@kaede.example", nil)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// listenAsRuns listens as the harness does.
func listenAsRuns(t *testing.T, addr string) (net.Listener, error) {
	return (&net.ListenConfig{KeepAlive: -1}).Listen(t.Context(), "tcp", addr)
}
