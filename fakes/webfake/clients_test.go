package webfake_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/alerts"
	"github.com/hansei-mail/hansei/fakes/entra"
	"github.com/hansei-mail/hansei/fakes/health"
	"github.com/hansei-mail/hansei/fakes/webfake"
)

const clientsTable = "testdata/CLIENTS.md"

var updateClients = flag.Bool("update-clients", false, "write the table of real clients anew")

// fake is any of those that speak HTTP.
type fake interface {
	Serve(l net.Listener) error
	Close() error
}

func start(t testing.TB, srv fake) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}

// asked is a fake with a fault, and where to ask it.
type asked struct {
	name, path, body string
	srv              fake
}

func everyFault() (all []asked) {
	for _, do := range []entra.Do{
		"", entra.Unavailable, entra.GatewayTimeout, entra.Throttle, entra.Overload, entra.Stall,
		entra.Reset, entra.RefuseTokens,
	} {
		all = append(all, asked{
			"entra " + string(do), "/kaede.example/oauth2/v2.0/token",
			"grant_type=client_credentials&client_id=relay&client_secret=x&scope=https%3A%2F%2F" +
				"outlook.office365.com%2F.default",
			&entra.Server{Faults: func(entra.Request) *entra.Act {
				if do == "" {
					return nil
				}
				return &entra.Act{Do: do}
			}},
		})
	}
	for _, do := range []health.Do{
		"", health.Unauthorized, health.InternalError, health.Unavailable, health.Stall, health.Reset,
	} {
		all = append(all, asked{
			"health " + string(do), "/v1.0/admin/serviceAnnouncement/issues", "",
			&health.Server{Faults: func(health.Request) *health.Act {
				if do == "" {
					return nil
				}
				return &health.Act{Do: do}
			}},
		})
	}
	return all
}

const pythonClient = `
import sys, urllib.request
r = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer x"})
try:
    with urllib.request.urlopen(r, sys.argv[2].encode() or None, timeout=4) as a:
        a.read()
        print("HTTP", a.status)
except Exception as e:
    print(type(e).__name__ + ": " + str(e))
    sys.exit(1)
`

// meets runs a client and returns its exit code and words.
func meets(t *testing.T, client string, a asked) string {
	url := start(t, a.srv) + a.path
	args := []string{
		"-q", "-sS", "-f", "--noproxy", "*", "--max-time", "4", "-o", "/dev/null", "-w", "HTTP %{http_code}",
		"-H", "Authorization: Bearer x", url,
	}
	if a.body != "" {
		args = append(args, "-d", a.body)
	}
	if client == "python3" {
		args = []string{"-c", pythonClient, url, a.body}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, client, args...)
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(), "no_"+"proxy=*")
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatalf("running %s: %v", client, err)
	}
	said := regexp.MustCompile(`after \d+ milliseconds`).ReplaceAllString(string(out), "after N milliseconds")
	return fmt.Sprintf("exit %d %s", cmd.ProcessState.ExitCode(), strings.Join(strings.Fields(said), " "))
}

// TestRealClients: what curl and Python's urllib make of each fault. The numbers
// that they end with are the same in all their versions; their words are not,
// so a difference in words alone is shown and no failure.
func TestRealClients(t *testing.T) {
	var got strings.Builder
	got.WriteString("# What real clients make of each fault\n\nWritten by TestRealClients " +
		"(-update-clients). Each gives a silent server four seconds.\n")
	for _, client := range []string{"curl", "python3"} {
		if _, err := exec.LookPath(client); err != nil {
			if slices.Contains(strings.Split(os.Getenv("HANSEI_REQUIRE"), ","), client) {
				t.Fatalf("HANSEI_REQUIRE names %s, and it is not there", client)
			}
			t.Skip(client + " is not installed")
		}
		fmt.Fprintf(&got, "\n| fake and fault | %s |\n|---|---|\n", client)
		for _, a := range everyFault() {
			fmt.Fprintf(&got, "| %s | %s |\n", strings.TrimSpace(a.name), meets(t, client, a))
		}
	}
	if *updateClients {
		if err := os.WriteFile(clientsTable, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(clientsTable)
	if err != nil {
		t.Fatal(err)
	}
	numbers := regexp.MustCompile(`(?m)^(\| .* \| exit \d+).*?(HTTP \d+)?$`)
	plain := func(s string) string { return numbers.ReplaceAllString(s, "$1 $2") }
	if diff := cmp.Diff(plain(string(want)), plain(got.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	} else if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Logf("other words, of other versions (-want +got):\n%s", diff)
	}
}

// heap is the memory in use once everything that can be freed is.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// TestHardened: bodies and headers without end are refused with a clear status,
// 2,000 connections that say next to nothing cost little, and others are served
// meanwhile.
func TestHardened(t *testing.T) {
	for name, c := range map[string]struct {
		srv  fake
		path string
		size int64 // more than it reads of a body
		long int   // the status that this is answered with
	}{
		"entra":  {&entra.Server{}, "/kaede.example/oauth2/v2.0/token", 128 << 10, http.StatusBadRequest},
		"health": {&health.Server{}, "/v1.0/admin/serviceAnnouncement/issues", 128 << 10, http.StatusUnauthorized},
		"alerts": {&alerts.Webhook{}, "/", alerts.MaxBody + 1, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			url := start(t, c.srv)
			before := heap()
			var idle []net.Conn
			for range 2000 {
				conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				idle = append(idle, conn)
				if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost"); err != nil {
					t.Fatal(err)
				}
			}
			post := func(length int64, header string) int {
				tr := &http.Transport{DisableKeepAlives: true}
				r, err := http.NewRequest(http.MethodPost, url+c.path, io.LimitReader(endless{}, length))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("X-Long", header)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				answer, err := tr.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
				return answer.StatusCode
			}
			if got := post(c.size, ""); got != c.long {
				t.Errorf("an oversize body: %d, want %d", got, c.long)
			}
			if got := post(1, strings.Repeat("x", webfake.MaxHeader+5000)); got != 431 {
				t.Errorf("an oversize header: %d, want 431", got)
			}
			if grown := heap() - before; grown > 2000*(32<<10) {
				t.Errorf("%d bytes more are in use", grown)
			}
			if got := post(1, ""); got >= 500 {
				t.Errorf("afterwards: %d", got)
			}
			for _, conn := range idle {
				_ = conn.Close()
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
