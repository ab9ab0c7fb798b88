// Package dovecottest owns a real Dovecot for tests of mail stores: Debian's own,
// installed or unpacked by .ci/relays, in a folder, a mount namespace and on a
// port of its own, with one account whose mailbox is a Maildir.
//
// It must not touch the machine's own Dovecot, nor anybody's mail.
package dovecottest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The account that there is.
const (
	User     = "spare"
	Password = "a secret of the test"
)

// Dovecot is one that runs.
type Dovecot struct {
	// Address is where it speaks IMAP, Maildir where its account's mail is.
	Address, Maildir string
}

// URL is the account's inbox, with the password.
func (d Dovecot) URL() string {
	u := url.URL{Scheme: "imap", Host: d.Address, Path: "/INBOX",
		User: url.UserPassword(User, Password)}
	return u.String()
}

// startTime is the longest that a start may take, on the wall.
const startTime = 30 * time.Second

// missing says why there can be none here. usr is an unpacked one's, or empty.
func missing() (usr string, err error) {
	if os.Geteuid() != 0 {
		return "", errors.New("dovecot needs root: use sudo, or a container")
	}
	if _, err := os.Stat("/usr/lib/dovecot/imap"); err == nil {
		return "", nil
	}
	dir := os.Getenv("HANSEI_RELAYS")
	if dir == "" {
		dir = "/opt/hansei-relays"
	}
	usr = filepath.Join(dir, "dovecot", "usr")
	if _, err := os.Stat(filepath.Join(usr, "lib/dovecot/imap")); err != nil {
		return "", fmt.Errorf("dovecot is neither installed nor unpacked in %s: run .ci/relays", usr)
	}
	return usr, nil
}

// Start starts one that ends with the test. The test is skipped where there is
// none, unless HANSEI_REQUIRE names dovecot.
func Start(t testing.TB) Dovecot {
	t.Helper()
	usr, err := missing()
	if err != nil {
		for part := range strings.SplitSeq(os.Getenv("HANSEI_REQUIRE"), ",") {
			if part == "dovecot" {
				t.Fatal(err)
			}
		}
		t.Skip(err)
	}
	// Not in t.TempDir: other users must be able to pass, and sockets have short
	// names (unix(7): 108 bytes).
	dir, err := os.MkdirTemp("/var/tmp", fmt.Sprintf("hansei-dovecot-%d-", os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := Dovecot{Address: l.Addr().String(), Maildir: filepath.Join(dir, "mail")}
	l.Close()
	write(t, dir, d)
	run(t, dir, usr)
	d.await(t, dir)
	return d
}

// settings are all that differs from stock; %s are folder, host, port.
const settings = `base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
protocols = imap
ssl = no
disable_plaintext_auth = no
listen = %[2]s
default_internal_user = daemon
default_internal_group = daemon
default_login_user = nobody
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:%[1]s/mail
passdb {
  driver = passwd-file
  args = scheme=PLAIN %[1]s/users
}
userdb {
  driver = static
  args = uid=daemon gid=daemon home=%[1]s/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[3]s
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
`

func write(t testing.TB, dir string, d Dovecot) {
	t.Helper()
	host, port, err := net.SplitHostPort(d.Address)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	uid, gid := mailOwner(t)
	for _, name := range []string{
		"run", "state", "home", "mail", "mail/cur", "mail/new", "mail/tmp",
	} {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if name != "run" && name != "state" {
			if err := os.Chown(path, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range map[string]string{
		"conf":  fmt.Sprintf(settings, dir, host, port),
		"users": User + ":" + Password + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// mailOwner is the user to whom the mail belongs.
func mailOwner(t testing.TB) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup("daemon")
	if err != nil {
		t.Fatal(err)
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		t.Fatal(err)
	}
	if gid, err = strconv.Atoi(u.Gid); err != nil {
		t.Fatal(err)
	}
	return uid, gid
}

// run runs it in the foreground. An unpacked one is laid over /usr, where its
// programs look for each other, for its own processes only.
func run(t testing.TB, dir, usr string) {
	t.Helper()
	script := "exec /usr/sbin/dovecot -F -c " + dir + "/conf"
	if usr != "" {
		script = "mount -t overlay overlay -o lowerdir=" + usr + ":/usr /usr && " + script
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	c := exec.CommandContext(ctx, "unshare", "-m", "--propagation", "private", "sh", "-c", script)
	out, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = out, out
	// Its master ends all of its processes when it is told to end.
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = startTime
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // it is told to end by a signal, and says so
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		out.Close()
	})
}

// await waits for its greeting.
func (d Dovecot) await(t testing.TB, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp4", d.Address)
		if err == nil {
			line, err := bufio.NewReader(c).ReadString('\n')
			c.Close()
			if err == nil && strings.HasPrefix(line, "* OK ") {
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			said, _ := os.ReadFile(filepath.Join(dir, "said"))
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("dovecot does not greet: %s%s", said, log)
		}
	}
}

// Deliver puts a message into the account's Maildir, as a delivery agent does.
func (d Dovecot) Deliver(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join(d.Maildir, "tmp", name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, filepath.Join(d.Maildir, "new", name)); err != nil {
		t.Fatal(err)
	}
}
