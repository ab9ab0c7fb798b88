package bench

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"testing"
	"time"
)

// patience bounds every single measurement.
const patience = 5 * time.Minute

// programs are Postfix's own load generator and sink.
type programs struct{ source, sink string }

// find looks for them where Debian's postfix package puts them, too.
func find(t *testing.T) programs {
	t.Helper()
	at := func(name string) string {
		for _, path := range []string{name, "/usr/sbin/" + name} {
			if found, err := exec.LookPath(path); err == nil {
				return found
			}
		}
		t.Skipf("%s is missing; it comes with the postfix package", name)
		return ""
	}
	return programs{source: at("smtp-source"), sink: at("smtp-sink")}
}

// startSink runs smtp-sink on a free port until stop is called, or the test ends;
// stop returns its processor time.
func (p programs) startSink(t *testing.T) (addr string, stop func() time.Duration) {
	t.Helper()
	addr = freeAddr(t)
	var said bytes.Buffer
	cmd := exec.Command(p.sink, append(p.sinkUser(), addr, "1000")...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting smtp-sink: %v", err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	stop = func() time.Duration {
		_ = cmd.Process.Kill()
		<-ended
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	t.Cleanup(func() { stop() })

	late := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			c.Close()
			return addr, stop
		}
		select {
		case <-ended:
			t.Fatalf("smtp-sink ended at once: %s", &said)
		case <-late:
			t.Fatal("smtp-sink does not listen")
		case <-tick.C:
		}
	}
}

// sinkUser is who smtp-sink shall be, which as root wants to be somebody else.
func (programs) sinkUser() []string {
	if os.Geteuid() == 0 {
		if _, err := user.Lookup("postfix"); err == nil {
			return []string{"-u", "postfix"}
		}
	}
	return nil
}

// load times smtp-source while it sends all mail; keep makes it reuse its
// connections.
func (p programs) load(t *testing.T, addr string, m mail, n int, keep bool) (e effort) {
	t.Helper()
	began := time.Now()
	for _, part := range m.parts(n) {
		e.cpu += p.sendPart(t, addr, part, keep)
	}
	e.took = time.Since(began)
	return e
}

// sendPart is one run of smtp-source; it returns its processor time.
func (p programs) sendPart(t *testing.T, addr string, part part, keep bool) time.Duration {
	t.Helper()
	args := []string{
		"-s", strconv.Itoa(sessions), "-m", strconv.Itoa(part.messages), "-F", part.file,
		"-M", "mx.momiji.example", "-f", "a@momiji.example", "-t", "b@kaede.example", addr,
	}
	if keep {
		args = append([]string{"-d"}, args...)
	}
	cmd := exec.CommandContext(t.Context(), p.source, args...)
	cmd.WaitDelay = time.Second
	stuck := time.AfterFunc(patience, func() { _ = cmd.Cancel() })
	defer stuck.Stop()
	out, err := cmd.CombinedOutput()
	if err = errors.Join(err, t.Context().Err()); err != nil || len(out) > 0 {
		t.Fatalf("smtp-source: %v: %s", err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// intoSink is smtp-source to smtp-sink, with the effort of each.
func intoSink(t *testing.T, p programs, m mail, n int, keep bool) (source, sink effort) {
	addr, stop := p.startSink(t)
	source = p.load(t, addr, m, n, keep)
	return source, effort{source.took, stop()}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
