package alone_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hansei-mail/hansei/harness/alone"
	"github.com/hansei-mail/hansei/harness/evidence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lines is an Out that can be read meanwhile.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) events(t *testing.T) (all []evidence.Event) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	d := json.NewDecoder(&l.b)
	for {
		var e evidence.Event
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
}

func started(t *testing.T, cfg alone.Config) *alone.Fake {
	t.Helper()
	f, err := alone.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// codes says lines to a fake and returns the code of each answer; what ended the
// session is its last.
func codes(t *testing.T, f *alone.Fake, said ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", f.Addresses()[0].At)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case err != nil: // the RST came before the connection was looked at
		return "reset"
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	var all []string
	for _, line := range append([]string{""}, said...) {
		if line != "" {
			if _, err := io.WriteString(conn, line+"\r\n"); err != nil {
				t.Fatal(err)
			}
		}
		for more := true; more; {
			text, err := in.ReadString('\n')
			switch {
			case errors.Is(err, io.EOF):
				return strings.Join(append(all, "end"), " ")
			case err != nil:
				return strings.Join(append(all, "reset"), " ")
			}
			if more = text[3] == '-'; !more {
				all = append(all, text[:3])
			}
		}
	}
	return strings.Join(all, " ")
}

var mail = []string{
	"EHLO c.test", "MAIL FROM:<a@c.test>", "RCPT TO:<b@kaede.example>", "DATA", "x\r\n.", "QUIT",
}

// TestFaults: each of these lines does what it says, at each fake that speaks
// SMTP, and is healed by taking it away.
func TestFaults(t *testing.T) {
	for line, want := range map[string]string{
		"stage=connect do=reset":                                   "reset",
		"stage=connect do=refuse":                                  "refused",
		"stage=ehlo do=close":                                      "220 end",
		`stage=mail do=reply reply="451 4.7.500 Busy"`:             "220 250 451",
		"stage=rcpt do=reset recipients=*@kaede.example":           "220 250 250 reset",
		"stage=rcpt do=reset recipients=*@momiji.example":          "220 250 250 250 354 250 221",
		"stage=rcpt do=reset tenants=kaede.example":                "220 250 250 reset",
		"stage=rcpt do=reset tenants=momiji.example":               "220 250 250 250 354 250 221",
		"stage=eod do=reset min_bytes=1000":                        "220 250 250 250 354 250 221",
		`stage=data do=reply reply="452 4.3.1 Full" every=2`:       "220 250 250 250 354 250 221",
		"stage=quit do=close sources=127.0.0.0/8":                  "220 250 250 250 354 250 end",
		"stage=accepted do=lose":                                   "220 250 250 250 354 250 221",
		`stage=banner do=cut bytes=5 reply="421 4.3.2 Not today"`:  "end",
		`stage=accepted do=slow delay=10ms share=0.999999 first=1`: "220 250 250 250 354 250 221",
	} {
		for _, kind := range []alone.Kind{alone.Office365, alone.Internet, alone.Spare} {
			if kind != alone.Office365 && (strings.Contains(line, "tenants") || kind == alone.Spare &&
				(strings.Contains(line, "recipients") || strings.Contains(line, "lose"))) {
				continue // the language has no such fault there
			}
			name, words, err := alone.ParseLine(line)
			if err != nil || name != "" {
				t.Fatal(name, err)
			}
			f := started(t, alone.Config{Kind: kind, Seed: 1})
			if err := f.Put("one", words); err != nil {
				t.Errorf("%s: %s: %v", kind, line, err)
				continue
			}
			said := mail
			if strings.HasPrefix(want, "220 250 451") {
				said = mail[:2]
			}
			if got := codes(t, f, said...); got != want {
				t.Errorf("%s: %s: %s, want %s", kind, line, got, want)
			}
			if !f.Remove("one") || f.Remove("one") {
				t.Errorf("%s: %s was not removed once", kind, line)
			}
			if got := codes(t, f, mail...); got != "220 250 250 250 354 250 221" {
				t.Errorf("%s: healed of %s: %s", kind, line, got)
			}
		}
	}
}

// TestStallHeals: a stall of a fake alone goes on, on the same connection, once
// it is taken away.
func TestStallHeals(t *testing.T) {
	out := &lines{}
	f := started(t, alone.Config{Kind: alone.Office365, Out: out, Faults: []alone.Named{
		{Name: "silence", Words: json.RawMessage(`{"stage": "mail", "do": "stall"}`)},
	}})
	said := make(chan string)
	go func() { said <- codes(t, f, mail...) }()
	for f.Faults()[0].Felt == 0 { // the other goroutine is on its way
		select {
		case got := <-said:
			t.Fatalf("nothing stalled: %s", got)
		case <-time.After(time.Millisecond):
		}
	}
	f.Heal()
	if got := <-said; got != "220 250 250 250 354 250 221" {
		t.Errorf("after the heal: %s", got)
	}
	f.Reset()
	if all := f.Faults(); len(all) != 1 || all[0].Name != "silence" || all[0].Felt != 0 {
		t.Errorf("after the reset: %+v", all)
	}
	f.Heal()
	found := false
	for _, e := range out.events(t) {
		found = found || e.Kind == evidence.KindDelivery && e.Fault == "silence" && e.Site == "kaede.example"
	}
	if !found {
		t.Error("no event tells of the delivery")
	}
}

// TestBadWords: what is wrong with words is said in a sentence.
func TestBadWords(t *testing.T) {
	f := started(t, alone.Config{Kind: alone.Office365})
	for text, want := range map[string]string{
		`{"do":"reset"}`:                                                 `lacks "stage"`,
		`{"stage":"connect","do":"reply"}`:                               "reply",
		`{"stage":"connect","do":"reset","share":2}`:                     "share",
		`{"stage":"connect","do":"reset","share":[1]}`:                   "share is a number here",
		`{"stage":"connect","do":"reset","hours":[]}`:                    "hours is of scenarios",
		`{"stage":"connect","do":"reset","where":3}`:                     "where is an object",
		`{"stage":"connect","do":"reset","where":{"at":"spare"}}`:        "the fake is office365",
		`{"stage":"connect","do":"reset","where":{"cohorts":["x"]}}`:     "cohorts are of a scenario",
		`{"stage":"mail","do":"reset","where":{"tenants":["a.test"]}}`:   "nobody is named yet",
		`{"stage":"lookup","do":"servfail"}`:                             "stage lookup is not one of office365",
		`{"stage":"rcpt","do":"reset","x: y\nz":1}`:                      "has no field",
		`{"stage":"rcpt","do":"reset","where":{"tenants":["real.com"]}}`: "not reserved",
	} {
		err := f.Put("one", json.RawMessage(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if all := f.Faults(); len(all) != 0 {
		t.Errorf("set nevertheless: %+v", all)
	}
	for line, want := range map[string]string{
		"stage": "write KEY=VALUE", "do=": "write KEY=VALUE", `reply="x`: "a quote is not closed",
		"do=reset do=close": "do is given twice",
	} {
		if _, _, err := alone.ParseLine(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

// FuzzWords: whatever a fault's words are, they are refused in a sentence or
// make a fault that can be shown and taken away again.
func FuzzWords(f *testing.F) {
	f.Add(`stage=rcpt do=reply reply="451 4.7.500 Busy" share=0.3 recipients=*@kaede.example`)
	f.Add(`stage=connect do=refuse`)
	f.Add(`do='' x=#"&*`)
	fake, err := alone.Start(alone.Config{Kind: alone.Office365})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = fake.Close() })
	f.Fuzz(func(t *testing.T, line string) {
		_, words, err := alone.ParseLine(line)
		if err != nil {
			return
		}
		if !json.Valid(words) {
			t.Fatalf("%q made %s", line, words)
		}
		if fake.Put("one", words) == nil && !fake.Remove("one") {
			t.Fatalf("%q set nothing", line)
		}
	})
}
