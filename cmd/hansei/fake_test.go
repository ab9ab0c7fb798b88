package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds what a fake may take to answer.
const patience = 30 * time.Second

// talk FAKE WHAT... speaks with a fake in the background and prints what it
// said. WHAT is: smtp LINE..., smtp-until CODE LINE... (again and again, until
// one is answered so), SIGTERM (to all in the background), mx NAME, web METHOD PATH [BODY], or METHOD PATH [BODY]
// of the control interface.
func talk(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: talk FAKE WHAT...")
	}
	if args[1] == "SIGTERM" { // which the script's own kill does not know
		for _, c := range ts.BackgroundCmds() {
			ts.Check(c.Process.Signal(syscall.SIGTERM))
		}
		return
	}
	said := ""
	switch front := addressLike(ts, args[0], false); args[1] {
	case "smtp":
		said = smtpTalk(front, args[2:])
	case "smtp-until":
		for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
			if said = smtpTalk(front, args[3:]); strings.Contains(said, "\n"+args[2]) {
				break
			}
		}
	case "mx":
		said = lookMX(front, args[2])
	case "web":
		said = webTalk(front, args[2:])
	default:
		said = webTalk(addressLike(ts, args[0], true), args[1:])
	}
	fmt.Fprint(ts.Stdout(), said)
}

var listening = regexp.MustCompile(`(?m)^listening (\S+) (.*)$`)

// addressLike is where a fake that runs in the background listens. Another
// process cannot wake us, so its file FAKE.out is looked at now and then.
func addressLike(ts *testscript.TestScript, name string, control bool) string {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-look.C {
		text, err := os.ReadFile(ts.MkAbs(name + ".out"))
		if err != nil {
			continue
		}
		for _, m := range listening.FindAllStringSubmatch(string(text), -1) {
			if (m[2] == "control") == control {
				return m[1]
			}
		}
	}
	ts.Fatalf("%s tells of no address", name)
	return ""
}

func smtpTalk(address string, lines []string) string {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return mean(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	in, all := bufio.NewReader(conn), ""
	for _, line := range append([]string{""}, lines...) {
		if line != "" {
			raw, err := url.PathUnescape(line)
			if err != nil {
				return err.Error()
			}
			if _, err := io.WriteString(conn, raw+"\r\n"); err != nil {
				return all + mean(err)
			}
		}
		for more := true; more; {
			said, err := in.ReadString('\n')
			if errors.Is(err, io.EOF) {
				return all
			}
			if err != nil {
				return all + mean(err)
			}
			all += strings.TrimRight(said, "\r\n") + "\n"
			more = len(said) > 3 && said[3] == '-'
		}
	}
	return all
}

func mean(err error) string {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "connection refused\n"
	}
	return err.Error() + "\n"
}

func webTalk(address string, args []string) string {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // a test
	}}
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	for _, scheme := range []string{"http://", "https://"} {
		r, err := http.NewRequest(args[0], scheme+address+args[1], strings.NewReader(body))
		if err != nil {
			return err.Error()
		}
		r.Header.Set("Authorization", "Bearer any")
		answer, err := client.Do(r)
		if err != nil {
			return mean(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			return mean(err)
		}
		if strings.Contains(string(text), "HTTP request to an HTTPS server") {
			continue
		}
		return fmt.Sprintf("%d %s\n", answer.StatusCode, text)
	}
	return ""
}

func lookMX(address, name string) string {
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found, err := r.LookupMX(ctx, name)
	if err != nil {
		return mean(err)
	}
	all := ""
	for _, mx := range found {
		all += fmt.Sprintf("%d %s\n", mx.Pref, mx.Host)
	}
	return all
}
