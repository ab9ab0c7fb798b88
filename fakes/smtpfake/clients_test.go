package smtpfake_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/certs"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

const clientsTable = "testdata/CLIENTS.md"

var updateClients = flag.Bool("update-clients", false, "write the table of real clients anew")

// realClient is a program that is not ours, and how it is made to send a mail.
type realClient struct {
	name    string
	version []string
	// args: nil for python.
	args  func(port string, stage smtpfake.Stage) []string
	input string
	// told picks what the client says of the end from all that it said.
	told func(text string) string
	// until is the last stage that it comes to, and tells of truly: whether
	// openssl's exit code shows an end inside TLS depends on the moment.
	until smtpfake.Stage
	// slow: it is a program that takes long to start.
	slow bool
}

// inTLS says whether a stage takes a client that speaks TLS.
func inTLS(stage smtpfake.Stage) bool { return secure(stage) || stage == smtpfake.StageSTARTTLS }

// pythonClient sends one mail for each line that it reads, PORT WORDS, so that
// Python has to start once only. What it prints begins with an exit code.
const pythonClient = `
import smtplib, ssl, sys
for line in sys.stdin:
    words = line.split()
    try:
        c = smtplib.SMTP("127.0.0.1", int(words[0]), local_hostname="c.test", timeout=5)
        if "tls" in words:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            c.starttls(context=context)
        if "auth" in words:
            c.login("user", "secret")
        c.sendmail("a@c.test", ["b@mx.test"], "Subject: x\r\n\r\n0123456789\r\n")
        c.quit()
        print("0 sent", flush=True)
    except Exception as e:
        print("1 " + type(e).__name__ + ": " + " ".join(str(e).split()), flush=True)
`

// python is a running pythonClient.
type python struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func startPython(t *testing.T) *python {
	cmd := exec.CommandContext(t.Context(), "python3", "-c", pythonClient)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // the context may have ended it
	})
	return &python{in, bufio.NewReader(out)}
}

func (p *python) send(t *testing.T, port string, stage smtpfake.Stage) (exit int, said string) {
	line := port
	if inTLS(stage) {
		line += " tls"
	}
	if stage == smtpfake.StageAuth {
		line += " auth"
	}
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		t.Fatal(err)
	}
	said, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("python said %q: %v", said, err)
	}
	return int(said[0] - '0'), strings.TrimSpace(said[1:])
}

func realClients(t *testing.T) []realClient {
	mail := t.TempDir() + "/mail"
	if err := os.WriteFile(mail, []byte("Subject: x\r\n\r\n0123456789\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return []realClient{
		{
			name: "curl", version: []string{"curl", "--version"},
			args: func(port string, stage smtpfake.Stage) []string {
				args := []string{"curl", "-sS", "-q", "--noproxy", "*", "--max-time", "5",
					"smtp://127.0.0.1:" + port + "/c.test",
					"--mail-from", "a@c.test", "--mail-rcpt", "b@mx.test", "-T", mail}
				if inTLS(stage) {
					args = append(args, "-k", "--ssl-reqd")
				}
				if stage == smtpfake.StageAuth {
					args = append(args, "-u", "user:secret", "--login-options", "AUTH=PLAIN")
				}
				return args
			},
			told: func(text string) string { return strings.TrimSpace(text) },
		},
		{
			name: "swaks", version: []string{"swaks", "--version"},
			args: func(port string, stage smtpfake.Stage) []string {
				args := []string{"swaks", "-s", "127.0.0.1:" + port, "-h", "c.test", "-f", "a@c.test",
					"-t", "b@mx.test", "-d", "@" + mail, "--timeout", "5"}
				if inTLS(stage) {
					args = append(args, "-tls")
				}
				if stage == smtpfake.StageAuth {
					args = append(args, "--auth", "PLAIN", "-au", "user", "-ap", "secret")
				}
				return args
			},
			told: swaksTold, slow: true,
		},
		{
			name: "python3", version: []string{"python3", "--version"},
			told: func(text string) string { return text },
		},
		{
			name: "openssl", version: []string{"openssl", "version"}, until: smtpfake.StageHandshake,
			args: func(port string, _ smtpfake.Stage) []string {
				return []string{"openssl", "s_client", "-starttls", "smtp", "-connect", "127.0.0.1:" + port,
					"-brief", "-crlf"}
			},
			input: "EHLO c.test\nQUIT\n", told: opensslTold,
		},
	}
}

// swaksTold is the refusals and complaints that swaks prints.
func swaksTold(text string) string {
	var all []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "<**") || strings.HasPrefix(line, "<~*") || strings.HasPrefix(line, "***") {
			all = append(all, line)
		}
	}
	return strings.Join(all, " / ")
}

// opensslTold is whether TLS began, and what was said in it or went wrong.
func opensslTold(text string) string {
	var all []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "CONNECTION ESTABLISHED", strings.HasPrefix(line, "4"), strings.HasPrefix(line, "5"),
			strings.HasPrefix(line, "write:errno"), strings.HasPrefix(line, "read:errno"),
			strings.Contains(line, "error:"), strings.HasPrefix(line, "Didn't find STARTTLS"):
			if i := strings.Index(line, "error:"); i >= 0 {
				line = line[i:]
			}
			all = append(all, line)
		}
	}
	return strings.Join(all, " / ")
}

// clientActions are those of the table: what a client may see otherwise than by
// waiting.
var clientActions = []string{
	"reset", "close", "reply421", "reply451", "reply554", "stall", "cut", "garble", "ahead", "swap",
}

// slowActions are those of a client that takes long to start.
var slowActions = []string{"reset", "close", "reply421", "reply451", "reply554", "stall", "garble"}

// passing are what changes from run to run.
var passing = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`127\.0\.0\.1 port \d+`), "127.0.0.1 port PORT"},
	{regexp.MustCompile(`after \d+ (ms|milliseconds)`), "after N ms"},
	{regexp.MustCompile(`, line \d+`), ""},
	{regexp.MustCompile(`\s+`), " "},
	{regexp.MustCompile(`\(_ssl\.c:\d+\)`), "(_ssl.c)"},
	{regexp.MustCompile(`[^\x20-\x7e]+`), "(not ASCII)"},
	{regexp.MustCompile(`\|`), "¦"},
}

// tryClient lets a client meet a fault and returns what it made of it: "taken"
// where the fake has the mail, and the client's own exit code and words.
func tryClient(t *testing.T, c realClient, stage smtpfake.Stage, act smtpfake.Act,
	config *tls.Config, py *python,
) string {
	t.Helper()
	if stage == smtpfake.StageBody {
		act.After = 10
	}
	var b box
	srv := &smtpfake.Server{
		Persona: brief{smtpfake.Plain{Name: "mx.test"}}, TLS: config, Open: b.Open, Ended: b.Ended,
		Faults: func(p smtpfake.Point) *smtpfake.Act {
			if p.Stage != stage {
				return nil
			}
			return &act
		},
	}
	address := serve(t, srv)
	_, port, _ := strings.Cut(address, ":")
	exit, text := 0, ""
	if py != nil {
		exit, text = py.send(t, port, stage)
	} else {
		exit, text = runClient(t, c, c.args(port, stage))
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	messages, _, _ := b.take()
	taken := ""
	if len(messages) > 0 {
		taken = fmt.Sprintf("taken %d; ", len(messages))
	}
	said := c.told(text)
	for _, p := range passing {
		said = p.pattern.ReplaceAllString(said, p.with)
	}
	return strings.TrimSpace(fmt.Sprintf("%sexit %d %s", taken, exit, said))
}

// runClient runs a client until it ends, or for five seconds where it has no
// time-out of its own.
func runClient(t *testing.T, c realClient, words []string) (exit int, said string) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if c.input != "" {
		words = append([]string{"timeout", "5"}, words...)
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Stdin = &out, &out, strings.NewReader(c.input)
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatalf("running %s: %v", c.name, err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

func versionOf(t *testing.T, c realClient) string {
	out, err := exec.Command(c.version[0], c.version[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("asking %s for its version: %v", c.name, err)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	words := strings.Fields(first)
	return strings.Join(words[:min(3, len(words))], " ")
}

// missing says why a client cannot be asked: it is not there, or, as swaks
// without a Perl module that its package only recommends, it speaks no TLS.
func missing(name string) string {
	if _, err := exec.LookPath(name); err != nil {
		return name + " is not installed"
	}
	if name != "swaks" {
		return ""
	}
	said, err := exec.Command(name, "--support").CombinedOutput()
	if err != nil || !strings.Contains(string(said), "TLS supported") {
		return "swaks has no TLS (apt-get install libnet-ssleay-perl)"
	}
	return ""
}

// TestRealClients lets every client meet every fault, and compares what it made
// of it with the table: whether the mail was taken and whether the client noticed
// must be the same. Its words may differ in a tenth of the rows (a RST is seen by
// one system call or by the next), and in all of them where it is of another
// version than the table's.
func TestRealClients(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.Server("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	clients := realClients(t)
	tables := map[string][]string{}
	var mu sync.Mutex
	t.Run("each", func(t *testing.T) {
		for _, c := range clients {
			t.Run(c.name, func(t *testing.T) {
				if why := missing(c.name); why != "" {
					if slices.Contains(strings.Split(os.Getenv("HANSEI_REQUIRE"), ","), c.name) {
						t.Fatalf("HANSEI_REQUIRE names %s, and %s", c.name, why)
					}
					t.Skip(why)
				}
				t.Parallel()
				rows := clientRows(t, c, config)
				mu.Lock()
				tables[c.name] = rows
				mu.Unlock()
			})
		}
	})
	if *updateClients {
		if err := os.WriteFile(clientsTable, []byte(clientsDocument(clients, tables)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	compareClients(t, clients, tables)
}

func clientRows(t *testing.T, c realClient, config *tls.Config) []string {
	rows := []string{"## " + c.name + ": " + versionOf(t, c), "", "| stage | fault | what it made of it |",
		"|---|---|---|"}
	var py *python
	if c.args == nil {
		py = startPython(t)
	}
	for _, stage := range smtpfake.Stages() {
		for _, name := range clientActions {
			if c.slow && !slices.Contains(slowActions, name) {
				continue
			}
			said := tryClient(t, c, stage, acts()[name], config, py)
			rows = append(rows, fmt.Sprintf("| %s | %s | %s |", stage, name, said))
		}
		if stage == c.until {
			break
		}
	}
	return rows
}

func clientsDocument(clients []realClient, tables map[string][]string) string {
	kept, _ := os.ReadFile(clientsTable) // there may be none yet
	var s strings.Builder
	s.WriteString(`# What real clients make of each fault

Written by TestRealClients (-update-clients), which keeps it true. Each client
sends one mail and gives a silent server five seconds. "taken 1" means that the
fake has the mail; the number after "exit" is the client's exit code, what
follows are its own words. reply421, reply451 and reply554 are replies with
these codes; a stall lasts longer than any client waits. Exit -1 or 124: it had
not ended by itself, whatever time-out it was given, when the test ended it.
`)
	for _, c := range clients {
		rows := tables[c.name]
		if len(rows) == 0 { // it was not asked now
			rows = keptRows(string(kept), c)
		}
		if len(rows) > 0 {
			s.WriteString("\n" + strings.Join(rows, "\n") + "\n")
		}
	}
	return s.String()
}

// compareClients holds the tables against those that are kept.
func compareClients(t *testing.T, clients []realClient, tables map[string][]string) {
	kept, err := os.ReadFile(clientsTable)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		got := tables[c.name]
		if len(got) == 0 {
			continue
		}
		want := keptRows(string(kept), c)
		if len(want) == 0 {
			t.Errorf("%s has no table; run with -update-clients", c.name)
			continue
		}
		if diff := cmp.Diff(plainRows(want), plainRows(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		others := 0
		for i := range min(len(want), len(got)) {
			if want[i] != got[i] {
				others++
				t.Logf("other words:\n  %s\n  %s", want[i], got[i])
			}
		}
		if want[0] == got[0] && others > len(want)/10 {
			t.Errorf("%s: %d of %d rows have other words; run with -update-clients", c.name, others, len(want))
		}
	}
}

// keptRows are a client's part of the table.
func keptRows(kept string, c realClient) []string {
	_, part, ok := strings.Cut(kept, "\n## "+c.name+": ")
	if !ok {
		return nil
	}
	part, _, _ = strings.Cut("## "+c.name+": "+part, "\n\n## ")
	return strings.Split(strings.TrimSpace(part), "\n")
}

// plainRows leave the client's own words away.
func plainRows(rows []string) []string {
	var plain []string
	outcome := regexp.MustCompile(`^(\| \w+ \| \w+ \| (?:taken \d; )?exit )(\d+)`)
	for _, row := range rows {
		if m := outcome.FindStringSubmatch(row); m != nil {
			noticed := "noticed"
			if m[2] == "0" {
				noticed = "went well"
			}
			plain = append(plain, m[1]+noticed)
		}
	}
	return plain
}
